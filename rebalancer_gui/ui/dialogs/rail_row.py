"""One safety rail in Settings: its value, why it is there, what it does, and the way back to its default. GUI thread only."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from rebalancer_gui.domain.rails import RAILS, Rail, RailSet
from rebalancer_gui.ui.dialogs.rail_words import facts, name_of, unit_of, value_text
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import block, icon_button
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType

FIELD_WIDTH = 184
_AT_DEFAULT = tr("It has its default value.")


class RailRow(QWidget):
    """`edited()`: value or switch were changed. The row has only the controls that this account's rail allows."""

    edited = Signal()

    def __init__(
        self, rail: Rail, rails: RailSet, numbers: NumberFormat, money: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.rail, self._numbers, self._money = rail, numbers, money
        info = RAILS[rail]
        used = rails.kind in info.kinds
        self.edit: DecimalEdit | None = None
        self.check: QCheckBox | None = None
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 8, 0, 8)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        title: TextLabel | None = None
        if used and info.switchable:
            self.check = QCheckBox(said(info.title))
            self.check.setObjectName(name_of(rail, "Check"))
            self.check.setAccessibleName(tr("{title}: on", title=said(info.title)))
            self.check.setChecked(rails.is_on(rail))
            self.check.toggled.connect(self._changed)
            grid.addWidget(self.check, 0, 0)
        else:
            ink = Ink.TEXT if used else Ink.TEXT2
            title = TextLabel(said(info.title), TextType.BODY, ink, wrap=True)
            grid.addWidget(title, 0, 0)
        if used and info.editable:
            self.edit = self._field(rails)
            if title is not None:
                title.setBuddy(self.edit)
            self.reset = icon_button(
                "refresh",
                name_of(rail, "ResetButton"),
                tr("Reset {title}", title=said(info.title)),
                compact=True,
                tip=tr("Back to the default"),
            )
            self.reset.clicked.connect(self.put_default)
            grid.addWidget(self.edit, 0, 1)
            grid.addWidget(self.reset, 0, 2)
        else:
            grid.addWidget(self._plain(rails, used=used), 0, 1, 1, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(TextLabel(said(info.reason), TextType.SMALL, Ink.TEXT2, wrap=True), 1, 0, 1, 3)
        text = facts(rail, numbers, money)
        grid.addWidget(
            TextLabel(text, TextType.SMALL, Ink.TEXT3, object_name=name_of(rail, "Facts"), wrap=True), 2, 0, 1, 3
        )
        self.message = MessageLine(name_of(rail, "Message"))
        self.message.hide()
        grid.addWidget(self.message, 3, 0, 1, 3)
        self._show()

    def _field(self, rails: RailSet) -> DecimalEdit:
        info = RAILS[self.rail]
        edit = DecimalEdit(
            name_of(self.rail, "Edit"),
            said(info.title),
            unit=unit_of(self.rail, self._money),
            limits=Limits(info.low, info.high, info.grid, required=info.default is not None),
            numbers=self._numbers,
        )
        edit.setFixedWidth(FIELD_WIDTH)
        edit.set_value(rails.value(self.rail))
        edit.valueChanged.connect(self._changed)
        edit.stateShown.connect(self._show)
        return edit

    def _plain(self, rails: RailSet, *, used: bool) -> TextLabel:
        """What stands where the field would be: a fixed value, or that it is off."""
        value = value_text(self.rail, rails.value(self.rail), self._numbers, self._money)
        if used:
            return TextLabel(value or tr("on"), TextType.BODY, Ink.TEXT2, object_name=name_of(self.rail, "Text"))
        return TextLabel(tr("off"), TextType.BODY, Ink.TEXT3, object_name=name_of(self.rail, "Text"))

    # ------------------------------------------------------------------------------------------------------------- value

    @property
    def is_on(self) -> bool:
        """Its own switch; True where it has none."""
        return self.check is None or self.check.isChecked()

    def value(self) -> Decimal | None:
        """What the field says; None: no limit, or not readable (see :meth:`problem`)."""
        return self.edit.value() if self.edit is not None else None

    def problem(self) -> str | None:
        """What is wrong with the field; None while it is legal, or the rail is switched off."""
        return self.edit.problem() if self.edit is not None and self.is_on else None

    def set_problem(self, text: str | None) -> None:
        """What only the whole form can see."""
        if self.edit is not None:
            self.edit.set_outside_problem(text)

    def put_default(self) -> None:
        """Value and switch as they are without its owner's settings."""
        if self.edit is not None:
            self.edit.set_value(RAILS[self.rail].default)
        if self.check is not None:
            self.check.setChecked(True)
        self._changed()

    @property
    def is_default(self) -> bool:
        """Whether nothing about it was changed."""
        same = self.edit is None or (self.edit.value() == RAILS[self.rail].default and self.edit.problem() is None)
        return same and self.is_on

    def _changed(self) -> None:
        self._show()
        self.edited.emit()

    def _show(self) -> None:
        if self.edit is None or not hasattr(self, "message"):
            return
        self.edit.setEnabled(self.is_on)
        block(self.reset, _AT_DEFAULT if self.is_default else None)
        problem = self.edit.shown_problem() if self.is_on else None
        if problem:
            self.message.show_problem(problem)
        self.message.setVisible(bool(problem))
