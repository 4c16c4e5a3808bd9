"""What is on the screen while the program is being imported: its name, painted within a moment of the start.

It goes as soon as any other window of the program shows, and a second after the start where none does. Nothing of the window itself is imported here.
"""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from rebalancer_gui.resources_path import resource_dir
from rebalancer_gui.ui.one_application import make_application
from rebalancer_gui.ui.tokens import DARK, LIGHT

NAME = "Rebalancer"
SIZE = (320, 120)
_LOOK_MS = 30
_PATIENCE_MS = 500
"""A window system that shows nothing until then does not hold up the start."""
_STAYS_MS = 1000
_FONT = "Inter-SemiBold.otf"


class Opening(QWidget):
    """A small frameless window in the middle of the screen, in the colours that the desktop asks for."""

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.SplashScreen | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("openingWindow")
        self.setWindowTitle(NAME)
        self.setAccessibleName(NAME)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.resize(*SIZE)
        screen = self.screen().availableGeometry()
        self.move(screen.center() - self.rect().center())
        dark = QApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        self._tokens = DARK if dark else LIGHT
        self._font = QFont(_family())
        self._font.setPixelSize(17)
        self._font.setWeight(QFont.Weight.DemiBold)
        self.painted = False
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Called by Qt: the program's name on the surface of its panels."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._tokens.surface))
        painter.setPen(QColor(self._tokens.border))
        painter.drawRect(QRect(0, 0, self.width() - 1, self.height() - 1))
        painter.setPen(QColor(self._tokens.text))
        painter.setFont(self._font)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, NAME)
        painter.end()
        self.painted = True

    def leave_when_started(self) -> None:
        """To be called before the program's event loop begins, which is when all is set up. A program that starts in the tray
        shows no window that could take this one's place.
        """
        QTimer.singleShot(0, lambda: QTimer.singleShot(_STAYS_MS, self.close))

    def _look(self) -> None:
        if any(w is not self and w.isWindow() and w.isVisible() for w in QApplication.topLevelWidgets()):
            self._timer.stop()
            self.close()


def show_opening() -> Opening:
    """On the screen and painted when this returns. Makes the QApplication; not to be called where there is a window."""
    app = make_application()
    opening = Opening()
    opening.show()
    waited = QElapsedTimer()
    waited.start()
    # What the window system has to say to a new window comes in a few parts; the paint follows the last of them.
    while not opening.painted and waited.elapsed() < _PATIENCE_MS:
        app.processEvents()
    app.processEvents()
    return opening


def _family() -> str:
    font_id = QFontDatabase.addApplicationFont(str(resource_dir() / "fonts" / _FONT))
    return QFontDatabase.applicationFontFamilies(font_id)[0] if font_id >= 0 else ""
