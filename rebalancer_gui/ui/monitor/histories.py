"""Histories as tabs: orders, rebalances with their legs, transfers, journal. Fees return: see ``fees_view``."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.records import JournalEntry, OrderRow, RebalanceRecord, TransferRow
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.history_model import (
    journal_columns,
    order_columns,
    rebalance_columns,
    transfer_columns,
)
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.models.legs_model import LegRow, leg_columns, leg_rows
from rebalancer_gui.ui.monitor.adaptive_table import AdaptiveTable
from rebalancer_gui.ui.monitor.history_view import HistoryLook, HistorySource, HistoryView
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.coin_chips import CoinNameDelegate
from rebalancer_gui.ui.widgets.panel import hairline
from rebalancer_gui.ui.widgets.tables import DENSE_ROW_HEIGHT, fixed, fixed_for, stretch

TIME = fixed(170)


def orders_view(feed: EngineFeed, numbers: NumberFormat) -> HistoryView[OrderRow]:
    source: HistorySource[OrderRow] = HistorySource(
        HistoryKind.ORDERS,
        feed.ordersChanged,
        row_of=lambda event: event.row,
        strategy_of=lambda row: row.strategy_id,
        key=lambda row: row.key,
        order=lambda row: row.key,
    )
    widths = {
        "time": TIME, "order": stretch(fixed_for(116, f"{tr('Sell')} AAVE/USDT").pixels), "type": fixed(72), "quantity": fixed(92), "price": fixed(96),
        "filled": fixed_for(84, tr("Filled")), "average": fixed(92), "cost": fixed(76), "fee": fixed(140), "state": fixed_for(92, tr("Filled"), tr("Rejected"), beside=8),
        "id": fixed(190),
    }  # fmt: skip
    look = HistoryLook(
        tr("Orders"), "ordersTable", tr("Orders"), widths, tr("No orders yet."), ("type", "filled", "fee", "average")
    )
    view = HistoryView(feed, source, order_columns(numbers), look)
    view.table.let_hide(("type", "quantity", "price", "filled", "average", "fee", "id"))
    for key in ("quantity", "price", "id"):
        view.table.show_column(key, shown=False)
    return view


def transfers_view(feed: EngineFeed, numbers: NumberFormat) -> HistoryView[TransferRow]:
    source: HistorySource[TransferRow] = HistorySource(
        HistoryKind.TRANSFERS,
        feed.transfersBooked,
        row_of=lambda event: event.row,
        strategy_of=lambda row: row.strategy_id,
        key=lambda row: row.key,
        order=lambda row: row.key,
    )
    widths = {"time": TIME, "kind": stretch(120), "asset": fixed(80), "amount": fixed(120), "value": fixed(120)}
    look = HistoryLook(
        tr("Transfers"),
        "transfersTable",
        tr("Transfers"),
        widths,
        tr("No transfers yet: money moved into or out of this strategy stands here."),
        ("value",),
        tr("No transfers yet: money moved into or out of the account and its strategies stands here."),
    )
    return HistoryView(feed, source, transfer_columns(numbers), look)


def journal_view(feed: EngineFeed) -> HistoryView[JournalEntry]:
    source: HistorySource[JournalEntry] = HistorySource(
        HistoryKind.JOURNAL,
        feed.journalChanged,
        row_of=lambda event: event.entry,
        strategy_of=lambda row: row.strategy_id,
        key=lambda row: row.id,
        order=lambda row: row.key,
    )
    widths = {"time": TIME, "text": stretch(300), "count": fixed(80), "last": TIME}
    nothing = tr("Nothing yet: each change of decision is one plain sentence here.")
    look = HistoryLook(tr("Journal"), "journalTable", tr("Journal"), widths, nothing, ("last", "count"))
    return HistoryView(feed, source, journal_columns(), look, lambda row: row.text)


class RebalancesView(HistoryView[RebalanceRecord]):
    """The list, and below it what came of each leg of the chosen rebalance."""

    def __init__(self, feed: EngineFeed, numbers: NumberFormat, colours: CoinColours) -> None:
        source: HistorySource[RebalanceRecord] = HistorySource(
            HistoryKind.REBALANCES,
            feed.rebalancesChanged,
            row_of=lambda event: event.record,
            strategy_of=lambda row: row.strategy_id,
            key=lambda row: row.id,
            order=lambda row: row.key,
        )
        widths = {
            "time": TIME, "reason": fixed_for(112, tr("By coin ratio")), "drift": fixed(112), "outcome": fixed_for(92, tr("Skipped"), beside=22), "orders": fixed(64),
            "repeats": fixed(60), "what": stretch(140),
        }  # fmt: skip
        look = HistoryLook(
            tr("Rebalances"),
            "rebalancesTable",
            tr("Rebalances"),
            widths,
            tr("No rebalances yet."),
            ("drift", "orders", "repeats"),
        )
        super().__init__(feed, source, rebalance_columns(numbers), look)
        self._numbers, self._colours = numbers, colours
        self._assets: dict[str, tuple[str, ...]] = {}
        self._banner = Banner("rebalanceBanner", inline=True)
        self._legs: KeyedTableModel[LegRow] = KeyedTableModel(
            leg_columns(numbers), key=lambda row: (row.asset, row.side), parent=self
        )
        leg_widths = {
            "coin": fixed(96), "side": fixed_for(52, tr("Buy"), tr("Sell")), "wanted": fixed(88), "filled": fixed(100), "outcome": stretch(180),
            "target": fixed(80), "reached": fixed(96), "why": fixed(124),
        }  # fmt: skip
        self.legs_table = AdaptiveTable(
            "rebalanceLegsTable", tr("Legs of the chosen rebalance"), self._legs, leg_widths, ("wanted", "filled", "why"),
            row_height=DENSE_ROW_HEIGHT,
        )  # fmt: skip
        self.legs_table.setItemDelegateForColumn(0, CoinNameDelegate(self.legs_table))
        self._lower = self._build_lower()
        self.body.addWidget(self._lower, 4)
        self.setTabOrder(self.table, self.legs_table)
        self.table.rowChosen.connect(self._show_legs)
        self.model.dataChanged.connect(self._legs_may_differ)
        self._lower.hide()

    def _build_lower(self) -> QWidget:
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hairline())
        column.addWidget(self._banner)
        column.addWidget(self.legs_table, 1)
        return lower

    def show_account(self, account: AccountView) -> None:
        """Which coins each strategy has: for the colours of the legs."""
        self._assets = {strategy.id: strategy.parameters.assets for strategy in account.strategies}

    @Slot()
    def _legs_may_differ(self) -> None:
        self._show_legs(self.table.chosen_key())

    @Slot(object)
    def _show_legs(self, key: object) -> None:
        row = self.model.row_of(key) if isinstance(key, str) else None
        self._lower.setVisible(row is not None)
        if row is None:
            self._legs.clear()
            return
        record = self.model.row_at(row)
        notice = Notice(Level.WARNING, record.message, record.advice) if record.message else None
        self._banner.show_notice(notice)
        own = self._assets.get(record.strategy_id, ())
        assets = dict.fromkeys((*own, *(leg.asset for leg in record.legs)))
        slots = self._colours.for_coins(list(assets)[:10])
        self._legs.set_rows(leg_rows(record, slots, self._numbers))
