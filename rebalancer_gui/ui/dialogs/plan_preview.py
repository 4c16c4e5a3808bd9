"""The orders that Create would send, shown before money moves and renewed each second. GUI thread only.

    dialog = PlanPreviewDialog(feed, account, parameters, slots, numbers, parent)
    dialog.confirmed.connect(self._create)          # StrategyParameters, once
    dialog.open()

The dialog sends nothing but questions. Whoever opened it creates the strategy, then calls `finish`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.commands import PreviewStrategy
from rebalancer_gui.application.events import CommandRejected, PreviewReady
from rebalancer_gui.application.views import Preview
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import StrategyParameters
from rebalancer_gui.ui.create.texts import SELL_ALL, SELL_ALL_TIP, whole_rule_text
from rebalancer_gui.ui.dialogs.plan_figures import PlanFigures, figures_of
from rebalancer_gui.ui.dialogs.plan_table import AfterTable, PlanTable, after_rows, plan_rows
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat, places_of, utc_clock
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, Panel, form_scroll_area, hairline

RENEW_MS = 1000
_WIDTH = 656
_ACTION_HEIGHT = 56
_SPARE_HEIGHT = 80
_CHECK_AIR = 8


class PlanPreviewDialog(QDialog):
    """`confirmed(object)` carries the parameters; after that the dialog waits and can neither be sent nor closed."""

    confirmed = Signal(object)

    def __init__(
        self,
        feed: EngineFeed,
        account: str,
        parameters: StrategyParameters,
        slots: Mapping[str, int],
        numbers: NumberFormat,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._feed, self._account, self._parameters = feed, account, parameters
        self._slots, self._numbers = slots, numbers
        self._asked = ""
        self._sending = False
        self._preview: Preview | None = None
        self.setObjectName("planPreviewDialog")
        self.setWindowTitle(f"Create {parameters.name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        amount = parameters.investment
        money = numbers.money(amount, parameters.quote, max(2, places_of(amount)))
        self._rule = ElidedLabel(
            f"{money}, {whole_rule_text(parameters.rule, numbers)}", ink=Ink.TEXT2, object_name="planRuleLabel"
        )
        self._as_of = TextLabel("", TextType.SMALL, Ink.TEXT3, object_name="planTimeLabel")
        self.table = PlanTable(parameters.quote, numbers)
        self.after = AfterTable(parameters.quote, numbers)
        self._banner = Banner("planBanner")
        self.sell_all = QCheckBox(SELL_ALL)
        self.sell_all.setObjectName("planSellAllCheck")
        self.sell_all.setAccessibleName(SELL_ALL)
        self.sell_all.setToolTip(SELL_ALL_TIP)
        self.sell_all.setChecked(parameters.sell_all_on_stop)
        self._hint = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="planHint", wrap=True)
        self.cancel = push_button("Cancel", "planCancelButton")
        self.confirm = push_button(f"Create with {money}", "confirmButton", kind=ButtonKind.MAIN)
        self.cancel.clicked.connect(self.reject)
        self.confirm.clicked.connect(self._confirm)
        self._timer = QTimer(self)
        self._timer.setInterval(RENEW_MS)
        self._timer.timeout.connect(self._ask)
        self._build()
        block(self.confirm, "The orders are being planned.")

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        column.addWidget(self._rule)
        column.addLayout(_heading("Orders to be sent", self._as_of))
        column.addWidget(_framed(self.table))
        column.addWidget(self._banner)
        column.addSpacing(8)
        column.addLayout(_heading("After these orders", TextLabel("at the same prices", TextType.SMALL, Ink.TEXT3)))
        column.addWidget(_framed(self.after))
        column.addStretch(1)
        self._content = content
        self._row = ActionRow(_ACTION_HEIGHT)
        self._row.left.addWidget(self._hint)
        self._row.right.addWidget(self.cancel)
        self._row.right.addWidget(self.confirm)
        self._hint.setMinimumWidth(240)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(form_scroll_area(content, "planScroll"), 1)
        outer.addWidget(hairline())
        # Outside the scroll area: it is asked here, so it must be seen.
        asked = QHBoxLayout()
        asked.setContentsMargins(SIDE, _CHECK_AIR, SIDE, _CHECK_AIR)
        asked.addWidget(self.sell_all)
        outer.addLayout(asked)
        outer.addWidget(self._row)
        self.setFixedWidth(_WIDTH)

    # --------------------------------------------------------------------------------------------------------- asking

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()
        self._timer.start()
        # Not on Confirm: a second Enter on Create must not move money.
        self.cancel.setFocus()

    def done(self, result: int) -> None:
        self._timer.stop()
        self._feed.forget(self._asked)
        super().done(result)

    def reject(self) -> None:
        # Once it is sent there is nothing to take back: the answer closes the dialog.
        if not self._sending:
            super().reject()

    def _ask(self) -> None:
        if self._asked or self._sending:
            return
        self._asked = self._feed.next_command_id()
        self._feed.ask(PreviewStrategy(self._asked, self._account, self._parameters), self._answered)

    def _answered(self, answer: Answer) -> None:
        self._asked = ""
        if self._sending:
            return
        match answer:
            case PreviewReady():
                self._show(answer.preview)
            case CommandRejected():
                self._refuse(answer.message)
            case _:
                raise TypeError(f"a preview was answered by {type(answer).__name__}")

    # -------------------------------------------------------------------------------------------------------- showing

    def _show(self, preview: Preview) -> None:
        self._preview = preview
        plan, view = preview.plan, self._feed.view
        if view is None:
            return
        figures = figures_of(plan, view.fees)
        rules = self._feed.rules
        self._as_of.setText(f"estimated at prices of {utc_clock(plan.snapshot.at)}, renewed each second")
        self.table.show_rows(plan_rows(plan, figures, view.fees, rules, self._slots, self._numbers))
        self.after.show_rows(after_rows(figures, self._slots))
        self._hint.setText(self._summary(figures))
        problems = [message for _, message in preview.problems]
        if problems:
            self._refuse(problems[0])
        elif not plan.legs:
            self._refuse(plan.message or "No order can be sent: there is nothing to create.")
        else:
            self._banner.show_notice(self._skip_notice(preview))
            block(self.confirm, None)
        # Once the tables' new heights have gone through the layouts around them.
        QTimer.singleShot(0, self, self._fit)

    def _summary(self, figures: PlanFigures) -> str:
        money, quote = self._numbers.money, self._parameters.quote
        return f"{money(figures.traded, quote)} go into coins, {money(figures.cash, quote)} stay as cash."

    def _skip_notice(self, preview: Preview) -> Notice | None:
        skipped = preview.plan.skipped
        if not skipped:
            return None
        names = ", ".join(leg.asset for leg in skipped)
        missing = self._numbers.money(max((leg.shortfall for leg in skipped), default=ZERO), self._parameters.quote)
        return Notice(
            Level.WARNING,
            f"{names} will not be bought now",
            f"Up to {missing} are missing to the smallest order. The money stays as cash until a rebalance can use it.",
        )

    def _refuse(self, message: str) -> None:
        self._banner.show_notice(Notice(Level.BLOCKING, "This cannot be created", message))
        block(self.confirm, message)
        self._fit()

    def _fit(self) -> None:
        """As high as its content, never higher than the screen."""
        below = self._row.height() + self.sell_all.sizeHint().height() + 2 * _CHECK_AIR + 1
        wanted = self._content.sizeHint().height() + below
        room = self.screen().availableGeometry().height() - _SPARE_HEIGHT
        height = min(wanted, room)
        if height != self.height():
            self.setFixedHeight(height)
            self._stay_on_screen()

    def _stay_on_screen(self) -> None:
        """It was placed while it was small: what it grew by must not push its buttons off the screen."""
        frame, room = self.frameGeometry(), self.screen().availableGeometry()
        if frame.bottom() > room.bottom():
            self.move(frame.left(), max(room.top(), room.bottom() + 1 - frame.height()))

    # -------------------------------------------------------------------------------------------------------- sending

    def _confirm(self) -> None:
        if self._sending:
            return
        self._sending = True
        self._timer.stop()
        block(self.confirm, "It is being created.")
        self.confirm.setText("Creating\u2026")
        self.cancel.setEnabled(False)
        self.sell_all.setEnabled(False)
        self.confirmed.emit(replace(self._parameters, sell_all_on_stop=self.sell_all.isChecked()))

    def finish(self) -> None:
        """It was created, or refused and told elsewhere: close."""
        self._sending = False
        self.accept()


def _heading(title: str, hint: TextLabel) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    row.addWidget(TextLabel(title, TextType.TITLE))
    row.addWidget(hint)
    row.addStretch(1)
    return row


def _framed(table: QWidget) -> Panel:
    frame = Panel()
    frame.body.addWidget(table)
    return frame
