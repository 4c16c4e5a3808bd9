"""A home folder made for this run, so that no test reads or writes what belongs to the person at the machine."""

import os
import shutil
import tempfile
from pathlib import Path

_INSIDE = {
    "HOME": "",
    "USERPROFILE": "",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
    "XDG_CACHE_HOME": ".cache",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_RUNTIME_DIR": "run",
}
# The session bus leads to the person's own keyring; system-wide configuration makes results differ by machine.
_ABSENT = ("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP", "QT_STYLE_OVERRIDE")


def use_private_home() -> Path:
    """Make the folder and point every variable at it from which code derives a user's folders."""
    home = Path(tempfile.mkdtemp(prefix="rebalancer-home-"))
    for name, place in _INSIDE.items():
        folder = home / place
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ[name] = str(folder)
    for name in _ABSENT:
        os.environ.pop(name, None)
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    return home


def remove(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
