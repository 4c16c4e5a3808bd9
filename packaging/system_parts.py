"""Parts that come from the operating system: the libraries Qt is linked to, and the tools the window tests need.

What is missing is found by asking the loader about the very files that are installed (`ldd`), not by a list of
packages; the table below only says in which Debian package a library is found.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from private_env import SetupProblem, say

# Library as the loader names it -> Debian/Ubuntu package. (Newer releases call libglib2.0-0 libglib2.0-0t64 and let apt
# take the old name.)
PACKAGE_OF = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libICE.so.6": "libice6",
    "libOpenGL.so.0": "libopengl0",
    "libSM.so.6": "libsm6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libbrotlicommon.so.1": "libbrotli1",
    "libbrotlidec.so.1": "libbrotli1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libdrm.so.2": "libdrm2",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xinput.so.0": "libxcb-xinput0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
_QT_MODULES = (
    "QtCore", "QtGui", "QtWidgets", "QtNetwork", "QtSvg", "QtTest", "QtOpenGL", "QtOpenGLWidgets", "QtDBus",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Host:
    """The machine as far as installing system packages goes."""

    system: str
    is_root: bool
    has_apt: bool

    @classmethod
    def this(cls) -> "Host":
        return cls(
            system=sys.platform,
            is_root=hasattr(os, "geteuid") and os.geteuid() == 0,
            has_apt=Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None,
        )


def apt_command(packages: Iterable[str]) -> str:
    """What a person without root types; the lists first, since a fresh machine has none."""
    return "sudo apt-get update && sudo apt-get install --no-install-recommends " + " ".join(packages)


def provide(host: Host, packages: Sequence[str], why: str) -> None:
    """Install the packages where that is ours to do (root, on Debian or Ubuntu); else say the command that does it.

    Raises SetupProblem with that command, or when apt-get fails.
    """
    if not host.has_apt:
        raise SetupProblem(
            f"{why}. Install it with your system's package manager (on Debian it is in: {' '.join(packages)}), "
            "then start the same command again."
        )
    if not host.is_root:
        raise SetupProblem(f"{why}. This installs it:\n\n    {apt_command(packages)}\n")
    say(f"{why}; installing: {' '.join(packages)}")
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=120"]
    _apt([*apt, "update", "-q"])
    _apt([*apt, "install", "-y", "-q", "--no-install-recommends", *packages])


def _apt(command: list[str]) -> None:
    say("$ " + " ".join(command))
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise SetupProblem(
            f"`{' '.join(command)}` failed with exit code {done.returncode}; its own lines above say why. "
            "Then start the same command again."
        )


def missing_libraries(site_packages: Path, platform_plugins: Iterable[str]) -> list[str]:
    """Names of the libraries that the installed Qt is linked to and the loader does not find, sorted.

    `platform_plugins` are file names such as `libqxcb.so`.
    """
    qt = site_packages / "PySide6"
    files = [*(qt / f"{module}.abi3.so" for module in _QT_MODULES)]
    files += [qt / "Qt" / "plugins" / "platforms" / plugin for plugin in platform_plugins]
    return not_found(file for file in files if file.exists())


def not_found(files: Iterable[Path]) -> list[str]:
    loader = shutil.which("ldd")
    if loader is None:
        raise SetupProblem("The command `ldd`, which tells what libraries are missing, is not on this system's PATH.")
    answer = subprocess.run([loader, *map(str, files)], capture_output=True, text=True, check=False)
    lines = (line.split("=>") for line in answer.stdout.splitlines() if line.rstrip().endswith("not found"))
    own = ("libQt6", "libpyside6", "libshiboken6")
    names = {name.strip() for name, *_rest in lines}
    return sorted(name for name in names if not name.startswith(own))


def require_qt_libraries(host: Host, site_packages: Path, platform_plugins: Sequence[str]) -> None:
    """See to it that the installed Qt can be loaded. Raises SetupProblem with what to do when it cannot."""
    if host.system != "linux":
        return
    missing = missing_libraries(site_packages, platform_plugins)
    if not missing:
        return
    packages = sorted({PACKAGE_OF[name] for name in missing if name in PACKAGE_OF})
    if not packages or not host.has_apt:
        raise SetupProblem(_unknown_packages(missing))
    why = f"Qt, which draws the window, needs libraries that are not on this system ({' '.join(missing)})"
    try:
        provide(host, packages, why)
    except SetupProblem as problem:
        raise SetupProblem(f"{problem}\n{_WITHOUT_WINDOW}") from problem
    # A library without a row in the table may have come along as a need of the others.
    still = missing_libraries(site_packages, platform_plugins)
    if still:
        raise SetupProblem(_unknown_packages(still))


_WITHOUT_WINDOW = "The engine runs without them: run --headless"


def _unknown_packages(missing: Sequence[str]) -> str:
    return (
        "Qt, which draws the window, needs libraries that are not on this system:\n\n    "
        + " ".join(missing)
        + f"\n\nInstall the packages of your system that hold them. {_WITHOUT_WINDOW}"
    )
