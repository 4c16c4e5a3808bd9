"""Questions about strategies that are over; a part of the union in commands.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadEnded:
    """Up to ``limit`` strategies that ended before the one of the id ``before`` ("" = from the last to end). Answered by
    EndedPage.
    """

    command_id: str
    account: str
    before: str = ""
    limit: int = 50
