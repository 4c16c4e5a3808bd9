"""The window Records: every list by strategy, coin, kind and time, a million rows at once, and files of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import thread_time

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QDateEdit, QDialog, QLabel, QLineEdit, QPushButton

from rebalancer_gui.application import events as e
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.record_commands import (
    CancelExport,
    ExportRecords,
    LoadEndedNames,
    LoadRecords,
    RecordCommand,
    Sheet,
)
from rebalancer_gui.application.records import RecordFilter, RecordPage
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.domain.tax_lots import LotMethod
from rebalancer_gui.ui.records.export_dialog import ExportDialog
from rebalancer_gui.ui.records.lists import LISTS
from rebalancer_gui.ui.records.records_model import KEPT_PAGES, PAGE
from rebalancer_gui.ui.records.window import RecordsWindow
from tests.ui.parts import found

MILLION = 1_000_000
LIMIT = 0.05
ROUNDS = 4
"""Seconds of the GUI thread that a turn of the event loop may take (UI.md), and how often it is measured at most."""


def action(desk) -> QAction:
    found_action = desk.window.findChild(QAction, "recordsAction")
    assert isinstance(found_action, QAction)
    return found_action


def opened(desk) -> RecordsWindow:
    action(desk).trigger()
    QApplication.processEvents()
    desk.answer()
    window = desk.window.presses.records.window
    assert isinstance(window, RecordsWindow)
    return window


def texts(window: RecordsWindow) -> list[list[str]]:
    model = window.model
    return [[str(model.index(r, i).data()) for i in range(model.columnCount())] for r in range(model.rowCount())]


def foot(window: RecordsWindow) -> str:
    return found(window, QLabel, "recordsFoot").text()


def choose(desk, window: RecordsWindow, name: str, text: str) -> None:
    combo = found(window, QComboBox, name)
    combo.setCurrentIndex(combo.findText(text))
    desk.answer()


def many_orders(desk, count: int) -> None:
    template = desk.engine.history.orders[0]
    start = template.at - timedelta(days=700)
    rows = [
        replace(template, key=n, at=start + timedelta(minutes=n), client_order_id=f"rb{n:016d}")
        for n in range(count, 0, -1)
    ]
    desk.engine.history.orders[:] = rows


@pytest.mark.parametrize("number", range(len(LISTS)))
def test_each_list_is_shown_with_whose_its_rows_are(desk, number):
    window = opened(desk)
    choose(desk, window, "recordsListCombo", LISTS[number].title)
    asked = desk.taken(LoadRecords)[-1]
    assert (asked.kind, asked.chosen) == (LISTS[number].kind, RecordFilter())
    rows = texts(window)
    if LISTS[number].kind is HistoryKind.FILLS:
        assert foot(window) == "There is nothing yet."
        return
    assert rows
    assert window.model.headerData(1, Qt.Orientation.Horizontal) == "Strategy"
    assert "Core 4" in {row[1] for row in rows}
    assert foot(window) == f"{len(rows)} rows, all there are."


def test_rows_are_chosen_by_strategy_coin_kind_and_time_and_one_press_shows_everything_again(desk):
    window = opened(desk)
    everything = texts(window)
    choose(desk, window, "recordsStrategyCombo", "Core 4")
    assert {row[1] for row in texts(window)} == {"Core 4"}
    choose(desk, window, "recordsCoinCombo", "ETH")
    assert all("ETH/" in row[2] for row in texts(window))
    choose(desk, window, "recordsWordCombo", "Rejected")
    assert texts(window) == []
    assert foot(window) == "Nothing fits what is chosen above."
    assert not found(window, QPushButton, "recordsCopyButton").isEnabled()
    choose(desk, window, "recordsTimeCombo", "Last 7 days")
    chosen = desk.taken(LoadRecords)[-1].chosen
    assert (chosen.strategy_id, chosen.asset, chosen.word) == ("s-core4", "ETH", "rejected")
    assert chosen.since == desk.account.at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=6)
    found(window, QPushButton, "recordsClearButton").click()
    desk.answer()
    assert texts(window) == everything
    clear = found(window, QPushButton, "recordsClearButton")
    assert (clear.isEnabled(), clear.toolTip()) == (False, "Everything is shown already.")


def test_days_of_ones_own_are_from_midnight_to_midnight(desk):
    window = opened(desk)
    since, until = found(window, QDateEdit, "recordsSinceEdit"), found(window, QDateEdit, "recordsUntilEdit")
    assert not since.isEnabled()
    assert "From" in since.toolTip()
    choose(desk, window, "recordsTimeCombo", "From \u2026 to \u2026")
    since.setDate(QDate(2021, 3, 1))
    until.setDate(QDate(2021, 3, 1))
    desk.answer()
    chosen = desk.taken(LoadRecords)[-1].chosen
    assert (chosen.since.isoformat(), chosen.until - chosen.since) == ("2021-03-01T00:00:00+00:00", timedelta(days=1))


def test_a_list_is_read_page_by_page_as_one_scrolls_and_any_place_can_be_jumped_to(desk):
    many_orders(desk, 3000)
    window = opened(desk)
    assert window.model.rowCount() == 3000
    assert foot(window) == "3,000 rows, all there are."
    assert len(desk.taken(LoadRecords)) == 1
    ids = [str(window.model.index(r, window.model.columnCount() - 1).data()) for r in (0, PAGE)]
    assert ids == ["rb0000000000003000", "\u2013"]
    window.scroll_to(PAGE - 5)
    desk.answer()
    follow = desk.taken(LoadRecords)[-1]
    assert (follow.before, follow.skip) == (3000 - PAGE + 1, 0), "a neighbour is found by its key"
    window.scroll_to(2900)
    desk.answer()
    jump = desk.taken(LoadRecords)[-1]
    assert (jump.before, jump.skip) == (3001, 2800), "a jump counts from the newest row of the beginning"
    window.scroll_to(2790)
    desk.answer()
    up = desk.taken(LoadRecords)[-1]
    assert up.after is not None, "upwards a neighbour is found by its key too"
    for row in (*range(PAGE * 2), *range(2600, 3000)):
        known = window.model.row_at(row)
        assert known is None or known.key == 3000 - row


def test_while_rows_have_to_be_searched_for_the_list_grows_at_its_end(desk):
    many_orders(desk, 1000)
    window = opened(desk)
    choose(desk, window, "recordsWordCombo", "Over")
    grown = [window.model.rowCount()]
    while "older ones come" in foot(window):
        window.table.scrollToBottom()
        desk.answer()
        grown.append(window.model.rowCount())
    assert grown == sorted(set(grown))
    keys = [row.key for row in window.model.rows]
    assert keys == list(range(1000, 0, -1))
    assert foot(window) == "1,000 rows, all there are."


def test_new_rows_are_shown_to_who_looks_at_the_newest_and_told_to_who_reads_further_down(desk, qtbot):
    many_orders(desk, 1000)
    window = opened(desk)
    window._fresh.setInterval(0)
    row = replace(desk.engine.history.orders[0], key=1001, client_order_id="rbnew")

    def come():
        desk.engine.history.orders.insert(0, row)
        desk.feed.take(e.OrderChanged(desk.account.name, row))
        desk.draw()
        qtbot.waitUntil(lambda: not window._fresh.isActive(), timeout=5000)
        desk.answer()

    come()
    assert window.model.rowCount() == 1001
    window.scroll_to(500)
    desk.answer()
    row = replace(row, key=1002)
    come()
    assert window.model.rowCount() == 1001
    assert foot(window) == "1,001 rows. New ones came: press Refresh."
    found(window, QPushButton, "recordsRefreshButton").click()
    desk.answer()
    assert window.model.rowCount() == 1002


def test_chosen_rows_are_copied(desk):
    window = opened(desk)
    window.table.selectRow(0)
    found(window, QPushButton, "recordsCopyButton").click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("Time, UTC\tStrategy")
    assert foot(window) == "1 rows were copied."


def test_a_second_press_brings_the_window_to_the_front_and_an_answer_after_closing_does_no_harm(desk):
    window = opened(desk)
    assert opened(desk) is window
    window.reload()
    window.close()
    desk.answer()
    assert desk.window.presses.records.window is None
    assert opened(desk) is not window


def test_strategies_that_ended_long_ago_can_be_chosen_and_are_called_by_their_names(desk):
    last = desk.account.view().strategies[0]
    desk.account.older = [
        replace(last, id=f"s-old{n}", state=State.ENDED, parameters=replace(last.parameters, name=f"Old {n}"))
        for n in range(120)
    ]
    row = desk.engine.history.orders[0]
    desk.engine.history.orders.insert(0, replace(row, key=row.key + 10_000, strategy_id="s-old119"))
    desk.update()
    window = opened(desk)
    assert texts(window)[0][1] == "Old 119"
    choose(desk, window, "recordsStrategyCombo", "Old 119")
    assert [text[1] for text in texts(window)] == ["Old 119"]
    assert desk.taken(LoadRecords)[-1].chosen == RecordFilter("s-old119")


def test_of_thousands_that_ended_each_has_its_name_and_any_is_found_by_a_part_of_it(desk, qtbot):
    last = desk.account.view().strategies[0]
    desk.account.older = [
        replace(last, id=f"s-old{n}", state=State.ENDED, parameters=replace(last.parameters, name=f"Old {n // 2}"))
        for n in range(3001)
    ]
    row = desk.engine.history.orders[0]
    desk.engine.history.orders.insert(0, replace(row, key=row.key + 10_000, strategy_id="s-old3000"))
    desk.update()
    window = opened(desk)
    assert [asked.before for asked in desk.taken(LoadEndedNames)] == ["", "s-old999", "s-old1999", "s-old2999"]
    assert texts(window)[0][1] == "Old 1500"
    combo = found(window, QComboBox, "recordsStrategyCombo")
    offered = combo.count()
    assert offered < 220
    completer = combo.completer()
    assert completer is not None
    editor = found(window, QLineEdit, "recordsStrategyComboEdit")
    editor.selectAll()
    qtbot.keyClicks(editor, "ld 1500")
    assert completer.currentCompletion() == "Old 1500"
    completer.activated.emit("Old 1500")
    desk.answer()
    assert desk.taken(LoadRecords)[-1].chosen == RecordFilter("s-old3000")
    assert [text[1] for text in texts(window)] == ["Old 1500"]
    assert combo.count() == offered + 1
    desk.update()
    assert (combo.currentText(), combo.currentData()) == ("Old 1500", "s-old3000")
    editor.setText("nothing of that name")
    editor.editingFinished.emit()
    assert combo.currentText() == "Old 1500"
    editor.setText("old 7 (S-OLD14)")  # two were called so
    editor.editingFinished.emit()
    desk.answer()
    assert desk.taken(LoadRecords)[-1].chosen == RecordFilter("s-old14")


@pytest.mark.isolated
def test_scrolling_through_a_million_rows_never_holds_the_window_up(desk):
    """Each turn of the event loop while one drags and pages through a million rows; none takes 50 ms."""
    template = desk.engine.history.orders[0]

    def page(asked: LoadRecords) -> e.RecordsPage:
        if asked.after is not None:
            keys = range(asked.after + asked.limit, asked.after, -1)
        else:
            top = (asked.before or MILLION + 1) - 1 - asked.skip
            keys = range(top, max(0, top - asked.limit), -1)
        rows = tuple(replace(template, key=key, client_order_id=f"rb{key:016d}") for key in keys)
        reached = rows[-1].key if rows and rows[-1].key > 1 else None
        return e.RecordsPage("", asked.account, asked.kind, RecordPage(rows, reached), MILLION)

    def answer() -> list[float]:
        """How long the window takes each answer in; making it is the engine's time."""
        took = []
        while desk.waiting:
            asked = desk.waiting.pop(0)
            if isinstance(asked, LoadRecords):
                answered = replace(page(asked), command_id=asked.command_id)
                began = thread_time()
                desk.feed.take(answered)
                QApplication.processEvents()
                took.append(thread_time() - began)
        return took

    action(desk).trigger()
    window = desk.window.presses.records.window
    answer()
    assert window.model.rowCount() == MILLION
    places = [*range(0, 3000, 300), *range(0, MILLION, 91_017), *range(MILLION - 1, MILLION - 3000, -300), 0, 500_000]
    longest: list[float] = []
    # What holds the window up by itself does so in every round; what a neighbour on the machine does, comes and goes.
    while len(longest) < ROUNDS and (not longest or min(longest) >= LIMIT):
        turns = []
        for place in places:
            began = thread_time()
            window.scroll_to(place)
            QApplication.processEvents()
            turns += [thread_time() - began, *answer()]
            top = window.row_at_top()
            assert window.model.row_at(top).key == MILLION - top
        longest.append(max(turns))
    assert min(longest) < LIMIT, f"the longest turns of the rounds take {[round(t * 1000, 1) for t in longest]} ms"
    in_memory = len(window.model.rows)
    assert in_memory <= KEPT_PAGES * PAGE


# ---------------------------------------------------------------------------------------------------------------- export


def export_dialog(desk, window: RecordsWindow) -> ExportDialog:
    found(window, QPushButton, "recordsExportButton").click()
    QApplication.processEvents()
    dialog = found(window, QDialog, "exportDialog")
    assert isinstance(dialog, ExportDialog)
    return dialog


def test_the_export_asks_for_what_by_which_method_and_where_and_says_what_came_of_it(desk, tmp_path: Path):
    window = opened(desk)
    choose(desk, window, "recordsStrategyCombo", "Core 4")
    choose(desk, window, "recordsWordCombo", "Rejected")
    dialog = export_dialog(desk, window)
    assert dialog.filtered_check.isChecked()
    method = found(dialog, QComboBox, "exportMethodCombo")
    assert [method.itemData(i) for i in range(method.count())] == list(LotMethod)
    method.setCurrentIndex(2)
    found(dialog, QLineEdit, "exportFileEdit").setText(str(tmp_path / "lots.csv"))
    found(dialog, QPushButton, "exportButton").click()
    (asked,) = desk.taken(ExportRecords)
    # The word is one of orders: of lots there is none like it.
    assert (asked.sheet, asked.method, asked.chosen) == (Sheet.LOTS, LotMethod.HIFO, RecordFilter("s-core4"))
    assert asked.path == tmp_path / "lots.csv"
    assert not found(dialog, QPushButton, "exportButton").isEnabled()
    desk.feed.take(e.ExportProgress(asked.command_id, 30, 100))
    assert (dialog.progress.value(), dialog.progress.maximum()) == (30, 100)
    desk.answer()
    message = found(dialog, QLabel, "exportMessage").text()
    assert message == "12 rows were written into lots.csv. Of 2 of them the cost is not known."
    assert "no tax advice" in found(dialog, QLabel, "exportAdviceLabel").text()
    assert foot(window) == message


def test_a_list_is_exported_with_its_own_word_and_only_the_cost_basis_has_a_method(desk, tmp_path: Path):
    window = opened(desk)
    choose(desk, window, "recordsWordCombo", "Rejected")
    dialog = export_dialog(desk, window)
    sheets = found(dialog, QComboBox, "exportSheetCombo")
    sheets.setCurrentIndex(sheets.findData(Sheet.ORDERS))
    assert not found(dialog, QComboBox, "exportMethodCombo").isEnabled()
    assert found(dialog, QLineEdit, "exportFileEdit").text().endswith("paper-orders.csv")
    found(dialog, QLineEdit, "exportFileEdit").setText(str(tmp_path / "orders.csv"))
    found(dialog, QPushButton, "exportButton").click()
    assert desk.taken(ExportRecords)[-1].chosen == RecordFilter(word="rejected")


@pytest.mark.parametrize(
    ("name", "why"),
    [("", "Choose a file."), ("lots.csv", "Name the file with its folder"), ("{folder}", "This is a folder"),
     ("{folder}/none/lots.csv", "is not there")],
)  # fmt: skip
def test_a_file_that_cannot_be_is_refused_beside_the_field(desk, tmp_path: Path, name: str, why: str):
    dialog = export_dialog(desk, opened(desk))
    found(dialog, QLineEdit, "exportFileEdit").setText(name.format(folder=tmp_path))
    button = found(dialog, QPushButton, "exportButton")
    assert not button.isEnabled()
    assert why in button.toolTip()
    assert why in found(dialog, QLabel, "exportMessage").text()


def test_an_export_that_runs_can_be_cancelled_and_closing_gives_it_up(desk, tmp_path: Path):
    window = opened(desk)
    dialog = export_dialog(desk, window)
    found(dialog, QLineEdit, "exportFileEdit").setText(str(tmp_path / "lots.csv"))
    found(dialog, QPushButton, "exportButton").click()
    found(dialog, QPushButton, "exportCancelButton").click()
    (asked,), (cancelled,) = desk.taken(ExportRecords), desk.taken(CancelExport)
    assert cancelled.export_id == asked.command_id
    desk.waiting[:] = [c for c in desk.waiting if not isinstance(c, RecordCommand)]
    desk.feed.take(e.CommandRejected(asked.command_id, "The export was cancelled. No file was written.", "export"))
    assert "cancelled" in found(dialog, QLabel, "exportMessage").text()
    assert found(dialog, QPushButton, "exportButton").isEnabled()
    found(dialog, QPushButton, "exportButton").click()
    dialog.close()
    again = desk.taken(ExportRecords)[-1]
    assert desk.taken(CancelExport)[-1].export_id == again.command_id != asked.command_id
