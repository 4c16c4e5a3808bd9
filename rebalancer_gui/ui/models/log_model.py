"""The lines of the log as a list that can be filtered: bounded, and only what is new is inserted. GUI thread only."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rebalancer_gui.application.log_port import MOST_LINES, LogLine
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.tokens import Ink

Index = QModelIndex | QPersistentModelIndex
LineRole = Qt.ItemDataRole.UserRole + 1
_NO_PARENT = QModelIndex()
_INKS = ((logging.ERROR, Ink.LOSS), (logging.WARNING, Ink.WARN))


def words_of(line: LogLine) -> str:
    """A line as it is copied."""
    return f"{line.at} {logging.getLevelName(line.level)} {line.name}: {line.text}"


def parts_of(line: LogLine) -> tuple[str, str, str]:
    """Time, level and the first line of an entry, as they stand beside one another in the list."""
    first, _, more = line.text.partition("\n")
    tail = " \u2026" if more else ""
    return f"{line.at[:10]} {line.at[11:19]}", logging.getLevelName(line.level), f"{first[:300]}{tail}"


class LogModel(QAbstractListModel):
    """DisplayRole is the first line of an entry, ``LineRole`` the ``LogLine``. Of more than ``most`` the oldest go."""

    def __init__(self, parent: QObject | None = None, most: int = MOST_LINES) -> None:
        super().__init__(parent)
        self._most = most
        self._lines: list[LogLine] = []
        self._shown: list[LogLine] = []
        self._level, self._wanted = 0, ""

    def __len__(self) -> int:
        """Lines that are kept, shown or not."""
        return len(self._lines)

    @property
    def shown(self) -> Sequence[LogLine]:
        return self._shown

    def add(self, lines: Sequence[LogLine]) -> None:
        """Newer lines, oldest first."""
        self._lines.extend(lines)
        fitting = [line for line in lines if self._fits(line)]
        if fitting:
            first = len(self._shown)
            self.beginInsertRows(_NO_PARENT, first, first + len(fitting) - 1)
            self._shown.extend(fitting)
            self.endInsertRows()
        self._forget()

    def put_first(self, lines: Sequence[LogLine]) -> None:
        """Older lines, of before those that are there."""
        self.beginResetModel()
        self._lines = [*lines, *self._lines][-self._most :]
        self._shown = [line for line in self._lines if self._fits(line)]
        self.endResetModel()

    def filter(self, level: int, wanted: str) -> None:
        """Show only lines of at least ``level`` that have all words of ``wanted``."""
        self.beginResetModel()
        self._level, self._wanted = level, wanted.casefold()
        self._shown = [line for line in self._lines if self._fits(line)]
        self.endResetModel()

    def _fits(self, line: LogLine) -> bool:
        if line.level < self._level:
            return False
        return not self._wanted or all(word in words_of(line).casefold() for word in self._wanted.split())

    def _forget(self) -> None:
        over = len(self._lines) - self._most
        if over <= 0:
            return
        gone = {id(line) for line in self._lines[:over]}
        del self._lines[:over]
        leaving = 0
        while leaving < len(self._shown) and id(self._shown[leaving]) in gone:
            leaving += 1
        if leaving:
            self.beginRemoveRows(_NO_PARENT, 0, leaving - 1)
            del self._shown[:leaving]
            self.endRemoveRows()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            at, level, words = parts_of(line)
            return f"{at}  {level:<8}  {words}"
        if role == LineRole:
            return line
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return words_of(line)[:1000]
        if role == Qt.ItemDataRole.ForegroundRole:
            ink = next((ink for level, ink in _INKS if line.level >= level), None)
            return current_theme().colour(ink) if ink is not None else None
        return None
