"""An invented order book: the same for the same (seed, symbol, moment), on the price grid, never crossed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b

from rebalancer_gui.domain.market import BookLevel, MarketRules, OrderBook
from rebalancer_gui.domain.money import ONE, ceil_to_step, floor_to_step
from rebalancer_gui.domain.orders import Side

DEFAULT_SPREAD = Decimal("0.0004")
"""Ask minus bid as a fraction of the mid: wider than on a large venue's main pairs, narrower than on its small ones."""
_DRAWS_PER_HASH = 32
_LEAST_SHARE, _SHARE_RANGE = Decimal("0.4"), Decimal("1.2")
"""A level holds 0.4 to 1.6 times the mean value of its place."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How much lies in the book: ``levels`` a side, the best one worth ``value`` quote units on average, each further
    one ``growth`` times that, ``gap`` (fraction of the mid, at least one tick) apart.

    Raises ValueError on a book that could not exist.
    """

    levels: int = 20
    value: Decimal = Decimal(5000)
    growth: Decimal = Decimal("1.2")
    gap: Decimal = Decimal("0.0001")

    def __post_init__(self) -> None:
        if self.levels < 1 or self.value <= 0 or self.growth <= 0 or self.gap < 0:
            raise ValueError(f"A book needs at least one level of a positive value, not {self}.")


def book_key(seed: int) -> bytes:
    """The key of all chance in the books of one account."""
    return blake2b(f"{seed}/order books".encode(), digest_size=32).digest()


def draws(key: bytes, name: str, at: datetime, count: int) -> list[Decimal]:
    """``count`` numbers evenly spread over [0, 1), a pure function of the arguments."""
    found: list[Decimal] = []
    place = f"{name}/{at.isoformat()}/"
    while len(found) < count:
        digest = blake2b(f"{place}{len(found)}".encode(), key=key, digest_size=2 * _DRAWS_PER_HASH).digest()
        found += [Decimal(int.from_bytes(digest[i : i + 2], "little")) / 65536 for i in range(0, len(digest), 2)]
    return found[:count]


def best_prices(mid: Decimal, spread: Decimal, tick: Decimal) -> tuple[Decimal, Decimal]:
    """Best bid and ask around ``mid``: rounded away from it to the grid, positive, at least one tick apart.

    ``spread`` is ask minus bid as a fraction of the mid; where it is 0 and the mid lies on the grid they are equal.
    """
    half = mid * spread / 2
    bid = max(floor_to_step(mid - half, tick), tick)
    if not spread and bid == mid:
        return mid, mid
    return bid, max(ceil_to_step(mid + half, tick), bid + tick)


def last_price(mid: Decimal, bid: Decimal, ask: Decimal, tick: Decimal) -> Decimal:
    """The last trade of an invented market: the point of the grid nearest to the mid, between bid and ask."""
    return min(max(floor_to_step(mid + tick / 2, tick), bid), ask)


@lru_cache(maxsize=16)
def _mean_values(depth: Depth) -> tuple[Decimal, ...]:
    return tuple(depth.value * depth.growth**i for i in range(depth.levels))


def make_book(rules: MarketRules, mid: Decimal, spread: Decimal, depth: Depth, key: bytes, at: datetime) -> OrderBook:
    """The untouched book at ``at``; every level is a positive multiple of the step."""
    bid, ask = best_prices(mid, spread, rules.tick_size)
    gap = max(floor_to_step(mid * depth.gap, rules.tick_size), rules.tick_size)
    return OrderBook(
        symbol=rules.symbol,
        bids=_side(rules, bid, -gap, depth, draws(key, f"{rules.symbol}/{Side.BUY.value}", at, depth.levels)),
        asks=_side(rules, ask, gap, depth, draws(key, f"{rules.symbol}/{Side.SELL.value}", at, depth.levels)),
        at=at,
    )


def _side(
    rules: MarketRules, best: Decimal, gap: Decimal, depth: Depth, chances: list[Decimal]
) -> tuple[BookLevel, ...]:
    levels: list[BookLevel] = []
    for place, (mean, chance) in enumerate(zip(_mean_values(depth), chances, strict=True)):
        price = best + gap * place
        if price <= 0:
            break
        quantity = floor_to_step(mean * (_LEAST_SHARE + _SHARE_RANGE * chance) / price, rules.step_size)
        levels.append(BookLevel(price, max(quantity, rules.step_size)))
    return tuple(levels)


@dataclass(frozen=True, slots=True)
class FillRatio:
    """What part of a displayed level a limit order really gets, because others are faster: drawn for each order between
    ``least`` and ``most`` (both in (0, 1]; equal = constant). Raises ValueError on anything else.
    """

    least: Decimal = ONE
    most: Decimal = ONE

    def __post_init__(self) -> None:
        if not 0 < self.least <= self.most <= 1:
            raise ValueError(f"A fill ratio lies above 0 and at most at 1, not between {self.least} and {self.most}.")

    def of_order(self, key: bytes, order_id: int, at: datetime) -> Decimal:
        """The share for one order, a pure function of the arguments."""
        if self.least == self.most:
            return self.least
        return self.least + (self.most - self.least) * draws(key, f"share/{order_id}", at, 1)[0]
