"""What every venue adapter must do. A subclass named ``Test...`` gives ``bench`` and inherits the tests.

The account behind the bench holds more of base and quote of ``symbol`` than its whole order book asks for, and nobody but
the test trades on it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.money import ZERO, ceil_to_step, floor_to_step, on_grid, total
from rebalancer_gui.domain.orders import (
    OrderRequest,
    OrderType,
    Rejected,
    Side,
    Unknown,
    VenueOrderStatus,
)
from tests.contract.venue_bench import (
    NEEDS_A_POOR_ACCOUNT,
    Bench,
    accepted,
    after_fills,
    all_balances,
    levels_of,
    order_of,
    prices_of,
    refused_order,
    small_order,
    totals,
)

SIDES = pytest.mark.parametrize("side", list(Side))
TYPES = pytest.mark.parametrize("order_type", list(OrderType))
NONSENSE = ("NaN", "sNaN", "Infinity", "-1", "0", "-0", "1E+999", "1E-999", "7." + "3" * 60)

REFUSED_CASES = (
    "unknown symbol", "closed market", "off the step", "off the tick", "under the smallest quantity",
    "over the largest quantity", "over the largest market quantity", "under the smallest value",
    "market order under the smallest value", "over the largest value", "more base than there is",
    "more quote than there is", "a market buy that cannot be paid",
)  # fmt: skip


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
            assert prices_of(book.asks) == sorted(set(prices_of(book.asks)))
            assert prices_of(book.bids) == sorted(set(prices_of(book.bids)), reverse=True)
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
            request = await small_order(bench, side, OrderType.LIMIT_IOC)
            order = await accepted(bench, request)
            assert order.status is VenueOrderStatus.FILLED
            assert order.filled == request.quantity == total(f.quantity for f in order.fills)
            assert {f.price for f in order.fills} == {request.limit_price}

        self._run(body)

    @SIDES
    def test_a_large_limit_order_fills_partly_at_no_worse_price_and_expires(self, side: Side):
        async def body(bench: Bench) -> None:
            levels = await levels_of(bench, side)
            reachable = levels[: max(1, len(levels) // 2)]
            limit = reachable[-1].price
            request = await order_of(bench, side, total(level.quantity for level in reachable) * 2, limit)
            order = await accepted(bench, request)
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
            before = await all_balances(bench)
            order = await accepted(bench, await order_of(bench, side, rules.smallest_quantity(price) * 2, price))
            assert (order.status, order.filled, order.fills) == (VenueOrderStatus.EXPIRED, ZERO, ())
            assert await all_balances(bench) == before

        self._run(body)

    @SIDES
    def test_a_market_order_walks_the_book_level_by_level(self, side: Side):
        async def body(bench: Bench) -> None:
            levels = await levels_of(bench, side)
            rules = (await bench.venue.markets())[bench.symbol]
            quantity = levels[0].quantity + ceil_to_step(levels[1].quantity / 2, rules.step_size)
            order = await accepted(bench, await order_of(bench, side, quantity, None))
            assert order.status is VenueOrderStatus.FILLED
            assert prices_of(levels[:2]) == [f.price for f in order.fills]
            assert [f.quantity for f in order.fills] == [levels[0].quantity, quantity - levels[0].quantity]

        self._run(body)

    @SIDES
    def test_what_the_book_cannot_fill_of_a_market_order_expires(self, side: Side):
        async def body(bench: Bench) -> None:
            there = total(level.quantity for level in await levels_of(bench, side))
            order = await accepted(bench, await order_of(bench, side, there * 2, None))
            assert order.status is VenueOrderStatus.EXPIRED
            assert order.filled == there

        self._run(body)

    # -------------------------------------------------------------------------------------------------- money, trades

    @SIDES
    @TYPES
    def test_balances_change_by_the_trades_and_their_fees_exactly(self, side: Side, order_type: OrderType):
        async def body(bench: Bench) -> None:
            before = await totals(bench)
            levels = await levels_of(bench, side)
            limit = levels[2].price if order_type is OrderType.LIMIT_IOC else None
            quantity = total(level.quantity for level in levels[:3])
            order = await accepted(bench, await order_of(bench, side, quantity, limit))
            assert order.fills
            assert await totals(bench) == after_fills(before, order.fills)
            assert all(balance.locked == ZERO for balance in (await bench.venue.balances()).values())

        self._run(body)

    @SIDES
    def test_the_fee_is_the_accounts_rate_of_what_was_received_or_paid(self, side: Side):
        async def body(bench: Bench) -> None:
            fees = await bench.venue.fees()
            order = await accepted(bench, await small_order(bench, side, OrderType.MARKET))
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
                levels = await levels_of(bench, side)
                request = await order_of(bench, side, levels[0].quantity + levels[1].quantity, None, f"many{number}")
                ids += [f.trade_id for f in (await accepted(bench, request)).fills]
                await bench.move_on()
            assert len(ids) == len(set(ids)) >= 8

        self._run(body)

    # ------------------------------------------------------------------------------------------------------- looking up

    @TYPES
    def test_an_order_is_found_by_our_own_id_with_its_fills(self, order_type: OrderType):
        async def body(bench: Bench) -> None:
            request = await small_order(bench, Side.BUY, order_type)
            order = await accepted(bench, request)
            await bench.move_on()
            assert await bench.venue.find_order(request.symbol, request.client_order_id) == order

        self._run(body)

    def test_an_order_that_never_was_is_not_found(self):
        async def body(bench: Bench) -> None:
            request = await small_order(bench, Side.BUY, OrderType.LIMIT_IOC)
            await accepted(bench, request)
            assert await bench.venue.find_order(bench.symbol, "rbnoorder000000001") is None
            assert await bench.venue.find_order(bench.other_symbol, request.client_order_id) is None

        self._run(body)

    # -------------------------------------------------------------------------------------------------------- refusals

    @pytest.mark.parametrize("case", REFUSED_CASES)
    def test_a_refused_order_changes_nothing(self, case: str):
        async def body(bench: Bench) -> None:
            request = await refused_order(bench, case)
            before = await all_balances(bench)
            book = await bench.venue.order_book(bench.symbol)
            outcome = await bench.venue.submit(request)
            assert isinstance(outcome, Rejected), f"{case}: {outcome}"
            assert outcome.reason
            assert await all_balances(bench) == before
            assert await bench.venue.order_book(bench.symbol) == book
            assert await bench.venue.find_order(request.symbol, request.client_order_id) is None
            await accepted(bench, await small_order(bench, Side.BUY, OrderType.LIMIT_IOC))

        self._run(body, poor=case in NEEDS_A_POOR_ACCOUNT)

    @pytest.mark.parametrize("quantity", NONSENSE)
    def test_nonsense_is_refused_and_never_raised(self, quantity: str):
        async def body(bench: Bench) -> None:
            before = await all_balances(bench)
            for order_type, price in itertools.product(OrderType, (None, *NONSENSE)):
                limit = None if price is None else Decimal(price)
                request = OrderRequest("nonsense1", bench.symbol, Side.SELL, order_type, Decimal(quantity), limit)
                assert isinstance(await bench.venue.submit(request), Rejected)
            assert await all_balances(bench) == before

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
            request = await small_order(bench, Side.BUY, OrderType.LIMIT_IOC)
            first = await accepted(bench, request)
            await bench.move_on()
            before = await all_balances(bench)
            for again in (request, replace(request, side=Side.SELL), replace(request, symbol=bench.other_symbol)):
                outcome = await bench.venue.submit(again)
                assert isinstance(outcome, Unknown), "evidence that it exists, no proof that nothing happened"
            assert await all_balances(bench) == before
            assert await bench.venue.find_order(request.symbol, request.client_order_id) == first

        self._run(body)
