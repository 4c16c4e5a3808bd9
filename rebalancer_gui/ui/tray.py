"""The icon in the tray, where there is one: what the engine does, and a menu. GUI thread only.

tray = Tray(feed, theme, "Rebalancer", window)
tray.open()                     # the icon comes where there is a tray, also when that comes later
tray.is_there                   # whether the window may hide into it
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.theme import Theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.tray_state import TrayPicture, picture_of

LOOK_MS = 2000
"""So often it looks what the engine does, also while the window is hidden; the icon is drawn when that has changed."""
WATCH_MS = 5000
"""So often it looks whether the desktop has a tray (some 3 ms): one may start after the program, and one may end."""
_GONE_AFTER = 2
"""Looks without a tray until it counts as gone: a panel that is started anew is away for a moment only."""
_SIZES = (22, 32, 48, 64)


class Tray(QObject):
    """``available`` says whether the desktop has a tray now. ``showAsked()`` and the others: what was pressed there; ``gone()``: the
    tray that showed the icon has ended, so a window that hides in it has to come back by itself.
    """

    gone = Signal()
    showAsked = Signal()
    stopAllAsked = Signal()
    resumeAsked = Signal()
    quitAsked = Signal()

    def __init__(
        self,
        feed: EngineFeed,
        theme: Theme,
        program: str,
        window: QWidget,
        available: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        make_icon: Callable[[QObject], QSystemTrayIcon] = QSystemTrayIcon,
    ) -> None:
        super().__init__(window)
        self._feed, self._theme, self._program, self._available = feed, theme, program, available
        self._make_icon = make_icon
        self._picture: TrayPicture | None = None
        self.icon: QSystemTrayIcon | None = None
        self._menu = QMenu(window)
        self._menu.setObjectName("trayMenu")
        self._state = self._menu.addAction("")
        self._state.setObjectName("trayStateAction")
        self._state.setEnabled(False)
        self._menu.addSeparator()
        for name, text, signal in (
            ("trayShowAction", tr("Show the window"), self.showAsked),
            ("trayStopAllAction", tr("Stop all"), self.stopAllAsked),
            ("trayResumeAction", tr("Resume trading\u2026"), self.resumeAsked),
            ("trayQuitAction", tr("Quit\u2026"), self.quitAsked),
        ):
            action = self._menu.addAction(text)
            action.setObjectName(name)
            action.triggered.connect(signal)
        self._actions = {action.objectName(): action for action in self._menu.actions()}
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self.refresh)
        self._missed = 0
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_MS)
        self._watch.timeout.connect(self.watch)

    @property
    def is_there(self) -> bool:
        """Whether there is a tray that shows the icon."""
        return self._available()

    @property
    def menu(self) -> QMenu:
        return self._menu

    @property
    def picture(self) -> TrayPicture | None:
        """What it shows; None before :meth:`open`, or without a tray."""
        return self._picture

    def open(self) -> None:
        """Show the icon where there is a tray or as soon as there is one, and keep it up to date."""
        self._watch.start()
        if self.icon is not None or not self.is_there:
            return
        self.icon = self._make_icon(self)
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._activated)
        self._theme.changed.connect(self._draw)
        self.refresh()
        self.icon.show()
        self._look.start()

    def close_icon(self) -> None:
        """The window ends: no icon stays behind."""
        self._look.stop()
        self._watch.stop()
        if self.icon is not None:
            self.icon.hide()

    @Slot()
    def watch(self) -> None:
        """See whether the tray came or went."""
        if self.is_there:
            self._missed = 0
            if self.icon is None:
                # Not before: an icon that is made without a tray is never shown in one.
                self.open()
        elif self.icon is not None:
            # When the tray comes back, Qt itself tells it of the icon again.
            self._missed += 1
            if self._missed == _GONE_AFTER:
                self.gone.emit()

    @Slot()
    def refresh(self) -> None:
        """See what the engine does now; the icon is drawn anew only when that has changed."""
        feed = self._feed
        picture = picture_of(feed.accounts, len(feed.failed), ended=feed.ended)
        if picture != self._picture:
            self._picture = picture
            self._draw()

    def message(self, text: str) -> None:
        """A balloon of the desktop, where it has them."""
        if self.icon is not None:
            self.icon.showMessage(self._program, text, self.icon.icon(), 5000)

    @Slot()
    def _draw(self) -> None:
        picture, icon = self._picture, self.icon
        if picture is None or icon is None:
            return
        icon.setIcon(self._icon_of(picture))
        icon.setToolTip(f"{self._program}: {picture.words}")
        self._state.setText(picture.words)
        ended = self._feed.ended
        self._actions["trayStopAllAction"].setVisible(not picture.stopped and not ended)
        self._actions["trayResumeAction"].setVisible(picture.stopped and not ended)

    def _icon_of(self, picture: TrayPicture) -> QIcon:
        """The program's sign on a tile of its own (nobody knows the colour of the panel), the state's shape in its corner."""
        icon = QIcon()
        for size in _SIZES:
            icon.addPixmap(self._pixmap(picture, size))
        return icon

    def _pixmap(self, picture: TrayPicture, size: int) -> QPixmap:
        theme, badge = self._theme, round(size * 0.56)
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour(Ink.TEXT2))
        painter.setBrush(QColor(theme.tokens.surface))
        painter.drawRoundedRect(QRectF(0.5, 0.5, size - 1, size - 1), size / 6, size / 6)
        sign = round(size * 0.62)
        painter.drawPixmap(round(size * 0.08), round(size * 0.08), theme.pixmap("rebalance", Ink.ACCENT, sign))
        painter.setPen(Qt.PenStyle.NoPen)
        corner = size - badge
        painter.drawEllipse(QRectF(corner, corner, badge, badge))
        painter.drawPixmap(corner, corner, theme.pixmap(picture.icon, picture.ink, badge))
        painter.end()
        return pixmap

    @Slot(QSystemTrayIcon.ActivationReason)
    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}:
            self.showAsked.emit()
