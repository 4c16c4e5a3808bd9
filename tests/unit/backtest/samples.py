"""Made-up candles: seeded random walks, and series written by hand."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from rebalancer_gui.backtest.bars import Bars, Floats, make_bars
from rebalancer_gui.domain.candles import CandleSeries

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BEGIN = int(datetime(2021, 1, 1, tzinfo=UTC).timestamp())
COINS = ("BTC", "ETH", "SOL", "ADA", "XRP", "DOT", "LINK", "AVAX", "LTC", "ATOM")


def series(
    closes: Sequence[float], symbol: str = "BTC/USDT", timeframe: timedelta = DAY, opened: Sequence[int] | None = None
) -> CandleSeries:
    """``opened`` in seconds, by default from 2021-01-01 on without a gap."""
    step = int(timeframe.total_seconds())
    begins = opened if opened is not None else [BEGIN + step * i for i in range(len(closes))]
    column = array("d", closes)
    return CandleSeries(
        symbol, timeframe, array("q", begins), column, column, column, column, array("d", [1.0] * len(closes))
    )


def of(table: Mapping[str, Sequence[float]], timeframe: timedelta = DAY) -> dict[str, CandleSeries]:
    """Closes by coin, all from 2021-01-01 on."""
    return {f"{coin}/USDT": series(closes, f"{coin}/USDT", timeframe) for coin, closes in table.items()}


def bars_of(table: Mapping[str, Sequence[float]], timeframe: timedelta = DAY) -> Bars:
    found = of(table, timeframe)
    return make_bars(found, tuple(found))


def walk(seed: int, bars: int, coins: int, timeframe: timedelta) -> Floats:
    """Closes of ``coins`` (bars x coins) that move like coins do: 80 % a year each, a common part in all of them."""
    chance = np.random.default_rng(seed)
    deviation = 0.8 * np.sqrt(timeframe / timedelta(days=365))
    own, common = chance.normal(size=(bars, coins)), chance.normal(size=(bars, 1))
    moves = deviation * (0.7 * own + 0.7 * common)
    prices: Floats = (
        np.exp(np.cumsum(moves, axis=0)) * np.array([40_000.0, 2_500, 100, 1.2, 0.6, 7, 15, 30, 90, 11])[:coins]
    )
    return prices


def walked_bars(seed: int, bars: int, coins: int, timeframe: timedelta) -> Bars:
    prices = walk(seed, bars, coins, timeframe)
    return bars_of({COINS[i]: prices[:, i].tolist() for i in range(coins)}, timeframe)


def weights_of(coins: int) -> tuple[float, ...]:
    """Uneven, on the grid of 0.01 %, 100 in all."""
    return (60.0, 40.0) if coins == 2 else (25.0, 20.0, 15.0, 10.0, 8.0, 7.0, 5.0, 4.0, 3.5, 2.5)
