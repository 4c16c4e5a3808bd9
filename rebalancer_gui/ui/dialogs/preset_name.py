"""Name a preset of one's own: a new one made from the Manual form, or one that gets another name. GUI thread only.

dialog = PresetNameDialog("Save as preset", "Save", names, parent, suggested="BTC ETH", ways=ways)
dialog.confirmed.connect(self._send)         # str, Weighting or None
dialog.finish() / dialog.fail(message)       # when the engine has answered
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from rebalancer_gui.domain.allocation import problems_with_name
from rebalancer_gui.domain.presets import Weighting
from rebalancer_gui.ui.theme import repolish
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.form import Field, combo_box, line_edit
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot

_WIDTH = 480
_LONGEST = 120


class PresetNameDialog(QDialog):
    """`confirmed(str, object)`: the name, and the chosen `Weighting` (None where none was asked)."""

    confirmed = Signal(str, object)

    def __init__(
        self,
        title: str,
        button: str,
        taken: Sequence[str],
        parent: QWidget | None = None,
        *,
        suggested: str = "",
        ways: Sequence[tuple[str, Weighting]] = (),
        hint: str = "",
    ) -> None:
        """`taken`: names of the other presets. `ways`: how the weights can come about, the usual one first."""
        super().__init__(parent)
        self._taken = {name.casefold() for name in taken}
        self.setObjectName("presetNameDialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._sending = False
        self.name = line_edit("presetOwnNameEdit", tr("Name of the preset"), tall=True)
        self.name.setMaxLength(_LONGEST)
        self.name.setText(suggested)
        self.name_field = Field(tr("Name"), self.name)
        self.weighting = combo_box("presetWeightingCombo", tr("Weights"), tuple(ways), tall=True) if ways else None
        self.cancel = push_button(tr("Cancel"), "presetNameCancel")
        self.save = push_button(button, "confirmButton", kind=ButtonKind.MAIN)
        column = QVBoxLayout()
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(12)
        column.addWidget(TextLabel(title, TextType.TITLE))
        column.addWidget(self.name_field)
        if self.weighting is not None:
            column.addWidget(Field(tr("Weights"), self.weighting))
        if hint:
            column.addWidget(TextLabel(hint, TextType.SMALL, Ink.TEXT2, object_name="presetNameHint", wrap=True))
        column.addStretch(1)
        row = ActionRow(56)
        row.right.addWidget(self.cancel)
        row.right.addWidget(self.save)
        above_foot(self, column, row)
        self.setFixedWidth(_WIDTH)
        self.name.textChanged.connect(self._judge)
        self.name.returnPressed.connect(self.save.click)
        self.cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self._confirm)
        self._judge()
        self.name.selectAll()
        self.name.setFocus()

    def finish(self) -> None:
        """It was done: close."""
        self._sending = False
        self.accept()

    def fail(self, message: str) -> None:
        """The engine refused it."""
        self._sending = False
        self.name.setReadOnly(False)
        self._judge()
        self._mark(message)

    def reject(self) -> None:
        # Once it is sent there is nothing to take back: the answer closes the dialog.
        if not self._sending:
            super().reject()

    def _confirm(self) -> None:
        self._sending = True
        self.name.setReadOnly(True)
        block(self.save, tr("It is being saved."))
        way = self.weighting.currentData() if self.weighting is not None else None
        self.confirmed.emit(self.name.text().strip(), way)

    def _judge(self) -> None:
        name = self.name.text().strip()
        problems = [p.message.replace("The strategy needs", "The preset needs") for p in problems_with_name(name, ())]
        if name.casefold() in self._taken:
            problems.append(tr("There is a preset named {name} already: choose another name.", name=name))
        self._mark(problems[0] if problems else "")
        block(self.save, problems[0] if problems else None)

    def _mark(self, wrong: str) -> None:
        self.name_field.set_message(wrong or None)
        state = "error" if wrong else "ok"
        if self.name.property("state") != state:
            self.name.setProperty("state", state)
            repolish(self.name)
