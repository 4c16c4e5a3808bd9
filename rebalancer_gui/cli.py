"""``rebalancer``: the program without a window. Imports no Qt.

Exit codes: 0 done, 1 failed, 2 bad input, 3 another instance runs on the same data.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rebalancer_gui.adapters.logs import LogFile
from rebalancer_gui.adapters.market_data.first_start import MAX_SEED
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.bootstrap import PAPER_ACCOUNT, DemoOptions, data_folder, discard, engine_factory
from rebalancer_gui.domain.errors import AnotherInstance, InvalidInput, RebalancerError
from rebalancer_gui.headless import Headless

DONE, FAILED, BAD_INPUT, BUSY = 0, 1, 2, 3
MIN_SPEED, MAX_SPEED = 1, 86_400


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and answer the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except KeyboardInterrupt:
        # Ctrl+C before the engine listens to it, or after it has ended: nothing is on its way.
        return DONE
    except InvalidInput as error:
        print(f"{error.field}: {error.message}" if error.field else error.message, file=sys.stderr)
        return BAD_INPUT
    except AnotherInstance as error:
        print(f"{error.message} {error.advice}".strip(), file=sys.stderr)
        return BUSY
    except RebalancerError as error:
        print(f"{error.message} {error.advice}".strip(), file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rebalancer", description="Keeps a basket of coins at chosen weights.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run the engine without a window until Ctrl+C")
    run.add_argument(
        "--data-dir", type=_folder, metavar="DIR", help="where everything is stored (default: your data folder)"
    )
    run.add_argument("--account", default=PAPER_ACCOUNT, metavar="NAME", help="the account to run (default: paper)")
    run.add_argument("--demo", action="store_true", help="use a throw-away data folder")
    run.add_argument("--create-demo", action="store_true", help="create a demo strategy when there is none")
    run.add_argument("--quiet", action="store_true", help="print errors only")
    run.add_argument("--demo-seed", type=_seed, metavar="N", help="seed of a new demo market")
    run.add_argument("--demo-speed", type=_speed, metavar="X", help="market seconds per second, 1 to 86400")
    run.add_argument("--demo-start", type=_day, metavar="DATE", help="first day of a new demo market, YYYY-MM-DD")
    return parser


def _run(options: argparse.Namespace) -> int:
    if options.account != PAPER_ACCOUNT:
        raise InvalidInput("account", f"There is no account {options.account}; there is: {PAPER_ACCOUNT}.")
    demo = DemoOptions(options.demo_seed, options.demo_start, options.demo_speed)
    folder = data_folder(options.data_dir, throw_away=options.demo)
    try:
        with folder:
            return _run_engine(folder, demo, options)
    finally:
        if options.demo:
            discard(folder)


def _run_engine(folder: DataFolder, demo: DemoOptions, options: argparse.Namespace) -> int:
    log = LogFile(folder.logs)
    log.start()
    try:
        headless = Headless(create_demo=options.create_demo, quiet=options.quiet)
        return headless.run(engine_factory(folder, demo))
    finally:
        log.stop()


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("an empty name is no folder")
    return Path(text)


def _seed(text: str) -> int:
    return _whole(text, "seed", 0, MAX_SEED)


def _speed(text: str) -> int:
    return _whole(text, "speed", MIN_SPEED, MAX_SPEED)


def _whole(text: str, what: str, least: int, most: int) -> int:
    # The length first: Python refuses to read a number of thousands of digits with words of its own.
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)) or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no {what}: a whole number from {least} to {most}")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date: YYYY-MM-DD") from None


if __name__ == "__main__":
    sys.exit(main())
