"""How safety rails are said and grouped in Settings. Pure: no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.rails import RAILS, Effect, Group, Rail, RailSet, Unit
from rebalancer_gui.domain.strategy import TradingMode
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat, places_of
from rebalancer_gui.ui.translation import tr

_EFFECTS = {
    Effect.SKIP: tr("skip (left out this time, tried again at the next check)"),
    Effect.HOLD: tr("hold (waits until that is over)"),
    Effect.HALT: tr("halt (the strategy stands still until you press Resume)"),
    Effect.WAIT: tr("wait (goes on a moment later)"),
    Effect.WARN: tr("warn (it is said, nothing is held)"),
    Effect.BLOCK: tr("block (no order is sent)"),
}
MODES = {
    TradingMode.AUTO: (
        tr("Automatic"),
        tr("A rebalance is sent as soon as its rule triggers and no safety rail is against it."),
    ),
    TradingMode.APPROVE: (
        tr("Approve each rebalance"),
        tr(
            "What a rule triggers is proposed with its orders. You approve it, or press Not now. A proposal is planned anew after "
            "60 seconds, or when a price moved by 0.3 %. Stop-loss, take-profit and Stop go ahead without asking, and so does "
            "what you confirmed on a preview."
        ),
    ),
    TradingMode.WATCH: (
        tr("Watch only"),
        tr("Plans are shown, nothing is sent: no rebalance, no stop-loss, no take-profit."),
    ),
}
"""Title and text of each trading mode, in the order in which they are offered."""


@dataclass(frozen=True, slots=True)
class Section:
    """Rails that stand together under a heading; ``hint`` is a sentence below it ("" = none)."""

    heading: str
    hint: str
    rails: tuple[Rail, ...]


def sections(rails: RailSet) -> tuple[Section, ...]:
    """Those that this kind of account has by their groups, then those that it has not, with the reason."""
    found = []
    for group in Group:
        own = tuple(r for r, info in RAILS.items() if info.group is group and rails.kind in info.kinds)
        if own:
            found.append(Section(said(group.value), "", own))
    off = tuple(r for r, info in RAILS.items() if rails.kind not in info.kinds)
    if off:
        found.append(Section(tr("Not used on a {kind}", kind=said(rails.kind.value)), said(rails.why_off(off[0])), off))
    return tuple(found)


def name_of(rail: Rail, part: str) -> str:
    """The objectName of a rail's control: ``railOrderShareEdit``."""
    camel = "".join(word.capitalize() for word in rail.value.split("_"))
    return f"rail{camel}{part}"


def unit_of(rail: Rail, money: str) -> str:
    """What stands behind its value; ``money`` is the account's main quote asset."""
    unit = RAILS[rail].unit
    return money if unit is Unit.MONEY else said(unit.value)


def value_text(rail: Rail, value: Decimal | None, numbers: NumberFormat, money: str) -> str:
    """``50 %``, ``none`` for a limit that is not set, "" for a rail without a value."""
    if RAILS[rail].unit is Unit.NONE:
        return ""
    if value is None:
        return tr("none")
    return numbers.fixed(value, places_of(value), unit_of(rail, money))


def facts(rail: Rail, numbers: NumberFormat, money: str) -> str:
    """Its default, what is legal, its effect, and whether exits are exempt."""
    info = RAILS[rail]
    words = []
    if info.editable:
        low, high = (numbers.fixed(bound, places_of(bound)) for bound in (info.low, info.high))
        words.append(
            tr(
                "Default: {value}. Legal: {low} to {high}.",
                value=value_text(rail, info.default, numbers, money),
                low=low,
                high=high,
            )
        )
    words.append(tr("Effect: {EFFECTS}.", EFFECTS=_EFFECTS[info.effect]))
    if info.spares_exits:
        words.append(tr("Exits are exempt."))
    return " ".join(words)
