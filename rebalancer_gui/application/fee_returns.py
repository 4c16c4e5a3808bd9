"""What a trade's fee comes to: the coins' cost, and Pay fees with BNB (BEHAVIOUR.md section 8).

The ledger's booking is committed first; then the paper venue is told to do the same. It does so once per trade, so what a
crash cut between the two is told again at the next start, and what its file could not take at the next check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.application.account import BNB_FEES_KEY, Account
from rebalancer_gui.application.events import FeeBooked
from rebalancer_gui.application.records import FeeRow
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.coin_result import NO_RESULT, CoinResult, after_fill
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from rebalancer_gui.domain.fee_return import BNB, FeeReturn, return_fee, third_asset_fee
from rebalancer_gui.domain.ledger import FREE, Entry
from rebalancer_gui.domain.market import Quote, symbol_of
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, Side
from rebalancer_gui.domain.performance import cost_after

SWITCHED_OFF = "Pay fees with BNB is off"
TAKEN = "taken by the exchange"
BEHIND = "no refund: the account's file could not yet take an earlier one"
UNBOOKED = "no refund: money that went or came outside is just being booked"
RECENT = 200
"""So many of the newest rows are told to the venue again at a start: more than one rebalance can have left."""


@dataclass(frozen=True, slots=True)
class FillEffects:
    """What goes with new fills into their transaction, and into memory after it."""

    entries: tuple[Entry, ...]
    rows: tuple[FeeRow, ...]
    costs: dict[str, Decimal | None]
    results: dict[str, CoinResult]


def effects_of(account: Account, strategy: StrategyRuntime, fills: Sequence[Fill], now: datetime) -> FillEffects:
    """Fee rows, returned fees and the coins' costs after ``fills``, which are not booked yet."""
    quote = strategy.record.parameters.quote
    held = account.holdings(strategy)
    costs: dict[str, Decimal | None] = {}
    results: dict[str, CoinResult] = {}
    entries: list[Entry] = []
    rows: list[FeeRow] = []
    free_bnb = account.wallet.balance(FREE, BNB)
    for fill in fills:
        base = fill.symbol.removesuffix(f"/{quote}")
        before = held.get(base, ZERO)
        known = costs[base] if base in costs else strategy.costs.get(base)
        costs[base] = cost_after(known, before, fill, quote)
        so_far = results[base] if base in results else strategy.results.get(base, NO_RESULT)
        results[base] = after_fill(so_far, before, fill, quote)
        kept = fill.fee if fill.fee_asset == base else ZERO
        held[base] = before + (fill.quantity - kept if fill.side is Side.BUY else -fill.quantity - kept)
        if fill.fee == ZERO:
            continue
        returned = _returned(account, fill, quote, free_bnb, now)
        if returned.entry is not None:
            entries.append(returned.entry)
            free_bnb -= returned.bnb_paid
            if fill.fee_asset == BNB:
                free_bnb += returned.refunded
        rows.append(_row(strategy, fill, returned, now))
    return FillEffects(tuple(entries), tuple(rows), costs, results)


def store_effects(account: Account, strategy: StrategyRuntime, effects: FillEffects) -> tuple[FeeRow, ...]:
    """Inside the transaction that stores the fills; answers the rows with their keys."""
    store = account.store
    if effects.costs:
        store.save_costs(strategy.id, effects.costs)
        store.save_results(strategy.id, effects.results)
    return tuple(replace(row, key=store.save_fee_return(row)) for row in effects.rows)


def apply_effects(account: Account, strategy: StrategyRuntime, effects: FillEffects, rows: Sequence[FeeRow]) -> None:
    """After the transaction: memory, the venue, and who listens."""
    strategy.costs.update(effects.costs)
    strategy.results.update(effects.results)
    paid, back = strategy.pool_fees
    strategy.pool_fees = (
        paid + sum((row.paid_value for row in rows), ZERO),
        back + sum((row.refunded_value for row in rows), ZERO),
    )
    account.untold_fees += rows
    for row in rows:
        account.emit(FeeBooked(account.name, row))
    tell_venue(account)


def tell_venue(account: Account) -> None:
    """The paper venue books returned fees too; a trade whose fee it has returned already is left as it is.

    What its file cannot take now is said and kept in ``account.untold_fees``, oldest first: it is tried at each check.
    """
    rows, paper = account.untold_fees, account.setup.paper
    while rows:
        row = rows[0]
        if row.refunded > ZERO and paper is not None:
            try:
                paper.return_fee(row.trade_id, row.bnb_paid)
            except EnvironmentProblem as problem:
                words = f"A fee could not be returned yet and is tried again at each check: {problem.message}"
                account.note(None, "fees", words)
                return
        del rows[0]


def tell_again(account: Account) -> None:
    """At a start: what was booked here just before a crash may not have reached the venue."""
    if account.setup.paper is not None:
        account.untold_fees = list(reversed(account.store.fees(None, None, RECENT)))
        tell_venue(account)


def _returned(account: Account, fill: Fill, quote: str, free_bnb: Decimal, now: datetime) -> FeeReturn:
    if fill.fee_asset not in fill.symbol.split("/"):
        price = _good_price(account, fill.fee_asset, quote, now)
        return third_asset_fee(fill, price, account.fees.standard_rate, now)
    if account.setup.paper is None:
        return FeeReturn(fill.trade_id, ZERO, ZERO, ZERO, TAKEN, None)
    if not account.pay_fees_with_bnb:
        return FeeReturn(fill.trade_id, ZERO, ZERO, ZERO, SWITCHED_OFF, None)
    if account.untold_fees:
        return FeeReturn(fill.trade_id, ZERO, ZERO, ZERO, BEHIND, None)
    if account.unbooked_transfer:
        return FeeReturn(fill.trade_id, ZERO, ZERO, ZERO, UNBOOKED, None)
    return return_fee(fill, quote, free_bnb, _good_price(account, BNB, quote, now), now)


def _good_price(account: Account, asset: str, quote: str, now: datetime) -> Quote | None:
    symbol = symbol_of(asset, quote)
    price = account.quotes.get(symbol)
    good = price is not None and account.is_open(symbol) and price.fault(now, account.venue.stale_after) is None
    return price if good else None


def _row(strategy: StrategyRuntime, fill: Fill, returned: FeeReturn, now: datetime) -> FeeRow:
    return FeeRow(
        key=0,
        at=now,
        strategy_id=strategy.id,
        trade_id=fill.trade_id,
        symbol=fill.symbol,
        fee_asset=fill.fee_asset,
        fee=fill.fee,
        refunded=returned.refunded,
        bnb_paid=returned.bnb_paid,
        saved=returned.saved,
        paid_value=returned.paid_value,
        refunded_value=returned.refunded_value,
        note=returned.note,
    )


def set_pay_fees_with_bnb(account: Account, *, on: bool) -> None:
    """The switch of BEHAVIOUR.md section 8. Raises InvalidInput where it is not known."""
    if account.setup.paper is None:
        raise InvalidInput("", "Paying fees with BNB is only known for the paper account here.")
    if account.pay_fees_with_bnb == on:
        return
    with account.change() as store:
        store.set_value(BNB_FEES_KEY, "1" if on else "")
    account.pay_fees_with_bnb = on
    account.note(None, "user", f"Pay fees with BNB was switched {'on' if on else 'off'}.")
