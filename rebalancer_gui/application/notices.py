"""What a person is told outside the window: kinds of happenings, notices, the message that is sent, and the ports."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rebalancer_gui.domain.errors import RebalancerError

MOST_LINES = 12
"""A bundle names so many happenings; of the rest it says how many."""


class TellOf(enum.Enum):
    """What a person can be told of; the value stands in settings.json and on the command line."""

    HALTED = "halted"
    STOP_LOSS = "stop-loss"
    TAKE_PROFIT = "take-profit"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    SKIPPED = "skipped"
    LOW_BNB = "low-bnb"


class Severity(enum.IntEnum):
    """How loud it is; channels show it in their own way."""

    INFO = 1
    WARNING = 2
    ALARM = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """One happening. ``key`` tells it from every other: the same key is told once. ``account`` is the account's name ("" =
    the program itself), ``place`` what titles begin with (``LIVE Main``), ``head`` goes on with it, ``advice`` is what to do.
    """

    key: str
    of: TellOf
    severity: Severity
    account: str
    place: str
    head: str
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: plain text, no markup, no secrets."""

    title: str
    text: str
    severity: Severity


class NotSent(RebalancerError):  # noqa: N818 -- as in domain/errors.py
    """A channel could not take a message. The words never hold its address. ``again``: a further attempt may help."""

    def __init__(self, message: str, advice: str = "", *, again: bool = True) -> None:
        super().__init__(message, advice)
        self.again = again


class Notifier(Protocol):
    """One way to reach a person."""

    @property
    def name(self) -> str:
        """For the journal and the screen; never the address."""
        ...

    async def send(self, message: Message) -> None:
        """Hand it over; raises NotSent. Never blocks the loop."""
        ...


class MarkStore(Protocol):
    """Keeps what was told, so that a restart does not tell it again. Neither call raises: what cannot be read is empty."""

    async def read(self) -> Mapping[str, Mapping[str, str]]: ...

    async def write(self, marks: Mapping[str, Mapping[str, str]]) -> None: ...


def message_of(notices: Sequence[Notice]) -> Message:
    """One message for happenings of one account, at least one."""
    first = notices[0]
    severity = max(notice.severity for notice in notices)
    if len(notices) == 1:
        text = f"{first.text}\n\nWhat to do: {first.advice}" if first.advice else first.text
        return Message(_title(first.place, first.head), text, severity)
    lines = [f"- {_capital(n.head)}: {n.text}" for n in notices[:MOST_LINES]]
    more = len(notices) - MOST_LINES
    if more > 0:
        lines.append(f"- and {more} more: the journal has them all.")
    advice = dict.fromkeys(n.advice for n in notices if n.advice)
    if advice:
        lines += ["", "What to do: " + " ".join(list(advice)[:3])]
    return Message(_title(first.place, f"{len(notices)} things happened"), "\n".join(lines), severity)


def _title(place: str, head: str) -> str:
    return f"{place}: {head}" if place else _capital(head)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
