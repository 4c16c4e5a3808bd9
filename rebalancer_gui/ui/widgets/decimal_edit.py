"""A field for an exact number: money, a price, a percentage.

    edit = DecimalEdit("investmentEdit", "Investment amount", unit="USDT", places=2)
    edit.set_limits(Limits(minimum=Decimal("25.17"), maximum=free, grid=Decimal("0.01"), maximum_text="Free are {limit}"))
    edit.valueChanged.connect(self._investment_changed)       # Decimal | None
    edit.value(); edit.problem()

What is typed stays as it was typed, right or wrong. GUI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from rebalancer_gui.domain.money import ZERO, on_grid
from rebalancer_gui.ui.formatting import NumberFormat, places_of
from rebalancer_gui.ui.locale_numbers import system_numbers
from rebalancer_gui.ui.parsing import Parsed, Unreadable, editable, parse_decimal
from rebalancer_gui.ui.theme import repolish
from rebalancer_gui.ui.translation import tr

# QLineEdit keeps 2 px free on both sides of its text, which makes it 6.
_UNIT_GAP = 4
_SIDE = 9
_INNER = 3
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """What is legal, in the field's unit. All bounds are inclusive unless `above_minimum` says more than.

    `minimum_text` and `maximum_text` replace the standard sentence; `{limit}` in them becomes the bound with unit.
    `required` False: an empty field is legal and means no value.
    """

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    grid: Decimal | None = None
    required: bool = True
    above_minimum: bool = False
    minimum_text: str = ""
    maximum_text: str = ""


class DecimalEdit(QLineEdit):
    """Right-aligned, tabular digits, unit over the right margin, red outline while what is typed is not legal.

    `valueChanged(object)` carries the new `value()`: a Decimal, or None while the text is empty or not legal. It is
    emitted only when that changes. `problemChanged(object)` carries `problem()`, a sentence or None.
    """

    valueChanged = Signal(object)
    problemChanged = Signal(object)
    # The outline turned red or back, or the sentence behind it changed: `shown_problem` is to be read anew.
    stateShown = Signal()

    def __init__(
        self,
        object_name: str,
        accessible_name: str,
        *,
        unit: str = "",
        places: int = 0,
        limits: Limits | None = None,
        numbers: NumberFormat | None = None,
        tall: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`places`: the decimals that `set_value` writes at least. `numbers`: the locale, the program's unless told.

        `tall`: 32 px high, for dialogs.
        """
        super().__init__(parent)
        if tall:
            self.setProperty("tall", "true")
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setMaxLength(_LONGEST)
        self._numbers = numbers or system_numbers()
        self._places = places
        self._limits = limits or Limits()
        self._outside_problem: str | None = None
        self._value: Decimal | None = None
        self._problem: str | None = None
        self._touched = False
        self._shown_state = ""
        self._unit = QLabel(unit, self)
        self._unit.setProperty("ink", "text3")
        self._unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._place_unit()
        self.textChanged.connect(self._read)
        self.textEdited.connect(self._note_touch)
        self.editingFinished.connect(self._leave)
        self._read()

    # ----------------------------------------------------------------------------------------------------------- value

    def value(self) -> Decimal | None:
        """The number in the field; None while it is empty or not legal."""
        return self._value

    def problem(self) -> str | None:
        """What is wrong with the text and what is legal, in a sentence; None while it is legal."""
        return self._problem

    def shown_problem(self) -> str | None:
        """The problem as long as the outline is red: a field that nobody has touched yet is empty, not wrong."""
        return self._problem if self.property("state") == "error" else None

    def set_value(self, value: Decimal | None) -> None:
        """Write `value` into the field as text that reads back to exactly it.

        None empties the field, which then is not wrong but as new: nobody has touched it.
        """
        self._touched = value is not None
        text = "" if value is None else editable(value, self._numbers.marks, self._places)
        if value is None or value != self._value or not self.text():
            self.setText(text)
        self._show_state()

    def set_limits(self, limits: Limits) -> None:
        """New bounds; the text stays and is judged again."""
        if limits != self._limits:
            self._limits = limits
            self._read()

    def set_outside_problem(self, message: str | None) -> None:
        """A fault that only the form can see (weights that do not add up). Shown like the field's own; theirs first."""
        if message != self._outside_problem:
            self._outside_problem = message
            self._read()

    def limits(self) -> Limits:
        return self._limits

    def unit(self) -> str:
        return self._unit.text()

    def set_unit(self, unit: str) -> None:
        self._unit.setText(unit)
        self._place_unit()
        self._read()

    # ------------------------------------------------------------------------------------------------------- judgement

    def _note_touch(self) -> None:
        self._touched = True
        self._show_state()

    def _leave(self) -> None:
        self._touched = True
        self._show_state()

    def _read(self) -> None:
        number: Decimal | None = None
        problem: str | None = None
        match parse_decimal(self.text(), self._numbers.marks):
            case Parsed(value):
                problem = self._out_of_limits(value)
                number = value if problem is None else None
            case Unreadable(message, empty):
                problem = None if empty and not self._limits.required else self._with_range(message, empty=empty)
        problem = problem or self._outside_problem
        value_changed, problem_changed = number != self._value, problem != self._problem
        self._value, self._problem = number, problem
        self._show_state()
        if value_changed:
            self.valueChanged.emit(number)
        if problem_changed:
            self.problemChanged.emit(problem)

    def _out_of_limits(self, value: Decimal) -> str | None:
        limits = self._limits
        if limits.minimum is not None and (
            value < limits.minimum or (limits.above_minimum and value == limits.minimum)
        ):
            return self._sentence(limits.minimum_text, limits.minimum) or tr("Too small: {range}.", range=self._range())
        if limits.maximum is not None and value > limits.maximum:
            return self._sentence(limits.maximum_text, limits.maximum) or tr("Too large: {range}.", range=self._range())
        if limits.grid is not None and not on_grid(abs(value), limits.grid):
            decimals = places_of(limits.grid)
            if limits.grid == Decimal(1).scaleb(-decimals) and decimals:
                return tr(
                    "Too fine: at most {decimals} {part}.",
                    decimals=decimals,
                    part=tr("decimal") if decimals == 1 else tr("decimals"),
                )
            return tr("Only multiples of {shown}.", shown=self._shown(limits.grid))
        return None

    def _with_range(self, message: str, *, empty: bool) -> str:
        allowed = self._range()
        return f"{message.removesuffix('.')}: {allowed}." if empty and allowed else message

    def _range(self) -> str:
        """`legal is 25.17 to 1,900.00 USDT`; empty when everything is legal."""
        low, high = self._limits.minimum, self._limits.maximum
        if low is not None and high is not None:
            if self._limits.above_minimum:
                return tr(
                    "legal is more than {shown} and at most {shown2}",
                    shown=self._shown(low, unit=False),
                    shown2=self._shown(high),
                )
            return tr("legal is {shown} to {shown2}", shown=self._shown(low, unit=False), shown2=self._shown(high))
        if low is not None:
            return tr(
                "legal is {part} {shown}",
                part=tr("more than") if self._limits.above_minimum else tr("at least"),
                shown=self._shown(low),
            )
        if high is not None:
            return tr("legal is at most {shown}", shown=self._shown(high))
        return ""

    def _sentence(self, template: str, bound: Decimal) -> str:
        return template.replace("{limit}", self._shown(bound))

    def _shown(self, bound: Decimal, *, unit: bool = True) -> str:
        places = 0 if bound == ZERO else max(self._places, places_of(bound))
        return self._numbers.fixed(bound, places, self.unit() if unit else "")

    def _show_state(self) -> None:
        wrong = self._problem is not None and (self._touched or bool(self.text()))
        state = "error" if wrong else "ok"
        if self.property("state") != state:
            self.setProperty("state", state)
            repolish(self)
        said = (self._problem or "") if wrong else ""
        if said != self.accessibleDescription() or self._shown_state != state:
            self._shown_state = state
            self.setAccessibleDescription(said)
            self.stateShown.emit()

    # ------------------------------------------------------------------------------------------------------------ look

    def _place_unit(self) -> None:
        self._unit.setVisible(bool(self._unit.text()))
        self._unit.adjustSize()
        room = self._unit.width() + _UNIT_GAP if self._unit.text() else 0
        self.setTextMargins(0, 0, max(0, room - _INNER), 0)
        self._unit.move(self.width() - _SIDE - self._unit.width(), (self.height() - self._unit.height()) // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_unit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_unit"):
            self._place_unit()
