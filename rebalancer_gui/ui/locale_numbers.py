"""The number marks of the user's locale, from Qt. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from rebalancer_gui.ui.formatting import NumberFormat, NumberMarks

_country: list[QLocale] = []


def install_country(country: QLocale | None) -> None:
    """Write numbers as in this locale from now on; None: as in `QLocale()`."""
    _country[:] = [] if country is None else [country]


def marks_of(locale: QLocale) -> NumberMarks:
    """The marks of `locale`. A locale with longer or equal marks gets its decimal mark and no groups; one with other digits than
    0 to 9 gets point and comma: its marks belong to digits that are neither shown nor read here.
    """
    if locale.zeroDigit() != "0":
        return NumberMarks()
    decimal, group = locale.decimalPoint(), locale.groupSeparator()
    if len(decimal) != 1:
        return NumberMarks()
    return NumberMarks(decimal, group if len(group) == 1 and group != decimal else "")


def system_numbers() -> NumberFormat:
    """How numbers are written in the user's country (`install_country`), else in the program's locale (`QLocale()`)."""
    return NumberFormat(marks_of(_country[0] if _country else QLocale()))
