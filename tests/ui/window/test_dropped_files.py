"""Strategy files dropped onto the window: looked at first, refused as in an import, and one of them fills the form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QLineEdit, QListWidget, QMessageBox, QPushButton

from rebalancer_gui.application import commands as c
from rebalancer_gui.ui.dialogs.import_files import ImportFilesDialog
from rebalancer_gui.ui.strategy_drop import MOST_FILES
from tests.ui.parts import found

GOOD = {
    "format": "rebalancer-strategy", "version": 1, "name": "Dropped", "quote": "USDT", "investment": "250.5",
    "coins": [{"asset": "BTC", "weight": "40"}, {"asset": "ETH", "weight": "60"}],
    "rule": {"kind": "ratio", "threshold": "5"}, "stop_loss": {"basis": "return", "level": "-20"},
}  # fmt: skip


def file(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def drop(desk, *paths: Path | QUrl | str) -> None:
    data = QMimeData()
    urls = [QUrl.fromLocalFile(str(p)) if isinstance(p, Path) else p for p in paths if not isinstance(p, str)]
    if urls:
        data.setUrls(urls)
    for text in paths:
        if isinstance(text, str):
            data.setText(text)
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(100, 100), Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(desk.window, enter)
    assert enter.isAccepted()
    assert found(desk.window, QFrame, "dropHint").isVisible()
    dropped = QDropEvent(QPointF(100, 100), Qt.DropAction.CopyAction, data, left, none, QEvent.Type.Drop)
    QApplication.sendEvent(desk.window, dropped)
    QApplication.processEvents()
    assert not found(desk.window, QFrame, "dropHint").isVisible()


def dialog_of(desk) -> ImportFilesDialog:
    dialog = desk.dialog()
    assert isinstance(dialog, ImportFilesDialog)
    return dialog


def test_a_file_is_looked_at_first_and_then_fills_the_form_and_nothing_is_created(desk, tmp_path: Path):
    drop(desk, file(tmp_path, "core.json", GOOD))
    dialog = dialog_of(desk)
    told = found(dialog, QLabel, "importDetails").text().replace("\u00a0", " ")
    assert told.splitlines() == [
        "Name: Dropped",
        "Coins: BTC 40 %, ETH 60 %",
        "Investment: 250.50 USDT",
        "Rule: By coin ratio 5 %, checked every 2 s",
        "Also: stop-loss",
    ]
    found(dialog, QPushButton, "importUseButton").click()
    desk.answer()
    assert desk.find(QLineEdit, "strategyNameEdit").text() == "Dropped"
    assert not desk.taken(c.CreateStrategy)
    assert desk.dialog() is None


def test_of_several_files_the_good_one_is_shown_first_and_the_others_say_what_is_wrong(desk, tmp_path: Path):
    hostile = '{"a":' * 40 + "1" + "}" * 40
    drop(
        desk,
        file(tmp_path, "deep.json", hostile),
        file(tmp_path, "wrong.json", GOOD | {"coins": [{"asset": "BTC", "weight": "100"}], "surprise": 1}),
        file(tmp_path, "good.json", GOOD),
        tmp_path,
        tmp_path / "gone.json",
    )
    dialog = dialog_of(desk)
    files = found(dialog, QListWidget, "importFileList")
    assert files.currentItem().text() == "good.json"
    refusals = {}
    for row in (0, 1, 3, 4):
        files.setCurrentRow(row)
        button = found(dialog, QPushButton, "importUseButton")
        assert (button.isEnabled(), button.toolTip()) == (False, "This file cannot be imported.")
        assert "refused" in files.item(row).text()
        refusals[row] = found(dialog, QLabel, "importDetails").text()
    assert "32" in refusals[0]
    assert "surprise" in refusals[1]
    assert "folder" in refusals[3]
    assert "cannot be read" in refusals[4]
    found(dialog, QPushButton, "importCancelButton").click()
    assert desk.dialog() is None


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("some text", "no file on this computer"),
        (QUrl("https://example.org/core.json"), "no file on this computer"),
    ],
)
def test_what_is_no_file_is_answered_in_clear_words(desk, what: QUrl | str, words: str):
    drop(desk, what)
    box = found(desk.window, QMessageBox, "dropRefused")
    assert words in box.text()
    assert "Export strategy" in box.text()
    box.close()


def test_too_many_files_at_once_are_refused(desk, tmp_path: Path):
    drop(desk, *(file(tmp_path, f"{n}.json", GOOD) for n in range(MOST_FILES + 1)))
    box = found(desk.window, QMessageBox, "dropRefused")
    assert str(MOST_FILES) in box.text()
    box.close()


def test_another_drop_replaces_what_is_being_looked_at(desk, tmp_path: Path):
    drop(desk, file(tmp_path, "one.json", GOOD))
    drop(desk, file(tmp_path, "two.json", GOOD | {"name": "Second"}))
    assert "Second" in found(dialog_of(desk), QLabel, "importDetails").text()
