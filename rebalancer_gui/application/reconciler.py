"""The ledger against the venue: what came in or went out outside the program (ORDERS.md section 4).

A difference that our trades do not explain counts when it is seen twice, at least ten seconds apart, with no order in
flight. More than the ledger: it goes to the free pool and is never invested by itself. Less: it comes out of the free pool;
what that cannot cover is missing from the strategies that hold the asset. They are halted, with a proposal in proportion to
what each holds; the ledger is only written down when their owner confirms it, and nothing is ever bought back by itself.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.application.account import MISSING_KEY, Account
from rebalancer_gui.application.events import TransferBooked
from rebalancer_gui.application.lifecycle import halt
from rebalancer_gui.application.records import TransferKind, TransferRow
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.coin_result import NO_RESULT
from rebalancer_gui.domain.errors import InvalidInput, VenueUnavailable
from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.ledger import FREE, deposit, lose, rename
from rebalancer_gui.domain.market import MarketStatus, symbol_of
from rebalancer_gui.domain.money import ZERO, largest_remainder, plain, total
from rebalancer_gui.domain.performance import hodl_removal
from rebalancer_gui.domain.strategy import HaltKind, State, StrategyParameters, Target

SAMPLES_APART = timedelta(seconds=10)
_SHARE_GRID = Decimal("0.00000001")


class Reconciler:
    """Of one account. Engine thread only."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._seen: dict[str, tuple[Decimal, datetime]] = {}
        self._looked_at: datetime | None = None
        self.explain: Callable[[], Awaitable[None]] | None = None
        """Looks for a cause among our own orders before a difference is booked as somebody else's doing."""

    async def look_again(self, now: datetime) -> None:
        """With each batch: compare when ten seconds have passed, or when a transfer is known to have been made."""
        due = self._looked_at is None or now - self._looked_at >= SAMPLES_APART
        if due or self._account.unbooked_transfer:
            await self.compare(certain=False)

    async def compare(self, *, certain: bool) -> None:
        """Compare and book. ``certain``: a difference needs no second sample (an account that was just opened, a transfer
        made through the program).
        """
        account = self._account
        account.unbooked_transfer = account.unbooked_transfer or certain
        if account.is_sending() or account.untold_fees:
            return
        uncertain = self._uncertain()
        ours = account.wallet.inside_totals()
        try:
            held = {asset: balance.total for asset, balance in (await account.venue.balances()).items()}
        except VenueUnavailable:
            return
        if account.is_sending() or ours != account.wallet.inside_totals():
            return  # something was traded or booked while the venue answered: that is no difference
        uncertain |= self._uncertain()
        now, certain = account.venue.clock.now(), account.unbooked_transfer
        self._looked_at, account.unbooked_transfer = now, certain and bool(uncertain)
        differences = {
            asset: held.get(asset, ZERO) - ours.get(asset, ZERO)
            for asset in sorted({*held, *ours} - uncertain)
            if held.get(asset, ZERO) != ours.get(asset, ZERO)
        }
        confirmed = {a: d for a, d in differences.items() if certain or self._is_confirmed(a, d, now)}
        if confirmed and self.explain is not None:
            await self.explain()
            if self.is_outdated(ours, confirmed):
                return  # it was an order of ours that turned up late: what is left is compared at the next look
        self._seen = {a: self._sample(a, d, now) for a, d in differences.items() if a not in confirmed}
        for asset in sorted(set(account.missing) - set(differences) - uncertain):
            self._propose(asset, ZERO)
        self._book(confirmed, now)

    def is_outdated(self, ours: Mapping[str, Decimal], differences: Mapping[str, Decimal]) -> bool:
        """Whether the ledger has moved since ``ours``, or an asset that differs is of an open order now."""
        moved = self._account.is_sending() or ours != self._account.wallet.inside_totals()
        return moved or not self._uncertain().isdisjoint(differences)

    def forget_samples(self) -> None:
        """Times are not comparable any more (the clock jumped): a difference must be seen twice anew."""
        self._seen.clear()
        self._looked_at = None

    def halt_short(self) -> None:
        """Who is short stays halted, also when Resume trading has put it back into its former state."""
        for asset, parts in self._account.missing.items():
            for strategy_id, part in parts.items():
                reason = (
                    f"{plain(part)} {asset} of it are missing at the exchange: they were taken out outside the program. "
                    "The rest stays where it is; nothing is sent."
                )
                halt(self._account, self._account.strategies.take(strategy_id), reason, HaltKind.SHORT)

    def _uncertain(self) -> set[str]:
        """Assets of which the venue may have more or less than we know: of orders whose outcome or fee is open."""
        account = self._account
        open_ones = [i for s in account.strategies.values() for i in s.unresolved.values()]
        symbols = {i.request.symbol for i in (*open_ones, *account.done.values())}
        assets = {asset for symbol in symbols for asset in symbol.split("/")}
        # A fee may have been taken in a third asset, which only the trade tells.
        return assets | ({BNB} if symbols else set())

    def _is_confirmed(self, asset: str, difference: Decimal, now: datetime) -> bool:
        seen = self._seen.get(asset)
        if -difference == self._account.shortages.get(asset):
            return True
        return seen is not None and seen[0] == difference and now - seen[1] >= SAMPLES_APART

    def _sample(self, asset: str, difference: Decimal, now: datetime) -> tuple[Decimal, datetime]:
        seen = self._seen.get(asset)
        return seen if seen is not None and seen[0] == difference else (difference, now)

    def _book(self, differences: dict[str, Decimal], now: datetime) -> None:
        account = self._account
        first = not account.wallet.inside_totals() and not account.strategies.ever
        renamed = _renamed(account, differences)
        for old in [old for old in account.renames if old not in renamed and old not in self._seen]:
            del account.renames[old]
        for old, new in renamed.items():
            if account.renames.get(old) != new:
                account.renames[old] = new
                account.note(None, "market", f"{old} seems to have been renamed to {new} at the exchange.")
        for asset, difference in differences.items():
            if asset in renamed or asset in renamed.values():
                continue
            if difference > ZERO:
                if asset in account.missing:
                    self._propose(asset, ZERO)
                self._book_outside(asset, difference, now, first=first)
            else:
                self._book_missing(asset, -difference, now)
        self.halt_short()
        self._halt_renamed()
        for old, new in list(account.renames.items()):
            if not self._touched(old):
                self.accept_rename(old, new)  # only the free pool holds it: nobody has to decide

    def _book_outside(self, asset: str, difference: Decimal, now: datetime, *, first: bool = False) -> None:
        """Money that came into the free pool (> 0) or left it (< 0)."""
        account = self._account
        kind = TransferKind.DEPOSIT if difference > ZERO else TransferKind.WITHDRAWAL
        amount = abs(difference)
        worth = account.worth(asset, amount, account.quote_asset) or ZERO
        row = TransferRow(0, now, "", kind, asset, amount, worth)
        with account.change(deposit(now, asset, difference)) as store:
            row = replace(row, key=store.save_transfer(row))
        account.emit(TransferBooked(account.name, row))
        units = f"{amount.normalize():,f} {asset}"
        if first:
            account.note(None, "transfer", f"The account starts with {units}.")
        elif difference > ZERO:
            text = f"{units} came in from outside: booked to the free pool, not invested."
            account.note(None, "transfer", text)
        else:
            account.note(None, "transfer", f"{units} went out: taken from the free pool.")

    def _book_missing(self, asset: str, missing: Decimal, now: datetime) -> None:
        account = self._account
        from_pool = min(account.wallet.balance(FREE, asset), missing)
        if from_pool > ZERO:
            self._book_outside(asset, -from_pool, now)
        short = missing - from_pool
        if short != account.shortages.get(asset, ZERO):
            self._propose(asset, short)

    def _propose(self, asset: str, short: Decimal) -> None:
        """Who lacks how much of the asset. The proposal is stored and stays: when some of it comes back the parts shrink in
        proportion, when more goes that is shared in proportion to what each still has.
        """
        account, before = self._account, self._account.missing.get(asset, {})
        more = short - total(before.values())
        if more < ZERO:
            after = _in_proportion(before, short)
        else:
            left = {
                s.id: account.wallet.strategy(s.id, asset) - before.get(s.id, ZERO)
                for s in account.strategies.values()
                if s.record.state is not State.ENDED
            }
            added = _in_proportion({sid: amount for sid, amount in left.items() if amount > ZERO}, more)
            after = {sid: before.get(sid, ZERO) + added.get(sid, ZERO) for sid in {**before, **added}}
        missing = {a: parts for a, parts in account.missing.items() if a != asset} | ({asset: after} if after else {})
        with account.change():
            self._store_missing(missing)
        account.missing = missing
        if after:
            text = (
                f"{plain(short)} {asset} that belong to strategies are missing at the exchange. They went out outside the "
                "program; nothing is bought back."
            )
        else:
            text = f"What was missing of {asset} is there again."
        account.note(None, "transfer", text)

    def _store_missing(self, missing: dict[str, dict[str, Decimal]]) -> None:
        parts = {a: {sid: plain(n) for sid, n in of.items()} for a, of in missing.items()}
        self._account.store.set_value(MISSING_KEY, json.dumps(parts) if parts else "")

    def accept_shortage(self, strategy: StrategyRuntime) -> None:
        """Write the strategy's part down as gone. A flow, not a loss of its trading: its profit does not jump.

        Raises InvalidInput when nothing of it is missing.
        """
        account, parts = self._account, self._account.missing_of(strategy.id)
        if not parts:
            raise InvalidInput("", f"Nothing of {strategy.name} is missing.")
        now, quote = account.venue.clock.now(), strategy.record.parameters.quote
        rows = [
            TransferRow(0, now, strategy.id, TransferKind.LOST, a, n, account.last_worth(a, n, quote)) for a, n in parts
        ]
        worth = sum((row.value for row in rows), ZERO)
        record = account.flow(strategy.record, account.fair_value(strategy), -worth)
        hodl = strategy.hodl
        if hodl and all(symbol_of(a, quote) in account.quotes for a in hodl):
            hodl = hodl_removal(hodl, worth, quote, account.quotes, account.fees)
        costs = _costs_after(account, strategy, dict(parts))
        results = strategy.results_after(account.holdings(strategy), [(r.asset, r.amount, r.value) for r in rows])
        with account.change(*(lose(now, strategy.id, a, n) for a, n in parts)) as store:
            account.save(record)
            store.save_costs(strategy.id, costs)
            store.save_results(strategy.id, results)
            if hodl != strategy.hodl:
                store.save_hodl(strategy.id, hodl)
            rows = [replace(row, key=store.save_transfer(row)) for row in rows]
            without = {a: {s: n for s, n in of.items() if s != strategy.id} for a, of in account.missing.items()}
            missing = {asset: of for asset, of in without.items() if of}
            self._store_missing(missing)
        account.missing = missing
        strategy.record, strategy.hodl = record, hodl
        strategy.costs.update(costs)
        strategy.results.update(results)
        strategy.flow_out(now, worth)
        for row in rows:
            account.emit(TransferBooked(account.name, row))
        what = ", ".join(f"{plain(n)} {a}" for a, n in parts)
        account.note(strategy, "transfer", f"{strategy.name}: {what} were booked as gone. Press Resume to go on.")
        account.value_one(strategy)

    def _halt_renamed(self) -> None:
        for old, new in self._account.renames.items():
            for strategy in self._touched(old):
                reason = (
                    f"{old} seems to be called {new} now: as many {new} came as {old} went. "
                    "Coins and cash stay where they are; nothing is sent."
                )
                _halt_again(self._account, strategy, reason)

    def _touched(self, asset: str) -> list[StrategyRuntime]:
        """The strategies that are not over and hold the coin, or want to."""
        return [
            s
            for s in self._account.strategies.values()
            if s.record.state is not State.ENDED
            and (asset in s.record.parameters.assets or self._account.wallet.strategy(s.id, asset) > ZERO)
        ]

    def accept_rename(self, old: str, new: str) -> None:
        """``old`` is ``new`` now, in every ledger account, portfolio and HODL line. Raises InvalidInput."""
        account = self._account
        if account.renames.get(old) != new:
            raise InvalidInput("", f"{old} was not renamed to {new}.")
        now = account.venue.clock.now()
        touched = self._touched(old)
        clash = [s.name for s in touched if new in s.record.parameters.assets]
        if clash:
            raise InvalidInput("", f"{', '.join(clash)} holds {new} already: drop {old} there first.")
        records, lines, costs, results = {}, {}, {}, {}
        for s in touched:
            parameters = s.record.parameters
            records[s.id] = replace(
                s.record, parameters=_with_new_name(parameters, old, new), version=s.record.version + 1
            )
            lines[s.id] = {new if a == old else a: n for a, n in s.hodl.items()}
            costs[s.id] = {new: s.costs.get(old), old: ZERO}
            results[s.id] = {new: s.results.get(old, NO_RESULT), old: NO_RESULT}
        with account.change(*rename(now, old, new, account.wallet.holders_of(old))) as store:
            for s in touched:
                account.save(records[s.id])
                store.save_hodl(s.id, lines[s.id])
                store.save_costs(s.id, costs[s.id])
                store.save_results(s.id, results[s.id])
        del account.renames[old]
        for s in touched:
            s.record, s.hodl = records[s.id], lines[s.id]
            s.costs.pop(old, None)
            s.costs[new] = costs[s.id][new]
            s.results.update(results[s.id])
            text = f"{s.name}, version {s.record.version}: {old} was taken over as {new}. Press Resume to go on."
            account.note(s, "version", text)
            account.value_one(s)


def _halt_again(account: Account, strategy: StrategyRuntime, reason: str) -> None:
    """A strategy halted because its coin's market is gone gets the better reason."""
    record = strategy.record
    if record.state is State.HALTED and (
        record.halt is HaltKind.MARKET or (record.halt is HaltKind.SHORT and not account.missing_of(strategy.id))
    ):
        renamed = replace(record, reason=reason, halt=HaltKind.RENAMED)
        with account.change():
            account.save(renamed)
        strategy.record = renamed
        account.note(strategy, "halt", f"{strategy.name} is halted: {reason}")
    elif record.state is not State.HALTED:
        halt(account, strategy, reason, HaltKind.RENAMED)


def _with_new_name(parameters: StrategyParameters, old: str, new: str) -> StrategyParameters:
    """Targets and the symbols that are watched."""
    quote = parameters.quote
    before, after = symbol_of(old, quote), symbol_of(new, quote)
    trigger, stop_loss, take_profit = parameters.trigger, parameters.stop_loss, parameters.take_profit
    if trigger is not None and trigger.symbol == before:
        trigger = replace(trigger, symbol=after)
    if stop_loss is not None and stop_loss.symbol == before:
        stop_loss = replace(stop_loss, symbol=after)
    if take_profit is not None and take_profit.symbol == before:
        take_profit = replace(take_profit, symbol=after)
    return replace(
        parameters,
        targets=tuple(Target(new if t.asset == old else t.asset, t.weight) for t in parameters.targets),
        trigger=trigger,
        stop_loss=stop_loss,
        take_profit=take_profit,
    )


def _renamed(account: Account, differences: dict[str, Decimal]) -> dict[str, str]:
    """Old name to new: an asset without an open market is missing, exactly as much of one that trades came, at once."""
    money = account.quote_asset
    found: dict[str, str] = {}
    for old, difference in differences.items():
        market = account.rules.get(symbol_of(old, money))
        if difference >= ZERO or (market is not None and market.status is not MarketStatus.DELISTED):
            continue
        came = [new for new, d in differences.items() if d == -difference and account.is_open(symbol_of(new, money))]
        if len(came) == 1:
            found[old] = came[0]
    return found


def _in_proportion(shares: Mapping[str, Decimal], whole: Decimal) -> dict[str, Decimal]:
    """``whole`` in proportion to ``shares`` (all > 0), each part at most its share and as exact as the amounts are."""
    if whole <= ZERO or not shares:
        return {}
    grid = min(_SHARE_GRID, _last_digit(whole), *map(_last_digit, shares.values()))
    parts = largest_remainder(list(shares.values()), whole, grid)
    return {key: part for key, part in zip(shares, parts, strict=True) if part > ZERO}


def _last_digit(amount: Decimal) -> Decimal:
    """One unit of the last decimal that ``amount`` has."""
    exponent = amount.normalize().as_tuple().exponent
    return Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)


def _costs_after(account: Account, strategy: StrategyRuntime, gone: dict[str, Decimal]) -> dict[str, Decimal | None]:
    costs: dict[str, Decimal | None] = {}
    for asset, amount in gone.items():
        held, cost = account.wallet.strategy(strategy.id, asset), strategy.costs.get(asset)
        costs[asset] = cost * (held - amount) / held if cost is not None and held > ZERO else cost
    return costs
