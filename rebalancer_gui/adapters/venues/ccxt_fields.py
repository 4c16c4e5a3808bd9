"""Reads fields of a venue's answers strictly: what is missing or no number is said, never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from rebalancer_gui.domain.market import BookLevel
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import OrderType, Side, VenueOrderStatus

Raw = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Misread(Exception):
    """An answer is not what was asked for: a field is missing, or it is about something else."""


def mapping(raw: object, what: str = "answer") -> Raw:
    """``raw`` as an object of JSON."""
    if not isinstance(raw, Mapping):
        raise Misread(f"the {what} is no object")
    return raw


def inner(raw: object, key: str) -> Raw:
    """The object under ``key``."""
    return mapping(mapping(raw).get(key), key)


def rows(raw: object, what: str = "answer") -> Sequence[Raw]:
    """``raw`` as a list of objects."""
    if not isinstance(raw, list) or not all(isinstance(row, Mapping) for row in raw):
        raise Misread(f"the {what} is no list of objects")
    return raw


def rows_in(raw: object, key: str) -> Sequence[Raw]:
    """The list of objects under ``key``."""
    return rows(mapping(raw).get(key), key)


def text(raw: Raw, key: str) -> str:
    """A field that must say something."""
    value = raw.get(key)
    if value is None or value == "" or isinstance(value, (dict, list, bool)):
        raise Misread(f"{key} is missing")
    return str(value)


def words(raw: Raw, key: str) -> str:
    """A field that may be empty."""
    value = raw.get(key)
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


def decimal(value: object, what: str) -> Decimal:
    """A finite number, exactly as it was written."""
    if value is None or isinstance(value, (bool, dict, list, float)):
        raise Misread(f"{what} is no number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Misread(f"{what} is no number")
    return number


def number(raw: Raw, key: str) -> Decimal:
    """A finite number that must be there."""
    return decimal(raw.get(key), key)


def amount(raw: Raw, key: str) -> Decimal:
    """A number that must be there and not negative."""
    value = number(raw, key)
    if value < ZERO:
        raise Misread(f"{key} is negative")
    return value


def optional(raw: Raw, key: str) -> Decimal | None:
    """A finite number, or None where the venue leaves it out or empty."""
    return None if raw.get(key) in {None, ""} else number(raw, key)


def at_ms(value: object) -> datetime:
    """A time in milliseconds since 1970."""
    count = decimal(value, "a time")
    if not ZERO < count < Decimal(10) ** 14:
        raise Misread("a time is out of range")
    return EPOCH + timedelta(microseconds=int(count * 1000))


def at_seconds(value: object) -> datetime:
    """A time in seconds since 1970, with decimals."""
    return at_ms(decimal(value, "a time") * 1000)


def at_iso(value: object) -> datetime:
    """A time such as ``2024-01-15T10:30:00.123456Z``; digits beyond microseconds are left out."""
    written = str(value).replace("Z", "+00:00")
    head, dot, tail = written.partition(".")
    if dot:
        digits = tail[: -len(tail.lstrip("0123456789"))] if tail.lstrip("0123456789") else tail
        written = f"{head}.{digits[:6]:0<6}{tail[len(digits) :]}"
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise Misread("a time cannot be read") from error
    if at.tzinfo is None:
        raise Misread("a time has no zone")
    return at.astimezone(UTC)


def ms(at: datetime) -> int:
    """Milliseconds since 1970."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def iso(at: datetime) -> str:
    """``2024-01-15T10:30:00.123000Z``."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def side_of(raw: Raw, key: str = "side") -> Side:
    """``BUY``, ``Buy``, ``buy``."""
    try:
        return Side(text(raw, key).lower())
    except ValueError as error:
        raise Misread(f"{key} is neither buy nor sell") from error


def type_of(word: str) -> OrderType:
    """Everything that names a market is a market order, all else has a limit."""
    return OrderType.MARKET if "market" in word.lower() else OrderType.LIMIT_IOC


def status_of(word: str, table: Mapping[str, VenueOrderStatus], *, at_once: bool) -> VenueOrderStatus:
    """A venue's word. One that is not known is not over: it is looked up again. What is left of an order that works at once or
    never (``at_once``) expires, whatever the venue calls that.
    """
    status = table.get(word, VenueOrderStatus.OPEN)
    if at_once and status is VenueOrderStatus.CANCELED:
        return VenueOrderStatus.EXPIRED
    return status


def levels(raw: object) -> Iterator[BookLevel]:
    """One side of a book: rows of price and quantity, in the venue's order; rows without quantity are left out."""
    if not isinstance(raw, list):
        raise Misread("the book is no list")
    for row in raw:
        if isinstance(row, Mapping):
            price, quantity = decimal(row.get("price"), "price"), decimal(row.get("size"), "size")
        elif isinstance(row, list) and len(row) >= 2:
            price, quantity = decimal(row[0], "price"), decimal(row[1], "quantity")
        else:
            raise Misread("a level of the book cannot be read")
        if quantity > ZERO:
            yield BookLevel(price, quantity)
