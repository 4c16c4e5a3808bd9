"""The ways out of an investment that does not fit its weights, each with its result. Pure: no Qt."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.allocation import (
    MONEY_GRID,
    leave_out_small,
    lift_small,
    smallest_investment,
    too_small_coins,
)
from rebalancer_gui.domain.money import ZERO, ceil_to_step
from rebalancer_gui.domain.strategy import MIN_COINS, Target
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.formatting import NumberFormat, places_of
from rebalancer_gui.ui.translation import tr


class FixKind(enum.Enum):
    """What a fix changes."""

    LEAVE_OUT = "leave out"
    LIFT = "lift"
    INVEST = "invest"


@dataclass(frozen=True, slots=True)
class Fix:
    """One button: its words, what comes of it, and the weights or the amount that it sets."""

    kind: FixKind
    text: str
    result: str
    targets: tuple[Target, ...] = ()
    amount: Decimal | None = None


def weights_text(targets: Sequence[Target], numbers: NumberFormat) -> str:
    """`BTC 62.5, ETH 37.5 %`: coins and weights, the heaviest first, no more decimals than needed."""
    heaviest = sorted(targets, key=lambda target: -target.weight)
    return ", ".join(f"{t.asset} {numbers.fixed(t.weight, places_of(t.weight))}" for t in heaviest) + " %"


def fixes_for(
    targets: tuple[Target, ...],
    amount: Decimal,
    quote: str,
    around: Surroundings,
    numbers: NumberFormat,
    *,
    held: Decimal = ZERO,
) -> tuple[Fix, ...]:
    """How `amount` (quote units) and `targets` can be brought together; none when they fit already.

    The two of BEHAVIOUR.md section 9 (leave out what is too small, lift to the smallest legal weight), and the amount
    at which these very weights work, where that much is free. `held` is what coins that go in with the money are worth;
    none of these is left out.
    """
    smallest = smallest_investment(targets, quote, around.rules, around.quotes)
    free = around.money(quote)
    if smallest is None or smallest <= ZERO:
        return ()
    least = ceil_to_step(max(smallest - held, ZERO), MONEY_GRID)
    if amount > free:
        return (_invest(free, numbers, quote),) if free >= least else ()
    worth = amount + held
    if worth >= smallest:
        return ()
    if worth <= ZERO:
        return (_invest(smallest, numbers, quote),) if smallest <= free else ()
    found = []
    left = leave_out_small(targets, worth, quote, around.rules, around.quotes)
    legal = len(left) >= MIN_COINS and not too_small_coins(left, worth, quote, around.rules, around.quotes)
    if legal and held == ZERO:
        gone = len(targets) - len(left)
        words = tr("Leave out 1 coin") if gone == 1 else tr("Leave out {count} coins", count=gone)
        found.append(Fix(FixKind.LEAVE_OUT, words, weights_text(left, numbers), targets=left))
    lifted = lift_small(targets, worth, quote, around.rules, around.quotes)
    if lifted is not None and not too_small_coins(lifted, worth, quote, around.rules, around.quotes):
        found.append(Fix(FixKind.LIFT, tr("Lift to minimum"), weights_text(lifted, numbers), targets=lifted))
    if least <= free:
        found.append(_invest(least, numbers, quote))
    return tuple(found)


def _invest(amount: Decimal, numbers: NumberFormat, quote: str) -> Fix:
    text = tr("Invest {amount}", amount=numbers.fixed(amount, max(2, places_of(amount))))
    return Fix(FixKind.INVEST, text, tr("{quote}, weights unchanged", quote=quote), amount=amount)
