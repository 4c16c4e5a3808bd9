"""A rebalance from snapshot to record: sells, then buys from what is really there (BEHAVIOUR.md section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.events import RebalanceChanged
from rebalancer_gui.application.legs import LegTrader
from rebalancer_gui.application.records import LegOutcome, LegResult, Outcome, RebalanceRecord
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.domain.minimum_advice import advise
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.outcome import reached_weights
from rebalancer_gui.domain.performance import hodl_rebalance
from rebalancer_gui.domain.planning import (
    MINIMUM_VALUE_MESSAGE,
    Leg,
    Plan,
    SkippedLeg,
    SkipReason,
    plan_rebalance,
    size_buys,
)
from rebalancer_gui.domain.rail_checks import purpose_of
from rebalancer_gui.domain.strategy import HaltKind, State, Target
from rebalancer_gui.domain.triggers import RebalanceReason
from rebalancer_gui.domain.valuation import Snapshot

TRADING_STATES = frozenset({State.BUILDING, State.RUNNING})
"""A strategy that is paused, stopped or halted in the middle of a rebalance begins no further leg."""
LARGEST_ORDER = "as large as one order may be; the rest waits for the next check"
FEES_AND_SPREAD = Decimal("0.98")
"""A buy that got less than this part of what it wanted was short of money: fees and spread alone do not cost so much."""


class Rebalancer:
    """Carries rebalances of one account out, one at a time. Engine thread only."""

    def __init__(self, account: Account, trader: LegTrader) -> None:
        self._account = account
        self._trader = trader
        self._targets: tuple[Target, ...] = ()
        """Of the rebalance that runs: when its owner changes them meanwhile, it begins no further leg."""

    async def rebalance(
        self, strategy: StrategyRuntime, snapshot: Snapshot, reason: RebalanceReason, tick: int
    ) -> bool:
        """Bring ``strategy`` back to its weights from ``snapshot`` (which has a total).

        ``tick`` is the index of the time rule that is dealt with when this is over. False when it was cut short (the
        engine goes down, an order's outcome is open, a price could not be read): the trigger then stays due.
        """
        account = self._account
        self._targets = strategy.record.parameters.targets
        plan = plan_rebalance(snapshot, account.rules, account.fees)
        if not plan.legs:
            self._nothing_to_send(strategy, plan, reason, tick)
            return True
        record = self._begin(strategy, plan, reason)
        record, results = await self._trade(strategy, record, plan)
        if record.outcome is Outcome.RUNNING:
            return False
        # A pause, a halt or a lost right in the middle leaves the tick due: it is caught up after Resume. So does a price
        # that could not be read just before its order: the next quotes bring it.
        unpriced = any(skipped.reason is SkipReason.NO_PRICE for skipped in record.skipped)
        cut_short = strategy.record.state not in TRADING_STATES or not account.may_order or unpriced
        self._finish(strategy, record, results, strategy.record.last_tick if cut_short else tick)
        return not strategy.unresolved and not unpriced

    def _begin(self, strategy: StrategyRuntime, plan: Plan, reason: RebalanceReason) -> RebalanceRecord:
        account, snapshot = self._account, plan.snapshot
        record = RebalanceRecord(
            id=account.setup.ids.new_id("r"),
            strategy_id=strategy.id,
            at=snapshot.at,
            reason=reason.value,
            worst_drift=snapshot.worst_drift or ZERO,
            snapshot_seq=snapshot.seq,
            legs=tuple(_pending(leg) for leg in plan.legs),
            skipped=plan.skipped,
            outcome=Outcome.RUNNING,
        )
        hodl = self._hodl_line(strategy, snapshot) if reason is RebalanceReason.BUILD else strategy.hodl
        with account.change() as store:
            record = replace(record, key=store.save_rebalance(record))
            if hodl != strategy.hodl:
                store.save_hodl(strategy.id, hodl)
        strategy.hodl = hodl
        strategy.newest = record
        account.emit(RebalanceChanged(account.name, record))
        return record

    async def _trade(
        self, strategy: StrategyRuntime, record: RebalanceRecord, plan: Plan
    ) -> tuple[RebalanceRecord, list[LegResult]]:
        """Trade all legs; the record comes back RUNNING when the engine goes down in the middle."""
        account = self._account
        results: list[LegResult] = []
        skipped = list(plan.skipped)
        cut_short = True
        for leg in plan.sells:
            if not await self._leg(strategy, record, leg, leg.wanted, results, skipped):
                break
        else:
            # Buys that the plan cut to the planned proceeds get what they wanted first: the real money decides now.
            buys, dropped = self._size_buys(strategy, plan)
            skipped = [s for s in skipped if s.reason is not SkipReason.NO_MONEY]
            skipped.extend(dropped)
            for leg, value in buys:
                if not await self._leg(strategy, record, leg, value, results, skipped):
                    break
            else:
                cut_short = False
        if account.stopping:
            return record, results
        filled = len(results) > 0 and all(r.outcome is LegOutcome.FILLED for r in results)
        complete = filled and not skipped and not cut_short
        outcome = Outcome.DONE if complete else Outcome.PARTLY
        if not any(r.filled > ZERO or r.outcome is LegOutcome.UNRESOLVED for r in results):
            outcome = Outcome.SKIPPED
        return replace(record, legs=tuple(results), skipped=tuple(skipped), outcome=outcome), results

    async def _leg(
        self,
        strategy: StrategyRuntime,
        record: RebalanceRecord,
        leg: Leg,
        value: Decimal,
        results: list[LegResult],
        skipped: list[SkippedLeg],
    ) -> bool:
        """Trade ``value`` (quote units) of one leg; False when no further leg may be begun."""

        def may_go_on() -> bool:
            record = strategy.record
            same = record.parameters.targets == self._targets
            return self._account.may_order and record.state in TRADING_STATES and same

        outcome = None
        if may_go_on():
            purpose = purpose_of(record.reason)
            outcome = await self._trader.trade(strategy, record.id, leg, value, may_go_on, purpose)
        if outcome is None:
            return False
        if isinstance(outcome, SkippedLeg):
            skipped.append(outcome)
        else:
            results.append(outcome)
        return not strategy.unresolved

    def _size_buys(self, strategy: StrategyRuntime, plan: Plan) -> tuple[list[tuple[Leg, Decimal]], list[SkippedLeg]]:
        """The buys of ``plan`` with the value each may spend, cut to the money that is there after the sells."""
        account, snapshot = self._account, plan.snapshot
        # Twice the value: fees on top of a first build must not cut what is wanted before it is shared.
        rich = replace(snapshot, cash=2 * (snapshot.total or ZERO))
        wanted = {leg.symbol: leg for leg in plan_rebalance(rich, account.rules, account.fees).buys}
        money = account.wallet.strategy(strategy.id, strategy.record.parameters.quote)
        sized, dropped = size_buys(list(wanted.values()), money, account.rules, account.fees)
        return [(leg, leg.wanted if leg == wanted[leg.symbol] else leg.notional) for leg in sized], dropped

    def _finish(self, strategy: StrategyRuntime, record: RebalanceRecord, results: list[LegResult], tick: int) -> None:
        account = self._account
        account.value_one(strategy)
        after = strategy.snapshot
        whys = {r.asset: _why_not_in_full(r, account.rules.get(r.symbol)) for r in results}
        unfilled = {asset: why for asset, why in whys.items() if why}
        reached = reached_weights(after, record.skipped, unfilled, account.rules) if after is not None else ()
        now = account.venue.clock.now()
        message = _why_nothing_was_filled(record, results) if record.outcome is Outcome.SKIPPED else ""
        self._count_refusals(strategy, results)
        record = replace(record, reached=reached, finished_at=now, last_at=now, message=message)
        self._store_end(strategy, record, tick)

    def _count_refusals(self, strategy: StrategyRuntime, results: list[LegResult]) -> None:
        """An exchange that refuses order after order must not be asked for ever: the strategy is halted."""
        for result in results:
            refused = result.outcome is LegOutcome.REJECTED
            words = result.detail or "no reason was given"
            too_many = self._account.rails.note_refusal(strategy, words if refused else "")
            if too_many:
                strategy.halt_reason, strategy.halt_kind = too_many, HaltKind.REFUSED

    def _nothing_to_send(self, strategy: StrategyRuntime, plan: Plan, reason: RebalanceReason, tick: int) -> None:
        """It triggered and nothing can be sent: said once, equal repeats are counted in the same row."""
        account, snapshot = self._account, plan.snapshot
        newest, now = strategy.newest, account.venue.clock.now()
        advice = advise(snapshot, plan.skipped, account.rules).words(snapshot.quote_asset)
        message = plan.message or "Every coin is exactly at its target weight: nothing to trade."
        if newest is not None and strategy.obstructed and _same_obstacle(newest, plan, reason):
            record = replace(newest, repeats=newest.repeats + 1, last_at=now, skipped=plan.skipped, advice=advice)
        else:
            record = RebalanceRecord(
                id=account.setup.ids.new_id("r"),
                strategy_id=strategy.id,
                at=snapshot.at,
                reason=reason.value,
                worst_drift=snapshot.worst_drift or ZERO,
                snapshot_seq=snapshot.seq,
                legs=(),
                skipped=plan.skipped,
                outcome=Outcome.SKIPPED,
                message=message,
                advice=advice,
                reached=reached_weights(snapshot, plan.skipped, {}, account.rules),
                finished_at=now,
                last_at=now,
            )
        # Held coins that need no order are a portfolio already.
        stands = reason is RebalanceReason.BUILD and any(h.quantity > ZERO for h in snapshot.holdings)
        self._store_end(strategy, record, tick, self._hodl_line(strategy, snapshot) if stands else None)

    def _store_end(
        self, strategy: StrategyRuntime, record: RebalanceRecord, tick: int, hodl: Mapping[str, Decimal] | None = None
    ) -> None:
        account = self._account
        ended = replace(strategy.record, last_tick=max(tick, strategy.record.last_tick))
        with account.change() as store:
            record = replace(record, key=store.save_rebalance(record))
            if ended != strategy.record and not strategy.unresolved:
                account.save(ended)
            if hodl is not None:
                store.save_hodl(strategy.id, hodl)
        if not strategy.unresolved:
            strategy.record = ended
        strategy.hodl = hodl if hodl is not None else strategy.hodl
        strategy.newest = record
        strategy.obstructed = record.outcome is Outcome.SKIPPED
        if strategy.obstructed:
            strategy.skipped += 1
        else:
            strategy.rebalances += 1
        account.emit(RebalanceChanged(account.name, record))
        account.note(strategy, "rebalance", _sentence(strategy, record))

    def _hodl_line(self, strategy: StrategyRuntime, snapshot: Snapshot) -> Mapping[str, Decimal]:
        """Bought once, at the prices of the snapshot that the portfolio is built on, whatever orders have done to them since."""
        if strategy.hodl:
            return strategy.hodl
        parameters, fees = strategy.record.parameters, self._account.fees
        quotes = {h.quote.symbol: h.quote for h in snapshot.holdings if h.quote is not None}
        held = {h.asset: h.quantity for h in snapshot.holdings if h.quantity > ZERO}
        return hodl_rebalance(held, snapshot.cash, parameters.targets, parameters.quote, quotes, fees)


def _pending(leg: Leg) -> LegResult:
    return LegResult(
        leg.asset, leg.symbol, leg.side, leg.wanted, leg.quantity, leg.limit_price, ZERO, LegOutcome.PENDING
    )


def _why_not_in_full(leg: LegResult, market: MarketRules | None) -> str:
    """Why a leg did not reach what it wanted; "" when it did, or fell short by no more than fees and spread take."""
    if leg.outcome is not LegOutcome.FILLED:
        return leg.detail or leg.outcome.value
    short = leg.planned_quantity * leg.planned_price < leg.wanted * FEES_AND_SPREAD
    if market is not None and leg.planned_quantity + market.step_size > market.largest_quantity(leg.planned_price):
        return LARGEST_ORDER if short else ""
    return SkipReason.NO_MONEY.value if leg.side is Side.BUY and short else ""


def _why_nothing_was_filled(record: RebalanceRecord, results: list[LegResult]) -> str:
    if results:
        why = "; ".join(f"{r.asset}: {r.detail}" for r in results if r.detail)
        return f"No order was filled. {why}".strip()
    if not record.skipped:
        return "It was interrupted before an order was sent."
    if all(s.reason in {SkipReason.BELOW_MINIMUM, SkipReason.NO_MONEY} for s in record.skipped):
        return MINIMUM_VALUE_MESSAGE
    return f"No order could be sent. {'; '.join(f'{s.asset}: {s.detail or s.reason.value}' for s in record.skipped)}"


def _same_obstacle(newest: RebalanceRecord, plan: Plan, reason: RebalanceReason) -> bool:
    """Whether the newest record is the same failed attempt: only the repeats are counted then."""
    return (
        newest.outcome is Outcome.SKIPPED
        and not newest.legs
        and newest.reason == reason.value
        and [(s.asset, s.reason) for s in newest.skipped] == [(s.asset, s.reason) for s in plan.skipped]
    )


def _sentence(strategy: StrategyRuntime, record: RebalanceRecord) -> str:
    if record.outcome is Outcome.SKIPPED:
        return f"{strategy.name}: {record.message or 'no order could be sent.'}"
    orders = sum(leg.filled > ZERO for leg in record.legs)
    skipped = f", {len(record.skipped)} skipped" if record.skipped else ""
    drift = plain(record.worst_drift.quantize(Decimal("0.01")))
    coins = "1 coin" if orders == 1 else f"{orders} coins"
    if record.outcome is Outcome.DONE:
        return f"{strategy.name} rebalanced ({record.reason}, worst drift {drift} pp): {coins} traded{skipped}."
    return f"{strategy.name} rebalanced in part ({record.reason}, worst drift {drift} pp): {coins} traded{skipped}."
