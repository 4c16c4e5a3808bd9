import csv
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QHeaderView, QMessageBox

from rebalancer_gui.ui.fonts import Size
from rebalancer_gui.ui.formatting import NumberFormat, NumberMarks
from rebalancer_gui.ui.models.cells import Align, Cell, Column, Ground, change_cell, number_cell, text_cell
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.tokens import LIGHT
from rebalancer_gui.ui.widgets.cell_delegate import CellDelegate
from rebalancer_gui.ui.widgets.tables import DataTable, fixed, fixed_for, stretch
from tests.ui.parts import found, row_of, theme_of

GERMAN = NumberFormat(NumberMarks(",", "."))


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    value: Decimal
    profit: Decimal | None = None


ROWS = [
    Row("Core 4", Decimal("4171.38"), Decimal("-3.7")),
    Row("DeFi", Decimal("1444.57"), Decimal("4.28")),
    Row("Alt dip", Decimal(600)),
]


def make_model() -> KeyedTableModel[Row]:
    return KeyedTableModel(
        (
            Column[Row]("name", "Name", lambda row: text_cell(row.name)),
            Column[Row]("value", "Value", lambda row: number_cell(GERMAN, row.value), align=Align.RIGHT),
            Column[Row]("profit", "Profit", lambda row: change_cell(GERMAN, row.profit, "%"), align=Align.RIGHT),
        ),
        key=lambda row: row.name,
    )


@pytest.fixture
def table(qtbot, qapp) -> DataTable:
    theme_of(qapp)
    model = make_model()
    model.set_rows(ROWS)
    made = DataTable(
        "strategiesTable", "Strategies", model, {"name": stretch(80), "value": fixed(90), "profit": fixed(90)}
    )
    model.setParent(made)
    qtbot.addWidget(made)
    made.resize(400, 200)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_it_is_found_by_name_and_its_rows_have_the_heights_of_the_design(table: DataTable):
    assert (table.objectName(), table.accessibleName()) == ("strategiesTable", "Strategies")
    assert table.rowHeight(0) == 32
    assert table.horizontalHeader().height() == 28
    assert not table.alternatingRowColors()
    assert not table.showGrid()


def test_no_column_follows_its_contents(table: DataTable):
    header = table.horizontalHeader()
    modes = [header.sectionResizeMode(column) for column in range(3)]
    assert modes == [
        QHeaderView.ResizeMode.Fixed,
        QHeaderView.ResizeMode.Interactive,
        QHeaderView.ResizeMode.Interactive,
    ]
    assert [table.columnWidth(column) for column in range(1, 3)] == [90, 90]
    assert sum(table.columnWidth(column) for column in range(3)) == table.viewport().width()


def test_the_stretched_column_takes_what_is_left_but_never_less_than_its_least(table: DataTable):
    table.resize(500, 200)
    assert table.columnWidth(0) == table.viewport().width() - 180
    table.show_column("profit", shown=False)
    assert table.columnWidth(0) == table.viewport().width() - 90
    table.horizontalHeader().resizeSection(1, 200)
    assert table.columnWidth(0) == table.viewport().width() - 200
    table.resize(200, 200)
    assert table.columnWidth(0) == 80
    assert table.horizontalScrollBar().maximum() > 0


def test_copying_gives_a_spreadsheet_plain_numbers(qtbot, table: DataTable):
    table.choose("Core 4")
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Name\tValue\tProfit\nCore 4\t4171.38\t-3.7"


def test_copying_without_a_selection_takes_all_rows(table: DataTable):
    table.clearSelection()
    table.copy_selection()
    assert QGuiApplication.clipboard().text().splitlines()[1:] == [
        "Core 4\t4171.38\t-3.7",
        "DeFi\t1444.57\t4.28",
        "Alt dip\t600\t",
    ]


def test_text_cannot_break_the_lines_of_a_copy(table: DataTable):
    table.keyed_model.set_rows([Row("a\tb\nc", Decimal(1))])
    assert table.to_tsv([0]).splitlines()[1] == "a b c\t1\t"


@pytest.mark.failure(55)
def test_csv_is_read_back_by_any_reader_and_starts_no_formula(table: DataTable, tmp_path: Path):
    table.keyed_model.set_rows([Row('a "b", c', Decimal("-1.5")), Row("=1+1", Decimal(2), Decimal("-3.70"))])
    file = tmp_path / "strategies.csv"
    table.export_csv(file)
    with file.open(encoding="utf-8", newline="") as lines:
        assert list(csv.reader(lines)) == [
            ["Name", "Value", "Profit"],
            ['a "b", c', "-1.5", ""],
            ["'=1+1", "2", "-3.70"],
        ]


def test_a_file_that_cannot_be_written_is_said(table: DataTable, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(
        "PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_: (str(tmp_path / "no" / "such.csv"), "")
    )
    table.ask_and_export()
    box = found(table, QMessageBox, "exportProblem")
    assert box.isVisible()
    assert box.text() == "The file was not written: No such file or directory."
    box.close()


def test_the_chosen_row_is_told_by_its_key_and_followed(qtbot, table: DataTable):
    chosen: list[object] = []
    table.rowChosen.connect(chosen.append)
    assert table.choose("DeFi")
    table.setCurrentIndex(table.keyed_model.index(1, 2))
    table.keyed_model.set_rows(list(reversed(ROWS)))
    assert table.chosen_key() == "DeFi"
    table.keyed_model.set_rows(ROWS[:1])
    assert not table.choose("DeFi")
    assert chosen[0] == "DeFi"
    assert chosen[-1] == table.chosen_key() != "DeFi"


def test_the_arrow_keys_move_and_tab_leaves(qtbot, table: DataTable):
    table.choose("Core 4")
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert table.chosen_key() == "DeFi"
    assert not table.tabKeyNavigation()


def test_a_number_is_never_cut_its_column_grows(qtbot, table: DataTable):
    table.keyed_model.set_rows([Row("Core 4", Decimal("123456789012345.67"))])
    table.viewport().grab()
    qtbot.waitUntil(lambda: table.columnWidth(1) > 90, timeout=2000)
    assert table.columnWidth(1) >= table.fontMetrics().horizontalAdvance("123.456.789.012.345,67")
    assert table.columnWidth(2) == 90


def test_a_number_has_room_where_its_advance_is_rounded_down(table: DataTable):
    delegate, theme = table.itemDelegate(), current_theme()
    assert isinstance(delegate, CellDelegate)
    metrics = QFontMetrics(theme.font())
    for number in range(0, 30_000, 7):
        cell = change_cell(GERMAN, Decimal(number) / 100, "%")
        room = delegate.needed_width(cell, theme)
        assert metrics.elidedText(cell.text, Qt.TextElideMode.ElideRight, room) == cell.text


def test_a_name_that_is_cut_has_itself_as_tooltip(table: DataTable):
    delegate = table.itemDelegate()
    assert isinstance(delegate, CellDelegate)
    short, model = table.keyed_model.index(1, 0), table.keyed_model
    assert not delegate.is_cut(table, model.cell(1, 0), short)
    model.set_rows([Row("A strategy with a very long name that nobody would type by hand", Decimal(1))])
    assert delegate.is_cut(table, model.cell(0, 0), model.index(0, 0))


def test_hidden_columns_come_back_by_the_headers_menu(table: DataTable):
    table.let_hide(["profit"])
    table.show_column("profit", shown=False)
    assert table.isColumnHidden(2)
    (action,) = table.header_menu().actions()
    assert (action.text(), action.isChecked()) == ("Profit", False)
    action.trigger()
    assert not table.isColumnHidden(2)


def test_the_selected_row_has_its_ground_and_an_edge_at_the_first_shown_column(table: DataTable):
    table.choose("DeFi")
    image = table.viewport().grab().toImage()
    row = row_of(image, 40)
    assert row[:3] == [LIGHT.accent] * 3
    assert row[3] == LIGHT.select
    assert row_of(image, 8)[:4] == [LIGHT.surface] * 4
    table.setColumnHidden(0, True)
    assert row_of(table.viewport().grab().toImage(), 40)[:3] == [LIGHT.accent] * 3


def test_every_row_ends_with_a_line(table: DataTable):
    image = table.viewport().grab().toImage()
    for row in (31, 63, 95):
        assert row_of(image, row)[5] == LIGHT.grid


def _on(row: Row) -> Cell:
    return replace(text_cell(row.name), ground=Ground.WARNING if row.name == "Core 4" else Ground.ALT)


def test_a_cell_may_stand_on_another_ground(qtbot, qapp):
    theme_of(qapp)
    model = KeyedTableModel((Column[Row]("name", "Name", _on),), key=lambda row: row.name)
    model.set_rows(ROWS[:2])
    table = DataTable("planTable", "Orders", model, {"name": stretch(80)}, row_height=28)
    model.setParent(table)
    qtbot.addWidget(table)
    table.resize(200, 120)
    image = table.viewport().grab().toImage()
    assert row_of(image, 4)[4] == LIGHT.warn_bg
    assert row_of(image, 32)[4] == LIGHT.alt


def test_a_click_on_a_header_orders_once(qtbot, qapp):
    model = make_model()
    model.set_rows(ROWS)
    table = DataTable("ordersTable", "Orders", model, {}, sortable=True, many=True)
    model.setParent(table)
    qtbot.addWidget(table)
    assert [row.name for row in model.rows] == ["Core 4", "DeFi", "Alt dip"], "unsorted until somebody asks"
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert [row.name for row in model.rows] == ["Alt dip", "DeFi", "Core 4"]


def test_a_column_of_few_words_is_as_wide_as_the_longest_of_them_in_the_users_language(qapp):
    theme_of(qapp)
    assert fixed_for(96, "Running", "Halted", beside=22) == fixed(96)
    wide = fixed_for(64, "Kaufen", "Eine sehr lange Seite", beside=22)
    font = QFontMetrics(current_theme().font(Size.BODY))
    assert wide.pixels >= font.horizontalAdvance("Eine sehr lange Seite") + 22 + 16
    assert not wide.stretched
