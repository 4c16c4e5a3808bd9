"""``rebalancer history ...`` and ``rebalancer plan``: what only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rebalancer_gui.adapters.sheet_files import CsvFiles
from rebalancer_gui.application.account import Account
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.record_commands import ExportRecords, Sheet
from rebalancer_gui.application.record_export import Exported, export
from rebalancer_gui.application.record_stream import Source, rows_of
from rebalancer_gui.application.records import RecordFilter
from rebalancer_gui.console import answers
from rebalancer_gui.console.doing import Desk, find, read_input
from rebalancer_gui.console.output import lines, table
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.plan_answer import plan_answer
from rebalancer_gui.domain.snapshot_file import PlanSnapshot, parse_snapshot
from rebalancer_gui.domain.strategy import HeldCoin, StrategyParameters
from rebalancer_gui.domain.strategy_file import parse_strategy
from rebalancer_gui.domain.tax_lots import LotMethod

_TAX_COLUMNS = {
    Sheet.LOTS: ("date_sold", "event", "coin", "quantity", "date_acquired", "proceeds", "cost", "gain", "currency", "strategy"),
    Sheet.TRANSACTIONS: (
        "date", "sent_amount", "sent_currency", "received_amount", "received_currency", "fee_amount", "fee_currency", "label",
    ),
    Sheet.COINTRACKER: (
        "date", "received_quantity", "received_currency", "sent_quantity", "sent_currency", "fee_amount", "fee_currency",
    ),
}  # fmt: skip
_KINDS: dict[str, tuple[HistoryKind, Callable[[Any], answers.Json], tuple[str, ...]]] = {
    "orders": (
        HistoryKind.ORDERS,
        answers.order_answer,
        ("time", "strategy", "symbol", "side", "type", "quantity", "price", "filled", "average", "cost", "status"),
    ),
    "fills": (
        HistoryKind.FILLS,
        answers.fill_answer,
        ("time", "strategy", "trade_id", "symbol", "side", "quantity", "price", "fee_amount", "fee_asset"),
    ),
    "rebalances": (
        HistoryKind.REBALANCES,
        answers.rebalance_answer,
        ("time", "strategy", "id", "reason", "outcome", "worst_drift", "message"),
    ),
    "transfers": (
        HistoryKind.TRANSFERS,
        answers.transfer_answer,
        ("time", "strategy", "kind", "asset", "amount"),
    ),
    "fees": (
        HistoryKind.FEES,
        answers.fee_answer,
        ("time", "strategy", "trade_id", "fee_amount", "fee_asset", "refunded", "bnb_paid", "saved", "note"),
    ),
    "journal": (HistoryKind.JOURNAL, answers.journal_answer, ("time", "strategy", "kind", "text")),
}


async def history(desk: Desk) -> None:
    """One list, oldest first, or what of it goes into a tax tool; as it is, or into a file. Raises RebalancerError."""
    options = desk.options
    sheet = Sheet(options.kind)
    async with desk.session() as session:
        account = session.runner.account
        chosen = RecordFilter(
            find(session, options.strategy).id if options.strategy else None,
            options.coin,
            options.word,
            options.since,
            options.until,
        )
        if options.csv is not None:
            wish = ExportRecords("", account.name, sheet, Path(options.csv), chosen, LotMethod(options.method))
            written = await export(account, wish, CsvFiles(), _untold)
            answer = {"file": options.csv, "rows": str(written.rows), "unknown_cost": str(written.unknown)}
            desk.printer.answer(answer, _said(written, options.csv))
            return
        if sheet.value in _KINDS:
            kind, to_answer, columns = _KINDS[sheet.value]
            source = Source(account.store, account.venue.clock, _untold)
            rows = [to_answer(row) async for row in rows_of(source, kind, chosen)]
        else:
            columns = _TAX_COLUMNS[sheet]
            collected = CollectedSheet()
            wish = ExportRecords("", account.name, sheet, Path(), chosen, LotMethod(options.method))
            await export(account, wish, collected, _untold)
            rows = collected.answers
    desk.printer.rows(rows, columns, f"There are no {options.kind}.")


def _untold(rows: int) -> None:
    """A console command is short: nobody waits for its progress."""


def _said(written: Exported, file: str) -> str:
    text = f"{written.rows} rows were written into {file}."
    if written.unknown:
        text += f" Of {written.unknown} of them the cost is not known: look at the column cost."
    return text


class CollectedSheet:
    """A sheet that is printed instead of written: `application.record_port.SheetWriter` and its file."""

    def __init__(self) -> None:
        self._rows: list[Sequence[str]] = []

    @property
    def answers(self) -> list[answers.Json]:
        """An object for each row, named by the header's words; nothing in a cell is null."""
        head, *rows = self._rows
        names = [name.lower().replace(" ", "_") for name in head]
        return [{name: cell or None for name, cell in zip(names, row, strict=True)} for row in rows]

    def begin(self, _path: Path) -> CollectedSheet:
        return self

    def write(self, rows: Iterable[Sequence[str]]) -> None:
        self._rows += rows

    def finish(self) -> None:
        """It is complete."""

    def close(self) -> None:
        """Nothing is open."""


def plan_from_file(options: Any) -> answers.Json:  # noqa: ANN401 - argparse's namespace
    """``plan FILE --snapshot SNAPSHOT``: no account, no network. Raises InvalidInput."""
    parameters = parse_strategy(read_input(options.file)).parameters
    return _answer(options, parameters, parse_snapshot(read_input(options.snapshot, "snapshot")))


async def plan_on_account(desk: Desk) -> answers.Json:
    """``plan FILE`` at the account's present quotes, for a strategy that has nothing but its investment."""
    parameters = parse_strategy(read_input(desk.options.file)).parameters
    async with desk.session() as session:
        account = session.runner.account
        unknown = [symbol.partition("/")[0] for symbol in parameters.symbols if symbol not in account.rules]
        if unknown:
            coins = ", ".join(unknown)
            raise InvalidInput("coins", f"{coins} does not trade in {parameters.quote} on this account.")
        given = PlanSnapshot(dict(account.quotes), {}, parameters.investment, dict(account.rules), account.fees)
    return _answer(desk.options, parameters, given)


def plan_for(account: Account, parameters: StrategyParameters, held: Sequence[HeldCoin] = ()) -> answers.Json:
    """The plan of the first build of ``parameters``, all of whose coins trade, with the coins it starts from (``held``), at
    the account's present quotes.
    """
    holdings = {coin.asset: coin.quantity for coin in held}
    given = PlanSnapshot(dict(account.quotes), holdings, parameters.investment, dict(account.rules), account.fees)
    return plan_answer(parameters, given, None)


def _answer(options: Any, parameters: StrategyParameters, given: PlanSnapshot) -> answers.Json:  # noqa: ANN401
    if options.most_overweight and options.remove is None:
        raise InvalidInput("most_overweight", "It says how a removal is split: it stands with --remove only.")
    if options.remove is not None:
        method = RemovalMethod.MOST_OVERWEIGHT if options.most_overweight else RemovalMethod.BY_WEIGHT
        return plan_answer(parameters, given, options.remove, method)
    return plan_answer(parameters, given, options.add)


def plan_text(answer: answers.Json) -> str:
    """The plan for people."""
    text = lines({k: v for k, v in answer.items() if k not in {"legs", "skipped", "after"}})
    legs, skipped, after = answer["legs"], answer["skipped"], answer["after"]
    if isinstance(legs, list) and legs:
        text += "\n\n" + table(legs, ("asset", "symbol", "side", "quantity", "limit_price", "notional"))
    if isinstance(skipped, list) and skipped:
        text += "\n\nskipped\n" + table(skipped, ("asset", "reason", "shortfall"))
    if isinstance(after, dict):
        rows = [{"asset": asset, **row} for asset, row in after.items()]
        text += "\n\nafter\n" + table(rows, ("asset", "quantity", "weight"))
    return text
