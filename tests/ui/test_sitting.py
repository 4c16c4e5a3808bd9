"""One engine with its window: the end by closing, and the stop before a reset."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox

from rebalancer_gui.application.records import Repair, RepairKind
from rebalancer_gui.ui import sitting as sittings
from rebalancer_gui.ui.sitting import Sitting
from rebalancer_gui.ui.window_state import WindowState
from tests.ui.fake_engine import FakeEngine
from tests.ui.parts import found, theme_of


@pytest.fixture
def sit(qtbot, qapp):
    made = []

    def begin(factory=FakeEngine) -> Sitting:
        sitting = Sitting(factory, theme_of(qapp), WindowState(), lambda _state: None, "Rebalancer")
        made.append(sitting)
        sitting.open()
        qtbot.waitUntil(lambda: sitting.feed.view is not None)
        return sitting

    yield begin
    for sitting in made:
        for box in sitting.window.findChildren(QMessageBox):
            box.close()
        assert sitting.stop()
        sitting.leave()
    QApplication.processEvents()


def test_a_reset_is_left_for_only_when_the_engine_has_stopped(qtbot, sit):
    sitting = sit()
    running_when_left = []
    sitting.left.connect(lambda: running_when_left.append(sitting.feed.ended))
    with qtbot.waitSignal(sitting.left):
        sitting.window.resetConfirmed.emit("paper")
        assert sitting.account_to_reset == "paper"
        assert sitting.window.isVisible()
    assert running_when_left == [True]
    assert sitting.thread_of_engine.wait(2000)


def test_closing_ends_the_program_also_while_a_reset_waits_for_the_engine(qtbot, sit):
    sitting = sit()
    sitting.window.resetConfirmed.emit("paper")
    with qtbot.waitSignal(sitting.left):
        sitting.window.close_without_asking()
    assert sitting.account_to_reset == ""


def test_a_restore_waits_until_the_engine_has_stopped(qtbot, sit):
    sitting = sit()
    running_when_left = []
    sitting.left.connect(lambda: running_when_left.append(sitting.feed.ended))
    with qtbot.waitSignal(sitting.left):
        sitting.window.restoreConfirmed.emit(Path("all.zip"))
        sitting.window.resetConfirmed.emit("paper")  # one thing at a time
    assert (running_when_left, sitting.restore, sitting.account_to_reset) == ([True], Path("all.zip"), "")


class StubbornEngine(FakeEngine):
    """Stops only when the test lets it."""

    def __init__(self, sink) -> None:
        super().__init__(sink)
        self.asked = asyncio.Event()

    def request_stop(self) -> None:
        if self.asked.is_set():
            super().request_stop()
        self.asked.set()


@pytest.mark.expect_log("engine did not stop")
def test_an_engine_that_does_not_stop_keeps_its_account_and_the_window_says_so(qtbot, sit, monkeypatch):
    monkeypatch.setattr(sittings, "_RESET_LATE_MS", 50)
    sitting = sit(StubbornEngine)
    left = []
    sitting.left.connect(lambda: left.append(1))
    sitting.window.resetConfirmed.emit("paper")
    qtbot.waitUntil(sitting.window.failure.isVisible)
    assert "not reset" in found(sitting.window, QLabel, "failureMessage").text()
    assert (sitting.account_to_reset, left) == ("", [])


def test_what_came_of_a_reset_is_said_over_the_window(qtbot, sit):
    sitting = sit()
    sitting.say("The paper account begins anew", "It is kept in backups.", bad=False)
    box = sitting.window.findChild(QMessageBox, "resetOutcome")
    assert box is not None
    assert "backups" in box.text()


def test_the_repair_of_one_account_among_several_is_left_for_only_when_the_engine_has_stopped(qtbot, sit):
    sitting = sit()
    chosen = Repair("Main", RepairKind.NEW_LEDGER, "Begin a new ledger", "It begins with what the exchange holds.")
    running_when_left = []
    sitting.left.connect(lambda: running_when_left.append(sitting.feed.ended))
    with qtbot.waitSignal(sitting.left):
        sitting.window.repairConfirmed.emit(chosen)
        assert sitting.repair == chosen
        sitting.window.resetConfirmed.emit("paper")  # One thing at a time.
    assert running_when_left == [True]
    assert sitting.account_to_reset == ""
    assert sitting.thread_of_engine.wait(2000)


@pytest.mark.expect_log("engine did not stop")
def test_an_engine_that_does_not_stop_is_not_repaired_under(qtbot, sit, monkeypatch):
    monkeypatch.setattr(sittings, "_RESET_LATE_MS", 50)
    sitting = sit(StubbornEngine)
    sitting.window.repairConfirmed.emit(Repair("Main", RepairKind.SET_ASIDE, "Set the account aside", ""))
    qtbot.waitUntil(sitting.window.failure.isVisible)
    assert sitting.repair is None
