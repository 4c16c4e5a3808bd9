"""Order books for tests."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rebalancer_gui.domain.market import BookLevel, OrderBook
from tests.builders import NOON


def book(base: str, *, bids: Sequence[tuple[str, str]], asks: Sequence[tuple[str, str]]) -> OrderBook:
    """Levels as (price, quantity), the best one first."""

    def levels(side: Sequence[tuple[str, str]]) -> tuple[BookLevel, ...]:
        return tuple(BookLevel(Decimal(price), Decimal(quantity)) for price, quantity in side)

    return OrderBook(f"{base}/USDT", levels(bids), levels(asks), NOON)
