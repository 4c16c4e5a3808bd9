"""How often a rule will trade and what that costs, from weights, volatilities and fees (BEHAVIOUR.md section 11).

Estimates for the screen, never for an order. Between two rebalances a coin's drift is taken for a random walk that starts at
zero; its standard deviation over a year is s_w = w (1 - w) s_rel, with s_rel the yearly volatility of the coin relative to
the rest of the portfolio.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from rebalancer_gui.domain.bands import auto_band
from rebalancer_gui.domain.money import HUNDRED, MONEY_CONTEXT, ONE, ZERO, total
from rebalancer_gui.domain.strategy import BandRule, RatioRule, Rule, Target, TimeRule

YEAR = timedelta(days=365)
ASSUMED_VOLATILITY = Decimal("0.6")
"""Relative to the rest of the portfolio, a year: where nothing is known of a coin. BEHAVIOUR.md's own example."""

_ROUGH = MONEY_CONTEXT.copy()
_ROUGH.prec = 16
"""Estimates need no fifty digits, and a keystroke is answered within milliseconds."""

# A walk of normal steps (standard deviation 1) from 0, looked at after each step, until it is outside [-a, a]: the expected
# number of steps and the expected distance then, by the integral equation of the walk (Gauss-Legendre, 400 nodes).
_QUARTERS = tuple(Decimal(i) / 4 for i in range(7))
_STEPS = tuple(Decimal(x) for x in ("1", "1.24537", "1.60704", "2.11520", "2.78293", "3.60679", "4.57611"))
_DISTANCE = tuple(Decimal(x) for x in ("0.79788", "0.96516", "1.15282", "1.36293", "1.59181", "1.83294", "2.08047"))
# Beyond the table: a normal walk overshoots a far boundary by 0.5826 on average, its square by 0.5894 (Siegmund, Sequential
# Analysis, 1985), so by Wald's identity the steps are E[(a + R)^2].
_OVERSHOOT = Decimal("0.5826")
_OVERSHOOT_SQUARED = Decimal("0.5894")


@dataclass(frozen=True, slots=True)
class Expectation:
    """A year under the rule. ``turnover`` is one-way, as a fraction of the portfolio (1 = all of it once); ``fee_drag`` is
    what fees and half spreads take, as a fraction of the portfolio; ``first`` is the coin whose drift triggers first.
    """

    rebalances: Decimal
    turnover: Decimal
    fee_drag: Decimal
    first: str

    def cost_of_one(self, worth: Decimal) -> Decimal:
        """What one typical rebalance costs a portfolio of ``worth`` quote units, in quote units."""
        return worth * self.fee_drag / self.rebalances if self.rebalances else ZERO


def weight_deviations(targets: Sequence[Target], volatilities: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    """s_w of each coin as a fraction of the portfolio per root year; ``volatilities`` are s_rel as fractions (0.6 = 60 %), a
    coin without one counts with ASSUMED_VOLATILITY.
    """
    found = {}
    for target in targets:
        w = target.weight / HUNDRED
        found[target.asset] = w * (ONE - w) * volatilities.get(target.asset, ASSUMED_VOLATILITY)
    return found


def expect(
    rule: Rule,
    targets: Sequence[Target],
    volatilities: Mapping[str, Decimal],
    cost: Decimal,
    drifts: Mapping[str, Decimal] | None = None,
) -> Expectation:
    """``cost`` is fee + half spread of one side as a fraction (0.001 = 0.1 %); weights sum to 100. ``drifts`` are the smallest
    tradable ones in pp, as far as they are known: an auto band is never narrower than what can be traded.

    By ratio with threshold b: rebalances s_w^2 / b^2 of the coin that breaches first, turnover half the sum of s_w^2 / b over
    the coins. Auto band likewise: the coin with the largest s_w / band breaches first, and b is its band. By time: ticks
    times the chance that the drift exceeds the gate at a tick, in the long run; the drift that a gate lets pass is kept until
    the next tick.
    """
    with decimal.localcontext(_ROUGH):
        deviations = weight_deviations(targets, volatilities)
        first = max(deviations, key=lambda asset: deviations[asset], default="")
        leading = deviations.get(first, ZERO)
        if leading == ZERO:
            return Expectation(ZERO, ZERO, ZERO, first)
        if isinstance(rule, TimeRule):
            count, distance = _by_time(rule, leading)
            # The others drift for just as long as the first: by the ratio of their deviations.
            turnover = count * distance * total(s / leading for s in deviations.values()) / 2
        else:
            first, b = _first_outside(rule, targets, deviations, cost, drifts or {})
            count = (deviations[first] / b) ** 2
            turnover = total(s * s for s in deviations.values()) / b / 2
        return Expectation(+count, +turnover, 2 * cost * turnover, first)


def _first_outside(
    rule: RatioRule | BandRule,
    targets: Sequence[Target],
    deviations: Mapping[str, Decimal],
    cost: Decimal,
    drifts: Mapping[str, Decimal],
) -> tuple[str, Decimal]:
    """The coin that breaches first, and by how much it is off then (fraction of the portfolio)."""
    if isinstance(rule, RatioRule):
        return max(deviations, key=lambda asset: deviations[asset]), rule.threshold / HUNDRED
    bands = {t.asset: auto_band(t.weight, cost, drifts.get(t.asset, ZERO), HUNDRED) / HUNDRED for t in targets}
    first = max(deviations, key=lambda asset: deviations[asset] / bands[asset])
    return first, bands[first]


def usual_drift(
    rule: Rule,
    targets: Sequence[Target],
    volatilities: Mapping[str, Decimal],
    cost: Decimal = ZERO,
    drifts: Mapping[str, Decimal] | None = None,
) -> Decimal:
    """How far the first coin is off its target, in pp, when the rule trades: the threshold or band, or what is usual at a
    tick. ``cost`` and ``drifts`` as in :func:`expect`; they matter to the auto band only.
    """
    if isinstance(rule, RatioRule):
        return rule.threshold
    with decimal.localcontext(_ROUGH):
        deviations = weight_deviations(targets, volatilities)
        leading = max(deviations.values(), default=ZERO)
        if isinstance(rule, TimeRule):
            return _by_time(rule, leading)[1] * HUNDRED if leading else rule.gate
        return _first_outside(rule, targets, deviations, cost, drifts or {})[1] * HUNDRED if leading else ZERO


def _by_time(rule: TimeRule, leading: Decimal) -> tuple[Decimal, Decimal]:
    """Rebalances a year, and by how much the first coin's drift is off then (fraction of the portfolio)."""
    ticks = Decimal(YEAR // timedelta(microseconds=1)) / Decimal(rule.interval // timedelta(microseconds=1))
    step = leading / ticks.sqrt()
    a = rule.gate / HUNDRED / step
    return ticks / steps_until_outside(a), step * distance_outside(a)


def steps_until_outside(a: Decimal) -> Decimal:
    """Expected number of standard normal steps until their sum is outside [-a, a]; a >= 0."""
    if a > _QUARTERS[-1]:
        return a * a + 2 * _OVERSHOOT * a + _OVERSHOOT_SQUARED
    return _between(a, _STEPS)


def distance_outside(a: Decimal) -> Decimal:
    """Expected distance from 0 at the first step outside [-a, a]; a >= 0."""
    if a > _QUARTERS[-1]:
        return a + _OVERSHOOT
    return _between(a, _DISTANCE)


def _between(a: Decimal, values: Sequence[Decimal]) -> Decimal:
    for (left, right), (low, high) in zip(pairwise(_QUARTERS), pairwise(values), strict=True):
        if a <= right:
            return low + (high - low) * (a - left) / (right - left)
    raise AssertionError("the table ends before a")


def relative_volatilities(
    targets: Sequence[Target], closes: Mapping[str, Sequence[Decimal]], spacing: timedelta
) -> Mapping[str, Decimal]:
    """s_rel of each coin, as a fraction a year: the standard deviation of ln(its growth / growth of the rest at their weights).

    ``closes`` oldest first, ``spacing`` apart; the newest of the common length are used. Empty with fewer than three closes
    of any coin or a close that is not above 0.
    """
    length = min((len(closes.get(t.asset, ())) for t in targets), default=0)
    if length < 3 or len(targets) < 2:
        return {}
    with decimal.localcontext(_ROUGH):
        growths = {}
        for target in targets:
            newest = closes[target.asset][-length:]
            if any(close <= ZERO for close in newest):
                return {}
            growths[target.asset] = [now / before for before, now in pairwise(newest)]
        whole = [total(t.weight / HUNDRED * growths[t.asset][i] for t in targets) for i in range(length - 1)]
        bars_a_year = Decimal(YEAR // timedelta(microseconds=1)) / Decimal(spacing // timedelta(microseconds=1))
        found = {}
        for target in targets:
            w = target.weight / HUNDRED
            own = growths[target.asset]
            ratios = [((ONE - w) * own[i] / (whole[i] - w * own[i])).ln() for i in range(length - 1)]
            mean = total(ratios) / len(ratios)
            variance = total((r - mean) ** 2 for r in ratios) / (len(ratios) - 1)
            found[target.asset] = (variance * bars_a_year).sqrt()
        return found


def premium_of_two(weight: Decimal, volatility: Decimal) -> Decimal:
    """What rebalancing two coins gains a year over their average growth: w (1 - w) s_rel^2 / 2, as a fraction.

    ``weight`` of one of them as a fraction, ``volatility`` s_rel as a fraction.
    """
    return weight * (ONE - weight) * volatility * volatility / 2


def rebalancing_premium(targets: Sequence[Target], volatilities: Mapping[str, Decimal]) -> Decimal:
    """The same for any number of coins: half the sum of w (1 - w)^2 s_rel^2, as a fraction a year.

    s_rel (1 - w) is a coin's volatility relative to the whole portfolio, itself included; half their weighted mean square is
    the excess growth of a rebalanced portfolio. ``volatilities`` as in :func:`weight_deviations`.
    """
    with decimal.localcontext(_ROUGH):
        deviations = weight_deviations(targets, volatilities)
        return total(deviations[t.asset] ** 2 * HUNDRED / t.weight for t in targets) / 2


def growth_ratio_that_hodl_needs(volatility: Decimal, years: Decimal) -> Decimal:
    """How many times as much as the other one of two coins at 50/50 must grow over ``years`` for HODL to win.

    |ln(R1 / R2)| = 2 arccosh(exp(s_rel^2 T / 8)) (BEHAVIOUR.md section 11); the ratio R1 / R2, > 1.
    """
    with decimal.localcontext(_ROUGH):
        x = (volatility * volatility * years / 8).exp()
        root = x + (x * x - ONE).sqrt()
        return root * root
