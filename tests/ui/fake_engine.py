"""A scripted engine: takes the real commands, tells the real events, trades nothing but its own test account.

    engine = FakeEngine(sink)                # sink: called in the loop's thread
    asyncio.run(engine.main())               # or inside an EngineThread
    engine.post(command)                     # in the loop's thread
    engine.request_stop()                    # in the loop's thread

Every command is answered once, as commands.py promises. ``period`` (seconds) is the time between two account views,
None = a view only after a command, which keeps tests still. ``refuse`` maps a command type to the message with which
it is refused.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import assert_never

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.application.candle_commands import CandleCommand
from rebalancer_gui.application.market_commands import LoadCloses
from rebalancer_gui.application.preset_commands import DeletePreset, RefreshMarketCaps, RenamePreset, SavePreset
from rebalancer_gui.application.record_commands import RecordCommand
from rebalancer_gui.application.records import (
    EquitySample,
    Repair,
    TransferKind,
    TransferRow,
)
from rebalancer_gui.application.safety_commands import (
    ApproveProposal,
    BeginFirstContact,
    CheckConnection,
    DeclineProposal,
    GoLive,
    SetRails,
    SetTradingMode,
    TryAgain,
)
from rebalancer_gui.application.strategy_commands import LoadEnded
from rebalancer_gui.application.views import Chart, Preview
from rebalancer_gui.domain.creation import problems_with
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.planning import Plan, plan_rebalance
from rebalancer_gui.domain.protection import with_direction
from rebalancer_gui.domain.strategy import OCCUPYING, HaltKind, HeldCoin, State, StrategyParameters
from rebalancer_gui.domain.triggers import RebalanceReason
from tests.ui import fake_funds
from tests.ui.fake_candles import FakeCandles
from tests.ui.fake_live import carry_out_live
from tests.ui.fake_presets import FakePresets
from tests.ui.fake_quarantine import carry_out_quarantine
from tests.ui.fake_records import answer_records, history_page
from tests.ui.fake_safety import carry_out_safety
from tests.ui.paper_side import carry_out
from tests.ui.sample_account import SampleAccount, SampleStrategy, built, four_strategies
from tests.ui.sample_history import History, sample_history
from tests.ui.sample_market import FEES, MARKET_CAPS, market_rules, sample_closes


class FakeEngine:
    """See the module's text. The account, the history and the list of commands taken are open to tests."""

    def __init__(
        self,
        sink: Callable[[e.Event], None],
        *,
        account: SampleAccount | None = None,
        history: History | None = None,
        strategies: bool = True,
        period: float | None = None,
        refuse: Mapping[type, str] | None = None,
        failure: tuple[str, str] | tuple[str, str, tuple[Repair, ...]] | None = None,
    ) -> None:
        self.account = account or SampleAccount()
        if account is None and strategies:
            self.account.strategies = four_strategies(self.account.prices)
        self.history = history or (sample_history(self.account) if self.account.strategies else History())
        self.taken: list[c.Command] = []
        self.rules = market_rules()
        self.presets = FakePresets()
        self.selling = False
        """Whether a strategy that sells on stop stays Stopping."""
        self._sink = sink
        self.candles = FakeCandles(sink)
        self._period = period
        self._refuse = refuse or {}
        self._failure = failure
        self._inbox: asyncio.Queue[c.Command | None] = asyncio.Queue()

    # ------------------------------------------------------------------------------------------- what a thread needs

    async def main(self) -> None:
        if self._failure is not None:
            self._sink(e.EngineFailed(*self._failure))
            return
        self._sink(e.EngineStarted((self.account.name,)))
        self._sink(e.MarketsLoaded(self.account.name, self.rules))
        self.tell()
        while True:
            try:
                command = await asyncio.wait_for(self._inbox.get(), self._period)
            except TimeoutError:
                if not (self.account.demo is not None and self.account.demo.paused):
                    self.account.advance()
                self.tell()
                continue
            if command is None:
                break
            self.handle(command)
        self._sink(e.EngineStopped())

    def post(self, command: c.Command) -> None:
        self._inbox.put_nowait(command)

    def request_stop(self) -> None:
        self._inbox.put_nowait(None)

    def tell(self) -> None:
        """Send the newest picture of the account."""
        self._sink(e.AccountChanged(replace(self.account.view(), caps=self.presets.caps)))

    # ------------------------------------------------------------------------------------------------------- commands

    def handle(self, command: c.Command) -> None:
        """Answer one command at once."""
        self.taken.append(command)
        refusal = self._refuse.get(type(command))
        if refusal is not None:
            self._sink(e.CommandRejected(command.command_id, refusal))
            return
        if isinstance(command, CandleCommand):
            self.candles.carry_out(command)
            return
        if isinstance(command, RecordCommand):
            self._sink(answer_records(self.history, command, {v.id: v.parameters.name for v in self.account.older}))
            return
        self._sink(self._answer(command))
        self.tell()

    def _answer(self, command: c.Command) -> e.Event:  # noqa: C901, PLR0911, PLR0912 - one arm per command
        assert not isinstance(command, CandleCommand | RecordCommand), "these answer by themselves"
        done = e.CommandDone(command.command_id)
        match command:
            case c.PreviewStrategy():
                problems = self._problems(command.parameters, command.held)
                plan = self._build_plan(command.parameters, command.held)
                return e.PreviewReady(command.command_id, Preview(plan, problems))
            case c.CreateStrategy():
                return self._create(command)
            case c.PauseStrategy():
                return self._move(command.command_id, command.strategy_id, State.PAUSED)
            case c.ResumeStrategy():
                return self._move(command.command_id, command.strategy_id, State.RUNNING)
            case c.PreviewFunds() | c.PreviewChange() | c.AddFunds() | c.RemoveFunds() | c.ChangeCoins():
                return self._funds(command)
            case c.PreviewEdit():
                return self._preview_edit(command)
            case c.EditStrategy():
                edited = self._found(command.strategy_id)
                if edited.state is State.WAITING and command.parameters.trigger is None:
                    edited.state = State.BUILDING
                edited.parameters = command.parameters
                return done
            case c.StopStrategy():
                return self._stop(command)
            case c.RebalanceNow():
                return self._rebalance_now(command)
            case c.StopAll():
                self.account.stop_all = True
                for strategy in self.account.strategies:
                    if strategy.state in OCCUPYING:
                        strategy.former, strategy.state = strategy.state, State.HALTED
                        strategy.reason, strategy.advice = "Stop all", "Press Resume trading when you are ready."
                        strategy.halt = HaltKind.STOP_ALL
                return done
            case c.ResumeTrading():
                self.account.stop_all = False
                for strategy in self.account.strategies:
                    if strategy.state is State.HALTED:
                        strategy.state, strategy.reason, strategy.advice = strategy.former, "", ""
                        strategy.halt = None
                return done
            case c.LoadHistory():
                return history_page(self.history, command)
            case LoadEnded():
                return self.account.ended_page(command)
            case c.LoadChart():
                return e.ChartReady(command.command_id, self._chart(command))
            case c.LoadPresets():
                cards = self.presets.cards(self.account.quotes(), command.quote)
                return e.PresetsReady(command.command_id, command.account, cards, command.quote)
            case c.LoadMarketCaps():
                caps = {a: MARKET_CAPS[a] for a in command.assets if a in MARKET_CAPS}
                return e.MarketCapsReady(command.command_id, caps, date(2021, 5, 13), "CoinGecko")
            case LoadCloses():
                closes = sample_closes(command.assets, command.days)
                return e.ClosesReady(command.command_id, closes, self.account.at.date())
            case c.SetDemoSpeed():
                spacing = timedelta(seconds=max(2, command.speed // 4))
                return self._demo(command.command_id, speed=command.speed, spacing=spacing)
            case c.SetDemoPaused():
                return self._demo(command.command_id, paused=command.paused)
            case c.StepDemo():
                self.account.advance()
                return self._demo(command.command_id, paused=True)
            case c.JumpDemo():
                return self._demo(command.command_id, jumping=True)
            case c.ContinueDemo():
                return self._demo(command.command_id, ended=False, last_day=None)
            case SetRails() | SetTradingMode() | ApproveProposal() | DeclineProposal():
                return carry_out_safety(self.account, command)
            case (
                c.AcceptShortage()
                | c.AcceptRename()
                | c.SetPayFeesWithBnb()
                | c.PaperTransfer()
                | c.ChangePaperMarket()
                | c.SetPaperTradingRight()
            ):
                return carry_out(self.account, command)
            case CheckConnection() | BeginFirstContact() | GoLive():
                return carry_out_live(self.account, command, self.history, self._sink)
            case c.FollowPrices() | TryAgain():
                return e.CommandDone(command.command_id)
            case RefreshMarketCaps() | SavePreset() | RenamePreset() | DeletePreset():
                answer = self.presets.carry_out(command)
                cards = self.presets.cards(self.account.quotes(), self.account.view().quote)
                self._sink(e.PresetsReady("", self.account.name, cards, self.account.view().quote))
                return answer
            case c.LoadQuarantine() | c.AdoptOrder() | c.DiscardOrder():
                return carry_out_quarantine(self.account, command)
        assert_never(command)

    def _demo(self, command_id: str, **changes: object) -> e.Event:
        if self.account.demo is None:
            return e.CommandRejected(command_id, "This account does not replay.")
        self.account.demo = replace(self.account.demo, **changes)  # type: ignore[arg-type]
        return e.CommandDone(command_id)

    def _preview_edit(self, command: c.PreviewEdit) -> e.Event:
        strategy = self._found(command.strategy_id)
        snapshot = strategy.snapshot(self.account.seq, self.account.at, self.account.quotes())
        starts = strategy.state is State.WAITING and command.parameters.trigger is None
        plan = plan_rebalance(snapshot, self.rules, FEES) if starts else Plan(snapshot, (), (), ZERO)
        return e.PreviewReady(command.command_id, Preview(plan, (), before=snapshot))

    def _found(self, strategy_id: str) -> SampleStrategy:
        strategy = self.account.find(strategy_id)
        assert strategy is not None, f"the window asked for {strategy_id}, which does not exist"
        return strategy

    def _move(self, command_id: str, strategy_id: str, state: State) -> e.Event:
        strategy = self._found(strategy_id)
        strategy.state, strategy.halt = state, None
        return e.CommandDone(command_id)

    def _funds(self, command: c.PreviewFunds | c.PreviewChange | c.AddFunds | c.RemoveFunds | c.ChangeCoins) -> e.Event:
        strategy, account, rules = self._found(command.strategy_id), self.account, self.rules
        if isinstance(command, c.PreviewFunds | c.AddFunds | c.RemoveFunds):
            snapshot = strategy.snapshot(account.seq, account.at, account.quotes())
            if snapshot.total is None:
                return e.CommandRejected(command.command_id, "There is no good price for every coin now.", "amount")
        match command:
            case c.PreviewFunds():
                return e.PreviewReady(command.command_id, fake_funds.preview_funds(account, strategy, rules, command))
            case c.PreviewChange():
                return e.PreviewReady(command.command_id, fake_funds.preview_change(account, strategy, rules, command))
            case c.AddFunds():
                fake_funds.add(account, strategy, rules, command.amount)
            case c.RemoveFunds():
                fake_funds.remove(account, strategy, rules, command.amount, command.method)
            case c.ChangeCoins():
                fake_funds.change(account, strategy, rules, command)
        return e.CommandDone(command.command_id)

    def _stop(self, command: c.StopStrategy) -> e.Event:
        strategy = self._found(command.strategy_id)
        if self.selling and command.sell_all:
            strategy.state = State.STOPPING
            return e.CommandDone(command.command_id)
        strategy.state, strategy.reason, strategy.ended_at = State.ENDED, "stopped by the user", self.account.at
        return e.CommandDone(command.command_id)

    def _problems(self, p: StrategyParameters, held: tuple[HeldCoin, ...] = ()) -> tuple[tuple[str, str], ...]:
        names, quotes = [s.parameters.name for s in self.account.strategies], self.account.quotes()
        free = self.account.free_pool()
        found = problems_with(p, taken_names=names, free=free, rules=self.rules, quotes=quotes, held=held)
        return tuple((problem.field, problem.message) for problem in found)

    def _build_plan(self, p: StrategyParameters, held: tuple[HeldCoin, ...] = ()) -> Plan:
        start = SampleStrategy("", p, {coin.asset: coin.quantity for coin in held}, p.investment, {})
        snapshot = start.snapshot(self.account.seq, self.account.at, self.account.quotes())
        if snapshot.total is None or snapshot.total <= ZERO:
            return Plan(snapshot, (), (), ZERO)
        return plan_rebalance(snapshot, self.rules, FEES)

    def _create(self, command: c.CreateStrategy) -> e.Event:
        problems = self._problems(command.parameters, command.held)
        if problems:
            field, message = problems[0]
            return e.CommandRejected(command.command_id, message, field)
        number = len(self.account.strategies) + 1
        strategy = built(f"s-new{number}", command.parameters, self.account.prices)
        strategy.created_at = self.account.at
        self.account.free -= command.parameters.investment
        self.account.strategies.append(strategy)
        transfer = TransferRow(
            self.history.next_key(), self.account.at, strategy.id, TransferKind.INVESTED, command.parameters.quote,
            command.parameters.investment, command.parameters.investment,
        )  # fmt: skip
        self.history.transfers.insert(0, transfer)
        self._sink(e.TransferBooked(self.account.name, transfer))
        for coin in command.held:
            self.account.coins[coin.asset] -= coin.quantity
        trigger = command.parameters.trigger
        if not command.build:
            strategy.quantities = {coin.asset: coin.quantity for coin in command.held}
            strategy.cash = command.parameters.investment
        elif trigger is not None:
            aimed = with_direction(trigger, self.account.quotes()[trigger.symbol].last)
            strategy.parameters = replace(command.parameters, trigger=aimed)
            strategy.state, strategy.quantities, strategy.cash = State.WAITING, {}, command.parameters.investment
        else:
            self.trade(strategy, RebalanceReason.BUILD)
        return e.StrategyCreated(command.command_id, strategy.id, command.parameters.name)

    def _rebalance_now(self, command: c.RebalanceNow) -> e.Event:
        self.trade(self._found(command.strategy_id), RebalanceReason.NOW)
        return e.CommandDone(command.command_id, "Queued for the next good prices.")

    def trade(self, strategy: SampleStrategy, reason: RebalanceReason) -> None:
        """Add a rebalance with its orders and a sentence in the journal, and tell them."""
        record, orders, entry = self.history.add_rebalance(self.account, strategy, reason)
        strategy.rebalances += 1
        for row in orders:
            self._sink(e.OrderChanged(self.account.name, row))
        self._sink(e.RebalanceChanged(self.account.name, record))
        self._sink(e.JournalChanged(self.account.name, entry))

    # ------------------------------------------------------------------------------------------------- what is stored

    def _chart(self, command: c.LoadChart) -> Chart:
        strategy = self._found(command.strategy_id)
        days = command.days or 300
        step = timedelta(days=1) if days > 30 else timedelta(hours=2)
        count = int(timedelta(days=days) / step)
        invested = strategy.parameters.investment
        equity, best = [], []
        for i in range(count + 1):
            at = self.account.at - step * (count - i)
            wave = Decimal(str(round(math.sin(i / 17) * 0.12 + math.sin(i / 3.1) * 0.03 + i / count * 0.04, 6)))
            edge = Decimal(str(round(i / count * 0.025 + math.sin(i / 40) * 0.01, 6)))
            equity.append(EquitySample(strategy.id, at, invested * (1 + wave + edge), invested * (1 + wave)))
            best.append((at, invested * (1 + wave * 2 + edge)))
        marks = tuple(r.at for r in self.history.rebalances if r.strategy_id == strategy.id)
        return Chart(strategy.id, tuple(equity), strategy.parameters.assets[-1], tuple(best), marks)
