"""The program's typeface: Inter from `resources/fonts`, tabular digits everywhere, sizes in pixels at scale 1.

GUI thread only; a `QGuiApplication` must exist.
"""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtGui import QFont, QFontDatabase

from rebalancer_gui.resources_path import resource_dir

_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "Inter-Bold.otf")
_TABULAR_DIGITS = QFont.Tag("tnum")


class Size(IntEnum):
    """Type sizes in pixels."""

    FIGURE = 17
    HEADER_FIGURE = 15
    TITLE = 14
    BODY = 13
    SMALL = 12
    NUMBER = 11


class Weight(IntEnum):
    """The four weights that are shipped."""

    NORMAL = 400
    MEDIUM = 500
    SEMIBOLD = 600
    BOLD = 700


def load_family() -> str:
    """Register the shipped font files and return their family; the system's family where a file cannot be read."""
    family = ""
    for name in _FILES:
        font_id = QFontDatabase.addApplicationFont(str(resource_dir() / "fonts" / name))
        if font_id >= 0:
            family = family or QFontDatabase.applicationFontFamilies(font_id)[0]
    return family or QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def make_font(family: str, size: int = Size.BODY, weight: int = Weight.NORMAL) -> QFont:
    """A font of `family` in `size` pixels with digits of equal width."""
    font = QFont(family)
    font.setPixelSize(size)
    font.setWeight(QFont.Weight(weight))
    font.setFeature(_TABULAR_DIGITS, 1)
    return font
