"""A portfolio at the quotes of one moment, worked out only when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.domain.strategy import StrategyParameters, Target
from rebalancer_gui.domain.valuation import Marks, Snapshot, snapshot_at


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """What a strategy owned and aimed at, until something is booked or edited or its markets change.

    ``quantities`` in base units by coin, ``cash`` in quote units; ``targets`` with the coins that are out of it and not sold
    yet, at 0. ``lasts``: it may be used again while ``parameters``, ``rules`` and the wallet's ``revision`` are the same.
    """

    targets: tuple[Target, ...]
    quantities: Mapping[str, Decimal]
    cash: Decimal
    parameters: StrategyParameters
    rules: Mapping[str, MarketRules]
    revision: int
    lasts: bool


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """Drawn for one portfolio: while no price has moved by more than ``reach`` (a fraction) from where it was then, the
    portfolio is within the threshold of its rule (domain.calm).
    """

    portfolio: Portfolio
    reach: Decimal


class Look:
    """Its snapshot is what it would have been at once: the quotes of that moment and the portfolio never change.

    ``inside``: the ranges that all its prices are in; None where that is not so, or not known.
    """

    __slots__ = ("_marks", "_seq", "_snapshot", "inside", "portfolio")

    def __init__(self, seq: int, portfolio: Portfolio, marks: Marks, inside: Ranges | None = None) -> None:
        self.portfolio, self.inside = portfolio, inside
        self._seq, self._marks = seq, marks
        self._snapshot: Snapshot | None = None

    @property
    def at(self) -> datetime:
        """When it was taken (UTC)."""
        return self._marks.at

    @property
    def snapshot(self) -> Snapshot:
        """Made at the first question."""
        if self._snapshot is None:
            p = self.portfolio
            self._snapshot = snapshot_at(self._marks, self._seq, p.parameters.quote, p.targets, p.quantities, p.cash)
        return self._snapshot
