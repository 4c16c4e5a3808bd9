"""Questions about the past of markets; a part of the union in commands.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadCloses:
    """The last ``days`` daily closes of ``assets`` that are known as of now: those of their markets against ``quote`` on the
    account's own exchange as far as they are at hand, else those of the source of market caps. Answered by ClosesReady.
    """

    command_id: str
    account: str
    quote: str
    assets: tuple[str, ...]
    days: int


MarketCommand = LoadCloses
