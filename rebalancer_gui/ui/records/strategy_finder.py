"""Finding one of any number of strategies that are over by typing a part of its name into a combo box. GUI thread only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import cast

from PySide6.QtCore import QObject, QStringListModel, Qt, Slot
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit

from rebalancer_gui.ui.translation import tr

_LONGEST = 80
_SHOWN_AT_ONCE = 12


class StrategyFinder(QObject):
    """Makes ``combo`` one to type into. ``found(strategy_id)`` is told of what was found and does not stand in its list."""

    def __init__(self, combo: QComboBox, found: Callable[[str], None]) -> None:
        super().__init__(combo)
        self._combo, self._found = combo, found
        self._ids: dict[str, str] = {}
        self._names = QStringListModel(self)
        combo.setEditable(True)
        combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = QCompleter(self._names, combo)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setMaxVisibleItems(_SHOWN_AT_ONCE)
        completer.activated.connect(self._take)
        combo.setCompleter(completer)
        editor = cast("QLineEdit", combo.lineEdit())
        editor.setObjectName(f"{combo.objectName()}Edit")
        editor.setAccessibleName(combo.accessibleName())
        editor.setAccessibleDescription(tr("Type a part of a name to find any strategy, also one that ended long ago."))
        editor.setToolTip(editor.accessibleDescription())
        editor.setMaxLength(_LONGEST)
        editor.editingFinished.connect(self._tidy)
        combo.currentIndexChanged.connect(self._show_choice)

    def set_names(self, names: Mapping[str, str]) -> None:
        """What can be found: name by id. Of equal names each shows its id too."""
        times = Counter(names.values())
        ids = {name if times[name] == 1 else f"{name} ({sid})": sid for sid, name in names.items()}
        if ids != self._ids:
            self._ids = ids
            self._names.setStringList(list(ids))

    @Slot(str)
    def _take(self, label: str) -> None:
        sid = self._ids.get(label)
        if sid is not None:
            if self._combo.findData(sid) < 0:
                self._found(sid)
            self._combo.setCurrentIndex(self._combo.findData(sid))
        self._show_choice()

    @Slot()
    def _tidy(self) -> None:
        """What names one strategy is chosen; anything else gives way to what is chosen already."""
        text = cast("QLineEdit", self._combo.lineEdit()).text().strip()
        if text == self._combo.itemText(self._combo.currentIndex()):
            return
        index = self._combo.findText(text, Qt.MatchFlag.MatchFixedString)
        if index >= 0:
            self._combo.setCurrentIndex(index)
        else:
            self._take(next((label for label in self._ids if label.casefold() == text.casefold()), ""))
        self._show_choice()

    @Slot()
    def _show_choice(self) -> None:
        self._combo.setEditText(self._combo.itemText(self._combo.currentIndex()))
