"""An order about which nothing could be proven: the order, the evidence, and its owner's decision. GUI thread only."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.events import CommandRejected, QuarantineShown
from rebalancer_gui.application.views import AccountView, QuarantineView, StrategyView
from rebalancer_gui.domain.strategy import HaltKind, State
from rebalancer_gui.ui.dialogs.decision_box import DecisionBox
from rebalancer_gui.ui.dialogs.quarantine_tables import CandidateTable, EvidenceTable
from rebalancer_gui.ui.dialogs.quarantine_words import FACT_KEYS, NO_CANDIDATES, adopting, discarding, facts
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.form import combo_box
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, Panel, above_foot, caption, form_scroll_area

_WIDTH, _HEIGHT = 880, 740
_AIR = 20
"""Pixels that the dialog leaves of its window's height."""
_EVIDENCE_ROWS, _EVIDENCE_ROWS_WHEN_LOW = 5, 3
_FACT_ROWS = 3
_ASKING = tr("The exchange is being asked.")
_SENT = tr("Your decision is being carried out.")
_OVER = Notice(
    Level.NOTE,
    tr("This order is decided."),
    tr("It was found out or decided meanwhile: there is nothing left to do here. The orders show what became of it."),
)


class QuarantinedOrderDialog(QDialog):
    """`adoptAsked(client order id, the exchange's order id)` and `discardAsked(client order id)`: who opened it sends that, and
    answers with `finish` or `fail`. It stays open until then. ``is_open`` is False once it was closed.
    """

    adoptAsked = Signal(str, str)
    discardAsked = Signal(str)

    def __init__(
        self, feed: EngineFeed, strategy: StrategyView, numbers: NumberFormat, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._feed, self._numbers, self._strategy = feed, numbers, strategy
        self._shown: QuarantineView | None = None
        self._request = ""
        self._over = False
        self.is_open = True
        self.setObjectName("quarantinedOrderDialog")
        self.setWindowTitle(tr("An order to decide"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.which = combo_box("quarantinedOrderCombo", tr("Order"), [(cid, cid) for cid in strategy.quarantined])
        self.banner = Banner("quarantineBanner")
        self._facts = QGridLayout()
        self._height = min(_HEIGHT, parent.window().height() - _AIR) if parent is not None else _HEIGHT
        low = self._height < _HEIGHT
        self.evidence = EvidenceTable(_EVIDENCE_ROWS_WHEN_LOW if low else _EVIDENCE_ROWS)
        self.candidates = CandidateTable(strategy.parameters.quote, numbers)
        self._unlisted = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="candidatesText", wrap=True)
        self.again = push_button(tr("Ask again"), "askAgainButton", icon="refresh", compact=True)
        self.adopt = DecisionBox("adopt", tr("It is one of these"), tr("Adopt the chosen order"), ButtonKind.MAIN)
        self.discard = DecisionBox("discard", tr("It never was"), tr("It never was: discard"), ButtonKind.DANGER)
        self.later = push_button(tr("Decide later"), "decideLaterButton")
        self._build()
        self._connect()
        self._ask()
        self.later.setFocus()

    # ------------------------------------------------------------------------------------------------------------ parts

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(
            TextLabel(tr("What became of this order of {name}?", name=self._strategy.parameters.name), TextType.TITLE),
            1,
        )
        head.addWidget(self.which)
        self.which.setVisible(self.which.count() > 1)
        column.addLayout(head)
        column.addWidget(self.banner)
        self._facts.setHorizontalSpacing(12)
        self._facts.setVerticalSpacing(4)
        for value in (1, 3):
            self._facts.setColumnStretch(value, 1)
        column.addLayout(self._facts)
        column.addSpacing(4)
        column.addWidget(TextLabel(tr("What was found out"), TextType.STRONG))
        column.addWidget(_framed(self.evidence))
        column.addSpacing(4)
        row = QHBoxLayout()
        row.addWidget(TextLabel(tr("Orders of the exchange that could be it"), TextType.STRONG), 1)
        row.addWidget(self.again)
        column.addLayout(row)
        column.addWidget(self._unlisted)
        self._listed = _framed(self.candidates)
        column.addWidget(self._listed)
        column.addSpacing(4)
        decisions = QHBoxLayout()
        decisions.setSpacing(12)
        decisions.addWidget(self.adopt, 1)
        decisions.addWidget(self.discard, 1)
        column.addLayout(decisions)
        column.addStretch(1)
        foot = ActionRow(56)
        hint = tr(
            "Nothing has to be decided: it is looked up once a minute, and what it may have used stays set aside."
        )
        foot.left.addWidget(TextLabel(hint, TextType.SMALL, Ink.TEXT2, object_name="quarantineHint", wrap=True))
        foot.give_left_the_rest()
        foot.right.addWidget(self.later)
        above_foot(self, form_scroll_area(content, "quarantineScroll", tr("What is known of the order")), foot)
        self.setFixedWidth(_WIDTH)
        self.resize(_WIDTH, self._height)

    def _connect(self) -> None:
        order = (
            self.which, self.evidence, self.again, self.candidates, self.adopt.agree, self.adopt.button,
            self.discard.agree, self.discard.button, self.later,
        )  # fmt: skip
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)
        self._feed.accountChanged.connect(self._news)
        self.which.currentIndexChanged.connect(self._ask)
        self.again.clicked.connect(self._ask)
        self.candidates.candidateChosen.connect(self._judge)
        self.adopt.pressed.connect(self._adopt)
        self.discard.pressed.connect(self._discard)
        self.later.clicked.connect(self.reject)
        self.finished.connect(self._closed)

    @property
    def client_order_id(self) -> str:
        """Of the order on screen."""
        return str(self.which.currentData())

    # ---------------------------------------------------------------------------------------------------------- answers

    @Slot()
    def _ask(self) -> None:
        """What is known of the order, and what the exchange lists now."""
        if self._shown is not None and self._shown.order.client_order_id != self.client_order_id:
            self._shown = None
            self.evidence.show_evidence(())
            self.candidates.show_candidates((), "")
        self._over = False
        block(self.again, _ASKING)
        self._hold(_ASKING)
        self._request = self._feed.next_command_id()
        self._feed.ask(c.LoadQuarantine(self._request, self._strategy.id, self.client_order_id), self._answered)

    def _answered(self, answer: Answer) -> None:
        # Closed, or asked for another order since.
        if not self.is_open or answer.command_id != self._request:
            return
        if not self._over:
            block(self.again, None)
        if isinstance(answer, QuarantineShown):
            self._show(answer.quarantine)
        elif isinstance(answer, CommandRejected) and not self._over:
            self._hold(answer.message)
            self.banner.show_notice(Notice(Level.WARNING, tr("It cannot be shown now"), answer.message))

    def _show(self, view: QuarantineView) -> None:
        self._shown = view
        if not self._over:
            self.banner.show_notice(None)
        self._show_facts(view)
        self.evidence.show_evidence(view.evidence)
        listed = bool(view.candidates)
        self.candidates.show_candidates(view.candidates, view.order.client_order_id)
        self._listed.setVisible(listed)
        self._unlisted.setVisible(not listed)
        self._unlisted.setText(
            tr("They could not be listed: {unlisted}", unlisted=view.unlisted) if view.unlisted else NO_CANDIDATES
        )
        self._judge()

    def _show_facts(self, view: QuarantineView) -> None:
        while (item := self._facts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        for number, (name, value) in enumerate(facts(view, self._strategy.parameters.name, self._numbers)):
            label = TextLabel(value, object_name=f"fact{FACT_KEYS[name]}", wrap=True)
            label.setAccessibleName(f"{name}: {value}")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            row, column = number % _FACT_ROWS, number // _FACT_ROWS * 2
            self._facts.addWidget(caption(name), row, column, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(label, row, column + 1)

    @Slot(object)
    def _news(self, account: AccountView) -> None:
        """Whether there is still something to decide."""
        found = next((s for s in account.strategies if s.id == self._strategy.id), None)
        if found is None:
            return
        self._strategy = found
        over = self.client_order_id not in found.quarantined
        if over and not self._over:
            self._over = True
            self.banner.show_notice(_OVER)
            block(self.again, _OVER.headline)
            self._hold(_OVER.headline)
            self.later.setText(tr("Close"))
            self.later.setAccessibleName(tr("Close"))
        elif not over:
            self._judge_again()

    def _judge_again(self) -> None:
        if self._shown is not None and self.again.isEnabled():
            self._judge()

    @Slot()
    def _judge(self) -> None:
        """What each decision does, from what is shown and chosen."""
        view = self._shown
        if view is None or self._over:
            return
        name, goes_on = self._strategy.parameters.name, self._goes_on()
        self.adopt.show_decision(adopting(view, self.candidates.chosen(), name, self._numbers, goes_on=goes_on))
        self.discard.show_decision(discarding(view, name, self._numbers, goes_on=goes_on))

    def _goes_on(self) -> bool:
        strategy, account = self._strategy, self._feed.view
        alone = strategy.state is State.HALTED and strategy.halt is HaltKind.QUARANTINED
        return alone and len(strategy.quarantined) == 1 and account is not None and not account.stop_all

    def _hold(self, why: str) -> None:
        for box in (self.adopt, self.discard):
            box.hold(why)

    # -------------------------------------------------------------------------------------------------------- decisions

    @Slot()
    def _adopt(self) -> None:
        chosen = self.candidates.chosen()
        if chosen is not None:
            self._send_off()
            self.adoptAsked.emit(self.client_order_id, chosen.venue_order_id)

    @Slot()
    def _discard(self) -> None:
        self._send_off()
        self.discardAsked.emit(self.client_order_id)

    def _send_off(self) -> None:
        block(self.again, _SENT)
        self.which.setEnabled(False)
        self._hold(_SENT)

    def finish(self) -> None:
        """It was done."""
        self.accept()

    def fail(self, message: str) -> None:
        """It was refused: why, and what is known now."""
        self.which.setEnabled(True)
        if self._over:
            return
        block(self.again, None)
        self._judge()
        self.banner.show_notice(Notice(Level.BLOCKING, tr("Nothing was decided"), message))

    @Slot()
    def _closed(self) -> None:
        self.is_open = False


def _framed(table: QWidget) -> Panel:
    frame = Panel()
    frame.body.addWidget(table)
    return frame
