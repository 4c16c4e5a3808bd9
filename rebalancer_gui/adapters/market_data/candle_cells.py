"""Cells of a candle file: times and numbers. What can be read in two ways is not read at all."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

EARLIEST = int(datetime(2009, 1, 1, tzinfo=UTC).timestamp())
"""No coin traded before."""
LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
NOTHING = frozenset(("", "-", "nan", "null", "none", "n/a", "na", "#n/a"))
"""What exports write (in any case) where there is no price."""

_WHOLE = re.compile(r"[0-9]+(?:\.0*)?")
_HOUR_12 = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2})-([AP]M)")
_POINT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_POINT_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+|[+-]?[0-9]+")
_DOUBTFUL = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_COMMA_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?")


class NumberStyle(enum.Enum):
    """How a file writes numbers; the value is the wording for people."""

    POINT = "1234.56"
    POINT_GROUPED = "1,234.56"
    COMMA = "1234,56"
    COMMA_GROUPED = "1.234,56"


def style_of(cells: Iterable[str], delimiter: str = ",") -> NumberStyle | None:
    """The one style in which these cells are written; None where two would do or none does. NOTHING is passed over.

    A file parted by semicolons comes from where a point may part thousands: ``1.234`` everywhere says nothing there.
    """
    present = [cell for text in cells if (cell := text.strip()).lower() not in NOTHING]
    commas = [cell for cell in present if "," in cell]
    points = [cell for cell in present if "." in cell]
    if not commas:
        doubtful = delimiter == ";" and points and all(_DOUBTFUL.fullmatch(cell) for cell in points)
        return None if doubtful else NumberStyle.POINT
    both = [cell for cell in commas if "." in cell]
    grouped = [cell for cell in both if cell.rfind(".") > cell.rfind(",")] or [c for c in commas if c.count(",") > 1]
    reverse = [cell for cell in both if cell.rfind(",") > cell.rfind(".")] or [c for c in points if c.count(".") > 1]
    decimal = [c for c in commas if (c.count(",") == 1 and not _POINT_GROUPED.fullmatch(c)) or c.lstrip("+-")[0] == "0"]
    if grouped and not reverse and not [c for c in decimal if "." not in c]:
        return NumberStyle.POINT_GROUPED
    if reverse and not grouped:
        return NumberStyle.COMMA_GROUPED
    if decimal and not grouped and not points:
        return NumberStyle.COMMA
    return None


def number_in(text: str, style: NumberStyle) -> float | None:
    """The number, or None where the text is none in this style (``1_000``, ``1,234`` beside ``1.5``, words)."""
    cell = text.strip()
    if style is NumberStyle.POINT or (style is NumberStyle.POINT_GROUPED and "," not in cell):
        return float(cell) if _POINT.fullmatch(cell) else None
    if style is NumberStyle.POINT_GROUPED:
        return float(cell.replace(",", "")) if _POINT_GROUPED.fullmatch(cell) else None
    if _COMMA.fullmatch(cell):
        return float(cell.replace(",", "."))
    if style is NumberStyle.COMMA_GROUPED and _COMMA_GROUPED.fullmatch(cell):
        return float(cell.replace(".", "").replace(",", "."))
    return None


def time_in(text: str) -> tuple[int, str] | None:
    """Epoch seconds UTC and what the cell was read as; None where it is no time, or one that can be read in two ways.

    Whole seconds only; epoch numbers are told apart by their size (seconds, milliseconds, microseconds, nanoseconds).
    """
    cell = text.strip()
    if _WHOLE.fullmatch(cell):
        return _number_time(cell.partition(".")[0])
    if found := _HOUR_12.fullmatch(cell):
        hour = int(found[2]) % 12 + (12 if found[3] == "PM" else 0)
        cell = f"{found[1]} {hour:02}:00" if 1 <= int(found[2]) <= 12 else ""
    zone = "+00:00" if cell.endswith(" UTC") else ""
    try:
        at = datetime.fromisoformat(cell.removesuffix(" UTC") + zone)
    except ValueError:
        return None
    said = "ISO time" if at.tzinfo is not None else "ISO time without a zone, taken as UTC"
    seconds = _seconds(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
    return None if seconds is None else (seconds, said)


def _seconds(at: datetime) -> int | None:
    if at.microsecond:
        return None
    seconds = int(at.timestamp())
    return seconds if EARLIEST <= seconds < LATEST else None


def _number_time(digits: str) -> tuple[int, str] | None:
    if len(digits) == 8:
        try:
            day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            return None
        seconds = _seconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
        return None if seconds is None else (seconds, "days (YYYYMMDD) in UTC")
    for power, unit in ((0, "seconds"), (3, "milliseconds"), (6, "microseconds"), (9, "nanoseconds")):
        if len(digits) > 10 + power:
            continue
        seconds, rest = divmod(int(digits), 10**power)
        return (seconds, f"epoch {unit}") if not rest and EARLIEST <= seconds < LATEST else None
    return None
