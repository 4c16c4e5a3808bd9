"""Candle series: columns that fit together."""

from __future__ import annotations

from array import array
from datetime import timedelta

import pytest

from rebalancer_gui.domain.candles import CandleSeries

DAY = timedelta(days=1)


def series(count: int, *, opened: str = "q", closes: int | None = None, timeframe: timedelta = DAY) -> CandleSeries:
    prices = array("d", [1.0] * count)
    return CandleSeries(
        "BTC/USDT", timeframe, array(opened, [86_400 * i for i in range(count)]), prices, prices, prices,
        array("d", [1.0] * (count if closes is None else closes)), prices,
    )  # fmt: skip


def test_a_series_is_as_long_as_its_columns() -> None:
    assert len(series(3)) == 3
    assert len(series(0)) == 0


def test_columns_of_another_length_or_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="the same length"):
        series(3, closes=2)
    with pytest.raises(ValueError, match="array of 'q'"):
        series(3, opened="i")


@pytest.mark.parametrize("timeframe", [timedelta(0), -DAY, timedelta(milliseconds=1500)])
def test_a_timeframe_is_a_positive_number_of_whole_seconds(timeframe: timedelta) -> None:
    with pytest.raises(ValueError, match="timeframe"):
        series(1, timeframe=timeframe)
