"""A test of the connection on screen: one row for each finding, a red box for what forbids trading, an amber one for what
should be known. GUI thread only.

    box = ConnectionBox(numbers)
    box.checkAsked.connect(self._check)
    box.show_asking()
    box.show_report(report, at)            # or box.show_failure("The exchange did not answer.")
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.connection import ConnectionReport
from rebalancer_gui.application.live_port import Evidence
from rebalancer_gui.ui.dialogs.connection_words import Finding, blocked, findings, warnings
from rebalancer_gui.ui.formatting import NumberFormat, utc_clock
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.buttons import block, push_button
from rebalancer_gui.ui.widgets.form import SectionHeader
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel, TextType

_WHAT_WIDTH, _FOUND_WIDTH = 152, 136
_LOOKED = tr("I have looked at the exchange: this key may not withdraw")
_ASKING = tr("The exchange is being asked.")


class ConnectionBox(QWidget):
    """`connectionBlockedBanner`, `connectionWarningBanner`, `checkAgainButton`; the row of a finding has labels called
    `connectionFound0` and so on. `checkAsked()`: the exchange is to be asked again.
    """

    checkAsked = Signal()
    edited = Signal()
    """`noWithdrawCheck` was ticked, or its tick taken away"""

    def __init__(self, numbers: NumberFormat, number: int | None = 1, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._shown: tuple[Finding, ...] = ()
        self._rows: list[tuple[IconLabel, TextLabel, TextLabel, TextLabel]] = []
        self.again = push_button(tr("Check again"), "checkAgainButton", icon="refresh", compact=True)
        self.again.clicked.connect(self.checkAsked)
        self._when = TextLabel("", TextType.SMALL, Ink.TEXT3, object_name="connectionWhen")
        self.blocked = Banner("connectionBlockedBanner")
        self.warning = Banner("connectionWarningBanner")
        self.looked = QCheckBox(_LOOKED)
        self.looked.setObjectName("noWithdrawCheck")
        self.looked.setAccessibleName(_LOOKED)
        self.looked.toggled.connect(self.edited)
        self.looked.hide()
        head = SectionHeader(number, tr("Connection"))
        head.row.addWidget(self._when)
        head.row.addWidget(self.again)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(1, _WHAT_WIDTH)
        self._grid.setColumnMinimumWidth(2, _FOUND_WIDTH)
        self._grid.setColumnStretch(3, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(head)
        grid = QHBoxLayout()
        grid.addLayout(self._grid, 1)
        column.addLayout(grid)
        column.addWidget(self.blocked)
        column.addWidget(self.warning)
        column.addWidget(self.looked)

    def show_asking(self) -> None:
        """What was found before stays until the answer is there."""
        self._when.setText(tr("asking the exchange\u2026"))
        block(self.again, _ASKING)

    def show_report(self, report: ConnectionReport, at: datetime, contact: Evidence | None = None) -> None:
        """What the exchange said, and when (UTC). ``contact``: the first contact that was made with this key."""
        self._answered(tr("checked {utc_clock} UTC", utc_clock=utc_clock(at)))
        self._show_rows(findings(report, self._numbers, contact))
        self.blocked.show_notices(blocked(report))
        self.warning.show_notices(warnings(report))
        self._ask_to_look(ask=report.permissions.may_withdraw is None)

    def lacking(self) -> str | None:
        """What its owner has to do here first; None: nothing."""
        if self.looked.isHidden() or self.looked.isChecked():
            return None
        return tr("Look at the exchange whether the key may withdraw, and tick the box when it may not.")

    def _ask_to_look(self, *, ask: bool) -> None:
        """Where the exchange does not tell whether the key may withdraw, its owner has to."""
        self.looked.setVisible(ask)
        if not ask:
            self.looked.setChecked(False)

    def show_failure(self, message: str) -> None:
        """It could not be asked: what was found before says nothing of now."""
        self._answered("")
        self._show_rows(())
        self.blocked.show_notice(Notice(Level.BLOCKING, tr("The connection could not be checked."), message))
        self.warning.show_notice(None)
        self._ask_to_look(ask=False)

    def _answered(self, when: str) -> None:
        self._when.setText(when)
        block(self.again, None)

    def _show_rows(self, rows: tuple[Finding, ...]) -> None:
        if rows == self._shown:
            return
        self._shown = rows
        while len(self._rows) < len(rows):
            self._add_row()
        for i, parts in enumerate(self._rows):
            for part in parts:
                part.setVisible(i < len(rows))
            if i < len(rows):
                self._fill(parts, rows[i])

    def _add_row(self) -> None:
        line = len(self._rows)
        icon = IconLabel("check", Ink.GAIN)
        what = TextLabel("", object_name=f"connectionWhat{line}")
        found = TextLabel("", TextType.STRONG, object_name=f"connectionFound{line}")
        needed = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name=f"connectionNeeded{line}", wrap=True)
        for i, part in enumerate((icon, what, found, needed)):
            self._grid.addWidget(part, line, i, Qt.AlignmentFlag.AlignTop)
        self._rows.append((icon, what, found, needed))

    @staticmethod
    def _fill(parts: tuple[IconLabel, TextLabel, TextLabel, TextLabel], row: Finding) -> None:
        icon, what, found, needed = parts
        icon.set_icon(row.icon, row.ink)
        what.setText(row.what)
        found.setText(row.found)
        found.set_ink(row.ink)
        found.setAccessibleName(f"{row.what}: {row.found}, {row.needed}")
        needed.setText(row.needed)
