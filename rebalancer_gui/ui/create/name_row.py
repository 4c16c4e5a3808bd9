"""The top of the Manual form: the strategy's name and its money, with what is wrong with them. GUI thread only."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from rebalancer_gui.ui.create.choice_combo import CalmCombo
from rebalancer_gui.ui.create.form_state import Findings
from rebalancer_gui.ui.theme import repolish
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import TextLabel

_QUOTE_WIDTH = 88
_LONGEST_NAME = 120


class NameRow(QWidget):
    """`name` and `quote` are the two fields."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QLineEdit()
        self.name.setObjectName("strategyNameEdit")
        self.name.setAccessibleName(tr("Name of the strategy"))
        self.name.setMaxLength(_LONGEST_NAME)
        self.quote = CalmCombo("quoteCombo", tr("Money of the strategy"))
        self.quote.setFixedWidth(_QUOTE_WIDTH)
        self.quote.setToolTip(tr("What the strategy is funded and valued in."))
        self._message = MessageLine("strategyNameMessage")
        self._message.hide()
        label = TextLabel(tr("Name"), ink=Ink.TEXT2)
        label.setBuddy(self.name)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label)
        row.addSpacing(4)
        row.addWidget(self.name, 1)
        row.addWidget(self.quote)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._message)

    def show_name(self, name: str, findings: Findings) -> None:
        """Write `name`, and say what is wrong with it or with the money."""
        if self.name.text() != name:
            self.name.setText(name)
            self.name.setCursorPosition(0)
        wrong = findings.message("name") or findings.message("quote")
        state = "error" if findings.message("name") else "ok"
        if self.name.property("state") != state:
            self.name.setProperty("state", state)
            repolish(self.name)
        self.name.setAccessibleDescription(findings.message("name"))
        self._message.show_problem(wrong)
        self._message.setVisible(bool(wrong))
