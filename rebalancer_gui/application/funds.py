"""Adding and removing funds of a strategy (BEHAVIOUR.md section 5).

An addition is booked at once and then rebalanced. A removal is stored when it is asked for and carried out in the account's
task: the transaction that begins its rebalance record also gives the strategy's own cash back where that goes along, and what
its orders brought goes to the free pool in the transaction that closes the record, also after a crash in between.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application import pending_removal
from rebalancer_gui.application.account import Account
from rebalancer_gui.application.events import RebalanceChanged, TransferBooked
from rebalancer_gui.application.legs import LegTrader
from rebalancer_gui.application.planned import refuse_too_large
from rebalancer_gui.application.records import (
    LegOutcome,
    LegResult,
    Outcome,
    RebalanceRecord,
    TransferKind,
    TransferRow,
)
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.allocation import smallest_investment
from rebalancer_gui.domain.cashflow import (
    AmountLimits,
    Removal,
    RemovalMethod,
    addition_limits,
    plan_addition,
    plan_removal,
    removal_limits,
)
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.ledger import Entry, allocate, release
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import ZERO, on_grid, plain, total
from rebalancer_gui.domain.orders import IntentState
from rebalancer_gui.domain.performance import hodl_addition, hodl_removal
from rebalancer_gui.domain.planning import Leg, SkippedLeg
from rebalancer_gui.domain.rail_checks import Purpose
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.domain.triggers import RebalanceReason
from rebalancer_gui.domain.valuation import Snapshot

AMOUNT_GRID = Decimal("0.00000001")
ADD_BOUND = "more is not in the free pool"
REMOVE_BOUND = "the smallest legal investment must stay; to take out everything, stop the strategy"
ORDERS_READ = 40
"""So many of a strategy's newest orders are searched for those of one removal: at most two a coin, and what came after."""


def limits_of(account: Account, strategy: StrategyRuntime, method: RemovalMethod | None) -> AmountLimits:
    """The legal range of an addition (``method`` None) or a removal at the present prices. Raises InvalidInput."""
    quote = strategy.record.parameters.quote
    free = account.wallet.free.get(quote, ZERO)
    if strategy.record.state is State.WAITING:
        return _limits_while_waiting(account, strategy, free, adding=method is None)
    snapshot = _priced(strategy)
    if method is None:
        return addition_limits(snapshot, free, account.rules, account.fees)
    return removal_limits(snapshot, method, account.rules, account.fees)


def refuse_amount(account: Account, strategy: StrategyRuntime, amount: Decimal, method: RemovalMethod | None) -> None:
    """Raises InvalidInput when ``amount`` may not be added (``method`` None) or removed now."""
    record, quote = strategy.record, strategy.record.parameters.quote
    verb = "added to" if method is None else "taken out of"
    if account.halted:
        raise InvalidInput("", f"The account is halted: {account.halted}")
    if record.state not in {State.RUNNING, State.WAITING}:
        raise InvalidInput("", f"{strategy.name} is {record.state.value.lower()}: funds are {verb} one that runs.")
    if record.state is State.RUNNING and not account.may_order:
        raise InvalidInput("", account.why_no_orders)
    if strategy.removal is not None or strategy.open_removal is not None:
        raise InvalidInput("", f"A removal of {strategy.name} is on its way: wait until it is done.")
    if amount.is_finite() and not (ZERO < amount <= Decimal(10) ** 15 and on_grid(amount, AMOUNT_GRID)):
        raise InvalidInput("amount", f"The amount must be above 0 {quote}, with at most 8 decimals.")
    most = ADD_BOUND if method is None else REMOVE_BOUND
    fault = limits_of(account, strategy, method).fault_of(amount, quote, most)
    if fault:
        raise InvalidInput("amount", fault)


def add_funds(account: Account, strategy: StrategyRuntime, amount: Decimal) -> None:
    """``amount`` quote units from the free pool; a running strategy rebalances at the next good prices (V' = V + amount).

    Raises InvalidInput; nothing is changed then.
    """
    account.value_one(strategy)
    refuse_amount(account, strategy, amount, None)
    if strategy.record.state is State.RUNNING:
        addition = plan_addition(_priced(strategy), amount, account.rules, account.fees)
        refuse_too_large(account, "amount", addition)
    now, parameters = account.venue.clock.now(), strategy.record.parameters
    running = strategy.record.state is State.RUNNING
    value = account.fair_value(strategy)
    record = account.flow(strategy.record, value, amount)
    if running:
        record = replace(record, pending=RebalanceReason.ADD_FUNDS.value)
    hodl = strategy.hodl
    if hodl:
        hodl = hodl_addition(hodl, amount, parameters.targets, parameters.quote, account.quotes, account.fees)
    row = TransferRow(0, now, strategy.id, TransferKind.ADDED, parameters.quote, amount, amount)
    with account.change(allocate(now, strategy.id, parameters.quote, amount)) as store:
        account.save(record)
        row = replace(row, key=store.save_transfer(row))
        if hodl != strategy.hodl:
            store.save_hodl(strategy.id, hodl)
    strategy.record, strategy.hodl = record, hodl
    strategy.flow_in(now, amount)
    if running:
        strategy.ask(RebalanceReason.ADD_FUNDS)
    account.emit(TransferBooked(account.name, row))
    account.note(strategy, "funds", f"{plain(amount)} {parameters.quote} were added to {strategy.name}.")
    account.value_one(strategy)


def ask_removal(account: Account, strategy: StrategyRuntime, amount: Decimal, method: RemovalMethod) -> None:
    """Sell ``amount`` (quote units) at the next good prices; a waiting strategy gives it back at once. Raises InvalidInput."""
    account.value_one(strategy)
    refuse_amount(account, strategy, amount, method)
    if strategy.record.state is State.WAITING:
        _book_out(account, strategy, amount, None)
        account.note(strategy, "funds", f"{_of(strategy, amount)} went back to the free pool.")
        return
    removal = plan_removal(_priced(strategy), amount, method, account.rules, account.fees)
    refuse_too_large(account, "amount", removal.plan)
    pending_removal.ask_for(account, strategy, amount, method)
    account.note(strategy, "funds", f"{strategy.name}: {_of(strategy, amount)} are to be taken out, {method.value}.")


class Removals:
    """Carries removals of one account out. Engine thread only."""

    def __init__(self, account: Account, trader: LegTrader) -> None:
        self._account = account
        self._trader = trader

    async def carry_out(self, strategy: StrategyRuntime) -> None:
        """Begin the removal that was asked for and send its sells; its snapshot has a total."""
        asked, snapshot = strategy.removal, strategy.snapshot
        if asked is None or snapshot is None or snapshot.total is None:
            return
        amount, method = asked
        self._begin(strategy, plan_removal(snapshot, amount, method, self._account.rules, self._account.fees))
        await self.go_on(strategy)

    async def go_on(self, strategy: StrategyRuntime) -> None:
        """Send the sells that were not sent yet, and close it when none is on its way: what they brought goes to the free
        pool. Cut off by the end of the program or an open outcome, it goes on where it was; a pause, a halt or a stop
        closes it with what it has brought.
        """
        record = strategy.open_removal
        if record is None or strategy.unresolved:
            return
        skipped = list(record.skipped)
        traded: dict[str, LegResult] = {}

        def may_go_on() -> bool:
            running = strategy.record.state is State.RUNNING
            return self._account.may_order and running and not strategy.unresolved

        for leg in self._unsent(strategy, record):
            outcome = None
            if may_go_on():
                outcome = await self._trader.trade(strategy, record.id, leg, leg.wanted, may_go_on, Purpose.CONFIRMED)
            if outcome is None:
                break
            if isinstance(outcome, SkippedLeg):
                skipped.append(outcome)
            else:
                traded[leg.symbol] = outcome
        dropped = {symbol_of(s.asset, strategy.record.parameters.quote) for s in skipped}
        legs = [traded.get(leg.symbol, leg) for leg in record.legs if leg.symbol not in dropped]
        strategy.open_removal = replace(record, legs=tuple(legs), skipped=tuple(skipped))
        if not self._account.stopping and not strategy.unresolved:
            self._account.value_one(strategy)
            self._finish(strategy)

    def _unsent(self, strategy: StrategyRuntime, record: RebalanceRecord) -> list[Leg]:
        """The legs of which no order ever reached the venue, at the prices that are known now."""
        account = self._account
        reached = {
            order.symbol
            for order in account.store.orders(strategy.id, None, ORDERS_READ)
            if order.rebalance_id == record.id and order.state is not IntentState.ABSENT
        }
        legs = []
        for leg in record.legs:
            quote = account.quotes.get(leg.symbol)
            if leg.symbol not in reached:
                price = quote.bid if quote is not None else leg.planned_price
                legs.append(Leg(leg.asset, leg.symbol, leg.side, leg.wanted, leg.planned_quantity, price))
        return legs

    def _finish(self, strategy: StrategyRuntime) -> None:
        """Every order of it is final: what they brought goes to the free pool, in one transaction with the record's end."""
        account, record = self._account, strategy.open_removal
        if record is None:
            return
        legs = tuple(_final(leg, _filled(account, strategy, record, leg.symbol)) for leg in record.legs)
        brought = _brought(account, strategy, record)
        sold = brought > ZERO or not (record.legs or record.skipped)  # own cash alone may be all that was asked for
        whole = sold and not record.skipped and all(leg.outcome is LegOutcome.FILLED for leg in legs)
        now = account.venue.clock.now()
        closed = replace(
            record,
            legs=legs,
            outcome=Outcome.DONE if whole else Outcome.PARTLY if sold else Outcome.SKIPPED,
            finished_at=now,
            last_at=now,
            message="" if sold else "No order was filled, so nothing was taken out by selling.",
        )
        strategy.newest = _book_out(account, strategy, brought, closed) or closed
        strategy.open_removal = None
        if sold:
            strategy.rebalances += 1
        else:
            strategy.skipped += 1
        skips = "".join(f"; {s.asset} skipped: {s.reason.value}" for s in record.skipped)
        if record.legs or record.skipped:
            text = f"{_of(strategy, brought)} from sales of {strategy.name} went to the free pool{skips}."
            account.note(strategy, "funds", text)
        account.value_one(strategy)

    def _begin(self, strategy: StrategyRuntime, removal: Removal) -> None:
        account, snapshot = self._account, removal.plan.snapshot
        record = RebalanceRecord(
            id=account.setup.ids.new_id("r"),
            strategy_id=strategy.id,
            at=snapshot.at,
            reason=RebalanceReason.REMOVE_FUNDS.value,
            worst_drift=snapshot.worst_drift or ZERO,
            snapshot_seq=snapshot.seq,
            legs=tuple(
                LegResult(
                    leg.asset, leg.symbol, leg.side, leg.wanted, leg.quantity, leg.limit_price, ZERO, LegOutcome.PENDING
                )
                for leg in removal.plan.legs
            ),
            skipped=removal.plan.skipped,
            outcome=Outcome.RUNNING,
        )
        record = _book_out(account, strategy, removal.own_cash, record) or record
        strategy.removal = None
        strategy.newest = strategy.open_removal = record
        if removal.own_cash > ZERO:
            cash = _of(strategy, removal.own_cash)
            account.note(strategy, "funds", f"{cash} of the money of {strategy.name} went to the free pool.")


def _book_out(
    account: Account, strategy: StrategyRuntime, amount: Decimal, removal: RebalanceRecord | None
) -> RebalanceRecord | None:
    """``amount`` quote units of the strategy's cash to the free pool, with its flow, in one transaction with the record of
    the removal that begins or ends with it; answers that with its key.
    """
    now, quote = account.venue.clock.now(), strategy.record.parameters.quote
    amount = min(amount, account.wallet.strategy(strategy.id, quote))
    record, hodl = strategy.record, strategy.hodl
    entries: tuple[Entry, ...] = ()
    row = TransferRow(0, now, strategy.id, TransferKind.REMOVED, quote, amount, amount)
    if amount > ZERO:
        entries = (release(now, strategy.id, quote, amount),)
        record = account.flow(record, account.fair_value(strategy), -amount)
        if hodl and all(f"{asset}/{quote}" in account.quotes for asset in hodl):
            hodl = hodl_removal(hodl, amount, quote, account.quotes, account.fees)
    with account.change(*entries) as store:
        if amount > ZERO:
            account.save(record)
            row = replace(row, key=store.save_transfer(row))
        if hodl != strategy.hodl:
            store.save_hodl(strategy.id, hodl)
        if removal is not None:
            removal = replace(removal, key=store.save_rebalance(removal))
            pending_removal.forget(store, strategy)
    strategy.record, strategy.hodl = record, hodl
    if amount > ZERO:
        strategy.flow_out(now, amount)
        account.emit(TransferBooked(account.name, row))
    if removal is not None:
        account.emit(RebalanceChanged(account.name, removal))
    return removal


def _brought(account: Account, strategy: StrategyRuntime, record: RebalanceRecord) -> Decimal:
    """Quote money that the trades of a removal brought, fees taken in it off."""
    quote = strategy.record.parameters.quote
    return total(
        fill.value - (fill.fee if fill.fee_asset == quote else ZERO)
        for order in account.store.orders(strategy.id, None, ORDERS_READ)
        if order.rebalance_id == record.id
        for fill in account.store.fills(order.client_order_id)
    )


def _filled(account: Account, strategy: StrategyRuntime, record: RebalanceRecord, symbol: str) -> Decimal:
    orders = account.store.orders(strategy.id, None, ORDERS_READ)
    return total(o.filled for o in orders if o.rebalance_id == record.id and o.symbol == symbol)


def _final(leg: LegResult, filled: Decimal) -> LegResult:
    """``leg`` with what its orders really traded, also where they were resolved later."""
    if filled >= leg.planned_quantity and filled > ZERO:
        return replace(leg, filled=filled, outcome=LegOutcome.FILLED, detail="")
    if leg.outcome in {LegOutcome.PENDING, LegOutcome.UNRESOLVED}:
        outcome = LegOutcome.PARTLY if filled > ZERO else LegOutcome.SKIPPED
        return replace(leg, filled=filled, outcome=outcome, detail=leg.detail or "its order was not sent")
    return replace(leg, filled=filled)


def _limits_while_waiting(account: Account, strategy: StrategyRuntime, free: Decimal, *, adding: bool) -> AmountLimits:
    """Money of a waiting strategy is only moved: no order bounds it."""
    if adding:
        return AmountLimits(AMOUNT_GRID, free)
    cash = account.wallet.strategy(strategy.id, strategy.record.parameters.quote)
    must_stay = _smallest_now(account, strategy)
    return AmountLimits(AMOUNT_GRID, max(min(cash, account.fair_value(strategy) - must_stay), ZERO))


def _smallest_now(account: Account, strategy: StrategyRuntime) -> Decimal:
    parameters = strategy.record.parameters
    return smallest_investment(parameters.targets, parameters.quote, account.rules, account.quotes) or ZERO


def _priced(strategy: StrategyRuntime) -> Snapshot:
    snapshot = strategy.snapshot
    if snapshot is None or snapshot.total is None:
        faults = snapshot.faults if snapshot is not None else ()
        why = ", ".join(f"{h.asset}: {h.fault.value}" for h in faults if h.fault is not None)
        raise InvalidInput("amount", f"There is no good price for every coin now ({why or 'no price yet'}).")
    return snapshot


def _of(strategy: StrategyRuntime, amount: Decimal) -> str:
    return f"{plain(amount)} {strategy.record.parameters.quote}"
