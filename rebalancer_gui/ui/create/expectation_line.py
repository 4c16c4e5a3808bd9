"""What to expect, in one line under the preset cards. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rebalancer_gui.ui.create.outlook import Wish
from rebalancer_gui.ui.create.outlook_desk import OutlookDesk
from rebalancer_gui.ui.create.outlook_words import cure_sentence, cure_text, line_text, warning_words
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level
from rebalancer_gui.ui.widgets.buttons import push_button, tool_button
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.tips import plain_tip


class ExpectationLine(QWidget):
    """`presetExpectation`: the worst warning with what mends it, else the figures; a button opens the page with all of it.

    `cureChosen(object)` carries a `Cure` that was pressed here or there.
    """

    cureChosen = Signal(object)

    def __init__(self, feed: EngineFeed, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presetExpectation")
        self._numbers = numbers
        self.desk = OutlookDesk(feed, numbers, self)
        self.line = MessageLine("presetExpectationLabel", wrap=False, centred=True)
        self.how = tool_button("info", "presetExpectationHowButton", tr("What to expect, and how it is worked out"))
        self.mend = push_button("", "presetExpectationButton", compact=True, accessible_name=tr("Mend it"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self.mend)
        row.addWidget(self.how)
        self.desk.changed.connect(self._show)
        self.desk.cureChosen.connect(self.cureChosen)
        self.how.clicked.connect(self.desk.explain)
        self.mend.clicked.connect(self._mend)
        self.hide()

    def show_wish(self, wish: Wish | None, around: Surroundings | None) -> None:
        """Judge `wish` and show it; None: there is no card to judge."""
        if wish is None:
            self.hide()
        else:
            self.desk.put(wish, around)

    def _show(self) -> None:
        outlook = self.desk.outlook
        self.setVisible(outlook is not None)
        if outlook is None:
            return
        figures = line_text(outlook, self._numbers)
        worst = outlook.warned[0] if outlook.warned else None
        cure = worst.cures[0] if worst is not None and worst.cures else None
        self.line.label.setAccessibleDescription(self.desk.source())
        if worst is None:
            self.line.show_hint(figures, Ink.TEXT2)
            self.line.setToolTip("")
        else:
            headline, words = warning_words(outlook, worst, self._numbers)
            self.line.show_problem(headline, Level.WARNING)
            self.line.setToolTip(plain_tip(f"{headline}. {words}"))
        self.mend.setVisible(cure is not None)
        if cure is not None:
            self.mend.setText(cure_text(cure, outlook, self._numbers))
            self.mend.setAccessibleName(cure_sentence(cure, outlook, self._numbers))
        self.how.setToolTip(plain_tip(f"{figures} {self.desk.source()}"))

    def _mend(self) -> None:
        outlook = self.desk.outlook
        if outlook is not None and outlook.warned and outlook.warned[0].cures:
            self.cureChosen.emit(outlook.warned[0].cures[0])
