"""What a setting may be: a switch, one of several words, a whole number, an amount. Each is read from settings.json and from a
text, is said in words, and knows what is legal. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeVar

from rebalancer_gui.domain.hostile_json import plain_number, shown
from rebalancer_gui.domain.money import plain

T = TypeVar("T")
_ON, _OFF = "on", "off"
_LARGE = 10**15


class NotLegal(ValueError):  # noqa: N818 -- it says what is wrong, not that the program is
    """A value that a setting cannot have; the message says what it is and what is legal."""


class Kind(Protocol[T]):
    """What values there are. ``legal`` is a sentence without its end: ``on or off``."""

    @property
    def legal(self) -> str: ...

    def read(self, raw: object) -> T:
        """The value that stands in a JSON file as ``raw``. Raises NotLegal."""
        ...

    def parse(self, text: str) -> T:
        """The value that somebody typed. Raises NotLegal."""
        ...

    def checked(self, value: T) -> T:
        """``value``, when it is within its bounds. Raises NotLegal."""
        ...

    def to_json(self, value: T) -> object:
        """As it stands in a JSON file."""
        ...

    def words(self, value: T) -> str:
        """For people and for the console."""
        ...


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off; in a file ``true`` or ``false``."""

    @property
    def legal(self) -> str:
        return "on or off (in the file true or false)"

    def read(self, raw: object) -> bool:
        if not isinstance(raw, bool):
            raise _wrong(raw, self.legal)
        return raw

    def parse(self, text: str) -> bool:
        if text not in {_ON, _OFF}:
            raise _wrong(text, "on or off")
        return text == _ON

    def checked(self, value: bool) -> bool:  # noqa: FBT001 -- the value itself
        return value

    def to_json(self, value: bool) -> object:  # noqa: FBT001 -- the value itself
        return value

    def words(self, value: bool) -> str:  # noqa: FBT001 -- the value itself
        return _ON if value else _OFF


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words. ``options``: the word of the file and what people read, in the order in which they are offered."""

    options: tuple[tuple[str, str], ...]

    @property
    def legal(self) -> str:
        return "one of " + ", ".join(word for word, _ in self.options)

    def read(self, raw: object) -> str:
        if not isinstance(raw, str) or raw not in {word for word, _ in self.options}:
            raise _wrong(raw, self.legal)
        return raw

    def parse(self, text: str) -> str:
        return self.read(text)

    def checked(self, value: str) -> str:
        return self.read(value)

    def to_json(self, value: str) -> object:
        return value

    def words(self, value: str) -> str:
        return dict(self.options)[value]


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``low`` to ``high``, both included, of ``unit``."""

    low: int
    high: int
    unit: str

    @property
    def legal(self) -> str:
        return f"a whole number from {self.low} to {self.high} ({self.unit})"

    def read(self, raw: object) -> int:
        if not isinstance(raw, int) or isinstance(raw, bool):
            raise _wrong(raw, self.legal)
        return self.checked(raw)

    def parse(self, text: str) -> int:
        # The length first: Python refuses to read a number of thousands of digits with words of its own.
        if not text.isascii() or not text.isdigit() or len(text) > len(str(self.high)):
            raise _wrong(text, self.legal)
        return self.checked(int(text))

    def checked(self, value: int) -> int:
        if not self.low <= value <= self.high:
            raise _wrong(value, self.legal)
        return value

    def to_json(self, value: int) -> object:
        return value

    def words(self, value: int) -> str:
        return f"{value} {self.unit}"


@dataclass(frozen=True, slots=True)
class Amount:
    """A decimal number from ``low`` to ``high``, both included, in ``unit``; in a file a text in plain notation."""

    low: Decimal
    high: Decimal
    unit: str

    @property
    def legal(self) -> str:
        return f'an amount from {plain(self.low)} to {plain(self.high)} {self.unit} (in the file a text such as "0.05")'

    def read(self, raw: object) -> Decimal:
        if not isinstance(raw, str):
            raise _wrong(raw, self.legal)
        return self.parse(raw)

    def parse(self, text: str) -> Decimal:
        amount = plain_number(text)
        if amount is None:
            raise _wrong(text, self.legal)
        return self.checked(amount)

    def checked(self, value: Decimal) -> Decimal:
        if not self.low <= value <= self.high:
            raise _wrong(value, self.legal)
        return value

    def to_json(self, value: Decimal) -> object:
        return plain(value)

    def words(self, value: Decimal) -> str:
        return f"{plain(value)} {self.unit}"


def _wrong(raw: object, legal: str) -> NotLegal:
    return NotLegal(f"{_said(raw)} is not {legal}")


def _said(raw: object) -> str:
    """A value from outside as it may be printed."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if raw is None:
        return "null"
    if isinstance(raw, str):
        return shown(raw)
    if isinstance(raw, int):
        return str(raw) if abs(raw) < _LARGE else "a very large number"
    if isinstance(raw, Decimal):
        return plain(raw) if abs(raw) < _LARGE else "a very large number"
    return {dict: "an object", list: "a list", float: "a number with a fraction"}.get(type(raw), "this")
