"""The ways out of an amount that does not fit, as buttons with their results beside them. GUI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from rebalancer_gui.ui.create.fixes import Fix, FixKind
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType

_SPOKEN = {FixKind.LEAVE_OUT: tr("leave out"), FixKind.LIFT: tr("lift"), FixKind.INVEST: tr("invest")}
_NAMES = {FixKind.LEAVE_OUT: "leaveOutButton", FixKind.LIFT: "liftButton", FixKind.INVEST: "investFixButton"}


class FixRows(QWidget):
    """One row per fix: the button and what comes of it. `chosen(object)` carries the `Fix` that was pressed.

    Prices move while somebody reads: rows change their words in place, no button jumps away under the mouse.
    """

    chosen = Signal(object)

    def __init__(self, prefix: str = "", parent: QWidget | None = None) -> None:
        """`prefix` starts the buttons' objectNames (`preset` -> `presetLiftButton`)."""
        super().__init__(parent)
        self._fixes: dict[FixKind, Fix] = {}
        self._rows: dict[FixKind, tuple[QPushButton, TextLabel]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for number, (kind, name) in enumerate(_NAMES.items()):
            object_name = prefix + name[0].upper() + name[1:] if prefix else name
            button = push_button("", object_name, compact=True, accessible_name=_SPOKEN[kind])
            button.clicked.connect(self._presser(kind))
            result = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name=f"{object_name}Result", wrap=True)
            grid.addWidget(button, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(result, number, 1, Qt.AlignmentFlag.AlignVCenter)
            self._rows[kind] = (button, result)
        self.show_fixes(())

    def show_fixes(self, fixes: Sequence[Fix]) -> None:
        """Show these, or hide when there are none."""
        self._fixes = {fix.kind: fix for fix in fixes}
        for kind, (button, result) in self._rows.items():
            fix = self._fixes.get(kind)
            button.setVisible(fix is not None)
            result.setVisible(fix is not None)
            if fix is not None and (button.text(), result.text()) != (fix.text, fix.result):
                button.setText(fix.text)
                button.setAccessibleName(fix.text)
                button.setAccessibleDescription(fix.result)
                result.setText(fix.result)
        self.setVisible(bool(fixes))

    def _presser(self, kind: FixKind) -> object:
        def press() -> None:
            fix = self._fixes.get(kind)
            if fix is not None:
                self.chosen.emit(fix)

        return press
