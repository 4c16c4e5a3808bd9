"""``rebalancer backup FILE`` and ``rebalancer restore FILE``: the whole data folder in one file, and back."""

from __future__ import annotations

import argparse
import asyncio

from rebalancer_gui.adapters.installation import version
from rebalancer_gui.adapters.storage.backup_door import ask_running
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_archive import LEFT_OUT, Manifest
from rebalancer_gui.adapters.storage.folder_backup import Made, back_up_folder
from rebalancer_gui.adapters.storage.folder_restore import look_through, restore_folder
from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.console.answers import Json, moment
from rebalancer_gui.console.doing import ask_person
from rebalancer_gui.console.output import Printer, lines
from rebalancer_gui.domain.errors import AnotherInstance, InvalidInput

NO_KEYS = "No key is in it: after a restore on another computer give each account its key again (`rebalancer account key NAME`)."


def back_up(folder: DataFolder, options: argparse.Namespace, printer: Printer) -> None:
    """``folder`` is not open: where the program runs on it, window or not, that makes the backup. Raises RebalancerError."""
    target, clock = options.file.absolute(), SystemClock()
    by_itself = True
    try:
        with folder:
            made: Made | None = back_up_folder(folder, target, clock.now(), version() or "unknown")
    except AnotherInstance:
        made, by_itself = asyncio.run(ask_running(folder, target, clock)), False
    if made is None:  # it ended in the middle of that, so nobody stands in the way any more
        with folder:
            made, by_itself = back_up_folder(folder, target, clock.now(), version() or "unknown"), True
    answer = {"file": str(made.file), "bytes": str(made.size), "verified": True} | _content(made.manifest)
    answer["made_by"] = "this command" if by_itself else "the program that runs"
    printer.answer(answer, f"{lines(answer)}\n{NO_KEYS}")


def restore(folder: DataFolder, options: argparse.Namespace, printer: Printer) -> None:
    """``folder`` is open. Raises RebalancerError."""
    file = options.file.absolute()
    if not options.yes and not _is_wanted(look_through(file), folder):
        printer.answer({"file": str(file), "restored": False}, "Nothing was changed.")
        return
    done = restore_folder(folder, file, SystemClock().now())
    answer = {"file": str(file), "restored": True, "kept": str(done.kept)} | _content(done.manifest)
    printer.answer(answer, f"{lines(answer)}\nThe files of before are in {done.kept}. {NO_KEYS}")


def _content(manifest: Manifest) -> Json:
    return {
        "made_at": moment(manifest.made_at),
        "program": manifest.program,
        "accounts": list(manifest.accounts),
        "files": str(len(manifest.entries)),
        "left_out": list(LEFT_OUT),
    }


def _is_wanted(manifest: Manifest, folder: DataFolder) -> bool:
    what = f"The backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC with the accounts {', '.join(manifest.accounts) or '(none)'}"
    said = ask_person(
        f"{what} is sound. Put it in the place of what is in {folder.path}? Nothing is deleted: the present files are kept in its "
        "backups folder. (yes/no)"
    )
    if said is None:
        raise InvalidInput("file", "a restore needs --yes where nobody can be asked")
    return said.casefold() in {"y", "yes"}
