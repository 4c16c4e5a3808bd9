from collections.abc import Hashable
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QTableView

from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.cells import (
    Align,
    Cell,
    CellRole,
    Column,
    change_cell,
    change_ink,
    missing_cell,
    number_cell,
    text_cell,
)
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.tokens import Ink

NUMBERS = NumberFormat()


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    value: Decimal | None = Decimal(1)
    note: str = ""


def make_model() -> KeyedTableModel[Row]:
    return KeyedTableModel(
        (
            Column[Row]("name", "Name", lambda row: text_cell(row.key, bold=True), header_tip="Its name"),
            Column[Row]("value", "Value", lambda row: number_cell(NUMBERS, row.value, unit="USDT"), align=Align.RIGHT),
            Column[Row]("note", "Note", lambda row: text_cell(row.note, ink=Ink.TEXT2, tip="why")),
        ),
        key=lambda row: row.key,
    )


class Changes:
    """What a model announces, in order."""

    def __init__(self, model: KeyedTableModel[Row]) -> None:
        self.seen: list[tuple[str, int, int]] = []
        self.cells: list[tuple[int, int, int]] = []
        model.dataChanged.connect(self._data)
        model.rowsInserted.connect(lambda _, first, last: self.seen.append(("inserted", first, last)))
        model.rowsRemoved.connect(lambda _, first, last: self.seen.append(("removed", first, last)))
        model.rowsMoved.connect(lambda _p, first, _l, _q, to: self.seen.append(("moved", first, to)))
        model.modelReset.connect(lambda: self.seen.append(("reset", 0, 0)))
        model.layoutChanged.connect(lambda: self.seen.append(("layout", 0, 0)))

    def _data(self, first: QModelIndex, last: QModelIndex) -> None:
        assert first.row() == last.row()
        self.cells.append((first.row(), first.column(), last.column()))


def looked_at(model: KeyedTableModel[Row]) -> None:
    """Somebody has seen every cell."""
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            model.data(model.index(row, column))


def rows(*keys: str) -> list[Row]:
    return [Row(key) for key in keys]


def keys(model: KeyedTableModel[Row]) -> str:
    return "".join(row.key for row in model.rows)


@pytest.fixture
def model(qapp: QApplication) -> KeyedTableModel[Row]:
    made = make_model()
    made.set_rows(rows("a", "b", "c", "d"))
    looked_at(made)
    return made


def test_rows_that_did_not_change_announce_nothing(model: KeyedTableModel[Row]):
    changes = Changes(model)
    model.set_rows(rows("a", "b", "c", "d"))
    assert (changes.seen, changes.cells) == ([], [])


def test_only_the_changed_cell_is_announced(model: KeyedTableModel[Row]):
    changes = Changes(model)
    model.set_rows([*rows("a"), Row("b", Decimal(2)), *rows("c", "d")])
    assert changes.cells == [(1, 1, 1)]
    assert changes.seen == []
    assert model.data(model.index(1, 1)) == "2.00\u00a0USDT"


def test_neighbouring_changed_cells_are_announced_together_and_separate_ones_apart(model: KeyedTableModel[Row]):
    changes = Changes(model)
    model.set_rows([Row("a", Decimal(2), "new"), *rows("b", "c"), Row("d", note="new")])
    assert changes.cells == [(0, 1, 2), (3, 2, 2)]


def test_a_change_that_shows_nowhere_is_not_announced(model: KeyedTableModel[Row]):
    changes = Changes(model)
    model.set_rows([Row("a", Decimal("1.000")), *rows("b", "c", "d")])
    assert changes.cells == []


def test_rows_come_and_go_without_a_reset(model: KeyedTableModel[Row]):
    changes = Changes(model)
    model.set_rows(rows("b", "x", "y", "d", "z"))
    assert keys(model) == "bxydz"
    assert changes.seen == [("removed", 2, 2), ("removed", 0, 0), ("inserted", 1, 2), ("inserted", 4, 4)]


def test_neighbouring_rows_go_together(model: KeyedTableModel[Row]):
    changes = Changes(model)
    model.set_rows(rows("d"))
    assert changes.seen == [("removed", 0, 2)]


def test_rows_change_places_without_a_reset(model: KeyedTableModel[Row]):
    changes = Changes(model)
    model.set_rows(rows("d", "a", "b", "c"))
    assert keys(model) == "dabc"
    assert changes.seen == [("moved", 3, 0)]


def test_selection_and_scroll_position_live_on(qtbot, model: KeyedTableModel[Row]):
    view = QTableView()
    qtbot.addWidget(view)
    view.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    view.setModel(model)
    model.set_rows([Row(f"r{i:02}") for i in range(50)])
    view.resize(300, 200)
    with qtbot.waitExposed(view):
        view.show()
    view.setCurrentIndex(model.index(30, 1))
    view.verticalScrollBar().setValue(25)
    model.set_rows([Row(f"r{i:02}", Decimal(2)) for i in range(50)])
    assert view.verticalScrollBar().value() == 25
    model.set_rows([Row(f"r{i:02}") for i in reversed(range(10, 60))])
    assert model.row_at(view.currentIndex().row()).key == "r30"
    assert [model.row_at(index.row()).key for index in view.selectionModel().selectedRows()] == ["r30"]


def test_two_rows_with_one_key_are_refused_and_nothing_changes(model: KeyedTableModel[Row]):
    with pytest.raises(ValueError, match="same key"):
        model.set_rows(rows("a", "a"))
    assert keys(model) == "abcd"


def test_histories_grow_at_either_end_and_update_what_they_know(model: KeyedTableModel[Row]):
    changes = Changes(model)
    model.append_rows([*rows("e", "f"), Row("a", Decimal(9))])
    assert (keys(model), changes.seen) == ("abcdef", [("inserted", 4, 5)])
    assert model.cell(0, 1).raw == 9
    model.prepend_rows(rows("y", "z"))
    assert keys(model) == "yzabcdef"
    model.clear()
    assert model.rowCount() == 0


KEY_LISTS = st.lists(st.sampled_from("abcdefgh"), unique=True)


@given(st.lists(KEY_LISTS, max_size=6))
def test_whatever_comes_the_model_shows_it_and_its_announcements_are_true(steps: list[list[str]]):
    model = make_model()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    for number, step in enumerate(steps):
        model.set_rows([Row(key, Decimal(number)) for key in step])
        assert [row.key for row in model.rows] == step
        assert all(model.cell(i, 1).raw == number for i in range(len(step)))


@given(KEY_LISTS, KEY_LISTS)
def test_a_persistent_index_stays_with_its_row(before: list[str], after: list[str]):
    model = make_model()
    model.set_rows(rows(*before))
    kept = {key: QPersistentModelIndex(model.index(i, 0)) for i, key in enumerate(before)}
    model.set_rows(rows(*after))
    for key, index in kept.items():
        assert index.isValid() == (key in after)
        if key in after:
            assert index.data(CellRole.KEY) == key


def test_the_model_keeps_qts_rules_through_sorting(qtmodeltester, model: KeyedTableModel[Row]):
    qtmodeltester.check(model, force_py=True)
    model.sort(1)
    qtmodeltester.check(model, force_py=True)


def test_sorting_is_by_raw_values_with_missing_ones_last(qapp: QApplication):
    model = make_model()
    model.set_rows([Row("a", Decimal(10)), Row("b", None), Row("c", Decimal(9)), Row("d", Decimal(-1))])
    model.sort(1, Qt.SortOrder.AscendingOrder)
    assert keys(model) == "dcab"
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert keys(model) == "acdb"


def test_a_sorted_table_stands_still_while_values_change(qapp: QApplication):
    model = make_model()
    model.set_rows([Row("a", Decimal(1)), Row("b", Decimal(2)), Row("c", Decimal(3))])
    model.sort(1, Qt.SortOrder.DescendingOrder)
    changes = Changes(model)
    model.set_rows([Row("a", Decimal(99)), Row("b", Decimal(2)), Row("c", Decimal(3)), Row("n", Decimal(50))])
    assert keys(model) == "cban"
    assert changes.seen == [("inserted", 3, 3)]
    model.sort(-1)
    model.set_rows([Row("a", Decimal(99)), Row("b", Decimal(2))])
    assert keys(model) == "ab"


def test_qt_is_told_text_alignment_tip_and_what_to_say(model: KeyedTableModel[Row]):
    value = model.index(0, 1)
    assert value.data(Qt.ItemDataRole.DisplayRole) == "1.00\u00a0USDT"
    assert value.data(Qt.ItemDataRole.AccessibleTextRole) == "1.00 USDT"
    assert Qt.AlignmentFlag(value.data(Qt.ItemDataRole.TextAlignmentRole)) & Qt.AlignmentFlag.AlignRight
    assert value.data(CellRole.RAW) == 1
    assert model.index(0, 2).data(Qt.ItemDataRole.ToolTipRole) == "why"
    assert isinstance(value.data(CellRole.CELL), Cell)
    assert model.data(QModelIndex()) is None


def test_headers_say_their_name_and_stand_like_their_column(model: KeyedTableModel[Row]):
    across = Qt.Orientation.Horizontal
    assert model.headerData(1, across) == "Value"
    middle = Qt.AlignmentFlag.AlignVCenter
    assert model.headerData(1, across, Qt.ItemDataRole.TextAlignmentRole) == Qt.AlignmentFlag.AlignRight | middle
    assert model.headerData(0, across, Qt.ItemDataRole.TextAlignmentRole) == Qt.AlignmentFlag.AlignLeft | middle
    assert model.headerData(0, across, Qt.ItemDataRole.ToolTipRole) == "Its name"
    assert model.headerData(0, across, Qt.ItemDataRole.AccessibleTextRole) == "Name"
    assert model.headerData(9, across) is None
    assert model.headerData(0, Qt.Orientation.Vertical) is None


def test_rows_are_found_by_key_and_columns_by_name(model: KeyedTableModel[Row]):
    unknown: Hashable = "q"
    assert (model.row_of("c"), model.row_of(unknown), model.key_at(2)) == (2, None, "c")
    assert model.column_of("note") == 2
    with pytest.raises(ValueError, match="not in list"):
        model.column_of("nothing")


def test_cells_are_made_anew_when_what_they_read_beside_the_row_changed(qapp: QApplication):
    unit = ["USDT"]
    model = KeyedTableModel(
        (Column[Row]("value", "Value", lambda row: number_cell(NUMBERS, row.value, unit=unit[0])),),
        key=lambda row: row.key,
    )
    model.set_rows(rows("a"))
    assert model.data(model.index(0, 0)) == "1.00\u00a0USDT"
    unit[0] = "USDC"
    changes = Changes(model)
    model.refresh_cells()
    assert changes.cells == [(0, 0, 0)]
    assert model.data(model.index(0, 0)) == "1.00\u00a0USDC"


@pytest.mark.parametrize(
    ("value", "text", "spoken", "ink"),
    (
        ("4.28", "+4.28\u00a0%", "plus 4.28 percent", Ink.GAIN),
        ("-3.7", "\u22123.70\u00a0%", "minus 3.70 percent", Ink.LOSS),
        ("0.001", "0.00\u00a0%", "0.00 percent", Ink.TEXT2),
    ),
)
def test_a_change_is_told_by_sign_word_and_colour(value: str, text: str, spoken: str, ink: Ink):
    cell = change_cell(NUMBERS, Decimal(value), "%")
    assert (cell.text, cell.spoken, cell.ink) == (text, spoken, ink)
    assert cell.exported() == value


def test_a_missing_value_is_a_dash_with_its_reason_and_exports_nothing():
    for cell in (number_cell(NUMBERS, None, missing="no price"), change_cell(NUMBERS, None, missing="no price")):
        assert (cell.text, cell.tip, cell.spoken, cell.exported()) == ("\u2013", "no price", "no price", "")
    assert missing_cell("market closed", show_reason=True).text == "\u2013 market closed"
    assert change_ink(None) is Ink.TEXT3


def test_rows_are_compared_by_value_not_by_identity(model: KeyedTableModel[Row]):
    changes = Changes(model)
    model.set_rows([replace(row) for row in model.rows])
    assert changes.cells == []
