"""Strategy files that were dropped onto the window: what is in them, what is wrong with them, and which goes into the form.

Nothing is created by it. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from rebalancer_gui.domain.strategy import StrategyParameters
from rebalancer_gui.ui.formatting import NumberFormat, places_of
from rebalancer_gui.ui.strategy_words import rule_text
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.focus_ring import show_focus
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot, caption

_WIDTH, _HEIGHT, _LIST_WIDTH = 640, 400, 210


@dataclass(frozen=True, slots=True)
class ReadFile:
    """``name`` without its folder; what is in it, or everything that is wrong with it, a line each."""

    name: str
    parameters: StrategyParameters | None
    problems: str = ""


def portfolio_text(parameters: StrategyParameters, numbers: NumberFormat) -> str:
    """What a file says, a line each."""
    coins = ", ".join(f"{t.asset} {numbers.percent(t.weight, places_of(t.weight))}" for t in parameters.targets)
    amount = numbers.fixed(parameters.investment, max(2, places_of(parameters.investment)), parameters.quote)
    lines = [
        tr("Name: {name}", name=parameters.name),
        tr("Coins: {coins}", coins=coins),
        tr("Investment: {amount}", amount=amount),
        tr("Rule: {rule}", rule=rule_text(parameters.rule, numbers)),
    ]
    levels = [
        word
        for word, level in (
            (tr("trigger price"), parameters.trigger),
            (tr("stop-loss"), parameters.stop_loss),
            (tr("take-profit"), parameters.take_profit),
        )
        if level is not None
    ]
    if levels:
        lines.append(tr("Also: {levels}", levels=", ".join(levels)))
    return "\n".join(lines)


class ImportFilesDialog(QDialog):
    """`chosen(object)`: the StrategyParameters that are to go into the form."""

    chosen = Signal(object)

    def __init__(self, files: Sequence[ReadFile], numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files, self._numbers = tuple(files), numbers
        self.setObjectName("importDialog")
        self.setWindowTitle(tr("Import strategy"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget()
        self.list.setObjectName("importFileList")
        self.list.setAccessibleName(tr("Files"))
        self.list.setFixedWidth(_LIST_WIDTH)
        show_focus(self.list)
        for file in self._files:
            words = file.name if file.parameters is not None else tr("{name} (refused)", name=file.name)
            item = QListWidgetItem(words)
            item.setToolTip(file.name)
            self.list.addItem(item)
        self._title = TextLabel("", TextType.STRONG, object_name="importTitle")
        self._details = TextLabel("", TextType.BODY, Ink.TEXT2, object_name="importDetails", wrap=True)
        self._details.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cancel_button = push_button(tr("Cancel"), "importCancelButton")
        self.use_button = push_button(
            tr("Put into the form"), "importUseButton", kind=ButtonKind.MAIN,
            tip=tr("Fills the Manual form. Look at its preview there; nothing is created by this."),
        )  # fmt: skip
        self._build()
        self.list.currentRowChanged.connect(self._show)
        self.cancel_button.clicked.connect(self.reject)
        self.use_button.clicked.connect(self._use)
        good = next((i for i, file in enumerate(self._files) if file.parameters is not None), 0)
        self.list.setCurrentRow(good)
        self._show(good)
        self.list.setFocus()

    def _build(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self._title)
        right.addWidget(self._details, 1)
        middle = QHBoxLayout()
        middle.setSpacing(SIDE)
        middle.addWidget(self.list)
        middle.addLayout(right, 1)
        column = QVBoxLayout()
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        column.addWidget(TextLabel(tr("What is in these files"), TextType.TITLE))
        column.addWidget(
            caption(tr("One of them fills the Manual form. Nothing is created, and no money moves, by that."))
        )
        column.addLayout(middle, 1)
        foot = ActionRow(56)
        foot.right.addWidget(self.cancel_button)
        foot.right.addWidget(self.use_button)
        above_foot(self, column, foot)
        self.resize(_WIDTH, _HEIGHT)

    @Slot(int)
    def _show(self, number: int) -> None:
        if not 0 <= number < len(self._files):
            return
        file = self._files[number]
        self._title.setText(file.name)
        if file.parameters is not None:
            self._details.setText(portfolio_text(file.parameters, self._numbers))
            self._details.set_ink(Ink.TEXT)
            block(self.use_button, None)
        else:
            self._details.setText(file.problems)
            self._details.set_ink(Ink.LOSS)
            block(self.use_button, tr("This file cannot be imported."))

    @Slot()
    def _use(self) -> None:
        file = self._files[self.list.currentRow()]
        if file.parameters is not None:
            self.accept()
            self.chosen.emit(file.parameters)
