"""What all strategies that are over come to: kept as sums, so that they need not be in memory for it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.performance import Scorecard


@dataclass(frozen=True, slots=True)
class EndedTotal:
    """Of the strategies in ``quote`` that are over, in units of it: everything that was put in, what was paid out at their
    ends, their profit. ``compared`` of ``value`` is that of those that ever bought something, ``hodl`` their HODL lines.
    """

    quote: str
    count: int = 0
    added: Decimal = ZERO
    value: Decimal = ZERO
    profit: Decimal = ZERO
    compared: Decimal = ZERO
    hodl: Decimal = ZERO

    def changed(self, card: Scorecard, by: int, *, traded: bool) -> EndedTotal:
        """With one more (``by`` 1) or one less (-1) of that final ``card``; ``traded``: it was started."""
        value = by * (card.value or ZERO)
        return EndedTotal(
            self.quote,
            self.count + by,
            self.added + by * card.added,
            self.value + value,
            self.profit + by * (card.profit or ZERO),
            self.compared + (value if traded else ZERO),
            self.hodl + (by * (card.hodl_value or ZERO) if traded else ZERO),
        )


def ended_totals(totals: dict[str, EndedTotal], quote: str, card: Scorecard, by: int, *, traded: bool) -> None:
    """Take one that is over into ``totals`` (by quote), or out of them; money of which none is left has no row."""
    after = totals.get(quote, EndedTotal(quote)).changed(card, by, traded=traded)
    if after.count:
        totals[quote] = after
    else:
        totals.pop(quote, None)
