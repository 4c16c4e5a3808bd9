"""Changes of a strategy while it lives: other coins or weights, another rule; each is a version with its time (section 5)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.creation import can_be_priced, enough_to_start, start, taken_names
from rebalancer_gui.application.events import TransferBooked
from rebalancer_gui.application.fee_pool import against_holding
from rebalancer_gui.application.lifecycle import set_state
from rebalancer_gui.application.planned import changed_snapshot, refuse_too_large_from
from rebalancer_gui.application.records import TransferKind, TransferRow
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.allocation import (
    problems_with_name,
    problems_with_rule,
    problems_with_targets,
    smallest_investment,
)
from rebalancer_gui.domain.creation import last_prices
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.ledger import release
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import ZERO, floor_to_step, plain, total
from rebalancer_gui.domain.performance import hodl_rebalance, hodl_removal
from rebalancer_gui.domain.planning import is_dust
from rebalancer_gui.domain.protection import Watch, level_words, problems_with_levels, with_direction
from rebalancer_gui.domain.strategy import (
    BandRule,
    HaltKind,
    Level,
    RatioRule,
    Rule,
    State,
    StrategyParameters,
    Target,
    TimeRule,
    Trigger,
)
from rebalancer_gui.domain.triggers import RebalanceReason

CHANGEABLE = frozenset({State.RUNNING, State.PAUSED, State.WAITING})


def refuse_change(account: Account, strategy: StrategyRuntime, targets: tuple[Target, ...]) -> None:
    """Raises InvalidInput when the strategy cannot have ``targets`` now."""
    record, quote = strategy.record, strategy.record.parameters.quote
    if record.state not in CHANGEABLE and record.halt not in {HaltKind.MARKET, HaltKind.RENAMED}:
        raise InvalidInput("", f"{strategy.name} is {record.state.value.lower()}: its coins cannot be changed now.")
    if strategy.unresolved or strategy.open_removal is not None or strategy.removal is not None:
        raise InvalidInput("", f"An order of {strategy.name} is on its way: change its coins when it is done.")
    if account.halted or account.stop_all or account.only_watches:
        raise InvalidInput("", account.why_no_orders)
    problems = problems_with_targets(targets, quote)
    if problems:
        raise InvalidInput(problems[0].field, problems[0].message)
    closed = [t.asset for t in targets if not account.is_open(symbol_of(t.asset, quote))]
    if closed:
        raise InvalidInput("coins", f"{', '.join(closed)} does not trade in {quote} now: replace it or leave it out.")
    if not can_be_priced(account, [t.asset for t in targets], quote):
        raise InvalidInput("coins", "There is no good price for every coin now.")
    if BNB in {t.asset for t in targets} - set(record.parameters.assets):
        against = against_holding(account, quote, ZERO)
        if against:
            raise InvalidInput("coins", against)
    smallest = smallest_investment(targets, quote, account.rules, account.quotes)
    stays = _worth_that_stays(account, strategy, targets)
    if smallest is not None and stays < smallest:
        raise InvalidInput(
            "weights",
            f"The strategy is worth {plain(round(stays, 2))} {quote}; these weights need {plain(smallest)} {quote} at least.",
        )


def released_by(account: Account, strategy: StrategyRuntime, targets: tuple[Target, ...]) -> dict[str, Decimal]:
    """Coins that leave with ``targets`` and cannot be sold, by units: they go back to the free pool."""
    kept = {t.asset for t in targets}
    own = account.wallet.strategy_assets(strategy.id)
    frozen = account.frozen(strategy)
    return {asset: own[asset] for asset in frozen if asset in own and asset not in kept}


def change_coins(account: Account, strategy: StrategyRuntime, targets: tuple[Target, ...]) -> None:
    """A new version with ``targets``; a strategy that runs is rebalanced at the next good prices, one halted for a closed
    market runs again. Raises InvalidInput; nothing is changed then.
    """
    refuse_change(account, strategy, targets)
    now, record = account.venue.clock.now(), strategy.record
    quote = record.parameters.quote
    leaving, same = released_by(account, strategy, targets), targets == record.parameters.targets
    # What left before and could not be sold any more is let go by the coins and weights it has, too.
    if same and not leaving:
        raise InvalidInput("weights", "These are the coins and weights it has.")
    _refuse_too_large(account, strategy, targets, leaving)
    rows = [
        TransferRow(0, now, strategy.id, TransferKind.RELEASED, a, n, account.last_worth(a, n, quote))
        for a, n in sorted(leaving.items())
    ]
    words = f"without {', '.join(leaving)}" if same else change_words(record.parameters.targets, targets)
    worth = total(row.value for row in rows)
    results = strategy.results_after(account.holdings(strategy), [(r.asset, r.amount, r.value) for r in rows])
    if rows:
        record = account.flow(record, account.fair_value(strategy), -worth)
    record = replace(
        record,
        parameters=replace(record.parameters, targets=targets),
        version=record.version + 1,
        pending=RebalanceReason.CHANGE.value if record.state is not State.WAITING else record.pending,
    )
    if record.state is State.HALTED:
        former = record.former_state or State.RUNNING
        keeps_waiting = former is State.WAITING
        record = replace(record, state=former, former_state=None, halt=None, reason="")
        if keeps_waiting:
            record = replace(record, pending="")
    hodl = _lessened_hodl(account, strategy, worth) if same else _changed_hodl(account, strategy, targets)
    with account.change(*(release(now, strategy.id, a, n) for a, n in sorted(leaving.items()))) as store:
        account.save(record)
        rows = [replace(row, key=store.save_transfer(row)) for row in rows]
        store.save_results(strategy.id, results)
        if hodl is not None:
            store.save_hodl(strategy.id, hodl)
    strategy.record = record
    strategy.flow_out(now, worth)
    strategy.results.update(results)
    if hodl is not None:
        strategy.hodl = hodl
    for asset in leaving:
        strategy.costs.pop(asset, None)
    for row in rows:
        account.emit(TransferBooked(account.name, row))
    if record.state is State.BUILDING:
        strategy.ask(RebalanceReason.BUILD)
    elif record.state is State.RUNNING:
        strategy.ask(RebalanceReason.CHANGE)
    account.note(strategy, "version", f"{strategy.name}, version {record.version}: {words}.")
    for row in rows:
        text = f"{plain(row.amount)} {row.asset} cannot be sold and went back to the free pool."
        account.note(strategy, "dust", f"{strategy.name}: {text}")
    account.value_one(strategy)


def _refuse_too_large(
    account: Account, strategy: StrategyRuntime, targets: tuple[Target, ...], leaving: dict[str, Decimal]
) -> None:
    account.value_one(strategy)
    if strategy.snapshot is not None:
        refuse_too_large_from(account, "weights", changed_snapshot(account, strategy.snapshot, targets, leaving))


def left_over(account: Account, strategy: StrategyRuntime) -> tuple[str, ...]:
    """Coins that are no longer in the portfolio and still held."""
    out = {strategy.record.parameters.quote, *strategy.record.parameters.assets}
    return tuple(asset for asset in sorted(account.wallet.strategy_assets(strategy.id)) if asset not in out)


def release_dust(account: Account, strategy: StrategyRuntime) -> None:
    """After a change was traded: what is left of coins that are out and too small for any order goes to the free pool."""
    now, quote = account.venue.clock.now(), strategy.record.parameters.quote
    dust = {}
    for asset in left_over(account, strategy):
        held, symbol = account.wallet.strategy(strategy.id, asset), symbol_of(asset, quote)
        market, price = account.rules.get(symbol), account.quotes.get(symbol)
        if market is None or price is None or not account.is_open(symbol):
            continue
        if is_dust(market, floor_to_step(min(held, market.max_quantity), market.step_size), price.bid):
            dust[asset] = held
    if not dust:
        return
    rows = [
        TransferRow(0, now, strategy.id, TransferKind.RELEASED, a, n, account.last_worth(a, n, quote))
        for a, n in dust.items()
    ]
    worth = total(row.value for row in rows)
    results = strategy.results_after(account.holdings(strategy), [(r.asset, r.amount, r.value) for r in rows])
    record = account.flow(strategy.record, account.fair_value(strategy), -worth)
    with account.change(*(release(now, strategy.id, a, n) for a, n in dust.items())) as store:
        account.save(record)
        rows = [replace(row, key=store.save_transfer(row)) for row in rows]
        store.save_results(strategy.id, results)
    strategy.record = record
    strategy.flow_out(now, worth)
    strategy.results.update(results)
    for row in rows:
        strategy.costs.pop(row.asset, None)
        account.emit(TransferBooked(account.name, row))
    coins = ", ".join(f"{plain(n)} {a}" for a, n in dust.items())
    account.note(strategy, "dust", f"{strategy.name}: too little to sell, given back to the free pool: {coins}.")
    account.value_one(strategy)


def _worth_that_stays(account: Account, strategy: StrategyRuntime, targets: tuple[Target, ...]) -> Decimal:
    quote, leaving = strategy.record.parameters.quote, released_by(account, strategy, targets)
    gone = total(account.last_worth(asset, amount, quote) for asset, amount in leaving.items())
    return account.fair_value(strategy) - gone


def _changed_hodl(
    account: Account, strategy: StrategyRuntime, targets: tuple[Target, ...]
) -> dict[str, Decimal] | None:
    """The line makes the change too; a coin that has no price any more leaves it as it left the strategy."""
    if not strategy.hodl:
        return None
    quote = strategy.record.parameters.quote
    priced = {a: n for a, n in strategy.hodl.items() if can_be_priced(account, [a], quote)}
    return hodl_rebalance(priced, ZERO, targets, quote, account.quotes, account.fees)


def _lessened_hodl(account: Account, strategy: StrategyRuntime, worth: Decimal) -> dict[str, Decimal] | None:
    """The line sold the coin when it left the portfolio; ``worth`` (quote units) goes out of what it has instead."""
    quote = strategy.record.parameters.quote
    if not strategy.hodl or not can_be_priced(account, [*strategy.hodl], quote):
        return None
    return hodl_removal(strategy.hodl, worth, quote, account.quotes, account.fees)


def edit(account: Account, strategy: StrategyRuntime, wanted: StrategyParameters) -> None:
    """Another name, rule, trigger (while it waits), stop-loss, take-profit or Sell all. Raises InvalidInput."""
    wanted = checked_edit(account, strategy, wanted)
    if starts_with(strategy, wanted):
        account.value_one(strategy)
        refuse_too_large_from(account, "trigger", strategy.snapshot)
    record, present = strategy.record, strategy.record.parameters
    words = edit_words(present, wanted)
    edited = replace(record, parameters=wanted, version=record.version + 1)
    if _grid_of(wanted.rule) != _grid_of(present.rule) and record.started_at is not None:
        edited = replace(edited, grid_from=account.venue.clock.now(), last_tick=0)
    if starts_with(strategy, wanted):
        start(account, strategy, edited)
    else:
        set_state(account, strategy, edited)
    for watch in Watch:
        if getattr(wanted, watch.value) != getattr(present, watch.value):
            strategy.confirmations.pop(watch, None)
            strategy.late[watch] = False
    account.note(strategy, "version", f"{strategy.name}, version {edited.version}: {words}.")


def checked_edit(account: Account, strategy: StrategyRuntime, wanted: StrategyParameters) -> StrategyParameters:
    """``wanted`` as ``edit`` would store it: the name without spaces around it, the trigger with its direction.

    Raises InvalidInput when the strategy cannot have these parameters now; nothing is changed.
    """
    _refuse_other_kind(strategy, wanted)
    record, present = strategy.record, strategy.record.parameters
    waits = State.WAITING in {record.state, record.former_state}
    wanted = replace(wanted, name=wanted.name.strip(), trigger=_trigger(account, present, wanted, waits=waits))
    _refuse_edit(account, strategy, wanted, waits=waits)
    if starts_with(strategy, wanted):
        _refuse_start(account, strategy)
    return wanted


def starts_with(strategy: StrategyRuntime, wanted: StrategyParameters) -> bool:
    """Whether ``edit`` would begin the first build: it waits for its trigger and ``wanted`` has none."""
    return wanted.trigger is None and State.WAITING in {strategy.record.state, strategy.record.former_state}


def _refuse_other_kind(strategy: StrategyRuntime, wanted: StrategyParameters) -> None:
    record, present = strategy.record, strategy.record.parameters
    if record.state in {State.STOPPING, State.ENDED}:
        raise InvalidInput("", f"{strategy.name} is {record.state.value.lower()}: it cannot be edited any more.")
    if wanted.targets != present.targets:
        raise InvalidInput("coins", "Coins and weights are changed by Change coins, not here.")
    if wanted.quote != present.quote:
        raise InvalidInput(
            "quote", f"The money of a strategy cannot be changed: {strategy.name} is held in {present.quote}."
        )
    if wanted.investment != present.investment:
        raise InvalidInput("investment", "The investment is changed by Add funds and Remove funds, not here.")


def _refuse_start(account: Account, strategy: StrategyRuntime) -> None:
    """Without its trigger a waiting strategy starts now: it must be able to."""
    if strategy.record.state is State.HALTED:
        raise InvalidInput(
            "trigger", f"{strategy.name} is halted: resume it first, then its trigger can be taken away."
        )
    if account.stop_all:
        raise InvalidInput("trigger", "Stop all is on: press Resume trading first.")
    if not can_be_priced(account, strategy.record.parameters.assets, strategy.record.parameters.quote):
        raise InvalidInput(
            "trigger", "Without a trigger it starts at once, and there is no good price for every coin now."
        )
    if not enough_to_start(account, strategy):
        raise InvalidInput("trigger", "Without a trigger it starts at once, and its money is too little for that now.")


def _refuse_edit(account: Account, strategy: StrategyRuntime, wanted: StrategyParameters, *, waits: bool) -> None:
    present = strategy.record.parameters
    problems = [
        *problems_with_name(wanted.name, taken_names(account, strategy.id)),
        *problems_with_rule(wanted.rule),
        *problems_with_levels(
            _only_changed(present, wanted),
            last_prices(account.quotes),
            waiting=waits,
            returned=strategy.returned() or ZERO,
        ),
    ]
    if problems:
        raise InvalidInput(problems[0].field, problems[0].message)
    if wanted == present:
        raise InvalidInput("", "Nothing was changed.")


def _trigger(
    account: Account, present: StrategyParameters, wanted: StrategyParameters, *, waits: bool
) -> Trigger | None:
    """The trigger that holds after the edit, its direction from the present price where it is another one."""
    if not waits:
        if wanted.trigger is not None and not _same_trigger(wanted.trigger, present.trigger):
            raise InvalidInput("trigger", "It has started already, so its trigger cannot be changed.")
        return present.trigger
    if wanted.trigger is None or _same_trigger(wanted.trigger, present.trigger):
        return present.trigger if wanted.trigger is not None else None
    price = last_prices(account.quotes).get(wanted.trigger.symbol)
    return with_direction(wanted.trigger, price) if price is not None else wanted.trigger


def _same_trigger(one: Trigger, other: Trigger | None) -> bool:
    return other is not None and (one.symbol, one.price) == (other.symbol, other.price)


def _only_changed(present: StrategyParameters, wanted: StrategyParameters) -> StrategyParameters:
    """A level that stays is not judged again: it may be about to fire, and that is its job."""
    return replace(
        wanted,
        trigger=wanted.trigger if wanted.trigger != present.trigger else None,
        stop_loss=wanted.stop_loss if wanted.stop_loss != present.stop_loss else None,
        take_profit=wanted.take_profit if wanted.take_profit != present.take_profit else None,
    )


def _grid_of(rule: Rule) -> object:
    return rule.interval if isinstance(rule, TimeRule) else None


def change_words(before: tuple[Target, ...], after: tuple[Target, ...]) -> str:
    """What changed in coins and weights: ``BTC 50 -> 40 %, SOL new 20 %, XRP out``."""
    old, new = {t.asset: t.weight for t in before}, {t.asset: t.weight for t in after}
    parts = []
    for asset, weight in new.items():
        if asset not in old:
            parts.append(f"{asset} new {plain(weight)} %")
        elif old[asset] != weight:
            parts.append(f"{asset} {plain(old[asset])} -> {plain(weight)} %")
    parts += [f"{asset} out" for asset in old if asset not in new]
    return ", ".join(parts) or "the same coins in another order"


def edit_words(before: StrategyParameters, after: StrategyParameters) -> str:
    """What changed apart from coins, in one sentence without its point."""
    parts = []
    if before.name != after.name:
        parts.append(f"name {before.name} -> {after.name}")
    if before.rule != after.rule:
        parts.append(f"rule {rule_words(before.rule)} -> {rule_words(after.rule)}")
    for watch in (Watch.TRIGGER, Watch.STOP_LOSS, Watch.TAKE_PROFIT):
        old: Trigger | Level | None = getattr(before, watch.value)
        new: Trigger | Level | None = getattr(after, watch.value)
        if old != new:
            parts.append(_changed_level(watch, level_words(watch, new, after.quote) if new is not None else "none"))
    if before.sell_all_on_stop != after.sell_all_on_stop:
        parts.append("sell all coins on stop on" if after.sell_all_on_stop else "sell all coins on stop off")
    return ", ".join(parts)


def _changed_level(watch: Watch, said: str) -> str:
    if watch is Watch.TRIGGER:
        return f"trigger {said}"
    return f"stop-loss {said}" if watch is Watch.STOP_LOSS else f"take-profit {said}"


def rule_words(rule: Rule) -> str:
    """``by coin ratio 5 %, every 2 s``; ``by time every 86400 s over 0.5 %``."""
    if isinstance(rule, RatioRule):
        return f"by coin ratio {plain(rule.threshold)} %, every {rule.check_period.total_seconds():g} s"
    if isinstance(rule, BandRule):
        return f"by auto band, every {rule.check_period.total_seconds():g} s"
    return f"by time every {rule.interval.total_seconds():g} s over {plain(rule.gate)} %"
