"""What every venue adapter must do. A subclass named ``Test...`` gives ``bench`` and inherits the tests.

The account behind the bench holds more of base and quote of ``symbol`` than its whole order book asks for, and nobody but
the test trades on it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from rebalancer_gui.application.ports import Venue
from rebalancer_gui.domain.market import BookLevel, MarketRules, MarketStatus
from rebalancer_gui.domain.money import ZERO, ceil_to_step, floor_to_step, on_grid, total
from rebalancer_gui.domain.orders import (
    Accepted,
    Fill,
    OrderRequest,
    OrderType,
    Rejected,
    Side,
    Unknown,
    VenueOrder,
    VenueOrderStatus,
)

SIDES = pytest.mark.parametrize("side", list(Side))
TYPES = pytest.mark.parametrize("order_type", list(OrderType))
NONSENSE = ("NaN", "sNaN", "Infinity", "-1", "0", "-0", "1E+999", "1E-999", "7." + "3" * 60)
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


class VenueContract:
    """The tests."""

    def bench(self, *, poor: bool) -> AbstractAsyncContextManager[Bench]:
        """A fresh one for each test; ``poor`` = the account holds 100 quote units and nothing else."""
        raise AssertionError("the subclass gives the bench")

    def _run(self, body: Callable[[Bench], Coroutine[Any, Any, None]], *, poor: bool = False) -> None:
        async def with_bench() -> None:
            async with self.bench(poor=poor) as bench:
                await body(bench)

        asyncio.run(with_bench())

    # ---------------------------------------------------------------------------------------------- what can be read

    def test_rules_are_such_that_a_legal_order_exists(self):
        async def body(bench: Bench) -> None:
            markets = await bench.venue.markets()
            assert markets[bench.closed_symbol].status is not MarketStatus.TRADING
            for symbol, rules in markets.items():
                assert symbol == rules.symbol
                assert rules.quote in bench.venue.quote_assets
                assert rules.tick_size > ZERO
                assert rules.step_size > ZERO
                assert ZERO <= rules.min_quantity <= rules.max_quantity
                assert rules.min_notional >= ZERO
            quote = await bench.venue.quote(bench.symbol)
            rules = markets[bench.symbol]
            assert rules.fault_of(rules.smallest_quantity(quote.ask), quote.ask) is None

        self._run(body)

    def test_batches_come_in_order_with_good_quotes_on_the_grid(self):
        async def body(bench: Bench) -> None:
            markets, batches = await bench.venue.markets(), bench.venue.batches()
            seen = [await anext(batches) for _ in range(3)]
            assert [b.at for b in seen] == sorted({b.at for b in seen})
            for batch in seen:
                assert bench.symbol in batch.quotes
                assert bench.closed_symbol not in batch.quotes
                assert batch.spacing.total_seconds() > 0
                for symbol, quote in batch.quotes.items():
                    assert quote.symbol == symbol
                    assert quote.fault(bench.venue.clock.now(), bench.venue.stale_after) is None
                    assert ZERO < quote.bid < quote.ask
                    assert quote.bid <= quote.last <= quote.ask
                    assert on_grid(quote.bid, markets[symbol].tick_size)
                    assert on_grid(quote.ask, markets[symbol].tick_size)

        self._run(body)

    def test_the_book_is_sorted_on_the_grids_and_agrees_with_the_quote(self):
        async def body(bench: Bench) -> None:
            rules = (await bench.venue.markets())[bench.symbol]
            book, quote = await bench.venue.order_book(bench.symbol), await bench.venue.quote(bench.symbol)
            assert (book.bids[0].price, book.asks[0].price) == (quote.bid, quote.ask)
            assert _prices(book.asks) == sorted(set(_prices(book.asks)))
            assert _prices(book.bids) == sorted(set(_prices(book.bids)), reverse=True)
            for level in (*book.bids, *book.asks):
                assert level.price > ZERO
                assert level.quantity > ZERO
                assert on_grid(level.price, rules.tick_size)
                assert on_grid(level.quantity, rules.step_size)

        self._run(body)

    # ------------------------------------------------------------------------------------------------------- filling

    @SIDES
    def test_a_small_limit_order_at_the_best_price_fills_whole(self, side: Side):
        async def body(bench: Bench) -> None:
            request = await _small_order(bench, side, OrderType.LIMIT_IOC)
            order = await _accepted(bench, request)
            assert order.status is VenueOrderStatus.FILLED
            assert order.filled == request.quantity == total(f.quantity for f in order.fills)
            assert {f.price for f in order.fills} == {request.limit_price}

        self._run(body)

    @SIDES
    def test_a_large_limit_order_fills_partly_at_no_worse_price_and_expires(self, side: Side):
        async def body(bench: Bench) -> None:
            levels = await _levels(bench, side)
            reachable = levels[: max(1, len(levels) // 2)]
            limit = reachable[-1].price
            request = await _order(bench, side, total(level.quantity for level in reachable) * 2, limit)
            order = await _accepted(bench, request)
            assert order.status is VenueOrderStatus.EXPIRED
            assert ZERO < order.filled < request.quantity
            assert order.filled == total(f.quantity for f in order.fills)
            for fill in order.fills:
                assert fill.price <= limit if side is Side.BUY else fill.price >= limit

        self._run(body)

    @SIDES
    def test_a_limit_order_away_from_the_market_expires_unfilled_and_changes_nothing(self, side: Side):
        async def body(bench: Bench) -> None:
            quote = await bench.venue.quote(bench.symbol)
            rules = (await bench.venue.markets())[bench.symbol]
            away = quote.bid * Decimal("0.9") if side is Side.BUY else quote.ask * Decimal("1.1")
            price = floor_to_step(away, rules.tick_size)
            before = await _all_balances(bench)
            order = await _accepted(bench, await _order(bench, side, rules.smallest_quantity(price) * 2, price))
            assert (order.status, order.filled, order.fills) == (VenueOrderStatus.EXPIRED, ZERO, ())
            assert await _all_balances(bench) == before

        self._run(body)

    @SIDES
    def test_a_market_order_walks_the_book_level_by_level(self, side: Side):
        async def body(bench: Bench) -> None:
            levels = await _levels(bench, side)
            rules = (await bench.venue.markets())[bench.symbol]
            quantity = levels[0].quantity + ceil_to_step(levels[1].quantity / 2, rules.step_size)
            order = await _accepted(bench, await _order(bench, side, quantity, None))
            assert order.status is VenueOrderStatus.FILLED
            assert _prices(levels[:2]) == [f.price for f in order.fills]
            assert [f.quantity for f in order.fills] == [levels[0].quantity, quantity - levels[0].quantity]

        self._run(body)

    @SIDES
    def test_what_the_book_cannot_fill_of_a_market_order_expires(self, side: Side):
        async def body(bench: Bench) -> None:
            there = total(level.quantity for level in await _levels(bench, side))
            order = await _accepted(bench, await _order(bench, side, there * 2, None))
            assert order.status is VenueOrderStatus.EXPIRED
            assert order.filled == there

        self._run(body)

    # -------------------------------------------------------------------------------------------------- money, trades

    @SIDES
    @TYPES
    def test_balances_change_by_the_trades_and_their_fees_exactly(self, side: Side, order_type: OrderType):
        async def body(bench: Bench) -> None:
            before = await _totals(bench)
            levels = await _levels(bench, side)
            limit = levels[2].price if order_type is OrderType.LIMIT_IOC else None
            quantity = total(level.quantity for level in levels[:3])
            order = await _accepted(bench, await _order(bench, side, quantity, limit))
            assert order.fills
            assert await _totals(bench) == _after(before, order.fills)
            assert all(balance.locked == ZERO for balance in (await bench.venue.balances()).values())

        self._run(body)

    @SIDES
    def test_the_fee_is_the_accounts_rate_of_what_was_received_or_paid(self, side: Side):
        async def body(bench: Bench) -> None:
            fees = await bench.venue.fees()
            order = await _accepted(bench, await _small_order(bench, side, OrderType.MARKET))
            base, quote = bench.symbol.split("/")
            for fill in order.fills:
                assert fill.fee_asset in {base, quote}
                charged_on = fill.quantity if fill.fee_asset == base else fill.value
                exact = charged_on * fees.taker_rate
                assert exact <= fill.fee < exact + Decimal("0.00000001")

        self._run(body)

    def test_trade_ids_are_unique(self):
        async def body(bench: Bench) -> None:
            ids: list[str] = []
            for number, side in enumerate([Side.BUY, Side.SELL, Side.BUY, Side.SELL]):
                levels = await _levels(bench, side)
                request = await _order(bench, side, levels[0].quantity + levels[1].quantity, None, f"many-{number}")
                ids += [f.trade_id for f in (await _accepted(bench, request)).fills]
                await bench.move_on()
            assert len(ids) == len(set(ids)) >= 8

        self._run(body)

    # ------------------------------------------------------------------------------------------------------- looking up

    @TYPES
    def test_an_order_is_found_by_our_own_id_with_its_fills(self, order_type: OrderType):
        async def body(bench: Bench) -> None:
            request = await _small_order(bench, Side.BUY, order_type)
            order = await _accepted(bench, request)
            await bench.move_on()
            assert await bench.venue.find_order(request.symbol, request.client_order_id) == order

        self._run(body)

    def test_an_order_that_never_was_is_not_found(self):
        async def body(bench: Bench) -> None:
            request = await _small_order(bench, Side.BUY, OrderType.LIMIT_IOC)
            await _accepted(bench, request)
            assert await bench.venue.find_order(bench.symbol, "rbnoorder000000001") is None
            assert await bench.venue.find_order(bench.other_symbol, request.client_order_id) is None

        self._run(body)

    # -------------------------------------------------------------------------------------------------------- refusals

    @pytest.mark.parametrize(
        "case",
        (
            "unknown symbol", "closed market", "off the step", "off the tick", "under the smallest quantity",
            "over the largest quantity", "over the largest market quantity", "under the smallest value",
            "market order under the smallest value", "over the largest value", "more base than there is",
            "more quote than there is", "a market buy that cannot be paid",
        ),
    )  # fmt: skip
    def test_a_refused_order_changes_nothing(self, case: str):
        async def body(bench: Bench) -> None:
            request = await _refused_order(bench, case)
            before = await _all_balances(bench)
            book = await bench.venue.order_book(bench.symbol)
            outcome = await bench.venue.submit(request)
            assert isinstance(outcome, Rejected), f"{case}: {outcome}"
            assert outcome.reason
            assert await _all_balances(bench) == before
            assert await bench.venue.order_book(bench.symbol) == book
            assert await bench.venue.find_order(request.symbol, request.client_order_id) is None
            await _accepted(bench, await _small_order(bench, Side.BUY, OrderType.LIMIT_IOC))

        self._run(body, poor=case in NEEDS_A_POOR_ACCOUNT)

    @pytest.mark.parametrize("quantity", NONSENSE)
    def test_nonsense_is_refused_and_never_raised(self, quantity: str):
        async def body(bench: Bench) -> None:
            before = await _all_balances(bench)
            for order_type, price in itertools.product(OrderType, (None, *NONSENSE)):
                limit = None if price is None else Decimal(price)
                request = OrderRequest("nonsense-1", bench.symbol, Side.SELL, order_type, Decimal(quantity), limit)
                assert isinstance(await bench.venue.submit(request), Rejected)
            assert await _all_balances(bench) == before

        self._run(body)

    def test_closing_twice_is_harmless(self):
        async def body(bench: Bench) -> None:
            await bench.venue.close()
            await bench.venue.close()

        self._run(body)


class UniqueIdsContract(VenueContract):
    """For a venue that knows every client order id it ever saw."""

    def test_a_client_order_id_is_never_executed_twice(self):
        async def body(bench: Bench) -> None:
            request = await _small_order(bench, Side.BUY, OrderType.LIMIT_IOC)
            first = await _accepted(bench, request)
            await bench.move_on()
            before = await _all_balances(bench)
            for again in (request, replace(request, side=Side.SELL), replace(request, symbol=bench.other_symbol)):
                outcome = await bench.venue.submit(again)
                assert isinstance(outcome, Unknown), "evidence that it exists, no proof that nothing happened"
            assert await _all_balances(bench) == before
            assert await bench.venue.find_order(request.symbol, request.client_order_id) == first

        self._run(body)


# ------------------------------------------------------------------------------------------------------------- helpers


def _prices(levels: Sequence[BookLevel]) -> list[Decimal]:
    return [level.price for level in levels]


async def _levels(bench: Bench, side: Side) -> Sequence[BookLevel]:
    book = await bench.venue.order_book(bench.symbol)
    return book.asks if side is Side.BUY else book.bids


async def _order(
    bench: Bench, side: Side, quantity: Decimal, limit: Decimal | None, cid: str = "contract-1"
) -> OrderRequest:
    """As large as asked, as far as the market allows."""
    rules = (await bench.venue.markets())[bench.symbol]
    largest = rules.max_quantity
    if limit is None and rules.market_max_quantity is not None:
        largest = min(largest, rules.market_max_quantity)
    cut = floor_to_step(min(quantity, largest), rules.step_size)
    order_type = OrderType.MARKET if limit is None else OrderType.LIMIT_IOC
    return OrderRequest(cid, bench.symbol, side, order_type, cut, limit)


async def _small_order(bench: Bench, side: Side, order_type: OrderType) -> OrderRequest:
    """The smallest legal order at the best price, with room for the average that a Market order is judged by."""
    best = (await _levels(bench, side))[0].price
    rules = (await bench.venue.markets())[bench.symbol]
    limit = best if order_type is OrderType.LIMIT_IOC else None
    return await _order(bench, side, rules.smallest_quantity(best) * 2, limit, f"small-{side.value}-{order_type.name}")


async def _accepted(bench: Bench, request: OrderRequest) -> VenueOrder:
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


async def _all_balances(bench: Bench) -> object:
    return dict(await bench.venue.balances())


async def _totals(bench: Bench) -> Totals:
    return {asset: balance.total for asset, balance in (await bench.venue.balances()).items()}


def _after(before: Totals, fills: Sequence[Fill]) -> Totals:
    after = dict(before)
    for fill in fills:
        base, quote = fill.symbol.split("/")
        sign = 1 if fill.side is Side.BUY else -1
        for asset, amount in ((base, sign * fill.quantity), (quote, -sign * fill.value), (fill.fee_asset, -fill.fee)):
            after[asset] = after.get(asset, ZERO) + amount
    return {asset: amount for asset, amount in after.items() if amount != ZERO}


async def _refused_order(bench: Bench, case: str) -> OrderRequest:
    rules = (await bench.venue.markets())[bench.symbol]
    good = await _small_order(bench, Side.BUY, OrderType.LIMIT_IOC)
    good = replace(good, client_order_id="refused-1")
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
        quantity = ceil_to_step((await _totals(bench))[rules.quote] / good.limit_price, rules.step_size) * 2
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
