"""Pictures of accounts as the engine makes them, channels that remember what they were given, and marks in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Self

from rebalancer_gui.application.happenings import Happenings
from rebalancer_gui.application.notices import Message, Notice, NotSent
from rebalancer_gui.application.records import LegResult, Outcome, RebalanceRecord
from rebalancer_gui.application.telling import Telling
from rebalancer_gui.application.telling_settings import TellSettings
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.performance import Scorecard
from rebalancer_gui.domain.strategy import State
from tests.builders import NOON, parameters
from tests.fake_clock import FakeClock

ZERO = Decimal(0)


def strategy(name: str = "Core 4", **more) -> StrategyView:
    plain = StrategyView(
        id=f"s-{name}",
        parameters=replace(parameters(), name=name),
        state=State.RUNNING,
        reason="",
        advice="",
        snapshot=None,
        score=Scorecard(None, ZERO, None, None, None, None),
        rebalances=0,
        skipped=0,
        fees_paid=ZERO,
        created_at=NOON,
        started_at=NOON,
        ended_at=None,
        next_check=None,
        decision="",
    )
    return replace(plain, **more)


def account(*strategies: StrategyView, **more) -> AccountView:
    plain = AccountView(
        account="main",
        title="Main",
        mode="LIVE",
        quote="USDT",
        at=NOON,
        total=None,
        today=None,
        today_percent=None,
        free={},
        quotes={},
        fees=FeeSchedule(Decimal("0.001")),
        strategies=strategies,
        demo=None,
        stop_all=False,
        engine="running",
        next_check=None,
        last="",
    )
    return replace(plain, **more)


def skipped(at=NOON, last_at=None, **more) -> RebalanceRecord:
    legs: tuple[LegResult, ...] = ()
    record = RebalanceRecord("r-1", "s-Core 4", at, "ratio", Decimal(3), 1, legs, (), Outcome.SKIPPED, "Too small.")
    return replace(record, last_at=last_at, **more)


class Watch:
    """``Happenings`` with settings and a clock."""

    def __init__(self, settings: TellSettings | None = None, told: Mapping[str, str] | None = None) -> None:
        self.settings = settings or TellSettings()
        self.now = NOON
        self.happenings = Happenings(told or {}, {})

    def see(self, event: object) -> list[Notice]:
        """What is new; it is told at once."""
        found = self.happenings.take(event, self.settings, self.now)
        for notice in found:
            self.happenings.mark(notice.key, self.now)
        return list(found)

    def later(self, **span: int) -> None:
        self.now += timedelta(**span)


class Channel:
    """Remembers; ``fault`` is raised instead while it is set; ``hangs`` never answers."""

    def __init__(self, name: str = "phone") -> None:
        self.name = name
        self.sent: list[Message] = []
        self.tries = 0
        self.fault: NotSent | None = None
        self.hangs = False

    async def send(self, message: Message) -> None:
        self.tries += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.fault is not None:
            raise self.fault
        self.sent.append(message)


class Marks:
    def __init__(self) -> None:
        self.kept: Mapping[str, Mapping[str, str]] = {}

    async def read(self) -> Mapping[str, Mapping[str, str]]:
        return self.kept

    async def write(self, marks: Mapping[str, Mapping[str, str]]) -> None:
        self.kept = marks


class Chosen:
    def __init__(self, *channels: Channel, settings: TellSettings | None = None) -> None:
        self.settings = settings or TellSettings()
        self.channels = channels

    def notifiers(self) -> tuple[Channel, ...]:
        return self.channels


class Bench:
    """A telling that runs on a clock turned by hand: ``async with Bench(channel) as bench``."""

    def __init__(self, *channels: Channel, marks: Marks | None = None, settings: TellSettings | None = None) -> None:
        self.clock = FakeClock(NOON)
        self.marks = marks or Marks()
        self.chosen = Chosen(*channels, settings=settings)
        self.telling = Telling(self.chosen, self.marks, self.clock)
        self.notes: list[tuple[str, str]] = []

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.telling.run(lambda account, text: self.notes.append((account, text))))
        await self.clock.settle()
        return self

    async def __aexit__(self, *error: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def tell(self, *events: object, seconds: float = 3) -> None:
        for event in events:
            self.telling.take(event)
        await self.clock.settle()
        await self.clock.advance(seconds)
