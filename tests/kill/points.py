"""Every place at which a process can die between two things that last: commits of the ledger and of the venue, and calls.

A child process passes these points in the same order each time (virtual clock, seeded ids), so it can be told to die at any
one of them by number, and a kill is repeated by its number.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.adapters.venues.paper_ledger import PaperLedger
from rebalancer_gui.domain.market import Balance, OrderBook, Quote
from rebalancer_gui.domain.orders import OrderRequest, SubmitOutcome, VenueOrder
from tests.simulation.bench import WithAwaits

_PLUMBING = (
    "contextlib.py",
    "account.py",
    "points.py",
    "write_side.py",
    "sqlite_store.py",
    "paper_ledger.py",
    "base.py",
)


class Points:
    """Counts the points that are passed and dies at the ``fatal``-th (0: at none)."""

    def __init__(self, fatal: int = 0, die: Callable[[], None] | None = None) -> None:
        self.fatal = fatal
        self.names: list[str] = []
        self._die = die or _killed

    def passed(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self.fatal:
            self._die()


def _killed() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives that")


def first_of_each(names: list[str]) -> list[int]:
    """The number of the first point of each name: every place once."""
    found: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        found.setdefault(name, number)
    return list(found.values())


class DyingStore(SqliteStore):
    """A ledger in a file whose process may die around each commit."""

    def __init__(self, path: Path, account: str, points: Points) -> None:
        super().__init__(path, account)
        self._points = points

    @contextmanager
    def transaction(self) -> Iterator[None]:
        who = _asker()
        self._points.passed(f"{who}: before its transaction")
        with super().transaction():
            yield
            self._points.passed(f"{who}: before its commit")
        self._points.passed(f"{who}: after its commit")


def dying_venue(points: Points) -> type[WithAwaits]:
    """A paper venue whose process may die before and after each call that the engine makes."""

    class DyingVenue(WithAwaits):
        async def submit(self, request: OrderRequest) -> SubmitOutcome:
            points.passed("submit: before the call")
            outcome = await super().submit(request)
            points.passed("submit: after the call")
            return outcome

        async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
            points.passed("find_order: before the call")
            found = await super().find_order(symbol, client_order_id)
            points.passed("find_order: after the call")
            return found

        async def quote(self, symbol: str) -> Quote:
            points.passed("quote: before the call")
            return await super().quote(symbol)

        async def order_book(self, symbol: str) -> OrderBook:
            points.passed("order_book: before the call")
            return await super().order_book(symbol)

        async def balances(self) -> dict[str, Balance]:
            found = dict(await super().balances())
            points.passed("balances: after the call")
            return found

    return DyingVenue


def watch_venue_commits(points: Points) -> None:
    """Let the process die around each commit of the paper venue's own file too. For a child that ends anyway."""
    real = PaperLedger._writing

    @contextmanager
    def writing(self: PaperLedger) -> Iterator[object]:
        who = _asker()
        with real(self) as connection:
            yield connection
            points.passed(f"{who}: before the venue's commit")
        points.passed(f"{who}: after the venue's commit")

    PaperLedger._writing = writing  # type: ignore[method-assign,assignment]


def _asker() -> str:
    """Which function of the program wants something written."""
    frame = sys._getframe(1)
    while frame is not None:
        name = Path(frame.f_code.co_filename).name
        if name not in _PLUMBING:
            return f"{name.removesuffix('.py')}.{frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]
    raise AssertionError("nobody asked")
