"""Weights: equal, by market cap, corrected to a minimum; and what makes a strategy's parameters legal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.domain.market import MarketRules, Quote, symbol_of
from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO, ceil_to_step, largest_remainder, on_grid, plain, total
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.strategy import (
    GATE_GRID,
    MAX_CHECK_PERIOD,
    MAX_COINS,
    MAX_GATE,
    MAX_INTERVAL,
    MAX_THRESHOLD,
    MIN_CHECK_PERIOD,
    MIN_COINS,
    MIN_GATE,
    MIN_INTERVAL,
    MIN_THRESHOLD,
    THRESHOLD_GRID,
    WEIGHT_GRID,
    RatioRule,
    Rule,
    Target,
    TimeRule,
)

MONEY_GRID = Decimal("0.01")
"""Amounts that people are asked to type are rounded up to this many quote units."""
MAX_NAME_LENGTH = 40
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Characters that count as printable and show nothing: fillers, joiners, the empty Braille cell."""


def equal_weights(assets: Sequence[str]) -> tuple[Target, ...]:
    """The same weight for each, on the grid, adding up to exactly 100; the first coins get what is left over."""
    return weights_by(dict.fromkeys(assets, ONE))


def weights_by(shares: Mapping[str, Decimal]) -> tuple[Target, ...]:
    """Weights in proportion to ``shares`` (> 0) by largest remainder on 0.01 %, adding up to exactly 100.

    A weight of 0.00 becomes 0.01, taken from the largest (BEHAVIOUR.md section 9).
    """
    if not shares:
        return ()
    weights = largest_remainder(list(shares.values()), HUNDRED, WEIGHT_GRID)
    for i, weight in enumerate(weights):
        if weight == ZERO:
            weights[i] = WEIGHT_GRID
            weights[weights.index(max(weights))] -= WEIGHT_GRID
    return tuple(Target(asset, weight) for asset, weight in zip(shares, weights, strict=True))


def with_minimum(targets: tuple[Target, ...], minimum: Decimal) -> tuple[Target, ...]:
    """Lift every weight under ``minimum`` percent to it; the others share what is left in their proportions.

    ``minimum`` is cut to equal weights where it could not be met. The sum stays exactly 100.
    """
    return with_minimums(targets, {t.asset: minimum for t in targets})


def with_minimums(targets: tuple[Target, ...], minimums: Mapping[str, Decimal]) -> tuple[Target, ...]:
    """As :func:`with_minimum` with a minimum per coin (percent, rounded up to the grid).

    Where the minimums add up to more than 100 they are taken as the shares themselves.
    """
    least = {t.asset: ceil_to_step(minimums.get(t.asset, ZERO), WEIGHT_GRID) for t in targets}
    if total(least.values()) >= HUNDRED:
        return weights_by({a: max(m, WEIGHT_GRID) for a, m in least.items()})
    lifted: set[str] = set()
    while True:
        rest = HUNDRED - total(least[a] for a in lifted)
        free = {t.asset: t.weight for t in targets if t.asset not in lifted}
        if not free:
            break
        parts = dict(zip(free, largest_remainder(list(free.values()), rest, WEIGHT_GRID), strict=True))
        short = {a for a, part in parts.items() if part < least[a]}
        if not short:
            return tuple(Target(t.asset, parts.get(t.asset, least[t.asset])) for t in targets)
        lifted |= short
    return weights_by(least)


def smallest_investment(
    targets: Sequence[Target], quote: str, rules: Mapping[str, MarketRules], quotes: Mapping[str, Quote]
) -> Decimal | None:
    """The smallest investment at which every coin's first buy is a legal order: max of smallest order / weight.

    In quote units, rounded up to 0.01; priced at the ask, at which the order is placed, and with one step of air
    because the quantity is cut down to the step. None when a rule or price is missing. (BEHAVIOUR.md section 11)
    """
    needed = ZERO
    for target in targets:
        symbol = symbol_of(target.asset, quote)
        market, price = rules.get(symbol), quotes.get(symbol)
        if market is None or price is None or target.weight <= ZERO or price.ask <= ZERO:
            return None
        needed = max(needed, market.smallest_order_value(price.ask) * HUNDRED / target.weight)
    return ceil_to_step(needed, MONEY_GRID)


def too_small_coins(
    targets: Sequence[Target],
    investment: Decimal,
    quote: str,
    rules: Mapping[str, MarketRules],
    quotes: Mapping[str, Quote],
) -> tuple[str, ...]:
    """The coins whose share of ``investment`` is under their smallest legal order."""
    small = []
    for target in targets:
        symbol = symbol_of(target.asset, quote)
        market, price = rules.get(symbol), quotes.get(symbol)
        if market is None or price is None or price.ask <= ZERO:
            continue
        if target.weight * investment / HUNDRED < market.smallest_order_value(price.ask):
            small.append(target.asset)
    return tuple(small)


def without(targets: tuple[Target, ...], dropped: Sequence[str]) -> tuple[Target, ...]:
    """The coins that are left, weights renormalised to exactly 100."""
    return weights_by({t.asset: t.weight for t in targets if t.asset not in dropped})


def leave_out_small(
    targets: tuple[Target, ...],
    investment: Decimal,
    quote: str,
    rules: Mapping[str, MarketRules],
    quotes: Mapping[str, Quote],
) -> tuple[Target, ...]:
    """First fix for a small amount: drop the smallest weights one by one until the rest is legal (may leave < 2)."""
    left = targets
    while len(left) > 1 and too_small_coins(left, investment, quote, rules, quotes):
        smallest = min(left, key=lambda t: t.weight)
        small = too_small_coins(left, investment, quote, rules, quotes)
        left = without(left, [smallest.asset if smallest.asset in small else small[-1]])
    return left


def lift_small(
    targets: tuple[Target, ...],
    investment: Decimal,
    quote: str,
    rules: Mapping[str, MarketRules],
    quotes: Mapping[str, Quote],
) -> tuple[Target, ...] | None:
    """Second fix for a small amount: every weight at least the smallest legal one. None when even that is too little."""
    minimums = {}
    for target in targets:
        symbol = symbol_of(target.asset, quote)
        market, price = rules.get(symbol), quotes.get(symbol)
        if market is None or price is None or price.ask <= ZERO or investment <= ZERO:
            return None
        minimums[target.asset] = market.smallest_order_value(price.ask) * HUNDRED / investment
    if total(ceil_to_step(m, WEIGHT_GRID) for m in minimums.values()) > HUNDRED:
        return None
    return with_minimums(targets, minimums)


def problems_with_count(coins: int) -> list[Problem]:
    """Whether so many coins make a strategy."""
    if MIN_COINS <= coins <= MAX_COINS:
        return []
    there = "1 coin" if coins == 1 else f"{coins} coins"
    return [Problem("coins", f"{there}: a strategy holds {MIN_COINS} to {MAX_COINS} coins.")]


def problems_with_targets(targets: Sequence[Target], quote: str) -> list[Problem]:
    """What is wrong with the coins and weights themselves (test vector 6)."""
    problems = problems_with_count(len(targets))
    assets = Counter(t.asset for t in targets)
    twice = sorted(asset for asset, times in assets.items() if times > 1)
    if twice:
        problems.append(Problem("coins", f"{', '.join(twice)} is there twice: each coin may stand in a strategy once."))
    if quote in assets:
        problems.append(
            Problem(
                "coins",
                f"{quote} is the strategy's money, not a coin. To keep a cash share, add a dollar coin such as USDC, "
                "or invest less.",
            )
        )
    problems.extend(
        Problem(
            "weights", f"{t.asset}: {plain(t.weight)} % is not a weight: weights are above 0 %, in steps of 0.01 %."
        )
        for t in targets
        if not _is_on(t.weight, WEIGHT_GRID, HUNDRED, WEIGHT_GRID)
    )
    if not all(t.weight.is_finite() for t in targets):
        return problems
    weight_sum = total(t.weight for t in targets)
    if targets and weight_sum != HUNDRED:
        left = HUNDRED - weight_sum
        hint = f"{plain(left)} % is left to give" if left > ZERO else f"{plain(-left)} % is too much"
        problems.append(Problem("weights", f"The weights add up to {plain(weight_sum)} %, not to 100 %: {hint}."))
    return problems


def _is_on(value: Decimal, least: Decimal, most: Decimal, grid: Decimal) -> bool:
    """Whether ``value`` is a number from ``least`` to ``most`` on ``grid``; the order keeps huge ones off the division."""
    return value.is_finite() and least <= value <= most and on_grid(value, grid)


def problems_with_rule(rule: Rule) -> list[Problem]:
    """What is wrong with threshold, check period, interval or gate (BEHAVIOUR.md section 2)."""
    if not isinstance(rule, TimeRule):
        problems = []
        if isinstance(rule, RatioRule) and not _is_on(rule.threshold, MIN_THRESHOLD, MAX_THRESHOLD, THRESHOLD_GRID):
            legal = f"{plain(MIN_THRESHOLD)} to {plain(MAX_THRESHOLD)} % in steps of {plain(THRESHOLD_GRID)}"
            problems.append(Problem("threshold", f"A threshold of {plain(rule.threshold)} % is not legal: {legal}."))
        if not MIN_CHECK_PERIOD <= rule.check_period <= MAX_CHECK_PERIOD:
            problems.append(Problem("check_period", "The check period must be between 1 second and 1 hour."))
        return problems
    problems = []
    if not MIN_INTERVAL <= rule.interval <= MAX_INTERVAL or rule.interval % timedelta(seconds=1):
        problems.append(Problem("interval", "The interval must be between 1 minute and 90 days, in whole seconds."))
    if not _is_on(rule.gate, MIN_GATE, MAX_GATE, GATE_GRID):
        legal = f"{plain(MIN_GATE)} to {plain(MAX_GATE)} % in steps of {plain(GATE_GRID)}"
        problems.append(Problem("gate", f"A gate of {plain(rule.gate)} % is not legal: {legal}."))
    return problems


def problems_with_name(name: str, taken: Sequence[str]) -> list[Problem]:
    """A name is 1 to 40 visible characters and not in use."""
    if not name.strip():
        return [Problem("name", "The strategy needs a name.")]
    if len(name) > MAX_NAME_LENGTH or not name.isprintable() or not _UNSEEN.isdisjoint(name):
        # What is not printable includes zero-width characters and those that turn the direction of writing.
        return [Problem("name", f"A name has at most {MAX_NAME_LENGTH} visible characters, and no others.")]
    if name.strip().casefold() in {other.casefold() for other in taken}:
        return [Problem("name", f"There is a strategy named {name.strip()} already: choose another name.")]
    return []
