"""Where a key will be kept, and the passphrase of the file of keys where there is no keyring. GUI thread only.

box = KeptBox(cleaner, label_width=96)
box.show_kept(kept)             # or box.show_failure(error)
box.phrase()                    # "" without one: then the key is kept until the program ends
box.lacking()                   # why it cannot be saved like this; None: it can
"""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rebalancer_gui.application.accounts import KeptIn
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.dialogs.account_words import kept_words
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.form import Field
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner, SecretEdit

AGAIN = tr("Type the same passphrase once more.")


class KeptBox(QWidget):
    """`keptBanner`, `vaultPassphraseEdit`, and for a new file of keys `vaultRepeatEdit`: nobody can read what was typed."""

    edited = Signal()

    def __init__(self, cleaner: ClipboardCleaner, label_width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept: KeptIn | None = None
        self.banner = Banner("keptBanner")
        self._phrase = SecretEdit("vaultPassphraseEdit", tr("Passphrase of the file of keys"), cleaner)
        self._again = SecretEdit("vaultRepeatEdit", tr("The same passphrase once more"), cleaner)
        self._field = Field(tr("File of keys"), self._phrase, beside=True)
        self._again_field = Field(tr("Once more"), self._again, beside=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.banner)
        for field in (self._field, self._again_field):
            field.label.setFixedWidth(label_width)
            field.hide()
            column.addWidget(field)
        self._phrase.textChanged.connect(self._changed)
        self._again.textChanged.connect(self._changed)

    def show_kept(self, kept: KeptIn) -> None:
        """What was found out."""
        self._kept = kept
        self._phrase.setPlaceholderText(tr("its passphrase") if kept.vault_exists else tr("choose a passphrase"))
        self._field.setVisible(kept.place is Place.MEMORY)
        self._show()

    def show_failure(self, error: RebalancerError) -> None:
        """The keyring could not be asked."""
        text = said(f"{error.message} {error.advice}".strip())
        self.banner.show_notice(Notice(Level.WARNING, tr("The keyring is locked"), text, icon="lock"))

    @property
    def notice(self) -> Notice | None:
        """What the banner says."""
        return self.banner.notice

    def phrase(self) -> str:
        """What was typed."""
        return self._phrase.secret()

    def lacking(self) -> str | None:
        """A file of keys that is made now wants its passphrase twice."""
        return AGAIN if self._is_new and self._again.secret() != self.phrase() else None

    def fail(self, message: str) -> None:
        """What was refused of the passphrase."""
        self._field.set_message(message)

    @property
    def _is_new(self) -> bool:
        kept = self._kept
        return kept is not None and kept.place is Place.MEMORY and not kept.vault_exists and bool(self._phrase.text())

    @Slot()
    def _changed(self) -> None:
        self._field.set_message(None)
        self._show()
        self.edited.emit()

    def _show(self) -> None:
        kept = self._kept
        if kept is None:
            return
        in_file = kept.place is Place.MEMORY and bool(self._phrase.text())
        headline, text = kept_words(kept, in_file=in_file)
        level = Level.WARNING if kept.place is Place.MEMORY and not in_file else Level.NOTE
        self.banner.show_notice(Notice(level, headline, text, icon="lock"))
        self._again_field.setVisible(self._is_new)
        typed = self._again.text()
        self._again_field.set_message(AGAIN if typed and self.lacking() else None, Level.WARNING)
