"""Help as the window gives it: F1 anywhere, the question marks and the menu open the guide at the right place. GUI thread only."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from rebalancer_gui.ui.help.guide import Guide
from rebalancer_gui.ui.help.help_mark import guide_calls
from rebalancer_gui.ui.help.topics import place_for
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.message_box import tell

if TYPE_CHECKING:
    from rebalancer_gui.ui.help.guide_window import GuideWindow

_HAS_F1 = "answersF1"
_log = logging.getLogger(__name__)


class HelpDesk(QObject):
    """One per main window. The guide is read from the disk when it is first asked for."""

    def __init__(self, folder: Callable[[], Path], window: QWidget) -> None:
        """``folder`` gives the place of the guide, or raises FileNotFoundError."""
        super().__init__(window)
        self._folder = folder
        self._window = window
        self._guide: Guide | None = None
        self.shown: GuideWindow | None = None
        guide_calls().placeAsked.connect(self.open)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    @Slot()
    def open_here(self) -> None:
        """At what is said about the control that has the focus."""
        self.open(place_for(_names(QApplication.focusWidget() or self._window)))

    @Slot(str)
    def open(self, place: str) -> None:
        """At this place, ``page.md#slug``."""
        guide = self._read()
        if guide is None:
            return
        if self.shown is None or self.shown.parent() is not _blocking_dialog():
            # Imported when the guide is first opened: the window's start need not wait for it.
            from rebalancer_gui.ui.help.guide_window import GuideWindow

            self.close()
            # A window that a dialog blocks could not be read: then it belongs to the dialog.
            self.shown = GuideWindow(guide, _blocking_dialog())
            self.shown.destroyed.connect(self._forget)
        self.shown.go_to(place)
        self.shown.show()
        self.shown.raise_()
        self.shown.activateWindow()

    @Slot()
    def close(self) -> None:
        """With the main window, or before it opens elsewhere."""
        if self.shown is not None:
            self.shown.close()
            self.shown.deleteLater()
            self.shown = None

    @Slot()
    def _forget(self, _gone: QObject | None = None) -> None:
        if self.sender() is self.shown:
            self.shown = None

    def _read(self) -> Guide | None:
        if self._guide is None:
            try:
                self._guide = Guide(self._folder())
            except OSError as error:
                _log.error("the user guide cannot be read: %s", error)
                more = tr("The installation is incomplete: {error}", error=str(error))
                words = tr("The user guide cannot be read.")
                tell(self._window, "guideMissingBox", tr("User guide"), words, more=more)
        return self._guide

    @Slot(QWidget, QWidget)
    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        """The menu's F1 is the main window's: each dialog that is worked in gets one of its own."""
        dialog = new.window() if new is not None else None
        if not isinstance(dialog, QDialog) or dialog is self.shown or dialog.property(_HAS_F1):
            return
        dialog.setProperty(_HAS_F1, True)
        QShortcut(QKeySequence(QKeySequence.StandardKey.HelpContents), dialog, self.open_here)


def _blocking_dialog() -> QWidget | None:
    return QApplication.activeModalWidget()


def _names(widget: QWidget) -> Iterator[str]:
    """ObjectNames from the control outwards."""
    at: QWidget | None = widget
    while at is not None:
        yield at.objectName()
        at = at.parentWidget()
