"""What price messages add up to, and when their channel is believed no more."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.adapters.market_data.live_quotes import (
    FROZEN_AFTER,
    SHOWS_UP_WITHIN,
    STALL_AFTER,
    ChannelWatch,
    FrozenWatch,
    LiveQuotes,
    Tick,
)
from rebalancer_gui.domain.money import ZERO
from tests.price_bench import BTC, ETH, tick

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_whole_message_is_a_quote_with_all_it_told():
    quotes = LiveQuotes()
    told = Tick(BTC, Decimal("99.5"), Decimal(100), Decimal(99), NOW, NOW - SECOND, Decimal(12345))
    assert quotes.pushed(told, NOW + SECOND)
    quote = quotes.get(BTC)
    assert quote is not None
    assert (quote.bid, quote.ask, quote.last) == (Decimal("99.5"), Decimal(100), Decimal(99))
    assert (quote.at, quote.received_at) == (NOW, NOW + SECOND)
    assert (quote.last_at, quote.volume) == (NOW - SECOND, Decimal(12345))


@pytest.mark.parametrize("first", ["bid and ask", "last"])
def test_bid_and_ask_and_the_last_trade_may_come_by_different_channels(first: str):
    book, trade = tick(last=None), tick(bid=None, ask=None, last="100.2")
    quotes = LiveQuotes()
    for told in (book, trade) if first == "bid and ask" else (trade, book):
        quotes.pushed(told, NOW)
    quote = quotes.get(BTC)
    assert quote is not None
    assert (quote.bid, quote.ask, quote.last) == (Decimal(100), Decimal(101), Decimal("100.2"))


def test_a_last_trade_alone_confirms_no_price():
    quotes = LiveQuotes()
    quotes.pushed(tick(), NOW)
    assert not quotes.pushed(tick(bid=None, ask=None, last="102"), NOW + 5 * SECOND)
    quote = quotes.get(BTC)
    assert quote is not None
    assert (quote.last, quote.received_at) == (Decimal(102), NOW)


def test_a_last_trade_at_another_price_was_just_now_where_the_venue_does_not_tell_when():
    quotes = LiveQuotes()
    quotes.pushed(tick(), NOW)
    first = quotes.get(BTC)
    quotes.pushed(tick(), NOW + SECOND)
    same = quotes.get(BTC)
    quotes.pushed(tick(last="100.7"), NOW + 2 * SECOND)
    quotes.pushed(tick(last="100.7"), NOW + 3 * SECOND)
    other = quotes.get(BTC)
    assert first is not None
    assert same is not None
    assert other is not None
    assert (first.last_at, same.last_at, other.last_at) == (None, None, NOW + 2 * SECOND)


@pytest.mark.failure(28)
@pytest.mark.parametrize("bad", ["NaN", "sNaN", "Infinity", "-Infinity", "0", "-0", "-1", "0E-9"])
@pytest.mark.parametrize("where", ["bid", "ask", "last"])
def test_a_price_that_cannot_be_one_refuses_the_whole_message_and_is_counted(bad: str, where: str):
    quotes = LiveQuotes()
    quotes.pushed(tick(), NOW)
    good = quotes.get(BTC)
    for take in (quotes.pushed, quotes.polled):
        prices: dict[str, str | None] = {"bid": "90", "ask": "91", "last": "90", where: bad}
        assert not take(tick(BTC, **prices), NOW + SECOND)
    assert quotes.get(BTC) == good
    assert quotes.rejected == 2


@pytest.mark.failure(28)
def test_of_a_hundred_thousand_random_messages_no_bad_price_ever_gets_through():
    """Prices as ccxt hands them on: strings of every kind, also of another market."""
    chance = random.Random(28)
    words = ["NaN", "Infinity", "-Infinity", "-1", "0", "1E-30", "1E+30", "99.5", "100", "101", "250", None]
    quotes, refused = LiveQuotes(), 0
    for number in range(100_000):
        told = tick(chance.choice((BTC, ETH)), *(chance.choice(words) for _ in range(3)))
        before = quotes.rejected
        take = quotes.pushed if number % 2 else quotes.polled
        confirmed = take(told, NOW + number * timedelta(milliseconds=1))
        refused += quotes.rejected - before
        assert bool(told.fault) == (quotes.rejected > before)
        assert not (confirmed and told.fault)
        quote = quotes.get(told.symbol)
        if quote is not None:
            assert quote.fault(quote.received_at) is None
            assert quote.last > ZERO
    assert 20_000 < refused == quotes.rejected


def test_a_crossed_message_is_refused_and_one_without_spread_is_fine():
    quotes = LiveQuotes()
    assert not quotes.pushed(tick(bid="101", ask="100"), NOW)
    assert quotes.pushed(tick(bid="100", ask="100"), NOW)
    assert quotes.rejected == 1


def test_a_message_that_came_out_of_order_counts_for_nothing():
    quotes = LiveQuotes()
    quotes.pushed(tick(at=NOW), NOW)
    assert not quotes.pushed(tick(bid="90", ask="91", at=NOW - SECOND), NOW + SECOND)
    quote = quotes.get(BTC)
    assert quote is not None
    assert (quote.bid, quote.received_at) == (Decimal(100), NOW)


def test_a_poll_confirms_the_prices_as_of_when_it_was_asked():
    quotes = LiveQuotes()
    quotes.pushed(tick(at=NOW), NOW)
    assert quotes.polled(tick(at=NOW - 10 * SECOND), NOW + 6 * SECOND)
    quote = quotes.get(BTC)
    assert quote is not None
    assert quote.received_at == NOW + 6 * SECOND


def test_what_was_pushed_while_a_poll_was_under_way_is_newer_and_stays():
    quotes = LiveQuotes()
    quotes.pushed(tick(bid="99", ask="100"), NOW + 2 * SECOND)
    assert not quotes.polled(tick(bid="90", ask="91"), NOW + SECOND)
    quote = quotes.get(BTC)
    assert quote is not None
    assert quote.bid == Decimal(99)


def test_a_time_that_a_poll_made_up_does_not_hold_back_what_is_pushed():
    quotes = LiveQuotes()
    quotes.polled(tick(at=NOW + timedelta(hours=1)), NOW)
    assert quotes.pushed(tick(bid="99", at=NOW + SECOND), NOW + SECOND)


def test_a_nonsense_volume_is_left_out_and_spoils_nothing():
    quotes = LiveQuotes()
    assert quotes.pushed(Tick(BTC, Decimal(1), Decimal(2), Decimal(1), volume=Decimal("NaN")), NOW)
    quote = quotes.get(BTC)
    assert quote is not None
    assert quote.volume is None


def test_a_poll_that_tells_another_price_than_the_channel_contradicts_it():
    quotes = LiveQuotes()
    assert not quotes.contradicts(tick())
    quotes.pushed(tick(), NOW)
    assert not quotes.contradicts(tick(last="99"))
    assert quotes.contradicts(tick(bid="99"))
    assert not quotes.contradicts(tick(bid="NaN"))
    assert not quotes.contradicts(tick(bid=None, ask=None))


# --------------------------------------------------------------------------------------------------------------- the channel


def test_a_channel_without_any_frame_is_stalled_in_time_to_be_noticed_within_ten_seconds():
    watch = ChannelWatch(0.0)
    watch.pushed(99.0)
    watch.frames(1, 100.0)
    assert not watch.is_stalled(100.0 + STALL_AFTER - 0.1)
    assert watch.is_stalled(100.0 + STALL_AFTER)
    assert STALL_AFTER + 0.5 < 10


def test_a_channel_that_answers_pings_is_alive_however_quiet_its_markets_are():
    watch = ChannelWatch(0.0)
    watch.pushed(0.0)
    for second in range(0, 600, 4):
        watch.frames(second, float(second))
        assert not watch.is_stalled(second + 4.0)


def test_a_channel_that_answers_pings_and_has_missed_a_change_is_stalled():
    watch = ChannelWatch(0.0)
    watch.pushed(10.0)
    watch.contradicted()
    watch.frames("pong", 15.0)
    assert not watch.is_stalled(17.9), "a poll can be a moment ahead of the channel"
    watch.frames("pong 2", 18.0)
    assert watch.is_stalled(18.0)


def test_a_channel_that_answers_pings_and_never_brings_a_price_is_opened_anew():
    watch = ChannelWatch(0.0)
    watch.frames(1, 25.0)
    assert not watch.is_stalled(SHOWS_UP_WITHIN - 1)
    watch.frames(2, 29.0)
    assert watch.is_stalled(SHOWS_UP_WITHIN)


def test_a_price_that_comes_clears_the_channel_of_suspicion():
    watch = ChannelWatch(0.0)
    watch.contradicted()
    watch.pushed(5.0)
    watch.frames("pong", 14.0)
    assert not watch.is_stalled(14.0)


def test_prices_are_frozen_when_none_of_any_market_changed_for_a_minute():
    watch = FrozenWatch(0.0)
    watch.look(1, 10.0, anything=True)
    watch.look(1, 69.0, anything=True)
    assert not watch.is_frozen(10.0 + FROZEN_AFTER)
    assert watch.is_frozen(71.0)
    watch.look(2, 72.0, anything=True)
    assert not watch.is_frozen(72.0)


def test_where_nothing_is_followed_nothing_is_frozen():
    watch = FrozenWatch(0.0)
    watch.look(0, 500.0, anything=False)
    assert not watch.is_frozen(501.0)
