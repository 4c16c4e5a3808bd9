"""The page Data of Settings: settings out and in, a backup of everything, and back. GUI thread only.

What takes its time is done in the background; nothing is written over, and before anything is changed it is shown and asked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from rebalancer_gui.application.data_desk import BackupFacts, DataKeeping
from rebalancer_gui.application.settings_desk import Change, SettingsDesk
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidFile, RebalancerError
from rebalancer_gui.domain.hostile_json import MAX_BYTES
from rebalancer_gui.ui.dialogs.questions import Question
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import block, push_button
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE

PLACES = (
    (tr("Export settings"), "exportSettingsButton", tr("save file copy transfer")),
    (tr("Import settings"), "importSettingsButton", tr("load file copy transfer")),
    (tr("Back up everything"), "backupButton", tr("copy save data folder archive zip")),
    (tr("Restore a backup"), "restoreButton", tr("put back data folder archive zip")),
)
"""What the search of Settings finds here."""
_BUSY = tr("One moment: something is being done already.")
_SETTINGS_TEXT = tr(
    "What is chosen on the pages Program, Notifications and Market data. No key and no address of a channel is in the file; safety "
    "rails and trading modes belong to their accounts."
)
_BACKUP_TEXT = tr(
    "The whole data folder in one file: accounts, strategies, history, settings. The engine goes on meanwhile, and the file is checked "
    "after it was written. No key is in it. Whoever has it can read what you hold."
)
_RESTORE_TEXT = tr(
    "A backup is checked and shown before anything is changed. Then the engine is stopped safely and the backup takes the place of what "
    "is stored; nothing is deleted. Accounts with real money go back to watch only."
)


class DataPage(QWidget):
    """``imported()``: settings were changed by an import; ``restoreConfirmed(object)``: this backup (a Path) is to be put in
    place.
    """

    imported = Signal(str)
    restoreConfirmed = Signal(object)

    def __init__(
        self,
        settings: SettingsDesk | None,
        data: DataKeeping | None,
        background: Errands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings, self._data, self._background = settings, data, background
        self._busy = self._gone = False
        self._lines: dict[QPushButton, MessageLine] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        self.export = push_button(tr("Export\u2026"), "exportSettingsButton", accessible_name=tr("Export settings"))
        self.take = push_button(tr("Import\u2026"), "importSettingsButton", accessible_name=tr("Import settings"))
        self.backup = push_button(tr("Back up\u2026"), "backupButton", accessible_name=tr("Back up everything"))
        self.restore = push_button(tr("Restore\u2026"), "restoreButton", accessible_name=tr("Restore a backup"))
        if settings is not None:
            self._section(column, tr("Settings"), _SETTINGS_TEXT, (self.export, self.take), "dataSettingsMessage")
        if data is not None:
            self._section(column, tr("Backup of everything"), _BACKUP_TEXT, (self.backup,), "dataBackupMessage")
            self._section(column, tr("Restore"), _RESTORE_TEXT, (self.restore,), "dataRestoreMessage")
            place = TextLabel(
                tr("Everything is stored in {folder}.", folder=data.place),
                TextType.SMALL,
                Ink.TEXT2,
                object_name="dataFolderLabel",
                wrap=True,
            )
            column.addWidget(place)
        column.addStretch(1)
        self.export.clicked.connect(self._ask_export)
        self.take.clicked.connect(self._ask_import)
        self.backup.clicked.connect(self._ask_backup)
        self.restore.clicked.connect(self._ask_restore)
        self.destroyed.connect(self.leave)

    @Slot()
    def leave(self) -> None:
        """The dialog closes: answers still to come are for nobody; what was begun is done to its end."""
        self._gone = True

    def _section(
        self, column: QVBoxLayout, title: str, text: str, buttons: tuple[QPushButton, ...], message: str
    ) -> None:
        column.addWidget(TextLabel(title, TextType.TITLE))
        column.addWidget(TextLabel(text, TextType.SMALL, Ink.TEXT2, wrap=True))
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        line = MessageLine(message)
        line.hide()
        column.addWidget(line)
        column.addSpacing(12)
        for button in buttons:
            self._lines[button] = line

    # --------------------------------------------------------------------------------------------------------- settings

    def _ask_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Export settings"), "rebalancer-settings.json", tr("Settings (*.json)")
        )
        if name:
            self.export_to(Path(name))

    def export_to(self, file: Path) -> None:
        """The window's file dialog has asked already whether a file may be written over."""
        settings = self._settings
        if settings is not None:
            done = tr("The settings were written to {file}.", file=file.name)
            self._run(
                self.export, lambda: _write(file, settings.export()), lambda _nothing: self._good(self.export, done)
            )

    def _ask_import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Import settings"), "", tr("Settings (*.json)"))
        if name:
            self.import_from(Path(name))

    def import_from(self, file: Path) -> None:
        """Show what the file would change; nothing is changed yet."""
        settings = self._settings
        if settings is not None:
            self._run(self.take, lambda: settings.preview(_read(file)), self._preview)

    def _preview(self, changes: tuple[Change, ...]) -> None:
        if not changes:
            self._good(self.take, tr("Everything is as the file says already."))
            return
        lines = [
            tr("{title}: {before} \u2192 {after}", title=t, before=b, after=a) for t, b, a in (c.words for c in changes)
        ]
        question = Question(
            "importSettingsQuestion",
            tr("Change %n settings?", "", len(changes)),
            "\n".join(lines),
            (("import", tr("Import"), "importSettingsConfirmButton"),),
            self,
        )
        question.answered.connect(lambda _key: self._take(changes))
        question.open()

    def _take(self, changes: tuple[Change, ...]) -> None:
        settings = self._settings
        if settings is not None:
            said = tr("%n settings were changed.", "", len(changes))
            if any(change.setting.at_next_start for change in changes):
                said += " " + tr("The language is changed at the next start.")
            self._run(self.take, lambda: settings.take(changes), lambda _nothing: self.imported.emit(said))

    # ----------------------------------------------------------------------------------------------------------- backup

    def _ask_backup(self) -> None:
        if self._data is not None:
            name, _ = QFileDialog.getSaveFileName(
                self,
                tr("Back up everything"),
                self._data.new_name(),
                tr("Backups (*.zip)"),
                options=QFileDialog.Option.DontConfirmOverwrite,
            )
            if name:
                self.back_up_to(Path(name))

    def back_up_to(self, file: Path) -> None:
        """A new file; one that is there already is refused."""
        data = self._data
        if data is not None:
            self._lines[self.backup].show_hint(tr("The backup is being made and checked\u2026"))
            self._lines[self.backup].show()
            self._run(self.backup, lambda: data.back_up(file), self._backed_up)

    def _backed_up(self, facts: BackupFacts) -> None:
        self._good(
            self.backup,
            tr(
                "The backup was made and checked: {file}, {size} kB, accounts: {accounts}.",
                file=facts.file.name,
                size=max(1, facts.size // 1000),
                accounts=", ".join(facts.accounts) or tr("none"),
            ),
        )

    def _ask_restore(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Restore a backup"), "", tr("Backups (*.zip)"))
        if name:
            self.look_through(Path(name))

    def look_through(self, file: Path) -> None:
        """Check a backup and ask whether it is to be put in place."""
        data = self._data
        if data is not None:
            self._lines[self.restore].show_hint(tr("The backup is being checked\u2026"))
            self._lines[self.restore].show()
            self._run(self.restore, lambda: data.look_through(file), self._offer)

    def _offer(self, facts: BackupFacts) -> None:
        made = facts.made_at.astimezone()
        self._good(self.restore, tr("{file} is sound.", file=facts.file.name))
        question = Question(
            "restoreQuestion",
            tr("Put the backup of {date} in place?", date=f"{made:%Y-%m-%d %H:%M}"),
            tr(
                "It holds the accounts {accounts}. What happened since then is not in it: each ledger is compared with its exchange "
                "first. What is stored now is kept in the folder backups. The engine is stopped safely, then the program ends and has "
                "to be started again.",
                accounts=", ".join(facts.accounts) or tr("none"),
            ),
            (("restore", tr("Stop and restore"), "restoreConfirmButton"),),
            self,
        )
        question.answered.connect(lambda _key: self.restoreConfirmed.emit(facts.file))
        question.open()

    # ----------------------------------------------------------------------------------------------------------- working

    def _run(self, button: QPushButton, work: Callable[[], object], done: Callable[..., None]) -> None:
        self._set_busy(busy=True)

        def over(answer: object) -> None:
            if not self._gone:
                self._set_busy(busy=False)
                done(answer)

        def wrong(error: RebalancerError) -> None:
            if not self._gone:
                self._set_busy(busy=False)
                self._lines[button].show_problem(_words(error), aloud=True)
                self._lines[button].show()

        self._background.run(work, over, wrong)

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        for button in self._lines:
            block(button, _BUSY if busy else None)

    def _good(self, button: QPushButton, text: str) -> None:
        self._lines[button].show_good(text, aloud=True)
        self._lines[button].show()


def _words(error: RebalancerError) -> str:
    if isinstance(error, InvalidFile):
        return "\n".join(problem.message for problem in error.problems[:8])
    return said(f"{error.message} {error.advice}".strip())


def _read(file: Path) -> bytes:
    """Of an export: one byte more than is legal at most."""
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise EnvironmentProblem(tr("The file cannot be read: {value}.", value=error.strerror or error)) from error


def _write(file: Path, text: str) -> None:
    """Whole or not at all."""
    draft = file.with_name(f"{file.name}.part")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise EnvironmentProblem(tr("The file was not written: {value}.", value=error.strerror or error)) from error
