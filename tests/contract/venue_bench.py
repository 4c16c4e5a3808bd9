"""The bench of the venue contract, and the orders its tests are made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from rebalancer_gui.application.ports import Venue
from rebalancer_gui.domain.market import BookLevel, MarketRules
from rebalancer_gui.domain.money import ZERO, ceil_to_step, floor_to_step
from rebalancer_gui.domain.orders import Accepted, Fill, OrderRequest, OrderType, Side, VenueOrder

NEEDS_A_POOR_ACCOUNT = {"more base than there is", "more quote than there is", "a market buy that cannot be paid"}
Totals = Mapping[str, Decimal]


@dataclass(frozen=True)
class Bench:
    """An open venue and what the tests may use of it. ``move_on`` lets the book become whole again."""

    venue: Venue
    symbol: str
    other_symbol: str
    closed_symbol: str
    move_on: Callable[[], Awaitable[None]]


def prices_of(levels: Sequence[BookLevel]) -> list[Decimal]:
    return [level.price for level in levels]


async def levels_of(bench: Bench, side: Side) -> Sequence[BookLevel]:
    book = await bench.venue.order_book(bench.symbol)
    return book.asks if side is Side.BUY else book.bids


async def order_of(
    bench: Bench, side: Side, quantity: Decimal, limit: Decimal | None, cid: str = "contract1"
) -> OrderRequest:
    """As large as asked, as far as the market allows."""
    rules = (await bench.venue.markets())[bench.symbol]
    largest = rules.max_quantity
    if limit is None and rules.market_max_quantity is not None:
        largest = min(largest, rules.market_max_quantity)
    cut = floor_to_step(min(quantity, largest), rules.step_size)
    order_type = OrderType.MARKET if limit is None else OrderType.LIMIT_IOC
    return OrderRequest(cid, bench.symbol, side, order_type, cut, limit)


async def small_order(bench: Bench, side: Side, order_type: OrderType) -> OrderRequest:
    """The smallest legal order at the best price, with room for the average that a Market order is judged by."""
    best = (await levels_of(bench, side))[0].price
    rules = (await bench.venue.markets())[bench.symbol]
    limit = best if order_type is OrderType.LIMIT_IOC else None
    return await order_of(
        bench, side, rules.smallest_quantity(best) * 2, limit, f"small{side.value}{order_type.name[:5]}".lower()
    )


async def accepted(bench: Bench, request: OrderRequest) -> VenueOrder:
    outcome = await bench.venue.submit(request)
    assert isinstance(outcome, Accepted), outcome
    order = outcome.order
    assert order.venue_order_id
    assert order.is_final
    asked = (request.client_order_id, request.symbol, request.side, request.type, request.quantity)
    assert (order.client_order_id, order.symbol, order.side, order.type, order.quantity) == asked
    for fill in order.fills:
        assert (fill.client_order_id, fill.symbol, fill.side) == asked[:3]
        assert fill.quantity > ZERO
        assert fill.fee >= ZERO
    return order


async def all_balances(bench: Bench) -> object:
    return dict(await bench.venue.balances())


async def totals(bench: Bench) -> Totals:
    return {asset: balance.total for asset, balance in (await bench.venue.balances()).items()}


def after_fills(before: Totals, fills: Sequence[Fill]) -> Totals:
    after = dict(before)
    for fill in fills:
        base, quote = fill.symbol.split("/")
        sign = 1 if fill.side is Side.BUY else -1
        for asset, amount in ((base, sign * fill.quantity), (quote, -sign * fill.value), (fill.fee_asset, -fill.fee)):
            after[asset] = after.get(asset, ZERO) + amount
    return {asset: amount for asset, amount in after.items() if amount != ZERO}


async def refused_order(bench: Bench, case: str) -> OrderRequest:
    rules = (await bench.venue.markets())[bench.symbol]
    good = await small_order(bench, Side.BUY, OrderType.LIMIT_IOC)
    good = replace(good, client_order_id="refused1")
    assert good.limit_price is not None
    if case in {"unknown symbol", "closed market"}:
        return replace(good, symbol="NOSUCH/COIN" if case == "unknown symbol" else bench.closed_symbol)
    if case == "off the tick":
        return replace(good, limit_price=good.limit_price + rules.tick_size / 2)
    if case == "market order under the smallest value":
        return replace(good, type=OrderType.MARKET, limit_price=None, quantity=_under_notional(rules, good.limit_price))
    if case == "more base than there is":
        return replace(good, side=Side.SELL)
    if case in NEEDS_A_POOR_ACCOUNT:
        quantity = ceil_to_step((await totals(bench))[rules.quote] / good.limit_price, rules.step_size) * 2
        if case == "more quote than there is":
            return replace(good, quantity=quantity)
        return replace(good, quantity=quantity, type=OrderType.MARKET, limit_price=None)
    return replace(good, side=Side.SELL, **_illegal_size(rules, good.quantity, good.limit_price, case))


def _illegal_size(rules: MarketRules, legal: Decimal, price: Decimal, case: str) -> dict[str, Any]:
    match case:
        case "off the step":
            return {"quantity": legal + rules.step_size / 2}
        case "under the smallest quantity":
            return {"quantity": rules.step_size / 10}
        case "over the largest quantity":
            return {"quantity": rules.max_quantity + rules.step_size}
        case "over the largest market quantity":
            assert rules.market_max_quantity is not None
            quantity = floor_to_step(rules.market_max_quantity, rules.step_size) + rules.step_size
            return {"quantity": quantity, "type": OrderType.MARKET, "limit_price": None}
        case "under the smallest value":
            return {"quantity": _under_notional(rules, price)}
        case "over the largest value":
            assert rules.max_notional is not None
            return {"quantity": ceil_to_step(rules.max_notional / price, rules.step_size) + rules.step_size}
        case _:
            raise AssertionError(case)


def _under_notional(rules: MarketRules, price: Decimal) -> Decimal:
    """The largest quantity that is worth too little."""
    quantity = floor_to_step(rules.min_notional / price * Decimal("0.7"), rules.step_size)
    assert quantity >= rules.min_quantity
    return quantity
