"""What happens at each batch of quotes: value, decide, act, note (BEHAVIOUR.md section 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from rebalancer_gui.application import first_contact
from rebalancer_gui.application.account import Account
from rebalancer_gui.application.approvals import drop_if_over, propose, withdraw
from rebalancer_gui.application.changes import left_over, release_dust
from rebalancer_gui.application.executor import Executor, blocked_assets
from rebalancer_gui.application.fee_returns import tell_venue
from rebalancer_gui.application.funds import Removals
from rebalancer_gui.application.legs import LegTrader
from rebalancer_gui.application.level_watch import LevelWatch
from rebalancer_gui.application.lifecycle import built, halt, set_state
from rebalancer_gui.application.liquidation import Liquidation
from rebalancer_gui.application.market_watch import (
    halt_for_closed_markets,
    halt_for_lost_right,
    halt_for_new_units,
    read_markets,
)
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.application.rebalancer import Rebalancer
from rebalancer_gui.application.reconciler import Reconciler
from rebalancer_gui.application.records import EquitySample
from rebalancer_gui.application.settling import Settling
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.valuing import is_calm
from rebalancer_gui.domain.bands import bands_of
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.planning import SkipReason, plan_rebalance
from rebalancer_gui.domain.rail_checks import purpose_of
from rebalancer_gui.domain.rails import AccountKind
from rebalancer_gui.domain.strategy import BandRule, Rule, State, TimeRule, TradingMode, limit_of
from rebalancer_gui.domain.triggers import (
    Decision,
    Hold,
    HoldReason,
    Rebalance,
    RebalanceReason,
    decide,
    due_tick,
)
from rebalancer_gui.domain.valuation import Snapshot

_WITHIN = Hold(HoldReason.WITHIN)
SAMPLE_EVERY = timedelta(minutes=1)


class Checker:
    """Looks at every strategy of one account when quotes come. Engine thread only, one batch at a time."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._executor = Executor(account)
        trader = LegTrader(account, self._executor)
        self._rebalancer = Rebalancer(account, trader)
        self._liquidation = Liquidation(account, trader)
        self._removals = Removals(account, trader)
        self._levels = LevelWatch(account)
        self.reconciler = Reconciler(account)
        self.settling = Settling(account, self._executor, self.reconciler)

    @property
    def executor(self) -> Executor:
        return self._executor

    async def on_batch(self, batch: QuoteBatch) -> None:
        """Take in ``batch``, let each strategy decide and act on it, store samples and journal."""
        account = self._account
        await self.take_in(batch)
        resumed, account.resumed = account.resumed and batch.at == account.batch_at, False
        if not resumed:
            account.batch_at = batch.at
            account.turned.clear()
            tell_venue(account)
            await self.settling.round()
            await self.reconciler.look_again(batch.at)
        self.reconciler.halt_short()
        halt_for_closed_markets(account)
        halt_for_new_units(account)
        for strategy in [s for s in account.strategies.values() if s.id not in account.turned]:
            # Commands and a wish to stop get their turn between two strategies, however much there is to trade.
            await account.venue.clock.sleep(0)
            if account.stopping or account.ending:
                return
            await self._turn(strategy, batch.at, by_rule=True)
            account.turned.add(strategy.id)
        first_contact.go_on(account)
        self._store_samples(batch.at)

    async def take_in(self, batch: QuoteBatch) -> None:
        """Know the prices of ``batch``, and the markets where they changed; nothing is decided.

        A batch that came before the last stop was counted then: orders may have moved its prices since.
        """
        account = self._account
        if batch.markets_changed or account.rules_in_doubt:
            await self._read_markets(required=batch.markets_changed)
        again = account.resumed and batch.at == account.batch_at
        if not again:
            account.rails.observe(batch.quotes, batch.at)
        account.quotes.update(batch.quotes)
        if not again:
            account.guard.observe(batch.quotes, account.venue.stale_after, batch.at)
        account.value_all()
        for strategy in account.strategies.values():
            account.rails.observe_value(strategy)

    async def _read_markets(self, *, required: bool) -> None:
        account = self._account
        try:
            await read_markets(account)
        except VenueUnavailable:
            if required:
                raise
            return  # asked again with the next batch
        account.rules_in_doubt = False

    async def carry_out(self, strategy: StrategyRuntime) -> None:
        """What its owner asked for (build, funds, change, stop, a rebalance), at the prices that are known; not the rule."""
        await self._turn(strategy, self._account.venue.clock.now(), by_rule=False)

    async def _turn(self, strategy: StrategyRuntime, now: datetime, *, by_rule: bool) -> None:
        strategy.busy = True
        try:
            await self._look_at(strategy, now, by_rule=by_rule)
        finally:
            strategy.busy = False
        halt_for_lost_right(self._account)

    async def _look_at(self, strategy: StrategyRuntime, now: datetime, *, by_rule: bool) -> None:
        account = self._account
        await self._resolve(strategy)
        if strategy.open_removal is not None and self._may_close_removal(strategy):
            await self._removals.go_on(strategy)
        if by_rule and account.may_order:
            self._levels.look(strategy, now)
        watches = by_rule and account.only_watches and strategy.record.state is State.RUNNING
        may_act = account.may_order or strategy.only_gives_back or watches
        waits = strategy.open_removal is not None
        if strategy.is_active and may_act and not strategy.unresolved and not waits:
            other = "" if strategy.only_gives_back else self._holder_of_open_order(strategy)
            if watches:
                await self._watch(strategy, now)
            elif other:
                account.note(strategy, "decision", f"{strategy.name} waits: an order of {other} is being looked up.")
            else:
                await self._check(strategy, now, by_rule=by_rule)
        if strategy.halt_reason:
            reason, strategy.halt_reason = strategy.halt_reason, ""
            halt(account, strategy, reason, strategy.halt_kind)

    def _holder_of_open_order(self, strategy: StrategyRuntime) -> str:
        """Another strategy with an open outcome that touches an asset of this one (ORDERS.md rule 4); "" when none has."""
        parameters = strategy.record.parameters
        own = {*parameters.assets, parameters.quote}
        for other in self._account.strategies.values():
            touched = {asset for i in other.unresolved.values() for asset in blocked_assets(i)}
            if other is not strategy and touched & own:
                return other.name
        return ""

    async def _resolve(self, strategy: StrategyRuntime) -> None:
        """Ask again for orders whose outcome is open, whatever state the strategy is in."""
        if not strategy.unresolved:
            return
        for intent in list(strategy.unresolved.values()):
            await self._executor.resolver.resolve(strategy, intent)
        # What was booked just now is not in the snapshot that this batch was valued with.
        self._account.value_one(strategy)
        if strategy.unresolved:
            self._account.note(strategy, "decision", f"{strategy.name}: checking an order, nothing else is sent.")

    async def _check(self, strategy: StrategyRuntime, now: datetime, *, by_rule: bool) -> None:
        if strategy.record.state is State.STOPPING:
            await self._liquidation.go_on(strategy)
        elif strategy.removal is not None:
            if self._has_good_prices(strategy):
                await self._removals.carry_out(strategy)
        elif strategy.forced is not None:
            await self._forced(strategy, strategy.forced)
        elif strategy.proposal is not None and strategy.proposal.approved:
            await self._approved(strategy, now)
        elif by_rule and (drop_if_over(self._account, strategy) or strategy.check_is_due(now)):
            await self._by_rule(strategy, now)

    async def _watch(self, strategy: StrategyRuntime, now: datetime) -> None:
        """Look at the rule only to show what it would trade."""
        if drop_if_over(self._account, strategy) or strategy.check_is_due(now):
            await self._by_rule(strategy, now)

    async def _approved(self, strategy: StrategyRuntime, now: datetime) -> None:
        """Trade what was approved, on the snapshot that was shown; what is over by now is planned anew by the rule."""
        account, proposal = self._account, strategy.proposal
        if proposal is None or drop_if_over(account, strategy):
            return
        if strategy.snapshot is None or self._is_held(strategy, strategy.snapshot, proposal.reason, now):
            return
        strategy.proposal = None
        try:
            await self._rebalancer.rebalance(strategy, proposal.plan.snapshot, proposal.reason, proposal.tick)
        finally:
            withdraw(account, strategy)

    def _may_close_removal(self, strategy: StrategyRuntime) -> bool:
        """While it runs the sells that are left need good prices; else what was sold is all there will be."""
        running = strategy.record.state is State.RUNNING and self._account.may_order
        return not strategy.unresolved and (not running or self._has_good_prices(strategy))

    def _has_good_prices(self, strategy: StrategyRuntime) -> bool:
        """Whether every coin has a good and confirmed price; the journal says what is waited for."""
        account, snapshot = self._account, strategy.snapshot
        if snapshot is None or snapshot.total is None:
            account.note(strategy, "decision", f"{strategy.name} waits for prices: {_missing(strategy)}.")
            return False
        if not all(account.guard.is_confirmed(s) for s in strategy.record.parameters.symbols):
            account.note(strategy, "decision", f"{strategy.name} waits: a price that jumped is being confirmed.")
            return False
        return True

    async def _forced(self, strategy: StrategyRuntime, reason: RebalanceReason) -> None:
        """A rebalance that needs neither threshold nor gate, but good prices of every coin."""
        account, snapshot, asked = self._account, strategy.snapshot, strategy.asked
        if snapshot is None or not self._has_good_prices(strategy):
            return
        if self._is_held(strategy, snapshot, reason, account.now()):
            return
        if strategy.proposal is not None:
            withdraw(account, strategy)
        if not await self._rebalancer.rebalance(strategy, snapshot, reason, strategy.record.last_tick):
            return
        if strategy.record.state is State.BUILDING:
            if strategy.obstructed and not _stands(strategy):
                return  # nothing was bought: it is tried again at the next quotes
            built(account, strategy)
        if strategy.record.state is State.RUNNING and account.may_order:
            release_dust(account, strategy)
            # Another one may have been asked for while this one ran, or a coin that is out was not sold in full.
            if strategy.asked == asked and not left_over(account, strategy):
                strategy.forced = None
                if strategy.record.pending:
                    set_state(account, strategy, replace(strategy.record, pending=""))

    async def _by_rule(self, strategy: StrategyRuntime, now: datetime) -> None:
        account, record = self._account, strategy.record
        if strategy.look is None:
            return
        strategy.last_check = now
        rule = record.parameters.rule
        tick = due_tick(rule, strategy.grid, now) if isinstance(rule, TimeRule) else None
        if isinstance(rule, TimeRule) and tick is None:
            strategy.bands = dict.fromkeys((t.asset for t in strategy.look.portfolio.targets), limit_of(rule))
            decision: Decision = Hold(HoldReason.NOT_DUE)
        else:
            decision = _WITHIN if is_calm(strategy) else self._decide(strategy, strategy.look.snapshot, now)
        by_ratio, triggered = not isinstance(rule, TimeRule), isinstance(decision, Rebalance)
        agrees = account.rails.agrees(strategy, by_ratio=by_ratio, triggered=triggered)
        match decision:
            case Rebalance(reason=reason):
                if agrees:
                    await self._triggered(strategy, strategy.look.snapshot, reason, tick or 0)
                else:
                    text = f"{strategy.name} is over {_limit_words(rule)}: one more check must agree."
                    account.note(strategy, "decision", text)
            case Hold():
                if strategy.proposal is not None and decision.reason in {HoldReason.WITHIN, HoldReason.GATE}:
                    withdraw(account, strategy)
                account.note(strategy, "decision", _hold_sentence(strategy, decision))
                if decision.reason in {HoldReason.WITHIN, HoldReason.GATE}:
                    strategy.obstructed = False
                if decision.reason is HoldReason.GATE and tick is not None:
                    self._dealt_with(strategy, tick)
            case _:
                assert_never(decision)

    def _decide(self, strategy: StrategyRuntime, snapshot: Snapshot, now: datetime) -> Decision:
        """What its rule says, worked out; where it holds, between which prices that needs no working out again."""
        account, parameters = self._account, strategy.record.parameters
        jumping = [s for s in parameters.symbols if not account.guard.is_confirmed(s)]
        unconfirmed = jumping[0].partition("/")[0] if jumping else ""
        bands = bands_of(parameters.rule, snapshot, account.rules, account.fees.taker_rate)
        strategy.bands = bands
        decision = decide(snapshot, parameters.rule, grid=strategy.grid, now=now, unconfirmed=unconfirmed, bands=bands)
        if isinstance(decision, Hold) and decision.reason is HoldReason.WITHIN:
            account.valuing.settle(strategy)
        return decision

    async def _triggered(
        self, strategy: StrategyRuntime, snapshot: Snapshot, reason: RebalanceReason, tick: int
    ) -> None:
        """The rule wants a rebalance: the rails are asked, then it is traded, proposed or only shown."""
        account = self._account
        if self._is_held(strategy, snapshot, reason, account.now()):
            return
        if account.trading is not TradingMode.AUTO:
            plan = plan_rebalance(snapshot, account.rules, account.fees)
            if plan.legs:
                propose(account, strategy, plan, reason, tick)
                return
        await self._rebalancer.rebalance(strategy, snapshot, reason, tick)

    def _is_held(self, strategy: StrategyRuntime, snapshot: Snapshot, reason: RebalanceReason, now: datetime) -> bool:
        """Whether a rail is against a rebalance now; the journal says which and why."""
        account = self._account
        if account.rails.set.kind is AccountKind.DEMO:
            return False
        plan = plan_rebalance(snapshot, account.rules, account.fees)
        against = account.rails.against_plan(strategy, purpose_of(reason.value), snapshot, plan, now)
        if against:
            account.note(strategy, "rail", f"{strategy.name} holds: {against}.")
        return bool(against)

    def _dealt_with(self, strategy: StrategyRuntime, tick: int) -> None:
        """The gate held at this tick: the next one is one interval later."""
        set_state(self._account, strategy, replace(strategy.record, last_tick=tick))

    def _store_samples(self, now: datetime) -> None:
        """Value and HODL of each strategy and the prices of their coins, once a minute; journal rows that are due."""
        account = self._account
        due = self._account.sampled_at is None or now - self._account.sampled_at >= SAMPLE_EVERY
        if not due and not account.journal.due(now):
            return
        samples, symbols = [], set()
        if due:
            for strategy in account.strategies.values():
                card, parameters = strategy.scorecard(), strategy.record.parameters
                if strategy.final is not None or card.value is None or not strategy.hodl:
                    continue
                samples.append(EquitySample(strategy.id, now, card.value, card.hodl_value or ZERO))
                symbols |= {symbol_of(a, parameters.quote) for a in parameters.assets}
            self._account.sampled_at = now
        prices = {s: account.quotes[s].mid for s in sorted(symbols) if s in account.quotes}
        with account.change() as store:
            if samples:
                store.add_equity(samples)
                store.add_prices(now, prices)
            account.journal.write(now)


def _stands(strategy: StrategyRuntime) -> bool:
    """Whether a build that found nothing to send is over: its coins were bought before (the program ended, or an order's
    outcome was open, just before that was noted) and what is left is too small for an order.
    """
    snapshot, newest = strategy.snapshot, strategy.newest
    bought = snapshot is not None and any(h.quantity > ZERO for h in snapshot.holdings)
    too_small = {SkipReason.BELOW_MINIMUM, SkipReason.NO_MONEY}
    return bought and newest is not None and not newest.legs and all(s.reason in too_small for s in newest.skipped)


def _missing(strategy: StrategyRuntime) -> str:
    if strategy.snapshot is None:
        return "no price"
    return ", ".join(f"{h.asset}: {h.fault.value}" for h in strategy.snapshot.faults if h.fault is not None)


def _limit_words(rule: Rule) -> str:
    return "its bands" if isinstance(rule, BandRule) else f"{plain(limit_of(rule))} %"


def _hold_sentence(strategy: StrategyRuntime, hold: Hold) -> str:
    name, limit = strategy.name, _limit_words(strategy.record.parameters.rule)
    match hold.reason:
        case HoldReason.WITHIN:
            return f"{name} is within {limit}: nothing to do."
        case HoldReason.NOT_DUE:
            return f"{name} waits for its next time."
        case HoldReason.GATE:
            return f"{name}: at its time the worst drift was not over {limit}: nothing to do."
        case HoldReason.NO_PRICE:
            return f"{name} holds: {hold.asset}: {hold.detail}."
        case HoldReason.CONFIRMING:
            return f"{name} holds: the price of {hold.asset} jumped by more than 10 % and is being confirmed."
        case HoldReason.EMPTY:
            return f"{name} holds nothing to rebalance."
        case _:
            assert_never(hold.reason)
