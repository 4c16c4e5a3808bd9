"""What the window tests need from the operating system: a virtual screen, a window manager, keys, accessibility; and the
keyring that the tests of keys use.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from system_parts import Host, provide

DISTRIBUTION_PYTHON = Path("/usr/bin/python3")
COMMANDS = {
    "Xvfb": "xvfb",
    "xauth": "xauth",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "xprop": "x11-utils",
    "dbus-run-session": "dbus",
    "dbus-daemon": "dbus",
    "gnome-keyring-daemon": "gnome-keyring",
}
AT_SPI = ("at-spi2-core", "dbus-x11", "gir1.2-atspi-2.0", "python3-gi")


def missing_packages(which: Callable[[str], str | None] = shutil.which, *, at_spi: bool | None = None) -> list[str]:
    """The Debian packages that hold what is not here, sorted. `at_spi` None: ask the distribution's own Python."""
    packages = {package for command, package in COMMANDS.items() if which(command) is None}
    if not (_has_at_spi() if at_spi is None else at_spi):
        packages.update(AT_SPI)
    return sorted(packages)


def _has_at_spi() -> bool:
    if not DISTRIBUTION_PYTHON.exists():
        return False
    probe = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
    asked = subprocess.run([str(DISTRIBUTION_PYTHON), "-c", probe], capture_output=True, check=False)
    return asked.returncode == 0


def require(host: Host) -> None:
    """See to it that window tests can run. Raises SetupProblem with the command that would enable them."""
    missing = missing_packages()
    if missing:
        provide(host, missing, "The window tests need parts that are not on this system")
