"""settings.json as sections that belong to different parts of the program; each writes its own and leaves the others alone.

``{"format": "rebalancer-settings", "version": 1, "window": {...}, "notifications": {...}}``. A file without a format is what
the window of earlier versions remembered: it becomes the section ``window``. What this version does not know stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.domain.errors import EnvironmentProblem

FORMAT, VERSION = "rebalancer-settings", 1
WINDOW = "window"


class SettingsFile:
    """Any thread. ``folder`` is open. ``problem`` is what was wrong when it was read last (None: nothing)."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._lock = Lock()
        self.problem: EnvironmentProblem | None = None

    def section(self, name: str) -> Mapping[str, object]:
        """Empty where there is none, or where the file cannot be understood (``problem``)."""
        with self._lock:
            part = self._read().get(name)
        return part if isinstance(part, dict) else {}

    def write_section(self, name: str, values: Mapping[str, object]) -> None:
        """EnvironmentProblem when it cannot be written, or is of a newer version: then nothing is changed."""
        with self._lock:
            found = self._read()
            if self.problem is not None and found:
                raise self.problem
            self._folder.write_settings({**found, "format": FORMAT, "version": VERSION, name: dict(values)})

    def put(self, values: Mapping[tuple[str, ...], object]) -> None:
        """Change what stands at each path (section, then keys), all at once; the rest stays. Raises as :meth:`write_section`."""
        with self._lock:
            found = self._read()
            if self.problem is not None and found:
                raise self.problem
            changed: dict[str, object] = {**found, "format": FORMAT, "version": VERSION}
            for path, value in values.items():
                _put(changed, path, value)
            self._folder.write_settings(changed)

    def keep_copy(self) -> str:
        """Copy the file as it stands beside it (an equal copy is not made twice); gives its name. EnvironmentProblem."""
        with self._lock:
            return self._folder.keep_settings_copy().name

    def _read(self) -> Mapping[str, object]:
        stored = self._folder.read_settings()
        values, self.problem = stored.values, stored.problem
        if values and "format" not in values and "version" not in values:
            return {WINDOW: dict(values)}
        if values and (values.get("format") != FORMAT or values.get("version") != VERSION):
            self.problem = EnvironmentProblem(
                f"The settings in {self._folder.settings_file} are of version {values.get('version')!r}; this program knows "
                f"version {VERSION}, so the defaults are used and nothing is stored.",
                "Use the newer program, or move the file away.",
            )
            return {"format": values.get("format")}
        return values


def _put(table: dict[str, object], path: tuple[str, ...], value: object) -> None:
    """Objects on the way are copied: what was read stays as it was."""
    first, *rest = path
    if not rest:
        table[first] = value
        return
    inner = table.get(first)
    below = dict(inner) if isinstance(inner, dict) else {}
    _put(below, tuple(rest), value)
    table[first] = below


class SettingsSection:
    """``telling_desk.Section``: one section."""

    def __init__(self, file: SettingsFile, name: str) -> None:
        self._file, self._name = file, name

    def read(self) -> Mapping[str, object]:
        return self._file.section(self._name)

    def write(self, values: Mapping[str, object]) -> None:
        self._file.write_section(self._name, values)
