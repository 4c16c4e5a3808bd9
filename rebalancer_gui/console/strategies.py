"""``rebalancer strategy ...``: each opens the account, carries its action out, prints what came of it."""

from __future__ import annotations

from dataclasses import replace

from rebalancer_gui.application.commands import (
    AcceptShortage,
    AddFunds,
    ChangeCoins,
    Command,
    CreateStrategy,
    EditStrategy,
    PauseStrategy,
    RebalanceNow,
    RemoveFunds,
    ResumeStrategy,
    StopStrategy,
)
from rebalancer_gui.application.creation import taken_names
from rebalancer_gui.application.events import StrategyCreated
from rebalancer_gui.application.session import Session
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.console import undecided
from rebalancer_gui.console.answers import action_answer, strategy_answer
from rebalancer_gui.console.doing import Desk, ask_person, find, read_input
from rebalancer_gui.console.held import held_coins
from rebalancer_gui.console.histories import plan_for, plan_text
from rebalancer_gui.console.output import lines, table
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.creation import problems_with
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.hostile_json import refuse_if
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.planning import SkippedLeg
from rebalancer_gui.domain.strategy import HeldCoin, StrategyParameters, Target, TradingMode
from rebalancer_gui.domain.strategy_file import parse_strategy, write_strategy

_LIST = ("id", "name", "state", "value", "net_invested", "profit_percent", "vs_hodl", "rebalances")
_COINS = ("asset", "quantity", "average_cost", "price", "value", "weight", "target", "drift")
_LEGS = ("asset", "side", "quantity", "price", "filled", "outcome", "detail")


async def run(desk: Desk) -> None:
    """The action of ``desk.options``. Raises RebalancerError."""
    match desk.options.action:
        case "create":
            await _create(desk)
        case "list":
            async with desk.session() as session:
                answers = [strategy_answer(view) for view in session.strategies()]
            desk.printer.rows(answers, _LIST, "There are no strategies.")
        case "show":
            async with desk.session() as session:
                _show(desk, find(session, desk.options.id))
        case "export":
            async with desk.session() as session:
                desk.printer.raw(_file_of(find(session, desk.options.id)))
        case "order":
            await undecided.order(desk)
        case _:
            await _act(desk)


async def _create(desk: Desk) -> None:
    file = parse_strategy(read_input(desk.options.file))
    parameters = file.parameters
    if not file.sell_all_given:
        parameters = replace(parameters, sell_all_on_stop=_ask_sell_all())
    options = desk.options
    if options.investment is not None:
        parameters = replace(parameters, investment=options.investment)
    async with desk.session() as session:
        account = session.runner.account
        coins = held_coins(options.hold, account.wallet.free)
        symbols = (symbol_of(coin.asset, parameters.quote) for coin in coins)
        await session.runner.following.know((*parameters.symbols, *symbols))
        _refuse_with_every_problem(session, parameters, coins)
        if options.preview or account.trading is TradingMode.WATCH:
            answer = plan_for(account, parameters, coins)
            desk.printer.answer(answer, plan_text(answer))
        if options.preview:
            return
        command = CreateStrategy(session.next_id(), account.name, parameters, coins, not options.build_nothing)
        events = await session.ask(command)
        created = next(e for e in events if isinstance(e, StrategyCreated))
        await session.carry_out(created.strategy_id)
        view = find(session, created.strategy_id)
    answer = {"id": view.id, "state": view.state.value}
    desk.printer.answer(answer, f"{view.parameters.name} was created as {view.id}: {view.state.value}.")


def _refuse_with_every_problem(session: Session, parameters: StrategyParameters, held: tuple[HeldCoin, ...]) -> None:
    """Create itself tells the first thing that is wrong. Raises InvalidFile with all."""
    account = session.runner.account
    refuse_if(
        problems_with(
            parameters,
            taken_names=taken_names(account),
            free=account.wallet.free,
            rules=account.rules,
            quotes=account.quotes,
            held=held,
        )
    )


def _ask_sell_all() -> bool:
    said = ask_person("Sell all coins when the strategy is stopped? (yes/no)")
    if said is None:
        text = "the file does not say what Stop does with the coins: true sells them, false gives them back to the free pool"
        raise InvalidInput("sell_all_on_stop", text)
    if said.casefold() in {"y", "yes"}:
        return True
    if said.casefold() in {"n", "no"}:
        return False
    raise InvalidInput("sell_all_on_stop", f"{said!r} is neither yes nor no")


def _show(desk: Desk, view: StrategyView) -> None:
    answer = strategy_answer(view)
    coins = answer["coins"]
    plain = {name: value for name, value in answer.items() if name != "coins"}
    text = lines(plain)
    if isinstance(coins, list) and coins:
        text = f"{text}\n\n{table(coins, _COINS)}"
    desk.printer.answer(answer, text)


async def _act(desk: Desk) -> None:
    async with desk.session() as session:
        view = find(session, desk.options.id)
        await session.ask(_command(desk, session, view))
        records = await session.carry_out(view.id)
        after = find(session, view.id)
    answer = action_answer(after, records)
    said = [f"{after.parameters.name}: {after.state.value}{f' ({after.reason})' if after.reason else ''}"]
    said.extend(f"{r.reason}: {r.outcome.value}{f'. {r.message}' if r.message else ''}" for r in records)
    rebalance = answer["rebalance"]
    if isinstance(rebalance, dict) and rebalance["legs"]:
        said.append(table(rebalance["legs"], _LEGS))
    said.extend(_skipped(leg) for leg in (records[-1].skipped if records else ()))
    desk.printer.answer(answer, "\n".join(said))


def _skipped(leg: SkippedLeg) -> str:
    short = f", {plain(leg.shortfall)} short" if leg.shortfall > ZERO else ""
    return f"{leg.asset} skipped: {leg.why}{short}"


def _command(desk: Desk, session: Session, view: StrategyView) -> Command:
    options, new_id = desk.options, session.next_id()
    match options.action:
        case "add-funds":
            return AddFunds(new_id, view.id, options.amount)
        case "remove-funds":
            method = RemovalMethod.MOST_OVERWEIGHT if options.most_overweight else RemovalMethod.BY_WEIGHT
            return RemoveFunds(new_id, view.id, options.amount, method)
        case "change-coins":
            return ChangeCoins(new_id, view.id, _coins_of(desk, view))
        case "edit":
            return EditStrategy(new_id, view.id, _edited(desk, view))
        case "pause":
            return PauseStrategy(new_id, view.id)
        case "resume":
            return ResumeStrategy(new_id, view.id)
        case "rebalance":
            return RebalanceNow(new_id, view.id)
        case "book-loss":
            return AcceptShortage(new_id, view.id)
        case "stop":
            chosen = view.parameters.sell_all_on_stop
            return StopStrategy(new_id, view.id, sell_all=options.sell_all or (chosen and not options.keep))
    raise InvalidInput("", f"There is no action {options.action}.")


def _file_of(view: StrategyView) -> str:
    return write_strategy(view.parameters, view.score.net_invested)


def _coins_of(desk: Desk, view: StrategyView) -> tuple[Target, ...]:
    """Only coins and weights of the file count; weights of other money would be something else."""
    wanted = parse_strategy(read_input(desk.options.file)).parameters
    money = view.parameters.quote
    if wanted.quote != money:
        name = view.parameters.name
        raise InvalidInput("quote", f"The money of a strategy cannot be changed: {name} is held in {money}.")
    return wanted.targets


def _edited(desk: Desk, view: StrategyView) -> StrategyParameters:
    """What the file says; its investment is that of the start, which cannot be edited, so any is taken as that."""
    file = parse_strategy(read_input(desk.options.file))
    keeps = view.parameters.sell_all_on_stop
    sell_all = file.parameters.sell_all_on_stop if file.sell_all_given else keeps
    return replace(file.parameters, investment=view.parameters.investment, sell_all_on_stop=sell_all)
