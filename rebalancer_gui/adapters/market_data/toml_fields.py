"""Strict reading of the program's own TOML files: every key is known, every value has its type, every fault is named."""

from __future__ import annotations

import decimal
import tomllib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from rebalancer_gui.domain.errors import EnvironmentProblem

_MISSING = object()


class Fields:
    """The keys of one table. Each is taken once; ``finish`` refuses what nobody took.

    All faults raise EnvironmentProblem with the file and the key.
    """

    def __init__(self, table: dict[str, object], place: str) -> None:
        self._left = dict(table)
        self._place = place

    def refuse(self, key: str, what: str) -> NoReturn:
        raise EnvironmentProblem(f"{self._place}: {key}: {what}.")

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def _take(self, key: str) -> object:
        value = self._left.pop(key, _MISSING)
        if value is _MISSING:
            self.refuse(key, "is missing")
        return value

    def text(self, key: str) -> str:
        """A string with something in it."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip() or value != value.strip():
            self.refuse(key, "must be a text that is not empty and neither starts nor ends with a blank")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        value = self._take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.refuse(key, f"must be a whole number from {low} to {high}")
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key)
        if not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return value

    def number(self, key: str) -> Decimal:
        """A finite number in plain notation, written as a string so that no binary fraction comes between."""
        value = self.text(key)
        try:
            number = Decimal(value)
        except decimal.InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or "e" in value.casefold():
            self.refuse(key, f'{value!r} is not a plain number such as "0.01"')
        return number

    def positive(self, key: str) -> Decimal:
        """A number above 0."""
        number = self.number(key)
        if number <= 0:
            self.refuse(key, "must be above 0")
        return number

    def day(self, key: str) -> date:
        value = self._take(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            self.refuse(key, "must be a date such as 2024-03-30, without quotation marks")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, none of them twice."""
        value = self._take(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self.refuse(key, "must be a list of texts")
        twice = sorted({item for item in value if value.count(item) > 1})
        if twice:
            self.refuse(key, f"{', '.join(twice)} is there twice")
        return tuple(value)

    def table(self, key: str) -> Fields:
        value = self._take(key)
        if not isinstance(value, dict):
            self.refuse(key, "must be a table")
        return Fields(value, f"{self._place}: {key}")

    def tables(self, key: str) -> tuple[Fields, ...]:
        value = self._take(key)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(key, "must be a list of tables")
        return tuple(Fields(item, f"{self._place}: {key} {n}") for n, item in enumerate(value, start=1))

    def finish(self) -> None:
        """Refuse what was not taken: a misspelt key must not be silently without effect."""
        for key in self._left:
            self.refuse(key, "is not a known key")


def read_toml(path: Path) -> Fields:
    """The top table of a TOML file; EnvironmentProblem when it cannot be read or is not TOML."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise EnvironmentProblem(f"{path.name} cannot be read: {error}.", "Install the program again.") from error
    return Fields(table, path.name)
