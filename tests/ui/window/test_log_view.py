"""The log in a window of its own, and the support report that is shown before it is copied."""

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
)
from shiboken6 import isValid

from rebalancer_gui.application.log_port import LogLine
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.ui.dialogs.log_view import LogDialog
from rebalancer_gui.ui.dialogs.report_dialog import ReportDialog
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.models.log_model import LogModel
from tests.ui.parts import found, theme_of
from tests.ui.window.test_reading import cut_texts


def line(serial: int, text: str, level: int = logging.INFO) -> LogLine:
    return LogLine(serial, f"2026-03-14T15:09:{serial % 60:02}.000Z", level, "rebalancer_gui.x", text)


class Log:
    """A log in memory; ``wait`` holds the disk up."""

    folder = Path("/somewhere/logs")

    def __init__(self) -> None:
        self.lines = [line(1, "opened"), line(2, "one\nmore of it", logging.WARNING), line(3, "broke", logging.ERROR)]
        self.wait, self.fault = Event(), ""
        self.wait.set()

    def earlier(self) -> tuple[LogLine, ...]:
        self.wait.wait(5)
        if self.fault:
            raise EnvironmentProblem(self.fault)
        return (line(0, "yesterday"),)

    def since(self, serial: int) -> tuple[LogLine, ...]:
        return tuple(one for one in self.lines if one.serial > serial)


class View:
    def __init__(self, qtbot, log: Log) -> None:
        self.qtbot, self.log = qtbot, log
        self.background = Errands()
        self.dialog = LogDialog(log, self.background)
        with qtbot.waitExposed(self.dialog):
            self.dialog.show()

    def texts(self) -> list[str]:
        return [one.text for one in self.dialog.model.shown]

    def rest(self) -> None:
        self.qtbot.waitUntil(lambda: not self.background.is_busy)


@pytest.fixture
def view(qtbot, qapp: QApplication) -> Iterator[View]:
    theme_of(qapp)
    made = View(qtbot, Log())
    made.rest()
    yield made
    if isValid(made.dialog):
        made.dialog.close()
    QApplication.processEvents()


def test_lines_of_this_run_come_after_those_of_earlier_ones_and_new_ones_are_inserted(view):
    assert view.texts() == ["yesterday", "opened", "one\nmore of it", "broke"]
    resets, inserted = [], []
    view.dialog.model.modelReset.connect(lambda: resets.append(1))
    view.dialog.model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    view.log.lines.append(line(4, "new"))
    view.qtbot.waitUntil(lambda: view.texts()[-1] == "new")
    assert (resets, inserted) == ([], [(4, 4)])
    assert found(view.dialog, QLabel, "logCountLabel").text() == "5 of 5 lines"


def test_levels_and_words_choose_what_is_shown(view):
    combo = found(view.dialog, QComboBox, "logLevelCombo")
    combo.setCurrentIndex(1)
    assert view.texts() == ["one\nmore of it", "broke"]
    combo.setCurrentIndex(2)
    assert view.texts() == ["broke"]
    combo.setCurrentIndex(0)
    view.qtbot.keyClicks(found(view.dialog, QLineEdit, "logSearchEdit"), "warning MORE")
    assert view.texts() == ["one\nmore of it"]
    view.log.lines.append(line(4, "nothing of it"))
    view.dialog.look()
    assert view.texts() == ["one\nmore of it"]
    view.qtbot.keyClicks(found(view.dialog, QLineEdit, "logSearchEdit"), " zebra")
    copy = found(view.dialog, QPushButton, "logCopyButton")
    assert (copy.isEnabled(), copy.toolTip()) == (False, "No line is shown.")


def test_it_stays_at_the_newest_line_only_while_it_is_to_follow(view):
    view.log.lines += [line(n, f"line {n}") for n in range(4, 300)]
    view.dialog.look()
    bar = found(view.dialog, QListView, "logList").verticalScrollBar()
    view.qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    found(view.dialog, QCheckBox, "logFollowCheck").click()
    bar.setValue(0)
    view.log.lines.append(line(300, "newest"))
    view.dialog.look()
    assert bar.value() == 0


def test_the_chosen_line_is_shown_as_a_whole_and_copied(view):
    lines = found(view.dialog, QListView, "logList")
    lines.setCurrentIndex(view.dialog.model.index(2))
    whole = "2026-03-14T15:09:02.000Z WARNING rebalancer_gui.x: one\nmore of it"
    assert found(view.dialog, QPlainTextEdit, "logEntryText").toPlainText() == whole
    found(view.dialog, QPushButton, "logCopyButton").click()
    assert QGuiApplication.clipboard().text() == whole
    lines.clearSelection()
    found(view.dialog, QPushButton, "logCopyButton").click()
    assert QGuiApplication.clipboard().text().count("\n") == 4


def test_a_slow_disk_does_not_hold_the_window_up_and_a_fault_is_said(qtbot, qapp):
    log = Log()
    log.wait.clear()
    log.fault = "The log cannot be read: Input/output error."
    view = View(qtbot, log)
    assert view.texts() == ["opened", "one\nmore of it", "broke"]
    log.wait.set()
    view.rest()
    assert found(view.dialog, QLabel, "logCountLabel").text() == log.fault
    view.dialog.close()


def test_of_more_lines_than_are_kept_the_oldest_go(qtbot):
    model = LogModel(most=100)
    model.add([line(n, f"line {n}") for n in range(250)])
    model.add([line(250, "last")])
    assert (len(model), model.rowCount(), model.shown[0].text, model.shown[-1].text) == (100, 100, "line 151", "last")
    model.filter(logging.ERROR, "")
    model.add([line(n, "x") for n in range(300)])
    assert (len(model), model.rowCount()) == (100, 0)


def test_nothing_in_the_log_is_cut(view):
    assert cut_texts(view.dialog) == []


# ---------------------------------------------------------------------------------------------------------------- window


def test_in_the_window_the_menu_leads_to_the_log_once_and_to_the_report_before_it_is_copied(desk):
    log_action = desk.window.findChild(QAction, "logAction")
    assert not log_action.isVisible()  # nobody has offered a log yet
    asked: list[tuple[str, tuple[str, ...]]] = []

    def report(platform: str, hidden) -> str:
        asked.append((platform, tuple(hidden)))
        return "Rebalancer support report\nall is well"

    desk.window.presses.offer_log(Log(), report)
    assert log_action.isVisible()
    log_action.trigger()
    log_action.trigger()
    (log,) = desk.window.findChildren(LogDialog)
    found(log, QPushButton, "supportReportButton").click()
    (shown,) = log.findChildren(ReportDialog)
    copy = found(shown, QPushButton, "reportCopyButton")
    desk.qtbot.waitUntil(copy.isEnabled)
    assert found(shown, QPlainTextEdit, "reportText").toPlainText().endswith("all is well")
    QGuiApplication.clipboard().setText("")
    copy.click()
    assert QGuiApplication.clipboard().text().endswith("all is well")
    assert asked[0][0] == "offscreen"
    assert desk.account.name in asked[0][1]
    assert "Core 4" in asked[0][1]
    assert cut_texts(shown) == []
    shown.close()
    log.close()
