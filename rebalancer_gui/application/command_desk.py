"""Takes commands one at a time and answers each: by its event, by CommandDone, or by an error that the engine tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from rebalancer_gui.application import approvals, changes, creation, ending, funds, lifecycle, live_desk, preset_desk
from rebalancer_gui.application.account import Account
from rebalancer_gui.application.account_runner import AccountRunner
from rebalancer_gui.application.candle_commands import CandleCommand
from rebalancer_gui.application.candle_desk import CandleDesk
from rebalancer_gui.application.commands import (
    AcceptRename,
    AcceptShortage,
    AddFunds,
    AdoptOrder,
    ChangeCoins,
    ChangePaperMarket,
    Command,
    ContinueDemo,
    CreateStrategy,
    DiscardOrder,
    EditStrategy,
    FollowPrices,
    JumpDemo,
    LoadChart,
    LoadHistory,
    LoadMarketCaps,
    LoadPresets,
    LoadQuarantine,
    PaperTransfer,
    PauseStrategy,
    PreviewChange,
    PreviewEdit,
    PreviewFunds,
    PreviewStrategy,
    RebalanceNow,
    RemoveFunds,
    ResumeStrategy,
    ResumeTrading,
    SetDemoPaused,
    SetDemoSpeed,
    SetPaperTradingRight,
    SetPayFeesWithBnb,
    StepDemo,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.application.events import CommandDone, QuarantineShown, StrategyCreated
from rebalancer_gui.application.fee_returns import set_pay_fees_with_bnb
from rebalancer_gui.application.following import symbols_of
from rebalancer_gui.application.go_live import refuse_plain_switch
from rebalancer_gui.application.live_desk import refuse_while_in_contact
from rebalancer_gui.application.market_commands import LoadCloses
from rebalancer_gui.application.nudge import Nudge
from rebalancer_gui.application.ports import EventSink
from rebalancer_gui.application.preset_commands import DeletePreset, RefreshMarketCaps, RenamePreset, SavePreset
from rebalancer_gui.application.queries import (
    answer_chart,
    answer_closes,
    answer_history,
    answer_market_caps,
    answer_presets,
    answer_preview,
    answer_preview_of,
)
from rebalancer_gui.application.rail_settings import RAILS_KEY, changed, to_text
from rebalancer_gui.application.record_commands import RecordCommand
from rebalancer_gui.application.record_desk import RecordDesk
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
from rebalancer_gui.application.steering import DemoSteering, PaperSteering, steer_demo, steer_paper
from rebalancer_gui.application.strategy_commands import LoadEnded
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.views import QuarantineView
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.market import symbol_of

PreviewOfOne = PreviewEdit | PreviewFunds | PreviewChange
Reading = (
    LoadHistory | LoadEnded | LoadChart | LoadPresets | LoadMarketCaps | LoadCloses | PreviewStrategy | PreviewOfOne
)
OfOneStrategy = (
    EditStrategy
    | PauseStrategy
    | ResumeStrategy
    | RebalanceNow
    | AddFunds
    | RemoveFunds
    | ChangeCoins
    | StopStrategy
    | AcceptShortage
    | ApproveProposal
    | DeclineProposal
)


class CommandDesk:
    """Engine thread only. ``runners`` are filled as accounts are opened; ``nudge``: on which those not open yet wait."""

    def __init__(
        self,
        runners: Mapping[str, AccountRunner],
        emit: EventSink,
        candles: CandleDesk,
        nudge: Nudge | None = None,
        records: RecordDesk | None = None,
    ) -> None:
        self._nudge = nudge or Nudge()
        self._runners = runners
        self._emit = emit
        self._candles = candles
        self._records = records or RecordDesk(runners, emit)

    async def handle(self, command: Command) -> None:
        """Carry it out and answer it. Raises InvalidInput (nothing was changed) or another RebalancerError."""
        if isinstance(command, CandleCommand):
            self._candles.handle(command)
            return
        if isinstance(command, RecordCommand):
            self._records.handle(command)
            return
        if isinstance(command, TryAgain):
            self._nudge.give()
            self._emit(CommandDone(command.command_id))
            return
        self._refuse_while_held(command)
        await self._know_prices(command)
        match command:
            case CreateStrategy():
                account = self._account(command.account)
                refuse_while_in_contact(account)
                created = creation.create(account, command.parameters, command.held, build=command.build)
                self._emit(StrategyCreated(command.command_id, created.id, created.name))
            case (
                LoadHistory() | LoadEnded() | LoadChart() | LoadPresets() | LoadMarketCaps() | LoadCloses()
                | PreviewStrategy() | PreviewEdit() | PreviewFunds() | PreviewChange()
            ):  # fmt: skip
                self._read(command)
            case LoadQuarantine():
                self._emit(QuarantineShown(command.command_id, await self._quarantine(command)))
            case FollowPrices():
                self._emit(CommandDone(command.command_id))
            case RefreshMarketCaps() | SavePreset() | RenamePreset() | DeletePreset():
                said = preset_desk.carry_out(self._account(command.account), command)
                self._emit(CommandDone(command.command_id, said))
            case CheckConnection() | BeginFirstContact() | GoLive():
                self._emit(await live_desk.carry_out(self._runner(command.account), command))
            case _:
                await self._act(command)
                self._emit(CommandDone(command.command_id))

    async def _know_prices(self, command: Command) -> None:
        """What is asked about coins that nobody has held so far is answered at their prices of now."""
        match command:
            case PreviewStrategy() | CreateStrategy():
                runner = self._runner(command.account)
                held = (symbol_of(coin.asset, command.parameters.quote) for coin in command.held)
                await runner.following.know((*symbols_of(command.parameters), *held))
            case PreviewEdit() | EditStrategy():
                await self._find(command.strategy_id)[0].following.know(symbols_of(command.parameters))
            case PreviewChange() | ChangeCoins():
                runner, strategy = self._find(command.strategy_id)
                quote = strategy.record.parameters.quote
                await runner.following.know(symbol_of(target.asset, quote) for target in command.targets)
            case FollowPrices():
                self._runner(command.account).following.ask(command.symbols)
            case _:
                pass

    async def _act(
        self,
        command: OfOneStrategy
        | DemoSteering
        | PaperSteering
        | StopAll
        | ResumeTrading
        | AcceptRename
        | SetPayFeesWithBnb
        | SetRails
        | SetTradingMode
        | AdoptOrder
        | DiscardOrder,
    ) -> None:
        match command:
            case StopAll() | ResumeTrading():
                self._set_stop_all(on=isinstance(command, StopAll))
            case AcceptRename():
                self._runner(command.account).checker.reconciler.accept_rename(command.old, command.new)
            case SetPayFeesWithBnb():
                set_pay_fees_with_bnb(self._account(command.account), on=command.on)
            case SetRails():
                _set_rails(self._account(command.account), command)
            case SetTradingMode():
                refuse_plain_switch(self._account(command.account), command.mode)
                refuse_while_in_contact(self._account(command.account))
                approvals.set_trading(self._account(command.account), command.mode)
            case SetDemoSpeed() | SetDemoPaused() | StepDemo() | JumpDemo() | ContinueDemo():
                steer_demo(self._account(command.account), command)
            case PaperTransfer() | ChangePaperMarket() | SetPaperTradingRight():
                await steer_paper(self._runner(command.account), command)
            case AdoptOrder() | DiscardOrder():
                await self._decide(command)
            case _:
                self._act_on_strategy(command)
        for runner in self._runners.values():
            if not runner.held:
                approvals.tidy(runner.account)

    async def _decide(self, command: AdoptOrder | DiscardOrder) -> None:
        runner, strategy = self._find(command.strategy_id)
        resolver = runner.checker.executor.resolver
        if isinstance(command, AdoptOrder):
            await resolver.adopt(strategy, command.client_order_id, command.venue_order_id)
        else:
            resolver.discard(strategy, command.client_order_id)
        runner.account.value_one(strategy)

    async def _quarantine(self, command: LoadQuarantine) -> QuarantineView:
        runner, strategy = self._find(command.strategy_id)
        return await runner.checker.executor.resolver.quarantine(strategy, command.client_order_id)

    def _act_on_strategy(self, command: OfOneStrategy) -> None:
        runner, strategy = self._find(command.strategy_id)
        account = runner.account
        match command:
            case EditStrategy():
                changes.edit(account, strategy, command.parameters)
            case PauseStrategy():
                lifecycle.pause(account, strategy)
            case ResumeStrategy():
                lifecycle.resume(account, strategy)
            case RebalanceNow():
                lifecycle.rebalance_now(account, strategy)
            case AddFunds():
                funds.add_funds(account, strategy, command.amount)
            case RemoveFunds():
                funds.ask_removal(account, strategy, command.amount, command.method)
            case ChangeCoins():
                changes.change_coins(account, strategy, command.targets)
            case StopStrategy():
                ending.begin_stop(account, strategy, sell_all=command.sell_all)
            case ApproveProposal():
                approvals.approve(account, strategy, command.proposal_id)
                runner.wake()
            case DeclineProposal():
                approvals.decline(account, strategy, command.proposal_id)
            case AcceptShortage():
                runner.checker.reconciler.accept_shortage(strategy)
            case _:
                assert_never(command)

    def _set_stop_all(self, *, on: bool) -> None:
        for runner in self._runners.values():
            signal = runner.account.setup.stop_signal
            if signal is not None and on:
                signal.set()
            elif signal is not None:
                signal.clear()
        for runner in self._runners.values():
            # One that is held sends nothing, and sees the signal when it is opened anew.
            if not runner.held:
                lifecycle.set_stop_all(runner.account, on=on)

    def _refuse_while_held(self, command: Command) -> None:
        """Nothing can be stored for an account that is held; as long as it is open it can be looked at. What means all
        accounts is done for those that are not.
        """
        if isinstance(command, StopAll):
            return
        meant = self._meant(command)
        held = [r for r in meant if r.held and not (r.readable and isinstance(command, Reading))]
        if held and len(held) == len(meant):
            raise InvalidInput("", f"Nothing was done: {held[0].account.halted}")

    def _meant(self, command: Command) -> list[AccountRunner]:
        """Whose account it is about; all of them where it names none."""
        runners = list(self._runners.values())
        name, strategy_id = getattr(command, "account", ""), getattr(command, "strategy_id", "")
        of_one = [r for r in runners if r.account.name == name or strategy_id in r.account.strategies]
        return of_one or runners

    def _read(self, command: Reading) -> None:
        match command:
            case PreviewStrategy():
                self._emit(answer_preview(self._account(command.account), command))
            case PreviewEdit() | PreviewFunds() | PreviewChange():
                runner, strategy = self._find(command.strategy_id)
                self._emit(answer_preview_of(runner.account, strategy, command))
            case LoadHistory():
                self._emit(answer_history(self._account(command.account), command))
            case LoadEnded():
                self._emit(self._runner(command.account).ended_page(command))
            case LoadChart():
                runner, strategy = self._find(command.strategy_id)
                self._emit(answer_chart(runner.account, strategy, command))
            case LoadPresets():
                self._emit(answer_presets(self._account(command.account), command.command_id, command.quote))
            case LoadMarketCaps():
                self._emit(answer_market_caps(self._account(command.account), command))
            case LoadCloses():
                self._emit(answer_closes(self._account(command.account), command))
            case _:
                assert_never(command)

    def _runner(self, name: str) -> AccountRunner:
        runner = self._runners.get(name)
        if runner is None:
            raise InvalidInput("account", f"There is no account {name}.")
        return runner

    def _account(self, name: str) -> Account:
        return self._runner(name).account

    def _find(self, strategy_id: str) -> tuple[AccountRunner, StrategyRuntime]:
        for runner in self._runners.values():
            strategy = runner.account.strategies.find(strategy_id) if runner.readable else None
            if strategy is not None:
                return runner, strategy
        raise InvalidInput("strategies", f"There is no strategy {strategy_id}.")


def _set_rails(account: Account, command: SetRails) -> None:
    rails = changed(account.rails.set, command.values, command.off)
    if rails != account.rails.set:
        with account.change() as store:
            store.set_value(RAILS_KEY, to_text(rails))
        account.rails.change(rails)
        account.note(None, "user", "The safety rails were changed in Settings.")
