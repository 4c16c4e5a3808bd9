"""The life of one account inside a running engine: it runs; while its file cannot be written it is held, and nothing is sent.

Held, it tries again every ten seconds. When the file can be written again the account is opened anew from what is stored, by
the same path as at a start: what was on its way when the disk refused is looked up before anything else is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, MutableMapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from rebalancer_gui.application.account import Account, AccountSetup
from rebalancer_gui.application.account_runner import AccountRunner
from rebalancer_gui.application.events import AccountWaits
from rebalancer_gui.application.live_port import LiveSide
from rebalancer_gui.application.nudge import Nudge
from rebalancer_gui.application.ports import EventSink
from rebalancer_gui.application.recovery import open_account
from rebalancer_gui.domain.errors import (
    InvariantBroken,
    RebalancerError,
    StoreUnavailable,
    VenueAuthError,
    VenueUnavailable,
)

TRY_AGAIN = 10.0
"""Seconds of wall time between two attempts to write to a file that could not be written."""
OPEN_AGAIN = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds until a venue that did not answer when its account was opened is asked again."""
LOOK_AFTER_FILES = 60.0
"""Seconds of wall time between two looks at what is due for the account's files; the first comes that late too."""
PROBE_KEY = "written_again"
"""Engine value: stands for nothing but that something could be written."""


class AccountLife:
    """Keeps ``runners[setup.name]`` the present runner of the account. Engine thread only."""

    def __init__(
        self,
        setup: AccountSetup,
        emit: EventSink,
        runners: MutableMapping[str, AccountRunner],
        until: datetime | None,
        fails: Callable[[str, RebalancerError], None],
        nudge: Nudge,
    ) -> None:
        """``fails`` hears of a failure that is this account's alone; ``nudge`` cuts waiting for key and exchange short."""
        self._nudge = nudge
        self._setup = setup
        self._fails = fails
        self._emit = emit
        self._runners = runners
        self._until = until
        self._closed = False
        self._opening: asyncio.Task[None] | None = None
        self.failure: RebalancerError | None = None
        """Why the account is halted for good, until the next start (None = it is not)."""
        self.settled = asyncio.Event()
        """The account is open, or it was said why it waits."""

    @property
    def name(self) -> str:
        return self._setup.name

    @property
    def is_open(self) -> bool:
        """Whether it runs, or is about to."""
        return self.failure is None and self.name in self._runners

    async def _open(self) -> None:
        """Recover too. Raises RebalancerError: at a start there is nothing yet that could be held."""
        try:
            self._runners[self._setup.name] = AccountRunner(await self._open_patiently(), until=self._until)
        finally:
            self.settled.set()

    def start(self) -> asyncio.Task[None]:
        """Open in a task of its own, which ``run`` waits for."""
        self._opening = asyncio.create_task(self._alone(self._open()), name=f"opening {self.name}")
        return self._opening

    async def _alone(self, doing: Coroutine[Any, Any, None]) -> None:
        """What is wrong with this account alone ends it alone: a damaged file, another account's key, an address that is no
        good. A fault of the program is raised: it ends everything.
        """
        try:
            await doing
        except InvariantBroken:
            raise
        except RebalancerError as error:
            self.failure = error
            runner = self._runners.get(self.name)
            if runner is not None:
                runner.hold(error.message, error.advice)
                runner.readable = False
            with suppress(RebalancerError):
                await self._setup.venue.close()
            with suppress(RebalancerError):
                self._setup.store.close()
            self._fails(self.name, error)

    async def _open_patiently(self) -> Account:
        """A venue that does not answer (maintenance, no network) or does not let us in (a key that is locked or refused) is
        asked again; what the ledger says waits for it. The other accounts do not.
        """
        setup, tries = self._setup, 0
        while True:
            nudges = self._nudge.given
            try:
                return await open_account(setup, self._emit)
            except (VenueUnavailable, VenueAuthError) as error:
                self._emit(AccountWaits(setup.name, f"{error.message} {error.advice}".strip()))
                await setup.venue.close()
                setup.store.close()
                self.settled.set()
                wait = OPEN_AGAIN[min(tries, len(OPEN_AGAIN) - 1)]
                if isinstance(error, VenueAuthError):
                    wait = OPEN_AGAIN[-1]
                elif error.retry_after is not None:
                    wait = max(wait, error.retry_after.total_seconds())
                nudged = await self._nudge.pause(setup.venue.clock, wait, nudges)
                tries = 0 if nudged else tries + 1

    async def run(self) -> None:
        """Until the engine stops, or until ``failure`` says why it cannot go on. Raises for a fault of the program."""
        if self._opening is not None:
            await self._opening
        if self.failure is None:
            await self._alone(self._run_with_care())

    async def _run_with_care(self) -> None:
        caring = asyncio.create_task(self._care(), name=f"files of {self._setup.name}")
        try:
            await self._run()
        finally:
            caring.cancel()
            await asyncio.gather(caring, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            runner, self._closed = self._runners[self._setup.name], False
            try:
                if not await self._run_until_key(runner):
                    return
            except StoreUnavailable as error:
                if runner.account.stopping:
                    raise
                await self._hold(runner, error)

    async def _run_until_key(self, runner: AccountRunner) -> bool:
        """Until the engine stops. False then; True when the key of a locked account came and it was opened anew."""
        live = self._setup.live
        if live is None or not live.locked:
            await runner.run()
            return False
        running = asyncio.create_task(runner.run(), name=f"watching {self.name}")
        looking = asyncio.create_task(self._until_key(live), name=f"key of {self.name}")
        try:
            await asyncio.wait({running, looking}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
                return False
        finally:
            # Nothing is on its way while the key is locked, so that it can be ended anywhere.
            for task in (running, looking):
                task.cancel()
            await asyncio.gather(running, looking, return_exceptions=True)
        runner.store_all()
        self._closed = True
        del self._runners[self.name]
        await self._setup.venue.close()
        self._setup.store.close()
        await self._open()
        return True

    async def _until_key(self, live: LiveSide) -> None:
        """Looked for as often as a venue that does not answer, and at once when somebody says that it was unlocked."""
        tries = 0
        nudges = self._nudge.given
        while not await live.look_for_key():
            wait = OPEN_AGAIN[min(tries, len(OPEN_AGAIN) - 1)]
            nudged = await self._nudge.pause(self._setup.venue.clock, wait, nudges)
            tries = 0 if nudged else tries + 1
            nudges = self._nudge.given

    async def _hold(self, runner: AccountRunner, error: StoreUnavailable) -> None:
        """Return when the account was opened anew, or when the engine stops."""
        clock = self._setup.venue.clock
        began, runner_says = clock.monotonic(), error
        while True:
            runner.hold(_why(runner_says), runner_says.advice)
            await clock.sleep(TRY_AGAIN)
            if runner.account.stopping:
                return
            try:
                await self._open_again(runner)
            except StoreUnavailable as still:
                runner_says = still
                continue
            account = self._runners[self._setup.name].account
            seconds = int(clock.monotonic() - began)
            account.note(
                None,
                "storage",
                f"Nothing could be stored for {seconds} seconds, so nothing was sent: {error.message} It goes on now; what "
                "was on its way was looked up.",
            )
            return

    async def _open_again(self, runner: AccountRunner) -> None:
        store = self._setup.store
        if not self._closed:
            # As long as nothing can be written, what is stored can still be read and shown.
            with store.transaction():
                store.set_value(PROBE_KEY, self._setup.venue.clock.now().isoformat())
        self._closed, runner.readable = True, False
        await self._setup.venue.close()
        store.close()
        await self._open()

    async def _care(self) -> None:
        keeper, clock = self._setup.keeper, self._setup.venue.clock
        while keeper is not None:
            await clock.sleep(LOOK_AFTER_FILES)
            runner = self._runners.get(self.name)
            if runner is not None and not runner.held and not runner.account.is_sending():
                for sentence in await keeper.look():
                    self._note(sentence)

    def _note(self, sentence: str) -> None:
        runner = self._runners.get(self.name)
        if runner is not None:
            runner.account.note(None, "storage", sentence)


def _why(error: StoreUnavailable) -> str:
    return f"{error.message} Nothing more is sent; it is tried again every {int(TRY_AGAIN)} seconds."
