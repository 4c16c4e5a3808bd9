"""Tells people what the engine met: notices are bundled, kept within a rate, and handed to every channel (BEING TOLD).

    telling = Telling(desk, marks, clock)          # a Companion of the engine

Each channel has a line of its own, so one that does not answer holds up no other, and nothing here holds up the engine.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from rebalancer_gui.application.beside import Note
from rebalancer_gui.application.events import (
    AccountChanged,
    AccountFailed,
    EngineFailed,
    EngineStarted,
    JournalChanged,
    OrderChanged,
    RebalanceChanged,
)
from rebalancer_gui.application.happenings import RAIL, Happenings
from rebalancer_gui.application.notices import MarkStore, Message, Notice, Notifier, NotSent, message_of
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.application.records import Outcome
from rebalancer_gui.application.telling_settings import TellSettings
from rebalancer_gui.domain.orders import IntentState

BUNDLE_WITHIN = 2.0
"""Seconds that a notice waits for others of the same moment."""
AT_ONCE, ONE_EVERY = 6.0, 60.0
"""So many messages go out at once; then one every minute, and what comes meanwhile goes into it."""
TRY_AGAIN = (5.0, 30.0, 120.0)
"""Seconds until a channel that failed is tried again with the same message; then the message is given up there."""
LONGEST_SEND = 60.0
"""Seconds after which an attempt counts as failed, whatever the channel itself thinks of time."""
MOST_EVENTS, MOST_IN_LINE = 5_000, 50
TOLD, SKIPPING = "told", "skipping"
KIND = "telling"
"""Of the journal's sentences about channels."""


class Chosen(Protocol):
    """What its owner chose, as of now. Cheap."""

    @property
    def settings(self) -> TellSettings: ...

    def notifiers(self) -> Sequence[Notifier]:
        """Of all channels that are on."""
        ...


class Telling:
    """A companion of the engine."""

    def __init__(self, chosen: Chosen, marks: MarkStore, clock: Clock) -> None:
        self._chosen, self._marks, self._clock = chosen, marks, clock
        self._views: dict[str, AccountChanged] = {}
        self._events: deque[object] = deque(maxlen=MOST_EVENTS)
        self._woken = asyncio.Event()
        self._pending: list[Notice] = []
        self._due = asyncio.Event()
        self._idle = asyncio.Event()
        self._last = asyncio.Event()
        """The engine ends: nothing is waited for any more."""
        self._happenings = Happenings({}, {})
        self._lines: dict[str, _Line] = {}
        self._settling: set[asyncio.Task[None]] = set()
        self._tokens, self._filled_at = AT_ONCE, clock.monotonic()
        self._note: Note = _nowhere

    def take(self, event: object) -> None:
        """Only what can matter is kept, and of pictures the newest."""
        match event:
            case AccountChanged(view=view):
                self._views[view.account] = event
            case OrderChanged(row=row) if row.state is IntentState.REJECTED:
                self._events.append(event)
            case RebalanceChanged(record=record) if record.outcome is not Outcome.RUNNING:
                self._events.append(event)
            case JournalChanged(entry=entry) if entry.kind == RAIL:
                self._events.append(event)
            case EngineStarted() | EngineFailed() | AccountFailed():
                self._events.append(event)
            case _:
                return
        self._idle.clear()
        self._woken.set()

    async def run(self, note: Note) -> None:
        self._note = note
        kept = await self._marks.read()
        self._happenings = Happenings(kept.get(TOLD, {}), kept.get(SKIPPING, {}))
        tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._send())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            others = [*tasks, *self._settling, *(line.task for line in self._lines.values())]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def finish(self) -> None:
        self._last.set()
        await self._idle.wait()

    async def release(self) -> None:
        """Nothing is held."""

    # ------------------------------------------------------------------------------------------------------ what is new

    async def _watch(self) -> None:
        while True:
            self._rest_if_idle()
            await self._woken.wait()
            self._woken.clear()
            views, self._views = list(self._views.values()), {}
            events = [*views, *self._events]
            self._events.clear()
            settings, now = self._chosen.settings, self._clock.now()
            for event in events:
                self._pending.extend(self._happenings.take(event, settings, now))
            if self._pending and not self._chosen.notifiers():
                # Nobody wants to be told: who adds a channel tomorrow is not told of today.
                for notice in self._pending:
                    self._happenings.mark(notice.key, now)
                self._pending.clear()
            if self._pending:
                self._due.set()
            await self._keep()

    async def _keep(self) -> None:
        if self._happenings.changed:
            self._happenings.changed = False
            await self._marks.write({TOLD: dict(self._happenings.told), SKIPPING: dict(self._happenings.skipping)})

    def _rest_if_idle(self) -> None:
        if not (self._pending or self._settling or self._woken.is_set()):
            self._idle.set()

    # --------------------------------------------------------------------------------------------------------- sending

    async def _send(self) -> None:
        while True:
            await self._due.wait()
            await self._gather()
            await self._wait_for_room()
            self._due.clear()
            if not self._pending:
                continue
            account = self._pending[0].account
            notices = [n for n in self._pending if n.account == account]
            self._pending = [n for n in self._pending if n.account != account]
            if self._pending:
                self._due.set()
            notifiers = self._chosen.notifiers()
            self._forget_lines({notifier.name for notifier in notifiers})
            message = message_of(notices)
            answers = [self._line(notifier).put(message, account) for notifier in notifiers]
            settling = asyncio.create_task(self._settle(notices, answers))
            self._settling.add(settling)
            settling.add_done_callback(self._settled)

    async def _gather(self) -> None:
        """Until others of the same moment have come, or the engine ends."""
        waits = [asyncio.ensure_future(self._clock.sleep(BUNDLE_WITHIN)), asyncio.ensure_future(self._last.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _wait_for_room(self) -> None:
        while True:
            now = self._clock.monotonic()
            self._tokens = min(AT_ONCE, self._tokens + (now - self._filled_at) / ONE_EVERY)
            self._filled_at = now
            if self._tokens >= 1:
                self._tokens -= 1
                return
            await self._clock.sleep((1 - self._tokens) * ONE_EVERY + 0.001)

    def _line(self, notifier: Notifier) -> _Line:
        line = self._lines.get(notifier.name)
        if line is None or line.notifier is not notifier:
            if line is not None:
                line.task.cancel()
            line = self._lines[notifier.name] = _Line(notifier, self._clock, self._note)
        return line

    def _forget_lines(self, present: set[str]) -> None:
        for name in self._lines.keys() - present:
            self._lines.pop(name).task.cancel()

    async def _settle(self, notices: Sequence[Notice], answers: Sequence[asyncio.Future[bool]]) -> None:
        """Told is what one channel has taken, what every channel gave up, and what nobody wants to be told."""
        for answer in asyncio.as_completed(answers):
            if await answer:
                break
        now = self._clock.now()
        for notice in notices:
            self._happenings.mark(notice.key, now)
        await self._keep()
        await asyncio.gather(*answers)

    def _settled(self, task: asyncio.Task[None]) -> None:
        self._settling.discard(task)
        self._rest_if_idle()


class _Line:
    """The messages for one channel, one after the other, each tried a few times."""

    def __init__(self, notifier: Notifier, clock: Clock, note: Note) -> None:
        self.notifier, self._clock, self._note = notifier, clock, note
        self._waiting: deque[tuple[Message, str, asyncio.Future[bool]]] = deque()
        self._more = asyncio.Event()
        self._failing = False
        self.task = asyncio.create_task(self._work(), name=f"channel {notifier.name}")
        self.task.add_done_callback(self._ended)

    def put(self, message: Message, account: str) -> asyncio.Future[bool]:
        """Whether it was taken, once that is known."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self.task.done() or len(self._waiting) >= MOST_IN_LINE:
            answer.set_result(False)
        else:
            self._waiting.append((message, account, answer))
            self._more.set()
        return answer

    async def _work(self) -> None:
        while True:
            while not self._waiting:
                self._more.clear()
                await self._more.wait()
            message, account, answer = self._waiting[0]
            taken = await self._try(message, account)
            self._waiting.popleft()
            if not answer.done():
                answer.set_result(taken)

    async def _try(self, message: Message, account: str) -> bool:
        for wait in (*TRY_AGAIN, None):
            fault = await self._attempt(message)
            if fault is None:
                if self._failing:
                    self._note(account, f"The channel {self.notifier.name} takes messages again.")
                self._failing = False
                return True
            if not self._failing:
                self._failing = True
                text = f"The channel {self.notifier.name} took no message: {fault.message} {fault.advice}".strip()
                self._note(account, f"{text} It is tried again.")
            if wait is None or not fault.again:
                break
            await self._clock.sleep(wait)
        return False

    async def _attempt(self, message: Message) -> NotSent | None:
        """Why it was not sent; None when it was."""
        sending = asyncio.ensure_future(self.notifier.send(message))
        late = asyncio.ensure_future(self._clock.sleep(LONGEST_SEND))
        try:
            await asyncio.wait({sending, late}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                return NotSent(f"it did not answer within {int(LONGEST_SEND)} seconds.")
            sending.result()
        except NotSent as error:
            return error
        finally:
            for task in (sending, late):
                task.cancel()
            await asyncio.gather(sending, late, return_exceptions=True)
        return None

    def _ended(self, _task: asyncio.Task[None]) -> None:
        for _message, _account, answer in self._waiting:
            if not answer.done():
                answer.set_result(False)
        self._waiting.clear()


def _nowhere(_account: str, _text: str) -> None:
    """Before it runs there is no journal."""
