"""Help (F1): what the program does, the keys, and the whole text about risk (BEHAVIOUR.md section 11a)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from rebalancer_gui.domain.risk import RISK_TEXT
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, form_scroll_area

_SECTIONS = (
    (
        tr("How it works"),
        tr(
            "A strategy holds 2 to 10 coins at the weights you chose. By coin ratio, it trades back to them as soon as one "
            "coin is further from its weight than the threshold. By time, it looks at fixed moments and trades if the worst "
            "drift is above the gate. What is over its weight is sold first, then what is under it is bought."
        ),
    ),
    (
        tr("What is shown"),
        tr(
            "Drift is the present weight minus the target weight, in percentage points. HODL is the same money, bought at "
            "the target weights and never traded again. The window shows what the engine has done, never what a form "
            "wished; each change of decision is one sentence in the journal."
        ),
    ),
    (
        tr("Keys"),
        tr(
            "Ctrl+N new strategy. F5 rebalance the chosen strategy now. Ctrl+E edit its rule, levels and name. Ctrl+T test its rule. Ctrl+K stop "
            "all: no new order until you resume. Ctrl+C copies the chosen rows of a table. Ctrl+comma settings. F1 this page. Ctrl+Q quit."
        ),
    ),
    (
        tr("Risk"),
        RISK_TEXT,
    ),
)


class HelpDialog(QDialog):
    """One page of text that scrolls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("helpDialog")
        self.setWindowTitle(tr("Help"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(4)
        for title, text in _SECTIONS:
            column.addWidget(TextLabel(title, TextType.TITLE))
            column.addWidget(TextLabel(text, TextType.BODY, Ink.TEXT2, wrap=True))
            column.addSpacing(12)
        column.addStretch(1)
        row = ActionRow(56)
        close = push_button(tr("Close"), "helpCloseButton", kind=ButtonKind.MAIN)
        close.clicked.connect(self.accept)
        row.right.addWidget(close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(form_scroll_area(content, "helpScroll"), 1)
        outer.addWidget(row)
        self.resize(560, 520)
