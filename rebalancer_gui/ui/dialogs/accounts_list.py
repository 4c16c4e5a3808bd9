"""The accounts of this data folder: what they are, where their keys are, and how to take one away. GUI thread only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from rebalancer_gui.application.accounts import BUILT_IN, AccountRecord
from rebalancer_gui.application.connection import mode_of
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.domain.rails import AccountKind
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot, form_scroll_area, hairline

WIDTH, HEIGHT = 560, 420
_PLACES = {
    Place.KEYRING: tr("key in the system's keyring"),
    Place.PASSPHRASE: tr("key in the file locked with your passphrase"),
    Place.MEMORY: tr("key in memory, until the program ends"),
}


class AccountsDialog(QDialog):
    """`addAsked()`, `unlockAsked()`, `tryAgainAsked()`, `keyAsked(str)`, `repairAsked(str)`, `removeAsked(str)`: what was
    pressed; the dialog closes with it.
    """

    addAsked = Signal()
    keyAsked = Signal(str)
    unlockAsked = Signal()
    tryAgainAsked = Signal()
    removeAsked = Signal(str)
    repairAsked = Signal(str)

    def __init__(
        self,
        records: Sequence[AccountRecord],
        standing: set[str],
        *,
        locked: bool,
        faults: Mapping[str, str] | None = None,
        names: Mapping[str, str] | None = None,
        waiting: Mapping[str, str] | None = None,
        retry: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """``standing``: the accounts with a strategy that is not over; ``faults``: why accounts are halted, by name, also of
        those that have no record that could be read; ``names``: of exchanges by id; ``waiting``: why accounts wait;
        ``retry``: one waits for its exchange or its key, which can be tried at once.
        """
        super().__init__(parent)
        self._names, self._waiting = names or {}, waiting or {}
        self.setObjectName("accountsDialog")
        self.setWindowTitle(tr("Accounts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        unlisted = dict(faults or {})
        for number, record in enumerate(records):
            if number:
                column.addWidget(hairline())
            fault = unlisted.pop(record.name, "")
            column.addLayout(self._row(number, record, standing=record.name in standing, fault=fault))
        for number, (name, fault) in enumerate(unlisted.items(), start=len(records)):
            column.addWidget(hairline())
            column.addLayout(self._fault_row(number, name, fault))
        column.addStretch(1)
        foot = ActionRow(56)
        if locked:
            unlock = push_button(tr("Unlock keys\u2026"), "unlockKeysButton", icon="unlock")
            unlock.clicked.connect(lambda: self._leave(self.unlockAsked.emit))
            foot.left.addWidget(unlock)
        if retry:
            again = push_button(tr("Try again now"), "tryAgainButton", icon="refresh")
            again.setToolTip(tr("Accounts that wait for their key or their exchange are tried at once."))
            again.clicked.connect(lambda: self._leave(self.tryAgainAsked.emit))
            foot.left.addWidget(again)
        close = push_button(tr("Close"), "accountsCloseButton")
        close.clicked.connect(self.reject)
        add = push_button(tr("Add an account\u2026"), "addAccountButton", kind=ButtonKind.MAIN, icon="plus")
        add.clicked.connect(lambda: self._leave(self.addAsked.emit))
        foot.right.addWidget(close)
        foot.right.addWidget(add)
        above_foot(self, form_scroll_area(content, "accountsScroll", tr("All accounts")), foot)
        self.setFixedWidth(WIDTH)
        self.resize(WIDTH, HEIGHT)
        close.setFocus()

    def _fault_row(self, number: int, name: str, fault: str) -> QHBoxLayout:
        """Of an account that has no record that could be read."""
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(IconLabel("warning", Ink.LOSS), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(TextLabel(name, TextType.STRONG, object_name=f"accountName{number}"))
        words.addWidget(_fault_label(number, fault))
        row.addLayout(words, 1)
        row.addWidget(self._repair_button(number, name), 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _repair_button(self, number: int, name: str) -> QPushButton:
        button = push_button(tr("Repair\u2026"), f"repairAccountButton{number}", compact=True)
        button.setAccessibleName(tr("Repair {account}", account=name))
        button.clicked.connect(lambda: self._leave(lambda: self.repairAsked.emit(name)))
        return button

    def _row(self, number: int, record: AccountRecord, *, standing: bool, fault: str) -> QHBoxLayout:
        live = record.kind is AccountKind.LIVE
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(IconLabel("halted" if live else "coins", Ink.LOSS if live else Ink.TEXT2))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(TextLabel(record.name, TextType.STRONG, object_name=f"accountName{number}"))
        words.addWidget(TextLabel(describe(record, self._names), TextType.SMALL, Ink.TEXT2, wrap=True))
        waits = self._waiting.get(record.name)
        if fault:
            words.addWidget(_fault_label(number, fault))
        elif waits is not None:
            name = f"accountWaits{number}"
            words.addWidget(
                TextLabel(tr("It waits. {waits}", waits=waits), TextType.SMALL, Ink.WARN, object_name=name, wrap=True)
            )
        row.addLayout(words, 1)
        if fault:
            row.addWidget(self._repair_button(number, record.name), 0, Qt.AlignmentFlag.AlignVCenter)
        if live:
            key = push_button(tr("Another key\u2026"), f"accountKeyButton{number}", compact=True)
            key.setAccessibleName(tr("Another key for {record}", record=record.name))
            key.clicked.connect(lambda: self._leave(lambda: self.keyAsked.emit(record.name)))
            row.addWidget(key, 0, Qt.AlignmentFlag.AlignVCenter)
        remove = push_button(tr("Remove\u2026"), f"removeAccountButton{number}", compact=True)
        remove.setAccessibleName(tr("Remove {record}", record=record.name))
        remove.clicked.connect(lambda: self._leave(lambda: self.removeAsked.emit(record.name)))
        why = None
        if record.name == BUILT_IN:
            why = tr("The built-in paper account stays; it can begin anew (Paper account).")
        elif standing:
            why = tr("It has a strategy that is not over: stop it first.")
        block(remove, why)
        row.addWidget(remove, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _leave(self, then: object) -> None:
        self.accept()
        if callable(then):
            then()


def _fault_label(number: int, fault: str) -> TextLabel:
    return TextLabel(
        tr("Halted: {fault}", fault=fault), TextType.SMALL, Ink.LOSS, object_name=f"accountFault{number}", wrap=True
    )


def describe(record: AccountRecord, names: Mapping[str, str]) -> str:
    """Kind, exchange and key in one line. ``names``: of exchanges by id."""
    venue = record.venue
    if venue is None:
        return tr("Paper, on the demo market")
    name = names.get(venue.venue, venue.venue)
    where = name if venue.environment is None else f"{name}, {venue.environment}"
    if venue.api_url is not None:
        where = tr("{where} at {api_url}", where=where, api_url=venue.api_url)
    key = record.key
    if key is None:
        return tr("Paper, on live prices of {where}", where=where)
    ends = f"\u2026{key.ends_with}" if key.ends_with else key.fingerprint
    return tr(
        "{mode}, {where}; {PLACES}, ends with {ends}",
        mode=mode_of(venue),
        where=where,
        PLACES=_PLACES[key.place],
        ends=ends,
    )
