"""Questions about the past of markets; a part of the union in commands.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadCloses:
    """The last ``days`` daily closes of ``assets`` that are known as of now. Answered by ClosesReady."""

    command_id: str
    account: str
    assets: tuple[str, ...]
    days: int


MarketCommand = LoadCloses
