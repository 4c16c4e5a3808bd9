"""What all dialogs share in which money moves: orders, before and after, one button, renewed each second. GUI thread only.

A subclass puts its fields into `top`, answers `question`, `draw` and `wish`, and calls `edited` when a field changed.
Whoever opened the dialog sends what `confirmed` carries, then calls `finish`, or `fail` where the engine refused it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView, Preview
from rebalancer_gui.domain.planning import Plan
from rebalancer_gui.domain.valuation import Snapshot
from rebalancer_gui.ui.dialogs.after_table import AfterTable, after_rows
from rebalancer_gui.ui.dialogs.plan_figures import PlanFigures
from rebalancer_gui.ui.dialogs.plan_table import PlanTable, TotalWords, plan_rows
from rebalancer_gui.ui.dialogs.preview_asker import PreviewAsker, PreviewCommand
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat, utc_clock
from rebalancer_gui.ui.live_words import with_real_money
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, Panel, form_scroll_area, hairline
from rebalancer_gui.ui.widgets.real_money import RealMoneyLine

PLANNING = tr("The orders are being planned.")
WIDTH = 656
_ACTION_HEIGHT = 56
_SPARE_HEIGHT = 80


@dataclass(frozen=True, slots=True)
class Words:
    """What a dialog says. `after` heads the second table; `blocked` heads the banner while confirming is impossible."""

    title: str
    confirm: str
    sending: str
    after: str
    after_hint: str
    blocked: str


class PreviewDialog(QDialog):
    """`confirmed(object)` carries `wish()`, once; after that the dialog waits and can neither be sent nor closed."""

    confirmed = Signal(object)

    def __init__(
        self,
        feed: EngineFeed,
        quote: str,
        numbers: NumberFormat,
        words: Words,
        *,
        object_name: str,
        with_before: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._feed, self._numbers, self._words = feed, numbers, words
        self._sending = False
        self._failure = ""
        self.setObjectName(object_name)
        self.setWindowTitle(words.title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.top = QVBoxLayout()
        """The dialog's own fields, above the orders."""
        self.low = QHBoxLayout()
        """Outside the scrolled part, above the buttons: what is asked there must be seen."""
        self.table = PlanTable(quote, numbers)
        self.after = AfterTable(quote, numbers, with_before=with_before)
        self.banner = Banner("planBanner")
        self.hint = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="planHint", wrap=True)
        self.cancel = push_button(tr("Cancel"), "planCancelButton")
        self.confirm = push_button(words.confirm, "confirmButton", kind=ButtonKind.MAIN)
        self._real = with_real_money(feed.view)
        self._real_line = RealMoneyLine(self._real, self.confirm)
        self.asker = PreviewAsker(feed, self.question, self)
        self._as_of = TextLabel("", TextType.SMALL, Ink.TEXT3, object_name="planTimeLabel")
        self._build()
        self.asker.answered.connect(self._answered)
        self.asker.refused.connect(self._refused)
        self.cancel.clicked.connect(self.reject)
        self.confirm.clicked.connect(self._confirm)
        block(self.confirm, PLANNING)

    def _build(self) -> None:
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        self.top.setSpacing(8)
        column.addLayout(self.top)
        column.addSpacing(4)
        self.orders = QWidget()
        orders = QVBoxLayout(self.orders)
        orders.setContentsMargins(0, 0, 0, 0)
        orders.setSpacing(8)
        self._orders_title = TextLabel(tr("Orders to be sent"), TextType.TITLE)
        orders.addLayout(_heading(self._orders_title, self._as_of))
        orders.addWidget(_framed(self.table))
        column.addWidget(self.orders)
        column.addWidget(self.banner)
        column.addSpacing(8)
        after_hint = TextLabel(self._words.after_hint, TextType.SMALL, Ink.TEXT3)
        column.addLayout(_heading(TextLabel(self._words.after, TextType.TITLE), after_hint))
        column.addWidget(_framed(self.after))
        column.addStretch(1)
        self._row = ActionRow(_ACTION_HEIGHT)
        self._row.left.addWidget(self.hint, 1)
        self._row.give_left_the_rest()
        self._row.right.addWidget(self.cancel)
        self._row.right.addWidget(self.confirm)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._scroll = form_scroll_area(self._content, "planScroll", tr("The whole plan"))
        self._scroll.verticalScrollBar().rangeChanged.connect(self._content_grew)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(hairline())
        outer.addLayout(self.low)
        outer.addWidget(self._real_line)
        outer.addWidget(self._row)
        self.setFixedWidth(WIDTH)

    # ------------------------------------------------------------------------------------------------- for subclasses

    def question(self, command_id: str) -> PreviewCommand | None:
        """What the engine is asked each second; None: nothing now."""
        return None

    def draw(self, preview: Preview, view: AccountView) -> str | None:
        """Show what the engine answered; why it cannot be confirmed, or None where it can."""
        return None

    def field_problem(self) -> str | None:
        """What keeps it from being confirmed and is said beside a field already."""
        return None

    def wish(self) -> object:
        """What `confirmed` carries."""
        return None

    def lock(self) -> None:
        """It is being sent: no field may change any more. `unlock` takes it back."""

    def unlock(self) -> None:
        """The engine refused it: the fields may change again."""

    def notices(self) -> Sequence[Notice]:
        """What the banner says besides refusals."""
        return ()

    def edited(self) -> None:
        """A field has changed: what was shown and refused belongs to something else now."""
        self._failure = ""
        block(self.confirm, PLANNING)
        self.asker.renew()

    def set_orders_title(self, text: str) -> None:
        """Where the orders are not sent at once."""
        self._orders_title.setText(text)

    def name_confirm(self, text: str) -> None:
        """What the button does, with its amount."""
        if self.confirm.text() != text:
            self.confirm.setText(text)
            self.confirm.setAccessibleName(f"{text} {self._real}".rstrip())

    def show_plan(
        self,
        plan: Plan,
        figures: PlanFigures,
        view: AccountView,
        slots: Mapping[str, int],
        *,
        before: Snapshot | None = None,
        total: TotalWords | None = None,
    ) -> None:
        """Fill both tables. `before`: the portfolio as it is now, for the columns with that name."""
        self.table.show_rows(plan_rows(plan, figures, view.fees, self._feed.rules, slots, self._numbers, total))
        self.after.show_rows(after_rows(figures, slots, before))

    # --------------------------------------------------------------------------------------------------------- asking

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.asker.start()
        self.fit_soon()

    def done(self, result: int) -> None:
        self.asker.stop()
        super().done(result)

    def reject(self) -> None:
        # Once it is sent there is nothing to take back: the answer closes the dialog.
        if not self._sending:
            super().reject()

    def _answered(self, preview: Preview) -> None:
        view = self._feed.view
        if view is None:
            return
        self._as_of.setText(
            tr("estimated at prices of {utc_clock}, renewed each second", utc_clock=utc_clock(preview.plan.snapshot.at))
        )
        self.settle(self.draw(preview, view))

    def _refused(self, message: str) -> None:
        self.settle(message)

    def settle(self, refusal: str | None) -> None:
        """Confirm is possible, or `refusal` says why not, in the banner too; a field's own problem stands beside it."""
        problem = self.field_problem()
        block(self.confirm, problem or refusal)
        shown: list[Notice] = []
        if self._failure:
            shown.append(Notice(Level.BLOCKING, tr("Refused: nothing was changed"), self._failure))
        elif problem is None and refusal is not None:
            shown.append(Notice(Level.BLOCKING, self._words.blocked, refusal))
        else:
            shown.extend(self.notices())
        self.banner.show_notices(shown)
        self.fit_soon()

    # --------------------------------------------------------------------------------------------------------- height

    def fit_soon(self) -> None:
        """Once the tables' new heights have gone through the layouts around them."""
        QTimer.singleShot(0, self, self._fit)

    @Slot(int, int)
    def _content_grew(self, _least: int, most: int) -> None:
        """A banner that came or a line that broke needs more than what was measured."""
        if most > 0:
            self.fit_soon()

    def _fit(self) -> None:
        """As high as its content, never higher than the screen."""
        below = self._row.height() + self._real_line.height() + self.low.sizeHint().height() + 1
        room = self.screen().availableGeometry().height() - _SPARE_HEIGHT
        height = min(self._height_of_content() + below, room)
        if height != self.height():
            self.setFixedHeight(height)
            self._stay_on_screen()

    def _height_of_content(self) -> int:
        layout = self._content.layout()
        if layout is not None and layout.hasHeightForWidth():
            return layout.totalHeightForWidth(WIDTH)
        return self._content.sizeHint().height()

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
        self.asker.stop()
        block(self.confirm, tr("It is being sent."))
        self.name_confirm(self._words.sending)
        self.cancel.setEnabled(False)
        self.banner.setEnabled(False)
        self.lock()
        self.confirmed.emit(self.wish())

    def finish(self) -> None:
        """It was done, or refused and told elsewhere: close."""
        self._sending = False
        self.accept()

    def fail(self, message: str) -> None:
        """The engine refused it: say so here and let it be changed, or tried again."""
        self._sending = False
        self._failure = message
        self.cancel.setEnabled(True)
        self.banner.setEnabled(True)
        self.name_confirm(self._words.confirm)
        self.unlock()
        self.settle(None)
        block(self.confirm, PLANNING)
        self._scroll.ensureWidgetVisible(self.banner)
        self.asker.start()


def _heading(title: TextLabel, hint: TextLabel) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    row.addWidget(title)
    row.addWidget(hint)
    row.addStretch(1)
    return row


def _framed(table: QWidget) -> Panel:
    frame = Panel()
    frame.body.addWidget(table)
    return frame
