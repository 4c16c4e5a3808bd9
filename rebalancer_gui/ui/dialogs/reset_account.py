"""Beginning the paper account anew: what ends, what is kept, and a box that must be ticked. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.strategy import OCCUPYING
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType, WholeLabel
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot, hairline

_WIDTH = 520
_NAMED = 5
"""So many strategies are named before the rest is counted."""
_KEPT = tr(
    "The whole account is moved into the folder \u201cbackups\u201d of your data folder: strategies, orders, transfers, "
    "journal, and what the paper exchange itself has written. Nothing is deleted, but the program does not open it again "
    "by itself."
)
_BEGINS = tr(
    "A new paper account with fresh play money, at the date where the replay begins. The engine is stopped safely before "
    "anything is moved, and started again afterwards; if the account cannot be moved, everything stays as it is."
)


class ResetAccountDialog(QDialog):
    """`confirmed(str)` carries the account's name, once; the dialog closes with it."""

    confirmed = Signal(str)

    def __init__(
        self, feed: EngineFeed, view: AccountView, numbers: NumberFormat, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._numbers, self._account = numbers, view.account
        self.setObjectName("resetAccountDialog")
        self.setWindowTitle(tr("Reset paper account"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._ends = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="resetEndsLabel", wrap=True)
        self.agree = QCheckBox(tr("End all strategies of this account and begin anew"))
        self.agree.setObjectName("resetAgreeCheck")
        self.agree.setAccessibleName(self.agree.text())
        self.cancel = push_button(tr("Cancel"), "resetCancelButton")
        self.confirm = push_button(tr("Reset paper account"), "confirmButton", kind=ButtonKind.DANGER)
        self._build()
        feed.accountChanged.connect(self.show_view)
        self.agree.toggled.connect(self._judge)
        self.cancel.clicked.connect(self.reject)
        self.confirm.clicked.connect(self._confirm)
        self.show_view(view)
        self._judge()
        self.cancel.setFocus()

    def _build(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(6)
        column.addWidget(TextLabel(tr("Begin the paper account anew?"), TextType.TITLE))
        for title, text in (
            (tr("What ends"), self._ends),
            (tr("What is kept"), WholeLabel(_KEPT, TextType.BODY, Ink.TEXT2, object_name="resetKeptLabel")),
            (
                tr("What begins"),
                WholeLabel(_BEGINS, TextType.BODY, Ink.TEXT2, object_name="resetBeginsLabel"),
            ),
        ):
            column.addSpacing(4)
            column.addWidget(TextLabel(title, TextType.STRONG))
            column.addWidget(text)
        column.addStretch(1)
        column.addWidget(hairline())
        column.addWidget(self.agree)
        foot = ActionRow(56)
        foot.right.addWidget(self.cancel)
        foot.right.addWidget(self.confirm)
        above_foot(self, column, foot)
        self.setFixedWidth(_WIDTH)

    def showEvent(self, event: QShowEvent) -> None:
        """Only now the sentences have their fonts, and it is known how high they are."""
        super().showEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """As high as the sentences need at this width, and never lower than it was."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(_WIDTH, max(self.height() if self.isVisible() else 0, layout.totalHeightForWidth(_WIDTH)))

    @Slot(object)
    def show_view(self, view: AccountView) -> None:
        """The newest picture of the account."""
        if view.account == self._account:
            words = ends_text(view, self._numbers)
            if self._ends.text() != words:
                self._ends.setText(words)
                self._make_room()

    @Slot()
    def _judge(self) -> None:
        block(self.confirm, None if self.agree.isChecked() else tr("Tick the box above first."))

    @Slot()
    def _confirm(self) -> None:
        self.accept()
        self.confirmed.emit(self._account)


def ends_text(view: AccountView, numbers: NumberFormat) -> str:
    """Which strategies end with the account, and what money leaves the window with them."""
    going = [s.parameters.name for s in view.strategies if s.state in OCCUPYING]
    over = view.ended
    if going:
        rest = len(going) - _NAMED
        named = ", ".join(going[:_NAMED]) + (tr(" and {rest} more", rest=rest) if rest > 0 else "")
        count = (
            tr("The strategy that is not over")
            if len(going) == 1
            else tr("All {count} strategies that are not over", count=len(going))
        )
        words = tr("{count}: {named}. Their coins are not sold: they go with the account.", count=count, named=named)
    else:
        words = tr("No strategy is running.")
    if over:
        which = (
            tr("The strategy that has ended leaves")
            if over == 1
            else tr("The {over} strategies that have ended leave", over=over)
        )
        words += tr(" {which} the window too.", which=which)
    money = numbers.money(view.total, view.quote)
    return tr(
        "{words} The play money and coins of the account, {money} now, are not carried over.", words=words, money=money
    )
