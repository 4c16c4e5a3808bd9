"""The search of Settings: words lead to the editor that they are about. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QEvent, QModelIndex, QObject, QStringListModel, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QListView, QStackedWidget, QVBoxLayout, QWidget

from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.form import line_edit, make_clearable
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE


@dataclass(frozen=True, slots=True)
class Found:
    """Something that can be found: its ``title`` on its ``page``, more ``words`` for it, and what shows it."""

    title: str
    page: str
    words: str
    show: Callable[[], None]

    @property
    def text(self) -> str:
        """As it stands in the list."""
        return f"{self.page}  \u203a  {self.title}"


def matching(entries: Sequence[Found], text: str) -> list[Found]:
    """Those that have every word of ``text``: first those whose title begins with just that, then those with all in their title."""
    phrase = text.casefold().strip()
    wanted = phrase.split()

    def rank(entry: Found) -> tuple[bool, bool]:
        title = entry.title.casefold()
        return not title.startswith(phrase), not all(word in title for word in wanted)

    hits = [e for e in entries if all(word in f"{e.title} {e.page} {e.words}".casefold() for word in wanted)]
    return sorted(hits, key=rank)


class SettingsSearch(QWidget):
    """A field above ``body``; while something is typed the list of what fits stands in its place."""

    def __init__(self, body: QWidget, entries: Callable[[], Sequence[Found]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = entries
        self._hits: list[Found] = []
        self.edit = line_edit("settingsSearchEdit", tr("Search settings"), tall=True, placeholder=tr("Search settings"))
        make_clearable(self.edit)
        self.edit.setMaxLength(100)
        self.list = QListView()
        self.list.setObjectName("settingsSearchList")
        self.list.setAccessibleName(tr("Settings that were found"))
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setUniformItemSizes(True)
        self._model = QStringListModel(self)
        self.list.setModel(self._model)
        self.nothing: QLabel = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="settingsSearchNothing", wrap=True)
        self._stack = QStackedWidget()
        self._stack.addWidget(body)
        self._stack.addWidget(self._results())
        head = QVBoxLayout()
        head.setContentsMargins(SIDE, 12, SIDE, 4)
        head.addWidget(self.edit)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(head)
        outer.addWidget(self._stack, 1)
        self.edit.textChanged.connect(self._search)
        self.edit.returnPressed.connect(self._take_first)
        self.edit.installEventFilter(self)
        self.list.clicked.connect(self._take)
        self.list.activated.connect(self._take)

    def _results(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 8, 8, 8)
        self.nothing.setContentsMargins(8, 0, 8, 0)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        return page

    @property
    def is_searching(self) -> bool:
        return self._stack.currentIndex() == 1

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down in the field goes to the list; Escape first clears the search, and only then closes the dialog."""
        if watched is self.edit and event.type() == QEvent.Type.KeyPress:
            key = cast("QKeyEvent", event).key()
            if key == Qt.Key.Key_Escape and self.edit.text():
                self.edit.clear()
                return True
            if key == Qt.Key.Key_Down and self._hits:
                self.list.setFocus(Qt.FocusReason.TabFocusReason)
                self.list.setCurrentIndex(self._model.index(0))
                return True
        return super().eventFilter(watched, event)

    @Slot(str)
    def _search(self, text: str) -> None:
        wanted = text.strip()
        self._stack.setCurrentIndex(1 if wanted else 0)
        self._hits = matching(self._entries(), wanted) if wanted else []
        self._model.setStringList([hit.text for hit in self._hits])
        self.list.setVisible(bool(self._hits))
        self.nothing.setText(tr("No setting has these words. Try fewer, or other ones."))
        self.nothing.setVisible(bool(wanted) and not self._hits)

    @Slot()
    def _take_first(self) -> None:
        if self._hits:
            self._take(self._model.index(0))

    @Slot(QModelIndex)
    def _take(self, index: QModelIndex) -> None:
        hit = self._hits[index.row()] if 0 <= index.row() < len(self._hits) else None
        if hit is not None:
            self.edit.clear()
            hit.show()
