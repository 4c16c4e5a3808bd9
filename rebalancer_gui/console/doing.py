"""What the commands need that open an account: the setup, a session, a strategy by id or name, files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.account_book import AccountBook
from rebalancer_gui.application.session import Session
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.bootstrap import DemoOptions, account_setup
from rebalancer_gui.console.output import Printer
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput

MOST_BYTES = 2_000_000
"""Longer input is not even read whole: a strategy file has at most 1 MB."""


class Interruption:
    """Ctrl+C or SIGTERM while a command runs: told to the session that is open, or to the one that is opened next."""

    def __init__(self) -> None:
        self.came = False
        self._session: Session | None = None

    def come(self) -> None:
        """What the signal calls."""
        self.came = True
        if self._session is not None:
            self._session.request_stop()

    def watch(self, session: Session) -> None:
        """From now on ``session`` is told."""
        self._session = session
        if self.came:
            session.request_stop()


@dataclass(frozen=True, slots=True)
class Desk:
    """One command's surroundings. ``folder`` is open, ``vaults`` and ``book`` are its."""

    options: argparse.Namespace
    folder: DataFolder
    printer: Printer
    vaults: Vaults
    book: AccountBook
    interruption: Interruption = field(default_factory=Interruption)

    @property
    def demo(self) -> DemoOptions:
        options = self.options
        return DemoOptions(options.demo_seed, options.demo_start, options.demo_speed)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """The account, opened and recovered."""
        record = self.book.find(self.options.account)
        session = Session(account_setup(self.folder, record, self.demo, self.book))
        self.interruption.watch(session)
        async with session:
            yield session


def find(session: Session, wanted: str) -> StrategyView:
    """A strategy by its id, by its name (of one that is not over first), or by the start of its id. Raises InvalidInput."""
    views = session.strategies()
    exact = [v for v in views if v.id == wanted]
    named = [v for v in views if v.parameters.name.casefold() == wanted.casefold()]
    standing = [v for v in named if v.ended_at is None]
    begun = [v for v in views if wanted and v.id.startswith(wanted)]
    for found in (exact, standing, named, begun):
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(v.id for v in found)
            raise InvalidInput("strategies", f"{wanted} could be several strategies: {ids}. Name one by its id.")
    known = ", ".join(f"{v.id} ({v.parameters.name})" for v in views) or "none"
    raise InvalidInput("strategies", f"There is no strategy {wanted}. There are: {known}.")


def read_input(name: str, field: str = "format") -> bytes:
    """The bytes of a file, ``-`` is standard input. Raises InvalidInput when it cannot be read or is far too long."""
    if name == "-":
        return sys.stdin.buffer.read(MOST_BYTES)
    try:
        with Path(name).open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        raise InvalidInput(field, f"{name} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidInput(field, f"{name!r} is no file name.") from error


def read_line(question: str) -> str:
    """The next line of the terminal, where ``question`` is asked first, or of standard input."""
    try:
        if sys.stdin.isatty():
            print(question, end=" ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(f"Standard input cannot be read: {error}.") from error


def ask_person(question: str) -> str | None:
    """The answer typed at the terminal; None where there is none to ask at."""
    if not sys.stdin.isatty():
        return None
    try:
        print(question, end=" ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip()
    except OSError as error:
        raise EnvironmentProblem(f"The terminal cannot be read: {error}.") from error
