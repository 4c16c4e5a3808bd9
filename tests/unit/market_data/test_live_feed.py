"""Live prices under virtual time: pushed, polled where quiet, a stall noticed, markets that change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from rebalancer_gui.adapters.market_data.live_channel import RECONNECT_AFTER, RESUBSCRIBE_AFTER
from rebalancer_gui.adapters.market_data.live_feed import FIRST_WAIT, MARKETS_EVERY, LiveQuoteFeed
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import STALE_AFTER, MarketStatus
from tests.fake_clock import FakeClock
from tests.price_bench import BTC, ETH, XRP, Bench, PlayedVenue, live_feed, tick

TEN = STALE_AFTER.total_seconds()


def play(body: Callable[[Bench], Coroutine[Any, Any, None]], *symbols: str, **venue: object) -> None:
    async def inner() -> None:
        async with live_feed(*symbols, **venue) as bench:
            await body(bench)

    asyncio.run(inner())


def test_the_first_batch_has_the_prices_of_all_that_is_followed_and_of_nothing_else():
    async def body(bench: Bench) -> None:
        batch = await bench.batch()
        assert set(batch.quotes) == {BTC, ETH}
        assert set(bench.venue.polled_since(0)) == {BTC, ETH}
        assert bench.venue.stream_now.symbols == {BTC, ETH}

    play(body, BTC, ETH)


def test_a_first_price_that_does_not_come_holds_the_first_batch_up_for_a_while_only():
    async def body(bench: Bench) -> None:
        batch = await bench.batch()
        assert bench.clock.monotonic() == pytest.approx(FIRST_WAIT, abs=0.2)
        assert set(batch.quotes) == {BTC}

    play(body, BTC, ETH, prices={BTC: tick(BTC)})


def test_batches_come_a_second_apart_and_their_quotes_follow_what_is_pushed():
    async def body(bench: Bench) -> None:
        first = await bench.batch()
        bench.venue.stream_now.says(tick(BTC, "200", "201", "200"))
        await bench.clock.settle()
        second = await bench.batch()
        assert second.at - first.at == timedelta(seconds=1) == second.spacing
        assert second.quotes[BTC].bid == Decimal(200)

    play(body, BTC)


@pytest.mark.rule("3.4c")
@pytest.mark.failure(58)
def test_a_pair_that_is_silent_for_ten_minutes_on_a_live_channel_is_polled_and_never_old():
    async def body(bench: Bench) -> None:
        await bench.batch()
        bench.venue.stream_now.says(tick(BTC), tick(ETH))
        await bench.clock.advance(1)
        bench.venue.polls.clear()
        for _ in range(600):
            await bench.pushing(1, tick(BTC))
            batch = await bench.batch()
            assert batch.quotes[ETH].fault(batch.at) is None
        assert len(bench.venue.opened) == 1, "a quiet pair is no stall"
        asked = bench.venue.polled_since(0)
        assert set(asked) == {ETH}, "only the quiet pair is polled"
        gaps = {round(b - a, 1) for (a, _), (b, _) in zip(bench.venue.polls, bench.venue.polls[1:], strict=False)}
        assert gaps <= {5.0, 5.5}

    play(body, BTC, ETH)


@pytest.mark.rule("3.4c")
def test_where_all_pairs_are_quiet_pongs_keep_the_channel_and_polls_keep_the_prices():
    async def body(bench: Bench) -> None:
        bench.venue.stream_now.says(tick(BTC), tick(ETH))
        for _ in range(120):
            await bench.pushing(1)
            batch = await bench.batch()
            assert all(quote.fault(batch.at) is None for quote in batch.quotes.values())
        assert len(bench.venue.opened) == 1

    play(body, BTC, ETH)


def test_a_silent_stall_is_noticed_within_ten_seconds_and_the_prices_stay_fresh_throughout():
    async def body(bench: Bench) -> None:
        await bench.pushing(20, tick(BTC))
        silent_since = bench.clock.monotonic()
        while len(bench.venue.opened) == 1 and bench.clock.monotonic() < silent_since + 60:
            await bench.clock.advance(0.5)
            batch = await bench.batch()
            assert batch.quotes[BTC].fault(batch.at) is None
        assert bench.clock.monotonic() - silent_since <= TEN + RECONNECT_AFTER[1]
        assert bench.venue.opened[0].closed
        assert bench.feed.state().reconnects == 1

    play(body, BTC)


def test_a_channel_that_answers_pings_but_forgot_us_is_noticed_when_a_poll_tells_another_price():
    async def body(bench: Bench) -> None:
        await bench.pushing(20, tick(BTC))
        bench.venue.prices[BTC] = tick(BTC, "90", "91", "90")
        silent_since = bench.clock.monotonic()
        while len(bench.venue.opened) == 1 and bench.clock.monotonic() < silent_since + 60:
            await bench.pushing(1)
        assert bench.clock.monotonic() - silent_since <= TEN + RECONNECT_AFTER[1]
        batch = await bench.batch()
        assert batch.quotes[BTC].bid == Decimal(90)

    play(body, BTC)


def test_while_the_channel_is_down_everything_is_polled_every_two_seconds():
    async def body(bench: Bench) -> None:
        await bench.pushing(5, tick(BTC), tick(ETH))
        assert bench.feed.state().pushed
        bench.venue.stream_now.breaks()
        await bench.clock.advance(0.5)
        assert not bench.feed.state().pushed
        since = bench.clock.monotonic()
        await bench.clock.advance(10)
        asked = bench.venue.polled_since(since)
        assert 4 <= asked.count(BTC) <= 6
        assert 4 <= asked.count(ETH) <= 6

    play(body, BTC, ETH)


def test_a_venue_without_push_is_polled():
    async def body(bench: Bench) -> None:
        for _ in range(20):
            batch = await bench.batch()
            assert batch.quotes[BTC].fault(batch.at) is None
        assert bench.venue.opened == []
        assert bench.venue.polled_since(0).count(BTC) == pytest.approx(10, abs=1)

    play(body, BTC, streams=False)


def test_a_channel_that_breaks_again_and_again_is_opened_ever_more_seldom_and_recovers():
    async def body(bench: Bench) -> None:
        for _ in range(600):
            if not bench.venue.stream_now.closed:
                bench.venue.stream_now.breaks()
            await bench.clock.advance(1)
        opened = len(bench.venue.opened)
        assert opened < 20
        await bench.clock.advance(61)
        await bench.pushing(40, tick(BTC))
        assert bench.feed.state().pushed
        bench.venue.stream_now.breaks()
        await bench.clock.advance(2)
        assert len(bench.venue.opened) >= opened + 1, "a connection that lasted makes the next try a quick one"

    play(body, BTC)


def test_more_markets_are_subscribed_to_and_fewer_cost_nothing():
    async def body(bench: Bench) -> None:
        await bench.pushing(2, tick(BTC))
        bench.feed.follow([BTC, XRP])
        await bench.clock.advance(1)
        batch = await bench.batch()
        assert set(batch.quotes) == {BTC, XRP}, "it is polled until the channel has it"
        assert bench.venue.stream_now.symbols == {BTC}, "connections are not made at every click"
        await bench.pushing(RESUBSCRIBE_AFTER, tick(BTC))
        assert bench.venue.stream_now.symbols == {BTC, XRP}
        assert bench.venue.opened[0].closed
        bench.feed.follow([XRP])
        await bench.clock.advance(2)
        assert len(bench.venue.opened) == 2
        assert set((await bench.batch()).quotes) == {XRP}

    play(body, BTC)


def test_a_market_that_the_venue_does_not_have_is_not_asked_for():
    async def body(bench: Bench) -> None:
        await bench.clock.advance(10)
        assert set(bench.venue.polled_since(0)) == {BTC}
        assert bench.venue.stream_now.symbols == {BTC}
        with pytest.raises(VenueUnavailable):
            await bench.feed.quote("NOSUCH/COIN")
        with pytest.raises(VenueUnavailable):
            await bench.feed.order_book("GONE/USDT")

    play(body, BTC, "NOSUCH/COIN", "GONE/USDT")


def test_a_fresh_quote_is_asked_for_also_of_a_market_that_nobody_follows():
    async def body(bench: Bench) -> None:
        quote = await bench.feed.quote(ETH)
        assert quote.received_at == bench.clock.now()

    play(body, BTC)


def test_no_fresh_quote_is_made_of_an_old_one():
    async def body(bench: Bench) -> None:
        await bench.batch()
        await bench.clock.advance(3)
        bench.venue.prices[BTC] = tick(BTC, "NaN")
        with pytest.raises(VenueUnavailable, match="There is no price of BTC/USDT now"):
            await bench.feed.quote(BTC)

    play(body, BTC)


@pytest.mark.failure(29)
def test_where_neither_channel_nor_polls_bring_anything_prices_grow_old_and_it_is_said_once_a_minute():
    async def body(bench: Bench) -> None:
        await bench.pushing(5, tick(BTC))
        bench.venue.down = VenueUnavailable("nobody answers")
        told, batch = [], await bench.batch()
        for _ in range(110):
            try:
                batch = await bench.batch()
            except VenueUnavailable as error:
                told.append(error.message)
        assert told == ["nobody answers", "nobody answers"]
        assert batch.quotes[BTC].fault(batch.at) is not None
        bench.venue.down = None
        await bench.clock.advance(5)
        batch = await bench.batch()
        assert batch.quotes[BTC].fault(batch.at) is None

    play(body, BTC)


def test_a_pause_that_the_venue_asks_for_stops_every_question_and_every_new_connection():
    async def body(bench: Bench) -> None:
        await bench.batch()
        bench.venue.down = VenueUnavailable("too many", retry_after=timedelta(seconds=90))
        with pytest.raises(VenueUnavailable):
            await bench.feed.quote(BTC)
        asked, opened, read = len(bench.venue.polls), len(bench.venue.opened), bench.venue.market_reads
        bench.venue.stream_now.breaks()
        for second in range(85):
            await bench.clock.advance(1)
            for ask in (bench.feed.quote, bench.feed.order_book) if second % 10 == 0 else ():
                with pytest.raises(VenueUnavailable) as said:
                    await ask(BTC)
                assert said.value.retry_after is not None
                assert said.value.retry_after <= timedelta(seconds=90)
        assert (asked, opened, read) == (len(bench.venue.polls), len(bench.venue.opened), bench.venue.market_reads)
        bench.venue.down = None
        await bench.clock.advance(70)
        assert len(bench.venue.polls) > asked
        assert len(bench.venue.opened) > opened

    play(body, BTC)


@pytest.mark.failure(8)
def test_a_pause_that_a_poll_was_asked_for_is_told_once_with_its_length():
    async def body(bench: Bench) -> None:
        await bench.batch()
        bench.venue.down = VenueUnavailable("too many", retry_after=timedelta(seconds=90))
        await bench.clock.advance(3)
        with pytest.raises(VenueUnavailable) as said:
            await bench.batch()
        assert said.value.retry_after is not None
        assert timedelta(seconds=80) < said.value.retry_after <= timedelta(seconds=90)
        assert BTC in (await bench.batch()).quotes

    play(body, BTC, streams=False)


def test_markets_are_read_anew_every_few_hours_and_a_change_is_told_once():
    async def body(bench: Bench) -> None:
        assert not (await bench.batch()).markets_changed
        bench.venue.changes_rule(BTC, min_notional=Decimal(10))
        await bench.clock.advance(MARKETS_EVERY + 1)
        assert (await bench.batch()).markets_changed
        read = bench.venue.market_reads
        assert (await bench.feed.markets())[BTC].min_notional == Decimal(10)
        assert bench.venue.market_reads == read, "what was just read is not read again"
        assert not (await bench.batch()).markets_changed

    play(body, BTC, streams=False)


def test_markets_that_are_asked_for_in_doubt_are_read_now():
    async def body(bench: Bench) -> None:
        await bench.feed.markets()
        bench.venue.changes_rule(BTC, step_size=Decimal(1))
        assert (await bench.feed.markets())[BTC].step_size == Decimal(1)

    play(body, BTC)


def test_a_market_that_vanishes_from_the_list_is_delisted_and_quotes_no_more():
    async def body(bench: Bench) -> None:
        await bench.batch()
        bench.venue.closes_market(ETH)
        rules = await bench.feed.markets()
        rules = await bench.feed.markets()
        assert rules[ETH].status is MarketStatus.DELISTED
        assert set((await bench.batch()).quotes) == {BTC}
        bench.venue.polls.clear()
        await bench.clock.advance(10)
        assert ETH not in bench.venue.polled_since(0)

    play(body, BTC, ETH)


def test_a_followed_market_that_tells_no_good_price_for_a_minute_makes_the_markets_be_read_anew():
    async def body(bench: Bench) -> None:
        await bench.clock.advance(700)
        read = bench.venue.market_reads
        bench.venue.prices[ETH] = tick(ETH, "0", "0", "100")
        bench.venue.closes_market(ETH)
        await bench.clock.advance(75)
        assert bench.venue.market_reads == read + 1
        assert (await bench.batch()).markets_changed

    play(body, BTC, ETH, streams=False)


def test_a_price_of_a_poll_that_took_long_is_as_old_as_the_question():
    async def body(bench: Bench) -> None:
        bench.venue.answer_takes = 4
        await bench.clock.advance(9)
        batch = await bench.batch()
        assert batch.at - batch.quotes[BTC].received_at >= timedelta(seconds=4)

    play(body, BTC, streams=False)


def test_closing_ends_every_task_and_connection_and_may_be_done_twice():
    async def body(bench: Bench) -> None:
        await bench.batch()
        before = asyncio.all_tasks()
        await bench.feed.close()
        await bench.feed.close()
        assert bench.venue.stream_now.closed
        assert asyncio.all_tasks() < before
        with pytest.raises(StopAsyncIteration):
            await anext(bench.feed.batches())

    play(body, BTC)


def test_an_account_that_is_opened_again_has_prices_again():
    async def body(bench: Bench) -> None:
        await bench.batch()
        await bench.feed.close()
        await bench.feed.open()
        await bench.clock.advance(3)
        batch = await bench.batch()
        assert batch.quotes[BTC].fault(batch.at) is None

    play(body, BTC)


def test_a_fault_of_the_program_in_the_background_is_not_swallowed():
    async def body(bench: Bench) -> None:
        await bench.batch()

        async def poll(_symbols: object) -> object:
            raise KeyError("a mistake")

        bench.venue.poll = poll  # type: ignore[method-assign, assignment]
        await bench.clock.advance(3)
        with pytest.raises(KeyError):
            await bench.batch()

    play(body, BTC, streams=False)


def test_a_feed_that_opens_itself_needs_no_other_word_also_after_it_was_closed():
    async def story() -> None:
        clock = FakeClock(auto=True)
        feed = LiveQuoteFeed(PlayedVenue(clock, streams=False), clock, opens_itself=True)
        feed.follow([BTC])
        for _ in range(2):
            batches = feed.batches()
            assert BTC in (await anext(batches)).quotes
            await feed.close()
            with pytest.raises(StopAsyncIteration):
                await anext(batches)
            assert (await feed.quote(ETH)).symbol == ETH
            await feed.close()

    asyncio.run(story())
