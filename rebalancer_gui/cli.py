"""``rebalancer``: the program without a window. Imports no Qt.

Exit codes: 0 done, 1 failed, 2 bad input, 3 another instance runs on the same data.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import sys
from collections.abc import Sequence

from rebalancer_gui.adapters.guards import protect_process
from rebalancer_gui.adapters.logs import LogFile
from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.application.account_book import AccountBook
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.bootstrap import (
    PAPER_ACCOUNT,
    DemoOptions,
    account_book,
    data_folder,
    discard,
    engine_factory,
    open_vaults,
    settings_desk,
    telling_desk,
)
from rebalancer_gui.console import (
    accounts,
    backing_up,
    doctor,
    histories,
    licences,
    notifying,
    setting,
    strategies,
    support,
)
from rebalancer_gui.console.arguments import build_parser
from rebalancer_gui.console.doing import Desk
from rebalancer_gui.console.output import Printer
from rebalancer_gui.console.unlocking import unlock
from rebalancer_gui.domain.errors import AnotherInstance, InvalidInput, RebalancerError
from rebalancer_gui.headless import Headless, on_signals

DONE, FAILED, BAD_INPUT, BUSY = 0, 1, 2, 3
INTERRUPTED = "It was interrupted: nothing more was begun, everything is stored, and the next start goes on from here."

HOW = "Give its passphrase with --passphrase-fd N or as the systemd credential rebalancer-passphrase."
CLOSED = "Nothing more is sent; close other programs and start again: it goes on where it stopped."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and answer the exit code."""
    protect_process()
    options = build_parser().parse_args(arguments)
    try:
        return _run(options)
    except BrokenPipeError:
        # Whoever read the answer is gone (``| head``); what was asked for is done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        # Ctrl+C before anybody listens to it, or after all has ended: nothing is on its way. Of `run` it is the normal end.
        return DONE if options.command == "run" else FAILED
    except InvalidInput as error:
        print(f"{error.field}: {error.message}" if error.field else error.message, file=sys.stderr)
        # Without a field it is not the input that is wrong, but the moment.
        return BAD_INPUT if error.field else FAILED
    except AnotherInstance as error:
        print(f"{error.message} {error.advice}".strip(), file=sys.stderr)
        return BUSY
    except RebalancerError as error:
        print(f"{error.message} {error.advice}".strip(), file=sys.stderr)
        return FAILED
    except MemoryError:
        print(f"There is not enough memory to go on. {CLOSED}", file=sys.stderr)
        return FAILED
    except OSError as error:
        if error.errno not in {errno.EMFILE, errno.ENFILE, errno.ENOMEM}:
            raise
        print(f"The system gives no more of what is needed to go on: {error.strerror}. {CLOSED}", file=sys.stderr)
        return FAILED


def _run(options: argparse.Namespace) -> int:
    printer = Printer(as_json=options.json, quiet=options.quiet)
    if options.command == "plan" and options.snapshot is not None:
        answer = histories.plan_from_file(options)
        printer.answer(answer, histories.plan_text(answer))
        return DONE
    if options.command in {"backtest", "sweep"}:
        # Here, not above: they need numpy, which no other command waits for.
        from rebalancer_gui.console import backtesting

        (backtesting.backtest if options.command == "backtest" else backtesting.run_sweep)(options, printer)
        return DONE
    if options.command == "licences":
        licences.run(printer, full=options.full)
        return DONE
    folder = data_folder(options.data_dir, throw_away=options.demo)
    try:
        if options.command == "doctor" and options.report:
            report = support.Reporter(folder)()
            printer.answer({"report": report}, report.rstrip())
            return DONE
        if options.command == "doctor":
            return DONE if doctor.run(folder, printer) else FAILED
        if options.command == "stop-all":
            accounts.stop_all(folder, printer)
            return DONE
        if options.command == "backup":
            backing_up.back_up(folder, options, printer)
            return DONE
        with folder:
            if options.command == "restore":
                backing_up.restore(folder, options, printer)
                return DONE
            return _run_on(folder, printer, options)
    finally:
        if options.demo:
            discard(folder)


def _run_on(folder: DataFolder, printer: Printer, options: argparse.Namespace) -> int:
    vaults = open_vaults(folder)
    book = account_book(folder, vaults)
    if options.account is not None:
        book.find(options.account)
    unlocked = unlock(vaults, options.passphrase_fd)
    if options.command == "run":
        if not unlocked:
            _tell_of_locked_keys(book, options.account)
        return _run_engine(folder, options, book, vaults)
    options.account = options.account or PAPER_ACCOUNT
    log = LogFile(folder.logs)
    log.start()
    try:
        if options.command == "settings":
            setting.run(options, settings_desk(SettingsFile(folder)), printer)
            return DONE
        if options.command == "notify":
            notifying.run(options, telling_desk(folder, vaults=vaults), printer)
            return DONE
        desk = Desk(options, folder, printer, vaults, book)
        asyncio.run(_interruptible(desk))
    finally:
        log.stop()
    if desk.interruption.came:
        print(INTERRUPTED, file=sys.stderr)
        return FAILED
    return DONE


async def _interruptible(desk: Desk) -> None:
    """SIGINT and SIGTERM begin nothing more, book what is on its way, and close in order."""
    on_signals(asyncio.get_running_loop(), desk.interruption.come)
    await _one_command(desk)


async def _one_command(desk: Desk) -> None:
    match desk.options.command:
        case "strategy":
            await strategies.run(desk)
        case "account":
            await accounts.run(desk)
        case "history":
            await histories.history(desk)
        case "resume-all":
            await accounts.resume_all(desk)
        case "plan":
            answer = await histories.plan_on_account(desk)
            desk.printer.answer(answer, histories.plan_text(answer))
        case unknown:
            raise InvalidInput("", f"There is no command {unknown}.")


def _tell_of_locked_keys(book: AccountBook, only: str | None) -> None:
    """Nobody gave the passphrase: what is kept behind it stays where it is, and nothing is sent for those accounts."""
    for record in book.records():
        locked = record.key is not None and record.key.place is Place.PASSPHRASE
        if locked and only in {None, record.name}:
            print(
                f"The key of {record.name} is in the vault, which is locked: nothing is sent for it. {HOW}",
                file=sys.stderr,
            )


def _run_engine(folder: DataFolder, options: argparse.Namespace, book: AccountBook, vaults: Vaults) -> int:
    demo = DemoOptions(options.demo_seed, options.demo_start, options.demo_speed)
    log = LogFile(folder.logs)
    log.start()
    try:
        headless = Headless(
            create_demo=options.create_demo, quiet=options.quiet, as_json=options.json, until=options.until
        )
        desk = telling_desk(folder, vaults=vaults)
        return headless.run(engine_factory(folder, demo, book, only=options.account, desk=desk))
    finally:
        log.stop()


if __name__ == "__main__":
    sys.exit(main())
