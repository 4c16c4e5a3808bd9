"""What "Test this rule" says in sentences: the banner, the premium, the foot, what is wrong. Pure: no Qt."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.domain.expectation import growth_ratio_that_hodl_needs, premium_of_two
from rebalancer_gui.domain.money import HUNDRED
from rebalancer_gui.domain.strategy import BandRule, EndReason
from rebalancer_gui.ui.backtest.rule_run import RuleRun
from rebalancer_gui.ui.backtest.subject import Subject
from rebalancer_gui.ui.backtest.sweep_figures import Neighbours, decimal_of
from rebalancer_gui.ui.backtest.work import Measured
from rebalancer_gui.ui.create.durations import duration_text
from rebalancer_gui.ui.formatting import NumberFormat, places_of
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level, Notice

LUCK = tr("The best cell of the past is mostly luck.")
_OWN_FILE = tr("A candle file of your own still works: choose \u201cFile\u2026\u201d under Candles.")
_OTHERS = tr("Candles that were loaded before still work too, and on the demo account its daily prices.")
_PREMIUM = tr(
    "Rebalancing sells what rose and buys what fell: a gain where coins come back towards each other, a loss where one "
    "leaves the others behind for good. Then holding wins, whatever the rule."
)


def still_works(*, demo: bool) -> str:
    """What can be done where candles cannot be had."""
    return _OWN_FILE if demo else f"{_OWN_FILE} {_OTHERS}"


def luck_notice(run: RuleRun, near: Neighbours | None, numbers: NumberFormat) -> Notice:
    """How much the choice of the rule mattered, with true figures."""
    yearly = run.figures.versus_hodl_a_year is not None
    unit, over = (tr("pp"), tr(" a year")) if yearly else ("%", tr(" over the test"))

    def signed(value: float) -> str:
        return numbers.signed(decimal_of(value), 1)

    if near is None:
        why = (
            tr("Auto band has no place in the map") if isinstance(run.rule, BandRule) else tr("The map is not complete")
        )
        return Notice(Level.NOTE, f"{why}.", tr("Take no cell for a promise. {LUCK}", LUCK=LUCK))
    differ = numbers.fixed(decimal_of(near.differ), 1, unit)
    spans = tr(
        "the whole map spans {least} to {most} {unit}.", least=signed(near.least), most=signed(near.most), unit=unit
    )
    if near.alike:
        headline = tr("The rules next to yours did about as well.")
        return Notice(
            Level.NOTE,
            headline,
            tr("They differ by {differ}{over}; {spans} {LUCK}", differ=differ, over=over, spans=spans, LUCK=LUCK),
        )
    headline = tr("The rules next to yours did quite differently.")
    text = tr(
        "They differ by up to {differ}{over}; {spans} What changes so much from one step to the next is chance. {LUCK}",
        differ=differ,
        over=over,
        spans=spans,
        LUCK=LUCK,
    )
    return Notice(Level.WARNING, headline, text)


def premium_text(run: RuleRun, subject: Subject, numbers: NumberFormat) -> str:
    """What the rebalancing premium is, and when it fails; for two coins with the formula's figures."""
    volatility, grown = run.relative_volatility, run.growth_ratio
    if volatility is None or grown is None or volatility <= 0:
        return _PREMIUM
    weight, moves = subject.targets[0].weight / HUNDRED, decimal_of(volatility)
    premium = premium_of_two(weight, moves) * HUNDRED
    first, second = subject.assets
    text = tr(
        "{PREMIUM}\n\nBy the formula w(1 \u2212 w)s\u00b2/2 these two gain about {premium} a year over "
        "their average growth, with {moves} of movement between them a year.",
        PREMIUM=_PREMIUM,
        premium=numbers.percent(premium, 1),
        moves=numbers.percent(moves * HUNDRED, 0),
    )
    if weight * 2 == 1:
        years = decimal_of(max(run.lasted / timedelta(days=365), 1e-6))
        most = numbers.fixed(growth_ratio_that_hodl_needs(moves, years), 2)
        here = numbers.fixed(decimal_of(grown), 2)
        text += tr(
            " At 50/50 that beats holding over this time only while neither grows more than {most} times as much as the "
            "other; between {first} and {second} it was {here} times.",
            most=most,
            first=first,
            second=second,
            here=here,
        )
    return text


def foot_text(measured: Measured, subject: Subject, rules: int, seconds: float | None, numbers: NumberFormat) -> str:
    """``35,040 candles per coin, no gaps; fee 0.1 % and half spread 0.005 % a side; 88 rules in 2.4 s``."""
    bars = measured.bars
    gaps = (
        tr("no gaps") if not bars.missing else tr("{Decimal} missing", Decimal=numbers.fixed(Decimal(bars.missing), 0))
    )
    fee = subject.fees.taker_rate * HUNDRED
    spread = subject.half_spread * HUNDRED
    half = numbers.percent(spread, min(max(places_of(spread), 0), 3))
    count = numbers.fixed(Decimal(len(bars)), 0)
    took = (
        ""
        if seconds is None
        else tr("; {rules} rules in {decimal} s", rules=rules, decimal=numbers.fixed(decimal_of(seconds), 1))
    )
    return tr(
        "{count} candles of {timeframe} per coin, {gaps}; fee {fee} and half spread {half} a side{took}",
        count=count,
        timeframe=duration_text(bars.timeframe),
        gaps=gaps,
        fee=numbers.percent(fee, places_of(fee)),
        half=half,
        took=took,
    )


def notes_of(measured: Measured, subject: Subject, run: RuleRun, source: str) -> list[str]:
    """What was found in the candles and what the test leaves out, in sentences."""
    first, last = (tr("{at} UTC", at=f"{at:%Y-%m-%d %H:%M}") for at in (measured.first, measured.last))
    notes = [
        tr("Candles: {source}. They close from {first} to {last}.", source=source, first=first, last=last),
        *measured.findings,
    ]
    shortest = measured.bars.timeframe
    if shortest > timedelta(minutes=30):
        notes.append(
            tr(
                "With candles of {shortest} nothing is seen between them: intervals shorter than that look at "
                "every candle, so their columns are the same.",
                shortest=duration_text(shortest),
            )
        )
    if subject.left_out:
        what = tr(" and ").join(subject.left_out)
        notes.append(tr("Left out, because set for today's prices: {what}.", what=what))
    if run.end is EndReason.STOP_LOSS or run.end is EndReason.TAKE_PROFIT:
        notes.append(tr("The {end} ended it there: the lines end with it.", end=run.end.value))
    if run.blocked:
        notes.append(
            tr(
                "{blocked} times the rule triggered and every order was below the market's minimum.",
                blocked=run.blocked,
            )
        )
    notes.append(
        tr(
            "Every trade is at a candle's close, with fee, half spread and the market's step and minimum. What the past did says "
            "little about what comes."
        )
    )
    return notes
