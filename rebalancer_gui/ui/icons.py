"""Line icons from `resources/icons`, tinted at load: each file is drawn in `currentColor` only.

GUI thread only. Sizes are logical pixels; every icon is rendered at one, two and three times its size and at the scale of
every screen that there is, so it stays sharp on a scaled screen, also at 150 %.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from rebalancer_gui.resources_path import resource_dir

_SCALES = (1, 2, 3)
_PROGRAM_SIZES = (16, 24, 32, 48, 64, 128)


@lru_cache(maxsize=256)
def icon_source(name: str) -> str:
    """The SVG text of icon `name`; raises FileNotFoundError when the program ships no such icon."""
    return (resource_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def tinted_svg(name: str, colour: str) -> bytes:
    """The SVG of icon `name` in `colour` (`#RRGGBB`)."""
    return icon_source(name).replace("currentColor", colour).encode("utf-8")


def tinted_pixmap(name: str, colour: str, size: int, scale: float = 1, air: int = 0) -> QPixmap:
    """Icon `name` in `colour`, `size` logical pixels square, for a screen of the given scale; `air` empty pixels on its right."""
    source = tinted_svg(name, colour)
    side = round(size * scale)
    pixmap = QPixmap(round((size + air) * scale), side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source)).render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def tinted_icon(name: str, colour: str, disabled: str, size: int = 16, air: int = 0) -> QIcon:
    """Icon `name` in `colour`, and in `disabled` for a disabled control; `air` as in `tinted_pixmap`."""
    icon = QIcon()
    for scale in sorted({*_SCALES, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}):
        icon.addPixmap(tinted_pixmap(name, colour, size, scale, air), QIcon.Mode.Normal)
        icon.addPixmap(tinted_pixmap(name, disabled, size, scale, air), QIcon.Mode.Disabled)
    return icon


def program_icon() -> QIcon:
    """The program's own picture, as menus and task bars show it: in the sizes that window managers ask for."""
    drawing = QSvgRenderer(str(resource_dir() / "app" / "rebalancer.svg"))
    icon = QIcon()
    for size in _PROGRAM_SIZES:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        drawing.render(painter)
        painter.end()
        icon.addPixmap(pixmap)
    return icon
