"""A process that dies at a chosen commit or order: what was committed stays, everything else is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass

from rebalancer_gui.application.events import AccountChanged, EngineFailed
from rebalancer_gui.domain.orders import OrderRequest, SubmitOutcome
from tests.fakes import FakeStore
from tests.simulation.bench import Life, WithAwaits, World


class CrashError(BaseException):
    """The process is gone: no handler of the program may get hold of it."""


PLACES = ("before a commit", "commit", "before an order", "behind an order")
"""Where a process can die: before or behind a transaction of the store, just before or behind an order's execution."""


@dataclass
class Crash:
    """Lets the process die at the ``after``-th ``where`` (one of ``PLACES``)."""

    where: str
    after: int
    count: int = 0
    happened: bool = False

    def pass_by(self, where: str) -> None:
        """Die here, or go on; after the crash nothing works any more."""
        if self.happened:
            raise CrashError
        if where == self.where:
            self.count += 1
            if self.count == self.after:
                self.happened = True
                raise CrashError

    def arm(self, where: str, after: int) -> None:
        """From now on: die at the ``after``-th ``where``."""
        self.where, self.after, self.count, self.happened = where, after, 0, False

    def disarm(self) -> None:
        """The next process lives on."""
        self.arm("nowhere", 1)


def mortal(crash: Crash, armed: Sequence[bool] = (True,)) -> type[WithAwaits]:
    """A venue whose process may die at an order, from the moment on at which ``armed`` is not empty."""

    class Mortal(WithAwaits):
        async def submit(self, request: OrderRequest) -> SubmitOutcome:
            if armed:
                crash.pass_by("before an order")
            outcome = await super().submit(request)
            if armed:
                crash.pass_by("behind an order")
            return outcome

    return Mortal


class MortalStore(FakeStore):
    """A store whose process may die; what is committed stays."""

    crash: Crash | None = None

    def transaction(self):
        if self.crash is not None:
            self.crash.pass_by("before a commit")
        return super().transaction()


async def live_as_long_as_it_lives(made: World, story: Callable[[Life], Coroutine[None, None, None]]) -> Life:
    """``story`` with a new engine, until the story is told or the engine has ended."""
    life = made.begin()

    async def drive() -> None:
        await life.until(lambda: any(event.view.quotes for event in life.of(AccountChanged)))
        await story(life)

    driver = asyncio.ensure_future(drive())
    try:
        await asyncio.wait({life.task, driver}, return_when=asyncio.FIRST_COMPLETED)
        life.engine.request_stop()
        await life.task
        if driver.done():
            driver.result()
        return life
    finally:
        driver.cancel()
        await asyncio.gather(driver, return_exceptions=True)
        await life.venue.close()


async def live_until_stop_or_crash(
    made: World, story: Callable[[Life], Coroutine[None, None, None]], crash: Crash
) -> bool:
    """The next engine: ``story`` to its end and a safe stop, or as far as it comes until ``crash``. True: it crashed."""
    try:
        life = await live_as_long_as_it_lives(made, story)
        assert not life.of(EngineFailed), life.of(EngineFailed)
        return False
    except CrashError:
        assert crash.happened
        return True
    finally:
        # With a process all its tasks are gone; while they are told, nothing they try still works.
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        made.store.close()
        crash.disarm()
