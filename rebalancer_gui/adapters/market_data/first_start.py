"""What the first start of the demo offers, from ``resources/demo/first_start.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.market_data.price_path import MAX_SPEED, MIN_SPEED
from rebalancer_gui.adapters.market_data.toml_fields import read_toml
from rebalancer_gui.domain.allocation import problems_with_rule
from rebalancer_gui.domain.strategy import RatioRule

MAX_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class FirstStart:
    """``speed`` in market seconds per wall second, ``threshold`` in percentage points, ``preset`` is a preset's id."""

    seed: int
    start_date: date
    speed: int
    preset: str
    threshold: Decimal


def read_first_start(path: Path) -> FirstStart:
    """Raises EnvironmentProblem naming the key that is missing, unknown or not legal."""
    fields = read_toml(path)
    first = FirstStart(
        seed=fields.integer("seed", 0, MAX_SEED),
        start_date=fields.day("start_date"),
        speed=fields.integer("speed", MIN_SPEED, MAX_SPEED),
        preset=fields.text("preset"),
        threshold=fields.positive("threshold"),
    )
    for problem in problems_with_rule(RatioRule(first.threshold)):
        fields.refuse(problem.field, problem.message.rstrip("."))
    fields.finish()
    return first
