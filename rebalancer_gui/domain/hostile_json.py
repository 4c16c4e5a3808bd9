"""JSON from outside, read as if somebody wanted to do harm with it: refused whole, and every fault is named.

    table = read_object(text, "format", noted := [])      # one faultless JSON object, or InvalidFile
    name = table.text("name", "name", "a text")           # None, and a Problem in `noted`, when it is not that
    table.finish()                                        # keys that nobody asked for are faults too
    refuse_if(noted)                                      # InvalidFile with all of them

Nothing here evaluates, opens or follows anything, and nothing takes more than linear time: size and depth are looked at
before the parser sees the text, numbers are kept as the text they are, and a number is only made of a short plain text.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.errors import InvalidFile
from rebalancer_gui.domain.problems import Problem

MAX_BYTES = 1_000_000
"""Size of the largest file; whoever reads one from disk need not read more than one byte beyond."""
MAX_DEPTH = 32
WHOLE_DIGITS, PLACES = 15, 18
"""Digits before and after the point; with these no figure of a plan leaves the 50 digits of money arithmetic."""
_NAMED = 5
_SHOWN = 40
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_ASSET = re.compile(r"[A-Z0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """A number that stands in the file without quotation marks, as it is written (``4.5``, ``1e3``, ``NaN``)."""

    text: str


def refuse_if(noted: Sequence[Problem]) -> None:
    """Raise InvalidFile with all that was noted, if anything was."""
    if noted:
        raise InvalidFile(tuple(noted))


def read_object(text: str | bytes, field: str, noted: list[Problem]) -> JsonObject:
    """The one object that the file holds. InvalidFile (under ``field``) where it is no such file at all.

    UTF-8 with or without a byte order mark; at most :data:`MAX_BYTES` and :data:`MAX_DEPTH` levels; no key twice.
    """
    content = _decoded(text, field)
    _check_depth(content, field)
    twice: list[str] = []

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        twice.extend(key for key, times in Counter(key for key, _ in items).items() if times > 1)
        return dict(items)

    try:
        value = json.loads(
            content, parse_int=JsonNumber, parse_float=JsonNumber, parse_constant=JsonNumber, object_pairs_hook=pairs
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _refused(field, f"The file is not JSON: {error.msg} at {where}.") from error
    if not isinstance(value, dict):
        raise _refused(field, f"The file must hold one JSON object, {{...}}; it holds {kind_of(value)}.")
    if twice:
        names = named(tuple(dict.fromkeys(twice)))
        raise _refused(field, f"Each key may stand once in an object; twice there: {names}.")
    return JsonObject(value, noted, "", field)


def _refused(field: str, message: str) -> InvalidFile:
    return InvalidFile((Problem(field, message),))


def _decoded(text: str | bytes, field: str) -> str:
    too_large = _refused(field, f"The file is larger than {MAX_BYTES // 1_000_000} MB, the most that is read.")
    if len(text) > MAX_BYTES:
        raise too_large
    try:
        raw = text if isinstance(text, bytes) else text.encode()
        content = raw.decode("utf-8-sig")
    except UnicodeError as error:
        raise _refused(field, "The file is not a text in UTF-8: it must be a JSON text.") from error
    if len(raw) > MAX_BYTES:
        raise too_large
    if raw.startswith(b"PK\x03\x04") or "\0" in content:
        raise _refused(field, "The file is not a text (an archive, or another program's file): it must be a JSON text.")
    if not content.strip():
        raise _refused(field, "The file is empty: it must hold one JSON object, {...}.")
    return content


def _check_depth(content: str, field: str) -> None:
    """Before the parser, which calls itself for each level."""
    depth = 0
    for found in _BRACKETS.finditer(content):
        mark = found.group()[0]
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark, 0)
        if depth > MAX_DEPTH:
            raise _refused(field, f"The file is nested deeper than {MAX_DEPTH} levels, the most that is read.")


def shown(text: str) -> str:
    """``text`` from outside as it may be printed: in quotation marks, not long, nothing invisible."""
    cut = text[:_SHOWN]
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in cut)
    return f'"{safe}{"..." if len(text) > _SHOWN else ""}"'


def named(keys: Sequence[str]) -> str:
    """The first few of ``keys`` as they may be printed, and how many more there are."""
    rest = len(keys) - _NAMED
    return ", ".join(shown(key) for key in keys[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def kind_of(value: object) -> str:
    """What ``value`` is, in words: ``the number 4.5``, ``an array``."""
    if isinstance(value, JsonNumber):
        return f"the number {shown(value.text)[1:-1]}"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return "an array" if isinstance(value, list) else "an object"


def plain_number(text: str, whole: int = WHOLE_DIGITS, places: int = PLACES) -> Decimal | None:
    """The number that ``text`` is in plain decimal notation; None when it is none, or longer than is legal."""
    if len(text) > whole + places + 2 or _PLAIN.fullmatch(text) is None:
        return None
    before, _, after = text.removeprefix("-").partition(".")
    if len(before) > whole or len(after) > places:
        return None
    return Decimal(text) + 0  # There is no minus nothing.


def is_asset(text: str) -> bool:
    """Whether ``text`` can be the name of a coin or money: 1 to 15 capital letters and digits."""
    return _ASSET.fullmatch(text) is not None


ASSET_LEGAL = "1 to 15 capital letters A-Z and digits"
SYMBOL_LEGAL = 'a symbol such as "BTC/USDT"'


def is_symbol(text: str) -> bool:
    """Whether ``text`` is a symbol ``BASE/QUOTE`` of two different assets."""
    base, slash, quote = text.partition("/")
    return slash == "/" and is_asset(base) and is_asset(quote) and base != quote


class JsonObject:
    """One object of a file. Each key is asked for once; what is wrong is noted under the field that is given, and None
    comes back. A key that is ``null`` counts as missing. ``legal`` in the messages completes "must be ...".
    """

    def __init__(self, table: dict[str, object], noted: list[Problem], place: str, field: str) -> None:
        self._table = table
        self._asked: dict[str, None] = {}
        self._noted = noted
        self._place = f"{place}: " if place else ""
        self._field = field

    def __contains__(self, key: str) -> bool:
        """Whether ``key`` is there and not null."""
        return self._table.get(key) is not None

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._table)

    def raw(self, key: str) -> object:
        """What stands there, unread; numbers without quotation marks are a JsonNumber. None where the key is missing."""
        self._asked[key] = None
        return self._table.get(key)

    def note(self, field: str, message: str) -> None:
        """A fault of this object."""
        self._noted.append(Problem(field, f"{self._place}{message}"))

    def _take(self, key: str, field: str, legal: str, *, needed: bool) -> object:
        self._asked[key] = None
        value = self._table.get(key)
        if value is None and needed:
            self.note(field, f"{shown(key)} is missing: it must be {legal}.")
        return value

    def _wrong(self, key: str, field: str, legal: str, value: object) -> None:
        self.note(field, f"{shown(key)} must be {legal}, not {kind_of(value)}.")

    def text(self, key: str, field: str, legal: str, *, needed: bool = True) -> str | None:
        value = self._take(key, field, legal, needed=needed)
        if value is None or isinstance(value, str):
            return value
        self._wrong(key, field, legal, value)
        return None

    def flag(self, key: str, field: str) -> bool | None:
        """True or false; None without a note when the key is missing."""
        legal = "true or false"
        value = self._take(key, field, legal, needed=False)
        if value is None or isinstance(value, bool):
            return value
        self._wrong(key, field, legal, value)
        return None

    def asset(self, key: str, field: str) -> str | None:
        legal = f"a name of {ASSET_LEGAL}"
        value = self.text(key, field, legal)
        if value is None or is_asset(value):
            return value
        self._wrong(key, field, legal, value)
        return None

    def symbol(self, key: str, field: str) -> str | None:
        value = self.text(key, field, SYMBOL_LEGAL)
        if value is None or is_symbol(value):
            return value
        self._wrong(key, field, SYMBOL_LEGAL, value)
        return None

    def number(
        self,
        key: str,
        field: str,
        example: str,
        *,
        needed: bool = True,
        places: int = PLACES,
        least: Decimal | None = None,
    ) -> Decimal | None:
        """A number written as a text in plain notation, of at least ``least``."""
        legal = f'a number in quotation marks and plain notation, such as "{example}"'
        value = self._take(key, field, legal, needed=needed)
        if value is None:
            return None
        number = plain_number(value, places=places) if isinstance(value, str) else None
        if number is None:
            limits = f", with at most {WHOLE_DIGITS} digits before and {places} after the point"
            self._wrong(key, field, legal + (limits if isinstance(value, str) else ""), value)
        elif least is not None and number < least:
            self.note(field, f"{shown(key)} must be {least:f} or more, not {kind_of(value)}.")
            return None
        return number

    def whole(self, key: str, field: str, legal: str, *, needed: bool = True) -> Decimal | None:
        """A number that may also stand without quotation marks when it is whole (a version, seconds)."""
        value = self._take(key, field, legal, needed=needed)
        if value is None:
            return None
        bare = value.text if isinstance(value, JsonNumber) and "." not in value.text else value
        number = plain_number(bare) if isinstance(bare, str) else None
        if number is None:
            self._wrong(key, field, legal, value)
        return number

    def nested(self, key: str, field: str, legal: str, *, needed: bool = True) -> JsonObject | None:
        value = self._take(key, field, legal, needed=needed)
        if value is None:
            return None
        if isinstance(value, dict):
            return JsonObject(value, self._noted, "" if key == field else shown(key)[1:-1], field)
        self._wrong(key, field, legal, value)
        return None

    def entries(self, key: str, field: str, legal: str) -> list[object] | None:
        value = self._take(key, field, legal, needed=True)
        if value is None or isinstance(value, list):
            return value
        self._wrong(key, field, legal, value)
        return None

    def finish(self) -> None:
        """Note the keys that nobody asked for: one that is misspelt must not be without effect in silence."""
        unknown = tuple(key for key in self._table if key not in self._asked)
        if unknown:
            self.note(self._field, f"Not known here: {named(unknown)}. The keys are {', '.join(self._asked)}.")
