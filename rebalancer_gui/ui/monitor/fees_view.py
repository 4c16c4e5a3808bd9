"""The tab Fees return: each trade's fee and what of it came back (BEHAVIOUR.md section 8)."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtWidgets import QHBoxLayout

from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.records import FeeRow
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.fees_model import fee_columns
from rebalancer_gui.ui.models.history_model import amount_text
from rebalancer_gui.ui.monitor.histories import TIME
from rebalancer_gui.ui.monitor.history_view import HistoryLook, HistorySource, HistoryView
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, hairline
from rebalancer_gui.ui.widgets.tables import fixed, stretch

WHAT_IT_DOES = tr("the free pool pays 75 % of each fee in BNB and gets the whole fee back, so you save 25 %")
_WHERE = tr("The switch is in Paper account, beside the plate at the top.")


def fees_sentence(numbers: NumberFormat, *, on: bool, free_bnb: Decimal) -> str:
    """Whether the switch is on, what it does, and where it stands."""
    there = tr("{value} BNB", value=amount_text(numbers, free_bnb))
    if not on:
        return tr(
            "Pay fees with BNB is off. When it is on, {WHAT_IT_DOES}; there are {there} in it. {WHERE}",
            WHAT_IT_DOES=WHAT_IT_DOES,
            there=there,
            WHERE=_WHERE,
        )
    if free_bnb <= ZERO:
        return tr(
            "Pay fees with BNB is on, but there are no BNB in the free pool: no fee is returned. {WHERE}", WHERE=_WHERE
        )
    return tr(
        "Pay fees with BNB is on: {WHAT_IT_DOES}. There are {there} in it. {WHERE}",
        WHAT_IT_DOES=WHAT_IT_DOES,
        there=there,
        WHERE=_WHERE,
    )


class FeesView(HistoryView[FeeRow]):
    """The list, and under it whether fees are returned at present and where that is switched."""

    def __init__(self, feed: EngineFeed, numbers: NumberFormat) -> None:
        source: HistorySource[FeeRow] = HistorySource(
            HistoryKind.FEES,
            feed.feesBooked,
            row_of=lambda event: event.row,
            strategy_of=lambda row: row.strategy_id,
            key=lambda row: row.key,
            order=lambda row: row.key,
        )
        widths = {
            "time": TIME, "trade": fixed(96), "fee": fixed(120), "refunded": fixed(120), "bnb": fixed(104),
            "saved": fixed(80), "note": stretch(120),
        }  # fmt: skip
        look = HistoryLook(
            tr("Fees"), "feesReturnTable", tr("Fees return"), widths, tr("No fees yet: each trade's fee stands here."),
            ("refunded", "bnb", "trade"),
        )  # fmt: skip
        super().__init__(feed, source, fee_columns(numbers), look, lambda row: row.note)
        self.table.let_hide(("trade", "refunded", "bnb", "note"))
        self._numbers = numbers
        self._switch = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="feesReturnSwitchText", wrap=True)
        line = QHBoxLayout()
        line.setContentsMargins(SIDE, 5, SIDE, 5)
        line.addWidget(self._switch)
        self.body.addWidget(hairline())
        self.body.addLayout(line)

    def show_account(self, account: AccountView) -> None:
        """The newest picture of the account: its switch and its free BNB."""
        free = account.free.get(BNB, ZERO)
        text = fees_sentence(self._numbers, on=account.pay_fees_with_bnb, free_bnb=free)
        if self._switch.text() != text:
            self._switch.setText(text)
