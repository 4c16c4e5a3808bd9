"""What the faces share: why the exchange said no, in no venue's words, and pages."""

from __future__ import annotations

from typing import TypeVar

from rebalancer_gui.domain.orders import Rejected
from tests.wire.core import DUPLICATE

T = TypeVar("T")


class RefusedError(Exception):
    """The face says no: the venue's code, its words, and the HTTP status."""

    def __init__(self, code: int | str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def kind_of(rejected: Rejected) -> str:
    """``no right``, ``duplicate``, ``symbol``, ``closed``, ``price``, ``lot``, ``market lot``, ``value`` or ``money``."""
    if rejected.no_right:
        return "no right"
    known = {
        DUPLICATE: "duplicate", "-1121": "symbol", "-2010": "money", "-1111": "lot", "-1102": "price", "-1100": "id",
    }  # fmt: skip
    if rejected.code in known:
        return known[rejected.code]
    for part, kind in (
        ("closed", "closed"), ("PRICE_FILTER", "price"), ("Invalid price", "price"), ("MARKET_LOT_SIZE", "market lot"),
        ("LOT_SIZE", "lot"), ("Invalid quantity", "lot"), ("NOTIONAL", "value"),
    ):  # fmt: skip
        if part in rejected.reason:
            return kind
    raise AssertionError(rejected)


def page_of(items: list[T], cursor: str, size: int) -> tuple[list[T], str]:
    """One page by a cursor that is a number of rows, and the next cursor ("" = it was the last)."""
    if cursor and not cursor.isdecimal():
        raise RefusedError("10001", "no such cursor")
    begin = int(cursor or 0)
    end = begin + size
    return items[begin:end], str(end) if end < len(items) else ""
