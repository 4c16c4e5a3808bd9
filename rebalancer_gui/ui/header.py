"""The bar at the top: which account, whose money, how much, how fresh the prices, and the emergency button."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView
from rebalancer_gui.ui.formatting import MISSING, NO_BREAK_SPACE, NumberFormat, age
from rebalancer_gui.ui.live_words import trading_tip, trading_word
from rebalancer_gui.ui.models.cells import change_ink
from rebalancer_gui.ui.strategy_words import at_least, without_words
from rebalancer_gui.ui.theme import set_icon
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, icon_button, push_button
from rebalancer_gui.ui.widgets.labels import StatusLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.mode_plate import Mode, ModeLine, ModePlate
from rebalancer_gui.ui.widgets.tips import plain_tip

HEIGHT = 56
ADD_ACCOUNT = tr("Add an account\u2026")
_ACCOUNT_WIDTH = 208
_ACCOUNT_LEAST = 96
_STOP_LEAST = 88
_AGE_EVERY_MS = 500
_OLD_AFTER = timedelta(seconds=10)
_WHY_NO_TOTAL = tr("The total is known when every coin has a good price.")


def mode_of(view: AccountView) -> Mode:
    """``AccountView.mode`` in any case; a word that is neither is an error of the program."""
    return Mode(view.mode.lower())


class HeaderBar(QWidget):
    """Header with the mode's line under it."""

    accountChosen = Signal(str)
    addAccountPressed = Signal()
    stopAllPressed = Signal()
    resumeTradingPressed = Signal()
    paperPressed = Signal()

    def __init__(self, numbers: NumberFormat, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._view: AccountView | None = None
        self._names: list[str] = []
        self._shown: list[tuple[str, str]] = []
        self._can_add = False
        self._newest: object = None
        self._since_price = QElapsedTimer()
        self._age_timer = QTimer(self)
        self._age_timer.setInterval(_AGE_EVERY_MS)
        self._age_timer.timeout.connect(self._grow_older)
        self.account_combo = QComboBox()
        self.account_combo.setObjectName("accountCombo")
        self.account_combo.setAccessibleName(tr("Account"))
        self.account_combo.setProperty("tall", "true")
        self.account_combo.setFixedWidth(_ACCOUNT_WIDTH)
        self.account_combo.setToolTip(tr("Which account is shown; all accounts go on."))
        self.account_combo.activated.connect(self._account_activated)
        self.plate = ModePlate()
        self.paper_button = icon_button(
            "coins",
            "paperAccountButton",
            tr("Paper account"),
            tip=tr("Paper account: deposit, withdraw, market events, fees with BNB"),
        )
        self.paper_button.clicked.connect(self.paperPressed)
        self.paper_button.hide()
        self._line = ModeLine()
        self._trading = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="tradingLabel")
        self._trading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._trading.hide()
        self._total = TextLabel(MISSING, TextType.HEADER_FIGURE, object_name="totalLabel")
        self._today = TextLabel(MISSING, TextType.HEADER_FIGURE, object_name="todayLabel")
        self._today_percent = TextLabel("", TextType.HEADER_FIGURE, Ink.TEXT2, object_name="todayPercentLabel")
        # The percentage is told beside the amount, in the weight of a label.
        self._today_percent.setStyleSheet("font-weight: 400")
        self._age = StatusLabel(
            "waiting", tr("no prices yet"), Ink.TEXT2, text_type=TextType.SMALL, object_name="priceAgeLabel"
        )
        self.stop_button = push_button(tr("Stop all"), "stopAllButton", kind=ButtonKind.DANGER, icon="stop-all")
        self.stop_button.setMinimumWidth(_STOP_LEAST)
        self.stop_button.clicked.connect(self._stop_or_resume)
        self.menu_button = icon_button("menu", "menuButton", tr("Menu"))
        self.menu_button.setMenu(menu)
        self._show_stop(on=False)
        self._build()

    def _build(self) -> None:
        bar = QFrame()
        bar.setProperty("role", "header")
        row = self._row = QHBoxLayout(bar)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(16)
        row.addWidget(self.account_combo)
        row.addLayout(_over(self.plate, self._trading))
        row.addWidget(self.paper_button)
        row.addSpacing(8)
        row.addLayout(_figure(tr("Total"), self._total))
        row.addLayout(_figure(tr("Today"), self._today, self._today_percent))
        row.addStretch(1)
        row.addWidget(self._age)
        row.addWidget(self.stop_button)
        row.addWidget(self.menu_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar, 1)
        column.addWidget(self._line)
        self.setFixedHeight(HEIGHT)

    # -------------------------------------------------------------------------------------------------- what is shown

    def offer_accounts(self, *, possible: bool) -> None:
        """Whether the list ends with "Add an account"."""
        self._can_add = possible

    def show_accounts(
        self,
        views: tuple[AccountView, ...],
        chosen: str,
        waiting: Mapping[str, str] | None = None,
        failed: Mapping[str, str] | None = None,
    ) -> None:
        """The list of accounts; nothing moves while it is open. ``waiting``: accounts that cannot be opened yet, and why;
        ``failed``: those that are halted before they could be shown.
        """
        waits, halted = dict(waiting or {}), dict(failed or {})
        shown = [(view.account, view.title) for view in views]
        shown += [(name, tr("{name} (waits)", name=name)) for name in waits] + [
            (name, tr("{name} (halted)", name=name)) for name in halted
        ]
        waits |= halted
        if shown != self._shown:
            self._shown, self._names = shown, [name for name, _title in shown]
            combo = self.account_combo
            combo.clear()
            for number, (name, title) in enumerate(shown):
                combo.addItem(title)
                if name in waits:
                    item = cast("QStandardItemModel", combo.model()).item(number)
                    item.setEnabled(False)
                    item.setToolTip(plain_tip(waits[name]))
            if self._can_add:
                combo.insertSeparator(combo.count())
                combo.addItem(ADD_ACCOUNT)
        if chosen in self._names:
            self.account_combo.setCurrentIndex(self._names.index(chosen))

    def show_view(self, view: AccountView) -> None:
        self._view = view
        numbers = self._numbers
        mode = mode_of(view)
        self.plate.set_mode(mode)
        self._line.set_mode(mode)
        _put(self._trading, trading_word(view))
        self._trading.setToolTip(trading_tip(view))
        self._trading.setAccessibleDescription(trading_tip(view))
        self._trading.setVisible(bool(self._trading.text()))
        total = numbers.money(view.total, view.quote if view.total is not None else "")
        _put(self._total, at_least(total, view.unpriced))
        without = without_words(view.unpriced)
        self._total.setToolTip(plain_tip(without if view.total is not None else _WHY_NO_TOTAL))
        _put(self._today, numbers.signed(view.today, unit=view.quote if view.today is not None else ""))
        self._today.set_ink(change_ink(view.today))
        self._today.setToolTip(plain_tip(self._profit_so_far(view) if view.today is not None else _why_no_today(view)))
        percent = f"({numbers.change_percent(view.today_percent)})" if view.today_percent is not None else ""
        _put(self._today_percent, percent)
        self.paper_button.setVisible(view.paper is not None)
        self._show_stop(on=view.stop_all)
        self._note_prices(view)
        self._show_age()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where the figures and the buttons want more room than there is, the name of the account gives way, then the words
        on the button to stop: figures never.
        """
        combo, stop = self.account_combo, self.stop_button
        spare = self.width() - self._row.minimumSize().width() - (stop.sizeHint().width() - stop.minimumWidth())
        width = min(_ACCOUNT_WIDTH, max(_ACCOUNT_LEAST, combo.minimumWidth() + spare))
        if width != combo.minimumWidth():
            combo.setFixedWidth(width)

    def _profit_so_far(self, view: AccountView) -> str:
        """Of all strategies, parted: today's figure stands for itself."""
        if view.realised is None or view.unrealised is None:
            return ""
        realised, on_paper = (self._numbers.signed(part, unit=view.quote) for part in (view.realised, view.unrealised))
        return tr(
            "Profit of all strategies so far: {realised} realised, {on_paper} on paper",
            realised=realised,
            on_paper=on_paper,
        )

    def _note_prices(self, view: AccountView) -> None:
        newest = max((quote.received_at for quote in view.quotes.values()), default=None)
        if newest is not None and newest != self._newest:
            self._newest = newest
            self._since_price.start()

    @Slot()
    def _grow_older(self) -> None:
        """An age with more digits takes its room as everything else does: from the account's name first."""
        self._show_age()
        self._fit()

    def _show_age(self) -> None:
        view = self._view
        if view is None or not self._since_price.isValid():
            self._age.set_status("waiting", tr("no prices yet"), Ink.TEXT2)
            return
        if view.demo is not None and (view.demo.paused or view.demo.ended):
            words = tr("replay over") if view.demo.ended else tr("prices paused")
            self._age.set_status("paused", words, Ink.TEXT2)
            return
        waited = timedelta(milliseconds=self._since_price.elapsed())
        if waited > _OLD_AFTER:
            self._age.set_status(
                "warning", tr("prices {age} old", age=age(waited, self._numbers.marks.decimal)), Ink.WARN
            )
        else:
            self._age.set_status("check", tr("prices {age}", age=age(waited, self._numbers.marks.decimal)), Ink.GAIN)

    def _show_stop(self, *, on: bool) -> None:
        """While trading is stopped the same button puts every strategy back."""
        words = tr("Resume trading") if on else tr("Stop all")
        if self.stop_button.text() == words:
            return
        self.stop_button.setText(words)
        self.stop_button.setAccessibleName(words)
        set_icon(self.stop_button, "running" if on else "stop-all", Ink.LOSS)
        self.stop_button.setToolTip(
            tr("Let the strategies trade again")
            if on
            else tr("No new order on any account until you resume trading (Ctrl+K)")
        )

    # ------------------------------------------------------------------------------------------------------- pressing

    @Slot()
    def _stop_or_resume(self) -> None:
        stopped = self._view is not None and self._view.stop_all
        (self.resumeTradingPressed if stopped else self.stopAllPressed).emit()

    @Slot(int)
    def _account_activated(self, index: int) -> None:
        if 0 <= index < len(self._names):
            self.accountChosen.emit(self._names[index])
        elif self.account_combo.itemText(index) == ADD_ACCOUNT:
            if self._view is not None:
                self.account_combo.setCurrentIndex(self._names.index(self._view.account))
            self.addAccountPressed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._age_timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._age_timer.stop()


def _why_no_today(view: AccountView) -> str:
    """Today's profit is that of all strategies: where one holds a coin without a price it is not known."""
    missing = dict.fromkeys(asset for strategy in view.strategies for asset in strategy.unpriced)
    if missing:
        return tr(
            "Today's profit is not known: {coins} of a strategy has no price, because its market is closed.",
            coins=", ".join(missing),
        )
    return tr("Today's profit is known when every coin has a good price.")


def _put(label: TextLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)


def _over(plate: QWidget, word: QWidget) -> QVBoxLayout:
    """Whose money it is, and under it whether anything is sent."""
    column = QVBoxLayout()
    column.setSpacing(1)
    column.addStretch(1)
    column.addWidget(plate)
    column.addWidget(word)
    column.addStretch(1)
    return column


def _figure(name: str, *labels: TextLabel) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    column.addStretch(1)
    column.addWidget(TextLabel(name, TextType.SMALL, Ink.TEXT2))
    row = QHBoxLayout()
    row.setSpacing(4)
    for label in labels:
        row.addWidget(label)
        label.setAccessibleName("")
    labels[0].setAccessibleDescription(name.replace(NO_BREAK_SPACE, " "))
    row.addStretch(1)
    column.addLayout(row)
    column.addStretch(1)
    return column
