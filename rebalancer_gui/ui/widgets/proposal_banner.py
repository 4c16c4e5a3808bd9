"""The banner of a proposed rebalance: its orders in a sentence, Approve, Not now, and the whole plan. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.ui.monitor.proposals import ProposalWords
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.announce import announce
from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel, TextType


class ProposalBanner(QFrame):
    """`proposalBanner` with `approveButton`, `notNowButton`, `proposalPlanButton`. Hidden while nothing is proposed.

    `approved(str)` and `declined(str)` carry the id of the proposal that was on screen when it was pressed.
    """

    approved = Signal(str)
    declined = Signal(str)
    planAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("proposalBanner")
        self.setProperty("role", "banner")
        self.setProperty("level", "note")
        self._words: ProposalWords | None = None
        self._headline = TextLabel("", TextType.STRONG, Ink.INFO, object_name="proposalHeadline", wrap=True)
        self._orders = TextLabel("", object_name="proposalOrdersText", wrap=True)
        self._stands = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="proposalStandsText", wrap=True)
        self.approve = push_button(tr("Approve"), "approveButton", kind=ButtonKind.MAIN, compact=True)
        self.not_now = push_button(
            tr("Not now"),
            "notNowButton",
            compact=True,
            tip=tr("Nothing is sent; it is proposed again in 10 minutes at the earliest"),
        )
        self.plan = push_button(
            tr("Plan\u2026"), "proposalPlanButton", compact=True, accessible_name=tr("Show the whole plan")
        )
        self._build()
        self.approve.clicked.connect(lambda: self._emit(self.approved))
        self.not_now.clicked.connect(lambda: self._emit(self.declined))
        self.plan.clicked.connect(self.planAsked)
        self.hide()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(IconLabel("rebalance", Ink.INFO), 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        for label in (self._headline, self._orders, self._stands):
            texts.addWidget(label)
        row.addLayout(texts, 1)
        for button in (self.plan, self.not_now, self.approve):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_words(self, words: ProposalWords | None) -> None:
        """Show this proposal, or nothing."""
        if words == self._words:
            return
        told = self._words.headline if self._words is not None else ""
        self._words = words
        self.setVisible(words is not None)
        if words is None:
            return
        self._headline.setText(words.headline)
        self._orders.setText(words.orders)
        self._stands.setText(words.stands)
        self.approve.setVisible(not words.only_shown)
        self.not_now.setVisible(not words.only_shown)
        self.setAccessibleName(f"{words.headline}. {words.orders} {words.stands}")
        if words.headline != told:
            announce(self, self.accessibleName())

    def _emit(self, signal: SignalInstance) -> None:
        if self._words is not None:
            signal.emit(self._words.id)
