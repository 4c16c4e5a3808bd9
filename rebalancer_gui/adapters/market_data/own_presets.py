"""The presets that the program's owner made: ``presets/ID.json`` of the data folder, one file each."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from rebalancer_gui.adapters.storage.safe_files import replace_file, sync_folder
from rebalancer_gui.application.preset_port import MAX_OWN_PRESETS
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidFile
from rebalancer_gui.domain.hostile_json import MAX_BYTES
from rebalancer_gui.domain.preset_file import is_own_id, parse_preset, write_preset
from rebalancer_gui.domain.presets import PresetDefinition

_SUFFIX = ".json"
_MOST_FILES = 4 * MAX_OWN_PRESETS
_log = logging.getLogger(__name__)


class FolderShelf:
    """``PresetShelf``. The files are read at the first question; what is put there by hand counts from the next start on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[str, PresetDefinition] | None = None
        self.revision = 0

    def all(self) -> tuple[PresetDefinition, ...]:
        return tuple(sorted(self._known().values(), key=lambda preset: (preset.name.casefold(), preset.id)))

    def save(self, preset: PresetDefinition) -> None:
        known = self._known()
        content = write_preset(preset).encode()
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            replace_file(self._path(preset.id), content)
        except OSError as error:
            raise EnvironmentProblem(
                f"The preset could not be stored: {os.strerror(error.errno or 0)}.", "Nothing was changed."
            ) from error
        known[preset.id] = preset
        self.revision += 1

    def delete(self, preset_id: str) -> None:
        known = self._known()
        if preset_id not in known:
            return
        try:
            self._path(preset_id).unlink(missing_ok=True)
            sync_folder(self._folder)
        except OSError as error:
            raise EnvironmentProblem(
                f"The preset could not be deleted: {os.strerror(error.errno or 0)}.", "Nothing was changed."
            ) from error
        del known[preset_id]
        self.revision += 1

    def _path(self, preset_id: str) -> Path:
        return self._folder / f"{preset_id}{_SUFFIX}"

    def _known(self) -> dict[str, PresetDefinition]:
        if self._found is None:
            self._found = {}
            try:
                paths = sorted(self._folder.glob(f"*{_SUFFIX}"))[:_MOST_FILES] if self._folder.is_dir() else []
            except OSError as error:
                _log.info("the own presets cannot be read (%s)", error.strerror)
                paths = []
            for path in paths:
                preset = _read(path)
                if preset is not None and len(self._found) < MAX_OWN_PRESETS:
                    self._found[preset.id] = preset
        return self._found


def _read(path: Path) -> PresetDefinition | None:
    """None for a file that is none of ours, or is damaged: it stays where it is, and the log says what is wrong."""
    try:
        with path.open("rb") as file:
            preset = parse_preset(file.read(MAX_BYTES + 1))
    except (OSError, InvalidFile) as error:
        _log.info("the preset file %s is left aside: %s", path.name, error)
        return None
    if not is_own_id(path.stem) or preset.id != path.stem:
        _log.info("the preset file %s is left aside: it does not bear its preset's id as its name", path.name)
        return None
    return preset
