"""The drift that each coin may have before its strategy rebalances (BEHAVIOUR.md sections 3, 11; auto band).

The auto band of a coin is the widest of three, in pp of the portfolio:

- the 5/25 rule: 5 pp, or a quarter of the weight where that is less (L. Swedroe);
- the no-trade band of somebody with logarithmic utility under a cost of f a side: (3/2 f w^2 (1 - w)^2)^(1/3)
  (S. Shreve and H. Soner 1994; L. C. G. Rogers 2004): under it a trade costs more than it mends;
- 1.2 times the smallest legal order as a part of the value, so that what triggers can be traded.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from decimal import Decimal

from rebalancer_gui.domain.market import MarketRules, symbol_of
from rebalancer_gui.domain.money import HUNDRED, MONEY_CONTEXT, ONE, ZERO
from rebalancer_gui.domain.strategy import BandRule, Rule, limit_of
from rebalancer_gui.domain.valuation import Holding, Snapshot

WIDEST = Decimal(5)
"""pp, of the 5/25 rule."""
PART_OF_WEIGHT = Decimal("0.25")
ORDERS_WORTH = Decimal("1.2")
"""A band is at least this many smallest orders wide."""

_PLACES = MONEY_CONTEXT.copy()
_PLACES.prec = 16
_GRID = Decimal("0.0001")


def auto_band(weight: Decimal, cost: Decimal, smallest_order: Decimal, worth: Decimal) -> Decimal:
    """The band of one coin in pp, to four decimals.

    ``weight`` in percent, ``cost`` of one side as a fraction (0.001 = 0.1 %), ``smallest_order`` and ``worth`` (> 0) of the
    portfolio in quote units.
    """
    w = weight / HUNDRED
    ruled = min(WIDEST, weight * PART_OF_WEIGHT)
    with decimal.localcontext(_PLACES):
        cubed = Decimal("1.5") * cost * (w * (ONE - w)) ** 2
        untraded = cubed ** (ONE / 3) * HUNDRED if cubed > ZERO else ZERO
    tradable = ORDERS_WORTH * smallest_order * HUNDRED / worth
    return max(ruled, untraded, tradable).quantize(_GRID)


def bands_of(rule: Rule, snapshot: Snapshot, rules: Mapping[str, MarketRules], cost: Decimal) -> Mapping[str, Decimal]:
    """What each coin of ``snapshot`` may be off by, in pp. ``rules`` by symbol; ``cost`` of one side as a fraction.

    By ratio and by time the same for every coin. The auto band of a coin without price or rules counts without its smallest
    order; {} while the value is not known.
    """
    if not isinstance(rule, BandRule):
        limit = limit_of(rule)
        return {row.asset: limit for row in snapshot.holdings}
    if snapshot.total is None or snapshot.total <= ZERO:
        return {}
    found = {}
    for row in snapshot.holdings:
        market = rules.get(symbol_of(row.asset, snapshot.quote_asset))
        priced = market is not None and row.quote is not None and row.quote.ask > ZERO
        smallest = market.smallest_order_value(row.quote.ask) if market and row.quote and priced else ZERO
        found[row.asset] = auto_band(row.target, cost, smallest, snapshot.total)
    return found


def most_outside(snapshot: Snapshot, bands: Mapping[str, Decimal]) -> Holding | None:
    """The coin whose drift is largest beside its own band (the first of equals); None while drifts or bands are unknown.

    A coin whose band is 0 comes before all others as soon as it is off at all.
    """
    known = [h for h in snapshot.holdings if h.drift is not None and h.asset in bands]
    if snapshot.total is None or not known:
        return None

    def beside(row: Holding) -> tuple[bool, Decimal]:
        drift, band = abs(row.drift or ZERO), bands[row.asset]
        return (band == ZERO and drift > ZERO, drift / band if band else drift)

    return max(known, key=beside)


def is_outside(row: Holding | None, bands: Mapping[str, Decimal]) -> bool:
    """Strictly: a drift equal to its band holds."""
    return row is not None and row.drift is not None and abs(row.drift) > bands[row.asset]
