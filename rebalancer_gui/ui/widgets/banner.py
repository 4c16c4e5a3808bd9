"""Banners: a note, a warning or a blocking fault, with its number and the button that cures it. GUI thread only.

    banner = Banner("expectationBanner", parent=self)
    banner.show_notices([Notice(Level.WARNING, "Small legs will be skipped", "2.1 pp is the 5.00 USDT minimum.",
                                button="Invest 500.00", action="invest-500")])
    banner.actionPressed.connect(self._cure)        # str: the notice's action

The worst notice is shown, more are counted in "1 more", which leads to the next. A banner never closes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from html import escape

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.theme import current_theme, repolish
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.announce import announce
from rebalancer_gui.ui.widgets.buttons import push_button
from rebalancer_gui.ui.widgets.labels import IconLabel, TextType, WholeLabel

_WAY_OUT = tr("Mend it")
"""The name of a button that has no words, and is hidden."""


class Level(IntEnum):
    """How bad; the larger the worse."""

    NOTE = 1
    WARNING = 2
    BLOCKING = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """What a banner says. `button` is the cure's text (empty: none), `action` what `actionPressed` then carries.

    `other_button` is another way, at the left of the first. `icon` replaces the level's own.
    """

    level: Level
    headline: str
    text: str = ""
    button: str = ""
    action: str = ""
    icon: str = ""
    other_button: str = ""
    other_action: str = ""


@dataclass(frozen=True, slots=True)
class _Look:
    name: str
    spoken: str
    icon: str
    ink: Ink
    text_ink: Ink


LOOKS = {
    Level.NOTE: _Look("note", tr("Note"), "info", Ink.INFO, Ink.TEXT2),
    Level.WARNING: _Look("warning", tr("Warning"), "warning", Ink.WARN, Ink.TEXT2),
    Level.BLOCKING: _Look("blocking", tr("Blocked"), "halted", Ink.LOSS, Ink.TEXT2),
}


class Banner(QFrame):
    """One notice at a time. `inline`: headline and text in one running line, else the text below in 12 px. `narrow`: "1 more"
    stands under the button instead of beside it.

    Hidden while there is nothing to say. The button's objectName is the banner's with `Button` appended, the other's with
    `OtherButton`.
    """

    actionPressed = Signal(str)

    def __init__(
        self, object_name: str, *, inline: bool = False, narrow: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setProperty("role", "banner")
        self._inline, self._narrow = inline, narrow
        self._notices: tuple[Notice, ...] = ()
        self._at = 0
        self._icon = IconLabel("info", Ink.INFO)
        self._headline = WholeLabel("", TextType.STRONG)
        self._text = WholeLabel("", TextType.SMALL, Ink.TEXT2)
        self._line = QLabel()
        self._line.setTextFormat(Qt.TextFormat.RichText)
        self._line.setWordWrap(True)
        self._button = push_button("", f"{object_name}Button", compact=True, accessible_name=_WAY_OUT)
        self._button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._button.clicked.connect(self._press)
        self._other = push_button("", f"{object_name}OtherButton", compact=True, accessible_name=_WAY_OUT)
        self._other.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._other.clicked.connect(self._press_other)
        self._more = QToolButton()
        self._more.setObjectName(f"{object_name}More")
        self._more.setAccessibleName(tr("Show the next"))
        self._more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._more.clicked.connect(self._next)
        self._build()
        self.hide()

    @property
    def notice(self) -> Notice | None:
        """The notice on screen."""
        return self._notices[self._at] if self._notices else None

    def show_notice(self, notice: Notice | None) -> None:
        """Show one notice, or nothing."""
        self.show_notices(() if notice is None else (notice,))

    def show_notices(self, notices: Sequence[Notice]) -> None:
        """Show the worst of `notices` (of equally bad ones the first); the others are one click away."""
        told = [replace(one, headline=said(one.headline), text=said(one.text)) for one in notices]
        ordered = tuple(sorted(told, key=lambda notice: -notice.level))
        if ordered == self._notices:
            return
        seen = self.notice
        self._notices = ordered
        # What somebody is reading stays, while it is still among the worst.
        self._at = 0
        if seen is not None and seen in ordered and seen.level == ordered[0].level:
            self._at = ordered.index(seen)
        self._show()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        # The icon stands in the first line of the words, wherever a higher button puts them.
        texts = QGridLayout()
        texts.setHorizontalSpacing(8)
        texts.setVerticalSpacing(0)
        texts.setColumnStretch(1, 1)
        texts.setRowStretch(0, 1)
        texts.addWidget(self._headline, 1, 1)
        texts.addWidget(self._text, 2, 1)
        texts.addWidget(self._line, 3, 1)
        texts.setRowStretch(4, 1)
        where = Qt.AlignmentFlag.AlignVCenter if self._inline else Qt.AlignmentFlag.AlignTop
        texts.addWidget(self._icon, 3 if self._inline else 1, 0, where)
        row.addLayout(texts, 1)
        if not self._narrow:
            row.addWidget(self._more, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._other, 0, Qt.AlignmentFlag.AlignVCenter)
        if self._narrow:
            last = QVBoxLayout()
            last.setSpacing(2)
            last.addWidget(self._button, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            last.addWidget(self._more, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            row.addLayout(last)
        else:
            row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignVCenter)

    def _show(self) -> None:
        notice = self.notice
        if notice is None:
            self.hide()
            return
        look = LOOKS[notice.level]
        if self.property("level") != look.name:
            self.setProperty("level", look.name)
            repolish(self)
        self._icon.set_icon(notice.icon or look.icon, look.ink)
        self._headline.set_ink(look.ink)
        self._headline.setText(notice.headline)
        self._headline.setVisible(not self._inline)
        self._text.set_ink(look.text_ink)
        self._text.setText(notice.text)
        self._text.setVisible(bool(notice.text) and not self._inline)
        self._line.setVisible(self._inline)
        self._write_line()
        self._button.setText(notice.button)
        self._button.setAccessibleName(notice.button or _WAY_OUT)
        self._button.setVisible(bool(notice.button))
        self._other.setText(notice.other_button)
        self._other.setAccessibleName(notice.other_button or _WAY_OUT)
        self._other.setVisible(bool(notice.other_button))
        others = len(self._notices) - 1
        self._more.setVisible(others > 0)
        self._more.setText(tr("{others} more", others=others))
        self._more.setAccessibleName(tr("{others} more: show the next", others=others))
        self._more.setToolTip("\n".join(other.headline for other in self._notices if other is not notice))
        sentence = f"{look.spoken}: {notice.headline}"
        spoken = f"{sentence}. {notice.text}".rstrip() if notice.text else sentence
        news = spoken != self.accessibleName() or self.isHidden()
        self.setAccessibleName(spoken)
        # Last, or it would be laid out once with parts that are about to be hidden.
        self.show()
        if news:
            announce(self, spoken, urgent=notice.level is Level.BLOCKING)

    def _write_line(self) -> None:
        notice = self.notice
        if not self._inline or notice is None:
            return
        tokens, look = current_theme().tokens, LOOKS[notice.level]
        self._line.setText(
            f'<span style="color:{tokens.ink(look.ink)}; font-weight:600">{escape(notice.headline)}</span> '
            f'<span style="color:{tokens.ink(look.text_ink)}">{escape(notice.text)}</span>'
        )

    def _press(self) -> None:
        if self.notice is not None:
            self.actionPressed.emit(self.notice.action)

    def _press_other(self) -> None:
        if self.notice is not None:
            self.actionPressed.emit(self.notice.other_action)

    def _next(self) -> None:
        self._at = (self._at + 1) % len(self._notices)
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # The running line carries its colours in its text.
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_line"):
            self._write_line()
