"""The paper account on live prices: real books with play money, its own file, the exchange's time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rebalancer_gui.adapters.market_data.live_feed import LiveQuoteFeed
from rebalancer_gui.adapters.venues.live_paper import GONE_FOR, LivePaperVenue
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.domain.errors import InvalidInput, VenueUnavailable
from rebalancer_gui.domain.market import FeeSchedule, FeeSide, MarketStatus
from rebalancer_gui.domain.orders import Accepted, Rejected, Side, Unknown
from tests.fake_clock import FakeClock
from tests.paper_bench import at_market, limit
from tests.price_bench import BTC, ETH, XRP, PlayedVenue, tick

MONEY = {"USDT": Decimal(10_000), "ETH": Decimal(5)}


@dataclass
class Bench:
    venue: LivePaperVenue
    exchange: PlayedVenue
    clock: FakeClock


def play(
    body: Callable[[Bench], Coroutine[Any, Any, None]], path: Path | None = None, exchange: PlayedVenue | None = None
) -> None:
    async def inner() -> None:
        clock = FakeClock()
        played = exchange or PlayedVenue(clock, streams=False)
        played.clock = clock
        venue = LivePaperVenue(LiveQuoteFeed(played, clock), clock, path, balances=MONEY, quote_asset="USDT")
        await venue.open()
        try:
            await body(Bench(venue, played, clock))
        finally:
            await venue.close()

    asyncio.run(inner())


def test_an_order_is_filled_from_the_exchanges_own_book_as_it_is_at_that_moment():
    async def body(bench: Bench) -> None:
        bench.exchange.prices[BTC] = tick(BTC, "99.98", "100.00", "100")
        bench.exchange.size = Decimal("0.5")
        outcome = await bench.venue.submit(limit("o-1", Side.BUY, "1.2", "100.02"))
        assert isinstance(outcome, Accepted)
        assert [(f.price, f.quantity) for f in outcome.order.fills] == [
            (Decimal("100.00"), Decimal("0.5")),
            (Decimal("100.01"), Decimal("0.5")),
            (Decimal("100.02"), Decimal("0.2")),
        ]
        held = await bench.venue.balances()
        assert held["BTC"].total == Decimal("1.2") * Decimal("0.999")
        assert held["USDT"].total == 10_000 - Decimal(50) - Decimal("50.005") - Decimal("20.004")

    play(body)


def test_what_our_own_order_took_is_gone_from_the_real_book_for_a_moment():
    async def body(bench: Bench) -> None:
        bench.exchange.size = Decimal(2)
        first = await bench.venue.submit(at_market("o-1", Side.BUY, "2"))
        second = await bench.venue.submit(at_market("o-2", Side.BUY, "1"))
        assert isinstance(first, Accepted)
        assert isinstance(second, Accepted)
        assert second.order.fills[0].price > first.order.fills[0].price
        assert (await bench.venue.order_book(BTC)).asks[0].quantity == Decimal(1)
        await bench.clock.advance(GONE_FOR.total_seconds())
        third = await bench.venue.submit(at_market("o-3", Side.BUY, "1"))
        assert isinstance(third, Accepted)
        assert third.order.fills[0].price == first.order.fills[0].price

    play(body)


def test_where_the_exchange_does_not_answer_nothing_was_done_and_that_can_be_looked_up():
    async def body(bench: Bench) -> None:
        before = dict(await bench.venue.balances())
        bench.exchange.down = VenueUnavailable("nobody answers")
        assert isinstance(await bench.venue.submit(at_market("o-1", Side.BUY, "1")), Unknown)
        assert await bench.venue.find_order(BTC, "o-1") is None
        assert dict(await bench.venue.balances()) == before
        bench.exchange.down = None
        assert isinstance(await bench.venue.submit(at_market("o-1", Side.BUY, "1")), Accepted)

    play(body)


def test_two_orders_with_one_id_while_the_book_is_being_read_are_executed_once():
    async def body(bench: Bench) -> None:
        read = bench.exchange.book

        async def slowly(symbol: str) -> Any:
            await asyncio.sleep(0)
            return await read(symbol)

        bench.exchange.book = slowly  # type: ignore[method-assign]
        order = at_market("o-1", Side.BUY, "1")
        outcomes = await asyncio.gather(bench.venue.submit(order), bench.venue.submit(order))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Accepted", "Unknown"]
        assert (await bench.venue.balances())["BTC"].total < Decimal(1)

    play(body)


def test_an_empty_side_of_the_book_takes_no_order():
    async def body(bench: Bench) -> None:
        bench.exchange.size = Decimal(0)

        async def empty(symbol: str) -> Any:
            book = await type(bench.exchange).book(bench.exchange, symbol)
            return replace(book, asks=())

        bench.exchange.book = empty  # type: ignore[method-assign]
        for side in Side:
            assert isinstance(await bench.venue.submit(at_market(f"o-{side.value}", side, "1", ETH)), Rejected)

    play(body)


def test_the_fee_is_what_the_exchange_charges_where_it_charges_it():
    class InQuote(PlayedVenue):
        def fees(self) -> FeeSchedule:
            return FeeSchedule(Decimal("0.0026"), FeeSide.QUOTE)

    async def body(bench: Bench) -> None:
        outcome = await bench.venue.submit(at_market("o-1", Side.BUY, "1"))
        assert isinstance(outcome, Accepted)
        (fill,) = outcome.order.fills
        assert (fill.fee, fill.fee_asset) == (fill.value * Decimal("0.0026"), "USDT")

    play(body, exchange=InQuote(FakeClock(), streams=False))


def test_a_closed_market_takes_no_order():
    async def body(bench: Bench) -> None:
        await bench.venue.markets()
        bench.exchange.closes_market(XRP)
        assert (await bench.venue.markets())[XRP].status is MarketStatus.DELISTED
        for symbol in (XRP, "GONE/USDT", "NOSUCH/COIN"):
            assert isinstance(await bench.venue.submit(at_market("o-1", Side.BUY, "1", symbol)), Rejected)

    play(body)


def test_the_account_is_the_same_after_a_restart_and_its_money_counts_only_when_it_is_made(tmp_path: Path):
    file = tmp_path / "paper-venue.sqlite"
    known: list[object] = []

    async def first(bench: Bench) -> None:
        outcome = await bench.venue.submit(at_market("o-1", Side.BUY, "1"))
        assert isinstance(outcome, Accepted)
        bench.venue.paper.deposit("XRP", Decimal(7))
        known.extend((dict(await bench.venue.balances()), await bench.venue.identity(), outcome.order))

    async def second(bench: Bench) -> None:
        assert dict(await bench.venue.balances()) == known[0]
        assert await bench.venue.identity() == known[1]
        assert await bench.venue.find_order(BTC, "o-1") == known[2]
        assert isinstance(await bench.venue.submit(at_market("o-1", Side.BUY, "1")), Unknown), "the id was used"

    play(first, file)
    play(second, file)


def test_orders_are_dated_by_the_exchanges_clock_and_its_time_never_goes_back(tmp_path: Path):
    class Ahead(PlayedVenue):
        ahead = timedelta(seconds=3)

        async def server_time(self) -> Any:
            return self.clock.now() + self.ahead

    exchange = Ahead(FakeClock(), streams=False)

    async def body(bench: Bench) -> None:
        assert await bench.venue.server_time() - bench.clock.now() == timedelta(seconds=3)
        first = await bench.venue.submit(at_market("o-1", Side.BUY, "1"))
        exchange.ahead = timedelta(seconds=-5)
        await bench.venue.server_time()
        second = await bench.venue.submit(at_market("o-2", Side.BUY, "1"))
        assert isinstance(first, Accepted)
        assert isinstance(second, Accepted)
        assert first.order.at == bench.clock.now() + timedelta(seconds=3)
        assert second.order.at == first.order.at
        since = await bench.venue.orders_since(BTC, first.order.at)
        assert [order.client_order_id for order in since] == ["o-1", "o-2"]

    play(body, tmp_path / "paper-venue.sqlite", exchange)


def test_money_comes_and_goes_by_hand_and_markets_do_not():
    async def body(bench: Bench) -> None:
        paper = bench.venue.paper
        paper.deposit("BTC", Decimal("0.5"))
        paper.withdraw("USDT", Decimal(1000))
        held = await bench.venue.balances()
        assert (held["BTC"].total, held["USDT"].total) == (Decimal("0.5"), Decimal(9000))
        with pytest.raises(InvalidInput, match="no asset NOSUCH"):
            paper.deposit("NOSUCH", Decimal(1))
        assert not paper.state().changes_markets
        for event in MarketEvent:
            with pytest.raises(InvalidInput, match="only it can change them"):
                paper.change_market(event, "BTC", "NEW")
        paper.set_may_trade(False)
        refused = await bench.venue.submit(at_market("o-1", Side.BUY, "1"))
        assert isinstance(refused, Rejected)
        assert refused.no_right

    play(body)


def test_an_exchange_that_does_not_answer_when_the_account_opens_leaves_nothing_open(tmp_path: Path):
    async def story() -> None:
        clock = FakeClock()
        exchange = PlayedVenue(clock, streams=False, down=VenueUnavailable("nobody answers"))
        file = tmp_path / "paper-venue.sqlite"
        venue = LivePaperVenue(LiveQuoteFeed(exchange, clock), clock, file, balances=MONEY, quote_asset="USDT")
        with pytest.raises(VenueUnavailable):
            await venue.open()
        exchange.down = None
        await venue.open()
        assert (await venue.balances())["USDT"].total == Decimal(10_000)
        await venue.close()
        await venue.close()

    asyncio.run(story())


def test_the_main_money_stands_first_and_every_market_is_in_one_of_the_moneys():
    async def body(bench: Bench) -> None:
        moneys = bench.venue.quote_assets
        assert moneys[0] == "USDT"
        assert {rules.quote for rules in (await bench.venue.markets()).values()} == set(moneys)

    play(body)


def test_the_markets_are_read_once_for_an_opening():
    async def body(bench: Bench) -> None:
        await bench.venue.markets()
        assert bench.exchange.market_reads == 1

    play(body)
