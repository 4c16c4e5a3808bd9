"""``rebalancer doctor``: versions, folders, files, and what is not as it should be. Works while another instance runs."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib import metadata
from pathlib import Path

from rebalancer_gui.adapters import installation
from rebalancer_gui.adapters.storage import schema
from rebalancer_gui.adapters.storage.account_files import JsonAccountFiles
from rebalancer_gui.adapters.storage.backups import Backup, newest_good
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_kind import folder_fault
from rebalancer_gui.adapters.storage.inspection import inspect, states_in
from rebalancer_gui.adapters.storage.repair import age
from rebalancer_gui.adapters.storage.stop_file import StopFile
from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.console.answers import Json, moment
from rebalancer_gui.console.output import Printer, lines
from rebalancer_gui.domain.errors import FileDamaged, RebalancerError

_PACKAGES = ("ccxt", "keyring", "platformdirs", "PySide6-Essentials", "pyqtgraph", "numpy")


def run(folder: DataFolder, printer: Printer) -> bool:
    """Print the findings; False when something is wrong."""
    answer = findings(folder)
    printer.answer(answer, lines(answer))
    return not answer["problems"]


def findings(folder: DataFolder) -> Json:
    """Everything that was looked at; ``problems`` is empty where all is well."""
    problems: list[str] = []
    busy = _is_busy(folder, problems)
    warnings = [fault] if (fault := folder_fault(folder.path, live=False)) else []
    return {
        "versions": _versions(),
        "program": _program(warnings, problems),
        "data_folder": _folder(folder.path, problems),
        "warnings": warnings,
        "folders": [_folder(place, problems) for place in (folder.backups, folder.logs)],
        "in_use": busy,
        "stop_all": StopFile(folder.path).is_set(),
        "accounts": _accounts(folder, busy=busy, problems=problems),
        "keyring": _keyring(),
        "keyring_backends": installation.keyring_backends(),
        "clock_offset": "not measured: no account trades on an exchange",
        "qt_platform": os.environ.get("QT_QPA_PLATFORM") or "the system's own",
        "display": bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")),
        "problems": problems,
    }


def _versions() -> Json:
    found: Json = {
        "rebalancer": installation.version(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": platform.platform(),
    }
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def _program(warnings: list[str], problems: list[str]) -> Json:
    """How it came here and whether all of it came along. ``qt_libraries_missing`` None: there is no Qt, or no way to ask."""
    here = installation.installation()
    missing = installation.missing_resources()
    if missing:
        problems.append(f"files of the program are missing, install it again: {', '.join(missing)}")
    qt = installation.missing_qt_libraries()
    if qt:
        warnings.append(f"the window cannot open: Qt needs libraries that are not on this system: {' '.join(qt)}")
    authorities = installation.certificate_authorities()
    if not authorities:
        warnings.append("no certificates of authorities were found: encrypted connections will be refused")
    return {
        "packaged_as": here.kind,
        "words": here.words,
        "place": str(here.place),
        "resources": "all there" if not missing else "incomplete",
        "qt_libraries_missing": qt,
        "certificates": authorities or None,
    }


def _folder(path: Path, problems: list[str]) -> Json:
    """``rights`` as of ``ls -l`` in octal; None where there is no such folder yet."""
    there = path.is_dir()
    usable = there and os.access(path, os.R_OK | os.W_OK | os.X_OK)
    if there and not usable:
        problems.append(f"{path} cannot be read and written")
    rights = f"{path.stat().st_mode & 0o777:o}" if there else None
    return {"path": str(path), "exists": there, "writable": usable, "rights": rights}


def _is_busy(folder: DataFolder, problems: list[str]) -> bool:
    try:
        return folder.is_in_use()
    except RebalancerError as error:
        problems.append(error.message)
        return False


def _accounts(folder: DataFolder, *, busy: bool, problems: list[str]) -> list[Json]:
    try:
        names = folder.account_names()
    except RebalancerError as error:
        problems.append(error.message)
        return []
    return [_account(folder, name, busy=busy, problems=problems) for name in names]


def _account(folder: DataFolder, name: str, *, busy: bool, problems: list[str]) -> Json:
    """``strategies``: how many are in each state, None where that was not looked at."""
    place = folder.path / "accounts" / name
    ledger = place / "ledger.sqlite"
    fault = _record_fault(folder, name)
    if fault:
        problems.append(f"{name}: {fault}")
    found: Json = {
        "name": name,
        "record": fault or "sound",
        "ledger": "no ledger yet",
        "paper_venue": (place / "paper-venue.sqlite").exists(),
        "strategies": None,
        "backup": None,
    }
    backup = newest_good(folder.backups, name, schema.migrations())
    if backup is not None:
        found["backup"] = {"place": str(backup.place), "at": moment(backup.at)}
    if busy:
        found["ledger"] = "in use by another instance: not checked"
    elif ledger.exists():
        try:
            found["ledger"] = f"sound, schema version {inspect(ledger, schema.migrations()).version}"
            found["strategies"] = {state: str(count) for state, count in states_in(ledger).items()}
        except RebalancerError as error:
            found["ledger"] = error.message
            problems.append(
                f"{name}: {error.message}{_way_out(name, backup) if isinstance(error, FileDamaged) else ''}"
            )
    return found


def _record_fault(folder: DataFolder, name: str) -> str:
    """What is wrong with its account.json; "" where nothing is, or there is none."""
    try:
        JsonAccountFiles(folder).read(name)
    except RebalancerError as error:
        return f"{error.message} {error.advice}".strip()
    return ""


def _way_out(name: str, backup: Backup | None) -> str:
    if backup is None:
        return (
            f" There is no good backup. `rebalancer account restore {name} --new-ledger` begins a new ledger with what the "
            "exchange holds."
        )
    old = age(backup.at, SystemClock().now())
    return (
        f" `rebalancer account restore {name}` puts back the backup of {backup.at:%Y-%m-%d %H:%M} UTC ({old} old); with "
        "--new-ledger it begins a new one with what the exchange holds."
    )


def _keyring() -> str:
    """Only where it is looked for: no backend is opened, nothing is read."""
    try:
        import keyring
    except ImportError:
        return "not installed"
    backend = keyring.get_keyring()
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
