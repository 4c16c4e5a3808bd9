"""A new strategy: its money and coins come out of the free pool, then it is built, or waits for its trigger (sections 5, 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.events import TransferBooked
from rebalancer_gui.application.fee_pool import against_holding
from rebalancer_gui.application.planned import first_snapshot, refuse_too_large_from
from rebalancer_gui.application.records import TransferKind, TransferRow
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.told_costs import TOLD_COST, told_cost_text
from rebalancer_gui.domain.allocation import smallest_investment
from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.creation import last_prices, problems_with
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.ledger import allocate
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import ZERO, plain, total
from rebalancer_gui.domain.performance import hodl_rebalance
from rebalancer_gui.domain.protection import Watch, level_words, with_direction
from rebalancer_gui.domain.strategy import (
    MAX_STRATEGIES,
    HaltKind,
    HeldCoin,
    State,
    StrategyParameters,
    StrategyRecord,
    TradingMode,
)
from rebalancer_gui.domain.triggers import RebalanceReason


def refusal(
    account: Account, parameters: StrategyParameters, held: Sequence[HeldCoin] = (), *, build: bool = True
) -> InvalidInput | None:
    """Why a strategy with ``parameters`` cannot be created now; None when it can."""
    if account.occupied >= MAX_STRATEGIES:
        return InvalidInput("strategies", f"{MAX_STRATEGIES} strategies run on this account: stop one first.")
    if parameters.quote not in account.venue.quote_assets:
        legal = ", ".join(account.venue.quote_assets)
        return InvalidInput("quote", f"{parameters.quote} is not a money of this account: choose {legal}.")
    problems = problems_with(
        parameters,
        taken_names=taken_names(account),
        free=account.wallet.free,
        rules=account.rules,
        quotes=account.quotes,
        held=held,
    )
    if problems:
        return InvalidInput(problems[0].field, problems[0].message)
    if not build and (not held or parameters.trigger is not None):
        return InvalidInput("coins", "Building nothing now needs coins you hold to start with, and no trigger.")
    if account.halted:
        return InvalidInput("", f"The account is halted: {account.halted}")
    if account.stop_all:
        return InvalidInput("", "Stop all is on: press Resume trading first.")
    if account.trading is TradingMode.WATCH:
        return InvalidInput("", account.why_no_orders)
    if account.lost_right and any(s.record.halt is HaltKind.NO_RIGHT for s in account.strategies.values()):
        text = "The account or its key may not trade: give it the right back and resume a halted strategy first."
        return InvalidInput("", text)
    unpriced = [c.asset for c in held if account.worth(c.asset, c.quantity, parameters.quote) is None]
    against = f"There is no good price for {', '.join(unpriced)} now." if unpriced else ""
    if not against and BNB in {*parameters.assets, *(coin.asset for coin in held)}:
        taken = total(coin.quantity for coin in held if coin.asset == BNB)
        against = against_holding(account, parameters.quote, parameters.investment, taken)
    return InvalidInput("coins", against) if against else None


def taken_names(account: Account, but: str = "") -> list[str]:
    """The names of the strategies that are not over, without the one of the id ``but``."""
    standing = (s for s in account.strategies.values() if s.record.state is not State.ENDED and s.id != but)
    return [s.name for s in standing]


def create(
    account: Account, parameters: StrategyParameters, held: Sequence[HeldCoin] = (), *, build: bool = True
) -> StrategyRuntime:
    """Take the investment and the held coins from the free pool. The portfolio is built at the next good prices, or when
    the trigger is reached; without ``build`` it runs as it is. Raises InvalidInput.
    """
    parameters = replace(parameters, name=parameters.name.strip())
    refused = refusal(account, parameters, held, build=build)
    if refused is not None:
        raise refused
    if build:
        refuse_too_large_from(account, "investment", first_snapshot(account, parameters, held))
    account.lost_right = ""  # Nobody is halted for it any more: the next order finds out.
    if parameters.trigger is not None:
        now_at = last_prices(account.quotes)[parameters.trigger.symbol]
        parameters = replace(parameters, trigger=with_direction(parameters.trigger, now_at))
    now, quote = account.venue.clock.now(), parameters.quote
    new_id = account.setup.ids.new_id("s")
    moved = [(quote, parameters.investment, parameters.investment)] if parameters.investment > ZERO else []
    moved += [(c.asset, c.quantity, account.worth(c.asset, c.quantity, quote) or ZERO) for c in held]
    rows = [TransferRow(0, now, new_id, TransferKind.INVESTED, asset, n, worth) for asset, n, worth in moved]
    added = total(row.value for row in rows)
    state = State.BUILDING if build else State.RUNNING
    record = StrategyRecord(
        id=new_id,
        account=account.name,
        parameters=parameters,
        version=1,
        state=State.WAITING if parameters.trigger is not None else state,
        created_at=now,
        started_at=None if build else now,
        pending=RebalanceReason.BUILD.value if build else "",
        growth_base=added,
    )
    costs = {c.asset: c.unit_cost * c.quantity if c.unit_cost is not None else None for c in held}
    results = {row.asset: CoinResult(row.value) for row in rows if row.asset != quote}
    hodl = {} if build else _start_of_hodl(account, parameters, held)
    with account.change(*(allocate(now, new_id, row.asset, row.amount) for row in rows)) as store:
        account.save(record)
        rows = [replace(row, key=store.save_transfer(row)) for row in rows]
        if costs:
            store.save_costs(new_id, costs)
            store.save_results(new_id, results)
        told = told_cost_text(held)
        if told:
            store.set_value(TOLD_COST + new_id, told)
        if hodl:
            store.save_hodl(new_id, hodl)
    if told:
        account.values[TOLD_COST + new_id] = told
    strategy = StrategyRuntime(record, hodl, costs=costs, results=results)
    strategy.flow_in(now, added)
    strategy.watch_from_now()
    account.strategies[new_id] = strategy
    for row in rows:
        account.emit(TransferBooked(account.name, row))
    coins = "".join(f" and {plain(row.amount)} {row.asset}" for row in rows if row.asset != quote)
    account.note(
        strategy, "state", f"{parameters.name} was created with {plain(parameters.investment)} {quote}{coins}."
    )
    if parameters.trigger is not None:
        words = level_words(Watch.TRIGGER, parameters.trigger, quote)
        account.note(strategy, "state", f"{parameters.name} waits for its trigger ({words}); its money is reserved.")
    elif build:
        strategy.ask(RebalanceReason.BUILD)
    else:
        strategy.last_check = now
        account.note(strategy, "state", f"{parameters.name} runs with the coins as they are: nothing was built.")
    account.value_one(strategy)
    return strategy


def enough_to_start(account: Account, strategy: StrategyRuntime) -> bool:
    """Whether what a waiting strategy owns is worth the smallest legal investment now; False without a price of each coin."""
    parameters = strategy.record.parameters
    smallest = smallest_investment(parameters.targets, parameters.quote, account.rules, account.quotes)
    return smallest is not None and account.fair_value(strategy) >= smallest


def start(account: Account, strategy: StrategyRuntime, waited: StrategyRecord) -> None:
    """The waiting is over: build, from prices of this moment. ``waited`` is the record with which it ended.

    Held coins are valued anew, because the start is now: what their price did meanwhile is no profit of the strategy.
    """
    now, quote = account.venue.clock.now(), waited.parameters.quote
    worth = account.fair_value(strategy)
    change = worth - (strategy.added - strategy.removed)
    record = replace(
        waited, state=State.BUILDING, pending=RebalanceReason.BUILD.value, growth_base=worth, growth=Decimal(1)
    )
    row = TransferRow(0, now, strategy.id, TransferKind.REVALUED, quote, abs(change), change)
    results = {
        asset: CoinResult(account.last_worth(asset, amount, quote))
        for asset, amount in account.holdings(strategy).items()
        if asset != quote
    }
    with account.change() as store:
        account.save(record)
        if change != ZERO:
            row = replace(row, key=store.save_transfer(row))
        store.save_results(strategy.id, results)
    strategy.record = record
    strategy.results.update(results)
    strategy.flow_in(now, change)
    if change != ZERO:
        account.emit(TransferBooked(account.name, row))
    strategy.ask(RebalanceReason.BUILD)


def _start_of_hodl(account: Account, parameters: StrategyParameters, held: Sequence[HeldCoin]) -> dict[str, Decimal]:
    units = {coin.asset: coin.quantity for coin in held}
    for symbol in parameters.symbols:
        if symbol not in account.quotes:
            raise InvalidInput("coins", f"There is no price of {symbol} now.")
    return hodl_rebalance(
        units, parameters.investment, parameters.targets, parameters.quote, account.quotes, account.fees
    )


def can_be_priced(account: Account, assets: Sequence[str], quote: str) -> bool:
    """Whether every coin has a usable quote now."""
    found = (account.quotes.get(symbol_of(asset, quote)) for asset in assets)
    return all(q is not None and q.fault(q.at, None) is None for q in found)
