"""When "not found" proves that an order never was (ORDERS.md rules 7 and 8).

A look-up that finds nothing proves little: the order may still be on its way, or the venue's lists may lag behind. It is
proven absent only by several negative rounds of look-ups, apart in time, all of them after the moment from which the order
can neither be executed any more nor be executed and still invisible.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MARGIN = timedelta(seconds=90)
"""After the fence: longer than a venue's lists were ever seen to lag behind."""
MARGIN_WITHOUT_FENCE = timedelta(seconds=120)
"""After sending, where nothing keeps the venue from executing a late order."""
MARGIN_WITHOUT_CONTROL = timedelta(seconds=180)
"""Where no order of the account is known that could show that the look-up works."""
ROUNDS, APART = 2, timedelta(seconds=5)
ROUNDS_WITHOUT_CONTROL, SPAN_WITHOUT_CONTROL = 3, timedelta(seconds=60)
QUARANTINE_AFTER = timedelta(minutes=15)
"""An order about which nothing could be proven for so long is its owner's to decide."""
BACKOFF = tuple(timedelta(seconds=s) for s in (1, 2, 5, 10))
"""From one look-up to the next; the last one goes on."""
BACKOFF_IN_QUARANTINE = timedelta(seconds=60)
ORPHAN_WINDOW = timedelta(hours=24)
"""So long an ABSENT order is looked for now and then: should it turn up after all, it is booked."""
SWEEP_EVERY = timedelta(minutes=10)
LOOK_BACK = timedelta(seconds=60)
"""Lists are read from so long before the order was sent: clocks differ."""


class Verdict(enum.Enum):
    """What one round of look-ups said."""

    FOUND = "found"
    NEGATIVE = "negative"
    """Every list was read and none knows the order, and no trade is left unexplained."""
    UNCLEAR = "unclear"
    """A look-up failed, or something in the lists might be the order."""


@dataclass(frozen=True, slots=True)
class Round:
    """One negative round. ``controlled``: the same look-up found an order of the account that is known to exist."""

    at: datetime
    controlled: bool


def provable_from(sent_at: datetime, fence_at: datetime | None, *, controlled: bool) -> datetime:
    """The moment after which negative rounds count."""
    if not controlled:
        return max(fence_at or sent_at, sent_at) + MARGIN_WITHOUT_CONTROL
    return sent_at + MARGIN_WITHOUT_FENCE if fence_at is None else fence_at + MARGIN


def is_absent(sent_at: datetime, fence_at: datetime | None, rounds: Sequence[Round]) -> bool:
    """Whether the negative ``rounds`` (in order of time, none UNCLEAR or FOUND between them) prove that the order never
    arrived and cannot arrive any more. Times are the venue's.
    """
    from_control = provable_from(sent_at, fence_at, controlled=True)
    sure = [r.at for r in rounds if r.controlled and r.at > from_control]
    if len(sure) >= ROUNDS and sure[-1] - sure[0] >= APART:
        return True
    from_none = provable_from(sent_at, fence_at, controlled=False)
    clean = [r.at for r in rounds if r.at > from_none]
    return len(clean) >= ROUNDS_WITHOUT_CONTROL and clean[-1] - clean[0] >= SPAN_WITHOUT_CONTROL


def next_look(tries: int, *, quarantined: bool) -> timedelta:
    """How long to wait after the ``tries``-th look-up (from 1 on)."""
    if quarantined:
        return BACKOFF_IN_QUARANTINE
    return BACKOFF[min(tries, len(BACKOFF)) - 1]
