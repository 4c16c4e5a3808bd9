"""Between the engine and the window: the newest picture wins, histories are handed on in batches, answers find who asked.

    feed = EngineFeed(thread.post)
    thread.told.connect(feed.take)
    feed.accountChanged.connect(self._show)                    # AccountView of the chosen account, 4 times a second at most
    feed.ask(LoadChart(feed.next_command_id(), strategy_id), self._draw)
    feed.send(PauseStrategy(feed.next_command_id(), strategy_id))

GUI thread only. While ``set_drawing(False)`` (hidden or minimised window) nothing is handed on but answers; what was
missed comes with ``historyOutdated`` and one new picture when it is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from itertools import count
from typing import assert_never

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal, Slot

from rebalancer_gui.application import events as e
from rebalancer_gui.application.commands import Command
from rebalancer_gui.application.strategy_commands import LoadEnded
from rebalancer_gui.application.views import AccountView, PresetCard, StrategyView
from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.translation import tr

FLUSH_MS = 250
"""At most four updates of the window a second (UI.md)."""

Answer = (
    e.StrategyCreated
    | e.PreviewReady
    | e.QuarantineShown
    | e.ConnectionShown
    | e.HistoryPage
    | e.EndedPage
    | e.EndedNames
    | e.RecordsPage
    | e.RecordsExported
    | e.ChartReady
    | e.PresetsReady
    | e.MarketCapsReady
    | e.CandlesReady
    | e.TimeframesReady
    | e.ClosesReady
    | e.CommandDone
    | e.CommandRejected
)
OnAnswer = Callable[[Answer], None]

ENGINE_GONE = tr("The engine is not running: nothing was changed.")


def with_older(view: AccountView, others: Iterable[StrategyView]) -> AccountView:
    """``view`` with those of ``others`` that are over and not in it, behind its own."""
    known = {strategy.id for strategy in view.strategies}
    older = tuple(s for s in others if s.state is State.ENDED and s.id not in known)
    return replace(view, strategies=(*view.strategies, *older)) if older else view


class EngineFeed(QObject):
    """Signals carry events or views of application/events.py and application/views.py."""

    engineStarted = Signal(object)
    """EngineStarted"""
    engineStopped = Signal()
    engineFailed = Signal(object)
    """EngineFailed"""
    marketsLoaded = Signal(object)
    """MarketsLoaded"""
    accountsChanged = Signal()
    """Another account appeared, or a title changed: see ``accounts``."""
    accountChanged = Signal(object)
    """AccountView of the chosen account"""
    strategyCreated = Signal(object)
    """StrategyCreated, whoever asked for it"""
    presetsReady = Signal(object)
    """PresetsReady, asked for or not"""
    ordersChanged = Signal(object)
    """tuple[OrderChanged, ...], oldest first"""
    rebalancesChanged = Signal(object)
    """tuple[RebalanceChanged, ...], oldest first"""
    journalChanged = Signal(object)
    """tuple[JournalChanged, ...], oldest first"""
    transfersBooked = Signal(object)
    """tuple[TransferBooked, ...], oldest first"""
    feesBooked = Signal(object)
    """tuple[FeeBooked, ...], oldest first"""
    historyOutdated = Signal()
    """Histories changed while nothing was drawn: load them anew."""
    exportProgress = Signal(object)
    """ExportProgress of an ExportRecords"""
    candlesProgress = Signal(object)
    """CandlesProgress of a LoadCandles"""
    accountWaits = Signal(object)
    """AccountWaits: its venue does not answer, it is tried again"""
    accountFailed = Signal(object)
    """AccountFailed: it is halted, the others go on"""
    rejected = Signal(object)
    """CommandRejected of a command that was only sent"""
    done = Signal(object)
    """CommandDone of a command that was only sent"""

    def __init__(self, post: Callable[[Command], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._post = post
        self._ids = count(1)
        self._asked: dict[str, OnAnswer] = {}
        self._views: dict[str, AccountView] = {}
        self._rules: dict[str, Mapping[str, MarketRules]] = {}
        self._cards: dict[str, tuple[PresetCard, ...]] = {}
        self._account = self._preferred = ""
        self._unfolded: set[str] = set()
        self._waiting: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        self._faults: dict[str, str] = {}
        self._changed: set[str] = set()
        self._batches: tuple[dict[Hashable, object], ...] = ({}, {}, {}, {}, {})
        self._drawing = True
        self._outdated = False
        self._ended = False
        self._since_flush = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.flush)

    # -------------------------------------------------------------------------------------------------- what is known

    @property
    def account(self) -> str:
        """The name of the chosen account; "" until the engine told of one."""
        return self._account

    @property
    def account_to_remember(self) -> str:
        """The one that is waited for, else the one that is shown."""
        return self._preferred or self._account

    @property
    def accounts(self) -> tuple[AccountView, ...]:
        """The newest view of each account."""
        return tuple(self._views.values())

    @property
    def view(self) -> AccountView | None:
        """The newest view of the chosen account."""
        return self._views.get(self._account)

    @property
    def rules(self) -> Mapping[str, MarketRules]:
        """Market rules of the chosen account by symbol; empty until they are loaded."""
        return self._rules.get(self._account, {})

    @property
    def presets(self) -> tuple[PresetCard, ...] | None:
        """The newest preset cards of the chosen account; None until they were asked for."""
        return self._cards.get(self._account)

    @property
    def ended(self) -> bool:
        """Whether the engine has stopped or failed: no command will be taken."""
        return self._ended

    @property
    def waiting(self) -> Mapping[str, str]:
        """Accounts that cannot be opened yet, and why."""
        known = {*self._views, *self._failed}
        return {name: why for name, why in self._waiting.items() if name not in known}

    @property
    def failures(self) -> Mapping[str, str]:
        """Why accounts are halted for good, by name; also of those that failed while they ran and can still be looked at."""
        return self._failed

    def fault_of(self, account: str) -> str:
        """Why it is halted for good, without what can be done; "" where it is not."""
        return self._faults.get(account, "")

    @property
    def failed(self) -> dict[str, str]:
        """Accounts that could not be opened as they are, and why with what to do."""
        return {name: why for name, why in self._failed.items() if name not in self._views}

    def prefer_account(self, name: str) -> None:
        """Show this account as soon as the engine tells of it."""
        self._preferred = name

    def choose_account(self, name: str) -> None:
        """Show another account; only the picture changes, all accounts go on. What was preferred before holds no more."""
        self._preferred = ""
        if name != self._account and name in self._views:
            self._account = name
            self._changed.add(name)
            self._plan_flush()
            self.historyOutdated.emit()

    # ------------------------------------------------------------------------------------------------------ asking

    def next_command_id(self) -> str:
        return f"w{next(self._ids)}"

    def send(self, command: Command) -> None:
        """Post ``command``; its answer comes as the signal ``done`` or ``rejected`` (or one of its own)."""
        if self._ended or not self._post(command):
            self.rejected.emit(e.CommandRejected(command.command_id, ENGINE_GONE))

    def ask(self, command: Command, on_answer: OnAnswer) -> None:
        """Post ``command``; ``on_answer`` is called once with its answer, here in the GUI thread."""
        if self._ended or not self._post(command):
            on_answer(e.CommandRejected(command.command_id, ENGINE_GONE))
            return
        self._asked[command.command_id] = on_answer

    def show_older(self) -> None:
        """Read more of the strategies that are over, and keep them in each picture of the account until ``fold_older``."""
        view = self.view
        if view is None:
            return
        over = [s.id for s in view.strategies if s.state is State.ENDED]
        self._unfolded.add(view.account)
        self.ask(LoadEnded(self.next_command_id(), view.account, over[-1] if over else ""), self._take_older)

    def fold_older(self) -> None:
        """Only those that ended last are in the next picture again."""
        self._unfolded.discard(self._account)

    def _take_older(self, answer: Answer) -> None:
        if isinstance(answer, e.EndedPage) and answer.account in self._unfolded and answer.account in self._views:
            self._take_view(with_older(self._views[answer.account], answer.strategies))

    def forget(self, command_id: str) -> None:
        """The answer is no longer wanted (the dialog was closed, another strategy chosen)."""
        self._asked.pop(command_id, None)

    # ---------------------------------------------------------------------------------------------------- what comes

    @Slot(object)
    def take(self, event: e.Event) -> None:  # noqa: C901, PLR0912 (one arm per event of the union)
        """Every event of the engine enters here, in the GUI thread."""
        match event:
            case e.AccountChanged():
                self._take_view(event.view)
            case e.OrderChanged():
                self._keep(0, (event.account, event.row.key), event)
            case e.RebalanceChanged():
                self._keep(1, (event.account, event.record.id), event)
            case e.JournalChanged():
                self._keep(2, (event.account, event.entry.id), event)
            case e.TransferBooked():
                self._keep(3, (event.account, event.row.key), event)
            case e.FeeBooked():
                self._keep(4, (event.account, event.row.key), event)
            case e.MarketsLoaded():
                self._rules[event.account] = event.rules
                self._account = self._account or event.account
                self.marketsLoaded.emit(event)
            case e.PresetsReady():
                self._cards[event.account] = event.cards
                self.presetsReady.emit(event)
                self._answer(event)
            case e.StrategyCreated():
                self._answer(event)
                self.strategyCreated.emit(event)
            case e.AccountWaits():
                self._waiting[event.account] = event.message
                self.accountsChanged.emit()
                self.accountWaits.emit(event)
            case e.AccountFailed():
                self._failed[event.account] = f"{event.message} {event.advice}".strip()
                self._faults[event.account] = event.message
                self.accountsChanged.emit()
                self.accountFailed.emit(event)
            case (
                e.PreviewReady()
                | e.QuarantineShown()
                | e.ConnectionShown()
                | e.HistoryPage()
                | e.EndedPage()
                | e.EndedNames()
                | e.RecordsPage()
                | e.RecordsExported()
                | e.ChartReady()
                | e.MarketCapsReady()
                | e.CandlesReady()
                | e.TimeframesReady()
                | e.ClosesReady()
            ):
                self._answer(event)
            case e.ExportProgress():
                self.exportProgress.emit(event)
            case e.CandlesProgress():
                self.candlesProgress.emit(event)
            case e.CommandDone():
                if not self._answer(event):
                    self.done.emit(event)
            case e.CommandRejected():
                if not self._answer(event):
                    self.rejected.emit(event)
            case e.EngineStarted():
                self.engineStarted.emit(event)
            case e.EngineStopped():
                self._end()
                self.engineStopped.emit()
            case e.EngineFailed():
                self._end()
                self.engineFailed.emit(event)
            case _:
                assert_never(event)

    def _take_view(self, view: AccountView) -> None:
        old = self._views.get(view.account)
        if old is not None and view.account in self._unfolded:
            view = with_older(view, old.strategies)
        self._views[view.account] = view
        self._account = self._account or view.account
        if old is None and view.account == self._preferred:
            self.choose_account(view.account)
        if old is None or old.title != view.title:
            self.accountsChanged.emit()
        if view.account == self._account:
            self._changed.add(view.account)
            self._plan_flush()

    def _keep(self, batch: int, key: Hashable, event: object) -> None:
        if not self._drawing:
            self._outdated = True
            return
        self._batches[batch].pop(key, None)
        self._batches[batch][key] = event
        self._plan_flush()

    def _answer(self, event: Answer) -> bool:
        on_answer = self._asked.pop(event.command_id, None)
        if on_answer is not None:
            on_answer(event)
        return on_answer is not None

    def _end(self) -> None:
        self._ended = True
        self.flush()
        waiting, self._asked = self._asked, {}
        for command_id, on_answer in waiting.items():
            on_answer(e.CommandRejected(command_id, ENGINE_GONE))

    # ------------------------------------------------------------------------------------------------------- drawing

    def set_drawing(self, drawing: bool) -> None:
        """Whether the window can be seen; what was held back is handed on when it can be again."""
        if drawing == self._drawing:
            return
        self._drawing = drawing
        if not drawing:
            self._timer.stop()
            self._outdated = self._outdated or any(self._batches)
            for batch in self._batches:
                batch.clear()
            return
        if self._outdated:
            self._outdated = False
            self.historyOutdated.emit()
        self._plan_flush()

    def _plan_flush(self) -> None:
        if not self._drawing or self._timer.isActive():
            return
        waited = self._since_flush.elapsed() if self._since_flush.isValid() else FLUSH_MS
        self._timer.start(max(0, FLUSH_MS - waited))

    @Slot()
    def flush(self) -> None:
        """Hand on what has come since the last time; nothing while nobody can see it."""
        if not self._drawing:
            return
        self._timer.stop()
        self._since_flush.start()
        signals = (
            self.ordersChanged,
            self.rebalancesChanged,
            self.journalChanged,
            self.transfersBooked,
            self.feesBooked,
        )
        for batch, signal in zip(self._batches, signals, strict=True):
            if batch:
                events = tuple(batch.values())
                batch.clear()
                signal.emit(events)
        view = self.view
        if view is not None and view.account in self._changed:
            self._changed.discard(view.account)
            self.accountChanged.emit(view)
