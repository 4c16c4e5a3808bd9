"""Cost basis by lots: what was bought when and for how much, and which of it a sale takes (FIFO, LIFO, HIFO, average).

One book is one coin of one account, wherever in the account it lies: moving coins between the free pool and a strategy is no
sale. What came in without a known cost has none, and never counts as 0; what a sale takes beyond all lots has none either.
"""

from __future__ import annotations

import enum
import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.domain.money import ZERO

GRID = Decimal("0.000000000001")
"""Shares of money are cut to this; what is left over goes to the last part, so the parts add up exactly."""


class LotMethod(enum.StrEnum):
    """Which lots a sale takes first."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    """The one that cost most a unit; lots of unknown cost last."""
    AVERAGE = "average"
    """All of them in proportion: one lot, as the strategies reckon."""


@dataclass(frozen=True, slots=True)
class Lot:
    """``quantity`` units (> 0) that cost ``cost`` in units of ``money``, fees included (None: not known).

    ``acquired`` is None where it is not known, or where an average joins several days.
    """

    acquired: datetime | None
    quantity: Decimal
    cost: Decimal | None
    money: str

    @property
    def unit_cost(self) -> Decimal | None:
        return self.cost / self.quantity if self.cost is not None else None


@dataclass(frozen=True, slots=True)
class Taken:
    """A part of a lot that left. ``proceeds`` in units of ``money`` (None: nothing was sold, or its worth is not known).

    ``gain`` is known where cost and proceeds are, in the same money.
    """

    lot: Lot
    proceeds: Decimal | None
    money: str

    @property
    def gain(self) -> Decimal | None:
        if self.lot.cost is None or self.proceeds is None or self.lot.money != self.money:
            return None
        return self.proceeds - self.lot.cost


class LotBook:
    """The lots of one coin. Not thread-safe."""

    def __init__(self, method: LotMethod) -> None:
        self._method = method
        self._lots: dict[int, Lot] = {}
        self._numbers = itertools.count()
        self._dearest: list[tuple[Decimal, int]] = []

    @property
    def quantity(self) -> Decimal:
        """Units in all lots."""
        return sum((lot.quantity for lot in self._lots.values()), ZERO)

    @property
    def lots(self) -> tuple[Lot, ...]:
        """In the order in which they came."""
        return tuple(self._lots.values())

    def acquire(self, lot: Lot) -> None:
        """Coins came in; nothing for a quantity of 0."""
        if lot.quantity <= ZERO:
            return
        if self._method is LotMethod.AVERAGE and self._lots:
            number, held = next(iter(self._lots.items()))
            self._put(number, _joined(held, lot))
        else:
            self._put(next(self._numbers), lot)

    def tell_cost(self, quantity: Decimal, unit_cost: Decimal, money: str) -> None:
        """What ``quantity`` of the units whose cost was not known had cost, the oldest first."""
        for number, lot in list(self._lots.items()):
            if quantity <= ZERO:
                return
            if lot.cost is not None:
                continue
            told = min(quantity, lot.quantity)
            quantity -= told
            if told == lot.quantity or self._method is LotMethod.AVERAGE:
                # An average of units known and unknown is not known: it is told as a whole or not at all.
                if told == lot.quantity:
                    self._put(number, replace(lot, cost=told * unit_cost, money=money))
                continue
            self._put(number, replace(lot, quantity=lot.quantity - told))
            self._put(next(self._numbers), replace(lot, quantity=told, cost=told * unit_cost, money=money))

    def take(self, quantity: Decimal, proceeds: Decimal | None, money: str) -> Iterator[Taken]:
        """``quantity`` units (> 0) leave for ``proceeds`` in all; a part for each lot that is touched, in its order."""
        left, paid = quantity, proceeds
        while left > ZERO:
            number = self._next()
            if number is None:
                # More than is known of: it must have come in somehow.
                yield Taken(Lot(None, left, None, money), paid, money)
                return
            lot = self._lots[number]
            part = self._cut(number, lot, min(left, lot.quantity))
            share = paid
            if paid is not None and proceeds is not None and part.quantity < left:
                share = (proceeds * part.quantity / quantity).quantize(GRID)
                paid -= share
            left -= part.quantity
            yield Taken(part, share, money)

    def take_over(self, other: LotBook) -> None:
        """All lots of a coin that is called as this one now."""
        for lot in other.lots:
            self.acquire(lot)
        other._lots.clear()
        other._dearest.clear()

    def _put(self, number: int, lot: Lot) -> None:
        self._lots[number] = lot
        if self._method is LotMethod.HIFO:
            heapq.heappush(self._dearest, (-(lot.unit_cost if lot.unit_cost is not None else Decimal(-1)), number))

    def _next(self) -> int | None:
        """The number of the lot that is taken first."""
        if not self._lots:
            return None
        if self._method is LotMethod.LIFO:
            return next(reversed(self._lots))
        if self._method is not LotMethod.HIFO:
            return next(iter(self._lots))
        while self._dearest[0][1] not in self._lots:
            heapq.heappop(self._dearest)
        return self._dearest[0][1]

    def _cut(self, number: int, lot: Lot, quantity: Decimal) -> Lot:
        """The part of ``lot`` that leaves; what stays keeps its place. A part costs the same a unit as the whole."""
        if quantity == lot.quantity:
            del self._lots[number]
            return lot
        cost = (lot.cost * quantity / lot.quantity).quantize(GRID) if lot.cost is not None else None
        stays = lot.cost - cost if lot.cost is not None and cost is not None else None
        self._lots[number] = replace(lot, quantity=lot.quantity - quantity, cost=stays)
        return replace(lot, quantity=quantity, cost=cost)


def _joined(held: Lot, came: Lot) -> Lot:
    known = held.cost is not None and came.cost is not None and held.money == came.money
    cost = held.cost + came.cost if known and held.cost is not None and came.cost is not None else None
    acquired = held.acquired if held.acquired == came.acquired else None
    return Lot(acquired, held.quantity + came.quantity, cost, held.money)
