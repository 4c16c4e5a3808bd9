"""The page of an engine that cannot start: for a damaged file, what the program can do about it, asked before it is done."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.events import EngineFailed
from rebalancer_gui.application.records import Repair, RepairKind
from rebalancer_gui.resources_path import resource_dir
from rebalancer_gui.ui.engine_texts import install_templates
from rebalancer_gui.ui.failure_page import FailurePage
from rebalancer_gui.ui.formatting import NumberMarks
from rebalancer_gui.ui.languages import install_engine, read_catalogue
from rebalancer_gui.ui.sitting import Sitting
from rebalancer_gui.ui.translation import install_catalogue
from rebalancer_gui.ui.window_state import WindowState
from tests.ui.fake_engine import FakeEngine
from tests.ui.parts import found, theme_of

pytestmark = pytest.mark.failure(43)
BACKUP = Repair(
    "paper",
    RepairKind.BACKUP,
    "Put back the backup of 2026-03-14 15:09 UTC (2 days old)",
    "What happened since then is not in it. The damaged file is kept.",
    "/backups/paper-daily-20260314-150926",
)
NEW = Repair("paper", RepairKind.NEW_LEDGER, "Begin a new ledger", "It begins with what the exchange holds.")
FAILED = EngineFailed("The ledger is damaged.", "rebalancer account restore", (BACKUP, NEW))


@pytest.fixture
def page(qtbot, qapp) -> FailurePage:
    theme_of(qapp)
    made = FailurePage()
    qtbot.addWidget(made)
    made.resize(1024, 700)
    made.show()
    return made


def question(page: FailurePage) -> QMessageBox:
    box = page.window().findChild(QMessageBox, "repairQuestion")
    assert box is not None
    return box


def test_each_way_out_has_its_button_and_says_what_comes_of_it(page):
    page.show_failure(FAILED)
    assert found(page, QPushButton, "repairButton0").text() == BACKUP.text
    assert found(page, QPushButton, "repairButton1").text() == NEW.text
    assert found(page, QLabel, "repairDetail0").text() == BACKUP.detail
    assert not found(page, QLabel, "failureAdvice").isVisible()  # the console's words are for the console


def test_without_a_way_out_there_is_advice_and_quit_alone(page):
    page.show_failure(EngineFailed("The file is newer.", "Start the newer program."))
    assert page.findChild(QPushButton, "repairButton0") is None
    assert found(page, QLabel, "failureAdvice").isVisible()


def test_nothing_is_done_before_it_is_confirmed_and_enter_alone_does_not_confirm(page, qtbot):
    chosen: list[Repair] = []
    page.repairPressed.connect(chosen.append)
    page.show_failure(FAILED)
    found(page, QPushButton, "repairButton0").click()
    box = question(page)
    assert BACKUP.detail in box.informativeText()
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not box.isVisible())
    assert chosen == []


def test_what_was_confirmed_is_told_with_its_backup(page, qtbot):
    chosen: list[Repair] = []
    page.repairPressed.connect(chosen.append)
    page.show_failure(FAILED)
    found(page, QPushButton, "repairButton0").click()
    found(question(page), QPushButton, "repairConfirmButton").click()
    qtbot.waitUntil(lambda: chosen == [BACKUP])


def test_a_confirmed_repair_leaves_the_sitting_of_an_engine_that_failed(qtbot, qapp):
    def factory(sink):
        return FakeEngine(sink, failure=("The ledger is damaged.", "", (BACKUP, NEW)))

    sitting = Sitting(factory, theme_of(qapp), WindowState(), lambda _state: None, "Rebalancer")
    sitting.open()
    qtbot.waitUntil(sitting.window.failure.isVisible)
    found(sitting.window, QPushButton, "repairButton1").click()
    with qtbot.waitSignal(sitting.left):
        found(question(sitting.window.failure), QPushButton, "repairConfirmButton").click()
    assert sitting.repair == NEW
    assert sitting.stop()
    sitting.leave()


def test_the_real_engine_on_a_damaged_ledger_begins_anew_from_its_page(tmp_path):
    with DataFolder(tmp_path) as folder:
        ledger = folder.ledger_file("paper")
        store = SqliteStore(ledger, "paper")
        store.open()
        store.close()
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:100] + b"\xff" * 3000 + whole[3100:])
    damaged = ledger.read_bytes()
    script = Path(__file__).with_name("repairing_start.py")
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], env=environment, capture_output=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    seen = json.loads(ran.stdout.decode().splitlines()[-1])
    assert "is damaged" in seen["message"]
    assert (seen["title"], seen["money"]) == ("A new ledger begins", "10000")
    (kept,) = (tmp_path / "backups").iterdir()
    assert str(kept) in seen["text"]
    assert (kept / "ledger.sqlite").read_bytes() == damaged


@pytest.fixture
def _german():
    catalogue = read_catalogue(resource_dir() / "languages" / "rebalancer_de.qm")
    install_catalogue(catalogue)
    install_engine(resource_dir() / "languages" / "engine.json", catalogue)
    yield
    install_catalogue(None)
    install_templates((), None, NumberMarks())


@pytest.mark.usefixtures("_german")
def test_the_question_and_its_buttons_are_german_where_the_window_is(page):
    page.show_failure(FAILED)
    for number, words in enumerate(("Die Sicherung einsetzen", "Ein neues Kontobuch beginnen")):
        found(page, QPushButton, f"repairButton{number}").click()
        box = question(page)
        assert found(box, QPushButton, "repairConfirmButton").text() == words
        assert box.windowTitle() != FAILED.repairs[number].text
        box.close()
        box.setParent(None)
