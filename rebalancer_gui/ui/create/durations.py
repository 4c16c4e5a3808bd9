"""How spans of time are typed and written: `2 s`, `30 min`, `36 h`, `1 d 12 h`. Pure: no Qt."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.ui.formatting import NumberMarks
from rebalancer_gui.ui.parsing import Parsed, Unreadable, parse_decimal
from rebalancer_gui.ui.translation import tr

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_WORDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
}
_PIECE = re.compile(r"\s*([^A-Za-z]*?)\s*([A-Za-z]+)\s*")
_LONGEST = 1000 * _SECONDS["d"]
_HOW = tr("Write a number and a unit, such as 30 min, 36 h or 7 d.")


def parse_duration(text: str, marks: NumberMarks) -> timedelta | Unreadable:
    """Read `text` as a span in whole seconds; several pieces add up. Never raises, never guesses a unit."""
    body = text.strip()
    if not body:
        return Unreadable(_HOW, empty=True)
    seconds = Decimal(0)
    at = 0
    while at < len(body):
        piece = _PIECE.match(body, at)
        if piece is None:
            return Unreadable(tr("The unit is missing: write a number and a unit, such as 30 min, 36 h or 7 d."))
        at = piece.end()
        unit = _WORDS.get(piece[2].lower())
        if unit is None:
            return _unknown_unit(piece[2])
        match parse_decimal(piece[1], marks):
            case Unreadable(message, empty):
                return Unreadable(_HOW if empty else message)
            case Parsed(value):
                seconds += value * _SECONDS[unit]
    if seconds != seconds.to_integral_value():
        return Unreadable(tr("Only whole seconds."))
    if abs(seconds) > _LONGEST:
        return Unreadable(tr("Too long: 90 d is the longest there is."))
    return timedelta(seconds=int(seconds))


def _unknown_unit(word: str) -> Unreadable:
    if word.lower() in {"m", "mo"}:
        return Unreadable(tr("m can mean minutes or months: write min for minutes, or days as 30 d."))
    shown = word if len(word) <= 12 else word[:11] + "\u2026"
    return Unreadable(tr("\u201c{shown}\u201d is not a unit of time: s, min, h, d or w.", shown=shown))


def duration_text(span: timedelta) -> str:
    """`36 h`, `1 d`, `1 h 30 min`: the largest unit that holds it exactly, several pieces where none does.

    What is written here is read back by `parse_duration` to the same span (>= 0, whole seconds).
    """
    seconds = span // timedelta(seconds=1)
    for unit in ("d", "h", "min"):
        size = _SECONDS[unit]
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    pieces = []
    for unit in ("d", "h", "min", "s"):
        count, seconds = divmod(seconds, _SECONDS[unit])
        if count:
            pieces.append(f"{count} {unit}")
    return " ".join(pieces) or "0 s"
