"""Keeps the computer awake while a live strategy runs and its owner wants it so; a companion of the engine."""

from __future__ import annotations

import asyncio
from typing import Protocol

from rebalancer_gui.application.beside import Note
from rebalancer_gui.application.connection import is_at_exchange
from rebalancer_gui.application.events import AccountChanged, AccountFailed, EngineFailed
from rebalancer_gui.application.notices import NotSent
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.application.telling import Chosen
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.strategy import State, TradingMode

AT_WORK = frozenset({State.WAITING, State.BUILDING, State.RUNNING, State.STOPPING})
TRY_AGAIN = 600.0
"""Seconds until a lock that was refused is asked for again."""
WHY = "A live strategy is running"


class Inhibitor(Protocol):
    """A lock against sleep; it ends with the process at the latest."""

    async def hold(self, why: str) -> str:
        """Answers who keeps the computer awake; raises NotSent."""
        ...

    async def release(self) -> None: ...


class Wakefulness:
    """Engine thread only."""

    def __init__(self, chosen: Chosen, inhibitor: Inhibitor, clock: Clock) -> None:
        self._chosen, self._inhibitor, self._clock = chosen, inhibitor, clock
        self._live: dict[str, bool] = {}
        self._woken = asyncio.Event()
        self._held = self._said = False
        self._refused_at: float | None = None

    def take(self, event: object) -> None:
        match event:
            case AccountChanged(view=view):
                self._live[view.account] = is_at_work(view)
                self._woken.set()
            case AccountFailed(account=account):
                self._live.pop(account, None)
                self._woken.set()
            case EngineFailed():
                self._live.clear()
                self._woken.set()
            case _:
                pass

    async def run(self, note: Note) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            wanted = any(self._live.values()) and self._chosen.settings.keep_awake
            if wanted and not self._held and self._may_ask():
                await self._hold(note)
            elif not wanted and self._held:
                self._held = False
                await self._inhibitor.release()

    async def finish(self) -> None:
        """Nothing is waited for."""

    async def release(self) -> None:
        await self._inhibitor.release()

    def _may_ask(self) -> bool:
        return self._refused_at is None or self._clock.monotonic() - self._refused_at >= TRY_AGAIN

    async def _hold(self, note: Note) -> None:
        try:
            await self._inhibitor.hold(WHY)
        except NotSent as refused:
            self._refused_at = self._clock.monotonic()
            if not self._said:
                self._said = True
                note("", f"The computer may fall asleep while a live strategy runs: {refused.message}")
            return
        self._held, self._refused_at = True, None


def is_at_work(view: AccountView) -> bool:
    """Whether something of a live account would stand still if the computer slept."""
    if not is_at_exchange(view.mode) or view.trading is TradingMode.WATCH or view.halted:
        return False
    return any(strategy.state in AT_WORK for strategy in view.strategies)
