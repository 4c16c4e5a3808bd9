"""Trigger price, stop-loss and take-profit over bars (BEHAVIOUR.md section 6): a level is looked at on every bar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from rebalancer_gui.backtest.bars import Bars, Flags, Floats
from rebalancer_gui.backtest.job import Job
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.money import plain
from rebalancer_gui.domain.protection import GOOD_QUOTES
from rebalancer_gui.domain.strategy import Basis, Direction, EndReason, Level

ONE_BAR_IS_ENOUGH = timedelta(seconds=6)
"""Longer bars stand for themselves; of shorter ones three in a row must agree, as of quotes."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A stop-loss or take-profit. Prices: ``agrees`` says of each bar whether it is at or beyond the level. Return: a
    growth of at most (``falls``) or at least ``growth``.
    """

    reason: EndReason
    falls: bool
    agrees: Flags | None = None
    growth: float = 0.0

    def holds_at(self, growths: Floats, begin: int) -> Flags:
        """For bars from ``begin`` on, whose growth since the start (1 = unchanged) is ``growths``: is it reached?"""
        if self.agrees is not None:
            return self.agrees[begin : begin + len(growths)]
        return growths <= self.growth if self.falls else growths >= self.growth


def confirmations(bars: Bars) -> int:
    """How many bars in a row must agree before a level fires."""
    return 1 if bars.timeframe > ONE_BAR_IS_ENOUGH else GOOD_QUOTES


def confirmed(agreeing: Flags, needed: int, before: int = 0) -> tuple[int, int]:
    """The first place at which ``needed`` in a row agree (-1: nowhere), and how many in a row agree at the end.
    ``before`` of them agreed just before the first.
    """
    if needed == 1:
        first = int(agreeing.argmax()) if len(agreeing) else 0
        found = len(agreeing) > 0 and bool(agreeing[first])
        return (first if found else -1), 0
    run = before
    for place, agrees in enumerate(agreeing.tolist()):
        run = run + 1 if agrees else 0
        if run >= needed:
            return place, run
    return -1, run


def trigger_row(job: Job) -> int:
    """The bar on which the portfolio is built: the first one without a trigger; -1 where it is never reached.

    The side from which the trigger is reached follows from the first bar's price. Raises InvalidInput (``trigger``).
    """
    if job.trigger is None:
        return 0
    symbol, level = job.trigger.symbol, float(job.trigger.price)
    prices = _prices(job.bars, symbol)
    now = _first(prices, symbol, "trigger")
    if now == level:
        raise InvalidInput(
            "trigger", f"{symbol} is at {now:.10g} at the first bar: the trigger must be above or below that."
        )
    direction = Direction.RISING if level > now else Direction.FALLING
    place, _ = confirmed(prices >= level if direction is Direction.RISING else prices <= level, confirmations(job.bars))
    return place


def exits_of(job: Job, built: int) -> tuple[Exit, ...]:
    """The stop-loss, then the take-profit, of those that are set. ``built`` is the bar on which the portfolio is built.

    Raises InvalidInput (``stop_loss``, ``take_profit``) for a level that would fire at once.
    """
    found = []
    for field, level, reason in (
        ("stop_loss", job.stop_loss, EndReason.STOP_LOSS),
        ("take_profit", job.take_profit, EndReason.TAKE_PROFIT),
    ):
        if level is not None:
            found.append(_exit(job, level, reason, field, built))
    return tuple(found)


def _exit(job: Job, level: Level, reason: EndReason, field: str, built: int) -> Exit:
    falls = reason is EndReason.STOP_LOSS
    if level.basis is Basis.RETURN:
        growth = 1 + float(level.level) / 100
        if growth >= 1 if falls else growth <= 1:
            side = "below" if falls else "above"
            raise InvalidInput(field, f"A return of {plain(level.level)} % would fire at once: it must be {side} 0 %.")
        return Exit(reason, falls, growth=growth)
    prices, limit = _prices(job.bars, level.symbol), float(level.level)
    with np.errstate(invalid="ignore"):
        agrees = prices <= limit if falls else prices >= limit
    now = _first(prices[built:], level.symbol, field)
    if now <= limit if falls else now >= limit:
        side = "below" if falls else "above"
        raise InvalidInput(
            field,
            f"{plain(level.level)} would fire at once: it must be {side} the {now:.10g} of {level.symbol} when it begins.",
        )
    return Exit(reason, falls, agrees)


def _prices(bars: Bars, symbol: str) -> Floats:
    if symbol in bars.symbols:
        return bars.prices[:, bars.symbols.index(symbol)]
    return bars.watched[symbol]


def _first(prices: Floats, symbol: str, field: str) -> float:
    good = prices[np.isfinite(prices)]
    if not len(good):
        raise InvalidInput(field, f"{symbol} has no candle at any bar: it cannot be watched.")
    return float(good[0])
