"""The tables of the gallery: drift bars in every state, and strategies."""

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtWidgets import (
    QVBoxLayout,
)

from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import Align, Column, number_cell, text_cell
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.buttons import push_button
from rebalancer_gui.ui.widgets.coin_chips import CoinChip, CoinChipsDelegate, CoinNameDelegate, coin_cell, coins_cell
from rebalancer_gui.ui.widgets.drift_bar import Drift, DriftBarDelegate, drift_cell
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, Panel
from rebalancer_gui.ui.widgets.tables import DENSE_ROW_HEIGHT, DataTable, fixed, stretch

NUMBERS = NumberFormat()


@dataclass(frozen=True, slots=True)
class DriftRow:
    name: str
    drift: Drift
    note: str


@dataclass(frozen=True, slots=True)
class StrategyRow:
    name: str
    chips: tuple[CoinChip, ...]
    icon: str
    status: str
    ink: Ink
    value: Decimal
    drift: Drift


def drift_table() -> Panel:
    panel, body = titled_panel("Drift bar")
    five = Decimal(5)
    rows = [
        DriftRow("Inside", Drift(Decimal("1.80"), five), "accent bar"),
        DriftRow("Over the threshold", Drift(Decimal("5.84"), five), "bold, warn colour"),
        DriftRow("Beyond the scale", Drift(Decimal("-11.20"), five), "bar stops at the edge"),
        DriftRow("By time", Drift(Decimal("-2.31")), "no zones"),
        DriftRow("Unknown", Drift(None, five, "no price for SOL since 14:31:20"), "dash and reason, no bar"),
    ]
    model = KeyedTableModel(
        (
            Column[DriftRow]("name", "Case", lambda row: text_cell(row.name, ink=Ink.TEXT2)),
            Column[DriftRow]("drift", "Drift", lambda row: drift_cell(NUMBERS, row.drift, "BTC"), align=Align.RIGHT),
            Column[DriftRow]("note", "Note", lambda row: text_cell(row.note, ink=Ink.TEXT2, small=True)),
        ),
        key=lambda row: row.name,
        parent=panel,
    )
    model.set_rows(rows)
    table = DataTable(
        "driftTable",
        "Drift bars",
        model,
        {"name": fixed(152), "drift": fixed(216), "note": stretch(120)},
        row_height=DENSE_ROW_HEIGHT,
    )
    table.setItemDelegateForColumn(1, DriftBarDelegate(table))
    table.horizontalHeader().hide()
    body.addWidget(table)
    return panel


def strategies_table() -> Panel:
    panel = Panel("Strategies", line=True)
    panel.title_row.addWidget(TextLabel("4 of 20", TextType.SMALL, Ink.TEXT3))
    panel.title_row.addStretch(1)
    panel.title_row.addWidget(push_button("New strategy", "newStrategyButton", icon="plus", compact=True))
    chips = tuple(CoinChip(asset, slot) for asset, slot in (("BTC", 1), ("ETH", 2), ("BNB", 3), ("SOL", 4)))
    five = Decimal(5)
    rows = [
        StrategyRow("Core 4", chips, "running", "Running", Ink.GAIN, Decimal("4171.38"), Drift(Decimal("3.11"), five)),
        StrategyRow(
            "BNB Chain 3", chips[2:], "running", "Running", Ink.GAIN, Decimal("2118.61"), Drift(Decimal("-2.31"))
        ),
        StrategyRow("DeFi", chips, "paused", "Paused", Ink.TEXT2, Decimal("1444.57"), Drift(Decimal("5.62"), five)),
    ]
    model = KeyedTableModel(
        (
            Column[StrategyRow]("name", "Name", lambda row: coin_cell(row.name, None)),
            Column[StrategyRow]("coins", "Coins", lambda row: coins_cell(row.chips)),
            Column[StrategyRow]("status", "Status", lambda row: text_cell(row.status, ink=row.ink, icon=row.icon)),
            Column[StrategyRow]("value", "Value", lambda row: number_cell(NUMBERS, row.value), align=Align.RIGHT),
            Column[StrategyRow](
                "drift", "Worst drift, pp", lambda row: drift_cell(NUMBERS, row.drift), align=Align.RIGHT
            ),
        ),
        key=lambda row: row.name,
        parent=panel,
    )
    model.set_rows(rows)
    widths = {"name": fixed(112), "coins": fixed(140), "status": fixed(92), "value": fixed(84), "drift": stretch(134)}
    table = DataTable("strategiesTable", "Strategies", model, widths)
    table.setItemDelegateForColumn(0, CoinNameDelegate(table))
    table.setItemDelegateForColumn(1, CoinChipsDelegate(table))
    table.setItemDelegateForColumn(4, DriftBarDelegate(table))
    table.choose("Core 4")
    panel.body.addWidget(table)
    return panel


def titled_panel(title: str) -> tuple[Panel, QVBoxLayout]:
    panel = Panel()
    panel.body.setContentsMargins(SIDE, 12, SIDE, SIDE)
    panel.body.setSpacing(8)
    panel.body.addWidget(TextLabel(title, TextType.STRONG))
    return panel, panel.body
