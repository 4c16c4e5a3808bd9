"""The ways out for a damaged account, a button each with what comes of it; each asks before anything is moved. GUI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QVBoxLayout, QWidget

from rebalancer_gui.application.records import Repair, RepairKind
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType


class RepairOptions(QWidget):
    """`repairButton0`, `repairButton1` ... with their `repairDetail0` ...; `repairQuestion` asks over the window."""

    confirmed = Signal(object)
    """A ``Repair`` was chosen and confirmed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)

    def show_repairs(self, repairs: Sequence[Repair]) -> None:
        """Called once."""
        for number, repair in enumerate(repairs):
            self._add(number, repair)

    def _add(self, number: int, repair: Repair) -> None:
        block = QVBoxLayout()
        block.setSpacing(4)
        button = push_button(said(repair.text), f"repairButton{number}")
        button.setAccessibleDescription(said(repair.detail))
        button.clicked.connect(lambda: self._ask(repair))
        row = QHBoxLayout()
        row.addWidget(button)
        row.addStretch(1)
        block.addLayout(row)
        block.addWidget(
            TextLabel(said(repair.detail), TextType.BODY, Ink.TEXT2, object_name=f"repairDetail{number}", wrap=True)
        )
        self._column.addLayout(block)

    def _ask(self, repair: Repair) -> None:
        yes_no = QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel
        box = QMessageBox(QMessageBox.Icon.Question, said(repair.text), f"{said(repair.text)}?", yes_no)
        box.setParent(self.window(), box.windowFlags())
        box.setObjectName("repairQuestion")
        box.setInformativeText(said(repair.detail))
        # The files are moved by the other one: Enter alone must not do it.
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.setEscapeButton(QMessageBox.StandardButton.Cancel)
        box.button(QMessageBox.StandardButton.Yes).setText(_words_of_confirming(repair))
        box.button(QMessageBox.StandardButton.Yes).setObjectName("repairConfirmButton")
        box.button(QMessageBox.StandardButton.Cancel).setObjectName("repairCancelButton")
        box.accepted.connect(lambda: self.confirmed.emit(repair))
        box.open()


def _words_of_confirming(repair: Repair) -> str:
    """What stands on the button; a backup's time and age stand in the question."""
    return tr("Put back the backup") if repair.kind is RepairKind.BACKUP else said(repair.text)
