"""A field for a secret: dots instead of letters, nothing can be copied out, and what was pasted leaves the clipboard.

cleaner = ClipboardCleaner(window)
edit = SecretEdit("apiSecretEdit", "Secret", cleaner)
edit.secret()       # the text; a PEM with its lines, which one line of text has lost
"""

from __future__ import annotations

import re

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from rebalancer_gui.ui.widgets.form import make_tall

CLEAR_AFTER_MS = 30_000
_LONGEST = 20_000
_PEM = re.compile(r"(-----BEGIN [A-Z ]+-----)\s*(.*?)\s*(-----END [A-Z ]+-----)", re.DOTALL)


class ClipboardCleaner(QObject):
    """Empties the clipboard half a minute after a secret was pasted out of it, unless something else is in it by then."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pasted = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CLEAR_AFTER_MS)
        self._timer.timeout.connect(self.clear_now)

    @property
    def is_waiting(self) -> bool:
        return self._timer.isActive()

    def watch(self, pasted: str) -> None:
        """``pasted`` is in the clipboard now."""
        self._pasted = pasted
        self._timer.start()

    @Slot()
    def clear_now(self) -> None:
        """The time is up, or the window is closed."""
        self._timer.stop()
        clipboard = QGuiApplication.clipboard()
        if self._pasted and clipboard.text() == self._pasted:
            clipboard.clear()
        self._pasted = ""


class SecretEdit(QLineEdit):
    """32 px high, for dialogs."""

    def __init__(
        self, object_name: str, accessible_name: str, cleaner: ClipboardCleaner, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setMaxLength(_LONGEST)
        self.setDragEnabled(False)
        make_tall(self)
        self._cleaner = cleaner
        self._before = 0
        self.textEdited.connect(self._edited)

    def secret(self) -> str:
        """Without blanks around it."""
        text = self.text().strip().replace("\\n", "\n")
        found = _PEM.fullmatch(text)
        if found is None:
            return text
        body = "\n".join(found[2].split())
        return f"{found[1]}\n{body}\n{found[3]}\n"

    @Slot(str)
    def _edited(self, text: str) -> None:
        """More than one letter at once was not typed."""
        grown, self._before = len(text) - self._before, len(text)
        if grown < 2:
            return
        pasted = QGuiApplication.clipboard().text()
        if pasted and "".join(pasted.split()) in "".join(text.split()):
            self._cleaner.watch(pasted)
