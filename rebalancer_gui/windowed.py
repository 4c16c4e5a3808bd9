"""The root of the window: command line, data folder, log, engine, then the window itself; ``__main__`` starts it."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rebalancer_gui.adapters.guards import protect_process
from rebalancer_gui.adapters.installation import version
from rebalancer_gui.adapters.logs import LogFile
from rebalancer_gui.adapters.market_data.caps_build import build_market_data_desk
from rebalancer_gui.adapters.memory import loading
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_backup import OpenFiles
from rebalancer_gui.adapters.storage.paper_reset import begin_anew
from rebalancer_gui.adapters.storage.repair import carry_out
from rebalancer_gui.adapters.storage.settings_file import WINDOW, SettingsFile
from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.application.account_book import AccountBook
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.ports import EventSink
from rebalancer_gui.application.records import Repair, RepairKind
from rebalancer_gui.application.settings import START_MINIMISED
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.bootstrap import (
    DemoOptions,
    account_book,
    data_desk,
    data_folder,
    discard,
    engine_factory,
    open_vaults,
    settings_desk,
    telling_desk,
)
from rebalancer_gui.console.support import Reporter
from rebalancer_gui.domain.errors import AnotherInstance, RebalancerError
from rebalancer_gui.ui.first_window import is_first_window
from rebalancer_gui.ui.languages import LANGUAGES, SYSTEM, install_language, install_qt_texts
from rebalancer_gui.ui.one_application import make_application
from rebalancer_gui.ui.qt_messages import log_qt_messages

if TYPE_CHECKING:
    from rebalancer_gui.ui.app import ResetAccount

_log = logging.getLogger(__name__)
PROGRAM = "program"
"""The section of settings.json with what is chosen about the program itself, its language among it."""
BUSY, FAILED = 3, 1


def run(arguments: Sequence[str]) -> int:
    """As ``__main__.main``, with the words of the command line."""
    protect_process()
    options = _parser().parse_args(arguments)
    folder = data_folder(options.data_dir, throw_away=options.demo)
    key = str(folder.path.resolve())
    instance = is_first_window(key)
    if instance is None:
        return 0
    try:
        folder.open()
    except RebalancerError as error:
        _speak(options.language)
        from rebalancer_gui.ui.app import run_window

        print(f"{error.message} {error.advice}".strip(), file=sys.stderr)
        run_window(
            _failing(error),
            settings={},
            save_settings=_forget,
            reset_account=_resetter(folder),
            repair_account=_repairer(folder),
            data_dir_key=key,
            instance=instance,
        )
        return BUSY if isinstance(error, AnotherInstance) else FAILED
    log = LogFile(folder.logs)
    try:
        log.start()
        log_qt_messages()
        try:
            stored = SettingsFile(folder)
            remembered = stored.section(WINDOW)
            if stored.problem:
                _log.warning("%s", stored.problem)
            _speak(options.language or _text(stored.section(PROGRAM).get("language")))
            with loading():
                from rebalancer_gui.ui.app import run_window

            vaults = open_vaults(folder)
            desk = telling_desk(folder, stored, vaults)
            market_data = build_market_data_desk(stored, vaults)
            book = account_book(folder, vaults)
            program = settings_desk(stored, desk, market_data)
            _keep_what_is_wrong(program, stored)
            files = OpenFiles()
            return run_window(
                engine_factory(folder, DemoOptions(), book, desk=desk, market_data=market_data, open_files=files),
                settings=remembered,
                save_settings=_saver(stored),
                reset_account=_resetter(folder, book),
                repair_account=_repairer(folder, book),
                data_dir_key=key,
                instance=instance,
                telling=desk,
                market_data=market_data,
                book=book,
                program=program,
                data=data_desk(folder, files),
                log=(log.memory, Reporter(folder, log.memory)) if log.memory is not None else None,
                minimised=options.minimised or program.value(START_MINIMISED),
            )
        finally:
            log.stop()
    finally:
        folder.close()
        if options.demo:
            discard(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rebalancer-gui", description="Keeps a basket of coins at chosen weights.")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where everything is stored")
    parser.add_argument("--demo", action="store_true", help="use a throw-away data folder")
    parser.add_argument("--minimised", action="store_true", help="begin in the tray, or in the task bar without one")
    parser.add_argument("--version", action="version", version=f"%(prog)s {version() or 'of an unknown version'}")
    parser.add_argument(
        "--language",
        choices=(SYSTEM, *LANGUAGES),
        default=os.environ.get("REBALANCER_LANGUAGE", ""),
        help="what the window speaks, instead of what Settings says (also: REBALANCER_LANGUAGE)",
    )
    return parser


def _keep_what_is_wrong(program: SettingsDesk, stored: SettingsFile) -> None:
    """Values that are not legal are told, and the file is copied as it stands before anything is written over them."""
    faults = program.faults()
    for fault in faults:
        _log.warning("settings.json: %s", fault)
    if faults:
        try:
            _log.info("settings.json was copied to %s", stored.keep_copy())
        except RebalancerError as error:
            _log.warning("settings.json was not copied: %s", error.message)


def _speak(wish: str) -> None:
    """Choose the language before the window's modules are imported: their texts are read then."""
    install_qt_texts(make_application(), install_language(wish))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _failing(error: RebalancerError) -> Callable[[EventSink], Engine]:
    """In place of an engine: the window opens and shows what is wrong."""

    def fail(_emit: EventSink) -> NoReturn:
        raise error

    return fail


def _repairer(folder: DataFolder, book: AccountBook | None = None) -> Callable[[Repair], Path]:
    def repair(chosen: Repair) -> Path:
        if chosen.kind is RepairKind.SET_ASIDE and book is not None:
            return Path(book.set_aside(chosen.account))
        return carry_out(folder, chosen, SystemClock().now()).kept

    return repair


def _forget(_settings: Mapping[str, object]) -> None:
    """Settings of a window without a data folder are not kept."""


def _saver(stored: SettingsFile) -> Callable[[dict[str, object]], None]:
    def save(settings: dict[str, object]) -> None:
        try:
            stored.write_section(WINDOW, settings)
        except RebalancerError as error:
            _log.warning("the window's settings were not stored: %s", error.message)

    return save


def _resetter(folder: DataFolder, book: AccountBook | None = None) -> ResetAccount:
    """This run keeps the lock of the folder meanwhile, so nobody else can take the account."""

    def reset(account: str) -> Path:
        if book is not None:
            book.find(account)  # One whose record cannot be read is repaired, not reset.
        return begin_anew(folder, account, SystemClock().now())

    return reset
