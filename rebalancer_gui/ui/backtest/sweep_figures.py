"""What the map of rules can show in its cells, how it is written and coloured, and what its neighbours say. Pure: no Qt."""

from __future__ import annotations

import enum
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from rebalancer_gui.backtest.sweep import Cell
from rebalancer_gui.domain.strategy import INTERVALS, THRESHOLDS, BandRule, RatioRule, Rule, TimeRule
from rebalancer_gui.ui.backtest.work import CellKey
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Tokens, heat_limit
from rebalancer_gui.ui.translation import tr

NEVER = "="
"""In the cell of a rule that never rebalanced."""
LITTLE, MUCH = 0.5, 5.0
"""Rules that differ by no more than the one (pp a year) did about as well, by more than the other they did not, whatever the
map spans.
"""
T = TypeVar("T", Decimal, timedelta)


class Figure(enum.Enum):
    """What stands in the cells; the value is its name in the chooser."""

    VERSUS = tr("Return a year vs HODL, pp")
    FEES = tr("Fee drag a year, %")
    DRAWDOWN = tr("Worst drawdown, %")
    TRADES = tr("Rebalances")


def figure_of(cell: Cell, figure: Figure) -> float:
    """The number of ``figure``; against HODL it is that of the whole test in percent where it is under a week long."""
    match figure:
        case Figure.VERSUS:
            return cell.versus_hodl if cell.versus_hodl_a_year is None else cell.versus_hodl_a_year
        case Figure.FEES:
            return cell.fee_drag or 0.0
        case Figure.DRAWDOWN:
            return -cell.max_drawdown
        case Figure.TRADES:
            return float(cell.rebalances)


def never_traded(cell: Cell) -> bool:
    """Whether the rule did nothing after the first build: then it is HODL."""
    return cell.rebalances == 0


@dataclass(frozen=True, slots=True)
class Scale:
    """How one figure is written and coloured over a whole map: ``limit`` is the end of the colours, ``middle`` where they
    begin (the HODL line's own drawdown, else 0).
    """

    figure: Figure
    limit: float
    middle: float
    places: int

    def text(self, cell: Cell, numbers: NumberFormat) -> str:
        """What stands in the cell."""
        if self.figure is Figure.TRADES:
            return numbers.fixed(Decimal(cell.rebalances), 0)
        if never_traded(cell):
            return NEVER
        value = decimal_of(figure_of(cell, self.figure))
        if self.figure is Figure.FEES:
            return numbers.fixed(value, self.places)
        return numbers.signed(value, self.places)

    def colours(self, cell: Cell, tokens: Tokens) -> tuple[str, str]:
        """Fill and label."""
        if never_traded(cell):
            return tokens.alt, tokens.text2
        value = figure_of(cell, self.figure) - self.middle
        # More fees are worse; a count is neither.
        return tokens.heat(-value if self.figure is Figure.FEES else value, self.limit)

    def legend(self, numbers: NumberFormat) -> tuple[str, str]:
        """The words at the two ends of the colours."""
        end = decimal_of(self.limit)
        match self.figure:
            case Figure.VERSUS:
                return numbers.signed(-end, 1), numbers.signed(end, 1, tr("pp a year"))
            case Figure.FEES:
                return numbers.fixed(end, 1, tr("% a year")), "0"
            case Figure.DRAWDOWN:
                return tr("deeper than HODL"), tr("less deep")
            case Figure.TRADES:
                return "", numbers.fixed(end, 0)


def scale_of(cells: Iterable[Cell], figure: Figure, middle: float = 0.0) -> Scale:
    """The scale over the cells that are there."""
    traded = [figure_of(cell, figure) for cell in cells if not never_traded(cell)]
    middle = middle if figure is Figure.DRAWDOWN else 0.0
    largest = max((abs(value) for value in traded), default=0.0)
    limit = heat_limit([value - middle for value in traded])
    if figure is Figure.TRADES:
        limit = max(largest, 1.0)
    places = 1 if figure is Figure.DRAWDOWN or largest >= 10 else 2
    return Scale(figure, limit, middle, 0 if figure is Figure.TRADES or largest >= 100 else places)


def decimal_of(value: float) -> Decimal:
    """The shortest decimal that is this float, for what is only shown."""
    return Decimal(repr(float(value)))


def key_of(rule: Rule, timeframe: timedelta) -> CellKey | None:
    """The cell of the map that is ``rule``; None where it is not in it. By ratio a cell is looked at on every bar, so a
    longer check period is another rule.
    """
    if isinstance(rule, TimeRule):
        return (rule.gate, rule.interval) if rule.gate in THRESHOLDS and rule.interval in INTERVALS else None
    if isinstance(rule, RatioRule) and rule.check_period <= timeframe:
        return (rule.threshold, None) if rule.threshold in THRESHOLDS else None
    return None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """How far the rules next to one differ from it at most, and what the map spans, in the unit of Figure.VERSUS."""

    differ: float
    least: float
    most: float

    @property
    def alike(self) -> bool:
        """Whether they did about as well: within a third of all that the map spans, and not far apart by any measure."""
        return self.differ <= min(max(LITTLE, (self.most - self.least) / 3), MUCH)


def neighbours_of(rule: Rule, value: float, cells: Mapping[CellKey, Cell]) -> Neighbours | None:
    """The rules one step of threshold or interval away from ``rule``, which itself did ``value`` against HODL.

    None for the auto band, which has no place in the map, and where none of its neighbours is there yet.
    """
    beside = [figure_of(cells[key], Figure.VERSUS) for key in _keys_beside(rule) if key in cells]
    if not beside:
        return None
    everywhere = [figure_of(cell, Figure.VERSUS) for cell in cells.values()]
    return Neighbours(max(abs(other - value) for other in beside), min(everywhere), max(everywhere))


def _keys_beside(rule: Rule) -> list[CellKey]:
    if isinstance(rule, BandRule):
        return []
    if isinstance(rule, RatioRule):
        return [(limit, None) for limit in _around(rule.threshold, THRESHOLDS) if limit != rule.threshold]
    keys: list[CellKey] = [
        (limit, interval) for limit in _around(rule.gate, THRESHOLDS) for interval in _around(rule.interval, INTERVALS)
    ]
    return [key for key in keys if key != (rule.gate, rule.interval)]


def _around(value: T, steps: Sequence[T]) -> Sequence[T]:
    """The step before ``value``, itself where it is one, and the step after."""
    at = bisect_left(steps, value)
    there = at < len(steps) and steps[at] == value
    return steps[max(at - 1, 0) : at + (2 if there else 1)]
