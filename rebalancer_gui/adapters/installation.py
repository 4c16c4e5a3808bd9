"""How this copy of the program came here, and whether all its parts came along.

A checkout, an installed wheel, or a package that brings its own Python: a folder, or that folder as a Debian package. What
a package lacks is found by looking, not by believing its name: files of the program, places for keys, what Qt is linked to.
"""

from __future__ import annotations

import importlib.util
import shutil
import ssl
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rebalancer_gui.adapters.secrets.keyring_vault import ALLOWED
from rebalancer_gui.resources_path import guide_dir, resource_dir

PROGRAM = "rebalancer-gui"
CHECKOUT, WHEEL, FOLDER, DEB = "checkout", "wheel", "folder", "deb"
KINDS = {
    CHECKOUT: "not packaged: a checkout",
    WHEEL: "packaged: a wheel in a Python environment",
    FOLDER: "packaged: a folder with its own Python",
    DEB: "packaged: a Debian package",
}
MARK = "packaged-as"
"""A file among the resources with one of the words above; only packages that are copied as they are have it."""

_WANTED = (
    ("demo", "daily_prices.csv"),
    ("fonts", "Inter-Regular.otf"),
    ("icons", "rebalance.svg"),
    ("languages", "rebalancer_de.qm"),
    ("licences", "third-party.txt"),
    ("markets", "paper_spot.toml"),
    ("presets", "main-coins.toml"),
)
_SYSTEMS = {
    "keyring.backends.macOS.Keyring": ("darwin",),
    "keyring.backends.Windows.WinVaultKeyring": ("win32",),
    "keyring.backends.SecretService.Keyring": ("linux",),
    "keyring.backends.libsecret.Keyring": ("linux",),
    "keyring.backends.kwallet.DBusKeyring": ("linux",),
    "keyring.backends.kwallet.DBusKeyringKWallet4": ("linux",),
}
_NEEDS = {
    "keyring.backends.Windows.WinVaultKeyring": ("win32ctypes",),
    "keyring.backends.SecretService.Keyring": ("secretstorage", "jeepney"),
    "keyring.backends.libsecret.Keyring": ("gi",),
    "keyring.backends.kwallet.DBusKeyring": ("dbus",),
    "keyring.backends.kwallet.DBusKeyringKWallet4": ("dbus",),
}
_QT_PARTS = ("QtCore", "QtGui", "QtWidgets", "QtNetwork", "QtSvg", "QtOpenGLWidgets")
_QT_PLUGINS = "libq*.so"


@dataclass(frozen=True, slots=True)
class Installation:
    """``kind`` is a word of ``KINDS``; ``version`` None where nothing says it; ``place`` is the program's own folder."""

    kind: str
    version: str | None
    place: Path

    @property
    def words(self) -> str:
        return KINDS[self.kind]


def installation() -> Installation:
    """What is running. Reads a few small files; raises nothing."""
    package = Path(__file__).resolve().parents[1]
    if getattr(sys, "frozen", False):
        return Installation(_marked(package / "_resources" / MARK), version(), Path(sys.executable).resolve().parent)
    kind = WHEEL if (package / "_resources").is_dir() else CHECKOUT
    return Installation(kind, version(), package if kind == WHEEL else package.parent)


def version() -> str | None:
    """As installed; in a checkout, which is not installed, what its pyproject.toml says."""
    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:
        pass
    try:
        project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, ValueError, KeyError):
        return None
    return f"{project['version']} (checkout)" if project.get("name") == PROGRAM else None


def missing_resources() -> list[str]:
    """The parts of the program's own files that are not there, one of each kind looked for."""
    try:
        folder = resource_dir()
    except FileNotFoundError as error:
        return [str(error)]
    missing = [f"{part}/{name}" for part, name in _WANTED if not (folder / part / name).is_file()]
    try:
        guide = guide_dir() / "README.md"
    except FileNotFoundError as error:
        return [*missing, str(error)]
    return missing if guide.is_file() else [*missing, str(guide)]


def keyring_backends() -> list[str]:
    """The keyrings of this system that the program may use and came with the code for, whether or not one answers here."""
    return [name for name in ALLOWED if sys.platform in _SYSTEMS.get(name, ()) and _has_code_for(name)]


def _has_code_for(backend: str) -> bool:
    needed = [backend.rpartition(".")[0], *_NEEDS.get(backend, ())]
    try:
        return all(importlib.util.find_spec(module) is not None for module in needed)
    except ImportError:
        return False


def certificate_authorities() -> str:
    """Where the certificates are that encrypted connections are checked against; "" when nowhere."""
    paths = ssl.get_default_verify_paths()
    return paths.cafile or paths.capath or ""


def missing_qt_libraries() -> list[str] | None:
    """Names of libraries that the installed Qt is linked to and this system lacks, sorted; None without Qt, or where the
    system has no ``ldd`` to ask. Qt itself is not loaded.
    """
    spec = importlib.util.find_spec("PySide6")
    loader = shutil.which("ldd")
    if spec is None or not spec.submodule_search_locations or loader is None:
        return None
    qt = Path(next(iter(spec.submodule_search_locations)))
    parts = [file for name in _QT_PARTS for file in qt.glob(f"{name}.*so")]
    plugins = sorted((qt / "Qt" / "plugins" / "platforms").glob(_QT_PLUGINS))
    return _not_found(loader, [*parts, *plugins])


def _not_found(loader: str, files: Iterable[Path]) -> list[str]:
    asked = subprocess.run(  # noqa: S603 (our own files)
        [loader, *map(str, files)], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    lines = (line.partition("=>") for line in asked.stdout.splitlines())
    names = {name.strip() for name, _arrow, found in lines if found.strip() == "not found"}
    # Those lie beside the file that wants them, and are found by whoever loads it.
    return sorted(name for name in names if not name.startswith(("libQt6", "libpyside6", "libshiboken6")))


def _marked(file: Path) -> str:
    try:
        word = file.read_text(encoding="utf-8").strip()
    except OSError:
        return FOLDER
    return word if word in KINDS else FOLDER
