"""How typed numbers are read: one way only, exactly, or not at all. Pure: no Qt.

    match parse_decimal("1,500", NumberMarks(decimal=",", group=".")):
        case Parsed(value): ...
        case Unreadable(message): ...       # a sentence that names both readings

Rules:
- The decimal mark is the locale's. Group marks count only where they fall on groups of three: the locale's own mark,
  or a space of any kind (a space is never a decimal mark, so it can be read in one way only).
- One lone mark before exactly three digits (`1,500`, `1.500`) is a group to some people and a decimal mark to others.
  Where the point is the decimal mark, as on every exchange and wherever numbers are pasted from, it is read the
  locale's way. Everywhere else, that is where habit and pasted text contradict each other, it is refused and both
  readings are named, each in a form that is accepted.
- Space around the number is dropped. Signs are + and the minus signs - and U+2212. Digits are 0 to 9 only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.money import plain
from rebalancer_gui.ui.formatting import MINUS, NumberFormat, NumberMarks, places_of
from rebalancer_gui.ui.translation import tr

MAX_WHOLE_DIGITS = 20
MAX_DECIMALS = 18
_APOSTROPHES = "'\u2019\u02bc"
_SPACES = "\t\u0020\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff\u202a\u202c\u2066\u2069"
_EXPONENT = re.compile(r"[+\-\u2212]?[0-9][0-9.,]*[eE][+\-\u2212]?[0-9]+")
_LONE_MARK = re.compile(r"([1-9][0-9]{0,2})([.,])([0-9]{3})")
_NOT_NUMBERS = {"nan", "snan", "inf", "infinity", "\u221e"}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A number that can be read in one way only. `value` is finite and exact."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a text is not a number, in a sentence for people; `empty` when there is nothing to read."""

    message: str
    empty: bool = False


def parse_decimal(text: str, marks: NumberMarks) -> Parsed | Unreadable:
    """Read `text` as one number; never raises and never guesses."""
    body = text.strip().strip(_INVISIBLE).strip()
    if not body:
        return Unreadable(tr("Enter a number."), empty=True)
    negative, digits = _split_sign(body)
    refused = _foreign(body, digits) or _ambiguous(digits, marks)
    if refused is not None:
        return refused
    whole, mark, fraction = digits.partition(marks.decimal)
    ungrouped = _without_groups(whole, marks)
    if ungrouped is None or not _is_digits(fraction) or not (ungrouped or fraction):
        return _misplaced(body, digits, marks)
    if mark and not fraction and not ungrouped:
        return _misplaced(body, digits, marks)
    if len(ungrouped.lstrip("0")) > MAX_WHOLE_DIGITS:
        return Unreadable(
            tr(
                "Too large: at most {MAX_WHOLE_DIGITS} digits before the decimal mark.",
                MAX_WHOLE_DIGITS=MAX_WHOLE_DIGITS,
            )
        )
    if len(fraction.rstrip("0")) > MAX_DECIMALS:
        return Unreadable(tr("Too fine: at most {MAX_DECIMALS} decimals.", MAX_DECIMALS=MAX_DECIMALS))
    value = Decimal(f"{ungrouped or '0'}.{fraction[:MAX_DECIMALS]}")
    return Parsed(value.copy_negate() if negative and value else value)


def editable(value: Decimal, marks: NumberMarks, places: int = 0) -> str:
    """`value` as a field shows it: at least `places` decimals, grouped, all its digits, and sure to be read back.

    Where that could be read in two ways (`1,234` with a decimal comma) it is written `1,2340`, or `1234` ungrouped.
    """
    text = NumberFormat(marks).fixed(value, max(places, places_of(value)))
    return text if parse_decimal(text, marks) == Parsed(value) else _unambiguous(value, marks)


def _unambiguous(value: Decimal, marks: NumberMarks) -> str:
    text = plain(value).replace("-", MINUS)
    whole, point, fraction = text.partition(".")
    if len(fraction) == 3:
        fraction += "0"
    return f"{whole}{marks.decimal}{fraction}" if point else whole


def _split_sign(body: str) -> tuple[bool, str]:
    if body[0] in "+-" + MINUS:
        return body[0] != "+", body[1:].lstrip(_SPACES)
    return False, body


def _is_digits(text: str) -> bool:
    return all("0" <= character <= "9" for character in text)


def _foreign(body: str, digits: str) -> Unreadable | None:
    """What is not made of digits and marks at all."""
    shown = body if len(body) <= 24 else body[:23] + "\u2026"
    if digits.lower() in _NOT_NUMBERS:
        return Unreadable(tr("\u201c{shown}\u201d is not an amount. Enter a number in digits.", shown=shown))
    if _EXPONENT.fullmatch(body):
        return Unreadable(tr("\u201c{shown}\u201d has an exponent. Write the number out in digits.", shown=shown))
    if any(character.isdigit() and not "0" <= character <= "9" for character in digits):
        return Unreadable(tr("Use the digits 0 to 9; other kinds of digits are not read."))
    if any(character in "+-" + MINUS for character in digits):
        return Unreadable(
            tr("\u201c{shown}\u201d has a sign in the wrong place. One sign may stand in front.", shown=shown)
        )
    if not all("0" <= character <= "9" or character in ".," + _APOSTROPHES + _SPACES for character in digits):
        return Unreadable(
            tr("\u201c{shown}\u201d is not a number. Enter digits only; the unit is already there.", shown=shown)
        )
    return None


def _ambiguous(digits: str, marks: NumberMarks) -> Unreadable | None:
    match = _LONE_MARK.fullmatch(digits)
    if match is None:
        return None
    if marks.decimal == "." and match[2] in (marks.decimal, marks.group):
        return None
    as_decimal = _unambiguous(Decimal(f"{match[1]}.{match[3]}"), marks)
    as_whole = match[1] + match[3]
    return Unreadable(
        tr(
            "\u201c{digits}\u201d can be read as {as_decimal} or as {as_whole}. Write {as_decimal} or {as_whole}.",
            digits=digits,
            as_decimal=as_decimal,
            as_whole=as_whole,
        )
    )


def _without_groups(whole: str, marks: NumberMarks) -> str | None:
    """The digits before the decimal mark without group marks; None where a mark is not legal there."""
    used = {character for character in whole if not "0" <= character <= "9"}
    if not used:
        return whole
    groups = _group_marks(marks)
    space_only = used <= set(_SPACES)
    if not (space_only or used <= groups):
        return None
    parts = re.split(f"[{re.escape(''.join(used))}]", whole)
    first, rest = parts[0], parts[1:]
    if not 1 <= len(first) <= 3 or first.startswith("0") or any(len(part) != 3 for part in rest):
        return None
    return "".join(parts)


def _group_marks(marks: NumberMarks) -> set[str]:
    if marks.group and marks.group in _APOSTROPHES:
        return set(_APOSTROPHES)
    return {marks.group} if marks.group else set()


def _misplaced(body: str, digits: str, marks: NumberMarks) -> Unreadable:
    """A mark stands where it cannot: say which mark is legal, and the likely meaning where there is only one."""
    shown = body if len(body) <= 24 else body[:23] + "\u2026"
    name = {".": tr("a point"), ",": tr("a comma")}.get(marks.decimal, f"\u201c{marks.decimal}\u201d")
    other = "." if marks.decimal == "," else ","
    there = _parse_ungrouped(digits, other)
    if there is not None:
        hint = editable(there, marks, places_of(there))
        return Unreadable(
            tr("\u201c{shown}\u201d: the decimal mark here is {name}. Write {hint}.", shown=shown, name=name, hint=hint)
        )
    return Unreadable(
        tr(
            "\u201c{shown}\u201d is not a number: the decimal mark is {name} and may stand once; "
            "marks between thousands must stand before each three digits.",
            shown=shown,
            name=name,
        )
    )


def _parse_ungrouped(digits: str, decimal: str) -> Decimal | None:
    """What `digits` would mean where `decimal` is the decimal mark and the other one groups; None if nothing."""
    group = "," if decimal == "." else "."
    if digits.count(decimal) != 1:
        return None
    whole, _, fraction = digits.partition(decimal)
    ungrouped = _without_groups(whole, NumberMarks(decimal, group))
    if ungrouped is None or not fraction or not _is_digits(fraction) or len(digits) > MAX_WHOLE_DIGITS:
        return None
    return Decimal(f"{ungrouped or '0'}.{fraction}")
