"""The rule cockpit: section 5 "What to expect" of the Manual form, and part of the dialog Edit rule. GUI thread only.

    panel = ExpectationPanel(feed, numbers, number=5)
    panel.cureChosen.connect(self._cure)                # Cure: what somebody pressed to mend a warning
    panel.show_wish(wish, around, missing="...")        # at every keystroke, and when the engine has something new

Daily closes are asked for by itself; the panel shows again when they come. It stands outside the scrolled part of a form,
with a hairline above: what a rule leads to is in sight whatever is being typed. Its banner never moves what is under the mouse;
until it has its room the source line says the same in words.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.ui.create.outlook import Outlook, Wish
from rebalancer_gui.ui.create.outlook_desk import OutlookDesk
from rebalancer_gui.ui.create.outlook_words import (
    Figure,
    cure_text,
    drag_figure,
    drift_figure,
    rebalances_figure,
    warning_words,
)
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.help.help_mark import HelpMark
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.buttons import tool_button
from rebalancer_gui.ui.widgets.form import SectionHeader
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, hairline
from rebalancer_gui.ui.widgets.steady_room import SteadyRoom
from rebalancer_gui.ui.widgets.tips import plain_tip

TITLE = tr("What to expect")
_HOW = tr("How this is worked out")
_WIDE, _AIR = 376, 4


class ExpectationPanel(QWidget):
    """`expectationPanel`. `cureChosen(object)` carries a `Cure`; whoever hears it changes the form."""

    cureChosen = Signal(object)

    def __init__(
        self,
        feed: EngineFeed,
        numbers: NumberFormat,
        *,
        number: int | None,
        parent: QWidget | None = None,
    ) -> None:
        """`number`: which section of a form it is, of the Manual form's; None where the sections have no numbers."""
        super().__init__(parent)
        self.setObjectName("expectationPanel")
        self.setAccessibleName(TITLE)
        self._numbers = numbers
        self._desk = OutlookDesk(feed, numbers, self)
        self._header = SectionHeader(number, TITLE)
        self._header.explain(HelpMark(Term.EXPECT, Term.SMALLEST_DRIFT))
        self._header.hint.hide()
        self.how = tool_button("info", "expectationHowButton", _HOW)
        self.rebalances = _FigureBox("expectedRebalances")
        self.fees = _FigureBox("expectedFees")
        self.drift = _FigureBox("expectedDrift")
        self.source = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="expectationSource", wrap=True)
        self.source.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.banner = Banner("expectationBanner", narrow=True)
        self.room = SteadyRoom(self.banner, self, air=_AIR)
        self._build()
        self.how.clicked.connect(self._desk.explain)
        self.banner.actionPressed.connect(self._cure_shown)
        self._desk.cureChosen.connect(self.cureChosen)
        self._desk.changed.connect(self._show)
        self.room.settled.connect(self._show_source)

    @property
    def outlook(self) -> Outlook | None:
        """The newest judgement; None while something is missing for it."""
        return self._desk.outlook

    def add_action(self, button: QWidget) -> None:
        """Put a button at the right end of the title."""
        self._header.row.addWidget(button)
        # The Tab key follows the eye: before the banner.
        QWidget.setTabOrder(self.how, button)

    def _build(self) -> None:
        self._header.row.insertWidget(self._header.row.indexOf(self._header.hint), self.how)
        figures = QGridLayout()
        figures.setHorizontalSpacing(8)
        figures.setVerticalSpacing(0)
        for column, box in enumerate((self.rebalances, self.fees, self.drift)):
            figures.addWidget(box.label, 0, column)
            figures.addLayout(box.line, 1, column)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(hairline())
        inner = QVBoxLayout()
        inner.setContentsMargins(SIDE, 6, SIDE, 8)
        inner.setSpacing(2)
        inner.addWidget(self._header)
        inner.addLayout(figures)
        inner.addWidget(self.source)
        inner.addWidget(self.room)
        outer.addLayout(inner)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (event.size().width() < _WIDE) != (event.oldSize().width() < _WIDE):
            self._show()

    # ---------------------------------------------------------------------------------------------------------- showing

    def show_wish(self, wish: Wish, around: Surroundings | None, missing: str = "") -> None:
        """Judge `wish` and show it; `missing` says in a sentence what is wrong where it cannot be judged."""
        self._desk.put(wish, around, missing)

    def _show(self) -> None:
        outlook, numbers = self._desk.outlook, self._numbers
        narrow = self.width() < _WIDE
        self.rebalances.show_figure(rebalances_figure(outlook, numbers), narrow=narrow)
        self.fees.show_figure(drag_figure(outlook, numbers), narrow=narrow)
        self.drift.show_figure(drift_figure(outlook, numbers), narrow=narrow)
        self.how.setEnabled(outlook is not None)
        notices = _notices(outlook, numbers)
        self.banner.show_notices(notices)
        self.room.look(wanted=bool(notices))
        self._show_source()

    @Slot()
    def _show_source(self) -> None:
        """What the figures rest on, or the warning whose banner waits for its room. It has two lines either way."""
        notice = self.banner.notice if self.room.is_held else None
        self.source.setText(self._desk.source() if notice is None else f"{notice.headline}. {notice.text}")
        self.source.set_ink(Ink.TEXT2 if notice is None else Ink.WARN)
        self.source.setMinimumHeight(2 * self.source.fontMetrics().lineSpacing())

    # ---------------------------------------------------------------------------------------------------------- pressing

    def _cure_shown(self, action: str) -> None:
        """Prices move while somebody reads: what the button says now is done, not what it said when it came."""
        outlook = self._desk.outlook
        if outlook is not None and int(action) < len(outlook.warned) and outlook.warned[int(action)].cures:
            self.cureChosen.emit(outlook.warned[int(action)].cures[0])


class _FigureBox:
    """Label above; figure and unit on one baseline. The figure's objectName is the one given."""

    def __init__(self, object_name: str) -> None:
        self.label = ElidedLabel("", TextType.SMALL, Ink.TEXT2, grows=False)
        self.value = TextLabel("", TextType.FIGURE, object_name=object_name)
        self.unit = ElidedLabel("", TextType.SMALL, Ink.TEXT2, grows=False)
        self.line = QHBoxLayout()
        self.line.setSpacing(4)
        self.line.addWidget(self.value, 0, Qt.AlignmentFlag.AlignBottom)
        self.line.addWidget(self.unit, 0, Qt.AlignmentFlag.AlignBottom)
        self.line.addStretch(1)

    def show_figure(self, figure: Figure, *, narrow: bool) -> None:
        name, unit = (figure.short_name, figure.short_unit) if narrow else (figure.name, figure.unit)
        for label, text in ((self.label, name), (self.value, figure.value), (self.unit, unit)):
            if label.text() != text:
                label.setText(text)
        if self.unit.parentWidget() is not None:
            # Even without words it would keep room that the number needs.
            self.unit.setVisible(bool(unit))
        if self.value.accessibleName() != figure.spoken:
            self.value.setAccessibleName(figure.spoken)
        for label in (self.label, self.value, self.unit):
            label.setToolTip(plain_tip(figure.tip))
            if not figure.tip and isinstance(label, ElidedLabel):
                # Its own tooltip, which says what is cut.
                label.setText(label.text())


def _notices(outlook: Outlook | None, numbers: NumberFormat) -> tuple[Notice, ...]:
    """A banner for each warning; the action is the warning's place."""
    if outlook is None:
        return ()
    found = []
    for number, warned in enumerate(outlook.warned):
        headline, text = warning_words(outlook, warned, numbers)
        button = cure_text(warned.cures[0], outlook, numbers) if warned.cures else ""
        found.append(Notice(Level.WARNING, headline, text, button=button, action=str(number)))
    return tuple(found)
