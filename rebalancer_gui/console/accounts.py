"""``rebalancer account ...``, ``stop-all`` and ``resume-all``."""

from __future__ import annotations

import sys
from decimal import Decimal

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.paper_reset import begin_anew
from rebalancer_gui.adapters.storage.stop_file import StopFile
from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.application.commands import (
    AcceptRename,
    ChangePaperMarket,
    Command,
    PaperTransfer,
    ResumeTrading,
    SetPayFeesWithBnb,
)
from rebalancer_gui.application.connection import mode_of, whose_money
from rebalancer_gui.application.fee_pool import fee_pool
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.application.safety_commands import GoLive, SetRails, SetTradingMode
from rebalancer_gui.application.session import Session
from rebalancer_gui.console import going_live, registering
from rebalancer_gui.console.answers import Json, account_answer
from rebalancer_gui.console.doing import Desk, ask_person, read_line
from rebalancer_gui.console.output import Printer, lines
from rebalancer_gui.console.restoring import restore
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, RebalancerError, VenueError
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.rails import AccountKind, Rail
from rebalancer_gui.domain.risk import RISK_TEXT, RISK_VERSION
from rebalancer_gui.domain.strategy import HaltKind, TradingMode


async def run(desk: Desk) -> None:
    """The action of ``desk.options``. Raises RebalancerError."""
    match desk.options.action:
        case "show":
            async with desk.session() as session:
                answer = await _account(desk, session)
            desk.printer.answer(answer, lines(answer))
        case "list":
            registering.list_accounts(desk)
        case "add":
            await registering.add(desk)
        case "key":
            await registering.change_key(desk)
        case "test":
            await registering.test(desk)
        case "remove":
            registering.remove(desk)
        case "reset":
            await _reset(desk)
        case "trading":
            await _trading(desk)
        case "contact":
            await going_live.contact(desk)
        case "restore":
            await restore(desk)
        case _:
            await _act(desk)


async def _account(desk: Desk, session: Session) -> Json:
    account = session.runner.account
    spec = desk.book.find(account.name).venue
    held = {asset: balance.total for asset, balance in (await account.venue.balances()).items()}
    answer = account_answer(
        session.view(),
        spec.venue if spec is not None else account.venue.name,
        dict(account.wallet.balances()),
        held,
        dict(account.shortages),
    )
    pool = {asset: plain(amount) for asset, amount in fee_pool(account).items()}
    return {**answer, "fee_pool": pool} if pool else answer


async def _act(desk: Desk) -> None:
    options = desk.options
    async with desk.session() as session:
        new_id, account = session.next_id(), options.account
        command: Command
        match options.action:
            case "deposit" | "withdraw":
                amount: Decimal = options.amount
                if amount <= ZERO:
                    raise InvalidInput("amount", "The amount must be above 0.")
                signed = amount if options.action == "deposit" else -amount
                command = PaperTransfer(new_id, account, options.asset, signed)
            case "accept-rename":
                command = AcceptRename(new_id, account, options.old, options.new)
            case "fees-with-bnb":
                command = SetPayFeesWithBnb(new_id, account, options.switch == "on")
            case _:
                command = ChangePaperMarket(
                    new_id, account, MarketEvent(options.event), options.asset, options.new_name
                )
        await session.ask(command)
        answer = await _account(desk, session)
    desk.printer.answer(answer, lines(answer))


async def _trading(desk: Desk) -> None:
    """Switch trading on, with the account's name typed once more, or off. Nothing is changed where a part is refused."""
    options = desk.options
    name: str = options.name
    record = desk.book.find(name)
    options.account = name
    on = options.switch == "on"
    if not on and (options.approve or options.auto or options.max_order is not None):
        raise InvalidInput("trading", "--approve, --auto and --max-order stand with on only.")
    live = record.kind is AccountKind.LIVE
    if on and record.venue is not None and live:
        money = whose_money(mode_of(record.venue))
        if options.max_order is None:
            raise InvalidInput(
                "max_order", f"{name} trades with {money}: say with --max-order what one order may be worth."
            )
        print(RISK_TEXT, file=sys.stderr)
    if on and read_line(f"Type the account's name ({name}) to switch trading on:") != name:
        raise InvalidInput("account", f"The name was not typed as it is: {name}. Nothing was changed.")
    mode = TradingMode.WATCH
    if on:
        mode = TradingMode.APPROVE if options.approve else TradingMode.AUTO
    async with desk.session() as session:
        rails = session.runner.account.rails.set
        if on and live:
            await session.ask(_go_live(desk, session.next_id(), mode))
        elif options.max_order is not None:
            values = {**rails.values, Rail.ORDER_CAP: options.max_order}
            await session.ask(SetRails(session.next_id(), name, values, rails.off))
        if not (on and live):
            await session.ask(SetTradingMode(session.next_id(), name, mode))
        answer = {"name": name, "mode": session.view().trading.value}
    desk.printer.answer(answer, lines(answer))


def _go_live(desk: Desk, command_id: str, mode: TradingMode) -> GoLive:
    options = desk.options
    name: str = options.name
    return GoLive(command_id, name, name, RISK_VERSION, options.max_order, mode, options.no_withdraw)


async def _reset(desk: Desk) -> None:
    record = desk.book.find(desk.options.account)
    if record.kind is AccountKind.LIVE:
        raise InvalidInput("account", f"{record.name} is at an exchange: only a paper account can begin anew.")
    if not desk.options.yes:
        said = ask_person("Begin the paper account anew? Its strategies end with it; a backup is kept. (yes/no)")
        if said is None:
            raise InvalidInput("account", "a reset needs --yes where nobody can be asked")
        if said.casefold() not in {"y", "yes"}:
            desk.printer.answer({"name": desk.options.account, "reset": False}, "Nothing was changed.")
            return
    kept = begin_anew(desk.folder, record.name, SystemClock().now())
    try:
        async with desk.session() as session:
            answer = await _account(desk, session)
    except VenueError as error:
        raise EnvironmentProblem(
            f"{record.name} begins anew at its next start; the old account is in {kept}. Now it cannot be opened: "
            f"{error.message}",
            error.advice,
        ) from error
    answer["backup"] = str(kept)
    desk.printer.answer(answer, f"{lines(answer)}")


def stop_all(folder: DataFolder, printer: Printer) -> None:
    """Write STOP: works while another instance runs, which obeys it at once. Raises EnvironmentProblem."""
    if not folder.path.is_dir():
        raise InvalidInput("data_dir", f"There is no data folder {folder.path}, so nothing runs there to be stopped.")
    stop = StopFile(folder.path)
    was_set = stop.is_set()
    stop.set()
    text = "Stop all was on already." if was_set else "Stop all is on: no new order is begun on any account."
    printer.answer({"stop_all": True, "was_on": was_set}, f"{text} `rebalancer resume-all` lifts it.")


async def resume_all(desk: Desk) -> None:
    """Lift Stop all and put every strategy back into its former state, account by account. Raises RebalancerError, after all
    accounts that can be opened were seen to: one whose exchange does not answer keeps its stop.
    """
    states: dict[str, str] = {}
    problems: list[RebalancerError] = []
    was_on = False
    for record in desk.book.records():
        desk.options.account = record.name
        try:
            on, found = await _resume(desk)
        except VenueError as error:
            problems.append(error)
            print(f"{record.name}: {error.message} Its strategies stay stopped.", file=sys.stderr)
            continue
        was_on, states = was_on or on, states | found
    for name, problem in desk.book.unreadable().items():
        problems.append(problem)
        print(f"{name}: {problem.message} Its strategies stay stopped.", file=sys.stderr)
    text = "Trading is resumed." if was_on else "Stop all was not on."
    desk.printer.answer({"stop_all": bool(problems), "was_on": was_on, "strategies": states}, text)
    if problems:
        raise problems[0]


async def _resume(desk: Desk) -> tuple[bool, dict[str, str]]:
    """One account: whether it was stopped, and the states of its strategies now."""
    async with desk.session() as session:
        was_on = session.runner.account.stop_all
        stopped = [view.id for view in session.view().strategies if view.halt is HaltKind.STOP_ALL]
        await session.ask(ResumeTrading(session.next_id()))
        for strategy_id in stopped:
            # What was in the middle of something goes on with it, as after `resume`.
            await session.carry_out(strategy_id)
        return was_on, {view.id: view.state.value for view in session.view().strategies if view.ended_at is None}
