"""The number marks of the user's locale, from Qt. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from rebalancer_gui.ui.formatting import NumberFormat, NumberMarks


def marks_of(locale: QLocale) -> NumberMarks:
    """The marks of `locale`. A locale with longer or equal marks gets its decimal mark and no groups."""
    decimal, group = locale.decimalPoint(), locale.groupSeparator()
    if len(decimal) != 1:
        return NumberMarks()
    return NumberMarks(decimal, group if len(group) == 1 and group != decimal else "")


def system_numbers() -> NumberFormat:
    """How numbers are written in the program's locale (`QLocale()`, the system's unless the program set another)."""
    return NumberFormat(marks_of(QLocale()))
