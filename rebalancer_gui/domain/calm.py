"""Between which prices a portfolio is certainly within its threshold: what need not be worked out at each batch of quotes.

Let w be the weight of a coin, d its drift in pp, b the threshold and m = b - |d|. While every mid stays within the factors
1 - e and 1 + e of what it was, and nothing is bought or sold, the value of the coin and that of all the rest each stay within
the same factors, so its weight stays under w(1 + e)/(w(1 + e) + (100 - w)(1 - e)) x 100 and over the same with the signs of e
changed. It moves by at most m while e <= 100m/(2w(100 - w) + m(100 - 2w)), with w up to 50; above 50 with the last sign
changed. The smallest such e of all coins holds for the portfolio. No floating point: prices outside prove nothing, and are
looked at.
"""

from __future__ import annotations

import decimal
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO
from rebalancer_gui.domain.valuation import Snapshot

WIDEST = Decimal("0.1")
"""A range reaches no further than this fraction from the prices it was drawn around."""
_SAFELY = Decimal("0.999")
"""Far more than what fifty digits can round away."""
_NARROWEST = Decimal("0.00001")
_LONGEST_WAIT = 31
"""Batches."""
_ANY_TIME = datetime.min.replace(tzinfo=UTC)

Range = tuple[Decimal, Decimal]
"""The lowest bid and the highest ask, in quote units."""


def calm_reach(snapshot: Snapshot, threshold: Decimal) -> Decimal:
    """By what fraction all prices of ``snapshot`` may move so that no drift can exceed ``threshold`` (pp).

    0 where nothing can be promised: a price is missing, a drift is at the threshold or over it, or hardly under it.
    """
    reach = WIDEST
    for row in snapshot.holdings:
        if row.weight is None or row.drift is None:
            return ZERO
        room = threshold - abs(row.drift)
        if room <= ZERO:
            return ZERO
        moved = 2 * row.weight * (HUNDRED - row.weight) + room * abs(HUNDRED - 2 * row.weight)
        if HUNDRED * room < reach * moved:
            reach = HUNDRED * room / moved * _SAFELY
    return reach if reach >= _NARROWEST else ZERO


def calm_ranges(snapshot: Snapshot, reach: Decimal) -> Mapping[str, Range]:
    """What :func:`calm_reach` allows, by symbol; {} for a reach of 0. Every coin of ``snapshot`` has a good price then.

    The ends are rounded inwards to the places of the quote's prices: of prices with no more places nothing is lost, and two
    numbers with the same places are compared fastest.
    """
    if reach <= ZERO:
        return {}
    low, high = ONE - reach, ONE + reach
    found = {}
    for row in snapshot.holdings:
        if row.quote is not None:
            mid, places = row.quote.mid, row.quote.ask - row.quote.bid
            found[row.quote.symbol] = (_rounded(mid * low, places, up=True), _rounded(mid * high, places, up=False))
    return found


def _rounded(price: Decimal, places: Decimal, *, up: bool) -> Decimal:
    """``price`` with as many places as ``places`` has; as it is where that would be more than fifty digits."""
    try:
        return price.quantize(places, decimal.ROUND_CEILING if up else decimal.ROUND_FLOOR)
    except decimal.InvalidOperation:
        return price


class Calm:
    """The ranges of several portfolios of one account, by a key each, looked at together batch by batch."""

    def __init__(self) -> None:
        self._ranges: dict[Hashable, Mapping[str, Range]] = {}
        self._holders: dict[str, dict[Hashable, Range]] = defaultdict(dict)
        """By symbol, whoever has a range of it."""
        self._tightest: dict[str, tuple[str, Decimal, Decimal]] = {}
        """By symbol: itself, and the range that all of them have in common."""
        self._rows: tuple[tuple[str, Decimal, Decimal], ...] = ()
        """The same one after the other: they are gone through at every batch."""
        self._changed: set[str] = set()
        """Symbols whose tightest range is to be found anew."""
        self._batch = 0
        self._drawn_at: dict[Hashable, int] = {}
        self._waits: dict[Hashable, tuple[int, int]] = {}
        """Whose ranges did not last: the batch until which none are drawn, and how many that is to wait."""

    def may_draw(self, key: Hashable) -> bool:
        """Whether ranges are worth their drawing: where they were left at the next batch each time, it is tried less often."""
        return self._batch >= self._waits.get(key, (0, 0))[0]

    def draw(self, key: Hashable, ranges: Mapping[str, Range]) -> None:
        """The portfolio ``key`` is calm within ``ranges`` from now on; {} for one of which nothing is promised."""
        for symbol in self._ranges.pop(key, ()):
            del self._holders[symbol][key]
            self._changed.add(symbol)
        if not ranges:
            return
        self._ranges[key] = ranges
        self._drawn_at[key] = self._batch
        for symbol, within in ranges.items():
            self._holders[symbol][key] = within
        self._changed.update(ranges)

    def forget(self, key: Hashable) -> None:
        """There is no such portfolio any more."""
        self.draw(key, {})
        self._drawn_at.pop(key, None)
        self._waits.pop(key, None)

    def undisturbed(self, quotes: Mapping[str, Quote], oldest: datetime | None) -> Collection[Hashable]:
        """The next batch: the keys whose quotes are all good and inside their ranges. A good one was confirmed at ``oldest`` or
        later (None: at any time). The ranges of all others are gone.
        """
        self._batch += 1
        since = oldest if oldest is not None else _ANY_TIME
        if self._changed:
            self._tighten()
        if not self._all_inside(quotes, since):
            for symbol in self._tightest:
                quote = quotes.get(symbol)
                for key, within in list(self._holders[symbol].items()):
                    if quote is None or not _is_inside(quote, within, since):
                        self._disturb(key)
        return self._ranges.keys()

    def _all_inside(self, quotes: Mapping[str, Quote], since: datetime) -> bool:
        """Whether no portfolio is disturbed, which is nearly always so. The whole of :func:`_is_inside`, without a call for each
        coin; quotes that came together share the moment of their coming.
        """
        good: datetime | None = None
        try:
            for symbol, low, high in self._rows:
                quote = quotes[symbol]
                if not (low <= quote.bid <= quote.ask <= high and quote.last.is_finite()):
                    return False
                at = quote.received_at
                if at is not good:
                    if at < since:
                        return False
                    good = at
        except (KeyError, decimal.InvalidOperation):
            return False  # no price, or not a number
        return True

    def _tighten(self) -> None:
        for symbol in self._changed:
            of_it = self._holders[symbol].values()
            if of_it:
                self._tightest[symbol] = (symbol, max(low for low, _ in of_it), min(high for _, high in of_it))
            else:
                del self._holders[symbol]
                self._tightest.pop(symbol, None)
        self._changed.clear()
        self._rows = tuple(self._tightest.values())

    def _disturb(self, key: Hashable) -> None:
        at_once = self._batch - self._drawn_at[key] <= 1
        wait = min(2 * self._waits.get(key, (0, 0))[1] + 1, _LONGEST_WAIT) if at_once else 0
        self._waits[key] = (self._batch + wait, wait)
        self.draw(key, {})


def _is_inside(quote: Quote, within: Range, since: datetime) -> bool:
    """Whether the quote is good and its bid and ask are in ``within``, whose prices are over zero."""
    try:
        inside = within[0] <= quote.bid <= quote.ask <= within[1]
    except decimal.InvalidOperation:
        return False  # not a number
    return inside and quote.received_at >= since and quote.last.is_finite()
