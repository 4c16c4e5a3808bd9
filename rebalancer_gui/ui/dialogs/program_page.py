"""The page Program of Settings: colours, language, how the program starts and ends. What is chosen counts at once.

GUI thread only.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rebalancer_gui.application.settings import LANGUAGE, ON_CLOSE, START_MINIMISED, THEME, Setting
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.domain.errors import RebalancerError
from rebalancer_gui.ui.dialogs.setting_row import SettingRow
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE


class ProgramPage(QWidget):
    """``schemeChosen(str)``: other colours, at once. The rest is there when :meth:`offer` was called."""

    schemeChosen = Signal(str)

    def __init__(self, scheme: ColourScheme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gone = False
        self._desk: SettingsDesk | None = None
        self._background: Errands | None = None
        self.rows: dict[str, SettingRow] = {}
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(12)
        self._said = MessageLine("programMessage")
        self._said.hide()
        column.addWidget(self._said)
        column.addWidget(TextLabel(tr("Appearance"), TextType.TITLE))
        row = self._row(THEME, "settingsSchemeCombo", scheme.value)
        row.chosen.connect(self._scheme_chosen)
        column.addStretch(1)
        self.destroyed.connect(self.leave)

    def offer(self, desk: SettingsDesk, background: Errands) -> None:
        """The settings of a data folder; storing them is done in ``background``."""
        self._desk, self._background = desk, background
        self._column.takeAt(self._column.count() - 1)
        self._stored_row(LANGUAGE, "settingsLanguageCombo")
        self._column.addSpacing(4)
        self._column.addWidget(TextLabel(tr("Start and end"), TextType.TITLE))
        self._stored_row(ON_CLOSE, "settingsOnCloseCombo")
        self._stored_row(START_MINIMISED, "settingsStartMinimisedCheck")
        self._column.addStretch(1)
        self.rows[THEME.key].say(desk.fault(THEME))

    def refresh(self) -> None:
        """Settings were imported: show what they are now."""
        if self._desk is not None:
            for row in self.rows.values():
                row.put(self._desk.value(row.setting))
                row.say(self._desk.fault(row.setting))

    @Slot()
    def leave(self) -> None:
        """The dialog closes: answers still to come are for nobody."""
        self._gone = True

    def _row(self, setting: Setting[Any], object_name: str, value: object, fault: str = "") -> SettingRow:
        self.rows[setting.key] = row = SettingRow(setting, object_name, value, fault, self)
        self._column.addWidget(row)
        return row

    def _stored_row(self, setting: Setting[Any], object_name: str) -> None:
        if self._desk is not None:
            row = self._row(setting, object_name, self._desk.value(setting), self._desk.fault(setting))
            row.chosen.connect(lambda value: self._store(row, value))

    @Slot(object)
    def _scheme_chosen(self, scheme: object) -> None:
        self.schemeChosen.emit(str(scheme))

    def _store(self, row: SettingRow, value: object) -> None:
        desk, background = self._desk, self._background
        if desk is None or background is None:
            return

        def stored(_nothing: object) -> None:
            if not self._gone:
                self._said.hide()

        def failed(error: RebalancerError) -> None:
            if not self._gone:
                row.put(desk.value(row.setting))
                problem = said(f"{error.message} {error.advice}".strip())
                self._said.show_problem(
                    tr("It could not be stored: {problem}", problem=problem), Level.BLOCKING, aloud=True
                )
                self._said.show()

        background.run(lambda: desk.set(row.setting, value), stored, failed)
