"""What a paper account offers beyond a venue: the replay's time, and what would happen outside the program."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DemoState:
    """What the demo bar shows. ``speed`` in market seconds per wall second; ``source`` says what prices these are."""

    market_time: datetime
    speed: int
    spacing: timedelta
    paused: bool
    jumping: bool
    ended: bool
    source: str
    seed: int
    first_day: date
    last_day: date | None


class DemoControls(Protocol):
    """What a replaying venue offers beyond a venue. All calls return at once; the feed follows."""

    def state(self) -> DemoState:
        """The present state."""
        ...

    def set_speed(self, speed: int) -> None:
        """Market seconds per wall second, 1 to 86,400; raises InvalidInput."""
        ...

    def set_paused(self, paused: bool) -> None:  # noqa: FBT001 - a setter
        """Stop or go on."""
        ...

    def step(self) -> None:
        """Publish one batch, then stand still."""
        ...

    def jump(self) -> None:
        """Run as fast as possible until the next order is taken, then go on at the chosen speed (or pause if paused)."""
        ...

    def continue_with_random_walk(self) -> None:
        """After the last day of the replay: go on from the last prices by a seeded random walk."""
        ...


class MarketEvent(enum.Enum):
    """What can happen to a coin on a venue; the value is the word in the paper account's dialog."""

    HALT = "halt"
    """Its market takes no orders and quotes nothing, for the time being."""
    REOPEN = "reopen"
    DELIST = "delist"
    """Its market is gone for good (REOPEN does not bring it back)."""
    RENAME = "rename"
    """The coin gets a new name; what the account holds of it goes along, one for one."""


@dataclass(frozen=True, slots=True)
class PaperState:
    """What can be changed on a paper account by hand. ``closed`` says of a coin what happened to it (HALT or DELIST),
    ``renamed`` gives the new name of an old one.
    """

    may_trade: bool
    closed: Mapping[str, MarketEvent]
    renamed: Mapping[str, str]
    changes_markets: bool = True
    """Whether market events can be made by hand; not where the markets are a real exchange's."""


class PaperControls(Protocol):
    """What a paper venue offers beyond a venue: what would happen outside the program on a real exchange.

    All are stored in the venue's own file before they return. Each raises InvalidInput (with its field) for what makes
    no sense, EnvironmentProblem when the file cannot be written.
    """

    def state(self) -> PaperState:
        """The present state."""
        ...

    def deposit(self, asset: str, amount: Decimal) -> None:
        """Bring ``amount`` (> 0, at most 8 decimals) of an asset the venue knows into the account."""
        ...

    def withdraw(self, asset: str, amount: Decimal) -> None:
        """Take ``amount`` out: at most what is free at the venue, whoever it belongs to in our ledger."""
        ...

    def change_market(self, event: MarketEvent, asset: str, new_name: str = "") -> None:
        """Halt, reopen, delist or rename a coin in all its markets; InvalidInput where ``changes_markets`` is False."""
        ...

    def return_fee(self, trade_id: str, bnb: Decimal) -> None:
        """Pay fees with BNB: take ``bnb`` from the account and give back the whole fee of that trade, once per trade.

        InvariantBroken for an unknown trade or without so much BNB.
        """
        ...

    def set_may_trade(self, may_trade: bool) -> None:  # noqa: FBT001 - a setter
        """Take or give the account's right to trade; without it every order is refused (``Rejected.no_right``)."""
        ...
