"""One watched level in the form: on what it is measured, its value, the present figure, what it means. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.ui.create.choice_combo import CalmCombo
from rebalancer_gui.ui.create.levels import ON_RETURN, money_of
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.help.help_mark import HelpMark
from rebalancer_gui.ui.help.terms import Term
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel, TextType

_PRICE_LIMITS = Limits(minimum=ZERO, above_minimum=True, required=False)
_PERCENT_LIMITS = Limits(grid=Decimal("0.01"), required=False)
_FIELD_WIDTH = 148
_COMBO_LETTERS = 10
"""A combo box is no wider than it must be for so many letters: the layout gives it the rest."""


@dataclass(frozen=True, slots=True)
class LevelNames:
    """Title, objectNames and spoken names of a row."""

    title: str
    prefix: str
    combo: str
    spoken_combo: str
    spoken_edit: str
    term: Term


class LevelRow(QWidget):
    """`edited` when something was typed or chosen. The basis follows what is offered first until one was chosen."""

    edited = Signal()

    def __init__(
        self, names: LevelNames, write: Callable[[str], str], numbers: NumberFormat, parent: QWidget | None = None
    ) -> None:
        """`write`: how a key of the combo box is written."""
        super().__init__(parent)
        self._write = write
        self._keys: tuple[str, ...] = ()
        self._chosen = False
        self._hint = ""
        self.now = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name=f"{names.prefix}NowLabel")
        self.now.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.basis = CalmCombo(names.combo, names.spoken_combo)
        # Thousands of symbols are not measured for a width that the layout gives anyway.
        self.basis.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.basis.setMinimumContentsLength(_COMBO_LETTERS)
        self.edit = DecimalEdit(f"{names.prefix}Edit", names.spoken_edit, limits=_PRICE_LIMITS, numbers=numbers)
        self.edit.setFixedWidth(_FIELD_WIDTH)
        self.message = MessageLine(f"{names.prefix}Message")
        title = TextLabel(names.title, TextType.BODY, Ink.TEXT2)
        title.setBuddy(self.edit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title)
        head.addWidget(HelpMark(names.term))
        head.addWidget(self.now, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.basis, 1)
        row.addWidget(self.edit)
        column.addLayout(head)
        column.addLayout(row)
        column.addWidget(self.message)
        self.basis.currentIndexChanged.connect(self._basis_changed)
        self.basis.activated.connect(self._note_choice)
        self.edit.valueChanged.connect(self.edited)
        self.edit.problemChanged.connect(self.edited)
        self.edit.stateShown.connect(self._show_message)

    # ---------------------------------------------------------------------------------------------------------- value

    @property
    def key(self) -> str:
        """On what it is measured: a symbol, or `ON_RETURN`."""
        index = self.basis.currentIndex()
        return self._keys[index] if 0 <= index < len(self._keys) else ON_RETURN

    def value(self) -> Decimal | None:
        return self.edit.value()

    def own_problem(self) -> str:
        """Why the text is no value; empty while it is one, or nothing is typed."""
        return "" if self.edit.value() is not None or not self.edit.text().strip() else self.edit.problem() or ""

    def put(self, key: str | None, value: Decimal | None) -> None:
        """Write a level that comes from elsewhere, telling nobody; key None: none is chosen yet."""
        blocked = self.blockSignals(True)
        self._chosen = key is not None
        if key is not None:
            self._hold(key)
        self.edit.set_value(value)
        self.blockSignals(blocked)

    def _hold(self, key: str) -> None:
        """Choose `key`, offered or not."""
        if key not in self._keys:
            self._keys = (*self._keys, key)
            quiet = self.basis.blockSignals(True)
            self.basis.addItem(self._write(key))
            self.basis.blockSignals(quiet)
        index = self._keys.index(key)
        if self.basis.currentIndex() != index:
            quiet = self.basis.blockSignals(True)
            self.basis.setCurrentIndex(index)
            self.basis.blockSignals(quiet)
        self._fit_edit()

    # -------------------------------------------------------------------------------------------------------- showing

    def offer(self, keys: Sequence[str]) -> None:
        """Offer exactly these. What was chosen, or has a value beside it, stays; else the first one is taken."""
        wanted = tuple(keys)
        stays = self.key if self._keys and (self._chosen or self.edit.text()) else None
        if stays is not None and stays not in wanted:
            wanted = (*wanted, stays)
        if wanted != self._keys:
            self._keys = wanted
            quiet = self.basis.blockSignals(True)
            self.basis.clear()
            self.basis.addItems([self._write(key) for key in wanted])
            self.basis.blockSignals(quiet)
        if wanted:
            self._hold(wanted[0] if stays is None else stays)

    def show_judgement(self, now: str, hint: str, problem: str) -> None:
        """The present figure, what the level means, and what is wrong with it ("" = nothing)."""
        self.now.setText(now)
        self._hint = hint
        self.edit.set_outside_problem(problem or None)
        self._show_message()

    def _show_message(self) -> None:
        wrong = self.edit.shown_problem()
        if wrong:
            self.message.show_problem(wrong)
        else:
            self.message.show_hint(self._hint)

    # -------------------------------------------------------------------------------------------------------- editing

    def _note_choice(self) -> None:
        self._chosen = True

    def _basis_changed(self) -> None:
        self._chosen = True
        self._fit_edit()
        self.edited.emit()

    def _fit_edit(self) -> None:
        """Unit and limits of what is chosen. A percentage is no price: between the two the number does not stay."""
        unit = "%" if self.key == ON_RETURN else money_of(self.key)
        before = self.edit.unit()
        if before == unit:
            return
        if before and "%" in (before, unit):
            self.edit.set_value(None)
        self.edit.set_limits(_PERCENT_LIMITS if unit == "%" else _PRICE_LIMITS)
        self.edit.set_unit(unit)
