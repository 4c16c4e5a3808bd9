"""Past returns of a set of weights (BEHAVIOUR.md section 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO
from rebalancer_gui.domain.strategy import Target

DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class AnnualisedReturn:
    """Annualised return in percent over the last ``days`` days; ``used`` days were really available."""

    days: int
    used: int
    percent: Decimal | None


def annualised_return(
    targets: Sequence[Target], closes: Mapping[str, Sequence[Decimal]], days: int
) -> AnnualisedReturn:
    """Today's weights held over the last ``days`` days = days + 1 closes, one rebalance a day, no fees.

    R = end / start - 1, annualised = (1 + R)^(365 / n) - 1, with the n <= ``days`` days for which every coin has a close.
    ``closes`` oldest first. None when fewer than two closes are there.
    """
    shortest = min((len(closes.get(t.asset, ())) for t in targets), default=0)
    used = min(days, shortest - 1)
    if used < 1:
        return AnnualisedReturn(days, 0, None)
    growth = ONE
    for day in range(-used, 0):
        growth *= sum((t.weight / HUNDRED * closes[t.asset][day] / closes[t.asset][day - 1] for t in targets), ZERO)
    annual = growth ** (Decimal(DAYS_A_YEAR) / used) - ONE
    return AnnualisedReturn(days, used, annual * HUNDRED)
