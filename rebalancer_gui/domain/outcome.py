"""How near a rebalance came to its target weights, and why not nearer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.market import MarketRules, symbol_of
from rebalancer_gui.domain.money import HUNDRED, ZERO
from rebalancer_gui.domain.planning import SkippedLeg
from rebalancer_gui.domain.valuation import Snapshot

SHOWN = Decimal("0.005")
"""A difference that rounds to 0.00 on screen needs no explanation."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Weight reached against target in percent for one coin, and why they differ ("" when they do not)."""

    asset: str
    target: Decimal
    reached: Decimal
    why: str


def reached_weights(
    after: Snapshot,
    skipped: tuple[SkippedLeg, ...],
    unfilled: Mapping[str, str],
    rules: Mapping[str, MarketRules],
) -> tuple[Reached, ...]:
    """Reached against target per coin. ``unfilled`` says for a leg that was not filled in full why (by asset).

    What is left when every leg was filled comes from steps (less than one step of the coin) or from fees and spread.
    """
    left_out = {leg.asset: leg.reason.value for leg in skipped}
    rows = []
    for holding in after.holdings:
        if holding.weight is None or holding.drift is None or after.total is None or holding.quote is None:
            continue
        why = ""
        if abs(holding.drift) >= SHOWN:
            market = rules.get(symbol_of(holding.asset, after.quote_asset))
            step = market.step_size * holding.quote.mid if market is not None else ZERO
            off = abs(holding.drift) * after.total / HUNDRED
            why = left_out.get(holding.asset) or unfilled.get(holding.asset) or ""
            if not why:
                why = "step size" if off < step else "fee and spread"
        rows.append(Reached(holding.asset, holding.target, holding.weight, why))
    return tuple(rows)
