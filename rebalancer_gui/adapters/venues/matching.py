"""What an order takes from a book, level by level, and what the venue charges for it."""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.market import BookLevel, FeeSchedule, FeeSide, MarketRules, OrderBook
from rebalancer_gui.domain.money import ONE, ZERO, floor_to_step
from rebalancer_gui.domain.orders import Side

FEE_GRID = Decimal("0.00000001")
"""Fees are charged in whole units of 8 decimals, rounded up: in the venue's favour, so that no trade is free by rounding."""
Taken = Mapping[tuple[Side, Decimal], Decimal]
"""What is gone from a book since it was made: base units by (side of the taker, price)."""


@dataclass(frozen=True, slots=True)
class Match:
    """One level that an order met: it got ``quantity`` (may be 0), and ``gone`` of the displayed quantity is no more."""

    price: Decimal
    quantity: Decimal
    gone: Decimal


def levels_for(book: OrderBook, side: Side) -> tuple[BookLevel, ...]:
    """The side of the book that an order of ``side`` takes from, best price first."""
    return book.asks if side is Side.BUY else book.bids


def remaining(book: OrderBook, taken: Taken) -> OrderBook:
    """``book`` without what is gone."""
    if not taken:
        return book
    return OrderBook(book.symbol, _left(book.bids, Side.SELL, taken), _left(book.asks, Side.BUY, taken), book.at)


def _left(levels: tuple[BookLevel, ...], taker: Side, taken: Taken) -> tuple[BookLevel, ...]:
    left = (BookLevel(level.price, level.quantity - taken.get((taker, level.price), ZERO)) for level in levels)
    return tuple(level for level in left if level.quantity > ZERO)


def match_order(
    side: Side, levels: Sequence[BookLevel], quantity: Decimal, limit: Decimal | None, share: Decimal, step: Decimal
) -> tuple[Match, ...]:
    """Walk ``levels`` until ``quantity`` is filled, the next price is worse than ``limit``, or the book ends.

    Of each level only ``share`` can be had, cut to ``step``; where that is less than what is wanted, others have taken
    the rest of the level.
    """
    matches: list[Match] = []
    left = quantity
    for level in levels:
        worse = limit is not None and (level.price > limit if side is Side.BUY else level.price < limit)
        if left == ZERO or worse:
            break
        to_be_had = level.quantity if share == ONE else floor_to_step(level.quantity * share, step)
        got = min(left, to_be_had)
        matches.append(Match(level.price, got, got if left <= to_be_had else level.quantity))
        left -= got
    return tuple(matches)


def filled(matches: Sequence[Match]) -> Decimal:
    """Base units got."""
    return sum((match.quantity for match in matches), ZERO)


def fee_of(match: Match, side: Side, rules: MarketRules, fees: FeeSchedule) -> tuple[Decimal, str]:
    """Fee and its asset for one trade: rate x what it is charged on, rounded up to 8 decimals.

    A fee in the received asset never takes more than was received.
    """
    if side is Side.BUY and fees.taken_in is FeeSide.RECEIVED:
        charged_on, asset = match.quantity, rules.base
    else:
        charged_on, asset = match.quantity * match.price, rules.quote
    fee = (charged_on * fees.taker_rate).quantize(FEE_GRID, rounding=decimal.ROUND_UP)
    if side is Side.SELL or fees.taken_in is FeeSide.RECEIVED:
        fee = min(fee, charged_on)
    return fee, asset
