"""Starting with the system: a file in the desktop's autostart folder (XDG), written and removed exactly."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rebalancer_gui.adapters.storage.safe_files import replace_file
from rebalancer_gui.domain.errors import EnvironmentProblem

_SPECIAL = '"`$\\'


def start_command(data_dir: Path | None) -> list[str]:
    """What starts the window of this installation; ``data_dir`` where it is not the usual one."""
    beside = Path(sys.executable).with_name("rebalancer-gui")
    command = [str(beside)] if beside.exists() else [sys.executable, "-m", "rebalancer_gui"]
    return [*command, "--data-dir", str(data_dir)] if data_dir is not None else command


_IN_THE_TRAY = "--minimised"
"""Who logs in did not ask for a window: it begins in the tray, or in the task bar without one."""


class Autostart:
    """``telling_desk.Autostart``. ``name`` is that of the file, without its ending; ``command`` what it starts, minimised."""

    def __init__(self, name: str, command: list[str], *, config_home: Path | None = None) -> None:
        home = config_home or Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        self.path = home / "autostart" / f"{name}.desktop"
        self._command = command
        self.why_not = (
            ""
            if sys.platform.startswith("linux")
            else "Here the system itself does this: add the program to its login items."
        )

    def is_on(self) -> bool:
        """Whether the file is there and starts just this (a file that was written without ``--minimised`` counts too)."""
        try:
            return self.path.read_text() in {self._content(_IN_THE_TRAY), self._content()}
        except (OSError, ValueError):
            return False

    def set(self, *, on: bool) -> None:
        """Write or remove the file. Raises EnvironmentProblem; the folder of others' files is left alone."""
        try:
            if on:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace_file(self.path, self._content(_IN_THE_TRAY).encode())
            else:
                self.path.unlink(missing_ok=True)
        except OSError as error:
            raise EnvironmentProblem(f"{self.path} cannot be changed: {error.strerror}.") from error

    def _content(self, *more: str) -> str:
        lines = (
            "[Desktop Entry]",
            "Type=Application",
            "Version=1.4",
            "Name=Rebalancer",
            "Comment=Keeps a basket of coins at the weights you chose",
            f"Exec={' '.join(_quoted(part) for part in (*self._command, *more))}",
            "Icon=rebalancer",
            "Terminal=false",
            "X-GNOME-Autostart-enabled=true",
        )
        return "\n".join(lines) + "\n"


def _quoted(part: str) -> str:
    """An argument in Exec: in quotes with its special characters escaped, and ``%`` doubled; then escaped once more as every
    string of such a file is (Desktop Entry Specification).
    """
    if any(ord(letter) < 32 for letter in part):
        raise EnvironmentProblem("A path with control characters cannot stand in an autostart file.")
    inner = "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in part).replace("%", "%%")
    return f'"{inner}"'.replace("\\", "\\\\")
