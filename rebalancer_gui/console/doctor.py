"""``rebalancer doctor``: versions, folders, files, and what is not as it should be. Works while another instance runs."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib import metadata
from pathlib import Path

from rebalancer_gui.adapters.storage import schema
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.inspection import inspect
from rebalancer_gui.adapters.storage.stop_file import StopFile
from rebalancer_gui.console.answers import Json
from rebalancer_gui.console.output import Printer, lines
from rebalancer_gui.domain.errors import AnotherInstance, RebalancerError

_PACKAGES = ("rebalancer", "ccxt", "keyring", "platformdirs", "PySide6-Essentials", "pyqtgraph", "numpy")


def run(folder: DataFolder, printer: Printer) -> bool:
    """Print the findings; False when something is wrong."""
    problems: list[str] = []
    busy = _is_busy(folder)
    answer: Json = {
        "versions": _versions(),
        "data_folder": _folder(folder.path, problems),
        "in_use": busy,
        "stop_all": StopFile(folder.path).is_set(),
        "accounts": _accounts(folder, busy=busy, problems=problems),
        "keyring": _keyring(),
        "clock_offset": "not measured: no account trades on an exchange",
        "qt_platform": os.environ.get("QT_QPA_PLATFORM") or "the system's own",
        "display": bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")),
        "problems": problems,
    }
    printer.answer(answer, lines(answer))
    return not problems


def _versions() -> Json:
    found: Json = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "system": platform.platform()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def _folder(path: Path, problems: list[str]) -> Json:
    there = path.is_dir()
    writable = there and os.access(path, os.W_OK | os.X_OK)
    if there and not writable:
        problems.append(f"{path} cannot be written")
    return {"path": str(path), "exists": there, "writable": writable}


def _is_busy(folder: DataFolder) -> bool:
    if not folder.path.is_dir():
        return False
    try:
        folder.open()
    except AnotherInstance:
        return True
    except RebalancerError:
        return False
    folder.close()
    return False


def _accounts(folder: DataFolder, *, busy: bool, problems: list[str]) -> list[Json]:
    found: list[Json] = []
    for name in folder.account_names() if folder.path.is_dir() else ():
        ledger = folder.ledger_file(name)
        state = "no ledger yet"
        if busy:
            state = "in use by another instance: not checked"
        elif ledger.exists():
            try:
                version = inspect(ledger, schema.migrations())
                state = f"sound, schema version {version}"
            except RebalancerError as error:
                state = error.message
                problems.append(f"{name}: {error.message}")
        found.append({"name": name, "ledger": state})
    return found


def _keyring() -> str:
    """Only where it is looked for: no backend is opened, nothing is read."""
    try:
        import keyring
    except ImportError:
        return "not installed"
    backend = keyring.get_keyring()
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
