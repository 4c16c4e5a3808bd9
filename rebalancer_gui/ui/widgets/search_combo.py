"""A combo box in which one finds an entry of a long list by typing a part of it. GUI thread only.

combo = SearchCombo("transferAssetCombo", "Asset to move")
combo.set_names(["USDT", "BTC", ...])
combo.chosen.connect(self._news)         # str: the entry that stands in the field, "" while none does
combo.choice()
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from rebalancer_gui.ui.create.choice_combo import CalmCombo
from rebalancer_gui.ui.theme import repolish
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.form import make_tall

_LONGEST = 32


class SearchCombo(CalmCombo):
    """Capitals or not makes no difference; what is no entry is outlined in red and counts as no choice."""

    chosen = Signal(str)

    def __init__(self, object_name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(object_name, accessible_name, parent)
        self.setAccessibleName(accessible_name)
        make_tall(self)
        self.setEditable(True)
        self.setInsertPolicy(self.InsertPolicy.NoInsert)
        completer = QCompleter(self.model(), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setCompleter(completer)
        editor = cast("QLineEdit", self.lineEdit())
        editor.setObjectName(f"{object_name}Edit")
        editor.setAccessibleName(accessible_name)
        editor.setMaxLength(_LONGEST)
        editor.editingFinished.connect(self._tidy)
        self.editTextChanged.connect(self._text_changed)

    def choice(self) -> str:
        """The entry that the text names; "" while it names none."""
        index = self.findText(self.currentText().strip(), Qt.MatchFlag.MatchFixedString)
        return self.itemText(index) if index >= 0 else ""

    def choose(self, name: str) -> None:
        """Put an entry into the field."""
        self.setEditText(name)

    def set_names(self, names: Sequence[str]) -> None:
        """Offer exactly these; the text stays, and an empty field takes the first."""
        if [self.itemText(i) for i in range(self.count())] == list(names):
            return
        text = self.currentText()
        blocked = self.blockSignals(True)
        self.clear()
        self.addItems(list(names))
        self.setEditText(text or (names[0] if names else ""))
        self.blockSignals(blocked)
        self._show_state()

    def _text_changed(self) -> None:
        self._show_state()
        self.chosen.emit(self.choice())

    def _tidy(self) -> None:
        """Write the entry as it stands in the list: `btc` becomes `BTC`."""
        choice = self.choice()
        if choice and choice != self.currentText():
            self.setEditText(choice)

    def _show_state(self) -> None:
        state = "ok" if self.choice() else "error"
        if self.property("state") != state:
            self.setProperty("state", state)
            repolish(self)
            self.setAccessibleDescription("" if state == "ok" else tr("There is no such entry in the list."))
