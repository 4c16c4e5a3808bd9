"""What every paper account does alike, on whatever prices: its file, its desk, and what is true after the file failed."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from rebalancer_gui.adapters.storage.gate import Gate
from rebalancer_gui.adapters.venues.order_filters import NO_RIGHT, malformed
from rebalancer_gui.adapters.venues.paper_desk import PaperDesk
from rebalancer_gui.adapters.venues.paper_ledger import PaperLedger
from rebalancer_gui.domain.errors import EnvironmentProblem, VenueUnavailable
from rebalancer_gui.domain.market import Balance, FeeSchedule
from rebalancer_gui.domain.orders import OrderRequest, SubmitOutcome, Unknown, VenueOrder, VenueTrade


class PaperAccount(ABC):
    """The account's half of ``application.ports.Venue``; the market's half is its children's. ``path`` None = memory only."""

    lookup_is_authoritative = True
    fence: timedelta | None = timedelta(0)

    def __init__(self, path: Path | None, fees: FeeSchedule) -> None:
        self._ledger = PaperLedger(path)
        self._desk = PaperDesk(self._ledger, fees)
        self._open = False

    @abstractmethod
    def _begin(self) -> None:
        """Open the file and know what it says. Raises EnvironmentProblem."""

    @abstractmethod
    async def _trade(self, request: OrderRequest) -> SubmitOutcome:
        """Match, book, store. Raises EnvironmentProblem, VenueUnavailable: then nobody knows what became of it."""

    @property
    def gate(self) -> Gate:
        """Held during each transaction of the venue's own file."""
        return self._desk.gate

    def copy_to(
        self, target: sqlite3.Connection, pages: int = -1, pause: Callable[[int, int, int], object] | None = None
    ) -> None:
        """A consistent copy of the venue's own file; in steps it may be made in another thread. Raises sqlite3.Error."""
        self._desk.copy_to(target, pages, pause)

    async def fees(self) -> FeeSchedule:
        return self._desk.fees

    async def balances(self) -> Mapping[str, Balance]:
        self._recover()
        return self._desk.balances()

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        self._recover()
        return self._desk.find_order(symbol, client_order_id)

    async def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        self._recover()
        return self._desk.orders_since(symbol, since)

    async def trades_since(self, symbol: str, since: datetime) -> tuple[VenueTrade, ...]:
        self._recover()
        return self._desk.trades_since(symbol, since)

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        """From the moment at which its prices are known all is one piece, so nothing can come in between."""
        refusal = malformed(request)
        if refusal is not None:
            return refusal if self._desk.account.may_trade else NO_RIGHT
        try:
            self._recover()
            return self._desk.stands_against(request) or await self._trade(request)
        except (EnvironmentProblem, VenueUnavailable) as problem:
            return Unknown(problem.message)

    def _reopen(self) -> None:
        """After a failed write or read only the file itself, opened again, says what is true. EnvironmentProblem when it
        cannot be opened.
        """
        if self._ledger.failed and self._open:
            self._begin()

    def _recover(self) -> None:
        """The same for those who asked the venue."""
        try:
            self._reopen()
        except EnvironmentProblem as problem:
            raise VenueUnavailable(problem.message, problem.advice) from problem
