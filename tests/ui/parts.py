"""What the tests of the window's parts share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from rebalancer_gui.ui.theme import ColourScheme, Theme, current_theme

WidgetT = TypeVar("WidgetT", bound=QWidget)


def found(parent: QWidget, kind: type[WidgetT], object_name: str) -> WidgetT:
    """The widget below `parent` with this objectName; fails the test where there is none."""
    child = parent.findChild(kind, object_name)
    assert isinstance(child, kind), f"no {kind.__name__} called {object_name}"
    return child


def theme_of(app: QApplication, scheme: ColourScheme = ColourScheme.LIGHT) -> Theme:
    """The theme, installed once in this process and switched to `scheme`."""
    theme = current_theme()
    theme.set_scheme(scheme)
    return theme


def shown_page(qtbot: QtBot, app: QApplication) -> QWidget:
    """A page of 600 x 400 in the light theme, on screen, to put parts on."""
    theme_of(app)
    page = QWidget()
    qtbot.addWidget(page)
    QVBoxLayout(page)
    page.resize(600, 400)
    with qtbot.waitExposed(page):
        page.show()
    return page


def put(page: QWidget, part: WidgetT) -> WidgetT:
    """`part` at the foot of `page`, shown and placed."""
    layout = page.layout()
    assert layout is not None
    layout.addWidget(part)
    settle()
    return part


def settle() -> None:
    """A layout shows and places its new widgets when events are processed."""
    QApplication.processEvents()


@contextmanager
def painting(width: int, height: int) -> Iterator[tuple[QImage, QPainter]]:
    """An image to paint on, filled with a colour that no theme has."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(1, 2, 3))
    painter = QPainter(image)
    try:
        yield image, painter
    finally:
        painter.end()


def row_of(image: QImage, y: int) -> list[str]:
    """The colours of one row of pixels, as `#RRGGBB`."""
    return [image.pixelColor(x, y).name().upper() for x in range(image.width())]


def column_of(image: QImage, x: int) -> list[str]:
    return [image.pixelColor(x, y).name().upper() for y in range(image.height())]


def run_of(colours: list[str], colour: str) -> tuple[int, int]:
    """First position and count of `colour`; its occurrences must be neighbours. (-1, 0): none."""
    if colour not in colours:
        return -1, 0
    first, count = colours.index(colour), colours.count(colour)
    assert colours[first : first + count] == [colour] * count
    return first, count


def whole(image: QImage) -> QRect:
    return QRect(0, 0, image.width(), image.height())
