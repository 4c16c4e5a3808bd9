"""The end of a strategy: by its owner, by a level, or out of a halt (BEHAVIOUR.md sections 5, 6 and 7)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application import pending_removal
from rebalancer_gui.application.account import Account
from rebalancer_gui.application.events import TransferBooked
from rebalancer_gui.application.executor import Executor
from rebalancer_gui.application.records import EquitySample, TransferKind, TransferRow
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.ledger import release
from rebalancer_gui.domain.market import MarketStatus, symbol_of
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.strategy import END_OF_HALT, EndReason, State


def begin_stop(
    account: Account, strategy: StrategyRuntime, *, sell_all: bool, reason: EndReason | None = None, late: bool = False
) -> None:
    """End it: selling starts at the next good prices, or the coins go back at once (when an order is on its way or no
    price is known yet: at the next quotes). A strategy that waits for its trigger is cancelled. ``reason`` None: its
    owner ends it. Raises InvalidInput.
    """
    record = strategy.record
    if record.state is State.ENDED:
        raise InvalidInput("", f"{strategy.name} has ended already.")
    if reason is None:
        reason = _reason_of_owner(strategy)
        if account.missing_of(strategy.id):
            raise InvalidInput(
                "",
                f"Something of {strategy.name} is missing at the exchange: book the loss, or deposit it again, first.",
            )
    waits = State.WAITING in {record.state, record.former_state if record.state is State.HALTED else record.state}
    sell_all = sell_all and not waits
    if sell_all and account.only_watches:
        raise InvalidInput("", f"{account.why_no_orders} Or keep the coins.")
    if sell_all and not account.may_order:
        raise InvalidInput("", "Nothing can be sold while trading is stopped: keep the coins, or resume trading first.")
    Executor(account).resolver.discard_foreign(strategy)
    parameters = record.parameters
    if not waits:
        parameters = replace(parameters, sell_all_on_stop=sell_all)
    stopping = replace(
        record,
        state=State.STOPPING,
        parameters=parameters,
        version=record.version + (parameters != record.parameters),
        reason=reason.value,
        former_state=None,
        halt=None,
        pending="",
    )
    with account.change() as store:
        account.save(stopping)
        pending_removal.forget(store, strategy)
    strategy.record = stopping
    strategy.forced = strategy.removal = None
    how = "its coins are being sold" if sell_all else "its coins go back to the free pool"
    if waits:
        how = "its money goes back to the free pool"
    why = f" ({reason.value}{', late' if late else ''})" if reason is not EndReason.STOPPED else ""
    account.note(strategy, "state", f"{strategy.name} is being stopped{why}: {how}.")
    priced = strategy.snapshot is not None and strategy.snapshot.total is not None
    if strategy.only_gives_back and (priced or waits or account.frozen(strategy)) and can_end(strategy):
        end(account, strategy)


def can_end(strategy: StrategyRuntime) -> bool:
    """Whether nothing of it is on its way, so that its books may be closed."""
    return not strategy.busy and not strategy.unresolved and strategy.open_removal is None


def _reason_of_owner(strategy: StrategyRuntime) -> EndReason:
    record = strategy.record
    if record.state is State.WAITING or (record.state is State.HALTED and record.former_state is State.WAITING):
        return EndReason.TRIGGER_CANCELLED
    if record.state is State.HALTED and record.former_state is State.STOPPING:
        return _named(record.pending)
    if record.state is State.HALTED and record.halt is not None:
        return END_OF_HALT.get(record.halt, EndReason.STOPPED)
    if record.state is State.STOPPING:
        return _named(record.reason)
    return EndReason.STOPPED


def _named(words: str) -> EndReason:
    return next((r for r in EndReason if r.value == words), EndReason.STOPPED)


def end(account: Account, strategy: StrategyRuntime) -> None:
    """Give back everything it holds and close its books; final value and HODL value are kept."""
    now, quote = account.venue.clock.now(), strategy.record.parameters.quote
    account.value_one(strategy)
    holdings = account.wallet.strategy_assets(strategy.id)
    rows, entries = [], []
    for asset, amount in sorted(holdings.items()):
        worth = account.last_worth(asset, amount, quote)
        entries.append(release(now, strategy.id, asset, amount))
        rows.append(TransferRow(0, now, strategy.id, TransferKind.RELEASED, asset, amount, worth))
    paid = sum((row.value for row in rows), ZERO)
    results = strategy.results_after(holdings, [(row.asset, row.amount, row.value) for row in rows])
    snapshot = strategy.snapshot
    known = snapshot.holdings if snapshot is not None else ()
    prices = {h.quote.symbol: h.quote.mid for h in known if h.quote is not None and h.fault is None}
    hodl = strategy.hodl_value()
    if hodl is None:
        samples = account.store.equity(strategy.id, None, 2)
        hodl = samples[-1].hodl if samples else ZERO
    record = replace(account.flow(strategy.record, paid, -paid), state=State.ENDED, ended_at=now, pending="")
    with account.change(*entries) as store:
        account.save(record)
        rows = [replace(row, key=store.save_transfer(row)) for row in rows]
        store.save_results(strategy.id, results)
        store.add_equity([EquitySample(strategy.id, now, paid, hodl)])
        store.add_prices(now, prices)
    strategy.record, strategy.final = record, final_figures(account, strategy)
    strategy.flow_out(now, paid)
    strategy.results.update(results)
    strategy.forget_portfolio()
    for row in rows:
        account.emit(TransferBooked(account.name, row))
    coins = ", ".join(f"{plain(row.amount)} {row.asset}" for row in rows if row.asset != quote)
    left = f" Back in the free pool besides the money: {coins}." if coins else ""
    account.note(strategy, "state", f"{strategy.name} has ended: {record.reason}.{left}")


def final_figures(account: Account, strategy: StrategyRuntime) -> tuple[Decimal, Decimal]:
    """Value and HODL value at its end, in quote units, as they are stored: so they are the same after each start."""
    samples = account.store.equity(strategy.id, None, 2)
    return (samples[-1].value, samples[-1].hodl) if samples else (ZERO, ZERO)


def never_sellable(account: Account, strategy: StrategyRuntime, asset: str) -> bool:
    """Whether a coin cannot be sold and will not be: its market is gone, or the strategy ends because it is closed."""
    market = account.rules.get(symbol_of(asset, strategy.record.parameters.quote))
    if market is None or market.status is MarketStatus.DELISTED:
        return True
    return market.status is not MarketStatus.TRADING and strategy.record.reason == EndReason.DELISTED.value
