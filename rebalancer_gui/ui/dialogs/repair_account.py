"""What can be done for one account whose files are damaged, while the others run. GUI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from rebalancer_gui.application.records import Repair
from rebalancer_gui.ui.repair_options import RepairOptions
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot, form_scroll_area

WIDTH = 560


class RepairDialog(QDialog):
    """`repairDialog`: why the account is halted and a button for each way out; `repairConfirmed(object)`: a ``Repair``."""

    repairConfirmed = Signal(object)

    def __init__(self, account: str, fault: str, repairs: Sequence[Repair], parent: QWidget | None = None) -> None:
        """``repairs``: at least one."""
        super().__init__(parent)
        self.setObjectName("repairDialog")
        self.setWindowTitle(tr("Repair {account}", account=account))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        title = tr("{account} is halted: nothing is sent for it", account=account)
        column.addWidget(TextLabel(title, TextType.TITLE, object_name="repairTitle", wrap=True))
        column.addWidget(TextLabel(fault, TextType.BODY, Ink.LOSS, object_name="repairFault", wrap=True))
        others = tr(
            "The other accounts go on. For the moment of the repair the engine is stopped safely; then all accounts are opened "
            "anew and go on where they are."
        )
        column.addWidget(TextLabel(others, TextType.BODY, Ink.TEXT2, wrap=True))
        column.addSpacing(8)
        options = RepairOptions()
        options.show_repairs(repairs)
        options.confirmed.connect(self._confirmed)
        column.addWidget(options)
        column.addStretch(1)
        foot = ActionRow(56)
        close = push_button(tr("Close"), "repairCloseButton")
        close.clicked.connect(self.reject)
        foot.right.addWidget(close)
        above_foot(self, form_scroll_area(content, "repairScroll", tr("Ways to repair it")), foot)
        self.setFixedWidth(WIDTH)
        self.resize(WIDTH, self.sizeHint().height())
        close.setFocus()

    def _confirmed(self, repair: Repair) -> None:
        self.accept()
        self.repairConfirmed.emit(repair)
