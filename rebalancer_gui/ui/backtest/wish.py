"""What stands in the head of "Test this rule": candles, days and money, read one way only. Pure: no Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.ui.translation import tr

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USUAL_SPAN = timedelta(days=730)
LEAST_BARS = 10
"""Fewer candles than these say nothing about a rule."""
MOST_BARS = 2_200_000
"""Four years of one-minute candles: what a window can hold of ten coins."""
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
HOW = tr("Write a day as 2024-11-22.")


@dataclass(frozen=True, slots=True)
class Wish:
    """Candles of ``timeframe`` that open on ``start`` or later and are over by the end of ``last`` (UTC days).

    ``amount`` in quote units. ``now`` is the account's time: later candles are not there yet.
    """

    timeframe: timedelta
    start: date
    last: date
    amount: Decimal
    now: datetime

    @property
    def since(self) -> datetime:
        return _midnight(self.start)

    @property
    def until(self) -> datetime:
        return min(_midnight(self.last + DAY), self.now)


def usual_timeframe(offered: Sequence[timedelta]) -> timedelta | None:
    """An hour, or what is next to it: short enough for most intervals, long enough for years. None where nothing is offered."""
    longer = [each for each in offered if each >= HOUR]
    return min(longer) if longer else max(offered, default=None)


def read_day(text: str) -> date | None:
    """The day that ``text`` names as ``2024-11-22``; None where it names none."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def problems_with(
    start: date | None, last: date | None, amount: Decimal | None, timeframe: timedelta | None, now: datetime
) -> list[Problem]:
    """What is wrong with the head, by field: ``from``, ``to``, ``investment``; empty when it can be tested.

    ``timeframe`` None: the candles come from a file, whose own length is not known before it is read.
    """
    found = []
    if start is None:
        found.append(Problem("from", HOW))
    if last is None:
        found.append(Problem("to", HOW))
    if start is not None and start > now.date():
        found.append(Problem("from", tr("It is {date} now: there are no candles after that.", date=now.date())))
    elif start is not None and last is not None:
        if start > last:
            found.append(
                Problem("from", tr("The test would begin after it ends: choose a day before {last}.", last=last))
            )
        elif timeframe is not None:
            found += _length(start, min(last, now.date()), timeframe)
    if amount is None:
        found.append(Problem("investment", tr("Say with how much money the test begins.")))
    return found


def _length(start: date, last: date, timeframe: timedelta) -> list[Problem]:
    bars = (last + DAY - start) // timeframe
    if bars < LEAST_BARS:
        least = -(-LEAST_BARS * timeframe // DAY)
        return [
            Problem(
                "from",
                tr(
                    "Too short: {LEAST_BARS} candles are needed, which are {least} days of these.",
                    LEAST_BARS=LEAST_BARS,
                    least=least,
                ),
            )
        ]
    if bars > MOST_BARS:
        return [
            Problem(
                "from", tr("Too long: {bars} candles a coin. Choose longer candles, or fewer days.", bars=f"{bars:,}")
            )
        ]
    return []


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
