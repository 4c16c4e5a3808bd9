"""The bundled daily prices as candles: a day's close is known at the next midnight, and nothing is known before its time."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from rebalancer_gui.adapters.market_data.bundled_candles import DAY, BundledCandles
from rebalancer_gui.application.candle_port import CandleAnswer, CandleQuestion
from rebalancer_gui.domain.errors import InvalidInput

LONG_AGO, LATE = datetime(2010, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


class NoPauses:
    pause = ""

    def hold(self, span: timedelta) -> None:
        raise AssertionError


def ask(source: BundledCandles, *symbols: str, since=LONG_AGO, until=LATE, timeframe=DAY) -> CandleAnswer:
    question = CandleQuestion(symbols, timeframe, since, until)
    return asyncio.run(source.load(question, lambda done, total: None, NoPauses()))


def at(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def test_the_row_of_a_date_is_the_close_of_the_bar_that_opened_the_day_before(history):
    series = ask(BundledCandles(history), "BTC/USDT").series["BTC/USDT"]
    bar = series.opened.index(at(2021, 1, 1))

    assert series.timeframe == DAY
    assert series.closes[bar] == float(history.price("BTC", date(2021, 1, 2)))
    assert series.opens[bar] == float(history.price("BTC", date(2021, 1, 1)))
    assert series.highs[bar] == max(series.opens[bar], series.closes[bar])
    assert series.lows[bar] == min(series.opens[bar], series.closes[bar])
    first, last = history.first_day("BTC"), history.last_day("BTC")
    assert series.opened[0] == at(first.year, first.month, first.day) - 86_400
    assert series.opened[-1] == at(last.year, last.month, last.day) - 86_400


@pytest.mark.parametrize("second", (-1, 0))
def test_at_market_time_only_bars_that_are_over_are_known(history, second):
    now = datetime(2021, 5, 14, tzinfo=UTC) + timedelta(seconds=second)
    series = ask(BundledCandles(history, lambda: now), "BTC/USDT").series["BTC/USDT"]
    # The price of 2021-05-14 00:00 is known from that very moment on, not a second before.
    assert series.opened[-1] == (at(2021, 5, 13) if second == 0 else at(2021, 5, 12))


def test_a_part_of_the_time_is_answered_with_whole_bars_in_it(history):
    since, until = datetime(2021, 1, 1, 6, tzinfo=UTC), datetime(2021, 1, 5, 6, tzinfo=UTC)
    series = ask(BundledCandles(history), "ETH/USDT", since=since, until=until).series["ETH/USDT"]
    assert list(series.opened) == [at(2021, 1, 2), at(2021, 1, 3), at(2021, 1, 4)]


def test_another_dollar_coin_can_be_the_money(history):
    series = ask(BundledCandles(history), "BTC/USDC").series["BTC/USDC"]
    bar, day = series.opened.index(at(2021, 1, 1)), date(2021, 1, 2)
    assert series.closes[bar] == float(history.price("BTC", day) / history.price("USDC", day))


def test_coins_without_prices_are_named_and_another_timeframe_is_refused(history):
    answer = ask(BundledCandles(history), "BTC/USDT", "SHIB/USDT", "BTC/EUR", "USDT/USDT")
    assert list(answer.series) == ["BTC/USDT"]
    assert answer.findings[0] == "There are no bundled prices of SHIB/USDT, BTC/EUR, USDT/USDT in that time."
    with pytest.raises(InvalidInput, match="the only timeframe is 1 day"):
        ask(BundledCandles(history), "BTC/USDT", timeframe=timedelta(hours=1))
