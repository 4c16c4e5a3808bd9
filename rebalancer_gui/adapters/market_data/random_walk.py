"""Seeded correlated random walks for any set of coins: prices without a history and without an end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.adapters.market_data.bridge import CorrelatedBridges, price_from_float
from rebalancer_gui.adapters.market_data.history import DailyHistory
from rebalancer_gui.adapters.market_data.replay import CORRELATION, ReplayPrices
from rebalancer_gui.domain.errors import InvalidInput

_ONE_DAY = timedelta(days=1)


class RandomWalkPrices:
    """A ``PricePath`` from ``start`` (UTC) on: geometric Brownian motions whose log returns are correlated.

    ``start_prices`` are quote units per unit, exact at ``start``; ``volatility`` is the standard deviation of the log
    return over one day, per coin. Between two days lies the same bridge as in the replay. No coin tends up or down: the
    expected price is the start price. Raises InvalidInput on a coin without a price above 0 or without a volatility.
    """

    def __init__(
        self,
        seed: int,
        start: datetime,
        start_prices: Mapping[str, Decimal],
        volatility: Mapping[str, float],
        correlation: float = CORRELATION,
    ) -> None:
        for asset, price in start_prices.items():
            if not (price.is_finite() and price > 0):
                raise InvalidInput("coins", f"{asset} needs a start price above 0.")
            if not 0 <= volatility.get(asset, -1.0) < math.inf:
                raise InvalidInput("coins", f"{asset} needs a daily volatility of 0 or more.")
        self.seed = seed
        self.start = start
        self._start_prices = dict(start_prices)
        self._volatility = {asset: volatility[asset] for asset in start_prices}
        self._bridges = CorrelatedBridges(seed, correlation)
        self._walked = {asset: [math.log(float(price))] for asset, price in start_prices.items()}

    @property
    def coins(self) -> tuple[str, ...]:
        return tuple(self._start_prices)

    def price(self, asset: str, at: datetime) -> Decimal | None:
        """Quote units per unit at ``at`` (not rounded to a tick); None before the start and for an unknown coin."""
        if asset not in self._start_prices or at < self.start:
            return None
        if at == self.start:
            return self._start_prices[asset]
        day, into_day = divmod(at - self.start, _ONE_DAY)
        fraction = into_day / _ONE_DAY
        opening, closing = self._log_price(asset, day), self._log_price(asset, day + 1)
        noise = self._volatility[asset] * self._bridges.inside_day(asset, day, fraction)
        return price_from_float(math.exp(opening + (closing - opening) * fraction + noise))

    def _log_price(self, asset: str, day: int) -> float:
        """Sum of the daily log returns; the sums so far are kept, always added in the same order."""
        walked, volatility = self._walked[asset], self._volatility[asset]
        while len(walked) <= day:
            step = volatility * self._bridges.over_day(asset, len(walked) - 1)
            walked.append(walked[-1] + step - volatility * volatility / 2)
        return walked[day]


def walk_after(history: DailyHistory, assets: Iterable[str], seed: int) -> RandomWalkPrices | None:
    """The walk that goes on where the replay of ``assets`` ends: its last prices, and the volatility of its last days.

    None when the assets have no common day.
    """
    replay = ReplayPrices(history, seed)
    wanted = tuple(assets)
    end = replay.end(wanted)
    if end is None:
        return None
    last = {asset: history.price(asset, end.date()) for asset in wanted}
    prices = {asset: price for asset, price in last.items() if price is not None}
    return RandomWalkPrices(seed, end, prices, {asset: replay.volatility(asset, end.date()) for asset in prices})
