"""What live prices come from: a venue's public side, without an account and without a key."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from rebalancer_gui.adapters.market_data.live_quotes import Tick
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, OrderBook


class PriceStream(Protocol):
    """An open subscription to a set of markets. Everything raises VenueUnavailable when the connection is broken."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Its channels; each is read by a task of its own."""
        ...

    async def next(self, channel: str) -> Sequence[Tick]:
        """The next message of a channel, as soon as one comes."""
        ...

    def mark(self) -> object:
        """Something that changes with every frame that comes in, pongs included."""
        ...

    async def close(self) -> None:
        """Free the connection. Safe to call twice."""
        ...


class PriceSource(Protocol):
    """The public questions to one venue. Reads raise VenueUnavailable."""

    @property
    def name(self) -> str:
        """For people: ``binance``."""
        ...

    @property
    def streams(self) -> bool:
        """Whether prices can be pushed at all."""
        ...

    def stream(self, symbols: Collection[str]) -> PriceStream:
        """A subscription to ``symbols`` (at least one); connects when it is read first."""
        ...

    async def poll(self, symbols: Sequence[str]) -> Sequence[Tick]:
        """Present prices by question and answer; a market that the venue does not answer for is left out."""
        ...

    async def book(self, symbol: str) -> OrderBook:
        """The present depth, best prices first; quantities in base units."""
        ...

    async def markets(self) -> Mapping[str, MarketRules]:
        """Every spot market, read from the venue now."""
        ...

    def fees(self) -> FeeSchedule:
        """What the venue charges an account without rebates; known once the markets were read."""
        ...

    async def server_time(self) -> datetime:
        """The venue's own time; ours where it tells none."""
        ...

    async def close(self) -> None:
        """Free what is open. Safe to call twice."""
        ...
