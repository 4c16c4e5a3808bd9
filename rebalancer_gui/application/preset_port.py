"""What stands behind an account's preset cards besides the caps, and the presets that the program's owner made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rebalancer_gui.application.caps_port import CapsFeed, DailyCloses
from rebalancer_gui.domain.presets import PresetDefinition

MAX_OWN_PRESETS = 50


class PresetShelf(Protocol):
    """Kept in the data folder, for all accounts. Engine thread only. Writing raises EnvironmentProblem, and nothing is changed."""

    @property
    def revision(self) -> int:
        """Grows with every change."""
        ...

    def all(self) -> tuple[PresetDefinition, ...]:
        """By name. A file that cannot be understood is left out and stays as it is."""
        ...

    def save(self, preset: PresetDefinition) -> None:
        """Keep it, in the place of one with the same id."""
        ...

    def delete(self, preset_id: str) -> None:
        """Nothing happens where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class PresetSide:
    """``feed`` reads market caps anew (None: they are what they are); ``closes`` are the account's own daily closes (None: those of
    the source of caps); ``shelf`` has the owner's presets (None: none can be made).
    """

    feed: CapsFeed | None = None
    closes: DailyCloses | None = None
    shelf: PresetShelf | None = None

    def own(self) -> tuple[PresetDefinition, ...]:
        """The presets of the program's owner."""
        return self.shelf.all() if self.shelf is not None else ()
