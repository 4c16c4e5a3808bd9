"""What goes into a package that brings its own Python, and what stays out. The spec files beside it read it.

The program is taken as it is installed (from the wheel) in the environment `build`, never from the checkout.
"""

import importlib.util
from collections.abc import Iterable
from pathlib import Path

PACKAGING = Path(__file__).resolve().parent.parent
SOURCE = Path(__file__).resolve().parent

EXCLUDED = [
    # Never used; Tk and QML would bring a hundred files each. GNU readline is under the GPL: without it the console's
    # questions are read all the same.
    "tkinter", "_tkinter", "readline", "curses", "idlelib", "lib2to3", "pydoc_data", "test", "unittest.mock",
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtQuickWidgets", "PySide6.QtQuickControls2", "PySide6.QtDesigner",
    "PySide6.QtHelp", "PySide6.QtSql", "PySide6.QtUiTools",
    # pyqtgraph looks for them and does without.
    "PyQt5", "PyQt6", "PySide2", "scipy", "pandas", "matplotlib", "cupy", "numba", "h5py", "IPython", "jupyter_rfb",
    # Of the tools that build it.
    "hatchling", "PyInstaller", "setuptools", "pip", "pkg_resources",
]  # fmt: skip
DISTRIBUTIONS = ("rebalancer-gui", "ccxt", "keyring", "platformdirs", "PySide6-Essentials", "pyqtgraph", "numpy")
"""The doctor reads their versions, and keyring finds its backends by its own metadata."""

UNUSED_QT = (
    "libQt6Qml", "libQt6Quick", "libQt6VirtualKeyboard", "libQt6Pdf", "libQt6Designer", "libQt6Sql", "libQt6Help",
    "plugins/sqldrivers/", "plugins/qmltooling/", "plugins/platforminputcontexts/libqtvirtualkeyboard", "/qml/",
    "plugins/platforms/libqvnc", "plugins/platforms/libqlinuxfb", "plugins/platforms/libqvkkhrdisplay",
    "plugins/platforms/libqminimal", "plugins/platforms/libqeglfs", "plugins/egldeviceintegrations/", "libQt6EglFS", "libQt6EglFs",
)  # fmt: skip
_KEPT_LANGUAGES = ("_de.qm", "_en.qm")


def hidden_imports() -> list[str]:
    """Modules that are imported by a name that is put together at run time: all of ccxt's exchanges (five that trade, the
    others that are shown), keyring's backends, the program's own modules.
    """
    from PyInstaller.utils.hooks import collect_submodules

    def no_tests(name: str) -> bool:
        return not any(part in ("test", "tests") for part in name.split("."))

    names = collect_submodules("ccxt", filter=no_tests, on_error="ignore")
    names += collect_submodules("keyring.backends", on_error="ignore")
    names += collect_submodules("rebalancer_gui", on_error="ignore")
    names += collect_submodules("apprise", filter=no_tests, on_error="ignore")
    return sorted({*names, "secretstorage", "jeepney", "jeepney.io.blocking", "jeepney.io.asyncio", "certifi"})


def data_files() -> list[tuple[str, str]]:
    """The program's resources and schema, and the metadata of a few packages: (file or folder, folder in the package)."""
    from PyInstaller.utils.hooks import collect_data_files, copy_metadata

    found = [*collect_data_files("rebalancer_gui"), *collect_data_files("certifi")]
    for name in DISTRIBUTIONS:
        found += copy_metadata(name)
    return [*found, *collect_data_files("apprise")]


def collection_modes() -> dict[str, str]:
    """Apprise finds its services by listing the files of its folder, so they lie there too."""
    return {"apprise": "pyz+py"}


def wanted(name: str, source: str, *, own_places: Iterable[str]) -> bool:
    """Whether a collected library or file belongs in. Libraries of the system that only Qt needs stay out: they belong to
    the graphics of the machine it runs on. `own_places`: folders of the Python that came along.
    """
    inside = name.replace("\\", "/")
    if any(part in inside for part in UNUSED_QT):
        return False
    if "/translations/" in inside and not inside.endswith(_KEPT_LANGUAGES):
        return False
    if not source or any(source.startswith(place) for place in own_places):
        return True
    return Path(inside).name.startswith(PYTHONS_OWN)


PYTHONS_OWN = (
    "libpython", "libssl", "libcrypto", "libffi", "libsqlite3", "libbz2", "liblzma", "libz.", "libexpat", "libuuid",
    "libmpdec", "libgdbm", "libdb-",
)  # fmt: skip
"""System libraries that modules of Python itself are linked to: not every distribution has them under these names."""


def installed_from() -> Path:
    """The folder of the installed program. Raises LookupError when it would be taken from a checkout."""
    spec = importlib.util.find_spec("rebalancer_gui")
    if spec is None or spec.origin is None:
        raise LookupError("the program is not installed in this environment")
    folder = Path(spec.origin).resolve().parent
    if not (folder / "_resources").is_dir():
        raise LookupError(f"the program would be taken from {folder}, which is no installed wheel")
    return folder
