"""Whatever is ordered, in whatever order: the paper venue's books add up, and a restart changes nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rebalancer_gui.adapters.venues.paper import PaperVenue
from rebalancer_gui.adapters.venues.simulated_book import Depth, FillRatio
from rebalancer_gui.domain.market import Balance, FeeSchedule, FeeSide
from rebalancer_gui.domain.money import ZERO, floor_to_step, total
from rebalancer_gui.domain.orders import Accepted, OrderRequest, OrderType, Rejected, Side, SubmitOutcome, VenueOrder
from tests.fake_clock import FakeClock
from tests.paper_bench import Setup, run, take_batches

MONEY = {"USDT": Decimal(20_000), "BTC": Decimal("0.1")}
SYMBOLS = ("BTC/USDT", "ETH/USDT", "XRP/USDT", "GONE/USDT")


@dataclass(frozen=True)
class Move:
    """One thing that happens: an order worth about ``value`` with a limit ``away`` from the best price, or a batch."""

    symbol: str
    side: Side
    order_type: OrderType
    value: Decimal
    away: Decimal
    batch_after: bool


moves = st.lists(
    st.builds(
        Move,
        symbol=st.sampled_from(SYMBOLS),
        side=st.sampled_from(Side),
        order_type=st.sampled_from(OrderType),
        value=st.decimals(1, 30_000, places=2),
        away=st.decimals("-0.01", "0.01", places=4),
        batch_after=st.booleans(),
    ),
    min_size=1,
    max_size=25,
)
setups = st.builds(
    Setup,
    balances=st.just(MONEY),
    spread=st.sampled_from([Decimal(0), Decimal("0.0004"), Decimal("0.05")]),
    depth=st.builds(Depth, levels=st.integers(1, 8), value=st.sampled_from([Decimal(10), Decimal(2000)])),
    fees=st.builds(
        FeeSchedule,
        st.sampled_from([Decimal(0), Decimal("0.001"), Decimal("0.3")]),
        st.sampled_from([FeeSide.RECEIVED, FeeSide.QUOTE]),
    ),
    fill_ratio=st.sampled_from([FillRatio(), FillRatio(Decimal("0.3"), Decimal("0.3")), FillRatio(Decimal("0.1"))]),
)


async def order_for(venue: PaperVenue, move: Move, number: int) -> OrderRequest:
    rules = (await venue.markets())[move.symbol]
    price, limit = Decimal(1), None
    if move.symbol != "GONE/USDT":
        quote = await venue.quote(move.symbol)
        price = quote.last
        if move.order_type is OrderType.LIMIT_IOC:
            limit = floor_to_step(
                (quote.ask if move.side is Side.BUY else quote.bid) * (1 + move.away), rules.tick_size
            )
    elif move.order_type is OrderType.LIMIT_IOC:
        limit = price
    quantity = floor_to_step(move.value / price, rules.step_size)
    return OrderRequest(f"order-{number}", move.symbol, move.side, move.order_type, quantity, limit)


def expected(orders: Sequence[VenueOrder]) -> dict[str, Decimal]:
    """What the account must hold after these orders."""
    sums = dict.fromkeys(("USDT", "BTC", "ETH", "XRP"), ZERO) | MONEY
    for order in orders:
        base, quote = order.symbol.split("/")
        sign = 1 if order.side is Side.BUY else -1
        for fill in order.fills:
            sums[base] += sign * fill.quantity
            sums[quote] -= sign * fill.quantity * fill.price
            sums[fill.fee_asset] -= fill.fee
    return {asset: amount for asset, amount in sums.items() if amount}


@given(setup=setups, plan=moves)
def test_balances_are_never_negative_and_always_the_sum_of_all_trades(setup: Setup, plan: list[Move]):
    async def body() -> None:
        orders: list[VenueOrder] = []
        async with setup.opened() as venue:
            batches = venue.batches()
            await anext(batches)
            for number, move in enumerate(plan):
                before: object = await venue.balances()
                request = await order_for(venue, move, number)
                outcome = await venue.submit(request)
                balances = await venue.balances()
                if isinstance(outcome, Accepted):
                    check_order(request, outcome.order)
                    orders.append(outcome.order)
                    assert await venue.find_order(request.symbol, request.client_order_id) == outcome.order
                else:
                    assert isinstance(outcome, Rejected)
                    assert balances == before
                assert all(b.free >= ZERO and b.locked == ZERO for b in balances.values())
                assert {asset: balance.free for asset, balance in balances.items()} == expected(orders)
                if move.batch_after:
                    await anext(batches)
        ids = [int(fill.trade_id) for order in orders for fill in order.fills]
        assert ids == list(range(1, len(ids) + 1))

    run(body())


def check_order(request: OrderRequest, order: VenueOrder) -> None:
    assert order.filled == total(fill.quantity for fill in order.fills) <= order.quantity == request.quantity
    prices = [fill.price for fill in order.fills]
    assert prices == sorted(set(prices), reverse=order.side is Side.SELL), "level by level, from the best price"
    if request.limit_price is not None:
        assert all(p <= request.limit_price if order.side is Side.BUY else p >= request.limit_price for p in prices)


async def play_through(setup: Setup, plan: Sequence[Move], restarts: Sequence[bool]) -> list[object]:
    """Everything that can be seen of an account, which is closed and opened again before some of the moves."""
    seen: list[object] = []
    clock = FakeClock(auto=True)
    venue = setup.build(clock)
    await venue.open()
    batches = venue.batches()
    seen.append(await anext(batches))
    for number, move in enumerate(plan):
        if restarts[number % len(restarts)]:
            await venue.close()
            venue = setup.build(clock)
            await venue.open()
            batches = venue.batches()
            present = (await take_batches(venue, 1))[0]
            assert present.at == venue.clock.now()
            await anext(batches)
        outcome: SubmitOutcome = await venue.submit(await order_for(venue, move, number))
        balances: dict[str, Balance] = dict(await venue.balances())
        seen += [
            outcome,
            balances,
            await venue.quote("BTC/USDT"),
            await venue.order_book("BTC/USDT"),
            venue.clock.now(),
        ]
        if move.batch_after:
            seen.append(await anext(batches))
    await venue.close()
    return seen


@settings(max_examples=settings().max_examples // 4)  # Each one makes a file and opens it many times.
@given(setup=setups, plan=moves, restarts=st.lists(st.booleans(), min_size=1, max_size=5))
def test_a_restart_at_any_point_changes_nothing(setup: Setup, plan: list[Move], restarts: list[bool]):
    with tempfile.TemporaryDirectory() as folder:
        interrupted = replace(setup, path=Path(folder) / "interrupted.sqlite")
        assert run(play_through(interrupted, plan, restarts)) == run(play_through(setup, plan, [False]))


@pytest.mark.parametrize("side", list(Side))
def test_a_round_trip_costs_two_fees_and_the_spread_and_nothing_else(side: Side):
    """With neither, the account is back where it was, to the last digit."""

    async def body() -> None:
        free = Setup(fees=FeeSchedule(ZERO), spread=ZERO)
        async with free.opened() as venue:
            before = await venue.balances()
            quote = await venue.quote("BTC/USDT")
            other = Side.SELL if side is Side.BUY else Side.BUY
            for number, (way, price) in enumerate([(side, quote.ask), (other, quote.bid)]):
                limit = quote.ask if way is Side.BUY else quote.bid
                request = OrderRequest(f"o-{number}", "BTC/USDT", way, OrderType.LIMIT_IOC, Decimal("0.01"), limit)
                assert isinstance(await venue.submit(request), Accepted), price
            after = await venue.balances()
            assert after["BTC"] == before["BTC"]
            assert before["USDT"].free - after["USDT"].free == Decimal("0.01") * (quote.ask - quote.bid)

    run(body())
