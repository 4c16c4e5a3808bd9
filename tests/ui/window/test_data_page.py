"""Settings, page Data: settings out and in, a backup of everything, and back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from shiboken6 import isValid

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.application.data_desk import BackupFacts
from rebalancer_gui.application.settings import LANGUAGE, THEME
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.ui.dialogs.data_page import DataPage
from rebalancer_gui.ui.errands import Errands
from tests.ui.parts import found, theme_of
from tests.ui.window.test_reading import cut_texts
from tests.ui.window.test_settings import opened

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


class Data:
    """Where backups go, in memory; ``fault`` is what the next thing fails with."""

    place = Path("/somewhere/data")

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.fault = ""

    def new_name(self) -> str:
        return "backup.zip"

    def back_up(self, file: Path) -> BackupFacts:
        return self._facts("back up", file)

    def look_through(self, file: Path) -> BackupFacts:
        return self._facts("look", file)

    def restore(self, file: Path) -> Path:
        return self._facts("restore", file).file

    def _facts(self, what: str, file: Path) -> BackupFacts:
        if self.fault:
            raise EnvironmentProblem(self.fault, "Do something.")
        self.done.append((what, file.name))
        return BackupFacts(file, 123_456, NOW, "1.0", ("paper", "Main"))


@pytest.fixture
def settings(tmp_path: Path) -> SettingsDesk:
    folder = DataFolder(tmp_path / "data")
    folder.path.mkdir()
    folder.write_settings({"format": "rebalancer-settings", "version": 1})
    return SettingsDesk(SettingsFile(folder))


class Page:
    def __init__(self, qtbot, settings: SettingsDesk) -> None:
        self.qtbot, self.data = qtbot, Data()
        self.page = DataPage(settings, self.data, Errands(in_order=True))
        self.told: list[object] = []
        self.page.imported.connect(self.told.append)
        self.page.restoreConfirmed.connect(self.told.append)
        self.page.resize(700, 560)
        with qtbot.waitExposed(self.page):
            self.page.show()

    def rest(self) -> None:
        self.qtbot.waitUntil(lambda: not self.page._busy)

    def text(self, name: str) -> str:
        label = found(self.page, QLabel, name)
        return label.text() if label.isVisibleTo(self.page) else ""

    def press(self, name: str) -> None:
        found(self.page, QPushButton, name).click()


@pytest.fixture
def page(qtbot, qapp: QApplication, settings: SettingsDesk) -> Iterator[Page]:
    theme_of(qapp)
    made = Page(qtbot, settings)
    yield made
    made.rest()
    if isValid(made.page):
        made.page.close()


def test_settings_go_out_into_a_file_and_come_back_after_their_changes_were_shown(page, settings, tmp_path):
    file = tmp_path / "out.json"
    settings.set(THEME, "dark")
    settings.set(LANGUAGE, "de")
    page.page.export_to(file)
    page.rest()
    assert page.text("dataSettingsMessage") == "The settings were written to out.json."
    settings.set(THEME, "light")
    settings.set(LANGUAGE, "en")
    page.page.import_from(file)
    page.rest()
    question = page.page.findChild(QWidget, "importSettingsQuestion")
    assert found(question, QLabel, "importSettingsQuestionText").text() == (
        "Colours: Light \u2192 Dark\nLanguage: English \u2192 Deutsch"
    )
    assert (settings.value(THEME), page.told) == ("light", [])
    found(question, QPushButton, "importSettingsConfirmButton").click()
    page.rest()
    page.qtbot.waitUntil(lambda: bool(page.told))
    assert (settings.value(THEME), settings.value(LANGUAGE)) == ("dark", "de")
    assert "changed at the next start" in str(page.told[0])
    page.page.import_from(file)
    page.rest()
    assert page.text("dataSettingsMessage") == "Everything is as the file says already."


def test_a_file_with_faults_is_refused_beside_the_button_with_all_of_them(page, settings, tmp_path):
    file = tmp_path / "bad.json"
    file.write_text(
        '{"format": "rebalancer-settings-export", "version": 1, '
        '"settings": {"window.theme": "dusk", "accounts.live": true}}'
    )
    page.page.import_from(file)
    page.rest()
    said = page.text("dataSettingsMessage")
    assert '"accounts.live"' in said
    assert '"dusk" is not one of system, light, dark' in said
    page.page.import_from(tmp_path / "nothing.json")
    page.rest()
    assert "cannot be read" in page.text("dataSettingsMessage")
    assert not page.told


def test_a_backup_is_made_in_the_background_and_said_with_what_is_in_it(page, tmp_path):
    page.page.back_up_to(tmp_path / "all.zip")
    button = found(page.page, QPushButton, "backupButton")
    assert (button.isEnabled(), button.toolTip()) == (False, "One moment: something is being done already.")
    assert "being made and checked" in page.text("dataBackupMessage")
    page.rest()
    assert page.text("dataBackupMessage") == (
        "The backup was made and checked: all.zip, 123 kB, accounts: paper, Main."
    )
    page.data.fault = "A file of Main is not sound."
    page.page.back_up_to(tmp_path / "again.zip")
    page.rest()
    assert page.text("dataBackupMessage") == "A file of Main is not sound. Do something."


def test_a_backup_is_checked_before_it_is_asked_whether_it_takes_the_place_of_everything(page, tmp_path):
    page.page.look_through(tmp_path / "all.zip")
    page.rest()
    question = page.page.findChild(QWidget, "restoreQuestion")
    words = found(question, QLabel, "restoreQuestionText").text()
    assert "paper, Main" in words
    assert "kept in the folder backups" in words
    found(question, QPushButton, "restoreQuestionCancel").click()
    assert not page.told
    page.page.look_through(tmp_path / "all.zip")
    page.rest()
    questions = [q for q in page.page.findChildren(QWidget, "restoreQuestion") if q.isVisible()]
    found(questions[-1], QPushButton, "restoreConfirmButton").click()
    assert page.told == [tmp_path / "all.zip"]
    assert [what for what, _ in page.data.done] == ["look", "look"]


def test_a_backup_that_is_not_sound_is_not_offered(page, tmp_path):
    page.data.fault = "It is damaged."
    page.page.look_through(tmp_path / "all.zip")
    page.rest()
    assert page.text("dataRestoreMessage") == "It is damaged. Do something."
    assert page.page.findChild(QWidget, "restoreQuestion") is None


def test_nothing_on_the_page_is_cut(page):
    assert cut_texts(page.page) == []
    assert page.text("dataFolderLabel") == "Everything is stored in /somewhere/data."


def test_in_the_window_imported_colours_count_at_once_and_a_restore_closes_settings(desk, settings):
    flow = desk.window.presses.settings
    desk.window.offer_settings(settings)
    flow.offer_data(Data())
    asked: list[object] = []
    desk.window.restoreConfirmed.connect(asked.append)
    dialog = opened(desk)
    (kept,) = dialog.findChildren(DataPage)
    assert dialog.tabs.tabText(dialog.tabs.count() - 1) == "Data"
    settings.set(THEME, "dark")
    kept.imported.emit("2 settings were changed.")
    assert desk.dialog() is None
    assert desk.theme.tokens.is_dark
    (kept,) = opened(desk).findChildren(DataPage)
    kept.restoreConfirmed.emit(Path("all.zip"))
    assert (desk.dialog(), asked) == (None, [Path("all.zip")])
