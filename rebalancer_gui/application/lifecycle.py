"""The states of a strategy's life and the money that moves with them (BEHAVIOUR.md sections 5 and 7)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application.account import STOP_ALL_KEY, Account
from rebalancer_gui.application.events import TransferBooked
from rebalancer_gui.application.records import EquitySample, TransferKind, TransferRow
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.creation import problems_with
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.ledger import allocate, release
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import (
    MAX_STRATEGIES,
    EndReason,
    State,
    StrategyParameters,
    StrategyRecord,
)
from rebalancer_gui.domain.triggers import RebalanceReason


def refusal(account: Account, parameters: StrategyParameters) -> InvalidInput | None:
    """Why a strategy with ``parameters`` cannot be created now; None when it can."""
    if account.occupied >= MAX_STRATEGIES:
        return InvalidInput("strategies", f"{MAX_STRATEGIES} strategies run on this account: stop one first.")
    if parameters.quote not in account.venue.quote_assets:
        legal = ", ".join(account.venue.quote_assets)
        return InvalidInput("quote", f"{parameters.quote} is not a money of this account: choose {legal}.")
    problems = problems_with(
        parameters,
        taken_names=[s.name for s in account.strategies.values() if s.record.state is not State.ENDED],
        free=account.wallet.free,
        rules=account.rules,
        quotes=account.quotes,
    )
    if problems:
        return InvalidInput(problems[0].field, problems[0].message)
    if account.halted:
        return InvalidInput("", f"The account is halted: {account.halted}")
    if account.stop_all:
        return InvalidInput("", "Stop all is on: press Resume trading first.")
    return None


def create(account: Account, parameters: StrategyParameters) -> StrategyRuntime:
    """Take the investment from the free pool; the portfolio is built at the next good prices. Raises InvalidInput."""
    refused = refusal(account, parameters)
    if refused is not None:
        raise refused
    now = account.venue.clock.now()
    parameters = replace(parameters, name=parameters.name.strip())
    record = StrategyRecord(
        id=account.setup.ids.new_id("s"),
        account=account.name,
        parameters=parameters,
        version=1,
        state=State.BUILDING,
        created_at=now,
    )
    amount, quote = parameters.investment, parameters.quote
    row = TransferRow(0, now, record.id, TransferKind.INVESTED, quote, amount, amount)
    with account.change(allocate(now, record.id, quote, amount)) as store:
        store.save_strategy(record)
        row = replace(row, key=store.save_transfer(row))
    strategy = StrategyRuntime(record, added=amount, forced=RebalanceReason.BUILD)
    account.strategies[record.id] = strategy
    account.emit(TransferBooked(account.name, row))
    account.note(strategy, "state", f"{parameters.name} was created with {amount:f} {quote}.")
    account.value_one(strategy)
    return strategy


def built(account: Account, strategy: StrategyRuntime) -> None:
    """The first build is over: the strategy runs, and the time grid starts now."""
    now = account.venue.clock.now()
    set_state(account, strategy, replace(strategy.record, state=State.RUNNING, started_at=now))
    strategy.last_check = now
    account.note(strategy, "state", f"{strategy.name} runs.")


def pause(account: Account, strategy: StrategyRuntime) -> None:
    """No new orders until it is resumed. Raises InvalidInput when it does not run."""
    if strategy.record.state is not State.RUNNING:
        raise InvalidInput("", f"{strategy.name} does not run, so it cannot be paused.")
    set_state(account, strategy, replace(strategy.record, state=State.PAUSED))
    account.note(strategy, "state", f"{strategy.name} was paused: nothing is traded until it is resumed.")


def resume(account: Account, strategy: StrategyRuntime) -> None:
    """Go on after a pause or a halt. Raises InvalidInput when there is nothing to resume."""
    record = strategy.record
    if account.stop_all:
        raise InvalidInput("", "Stop all is on: press Resume trading first.")
    if record.state not in {State.PAUSED, State.HALTED}:
        raise InvalidInput("", f"{strategy.name} is neither paused nor halted.")
    set_state(account, strategy, _resumed(record))
    _take_up_again(account, strategy)


def halt(account: Account, strategy: StrategyRuntime, reason: str) -> None:
    """Nothing is sent, money stays put, until the owner resumes or stops it."""
    record = strategy.record
    if record.state in {State.HALTED, State.ENDED}:
        return
    set_state(account, strategy, _halted(record, reason))
    account.note(strategy, "halt", f"{strategy.name} was halted: {reason}")


def _halted(record: StrategyRecord, reason: str) -> StrategyRecord:
    return replace(record, state=State.HALTED, reason=reason, former_state=record.state)


def _resumed(record: StrategyRecord) -> StrategyRecord:
    former = record.former_state or State.RUNNING
    reason = EndReason.STOPPED.value if former is State.STOPPING else ""
    return replace(record, state=former, reason=reason, former_state=None)


def _take_up_again(account: Account, strategy: StrategyRuntime) -> None:
    strategy.refusals = 0
    if strategy.record.state is State.BUILDING:
        strategy.forced = RebalanceReason.BUILD
    account.note(strategy, "state", f"{strategy.name} was resumed.")


def rebalance_now(account: Account, strategy: StrategyRuntime) -> None:
    """Rebalance at the next good prices. Raises InvalidInput when it does not run."""
    if account.halted:
        raise InvalidInput("", f"The account is halted: {account.halted}")
    if strategy.record.state is not State.RUNNING or not account.may_order:
        raise InvalidInput("", f"{strategy.name} does not trade now ({strategy.record.state.value}).")
    strategy.forced = RebalanceReason.NOW
    account.note(strategy, "user", f"{strategy.name}: a rebalance was asked for.")


def begin_stop(account: Account, strategy: StrategyRuntime, *, sell_all: bool) -> None:
    """End it: selling starts at the next good prices, or the coins go back at once (when an order is on its way or no
    price is known yet: at the next quotes). Raises InvalidInput.
    """
    record = strategy.record
    if record.state is State.ENDED:
        raise InvalidInput("", f"{strategy.name} has ended already.")
    if sell_all and not account.may_order:
        raise InvalidInput("", "Nothing can be sold while trading is stopped: keep the coins, or resume trading first.")
    parameters = replace(record.parameters, sell_all_on_stop=sell_all)
    stopping = replace(
        record,
        state=State.STOPPING,
        parameters=parameters,
        version=record.version + (parameters != record.parameters),
        reason=EndReason.STOPPED.value,
        former_state=None,
    )
    set_state(account, strategy, stopping)
    strategy.forced = None
    how = "its coins are being sold" if sell_all else "its coins go back to the free pool"
    account.note(strategy, "state", f"{strategy.name} is being stopped: {how}.")
    priced = strategy.snapshot is not None and strategy.snapshot.total is not None
    if strategy.only_gives_back and priced and not strategy.busy and not strategy.unresolved:
        end(account, strategy)


def end(account: Account, strategy: StrategyRuntime) -> None:
    """Give back everything it holds and close its books; final value and HODL value are kept."""
    now, quote = account.venue.clock.now(), strategy.record.parameters.quote
    account.value_one(strategy)
    holdings = account.wallet.strategy_assets(strategy.id)
    rows, entries = [], []
    for asset, amount in sorted(holdings.items()):
        worth = account.worth(asset, amount, quote)
        if worth is None:
            worth = amount * _last_known_price(account, symbol_of(asset, quote))
        entries.append(release(now, strategy.id, asset, amount))
        rows.append(TransferRow(0, now, strategy.id, TransferKind.RELEASED, asset, amount, worth))
    paid = sum((row.value for row in rows), ZERO)
    hodl = strategy.hodl_value()
    if hodl is None:
        samples = account.store.equity(strategy.id, None, 2)
        hodl = samples[-1].hodl if samples else ZERO
    record = replace(strategy.record, state=State.ENDED, ended_at=now)
    with account.change(*entries) as store:
        store.save_strategy(record)
        rows = [replace(row, key=store.save_transfer(row)) for row in rows]
        store.add_equity([EquitySample(strategy.id, now, paid, hodl)])
    strategy.record, strategy.final = record, (paid, hodl)
    strategy.removed += paid
    for row in rows:
        account.emit(TransferBooked(account.name, row))
    coins = ", ".join(f"{row.amount.normalize():f} {row.asset}" for row in rows if row.asset != quote)
    left = f" Back in the free pool besides the money: {coins}." if coins else ""
    account.note(strategy, "state", f"{strategy.name} has ended: {record.reason}.{left}")


def _last_known_price(account: Account, symbol: str) -> Decimal:
    """Where nothing is quoted any more: the newest stored price, else zero."""
    samples = account.store.price_samples(symbol, None, 2)
    return samples[-1][1] if samples else ZERO


def set_stop_all(account: Account, *, on: bool) -> None:
    """Set or lift the flag that forbids every new order; running strategies show Halted (BEHAVIOUR.md section 7)."""
    if account.stop_all == on:
        return
    reason = EndReason.STOP_ALL.value
    after: dict[str, StrategyRecord] = {}
    for strategy in account.strategies.values():
        record = strategy.record
        if on and record.state not in {State.HALTED, State.ENDED}:
            after[strategy.id] = _halted(record, reason)
        elif not on and record.state is State.HALTED and record.reason == reason:
            after[strategy.id] = _resumed(record)
    with account.change() as store:
        store.set_value(STOP_ALL_KEY, "1" if on else "")
        for record in after.values():
            store.save_strategy(record)
    account.stop_all = on
    for strategy_id, record in after.items():
        strategy = account.strategies[strategy_id]
        strategy.record = record
        if on:
            account.note(strategy, "halt", f"{strategy.name} was halted: {reason}")
        else:
            _take_up_again(account, strategy)


def set_state(account: Account, strategy: StrategyRuntime, record: StrategyRecord) -> None:
    """Store ``record`` and make it the present one."""
    with account.change() as store:
        store.save_strategy(record)
    strategy.record = record
