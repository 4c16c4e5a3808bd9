"""What would make a portfolio tradable whose orders are all too small (BEHAVIOUR.md section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.market import MarketRules, symbol_of
from rebalancer_gui.domain.money import HUNDRED, ZERO, ceil_to_step, plain
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import SkippedLeg, SkipReason
from rebalancer_gui.domain.strategy import MAX_THRESHOLD, THRESHOLD_GRID
from rebalancer_gui.domain.valuation import Snapshot

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class MinimumAdvice:
    """``threshold`` in pp: a drift of that size gives one tradable leg (None: over 50). ``amount`` in quote units to add."""

    threshold: Decimal | None
    amount: Decimal | None
    shortfalls: tuple[tuple[str, Decimal], ...]

    def words(self, quote: str) -> str:
        """One or two sentences for the screen."""
        short = ", ".join(f"{asset} {plain(ceil_to_step(amount, _CENT))} {quote}" for asset, amount in self.shortfalls)
        ways = []
        if self.threshold is not None:
            ways.append(f"a threshold of {plain(self.threshold)} %")
        if self.amount is not None:
            ways.append(f"{plain(self.amount)} {quote} more in the strategy")
        cure = f" With {' or '.join(ways)} at least one order can be sent." if ways else ""
        return f"Short of the smallest order: {short}.{cure}" if short else cure.strip()


def advise(snapshot: Snapshot, skipped: tuple[SkippedLeg, ...], rules: Mapping[str, MarketRules]) -> MinimumAdvice:
    """The smallest threshold and the smallest addition that make at least one leg of ``snapshot`` a legal order.

    With the smallest legal order m of a coin, a drift of d pp trades d / 100 x V: d = 100 m / V. Adding A to V makes the
    coin's trade w (V + A) - value, which reaches m at A = (m - (w V - value)) / w.
    """
    shortfalls = tuple((leg.asset, leg.shortfall) for leg in skipped if leg.reason is SkipReason.BELOW_MINIMUM)
    worth = snapshot.total
    if worth is None or worth <= ZERO:
        return MinimumAdvice(None, None, shortfalls)
    thresholds, amounts = [], []
    for leg in skipped:
        row, market = snapshot.holding(leg.asset), rules.get(symbol_of(leg.asset, snapshot.quote_asset))
        if market is None or row.quote is None or row.value is None or leg.reason is not SkipReason.BELOW_MINIMUM:
            continue
        price = row.quote.ask if leg.side is Side.BUY else row.quote.bid
        thresholds.append(market.smallest_order_value(price) * HUNDRED / worth)
        weight = row.target / HUNDRED
        if weight == ZERO:
            continue  # what is left of a coin that is out of the portfolio: no addition makes more of it
        amounts.append((market.smallest_order_value(row.quote.ask) - (weight * worth - row.value)) / weight)
    threshold = ceil_to_step(min(thresholds), THRESHOLD_GRID) if thresholds else None
    if threshold is not None and threshold > MAX_THRESHOLD:
        threshold = None
    return MinimumAdvice(threshold, ceil_to_step(max(min(amounts), ZERO), _CENT) if amounts else None, shortfalls)
