"""Words that both tabs of the create panel and their dialogs share. Pure: no Qt."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import assert_never

from rebalancer_gui.domain.allocation import MONEY_GRID
from rebalancer_gui.domain.money import floor_to_step
from rebalancer_gui.domain.strategy import BandRule, RatioRule, Rule, TimeRule
from rebalancer_gui.ui.create.durations import duration_text, parse_duration
from rebalancer_gui.ui.formatting import NumberFormat, places_of, utc_date
from rebalancer_gui.ui.parsing import Parsed, Unreadable, parse_decimal
from rebalancer_gui.ui.translation import tr

SELL_ALL = tr("When it stops: sell all coins")
SELL_ALL_TIP = tr("Otherwise the coins go back to the free pool. You are asked again when you stop it.")
_NEGLIGIBLE = 1000
"""A part of an amount smaller than one in so many may go unsaid."""


def day_text(day: date | None) -> str:
    """`22 Nov 2026`; an en dash where there is none."""
    return utc_date(None if day is None else datetime.combine(day, time(), UTC))


def rule_text(rule: Rule, numbers: NumberFormat) -> str:
    """`by coin ratio 5 %`, `every 7 d`."""
    match rule:
        case RatioRule():
            return tr("by coin ratio {threshold}", threshold=points_text(rule.threshold, numbers))
        case TimeRule():
            return tr("every {interval}", interval=duration_text(rule.interval))
        case BandRule():
            return tr("by auto band")
        case _:
            assert_never(rule)


def whole_rule_text(rule: Rule, numbers: NumberFormat) -> str:
    """`by coin ratio 5 %, checked every 2 s`, `every 7 d if the worst drift exceeds 0.5 %`."""
    match rule:
        case RatioRule():
            return tr(
                "{rule}, checked every {check_period}",
                rule=rule_text(rule, numbers),
                check_period=duration_text(rule.check_period),
            )
        case TimeRule():
            gate = (
                tr(" if the worst drift exceeds {gate}", gate=points_text(rule.gate, numbers))
                if rule.gate
                else tr(" at any drift")
            )
            return f"{rule_text(rule, numbers)}{gate}"
        case BandRule():
            return tr(
                "{rule}, checked every {check_period}",
                rule=rule_text(rule, numbers),
                check_period=duration_text(rule.check_period),
            )
        case _:
            assert_never(rule)


def at_hand(amount: Decimal, quote: str, numbers: NumberFormat) -> str:
    """Money that can be spent, `8,000.34 USDT`: cut to 0.01, for rounded up it would promise more than there is.

    In full where the cut would hide more than a thousandth of it. `quote` "" leaves the unit out.
    """
    cut = floor_to_step(amount, MONEY_GRID)
    shown = cut if (amount - cut) * _NEGLIGIBLE <= amount else amount
    return numbers.money(shown, quote, max(2, places_of(shown)))


def points_text(value: Decimal, numbers: NumberFormat) -> str:
    """`5 %`, `0.5 %`: no more decimals than there are."""
    return numbers.percent(value, places_of(value))


def read_points(text: str, numbers: NumberFormat) -> Decimal | Unreadable:
    """A typed percentage, with or without its sign."""
    answer = parse_decimal(text.strip().removesuffix("%"), numbers.marks)
    return answer.value if isinstance(answer, Parsed) else answer


class AutoBand(enum.Enum):
    """Instead of a threshold: each coin has its own."""

    AUTO = tr("Auto")


def read_threshold(text: str, numbers: NumberFormat) -> Decimal | AutoBand | Unreadable:
    """A typed percentage, or the word for the auto band."""
    if text.strip().casefold() in {"auto", "auto band", AutoBand.AUTO.value.casefold()}:
        return AutoBand.AUTO
    return read_points(text, numbers)


def threshold_text(threshold: Decimal | AutoBand, numbers: NumberFormat) -> str:
    """`5 %`, `Auto`."""
    return threshold.value if isinstance(threshold, AutoBand) else points_text(threshold, numbers)


def bands_text(bands: Mapping[str, Decimal], numbers: NumberFormat) -> str:
    """`BTC 5, SOL 3.75 pp`."""
    return ", ".join(f"{asset} {numbers.fixed(band, 2)}" for asset, band in bands.items()) + tr(" pp")


def read_span(text: str, numbers: NumberFormat) -> timedelta | Unreadable:
    """A typed span of time."""
    return parse_duration(text, numbers.marks)
