"""Above the preset cards, always visible: who provides the market caps, of when they are, and Refresh. GUI thread only.

line = CapsLine()
line.refreshPressed.connect(self._refresh)
line.show_state(view.caps, today)
"""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.caps_port import CapsState
from rebalancer_gui.ui.create.preset_faces import STALE_DAYS
from rebalancer_gui.ui.create.texts import day_text
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import utc_moment
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level
from rebalancer_gui.ui.widgets.buttons import block, icon_button
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextType

_TIP = tr("Read the market caps anew. By itself that is done once a day.")


class CapsLine(QWidget):
    """`refreshPressed`: its owner wants newer market caps."""

    refreshPressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: tuple[CapsState, date] | None = None
        self.source = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="presetSourceLabel")
        self.refresh = icon_button("refresh", "presetRefreshButton", tr("Refresh market caps"), compact=True, tip=_TIP)
        self.message = MessageLine("presetCapsMessage")
        self.message.hide()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.source, 1)
        row.addWidget(self.refresh)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.message)
        self.refresh.clicked.connect(self.refreshPressed)

    def show_state(self, state: CapsState, today: date) -> None:
        """Show where the caps come from, on the account's day `today`."""
        if (state, today) == self._state:
            return
        self._state = state, today
        self.source.setText(caps_words(state))
        block(self.refresh, tr("It is being read.") if state.busy else state.why_no_refresh or None)
        old = state.as_of is not None and (today - state.as_of).days >= STALE_DAYS
        self.source.set_ink(Ink.WARN if old else Ink.TEXT2)
        words = state.problem
        if old and state.as_of is not None:
            words = tr("{days} days old. {words}", days=(today - state.as_of).days, words=words).strip()
        self.message.show_problem(words, Level.WARNING)
        self.message.setVisible(bool(words) and not state.busy)


def caps_words(state: CapsState) -> str:
    """`Data provided by CoinGecko, 22 Nov 06:00 UTC`."""
    if state.busy:
        return tr("Reading the market caps\u2026")
    if not state.source:
        return tr("No market caps")
    return f"{said(state.source)}, {day_text(state.as_of) if state.read_at is None else utc_moment(state.read_at)}"
