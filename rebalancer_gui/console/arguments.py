"""The words of the command line. Global options may stand before or after the command."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from rebalancer_gui.adapters.installation import version
from rebalancer_gui.adapters.market_data.first_start import MAX_SEED
from rebalancer_gui.console import held
from rebalancer_gui.console.data_words import add_backup, add_settings
from rebalancer_gui.console.notifying import SWITCHES, VALUES
from rebalancer_gui.domain.hostile_json import plain_number
from rebalancer_gui.domain.money import HUNDRED
from rebalancer_gui.domain.tax_lots import LotMethod

MIN_SPEED, MAX_SPEED = 1, 86_400
LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)
HISTORIES = ("orders", "fills", "rebalances", "transfers", "fees", "journal")


TAX_SHEETS = ("lots", "transactions", "cointracker")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, ``field: what``, as for any other bad input (exit code 2)."""

    def error(self, message: str) -> NoReturn:
        match = re.match(r"argument ([^:]+): (.*)", message, re.DOTALL)
        if match is None:
            self.exit(2, f"{self.prog}: {message}. Try {self.prog} --help\n")
        field = match[1].rpartition("/")[2].lstrip("-").lower().replace("-", "_")
        self.exit(2, f"{field}: {match[2]}\n")


class _Version(argparse.Action):
    """Looks the version up when it is asked for, and not at each start."""

    def __call__(self, parser: argparse.ArgumentParser, *_rest: object) -> NoReturn:
        print(f"{parser.prog} {version() or 'of an unknown version'}")
        parser.exit()


def build_parser() -> _Parser:
    """All commands; ``options.run(options)`` is not here: cli.py knows what belongs to ``options.command``."""
    shared = _shared_options(argparse.SUPPRESS)
    parser = _Parser(
        prog="rebalancer",
        description="Keeps a basket of coins at chosen weights: the program without a window.",
        parents=[_shared_options(None)],
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and end")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", parents=[shared], help="run the engine until Ctrl+C"))
    _add_strategy(commands.add_parser("strategy", help="create, look at and steer strategies"), shared)
    _add_account(commands.add_parser("account", help="look at the account; a paper account's money"), shared)
    _add_plan(commands.add_parser("plan", parents=[shared], help="calculate which orders a strategy would send now"))
    _add_backtest(
        commands.add_parser("backtest", parents=[shared], help="what a strategy would have done with candles")
    )
    _add_candles(commands.add_parser("sweep", parents=[shared], help="a backtest of every threshold and interval"))
    history = commands.add_parser("history", parents=[shared], help="orders, trades, rebalances and more, oldest first")
    history.add_argument("kind", choices=(*HISTORIES, *TAX_SHEETS))
    _add_history_filters(history)
    commands.add_parser("stop-all", parents=[shared], help="no new order on any account, also while the program runs")
    commands.add_parser("resume-all", parents=[shared], help="put every strategy back into its former state")
    _add_notify(commands.add_parser("notify", help="who is told when something happens, and of what"), shared)
    add_backup(
        commands.add_parser(
            "backup", parents=[shared], help="the whole data folder in one verified file, without keys"
        ),
        commands.add_parser("restore", parents=[shared], help="such a file back in its place; the old files are kept"),
    )
    add_settings(commands.add_parser("settings", help="what is chosen in Settings; export and import"), shared)
    check = commands.add_parser("doctor", parents=[shared], help="check versions, folders and files")
    check.add_argument(
        "--report", action="store_true", help="a report to send to those who help: no keys, names, amounts"
    )
    licences = commands.add_parser("licences", parents=[shared], help="what the program is made with, on which terms")
    licences.add_argument("--full", action="store_true", help="every licence text")
    return parser


def _shared_options(default: object) -> _Parser:
    """``default`` None: at the front, with the real defaults; SUPPRESS: behind the command, where they may be left out."""
    front = default is None
    options = _Parser(add_help=False)
    group = options.add_argument_group("options of every command")
    keep = {} if front else {"default": argparse.SUPPRESS}

    def add(name: str, text: str, **more: object) -> None:
        group.add_argument(name, help=text, **(more | keep))  # type: ignore[arg-type]

    add("--data-dir", "where everything is stored (default: your data folder)", type=_folder, metavar="DIR")
    add("--account", "the account (default: paper; run: all)", metavar="NAME")
    add(
        "--passphrase-fd",
        "read the passphrase of the vault of keys from this file descriptor",
        type=_descriptor,
        metavar="N",
    )
    add("--json", "answer in JSON (docs/files.md)", action="store_true")
    add("--quiet", "print errors only", action="store_true")
    add("--demo", "use a throw-away data folder", action="store_true")
    add("--demo-seed", "seed of a new demo market", type=_seed, metavar="N")
    add("--demo-speed", "market seconds per second, 1 to 86400", type=_speed, metavar="X")
    add("--demo-start", "first day of a new demo market, YYYY-MM-DD", type=_day, metavar="DATE")
    return options


def _add_history_filters(history: _Parser) -> None:
    add = history.add_argument
    add("--strategy", metavar="ID", help="of one strategy only: its id, the start of it, or its name")
    add("--coin", type=str.upper, default="", metavar="COIN", help="of one coin only")
    add(
        "--word",
        default="",
        metavar="WORD",
        help="only those orders in this state, rebalances with this outcome, transfers or sentences of this kind, trades of this "
        "side, lots of this event",
    )
    add("--from", dest="since", type=_moment, metavar="TIME", help="from then on: YYYY-MM-DD[THH:MM[:SS]], UTC")
    add("--to", dest="until", type=_moment, metavar="TIME", help="before then")
    add("--method", choices=[str(m) for m in LotMethod], default=str(LotMethod.FIFO), help="which lots a sale takes")
    add("--csv", metavar="FILE", help="write them into a CSV file instead")


def _add_run(run: _Parser) -> None:
    run.add_argument("--create-demo", action="store_true", help="create a demo strategy when there is none")
    run.add_argument(
        "--until",
        type=_moment,
        metavar="TIME",
        help="stop safely when market time gets there: YYYY-MM-DD[THH:MM[:SS]], UTC",
    )


def _add_strategy(parser: _Parser, shared: _Parser) -> None:
    words = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, text: str, *, on_one: bool = True) -> _Parser:
        made = words.add_parser(name, parents=[shared], help=text)
        if on_one:
            made.add_argument("id", metavar="ID", help="its id, the start of it, or its name")
        return made

    create = action("create", "create and build a strategy from a file", on_one=False)
    create.add_argument("file", metavar="FILE", help="a strategy file; - is standard input")
    held.add_options(create)
    action("list", "all strategies", on_one=False)
    action("show", "one strategy")
    add = action("add-funds", "add money from the free pool, then rebalance")
    add.add_argument("amount", type=_amount, metavar="AMOUNT")
    remove = action("remove-funds", "sell and give money back to the free pool")
    remove.add_argument("amount", type=_amount, metavar="AMOUNT")
    remove.add_argument("--most-overweight", action="store_true", help="sell the most overweight coins first")
    action("change-coins", "other coins or weights, from a file").add_argument("file", metavar="FILE")
    action("edit", "another rule, name or levels, from a file").add_argument("file", metavar="FILE")
    action("export", "write its strategy file")
    action("pause", "no new orders until it is resumed")
    action("resume", "go on after a pause or a halt")
    action("rebalance", "rebalance now")
    stop = action("stop", "end it (without a flag: as chosen before)")
    how = stop.add_mutually_exclusive_group()
    how.add_argument("--sell-all", action="store_true", help="sell every coin")
    how.add_argument("--keep", action="store_true", help="give the coins back to the free pool")
    action("book-loss", "book what is missing at the exchange as gone")
    order = action("order", "an order that is yours to decide: what was found out; adopt or discard it")
    order.add_argument("client_order_id", metavar="CLIENT_ORDER_ID", help="as in `history orders`")
    decision = order.add_mutually_exclusive_group()
    decision.add_argument("--adopt", metavar="VENUE_ORDER_ID", help="it is this order of the exchange: book its trades")
    decision.add_argument("--discard", action="store_true", help="it never was: give back what is set aside for it")


def _add_account(parser: _Parser, shared: _Parser) -> None:
    words = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    words.add_parser("show", parents=[shared], help="free pool, ledgers, and what the venue holds")
    words.add_parser("list", parents=[shared], help="all accounts")
    new = words.add_parser(
        "add", parents=[shared], help="add an account; key, secret and passphrase are asked for, or read from stdin"
    )
    new.add_argument("--name", required=True, metavar="NAME", help="what it is called here")
    new.add_argument(
        "--venue", required=True, metavar="VENUE", help="the exchange: binance, kraken, ... (ccxt's names)"
    )
    new.add_argument("--api-url", metavar="URL", help="an address of your own in place of the exchange's")
    new.add_argument(
        "--quote", type=str.upper, default="", metavar="MONEY", help="of a paper account (default: the exchange's own)"
    )
    new.add_argument(
        "--start-money",
        type=_amount,
        metavar="AMOUNT",
        help="play money of a paper account (default: about what 10,000 dollars are)",
    )
    new.add_argument("--sandbox", action="store_true", help="the exchange's environment to practise in")
    words.add_parser("key", parents=[shared], help="another key for an account; it is read as with `add`").add_argument(
        "name", metavar="NAME", help="the account"
    )
    words.add_parser("test", parents=[shared], help="what the exchange says about an account's key").add_argument(
        "name", metavar="NAME", help="the account"
    )
    gone = words.add_parser("remove", parents=[shared], help="forget its key; its files are kept as a backup")
    gone.add_argument("name", metavar="NAME", help="the account")
    gone.add_argument("--yes", action="store_true", help="do not ask")
    for name, text in (("deposit", "bring play money in"), ("withdraw", "take play money out")):
        made = words.add_parser(name, parents=[shared], help=text)
        made.add_argument("asset", type=str.upper, metavar="ASSET")
        made.add_argument("amount", type=_amount, metavar="AMOUNT")
    fees = words.add_parser("fees-with-bnb", parents=[shared], help="pay fees with BNB: on or off")
    fees.add_argument("switch", choices=("on", "off"))
    trading = words.add_parser(
        "trading", parents=[shared], help="on (by approval or automatic) or off (watch only); `on` asks for the name"
    )
    trading.add_argument("name", metavar="NAME", help="the account")
    trading.add_argument("switch", choices=("on", "off"))
    mode = trading.add_mutually_exclusive_group()
    mode.add_argument("--approve", action="store_true", help="each rebalance is proposed in the window")
    mode.add_argument("--auto", action="store_true", help="a rebalance is sent when its rule triggers (the default)")
    _add_no_withdraw(trading)
    trading.add_argument("--max-order", type=_amount, metavar="A", help="largest order, in the account's money")
    contact = words.add_parser(
        "contact",
        parents=[shared],
        help="first contact with an exchange: buy the smallest legal amount and sell it back",
    )
    contact.add_argument("name", metavar="NAME", help="the account")
    contact.add_argument("--symbol", type=str.upper, help="the market, e.g. BTC/USDT (default: the cheapest)")
    _add_no_withdraw(contact)
    contact.add_argument("--yes", action="store_true", help="do not ask")
    renamed = words.add_parser("accept-rename", parents=[shared], help="a coin got a new name: take it over")
    renamed.add_argument("old", type=str.upper, metavar="OLD")
    renamed.add_argument("new", type=str.upper, metavar="NEW")
    market = words.add_parser(
        "market", parents=[shared], help="halt, reopen, delist or rename a coin of a paper account"
    )
    market.add_argument("event", choices=("halt", "reopen", "delist", "rename"))
    market.add_argument("asset", type=str.upper, metavar="ASSET")
    market.add_argument("new_name", nargs="?", default="", type=str.upper, metavar="NEW_NAME")
    reset = words.add_parser(
        "reset", parents=[shared], help="begin the paper account anew; the old one is kept as a backup"
    )
    reset.add_argument("--yes", action="store_true", help="do not ask")
    restore = words.add_parser(
        "restore", parents=[shared], help="put a backup in the place of a damaged ledger; the old files are kept"
    )
    restore.add_argument("name", metavar="NAME", help="the account")
    source = restore.add_mutually_exclusive_group()
    source.add_argument("--backup", type=Path, metavar="FILE", help="this one (default: the newest that is good)")
    source.add_argument(
        "--new-ledger", action="store_true", help="begin a new ledger with what the exchange holds instead"
    )
    source.add_argument(
        "--set-aside", action="store_true", help="take the damaged account off the list; all its files are kept"
    )
    restore.add_argument("--yes", action="store_true", help="do not ask")


def _add_no_withdraw(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-withdraw",
        action="store_true",
        help="you have looked at the exchange that the key may not withdraw (needed where the exchange does not tell)",
    )


def _add_notify(parser: _Parser, shared: _Parser) -> None:
    words = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    words.add_parser("list", parents=[shared], help="channels and what is told")
    add = words.add_parser("add", parents=[shared], help="a new channel; asks for its address, or reads it from stdin")
    add.add_argument("--name", default="", metavar="NAME", help="what it is called (default: its service)")
    remove = words.add_parser("remove", parents=[shared], help="take a channel away, and its address from the vault")
    remove.add_argument("channel", metavar="NAME")
    test = words.add_parser("test", parents=[shared], help="send a test message")
    test.add_argument(
        "channel", nargs="?", metavar="NAME", help="there only; desktop is the desktop (default: everywhere)"
    )
    change = words.add_parser("set", parents=[shared], help="switch what is told on or off, or change a limit")
    change.add_argument("what", choices=(*SWITCHES, *VALUES), metavar="WHAT", help=", ".join((*SWITCHES, *VALUES)))
    change.add_argument("value", metavar="VALUE", help="on or off; hours; BNB")


def _add_plan(plan: _Parser) -> None:
    plan.add_argument("file", metavar="FILE", help="a strategy file; - is standard input")
    plan.add_argument(
        "--snapshot", metavar="SNAPSHOT", help="quotes, holdings and rules from a file instead of an account"
    )
    flow = plan.add_mutually_exclusive_group()
    flow.add_argument("--add", type=_amount, metavar="AMOUNT")
    flow.add_argument("--remove", type=_amount, metavar="AMOUNT")
    plan.add_argument("--most-overweight", action="store_true", help="with --remove: the most overweight coins first")


def _add_backtest(parser: _Parser) -> None:
    _add_candles(parser)
    parser.add_argument("--equity", metavar="FILE", help="write the curve of value and HODL to this CSV file")


def _add_candles(parser: _Parser) -> None:
    parser.add_argument("file", metavar="FILE", help="a strategy file; - is standard input")
    parser.add_argument(
        "--candles",
        required=True,
        action="append",
        metavar="CSV",
        help="candles: a file, or a folder of them; may be repeated",
    )
    parser.add_argument("--fee", type=_fee, default=Decimal("0.1"), help="of each trade in percent (default: 0.1)")
    parser.add_argument(
        "--fee-side", choices=("received", "quote"), default="received", help="what it is taken in (default: received)"
    )
    parser.add_argument(
        "--min-notional", type=_minimum, default=Decimal(10), metavar="A", help="smallest order (default: 10; 0: none)"
    )
    parser.add_argument("--flows", metavar="CSV", help="money put in and taken out: time,amount (minus = taken out)")
    parser.add_argument(
        "--from",
        dest="start",
        type=_moment,
        metavar="TIME",
        help="first candle, by its opening: YYYY-MM-DD[THH:MM[:SS]], UTC",
    )
    parser.add_argument(
        "--to", dest="end", type=_end, metavar="TIME", help="last candle; a day without a time is meant whole"
    )


def _fee(text: str) -> Decimal:
    amount = plain_number(text)
    if amount is None or not 0 <= amount < HUNDRED:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no fee: percent from 0 to under 100, such as 0.1")
    return amount


def _minimum(text: str) -> Decimal:
    amount = _amount(text)
    if amount < 0:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no smallest order: 0 or more")
    return amount


def _end(text: str) -> datetime:
    at = _moment(text)
    is_day = len(text) == len("2021-01-01") and at < LAST_DAY
    return at + timedelta(days=1) - timedelta(microseconds=1) if is_day else at


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("an empty name is no folder")
    return Path(text)


def _amount(text: str) -> Decimal:
    amount = plain_number(text)
    if amount is None:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no amount: plain decimal notation such as 250 or 12.5")
    return amount


def _descriptor(text: str) -> int:
    return _whole(text, "file descriptor", 0, 1_000_000)


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
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no date: YYYY-MM-DD") from None


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no time: YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, UTC") from None
    if at.tzinfo is not None and at.utcoffset() != timedelta(0):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not UTC")
    return at.replace(tzinfo=UTC)
