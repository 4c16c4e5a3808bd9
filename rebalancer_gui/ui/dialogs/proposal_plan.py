"""The whole plan of a proposed rebalance: orders, what is skipped and why, before and after. GUI thread only."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from rebalancer_gui.application.proposal import Proposal
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.ui.dialogs.after_table import AfterTable, after_rows
from rebalancer_gui.ui.dialogs.plan_figures import figures_of
from rebalancer_gui.ui.dialogs.plan_table import PlanTable, plan_rows
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat, utc_clock
from rebalancer_gui.ui.live_words import with_real_money
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, Panel, above_foot, form_scroll_area
from rebalancer_gui.ui.widgets.real_money import RealMoneyLine

WIDTH = 656
_AIR = 72
_ONLY_SHOWN = tr("The account is on watch only: nothing is sent.")
_OVER = tr("This proposal is over. Close this, and look at the one that stands now.")


class ProposalDialog(QDialog):
    """`approved(str)` and `declined(str)` carry the id of the proposal shown; the dialog closes with them."""

    approved = Signal(str)
    declined = Signal(str)

    def __init__(
        self,
        feed: EngineFeed,
        strategy_id: str,
        proposal: Proposal,
        slots: Mapping[str, int],
        numbers: NumberFormat,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._feed, self._strategy_id, self._proposal = feed, strategy_id, proposal
        quote = proposal.plan.snapshot.quote_asset
        self.setObjectName("proposalDialog")
        self.setWindowTitle(tr("Proposed rebalance"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.table = PlanTable(quote, numbers)
        self.after = AfterTable(quote, numbers, with_before=True)
        self.banner = Banner("proposalPlanBanner")
        self.close_button = push_button(tr("Close"), "proposalCloseButton")
        self.not_now = push_button(tr("Not now"), "proposalNotNowButton")
        self.confirm = push_button(tr("Approve"), "confirmButton", kind=ButtonKind.MAIN)
        self._fill(slots, numbers)
        self._build()
        feed.accountChanged.connect(self._news)
        self.close_button.clicked.connect(self.reject)
        self.not_now.clicked.connect(lambda: self._answer(self.declined))
        self.confirm.clicked.connect(lambda: self._answer(self.approved))
        view = feed.view
        if view is not None:
            self._news(view)
        self.close_button.setFocus()

    def _fill(self, slots: Mapping[str, int], numbers: NumberFormat) -> None:
        view, plan = self._feed.view, self._proposal.plan
        if view is None:
            return
        figures = figures_of(plan, view.fees)
        self.table.show_rows(plan_rows(plan, figures, view.fees, self._feed.rules, slots, numbers))
        self.after.show_rows(after_rows(figures, slots, plan.snapshot))

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        at = utc_clock(self._proposal.plan.snapshot.at)
        column.addWidget(TextLabel(tr("Orders to be sent"), TextType.TITLE))
        text = tr(
            "Planned at prices of {at} UTC; each order takes the price of its own moment, at most 0.3 % worse.", at=at
        )
        column.addWidget(TextLabel(text, TextType.SMALL, Ink.TEXT2, wrap=True))
        for title, table in (("", self.table), (tr("Before and after"), self.after)):
            if title:
                column.addWidget(TextLabel(title, TextType.TITLE))
            frame = Panel()
            frame.body.addWidget(table)
            column.addWidget(frame)
        column.addWidget(self.banner)
        column.addStretch(1)
        foot = ActionRow(56)
        for button in (self.close_button, self.not_now, self.confirm):
            foot.right.addWidget(button)
        above_foot(
            self,
            form_scroll_area(content, "proposalScroll", tr("The whole plan")),
            RealMoneyLine(with_real_money(self._feed.view), self.confirm),
            foot,
        )
        self.setFixedWidth(WIDTH)
        room = self.screen().availableGeometry().height() - 80
        self.resize(WIDTH, min(content.sizeHint().height() + _AIR, room))

    @Slot(object)
    def _news(self, view: AccountView) -> None:
        """Whether what is shown can still be approved."""
        found = next((s for s in view.strategies if s.id == self._strategy_id), None)
        standing = found.proposal if found is not None else None
        over = None if standing is not None and standing.id == self._proposal.id else _OVER
        against = _ONLY_SHOWN if self._proposal.only_shown else over
        block(self.confirm, against)
        block(self.not_now, against)
        self.banner.show_notice(Notice(Level.NOTE, against) if against else None)

    def _answer(self, signal: SignalInstance) -> None:
        self.accept()
        signal.emit(self._proposal.id)
