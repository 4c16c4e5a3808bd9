"""Other coins or weights for a strategy that lives: what the form begins with, and what is wrong with it. Pure: no Qt."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.domain.allocation import without
from rebalancer_gui.domain.market import MarketStatus, symbol_of
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.domain.valuation import Snapshot
from rebalancer_gui.ui.create.form_state import Draft, Findings, in_locale, problems_with_coins
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.create.weights import Allocation
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.translation import tr


class ChangeMode(enum.Enum):
    """What the form begins with."""

    EDIT = "edit"
    """The coins and weights as they are."""
    REPLACE = "replace"
    """The same: another coin takes the place of each one whose market is closed."""
    DROP = "drop"
    """Without the coins whose market is closed; the others share their weight in proportion."""


UNCHANGED = tr("These are the coins and weights it has: change something first.")


def first_allocation(targets: tuple[Target, ...], frozen: Sequence[str], mode: ChangeMode) -> Allocation:
    """What stands in the form when it is opened."""
    if mode is ChangeMode.DROP:
        left = without(targets, frozen)
        return Allocation().with_targets(left or targets)
    return Allocation().with_targets(targets)


def with_replaced(allocation: Allocation, frozen: Sequence[str], chosen: Sequence[str]) -> Allocation:
    """Each chosen coin takes the place and the weight of one that is frozen; those beyond are added at the end.

    A chosen coin that is there already is left out. Frozen coins for which nothing was chosen stay.
    """
    fresh = [asset for asset in dict.fromkeys(chosen) if asset not in allocation.assets]
    stands_for = dict(zip((a for a in allocation.assets if a in frozen), fresh, strict=False))
    targets = [Target(stands_for.get(t.asset, t.asset), t.weight) for t in allocation.targets]
    return allocation.with_targets(targets).with_added(fresh[len(stands_for) :])


def without_frozen(allocation: Allocation, frozen: Sequence[str]) -> Allocation:
    """The frozen coins left out, the others in their proportions; unchanged where nothing would be left."""
    readable = tuple(t for t in allocation.targets if t.weight > ZERO or t.asset in frozen)
    left = without(readable, frozen)
    return allocation.with_targets(left) if left else allocation


def closed_off(around: Surroundings, quote: str, frozen: Sequence[str]) -> Surroundings:
    """With the markets of the frozen coins closed, whatever the market rules say that were loaded once."""
    rules = dict(around.rules)
    for asset in frozen:
        market = rules.get(symbol_of(asset, quote))
        if market is not None and market.status is MarketStatus.TRADING:
            rules[market.symbol] = replace(market, status=MarketStatus.HALTED)
    return replace(around, rules=rules)


def tradable_worth(snapshot: Snapshot | None, frozen: Sequence[str]) -> Decimal | None:
    """What the weights are taken of, in quote units: money and coins but the frozen ones; None while a price is missing."""
    if snapshot is None:
        return None
    values = [row.value for row in snapshot.holdings if row.asset not in frozen]
    known = [value for value in values if value is not None]
    return snapshot.cash + total(known) if len(known) == len(values) else None


def change_draft(allocation: Allocation, quote: str, worth: Decimal | None, wrong_weight: str) -> Draft:
    """As a draft, so that the form's own section shows it; ``worth`` is the strategy's value in quote units."""
    unreadable = {"weights": wrong_weight} if wrong_weight else {}
    return Draft(quote=quote, allocation=allocation, investment=worth, unreadable=unreadable)


def examine_change(
    draft: Draft,
    present: tuple[Target, ...],
    around: Surroundings | None,
    numbers: NumberFormat,
    frozen: Sequence[str] = (),
) -> Findings:
    """What keeps the coins and weights of ``draft`` from being asked for; ``present`` are those it has now.

    With a ``frozen`` coin that left the portfolio before they are a change too: they let it go.
    """
    if around is None:
        return Findings((Problem("", tr("The engine is starting: there are no prices yet.")),))
    problems = problems_with_coins(draft, around)
    lets_go = not {*frozen} <= {target.asset for target in present}
    if not problems and draft.allocation.targets == present and not lets_go:
        problems = [Problem("", UNCHANGED)]
    return Findings(tuple(in_locale(problem, numbers.marks) for problem in problems))
