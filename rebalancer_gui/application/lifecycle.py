"""The states of a strategy's life (BEHAVIOUR.md section 7); its start and its end are in ``creation`` and ``ending``."""

from __future__ import annotations

from dataclasses import replace

from rebalancer_gui.application.account import STOP_ALL_KEY, Account
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.orders import IntentState
from rebalancer_gui.domain.strategy import EndReason, HaltKind, State, StrategyRecord
from rebalancer_gui.domain.triggers import FORCED, RebalanceReason


def built(account: Account, strategy: StrategyRuntime) -> None:
    """The first build is over: the strategy runs, and the time grid starts now."""
    now = account.venue.clock.now()
    set_state(account, strategy, replace(strategy.record, state=State.RUNNING, started_at=now, pending=""))
    strategy.last_check = now
    account.note(strategy, "state", f"{strategy.name} runs.")


def pause(account: Account, strategy: StrategyRuntime) -> None:
    """No new orders until it is resumed. Raises InvalidInput when it does not run."""
    if strategy.record.state is not State.RUNNING:
        raise InvalidInput("", f"{strategy.name} does not run, so it cannot be paused.")
    set_state(account, strategy, replace(strategy.record, state=State.PAUSED))
    account.note(strategy, "state", f"{strategy.name} was paused: nothing is traded until it is resumed.")


def resume(account: Account, strategy: StrategyRuntime) -> None:
    """Go on after a pause or a halt. Raises InvalidInput when there is nothing to resume, or not yet."""
    record = strategy.record
    if record.state not in {State.PAUSED, State.HALTED}:
        raise InvalidInput("", f"{strategy.name} is neither paused nor halted.")
    against = resume_blocked(account, strategy)
    if against:
        raise InvalidInput("", against)
    if record.halt is HaltKind.NO_RIGHT:
        account.try_right_again()
    set_state(account, strategy, _resumed(record))
    _take_up_again(account, strategy)


def resume_blocked(account: Account, strategy: StrategyRuntime) -> str:
    """Why a paused or halted strategy cannot go on now, and what has to come first; "" when it can."""
    if account.stop_all:
        return "Stop all is on: press Resume trading first."
    frozen = account.frozen(strategy)
    if frozen:
        coins = ", ".join(frozen)
        return f"The market of {coins} is closed: replace or drop it, or wait until it opens."
    if any(intent.state is IntentState.QUARANTINED for intent in strategy.unresolved.values()):
        return "Nothing is proven about an order of it: adopt or discard it first."
    missing = account.missing_of(strategy.id)
    if missing:
        return f"{', '.join(asset for asset, _ in missing)} is missing at the exchange: deposit it again, or book the loss."
    return ""


def halt(account: Account, strategy: StrategyRuntime, reason: str, kind: HaltKind | None = None) -> None:
    """Nothing is sent, money stays put, until the owner resumes or stops it."""
    record = strategy.record
    if record.state in {State.HALTED, State.ENDED}:
        return
    set_state(account, strategy, _halted(record, reason, kind))
    account.note(strategy, "halt", f"{strategy.name} was halted: {reason}")


def halt_when_free(account: Account, strategy: StrategyRuntime, reason: str, kind: HaltKind) -> None:
    """Halt it now, or as soon as the rebalance that runs is over."""
    if strategy.busy:
        strategy.halt_reason, strategy.halt_kind = reason, kind
    else:
        halt(account, strategy, reason, kind)


def halt_for_rules(account: Account, strategy: StrategyRuntime, symbol: str, words: str) -> None:
    """A market's filter refused an order. The first time its rules are read anew and it is planned once more; when the order
    by the new rules is refused too, nobody knows what would be legal (row 21 of the table of failures). A sale on the way
    out goes on trying.
    """
    planned_by, account.rules_in_doubt = strategy.broke_rules.get(symbol), True
    strategy.broke_rules[symbol] = account.rules
    if planned_by is None or planned_by is account.rules or strategy.record.state is State.STOPPING:
        return
    reason = (
        f"The exchange refused an order in {symbol}, and one more after its trading rules were read anew: {words}. "
        "Look at what it demands of orders in this market, then resume."
    )
    halt_when_free(account, strategy, reason, HaltKind.REFUSED)


def lift_quarantine(account: Account, strategy: StrategyRuntime) -> None:
    """What could not be proven about its orders is known now: a strategy that was halted for that goes on."""
    if any(i.state is IntentState.QUARANTINED for i in strategy.unresolved.values()):
        return
    if strategy.halt_kind is HaltKind.QUARANTINED:
        strategy.halt_reason, strategy.halt_kind = "", None
    record = strategy.record
    if record.state is State.HALTED and record.halt is HaltKind.QUARANTINED and not account.stop_all:
        set_state(account, strategy, _resumed(record))
        _take_up_again(account, strategy)


def _halted(record: StrategyRecord, reason: str, kind: HaltKind | None) -> StrategyRecord:
    # Why a strategy is being stopped is kept over the halt.
    pending = record.reason if record.state is State.STOPPING else record.pending
    return replace(record, state=State.HALTED, reason=reason, former_state=record.state, halt=kind, pending=pending)


def _resumed(record: StrategyRecord) -> StrategyRecord:
    former = record.former_state or State.RUNNING
    if former is State.STOPPING:
        why = record.pending or EndReason.STOPPED.value
        return replace(record, state=former, reason=why, former_state=None, halt=None, pending="")
    return replace(record, state=former, reason="", former_state=None, halt=None)


def _take_up_again(account: Account, strategy: StrategyRuntime) -> None:
    strategy.refusals = 0
    strategy.refused_words.clear()
    strategy.broke_rules.clear()
    strategy.confirmations.clear()
    strategy.late.clear()
    pending = resumable(strategy.record.pending)
    if strategy.record.state is State.BUILDING:
        strategy.ask(RebalanceReason.BUILD)
    elif pending is not None and strategy.record.state is State.RUNNING:
        strategy.ask(pending)
    account.note(strategy, "state", f"{strategy.name} was resumed.")


def rebalance_now(account: Account, strategy: StrategyRuntime) -> None:
    """Rebalance at the next good prices. Raises InvalidInput when it does not run."""
    if account.halted:
        raise InvalidInput("", f"The account is halted: {account.halted}")
    if strategy.record.state is State.RUNNING and account.only_watches:
        raise InvalidInput("", account.why_no_orders)
    if strategy.record.state is not State.RUNNING:
        raise InvalidInput("", f"{strategy.name} does not trade now ({strategy.record.state.value}).")
    if not account.may_order:
        raise InvalidInput("", account.why_no_orders)
    ask_durably(account, strategy, RebalanceReason.NOW)
    account.note(strategy, "user", f"{strategy.name}: a rebalance was asked for.")


def set_stop_all(account: Account, *, on: bool) -> None:
    """Set or lift the flag that forbids every new order; running strategies show Halted (BEHAVIOUR.md section 7)."""
    if account.stop_all == on:
        return
    reason = EndReason.STOP_ALL.value
    after: dict[str, StrategyRecord] = {}
    for strategy in account.strategies.values():
        record = strategy.record
        if on and record.state not in {State.HALTED, State.ENDED}:
            after[strategy.id] = _halted(record, reason, HaltKind.STOP_ALL)
        elif not on and record.state is State.HALTED and record.halt is HaltKind.STOP_ALL:
            after[strategy.id] = _resumed(record)
    with account.change() as store:
        store.set_value(STOP_ALL_KEY, "1" if on else "")
        for record in after.values():
            account.save(record)
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
    with account.change():
        account.save(record)
    strategy.record = record


def ask_durably(account: Account, strategy: StrategyRuntime, reason: RebalanceReason) -> None:
    """A rebalance is wanted at the next good prices, also when the program ends before."""
    set_state(account, strategy, replace(strategy.record, pending=reason.value))
    strategy.ask(reason)


def resumable(reason: str) -> RebalanceReason | None:
    """The rebalance of that name, when it needs neither threshold nor gate and so must be taken up again."""
    return next((r for r in FORCED if r.value == reason), None)
