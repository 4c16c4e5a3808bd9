"""``rebalancer history ...`` and ``rebalancer plan``: what only reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.commands import LoadHistory
from rebalancer_gui.application.events import HistoryPage
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.session import Session
from rebalancer_gui.console import answers
from rebalancer_gui.console.doing import Desk, find, read_input
from rebalancer_gui.console.output import lines, table
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.plan_answer import plan_answer
from rebalancer_gui.domain.snapshot_file import PlanSnapshot, parse_snapshot
from rebalancer_gui.domain.strategy import StrategyParameters
from rebalancer_gui.domain.strategy_file import parse_strategy

PAGE = 500
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
    """One list, oldest first. Raises RebalancerError."""
    kind, to_answer, columns = _KINDS[desk.options.kind]
    async with desk.session() as session:
        wanted = find(session, desk.options.strategy).id if desk.options.strategy else ""
        rows = await _all_rows(session, desk.options.account, kind, wanted)
    desk.printer.rows([to_answer(row) for row in rows], columns, f"There are no {desk.options.kind}.")


async def _all_rows(session: Session, account: str, kind: HistoryKind, strategy_id: str) -> list[Any]:
    rows: list[Any] = []
    before: int | None = None
    while True:
        asked = LoadHistory(session.next_id(), account, kind, strategy_id, before, PAGE)
        page = next(e for e in await session.read(asked) if isinstance(e, HistoryPage))
        rows.extend(page.rows)
        if not page.more:
            return rows[::-1]
        before = rows[-1].key


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


def plan_for(account: Account, parameters: StrategyParameters) -> answers.Json:
    """The plan of the first build of ``parameters``, all of whose coins trade, at the account's present quotes."""
    given = PlanSnapshot(dict(account.quotes), {}, parameters.investment, dict(account.rules), account.fees)
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
