"""What the page "How this is worked out" says. Pure: no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.expectation import (
    ASSUMED_VOLATILITY,
    growth_ratio_that_hodl_needs,
    premium_of_two,
    rebalancing_premium,
)
from rebalancer_gui.domain.money import HUNDRED
from rebalancer_gui.domain.strategy import BandRule, TimeRule
from rebalancer_gui.ui.create.outlook import Outlook
from rebalancer_gui.ui.create.outlook_words import drag_text, drift_text, money_text, turnover_text
from rebalancer_gui.ui.create.texts import at_hand, bands_text
from rebalancer_gui.ui.formatting import MISSING, NumberFormat
from rebalancer_gui.ui.translation import tr

METHOD = tr(
    "Prices move against each other, so the weights wander. With w the weight of a coin and s what it moves a year against "
    "the rest of the portfolio, its weight wanders by w\u00a0(1\u00a0\u2212\u00a0w)\u00a0s a year. The rebalances a year are the square of that over "
    "the square of the threshold, for the coin that gets there first; what is bought and sold grows with one over the "
    "threshold, and fees with what is bought and sold."
)
METHOD_TESTED = tr(
    "Here the rule was run over these candles, and what is shown was counted on them. Until that is done after a keystroke, and for "
    "a rule that trades more often than every third candle, the formulas speak."
)
METHOD_BY_TIME = tr(
    "By time, the rebalances a year are the ticks times the chance that the drift exceeds the gate; a drift that the gate "
    "lets pass is kept until the next tick."
)
METHOD_BY_BAND = tr(
    "Auto gives each coin a band of its own in place of the threshold: 5 points or a quarter of its weight, whichever is less, "
    "yet never so narrow that a trade costs more than it mends, nor narrower than 1.2 smallest orders. The coin that leaves its band "
    "first counts."
)
NO_PROMISE = tr(
    "These are estimates from the past, not a promise: a wild month trades several times as often as a calm one."
)
_TWO = 2
_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is, and its value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class CoinLine:
    """One coin: weight in %, volatility as a fraction a year (`assumed`: not its own), smallest order, smallest drift in pp."""

    asset: str
    weight: Decimal
    volatility: Decimal
    assumed: bool
    order: Decimal | None
    drift: Decimal | None


def method_text(outlook: Outlook) -> str:
    """How the figures come about."""
    words = [METHOD_TESTED] if outlook.backtested else []
    words.append(METHOD)
    match outlook.rule:
        case TimeRule():
            words.append(METHOD_BY_TIME)
        case BandRule():
            words.append(METHOD_BY_BAND)
    return " ".join(words)


def facts(outlook: Outlook, numbers: NumberFormat) -> tuple[Fact, ...]:
    """What is not in the panel, in words and money."""
    expectation = outlook.expectation
    quote, worth, one = outlook.wish.quote, outlook.wish.worth, outlook.cost_of_one
    year = money_text(worth * expectation.fee_drag, quote, numbers) if worth else MISSING
    smallest = at_hand(outlook.smallest, quote, numbers) if outlook.smallest is not None else MISSING
    bands = (Fact(tr("Band of each coin"), bands_text(outlook.bands, numbers)),) if outlook.bands else ()
    return (
        Fact(
            tr("Usual drift when it trades"),
            tr("{drift} pp of {value}", drift=drift_text(outlook.usual, numbers), value=expectation.first or MISSING),
        ),
        Fact(
            tr("Turnover a year"), tr("{turnover} the portfolio", turnover=turnover_text(expectation.turnover, numbers))
        ),
        Fact(tr("One typical rebalance costs"), money_text(one, quote, numbers) if one is not None else MISSING),
        Fact(tr("A year costs"), year),
        Fact(tr("Smallest legal investment"), smallest),
        *bands,
    )


def coin_lines(outlook: Outlook) -> list[CoinLine]:
    """In the order of the form."""
    return [
        CoinLine(
            target.asset,
            target.weight,
            outlook.volatilities.get(target.asset, ASSUMED_VOLATILITY),
            target.asset in outlook.assumed,
            outlook.orders.get(target.asset),
            outlook.drifts.get(target.asset),
        )
        for target in outlook.wish.targets
    ]


def premium_text(outlook: Outlook, numbers: NumberFormat) -> str:
    """What rebalancing gains over not rebalancing, and when it loses."""
    targets, volatilities = outlook.wish.targets, outlook.volatilities
    first = outlook.expectation.first or targets[0].asset
    moves = volatilities.get(first, ASSUMED_VOLATILITY)
    ratio = numbers.fixed(growth_ratio_that_hodl_needs(moves, Decimal(1)), 2)
    moved = numbers.percent(moves * HUNDRED, 0)
    drag = tr("Fees take {drag} % a year off that.", drag=drag_text(outlook.expectation.fee_drag, numbers))
    if len(targets) == _TWO:
        share = targets[0].weight / HUNDRED
        gain = drag_text(premium_of_two(share, moves), numbers)
        intro = tr(
            "Two coins with these weights that move {moved} a year against each other gain about {gain} % a year by rebalancing, "
            "over the average of their growth. {drag}",
            moved=moved,
            gain=gain,
            drag=drag,
        )
        pair = tr("At 50/50") if share != _HALF else tr("Yet")
        fails = tr(
            "{pair} HODL wins when, over a year, one coin grows more than {ratio} times as much as the other.",
            pair=pair,
            ratio=ratio,
        )
    else:
        gain = drag_text(rebalancing_premium(targets, volatilities), numbers)
        intro = tr(
            "Rebalancing these coins gains about {gain} % a year over the average of their growth. {drag}",
            gain=gain,
            drag=drag,
        )
        fails = tr(
            "HODL wins when one coin runs away from the others: of two coins at 50/50 that move {moved} a year against "
            "each other, as {first} does against the rest, when over a year one grows more than {ratio} times as much as "
            "the other.",
            moved=moved,
            first=first,
            ratio=ratio,
        )
    return tr(
        "{intro} {fails} It is no profit by itself: when all coins fall, the portfolio falls.", intro=intro, fails=fails
    )
