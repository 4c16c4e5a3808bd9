"""The money-weighted return: the yearly rate that makes all flows and the value of now even (XIRR, act/365).

A rate ``r`` makes them even when the sum of c / (1 + r)^(days / 365) over all flows is zero: what goes in counts plus, what
comes out and the value at the end count minus, and a day is 86,400 seconds. With x = ln(1 + r) that is a sum of
exponentials, which this module solves between two values of different sign (BEHAVIOUR.md section 10). All in Decimal.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO

YEAR = timedelta(days=365)
LEAST_TIME = timedelta(days=1)
"""Over less time a rate a year says nothing."""
MOST_PERCENT = Decimal(1_000_000)
NOTHING_YET = "no money was put in yet"
TOO_SHORT = "less than a day has passed"
ALL_ONE_WAY = "nothing of it came back, so there is no rate at which it would be even"
NO_RATE = "no rate fits these flows"
SEVERAL_RATES = "more than one rate fits these flows"
TOO_LARGE = "a rate of more than 1,000,000 % a year says nothing"

_CONTEXT = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN)
"""Far more digits than a rate is shown with; the flows themselves are exact."""
_CLOSE = Decimal("1e-22")
_STEPS = 300
_WIDEST = Decimal(80)
"""How far ln(growth over the whole time) is looked for: e^80 is more than any market has done."""
_SEARCHING = decimal.Context(prec=15)
_SEARCHED = 120
"""Into so many stretches, up and down, the rates are cut where more than one could fit."""


@dataclass(frozen=True, slots=True)
class Flow:
    """``amount`` in quote units at a moment: > 0 was put in, < 0 was taken out."""

    at: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True)
class MoneyWeighted:
    """``percent`` a year, or None and ``why`` there is no answer (a part of a sentence)."""

    percent: Decimal | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Term:
    """``amount`` at ``share`` (0 to 1) of the whole time."""

    share: Decimal
    amount: Decimal


def money_weighted(flows: Iterable[Flow], value: Decimal, at: datetime, start: datetime | None = None) -> MoneyWeighted:
    """The yearly rate in percent at which ``flows`` up to now come to ``value`` (quote units) at ``at``.

    What was put in before ``start`` counts from there on: until then it earned nothing. Flows after ``at`` do not count.
    Never raises for what flows can be.
    """
    with decimal.localcontext(_CONTEXT):
        dated = _gathered(flows, at, start)
        if not any(amount > ZERO for amount in dated.values()):
            return MoneyWeighted(None, NOTHING_YET)
        first = min(dated)
        if at - first < LEAST_TIME:
            return MoneyWeighted(None, TOO_SHORT)
        dated[at] = dated.get(at, ZERO) - value
        terms = [_Term(_ratio(when - first, at - first), amount) for when, amount in sorted(dated.items()) if amount]
        root = _root(terms)
        if isinstance(root, str):
            return MoneyWeighted(None, root)
        yearly = root * _ratio(YEAR, at - first)
        if yearly > (ONE + MOST_PERCENT / HUNDRED).ln():
            return MoneyWeighted(None, TOO_LARGE)
        return MoneyWeighted((yearly.exp() - ONE) * HUNDRED)


def _gathered(flows: Iterable[Flow], at: datetime, start: datetime | None) -> dict[datetime, Decimal]:
    dated: dict[datetime, Decimal] = {}
    for flow in flows:
        if flow.at <= at:
            when = flow.at if start is None else min(max(flow.at, start), at)
            dated[when] = dated.get(when, ZERO) + flow.amount
    return {when: amount for when, amount in dated.items() if amount != ZERO}


def _ratio(part: timedelta, whole: timedelta) -> Decimal:
    micro = timedelta(microseconds=1)
    return Decimal(part // micro) / Decimal(whole // micro)


def _root(terms: Sequence[_Term]) -> Decimal | str:
    """The logarithm of the growth over the whole time, or why there is none."""
    changes = sum((a.amount > ZERO) != (b.amount > ZERO) for a, b in pairwise(terms))
    if changes == 0:
        return ALL_ONE_WAY
    if changes == 1:
        # Descartes' rule holds for sums of exponentials too: with one change of sign there is exactly one root.
        stretch = _around(terms)
        return _solved(terms, *stretch) if stretch is not None else TOO_LARGE
    stretch = _around(terms)
    if stretch is not None and _always_in(terms, only := _solved(terms, *stretch)):
        return only
    roots = _all_roots(terms)
    if len(roots) > 1:
        return SEVERAL_RATES
    return roots[0] if roots else NO_RATE


def _sum(terms: Sequence[_Term], x: Decimal) -> Decimal:
    return sum((t.amount * (-x * t.share).exp() for t in terms), ZERO)


def _around(terms: Sequence[_Term]) -> tuple[Decimal, Decimal] | None:
    """Two values between which the sum changes its sign once."""
    width = Decimal("0.125")
    while width <= _WIDEST:
        if (_sum(terms, -width) > ZERO) != (_sum(terms, width) > ZERO):
            return -width, width
        width *= 2
    return None


def _always_in(terms: Sequence[_Term], x: Decimal) -> bool:
    """Whether money was in it all the time, reckoned at that rate: then no other rate fits as well.

    At a higher rate each balance on the way is higher, at a lower one lower, and so is the last one, which is zero at ``x``.
    """
    balance, before = ZERO, ZERO
    for term in terms[:-1]:
        balance = balance * (x * (term.share - before)).exp() + term.amount
        before = term.share
        if balance < ZERO:
            return False
    return True


def _all_roots(terms: Sequence[_Term]) -> list[Decimal]:
    """Where the sum changes its sign within reach; the search is finest where rates are."""
    with decimal.localcontext(_SEARCHING):
        places = [_WIDEST * (Decimal(i) / _SEARCHED) ** 3 for i in range(-_SEARCHED, _SEARCHED + 1)]
        signs = [_sum(terms, place) > ZERO for place in places]
    steps = zip(places, places[1:], signs, signs[1:], strict=False)
    return [_solved(terms, before, place) for before, place, was, sign in steps if was != sign]


def _solved(terms: Sequence[_Term], low: Decimal, high: Decimal) -> Decimal:
    """The root between ``low`` and ``high``, where the sum has different signs: Newton's step, halved where it leaves the
    stretch, so it always ends.
    """
    rising = _sum(terms, high) > ZERO
    x = (low + high) / 2
    for _ in range(_STEPS):
        parts = [(t.share, t.amount * (-x * t.share).exp()) for t in terms]
        y = sum((part for _, part in parts), ZERO)
        if y == ZERO:
            return x
        if (y > ZERO) == rising:
            high = x
        else:
            low = x
        slope = -sum((share * part for share, part in parts), ZERO)
        step = y / slope if slope != ZERO else high - low
        after = x - step
        if not low < after < high:
            after = (low + high) / 2
        if abs(after - x) < _CLOSE or high - low < _CLOSE:
            return after
        x = after
    return x
