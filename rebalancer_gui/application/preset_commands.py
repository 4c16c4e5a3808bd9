"""What can be asked about presets and the market caps behind them, besides their cards (``LoadPresets``)."""

from __future__ import annotations

from dataclasses import dataclass

from rebalancer_gui.domain.presets import Weighting
from rebalancer_gui.domain.strategy import Rule, Target


@dataclass(frozen=True, slots=True)
class RefreshMarketCaps:
    """Read the market caps anew. Answered by CommandDone as soon as that has begun; then AccountView.caps tells how it goes, and
    PresetsReady comes with the new cards.
    """

    command_id: str
    account: str


@dataclass(frozen=True, slots=True)
class SavePreset:
    """Keep an own preset under a name that no preset has. ``targets``: coins with the weights of the form, which count where
    ``weighting`` is FIXED. Answered by CommandDone, or CommandRejected with the field.
    """

    command_id: str
    account: str
    name: str
    targets: tuple[Target, ...]
    weighting: Weighting
    rule: Rule
    sell_all_on_stop: bool


@dataclass(frozen=True, slots=True)
class RenamePreset:
    """Give an own preset another name. Answered by CommandDone."""

    command_id: str
    account: str
    preset_id: str
    name: str


@dataclass(frozen=True, slots=True)
class DeletePreset:
    """Take an own preset away; strategies made from it stay as they are. Answered by CommandDone."""

    command_id: str
    account: str
    preset_id: str


PresetCommand = RefreshMarketCaps | SavePreset | RenamePreset | DeletePreset
