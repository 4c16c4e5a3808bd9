"""Replayed prices: real daily history, with an invented but repeatable path inside each day."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from rebalancer_gui.adapters.market_data.bridge import CorrelatedBridges, price_from_float
from rebalancer_gui.adapters.market_data.coin_kinds import STABLE_COINS
from rebalancer_gui.adapters.market_data.history import DailyHistory

CORRELATION = 0.7
"""Correlation of two coins inside a day; of the demo's daily returns it is about 0.6 to 0.8."""
WINDOW_DAYS = 30
STABLE_VOLATILITY = 0.0003
"""Daily volatility of a dollar coin inside a day; the daily rows carry the source's noise, which is no measure of it."""
USUAL_VOLATILITY = 0.05
USUAL_WEIGHT = 3
"""A coin without a past starts at the usual volatility, which counts like this many of its days."""
_ONE_DAY = timedelta(days=1)
_DAY_SECONDS = 86_400.0
_MEAN_TO_DEVIATION = math.sqrt(math.pi / 2)
"""E|x| of a normal variable is sigma * sqrt(2 / pi): the mean absolute return is less moved by one wild day."""


@dataclass(frozen=True, slots=True)
class _Day:
    """What the path of one coin and day needs: log price, log change and volatility."""

    log_opening: float
    log_change: float
    volatility: float
    number: int


def midnight(day: date) -> datetime:
    """00:00 UTC of ``day``."""
    return datetime.combine(day, time(), UTC)


class ReplayPrices:
    """A ``PricePath`` through ``history``: exact at every 00:00 UTC, a seeded bridge between two days.

    The bridge inside day D uses the rows of D and D + 1 and the volatility of the 30 daily returns up to D; later rows
    change nothing in it. There is no price inside a day that lacks a row at either end, and none after the last row.
    """

    def __init__(self, history: DailyHistory, seed: int) -> None:
        self._history = history
        self.seed = seed
        self._bridges = CorrelatedBridges(seed, CORRELATION)
        self._day = lru_cache(maxsize=64)(self._read_day)

    def price(self, asset: str, at: datetime) -> Decimal | None:
        """USDT per unit at ``at`` (UTC, not rounded to a tick); None in a gap, before the first and after the last row."""
        into_day = at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6
        if not into_day or asset == self._history.quote:
            return self._history.price(asset, at.date())
        day = self._day(asset, at.date())
        if day is None:
            return None
        fraction = into_day / _DAY_SECONDS
        noise = day.volatility * self._bridges.inside_day(asset, day.number, fraction)
        return price_from_float(math.exp(day.log_opening + day.log_change * fraction + noise))

    def end(self, assets: Iterable[str]) -> datetime | None:
        """The last moment at which all ``assets`` have a price; None when they never have one together."""
        common = self._history.common_range(assets)
        return midnight(common[1]) if common else None

    def volatility(self, asset: str, day: date) -> float:
        """Standard deviation of the log return over a day, from the returns known at 00:00 UTC of ``day``."""
        if asset in STABLE_COINS:
            return STABLE_VOLATILITY
        closes = [float(close) for close in self._history.closes(asset, day, WINDOW_DAYS + 1)]
        moves = [abs(math.log(later / earlier)) for earlier, later in itertools.pairwise(closes)]
        known = _MEAN_TO_DEVIATION * math.fsum(moves)
        return (known + USUAL_WEIGHT * USUAL_VOLATILITY) / (len(moves) + USUAL_WEIGHT)

    def _read_day(self, asset: str, day: date) -> _Day | None:
        opening, closing = self._history.price(asset, day), self._history.price(asset, day + _ONE_DAY)
        if opening is None or closing is None:
            return None
        log_opening = math.log(float(opening))
        change = math.log(float(closing)) - log_opening
        return _Day(log_opening, change, self.volatility(asset, day), day.toordinal())
