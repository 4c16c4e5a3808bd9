"""Backup and restore of everything that is stored, as the window asks for it. Blocking calls say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """A backup that was looked through and is sound: ``size`` in bytes, ``program`` the version that made it, ``made_at`` wall
    time.
    """

    file: Path
    size: int
    made_at: datetime
    program: str
    accounts: tuple[str, ...]


class DataKeeping(Protocol):
    """All methods raise RebalancerError, and then nothing was changed."""

    @property
    def place(self) -> Path:
        """The data folder."""
        ...

    def new_name(self) -> str:
        """A name for a backup of now."""
        ...

    def back_up(self, file: Path) -> BackupFacts:
        """Blocking; the engine goes on. Everything but keys into a new file, verified."""
        ...

    def look_through(self, file: Path) -> BackupFacts:
        """Blocking. What a backup holds, after all of it was checked; nothing is changed."""
        ...

    def restore(self, file: Path) -> Path:
        """Blocking, while no engine runs. Put a backup in the place of what is stored; gives where the files of before are. The
        program has to be started anew afterwards.
        """
        ...
