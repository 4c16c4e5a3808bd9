"""What a table cell says and how: one value per cell, one declaration per column.

    COLUMNS = (
        Column("name", "Name", lambda row: text_cell(row.name, bold=True)),
        Column("value", "Value", lambda row: number_cell(numbers, row.value), align=Align.RIGHT),
        Column("profit", "Profit", lambda row: change_cell(numbers, row.profit, "%", "percent"), align=Align.RIGHT),
    )

A `KeyedTableModel` calls the column functions and keeps the cells; delegates read them through `CellRole.CELL`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Generic, TypeVar

from PySide6.QtCore import Qt

from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import MISSING, NumberFormat, plain_ascii, rounded, utc_iso
from rebalancer_gui.ui.help.terms import Term, explanations
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr

RowT = TypeVar("RowT")
_EXPORTED_PLACES = 12


class Align(Enum):
    """Of a column's cells and of its header."""

    LEFT = Qt.AlignmentFlag.AlignLeft
    RIGHT = Qt.AlignmentFlag.AlignRight
    CENTRE = Qt.AlignmentFlag.AlignHCenter


class Ground(Enum):
    """What a cell stands on. The row's selection lies over it."""

    SURFACE = "surface"
    ALT = "alt"
    WARNING = "warn_bg"


class CellRole(IntEnum):
    """Roles of the keyed models beyond Qt's own. CELL is the `Cell` itself: delegates read that."""

    CELL = Qt.ItemDataRole.UserRole + 1
    RAW = Qt.ItemDataRole.UserRole + 2
    KEY = Qt.ItemDataRole.UserRole + 3


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. Only `text` is needed.

    `text` is what is shown (DisplayRole); `raw` what it is sorted by and exported from (Decimal, str, int, aware
    datetime or None); `spoken` what a screen reader says, the text unless told; `tip` the tooltip. `icon` names an
    icon drawn before the text, in `ink`. `payload` is for a delegate that paints more than text (`Drift`,
    `tuple[CoinChip, ...]`). `export` overrides what is copied and written to CSV.
    """

    text: str
    raw: object = None
    spoken: str | None = None
    tip: str | None = None
    ink: Ink = Ink.TEXT
    bold: bool = False
    small: bool = False
    icon: str | None = None
    ground: Ground = Ground.SURFACE
    payload: object = None
    export: str | None = None

    def exported(self) -> str:
        """The cell for TSV and CSV: plain ASCII numbers, ISO times, otherwise its text."""
        if self.export is not None:
            return self.export
        match self.raw:
            case Decimal():
                return plain_ascii(_cut(self.raw))
            case datetime():
                return utc_iso(self.raw)
            case None if self.text == MISSING:
                return ""
            case _:
                return self.text


def _cut(value: Decimal) -> Decimal:
    """Amounts are whole; a share or a percentage that does not end is rounded where nobody looks any more."""
    exponent = value.as_tuple().exponent
    return rounded(value, _EXPORTED_PLACES) if isinstance(exponent, int) and exponent < -_EXPORTED_PLACES else value


# No slots: `Column[Row](...)` would fail, Python 3.11's typing sets an attribute on what it makes.
@dataclass(frozen=True)
class Column(Generic[RowT]):
    """A column, declared once. `key` names it in code, saved settings and CSV; `cell` makes a row's cell; `terms` are what its
    question mark explains.
    """

    key: str
    header: str
    cell: Callable[[RowT], Cell]
    align: Align = Align.LEFT
    header_tip: str | None = None
    header_spoken: str | None = None
    terms: tuple[Term, ...] = ()

    @property
    def explained(self) -> str:
        """What its terms mean, a line each; "" where it has none."""
        told = [explanations()[term] for term in self.terms]
        return "\n".join(f"{one.title}: {one.text}" for one in told)


def text_cell(
    text: str,
    *,
    ink: Ink = Ink.TEXT,
    bold: bool = False,
    small: bool = False,
    tip: str | None = None,
    icon: str | None = None,
    spoken: str | None = None,
) -> Cell:
    """A word or sentence; sorted and exported by its text."""
    return Cell(text, raw=text, spoken=spoken, tip=tip, ink=ink, bold=bold, small=small, icon=icon)


def missing_cell(reason: str, *, show_reason: bool = False) -> Cell:
    """A value that is not known: a dash whose tooltip and spoken text is the reason, which may stand beside it."""
    reason = said(reason)
    text = f"{MISSING} {reason}" if show_reason else MISSING
    return Cell(text, spoken=reason, tip=reason, ink=Ink.TEXT3, small=show_reason, export="")


def number_cell(
    numbers: NumberFormat,
    value: Decimal | None,
    places: int = 2,
    unit: str = "",
    *,
    missing: str = tr("not known yet"),
    ink: Ink = Ink.TEXT,
    bold: bool = False,
    tip: str | None = None,
) -> Cell:
    """An amount, price or share; `missing` is the reason shown where there is none."""
    if value is None:
        return missing_cell(missing)
    return Cell(
        numbers.fixed(value, places, _shown_unit(unit)),
        raw=value,
        spoken=numbers.spoken(value, places, _spoken_unit(unit)),
        tip=tip,
        ink=ink,
        bold=bold,
    )


def change_cell(
    numbers: NumberFormat,
    value: Decimal | None,
    unit: str = "",
    *,
    places: int = 2,
    missing: str = tr("not known yet"),
    bold: bool = False,
    tip: str | None = None,
) -> Cell:
    """A gain or loss: signed, green or red, grey when it rounds to zero; said with `plus` or `minus`."""
    if value is None:
        return missing_cell(missing)
    return Cell(
        numbers.signed(value, places, _shown_unit(unit)),
        raw=value,
        spoken=numbers.spoken(value, places, _spoken_unit(unit), signed=True),
        tip=tip,
        ink=change_ink(value, places),
        bold=bold,
    )


def change_ink(value: Decimal | None, places: int = 2) -> Ink:
    """The colour of a change as it is shown: what rounds to zero is neither gain nor loss."""
    if value is None:
        return Ink.TEXT3
    shown = rounded(value, places)
    return Ink.GAIN if shown > 0 else Ink.LOSS if shown < 0 else Ink.TEXT2


def _shown_unit(unit: str) -> str:
    return tr("pp") if unit == "pp" else unit


def _spoken_unit(unit: str) -> str:
    return {"%": tr("percent"), "pp": tr("points")}.get(unit, unit)
