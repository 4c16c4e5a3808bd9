"""The day by which CoinGecko's rows and exchanges' bars differ: a row of D is the close of D - 1."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.daily_closes import bar_of_row, closes_until, newest_row

FIRST = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def bars(closes: Sequence[float], *, timeframe: timedelta = DAY, left_out: Sequence[int] = ()) -> CandleSeries:
    """Daily bars from FIRST on; those whose numbers are ``left_out`` are a gap."""
    kept = [n for n in range(len(closes)) if n not in left_out]
    prices = array("d", (closes[n] for n in kept))
    opened = array("q", (int((FIRST + n * DAY).timestamp()) for n in kept))
    return CandleSeries("BTC/USDT", timeframe, opened, prices, prices, prices, prices, prices)


def test_a_row_is_the_close_of_the_bar_of_the_day_before() -> None:
    assert bar_of_row(date(2026, 5, 4)) == date(2026, 5, 3)
    assert newest_row(datetime(2026, 5, 4, 0, 0, tzinfo=UTC)) == date(2026, 5, 4)
    assert newest_row(datetime(2026, 5, 3, 23, 59, tzinfo=UTC)) == date(2026, 5, 3)


def test_the_newest_close_is_that_of_yesterday_and_the_bar_of_today_is_never_looked_at() -> None:
    series = bars([10, 11, 12, 999])  # the bars of 1, 2, 3 and 4 May
    for at in (datetime(2026, 5, 4, 0, 0, tzinfo=UTC), datetime(2026, 5, 4, 23, 59, tzinfo=UTC)):
        assert closes_until(series, at, 10) == (Decimal("10.0"), Decimal("11.0"), Decimal("12.0"))
    assert closes_until(series, datetime(2026, 5, 3, 12, tzinfo=UTC), 10) == (Decimal("10.0"), Decimal("11.0"))
    assert closes_until(series, datetime(2026, 5, 4, 12, tzinfo=UTC), 2) == (Decimal("11.0"), Decimal("12.0"))


def test_without_yesterdays_bar_there_is_nothing_and_a_gap_ends_the_series() -> None:
    at = datetime(2026, 5, 6, 12, tzinfo=UTC)
    assert closes_until(bars([10, 11, 12, 13]), at, 10) == ()
    assert closes_until(bars([10, 11, 12, 13, 14], left_out=[1]), at, 10) == tuple(
        Decimal(f"{n}.0") for n in (12, 13, 14)
    )


@pytest.mark.parametrize("bad", (0.0, -1.0, float("nan"), float("inf")))
def test_a_close_that_is_no_price_is_a_gap(bad: float) -> None:
    at = datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert closes_until(bars([10, bad, 12]), at, 10) == (Decimal("12.0"),)


def test_bars_that_are_no_days_tell_no_daily_closes() -> None:
    assert closes_until(bars([10, 11, 12], timeframe=timedelta(hours=1)), datetime(2026, 5, 4, tzinfo=UTC), 5) == ()
