"""Stop with *Sell All Coins on Stop*: every coin is sold, dust that no order can sell is given back with a note."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.ending import end, never_sellable
from rebalancer_gui.application.events import RebalanceChanged
from rebalancer_gui.application.legs import LegTrader
from rebalancer_gui.application.records import LegOutcome, LegResult, Outcome, RebalanceRecord
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.market import Quote, symbol_of
from rebalancer_gui.domain.money import ZERO, floor_to_step
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Leg, SkippedLeg, SkipReason, is_dust
from rebalancer_gui.domain.rail_checks import SELL_OFF, Purpose
from rebalancer_gui.domain.strategy import State

TRY_AGAIN = timedelta(seconds=10)
"""How long it waits after a try in which nothing could be sold (ORDERS.md section 5)."""
ALL_OF_IT = Decimal(2)
"""What is held bounds a sell. Asked for is more than it was worth, or a price that rose would leave a rest behind."""


class Liquidation:
    """Sells what a stopping strategy holds. Engine thread only."""

    def __init__(self, account: Account, trader: LegTrader) -> None:
        self._account = account
        self._trader = trader

    async def go_on(self, strategy: StrategyRuntime) -> None:
        """One try at the present prices; the strategy ends when nothing sellable is left, else it is tried again."""
        account = self._account
        if strategy.only_gives_back:
            end(account, strategy)
            return
        last_try = _fruitless(strategy)
        if last_try is not None and account.venue.clock.now() - (last_try.last_at or last_try.at) < TRY_AGAIN:
            return
        legs, dust = self._legs(strategy)
        if legs:
            results, skipped = await self._sell(strategy, legs, dust)
            if strategy.unresolved or not account.may_order or strategy.record.state is not State.STOPPING:
                return
            if not any(r.filled > ZERO for r in results):
                waiting = ", ".join(s.asset for s in skipped) or ", ".join(r.asset for r in results)
                account.note(strategy, "state", f"{strategy.name} is being stopped: {waiting} could not be sold yet.")
                return
            legs, dust = self._legs(strategy)
            if legs:
                return
        if dust:
            for reason, why in (
                (SkipReason.BELOW_MINIMUM, "too little to sell"),
                (SkipReason.MARKET_CLOSED, "no market to sell in"),
            ):
                names = ", ".join(s.asset for s in dust if s.reason is reason)
                if names:
                    account.note(strategy, "dust", f"{strategy.name}: {why}, given back to the free pool: {names}.")
        end(account, strategy)

    def _legs(self, strategy: StrategyRuntime) -> tuple[list[Leg], list[SkippedLeg]]:
        """What can be sold in full or in part now, and what never can (dust, a closed market)."""
        account, quote_asset = self._account, strategy.record.parameters.quote
        legs, dust = [], []
        for asset, held in sorted(account.wallet.strategy_assets(strategy.id).items()):
            if asset == quote_asset:
                continue
            symbol = symbol_of(asset, quote_asset)
            rules, quote = account.rules.get(symbol), account.quotes.get(symbol)
            if never_sellable(account, strategy, asset):
                dust.append(SkippedLeg(asset, Side.SELL, ZERO, SkipReason.MARKET_CLOSED))
                continue
            if rules is None or quote is None or not self._usable(quote):
                legs.append(Leg(asset, symbol, Side.SELL, ZERO, held, quote.bid if quote is not None else ZERO))
                continue
            quantity = floor_to_step(min(held, rules.max_quantity), rules.step_size)
            if is_dust(rules, quantity, quote.bid):
                worth = held * quote.bid
                short = max(rules.smallest_order_value(quote.bid) - worth, ZERO)
                dust.append(SkippedLeg(asset, Side.SELL, worth, SkipReason.BELOW_MINIMUM, short))
            else:
                legs.append(Leg(asset, symbol, Side.SELL, held * quote.bid, quantity, quote.bid))
        return legs, dust

    def _usable(self, quote: Quote) -> bool:
        return quote.fault(self._account.venue.clock.now(), self._account.venue.stale_after) is None

    async def _sell(
        self, strategy: StrategyRuntime, legs: list[Leg], dust: list[SkippedLeg]
    ) -> tuple[list[LegResult], list[SkippedLeg]]:
        account = self._account
        snapshot = strategy.snapshot
        same = _fruitless(strategy)
        same = same if same is not None and not same.legs else None
        record = RebalanceRecord(
            id=same.id if same is not None else account.setup.ids.new_id("r"),
            strategy_id=strategy.id,
            at=account.venue.clock.now(),
            reason=SELL_OFF,
            worst_drift=snapshot.worst_drift or ZERO if snapshot is not None else ZERO,
            snapshot_seq=snapshot.seq if snapshot is not None else 0,
            legs=(),
            skipped=tuple(dust),
            outcome=Outcome.RUNNING,
        )
        with account.change() as store:
            record = replace(record, key=store.save_rebalance(record))
        account.emit(RebalanceChanged(account.name, record))
        results: list[LegResult] = []
        skipped: list[SkippedLeg] = []

        def may_go_on() -> bool:
            stops = strategy.record.state is State.STOPPING and not strategy.only_gives_back
            return account.may_order and stops and not strategy.unresolved

        for leg in legs:
            outcome = (
                await self._trader.trade(strategy, record.id, leg, leg.wanted * ALL_OF_IT, may_go_on, Purpose.EXIT)
                if may_go_on()
                else None
            )
            if outcome is None:
                break
            if isinstance(outcome, SkippedLeg):
                skipped.append(outcome)
            else:
                results.append(outcome)
        sold = any(r.filled > ZERO for r in results)
        whole = sold and not skipped and all(r.outcome is LegOutcome.FILLED for r in results)
        record = replace(
            record,
            legs=tuple(results),
            skipped=(*dust, *skipped),
            outcome=Outcome.DONE if whole else Outcome.PARTLY if sold else Outcome.SKIPPED,
            finished_at=account.venue.clock.now(),
            last_at=account.venue.clock.now(),
        )
        if same is not None and not results:
            # The same fruitless try as before is counted in its row.
            record = replace(record, at=same.at, repeats=same.repeats + 1)
        with account.change() as store:
            store.save_rebalance(record)
        # Counted as its row in the list is, so that the figure is the same after a restart.
        if sold:
            strategy.rebalances += 1
        else:
            strategy.skipped += 1
        strategy.newest = record
        account.emit(RebalanceChanged(account.name, record))
        return results, skipped


def _fruitless(strategy: StrategyRuntime) -> RebalanceRecord | None:
    """The newest try of the sale, when nothing was sold in it."""
    newest = strategy.newest
    return newest if newest is not None and newest.reason == SELL_OFF and newest.outcome is Outcome.SKIPPED else None


def waiting_words(strategy: StrategyRuntime) -> str:
    """What a strategy that is being stopped could not sell at its last try, and why; "" when nothing waits."""
    last_try = _fruitless(strategy)
    if strategy.record.state is not State.STOPPING or last_try is None:
        return ""
    why = [f"{s.asset}: {s.detail or s.reason.value}" for s in last_try.skipped]
    why += [f"{leg.asset}: {leg.detail or leg.outcome.value}" for leg in last_try.legs]
    return f"{'; '.join(why)}. It is tried again every {TRY_AGAIN.seconds} seconds." if why else ""
