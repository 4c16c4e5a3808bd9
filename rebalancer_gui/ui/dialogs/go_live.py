"""From watch only to real money: test the connection, make the first contact, switch trading on. GUI thread only.

    dialog = GoLiveDialog(feed, view, numbers, parent)
    dialog.beginAsked.connect(...)          # Quotation: its owner said yes to the question
    dialog.goOnAsked.connect(...)           # symbol of a first contact that was cut short: it goes on with the present key
    dialog.goLiveAsked.connect(...)         # TradingWish
    dialog.open()

Whoever opened it sends what these signals carry and answers with `fail_contact`, `finish` or `fail`. The connection
it asks about itself: that only reads.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.commands import LoadHistory
from rebalancer_gui.application.events import CommandRejected, ConnectionShown, HistoryPage, OrderChanged
from rebalancer_gui.application.go_live import against_report
from rebalancer_gui.application.live_port import Quotation
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.records import OrderRow
from rebalancer_gui.application.safety_commands import CheckConnection
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.strategy import State, TradingMode
from rebalancer_gui.ui.dialogs.connection_box import ConnectionBox
from rebalancer_gui.ui.dialogs.contact_box import ContactBox
from rebalancer_gui.ui.dialogs.contact_words import cost_text, question_text
from rebalancer_gui.ui.dialogs.questions import Question
from rebalancer_gui.ui.dialogs.trading_box import TradingBox
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.live_words import contact_waits, is_contact, money_of
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.mode_plate import Mode, ModePlate
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot, form_scroll_area, hairline

WIDTH, HEIGHT = 680, 780
_AIR = 24
"""Pixels that the dialog leaves of its window's height."""
_ORDERS = 20
_NOT_ASKED = tr("The exchange has not answered yet.")
_NOT_CHECKED = tr("The connection could not be checked: press Check again.")
_IN_CONTACT = tr("Not while the first contact is under way.")
_SENDING = tr("It is being sent.")
_INTRO = tr(
    "This account only watches: plans are shown, nothing is sent. When all three parts are done, the program sends orders "
    "with {money}. Settings takes it back to watch only at any time."
)


class GoLiveDialog(QDialog):
    """`goLiveDialog`; its button is `tradingSwitch`. ``is_open`` is False once it was closed."""

    beginAsked = Signal(object)
    goOnAsked = Signal(str)
    goLiveAsked = Signal(object)

    def __init__(
        self, feed: EngineFeed, view: AccountView, numbers: NumberFormat, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._feed, self._numbers = feed, numbers
        self._account, self._title, self._at = view.account, view.title, view.at
        self._coming: list[QWidget] = []
        self._answer: ConnectionShown | None = None
        self._asked = ""
        self._contact_id = ""
        self._over = {s.id for s in view.strategies if is_contact(s) and s.state is State.ENDED}
        """First contacts of which nothing more is expected."""
        self._sending = False
        self.is_open = True
        self.setObjectName("goLiveDialog")
        self._money, self._mode = money_of(view), Mode(view.mode.lower())
        self.setWindowTitle(tr("Trade with {money} - {title}", money=self._money, title=view.title))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.connection = ConnectionBox(numbers)
        self.contact = ContactBox(numbers)
        self.trading = TradingBox(view, numbers)
        self.hint = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="goLiveHint", wrap=True)
        self.cancel = push_button(tr("Cancel"), "goLiveCancelButton")
        self.switch = push_button(tr("Switch trading on"), "tradingSwitch", kind=ButtonKind.DANGER)
        self._build()
        self._add_part()
        self._connect()
        self._news(view)
        self.check()
        self.cancel.setFocus()

    def _build(self) -> None:
        content = QWidget()
        self._column = column = QVBoxLayout(content)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(12)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(
            TextLabel(
                tr("Trade with {money} on {title}", money=self._money, title=self._title), TextType.TITLE, wrap=True
            ),
            1,
        )
        top.addWidget(ModePlate(self._mode), 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
        column.addWidget(
            TextLabel(_INTRO.format(money=self._money), TextType.BODY, Ink.TEXT2, object_name="goLiveIntro", wrap=True)
        )
        column.addStretch(1)
        self._coming += [self.connection, self.contact, self.trading]
        foot = ActionRow(56)
        foot.left.addWidget(self.hint, 1)
        foot.give_left_the_rest()
        foot.right.addWidget(self.cancel)
        foot.right.addWidget(self.switch)
        self._scroll = form_scroll_area(content, "goLiveScroll", tr("What is checked and asked"))
        above_foot(self, self._scroll, hairline(), foot)
        self.setFixedWidth(WIDTH)
        window = self.parentWidget()
        room = (window.height() if window is not None else HEIGHT + _AIR) - _AIR
        self.resize(WIDTH, min(HEIGHT, room, self.screen().availableGeometry().height() - 80))

    @property
    def no_withdraw(self) -> bool:
        """Whether its owner has looked that the key may not withdraw, where the exchange does not tell."""
        return self.connection.looked.isChecked()

    @property
    def is_complete(self) -> bool:
        """Whether all three parts are on screen."""
        return not self._coming

    @Slot()
    def _add_part(self) -> None:
        """One part in each turn of the window: all at once would hold it up."""
        if self._coming:
            self._column.insertWidget(self._column.count() - 1, hairline())
            self._column.insertWidget(self._column.count() - 1, self._coming.pop(0))
        if self._coming:
            QTimer.singleShot(0, self, self._add_part)

    def _connect(self) -> None:
        self._feed.accountChanged.connect(self._news)
        self._feed.ordersChanged.connect(self._orders_changed)
        self.connection.checkAsked.connect(self.check)
        self.connection.edited.connect(self._looked)
        self.contact.beginAsked.connect(self._ask_begin)
        self.contact.goOnAsked.connect(self._go_on)
        self.trading.edited.connect(self._judge)
        self.trading.grew.connect(self._show_name)
        self.cancel.clicked.connect(self.reject)
        self.switch.clicked.connect(self._go)

    # -------------------------------------------------------------------------------------------- what the exchange says

    @Slot()
    def check(self) -> None:
        """Ask the exchange; an answer that is still on its way says nothing of now."""
        self._feed.forget(self._asked)
        self.connection.show_asking()
        self._asked = self._feed.next_command_id()
        self._feed.ask(CheckConnection(self._asked, self._account), self._checked)
        self._judge()

    def _checked(self, answer: Answer) -> None:
        self._asked = ""
        match answer:
            case ConnectionShown():
                self._answer = answer
                self.connection.show_report(answer.report, self._at, answer.evidence)
                self.contact.show_answer(answer, self.connection.lacking())
            case CommandRejected():
                self._answer = None
                self.connection.show_failure(answer.message)
                self.contact.show_unknown()
            case _:
                raise TypeError(f"a test of the connection was answered by {type(answer).__name__}")
        self._judge()

    # ------------------------------------------------------------------------------------------------ the first contact

    @Slot(object)
    def _news(self, view: AccountView) -> None:
        """The newest picture of the account: how far the first contact is, and whether it is over."""
        if view.account != self._account:
            return
        self._at = view.at
        contact = next((s for s in view.strategies if is_contact(s) and s.id not in self._over), None)
        if contact is None:
            return
        if contact.state is State.ENDED and view.trading is TradingMode.WATCH:
            # Its evidence is stored now, or it proved nothing.
            self._over.add(contact.id)
            self._contact_id = ""
            self.contact.show_contact(None)
            self.check()
            return
        self.contact.show_contact(contact, waits=contact_waits(view))
        if contact.id != self._contact_id:
            self._contact_id = contact.id
            self._load_orders(contact.id)
        self._judge()

    def _load_orders(self, strategy_id: str) -> None:
        """What was sent before this dialog was opened."""
        command_id = self._feed.next_command_id()

        def answered(answer: Answer) -> None:
            if isinstance(answer, HistoryPage) and self.is_open:
                self.contact.show_orders(row for row in answer.rows if isinstance(row, OrderRow))

        command = LoadHistory(command_id, self._account, HistoryKind.ORDERS, strategy_id, limit=_ORDERS)
        self._feed.ask(command, answered)

    @Slot(object)
    def _orders_changed(self, events: tuple[OrderChanged, ...]) -> None:
        self.contact.show_orders(event.row for event in events if event.account == self._account)

    @Slot(object)
    def _ask_begin(self, offer: Quotation) -> None:
        cost = cost_text(offer, self._numbers)
        question = Question(
            "firstContactQuestion",
            tr(
                "Buy {partition} and sell it back, with {money}?",
                partition=offer.symbol.partition("/")[0],
                money=self._money,
            ),
            question_text(offer, self._title, self._money, self._numbers),
            (("begin", tr("Buy and sell back for about {cost}", cost=cost), "firstContactConfirmButton"),),
            self,
        )

        def yes(_key: str) -> None:
            self.contact.hold()
            self.beginAsked.emit(offer)

        question.answered.connect(yes)
        question.open()

    @Slot(str)
    def _go_on(self, symbol: str) -> None:
        self.contact.hold()
        self.goOnAsked.emit(symbol)

    def fail_contact(self, message: str) -> None:
        """The engine refused the first contact."""
        self.contact.fail(message)

    # --------------------------------------------------------------------------------------------------------- switching

    def lacking(self) -> str | None:
        """The first thing that keeps trading from being switched on; None: nothing."""
        answer = self._answer
        if self._contact_id:
            return _IN_CONTACT
        if answer is None or self._asked:
            return _NOT_ASKED if self._asked else _NOT_CHECKED
        return (
            against_report(answer.report)
            or self.connection.lacking()
            or next(iter(answer.lacking), None)
            or self.trading.lacking()
        )

    @Slot()
    def _looked(self) -> None:
        """Its owner says, or no longer says, that the key may not withdraw."""
        if self._answer is not None:
            self.contact.show_answer(self._answer, self.connection.lacking())
        self._judge()

    @Slot()
    def _judge(self) -> None:
        if self._sending:
            return
        lacking = self.lacking()
        block(self.switch, lacking)
        self.hint.setText(
            said(lacking or "")
            or tr("Orders will be sent with {money} on {title}.", money=self._money, title=self._title)
        )
        self.hint.set_ink(Ink.TEXT2 if lacking else Ink.LOSS)

    @Slot()
    def _show_name(self) -> None:
        # What stands under the name has its room only after this turn.
        QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(self.trading.name_field))

    @Slot()
    def _go(self) -> None:
        if self._sending or self.lacking() is not None:
            return
        self._sending = True
        block(self.switch, _SENDING)
        self.hint.setText(tr("The exchange is asked once more what this key may do."))
        self.trading.set_locked(locked=True)
        self.goLiveAsked.emit(self.trading.wish())

    def finish(self) -> None:
        """Trading is on: close."""
        self._sending = False
        self.accept()

    def fail(self, field: str, message: str) -> None:
        """The engine refused it: say so beside the field."""
        self._sending = False
        self.trading.set_locked(locked=False)
        self._judge()
        self._scroll.ensureWidgetVisible(self.trading.fail(field, message))

    def reject(self) -> None:
        # Once it is sent there is nothing to take back: the answer closes the dialog.
        if not self._sending:
            super().reject()

    def done(self, result: int) -> None:
        self.is_open = False
        self._feed.forget(self._asked)
        super().done(result)
