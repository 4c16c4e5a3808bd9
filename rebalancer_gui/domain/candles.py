"""Closed candles of a market: what charts, the cockpit and the backtest are drawn and reckoned from, never an order."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class CandleSeries:
    """Closed candles of one symbol (``BASE/QUOTE``), oldest first.

    ``opened`` is each bar's opening in whole seconds since 1970 UTC (``array("q")``), strictly increasing, not
    necessarily without gaps; the others are ``array("d")`` of the same length: prices in quote units per base unit,
    ``volumes`` in base units. A bar's close is known at ``opened + timeframe``: that is the time of its quote.

    Numbers are as they were read: whoever reckons with them judges zeros and what is not finite. Raises ValueError
    for columns of another kind or length and for a timeframe that is not a positive number of whole seconds.
    """

    symbol: str
    timeframe: timedelta
    opened: array[int]
    opens: array[float]
    highs: array[float]
    lows: array[float]
    closes: array[float]
    volumes: array[float]

    def __post_init__(self) -> None:
        columns = (self.opens, self.highs, self.lows, self.closes, self.volumes)
        if self.opened.typecode != "q" or any(column.typecode != "d" for column in columns):
            raise ValueError("the openings of candles are an array of 'q', their prices and volumes arrays of 'd'")
        if any(len(column) != len(self.opened) for column in columns):
            raise ValueError("the columns of a candle series must have the same length")
        if self.timeframe <= timedelta(0) or self.timeframe % timedelta(seconds=1):
            raise ValueError("the timeframe of candles is a positive number of whole seconds")

    def __len__(self) -> int:
        return len(self.opened)
