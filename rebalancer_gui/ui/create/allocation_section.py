"""Section 1 of the Manual form: which coins, and how much of each. GUI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.domain.money import HUNDRED, ZERO
from rebalancer_gui.domain.strategy import MAX_COINS, MIN_COINS
from rebalancer_gui.ui.create.allocation_controls import AllocationControls
from rebalancer_gui.ui.create.allocation_table import AllocationTable
from rebalancer_gui.ui.create.choice_combo import CalmCombo
from rebalancer_gui.ui.create.form_state import Draft, Findings
from rebalancer_gui.ui.create.preset_faces import STALE_DAYS
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.create.texts import day_text
from rebalancer_gui.ui.create.weights import Allocation, Distribution
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.help.help_mark import HelpMark
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.models.allocation_model import AllocationRow
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level
from rebalancer_gui.ui.widgets.buttons import block, push_button
from rebalancer_gui.ui.widgets.form import MessageLine, SectionHeader
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.weight_bar import BarHeight, WeightBar, WeightSegment

_DISTRIBUTION_WIDTH = 132
_CIRCLE = 18


class AllocationSection(QWidget):
    """Shows a draft's coins; tells what was pressed and typed, and changes nothing by itself."""

    addPressed = Signal()
    distributionChosen = Signal(object)
    weightEdited = Signal(str, object)
    weightProblem = Signal(str, str)
    lockToggled = Signal(str, bool)
    removePressed = Signal(str)
    restShared = Signal()

    def __init__(self, numbers: NumberFormat, parent: QWidget | None = None, *, number: int | None = 1) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._room = 0
        self._header = SectionHeader(number, tr("Coins"))
        self.distribution = CalmCombo("distributionCombo", tr("How weights are set"))
        self.distribution.addItems([way.value for way in Distribution])
        self.distribution.setFixedWidth(_DISTRIBUTION_WIDTH)
        self.add = push_button(
            tr("Add coins", "button"), "addCoinsButton", icon="plus", compact=True, accessible_name=tr("Add coins")
        )
        self._header.row.setSpacing(6)
        self.mark = HelpMark(Term.COINS)
        self._header.row.addWidget(self.distribution)
        self._header.row.addWidget(self.add)
        self.bar = WeightBar(BarHeight.FORM, numbers=numbers)
        self.bar.setObjectName("allocationBar")
        self.bar.setAccessibleName(tr("Weights"))
        self.table = AllocationTable(numbers)
        self.controls = AllocationControls(numbers)
        self.status = MessageLine("weightsMessage")
        self.share = push_button(tr("Share out"), "shareRestButton", compact=True)
        self.total = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="allocationTotal")
        self.coins = MessageLine("coinsMessage")
        self.caps = MessageLine("capsMessage")
        self._build()
        self.add.clicked.connect(self.addPressed)
        self.distribution.activated.connect(self._distribution_picked)
        self.distribution.currentIndexChanged.connect(self._distribution_picked)
        self.share.clicked.connect(self.restShared)
        self.table.weightTyped.connect(self.weightEdited)
        self.controls.weightEdited.connect(self.weightEdited)
        self.controls.weightProblem.connect(self.weightProblem)
        self.controls.lockToggled.connect(self.lockToggled)
        self.controls.removePressed.connect(self.removePressed)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._header)
        column.addWidget(self.bar)
        rows = QGridLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.table, 0, 0)
        rows.addWidget(self.controls, 0, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.controls.raise_()
        column.addLayout(rows)
        last = QHBoxLayout()
        last.setSpacing(8)
        last.addWidget(self.status, 1, Qt.AlignmentFlag.AlignVCenter)
        last.addWidget(self.share)
        last.addWidget(self.total, 0, Qt.AlignmentFlag.AlignVCenter)
        # In the narrow form the title row has no room for it.
        last.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(last)
        column.addWidget(self.coins)
        column.addWidget(self.caps)

    def focus_order(self) -> list[QWidget]:
        return [self.distribution, self.add, *self.controls.focus_order(), self.share]

    def set_room(self, width: int) -> None:
        """How many pixels there are: where they are short the count beside the title gives way."""
        self._room = width
        self._fit_count()

    def _fit_count(self) -> None:
        row, hint = self._header.row, self._header.hint
        parts = (self._header.title, hint, self.distribution, self.add)
        needed = _CIRCLE + sum(part.sizeHint().width() for part in parts) + (len(parts)) * row.spacing()
        hint.setVisible(needed <= self._room)

    # -------------------------------------------------------------------------------------------------------- showing

    def show_draft(
        self, draft: Draft, findings: Findings, around: Surroundings | None, slots: Mapping[str, int]
    ) -> None:
        """Show coins, weights and what is wrong with them; `slots` are the coins' colours."""
        allocation = draft.allocation
        count = len(allocation.coins)
        self._header.hint.setText(tr("{count} of {MAX_COINS}", count=count, MAX_COINS=MAX_COINS))
        self._fit_count()
        self.distribution.show_choice(allocation.distribution.value)
        block(self.add, self._why_no_more(around, count))
        self.bar.set_segments(
            [WeightSegment(t.asset, t.weight, slots.get(t.asset)) for t in allocation.targets if t.weight > ZERO]
        )
        rows = self._rows(draft, findings, around, slots)
        self.table.show_rows(rows)
        self.controls.show_rows(rows)
        self._show_status(draft, findings)
        self._show_total(draft, findings)
        coins_wrong = findings.message("coins") if count else ""
        self.coins.show_problem(coins_wrong)
        self.coins.setVisible(bool(coins_wrong))
        self._show_caps(allocation)

    @staticmethod
    def _why_no_more(around: Surroundings | None, count: int) -> str | None:
        if around is None or not around.rules:
            return tr("The markets are not loaded yet.")
        return (
            tr("A strategy holds at most {MAX_COINS} coins: take one out first.", MAX_COINS=MAX_COINS)
            if count >= MAX_COINS
            else None
        )

    def _rows(
        self, draft: Draft, findings: Findings, around: Surroundings | None, slots: Mapping[str, int]
    ) -> tuple[AllocationRow, ...]:
        rows = []
        whole = _whole(draft, findings)
        missing = draft.allocation.without_cap
        for coin in draft.allocation.coins:
            least = around.minimum_order(coin.asset, draft.quote) if around is not None else None
            amount: Decimal | None = None
            if whole is not None and coin.weight is not None and whole > ZERO:
                amount = whole * coin.weight / HUNDRED
            short = amount is not None and least is not None and amount < least
            note = tr("No market cap is known for {asset}.", asset=coin.asset) if coin.asset in missing else ""
            if around is not None and not around.trades(coin.asset, draft.quote):
                note = tr("{asset} cannot be traded in {quote} on this account.", asset=coin.asset, quote=draft.quote)
            rows.append(
                AllocationRow(
                    coin.asset, slots.get(coin.asset), draft.quote, least, amount, coin.weight, coin.locked, short, note
                )
            )
        return tuple(rows)

    def _show_status(self, draft: Draft, findings: Findings) -> None:
        allocation = draft.allocation
        left = allocation.left
        unread = draft.unreadable.get("weights", "")
        if not allocation.coins:
            self.status.show_hint(
                tr("Add {MIN_COINS} to {MAX_COINS} coins.", MIN_COINS=MIN_COINS, MAX_COINS=MAX_COINS), Ink.TEXT3
            )
        elif allocation.waits_for_caps:
            self.status.show_hint(tr("Reading the market caps\u2026"), Ink.TEXT3)
        elif unread:
            self.status.show_problem(unread)
        elif allocation.without_cap:
            self.status.show_problem(findings.message("weights"))
        elif left > ZERO:
            self.status.show_problem(tr("{left} left to give", left=self._numbers.percent(left)))
        elif left < ZERO:
            self.status.show_problem(tr("{left} too much", left=self._numbers.percent(-left)))
        elif findings.message("weights"):
            self.status.show_problem(findings.message("weights"))
        else:
            self.status.show_good(tr("Weights add up to {given}", given=self._numbers.percent(allocation.given)))
        can_share = left != ZERO and not unread and not allocation.waits_for_caps and allocation.can_share_rest
        self.share.setVisible(can_share)
        if can_share:
            self.share.setText(tr("Share out") if left > ZERO else tr("Scale down"))
            after = ", ".join(
                f"{t.asset} {self._numbers.percent(t.weight)}" for t in allocation.with_rest_shared().targets
            )
            self.share.setToolTip(tr("In proportion, locked weights stay: {after}", after=after))

    def _show_total(self, draft: Draft, findings: Findings) -> None:
        allocation, amount = draft.allocation, _whole(draft, findings)
        shown = bool(allocation.coins) and amount is not None and amount > ZERO
        self.total.setVisible(shown)
        if shown and amount is not None:
            self.total.setText(self._numbers.money(amount * allocation.given / HUNDRED, draft.quote))

    def _show_caps(self, allocation: Allocation) -> None:
        caps = allocation.caps if allocation.distribution is Distribution.MARKET_CAP else None
        self.caps.setVisible(caps is not None)
        if caps is None:
            return
        source = said(caps.source)
        origin = f"{source}, {day_text(caps.as_of)}" if caps.as_of is not None else source
        if caps.days_old >= STALE_DAYS:
            self.caps.show_problem(
                tr("Market caps: {origin}, {days_old} days old", origin=origin, days_old=caps.days_old), Level.WARNING
            )
        else:
            self.caps.show_hint(tr("Market caps: {origin}", origin=origin), Ink.TEXT3)

    def _distribution_picked(self, index: int) -> None:
        if index >= 0:
            self.distributionChosen.emit(Distribution(self.distribution.itemText(index)))


def _whole(draft: Draft, findings: Findings) -> Decimal | None:
    """What the weights are taken of: the money, and the worth of the coins that go in with it."""
    if draft.investment is None or findings.held_worth is None:
        return None
    return draft.investment + findings.held_worth
