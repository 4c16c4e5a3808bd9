"""How far each coin may be from its weight before a rule rebalances, as fractions of the portfolio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from rebalancer_gui.backtest.closes import Closes, Floats
from rebalancer_gui.backtest.job import Job, MarketLimit
from rebalancer_gui.backtest.looks import TIE
from rebalancer_gui.domain.bands import ORDERS_WORTH, auto_band
from rebalancer_gui.domain.money import ONE, ZERO
from rebalancer_gui.domain.strategy import BandRule, Rule, limit_of

BAND_PLACES = 6
"""The auto band has four decimals in pp: six as a fraction."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class DriftLimits:
    """``fractions`` one a coin. The auto band moves with the portfolio's value too: ``least`` (looks x coins, in quote
    units) is then the band in money that it has at least, else None. Where no coin is off by ``smallest`` quote units, no
    order is large enough for the exchange: such a breach is blocked.
    """

    fractions: tuple[float, ...]
    least: Floats | None = None
    smallest: float = 0.0

    def at(self, row: int, worth: float) -> Sequence[float]:
        """The limits at one look of a portfolio of ``worth``, as fractions."""
        if self.least is None or worth <= 0:
            return self.fractions
        parts = [round(money / worth, BAND_PLACES) + TIE for money in self.least[row].tolist()]
        return list(map(max, self.fractions, parts))

    def in_money(self, begin: int, end: int, worth: Floats) -> Floats:
        """The limits at looks ``begin .. end - 1`` in quote units (looks x coins); ``worth`` is looks x 1."""
        limits: Floats = np.array(self.fractions) * worth
        if self.least is not None:
            parts = np.round(self.least[begin:end] / worth, BAND_PLACES) + TIE
            limits = np.maximum(limits, parts * worth)
        return limits


def limits_of_drift(job: Job, rule: Rule, closes: Closes) -> DriftLimits:
    """The limits of ``rule`` for the portfolio of ``job`` at the looks whose closes are ``closes``."""
    smallest = min((limit.min_notional for limit in job.limits), default=0.0) * (1 - _ROUNDING)
    if not isinstance(rule, BandRule):
        return DriftLimits((float(limit_of(rule)) / 100 + TIE,) * len(job.weights), None, smallest)
    cost = Decimal(repr(job.costs.fee))
    bands = [auto_band(Decimal(repr(weight)), cost, ZERO, ONE) for weight in job.weights]
    fractions = tuple(float(band) / 100 + TIE for band in bands)
    if not any(limit.min_notional or limit.min_quantity or limit.step for limit in job.limits):
        return DriftLimits(fractions, None, smallest)
    asks = closes.lanes * (1 + job.costs.half_spread)
    orders = [_smallest_orders(limit, lane) for limit, lane in zip(job.limits, asks, strict=True)]
    return DriftLimits(fractions, np.stack(orders, axis=1) * float(ORDERS_WORTH), smallest)


def _smallest_orders(limit: MarketLimit, asks: Floats) -> Floats:
    """The value of the smallest legal order at each of ``asks``, in quote units."""
    quantity: Floats = np.maximum(limit.min_notional / asks, limit.min_quantity)
    if limit.step:
        quantity = np.ceil(quantity / limit.step - 1e-9) * limit.step
    return quantity * asks
