"""The theme in force: tokens, palette, style sheet, fonts and icons for everything that is drawn.

    theme = install_theme(app, ColourScheme.SYSTEM)     # once, before the first window
    current_theme().tokens.accent                       # "#2457C5"
    current_theme().colour(Ink.GAIN)                    # QColor
    set_icon(button, "plus")                            # re-tinted by itself when the theme changes
    current_theme().changed.connect(self._recolour)     # for plots; a widget with paintEvent needs nothing

GUI thread only.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import assert_never

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QPushButton,
    QWidget,
)

from rebalancer_gui.ui.fonts import Size, Weight, load_family, make_font
from rebalancer_gui.ui.icons import tinted_icon, tinted_pixmap
from rebalancer_gui.ui.palette import build_palette
from rebalancer_gui.ui.stylesheet import build_style_sheet
from rebalancer_gui.ui.tokens import DARK, LIGHT, Ink, Tokens

_ICON_NAME = "themeIconName"
_ICON_INK = "themeIconInk"
_ICON_SIZE = "themeIconSize"
_ICON_AIR = 4


class ColourScheme(StrEnum):
    """What the user chose in the settings."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """The look of one application. `changed` is emitted after tokens, palette and style sheet are in place."""

    changed = Signal()

    def __init__(self, app: QApplication, scheme: ColourScheme = ColourScheme.SYSTEM) -> None:
        super().__init__(app)
        self._app = app
        self._scheme = scheme
        self._tokens = LIGHT
        self._family = load_family()
        self._fonts: dict[tuple[int, int], QFont] = {}
        self._icons: dict[tuple[str, Ink, int, int], QIcon] = {}
        # Not a style of our own in Python: Qt asks it for each widget that it lays out or paints, thousands of times a second. What
        # Fusion would move, the style sheet holds still.
        app.setStyle("Fusion")
        app.setFont(self.font())
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self._choose()

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    @property
    def scheme(self) -> ColourScheme:
        return self._scheme

    def set_scheme(self, scheme: ColourScheme) -> None:
        """Follow the system, or stay light or dark."""
        self._scheme = scheme
        self._choose()

    def colour(self, ink: Ink) -> QColor:
        return QColor(self._tokens.ink(ink))

    def font(self, size: int = Size.BODY, weight: int = Weight.NORMAL) -> QFont:
        """The program's font in `size` pixels; do not change the returned object, copy it."""
        key = (int(size), int(weight))
        if key not in self._fonts:
            self._fonts[key] = make_font(self._family, *key)
        return self._fonts[key]

    def icon(self, name: str, ink: Ink = Ink.TEXT, size: int = 16, air: int = 0) -> QIcon:
        """Icon `name` of `resources/icons`, also tinted for the disabled state, with `air` empty pixels on its right.

        Icons of buttons: see `set_icon`.
        """
        key = (name, ink, size, air)
        if key not in self._icons:
            self._icons[key] = tinted_icon(name, self._tokens.ink(ink), self._tokens.disabled_text, size, air)
        return self._icons[key]

    def pixmap(self, name: str, ink: Ink, size: int = 16, scale: float = 1) -> QPixmap:
        """Icon `name` as a picture for a label, sharp at the screen's `scale`."""
        return tinted_pixmap(name, self._tokens.ink(ink), size, scale)

    @Slot()
    def _follow_system(self) -> None:
        if self._scheme is ColourScheme.SYSTEM:
            self._choose()

    def _choose(self) -> None:
        hints = self._app.styleHints()
        match self._scheme:
            case ColourScheme.LIGHT:
                hints.setColorScheme(Qt.ColorScheme.Light)
                self._apply(LIGHT)
            case ColourScheme.DARK:
                hints.setColorScheme(Qt.ColorScheme.Dark)
                self._apply(DARK)
            case ColourScheme.SYSTEM:
                hints.unsetColorScheme()
                self._apply(DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT)
            case _:
                assert_never(self._scheme)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """While a window is put together: the style sheet is matched once at the end, not again for everything inside at each
        step by which a part is put into another (four fifths of the time that the whole window takes).
        """
        with _no_collection():
            self._app.setStyleSheet("")
        try:
            yield
        finally:
            with _no_collection():
                self._app.setStyleSheet(build_style_sheet(self._tokens))

    def _apply(self, tokens: Tokens) -> None:
        if tokens is self._tokens and self._app.styleSheet():
            return
        self._tokens = tokens
        self._icons.clear()
        with _no_collection():
            self._app.setPalette(build_palette(tokens))
            self._app.setStyleSheet(build_style_sheet(tokens))
            for widget in self._app.allWidgets():
                if isinstance(widget, QAbstractButton) and widget.property(_ICON_NAME):
                    _tint(self, widget)
        self.changed.emit()


def _tint(theme: Theme, button: QAbstractButton) -> None:
    ink = Ink(str(button.property(_ICON_INK)))
    size = int(button.property(_ICON_SIZE))
    # Qt leaves 4 pixels between icon and text; the grid wants 8.
    air = _ICON_AIR if isinstance(button, QPushButton) and button.text() else 0
    button.setIconSize(QSize(size + air, size))
    button.setIcon(theme.icon(str(button.property(_ICON_NAME)), ink, size, air))


def refresh_icon(button: QAbstractButton) -> None:
    """After `button` got a text or lost it: its icon stands in the middle, or with the grid's gap before the text."""
    if button.property(_ICON_NAME):
        _tint(current_theme(), button)


@contextmanager
def _no_collection() -> Iterator[None]:
    """While a list of all widgets is gone through, Qt's or Python's, none of them may be deleted: a window that is garbage
    would take widgets along that stand further down in the list, and the program would crash on them.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def set_icon(button: QAbstractButton, name: str, ink: Ink = Ink.TEXT, size: int = 16) -> None:
    """Give `button` an icon that follows the theme from now on."""
    button.setProperty(_ICON_NAME, name)
    button.setProperty(_ICON_INK, ink.value)
    button.setProperty(_ICON_SIZE, size)
    _tint(current_theme(), button)


def repolish(widget: QWidget) -> None:
    """Let the style sheet see a changed dynamic property of `widget`."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


_installed: list[Theme] = []


def install_theme(app: QApplication, scheme: ColourScheme = ColourScheme.SYSTEM) -> Theme:
    """Set style, fonts, palette and style sheet of `app`; call once, before the first window is made."""
    _installed[:] = [Theme(app, scheme)]
    return _installed[0]


def current_theme() -> Theme:
    """The installed theme; where none is installed yet (a single widget in a test) the light one is."""
    if not _installed:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise RuntimeError("a theme needs a QApplication")
        install_theme(app, ColourScheme.LIGHT)
    return _installed[0]
