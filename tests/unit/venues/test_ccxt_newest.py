"""Of many tickers of one market within a tenth of a second the newest is read; everything else is read as it comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from rebalancer_gui.adapters.venues.ccxt_newest import READ_EVERY, TICKERS_BY_THEMSELVES, NewestFirst
from tests.protocol.virtual_loop import run


@dataclass(frozen=True)
class Frame:
    """A WebSocket message as aiohttp hands it on."""

    data: object


def binance(market: str, at: int, bid: str = "1") -> str:
    return json.dumps({"e": "24hrTicker", "E": at, "s": market, "c": bid, "b": bid, "a": bid})


def okx(market: str, at: int) -> str:
    data = {"instType": "SPOT", "instId": market, "last": "1", "askPx": "1", "bidPx": "1", "ts": str(at)}
    return json.dumps({"arg": {"channel": "tickers", "instId": market}, "data": [data]}, separators=(",", ":"))


def played(story: Callable[[NewestFirst], Any], venue: str = "binance") -> list[object]:
    """What was read, in its order, when ``story`` is over and a second has passed."""
    read: list[object] = []

    async def whole() -> None:
        told = NewestFirst(lambda frame: read.append(frame.data), TICKERS_BY_THEMSELVES.get(venue))
        await story(told)
        await asyncio.sleep(1)

    run(whole)
    return read


def test_a_thousand_tickers_in_a_second_are_read_ten_times_a_market_and_the_last_one_is():
    async def story(told: NewestFirst) -> None:
        for number in range(1000):
            told.take(Frame(binance(f"C{number % 2}USDT", number, str(number))))
            await asyncio.sleep(0.001)

    read = [json.loads(str(message)) for message in played(story)]

    for market, last in (("C0USDT", 998), ("C1USDT", 999)):
        times = [message["E"] for message in read if message["s"] == market]
        assert times == sorted(times)
        assert times[-1] == last
        assert 10 <= len(times) <= 12


def test_a_ticker_after_a_quiet_while_is_read_at_once():
    seen: list[int] = []

    async def whole() -> None:
        told = NewestFirst(seen.append, TICKERS_BY_THEMSELVES["binance"])
        told.take(Frame(binance("BTCUSDT", 1)))
        assert len(seen) == 1
        await asyncio.sleep(READ_EVERY)
        told.take(Frame(binance("BTCUSDT", 2)))
        assert len(seen) == 2

    run(whole)


def test_no_ticker_waits_longer_than_it_may():
    async def whole() -> None:
        seen: list[float] = []
        told = NewestFirst(lambda _frame: seen.append(asyncio.get_running_loop().time()), TICKERS_BY_THEMSELVES["okx"])
        told.take(Frame(okx("BTC-USDT", 1)))
        await asyncio.sleep(READ_EVERY / 4)
        told.take(Frame(okx("ETH-USDT", 2)))
        await asyncio.sleep(1)
        assert seen[1] - seen[0] == pytest.approx(READ_EVERY)

    run(whole)


def test_one_that_comes_out_of_order_does_not_take_the_place_of_a_newer_one():
    async def story(told: NewestFirst) -> None:
        for at in (1, 5, 4):
            told.take(Frame(binance("BTCUSDT", at)))

    assert [json.loads(str(message))["E"] for message in played(story)] == [1, 5]


@pytest.mark.parametrize(
    "other", ['{"result":null,"id":1}', "<html>", '{"e":"24hrTicker"', b"\x00", 7, '{"e":"trade","E":3,"s":"BTCUSDT"}']
)
def test_any_other_message_is_read_at_once_and_after_what_came_before_it(other: object):
    before = [binance("BTCUSDT", 1), binance("BTCUSDT", 2)]
    seen: list[object] = []

    async def whole() -> None:
        told = NewestFirst(lambda frame: seen.append(frame.data), TICKERS_BY_THEMSELVES["binance"])
        for said in before:
            told.take(Frame(said))
        told.take(Frame(other))
        assert seen == [*before, other]
        await asyncio.sleep(1)
        assert seen == [*before, other], "nothing is read twice"

    run(whole)


@pytest.mark.parametrize("venue", ["kraken", "bybit", "coinbase", "bitso"])
def test_where_a_message_may_tell_only_what_changed_each_is_read(venue: str):
    async def story(told: NewestFirst) -> None:
        for at in range(5):
            told.take(Frame(binance("BTCUSDT", at)))
            told.take(Frame(okx("BTC-USDT", at)))

    assert len(played(story, venue)) == 10


@pytest.mark.parametrize(("venue", "message"), [("binance", binance("BTCUSDT", 12)), ("okx", okx("BTC-USDT", 12))])
def test_the_market_and_the_time_of_a_ticker_are_told_without_reading_it_whole(venue: str, message: str):
    named = TICKERS_BY_THEMSELVES[venue](message)
    assert named == ("BTC-USDT" if venue == "okx" else "BTCUSDT", 12)
