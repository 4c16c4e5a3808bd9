"""The editor of one declared setting: made from its declaration, with its words, its legal values and what is wrong with it.

GUI thread only.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from rebalancer_gui.application.setting_kinds import Amount, Choice, Switch, Whole
from rebalancer_gui.application.settings import Setting
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import Field, MessageLine, combo_box
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType

KEY = "settingKey"
"""The property of an editor that says which setting it is of."""
WIDTH = 320
_INDENT = 22
_UNITS = {"hours": tr("hours")}


def mark(editor: QWidget, setting: Setting[Any]) -> None:
    """From now on the search of Settings finds the editor."""
    editor.setProperty(KEY, setting.key)


def number_edit(setting: Setting[Any], object_name: str, numbers: NumberFormat) -> DecimalEdit:
    """The field of a setting that is a number, with the declared bounds and unit."""
    kind = setting.kind
    if isinstance(kind, Whole):
        limits = Limits(Decimal(kind.low), Decimal(kind.high), Decimal(1))
    elif isinstance(kind, Amount):
        limits = Limits(kind.low, kind.high, Decimal("0.00000001"))
    else:
        raise TypeError(f"{setting.key} is no number")
    edit = DecimalEdit(
        object_name, said(setting.title), unit=_UNITS.get(kind.unit) or said(kind.unit), limits=limits, numbers=numbers
    )
    mark(edit, setting)
    return edit


def switch(setting: Setting[bool], object_name: str, *, on: bool) -> QCheckBox:
    """The check box of a setting that is on or off."""
    check = QCheckBox(said(setting.title))
    check.setObjectName(object_name)
    check.setAccessibleName(check.text())
    check.setAccessibleDescription(said(setting.help) if setting.help else "")
    check.setChecked(on)
    mark(check, setting)
    return check


def choice(setting: Setting[str], object_name: str, chosen: str) -> QComboBox:
    """The combo box of a setting that is one of several words; each item's data is the word of the file."""
    kind = setting.kind
    if not isinstance(kind, Choice):
        raise TypeError(f"{setting.key} is no choice")
    combo = combo_box(
        object_name, said(setting.title), [(said(words), word) for word, words in kind.options], tall=True
    )
    combo.setCurrentIndex(max(combo.findData(chosen), 0))
    mark(combo, setting)
    return combo


class SettingRow(QWidget):
    """A switch or a choice with its help below. ``chosen(object)``: what the person chose."""

    chosen = Signal(object)

    def __init__(
        self, setting: Setting[Any], object_name: str, value: object, fault: str = "", parent: QWidget | None = None
    ) -> None:
        """``fault``: what is wrong with what stands in the file for it ("": nothing)."""
        super().__init__(parent)
        self.setting = setting
        self.editor: QCheckBox | QComboBox
        self._field: Field | None = None
        self._line = MessageLine(f"{object_name}Message") if isinstance(setting.kind, Switch) else None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if isinstance(setting.kind, Switch):
            self.editor = switch(setting, object_name, on=bool(value))
            self.editor.toggled.connect(self._chosen)
            column.addWidget(self.editor)
            self._help(column, object_name, _INDENT)
        else:
            self.editor = choice(setting, object_name, str(value))
            self.editor.currentIndexChanged.connect(self._chosen)
            self.editor.setFixedWidth(WIDTH)
            self._field = Field(said(setting.title), self.editor)
            column.addWidget(self._field)
            self._help(column, object_name, 0)
        if self._line is not None:
            column.addWidget(self._line)
        self.say(fault)

    def _help(self, column: QVBoxLayout, object_name: str, indent: int) -> None:
        if self.setting.help:
            words = said(self.setting.help)
            text = TextLabel(words, TextType.SMALL, Ink.TEXT2, object_name=f"{object_name}Hint", wrap=True)
            text.setContentsMargins(indent, 0, 0, 0)
            column.addWidget(text)

    def say(self, problem: str, level: Level = Level.WARNING) -> None:
        """What is wrong, under the editor; "": nothing."""
        if self._field is not None:
            self._field.set_message(problem or None, level)
        elif self._line is not None:
            self._line.show_problem(problem, level)
            self._line.setVisible(bool(problem))

    def value(self) -> object:
        """As chosen."""
        return self.editor.isChecked() if isinstance(self.editor, QCheckBox) else self.editor.currentData()

    def put(self, value: object) -> None:
        """Show another value without telling of it."""
        self.editor.blockSignals(True)
        if isinstance(self.editor, QCheckBox):
            self.editor.setChecked(bool(value))
        else:
            self.editor.setCurrentIndex(max(self.editor.findData(value), 0))
        self.editor.blockSignals(False)

    def _chosen(self) -> None:
        self.say("")
        self.chosen.emit(self.value())
