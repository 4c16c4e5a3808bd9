"""The dialog that leads to real money before a bare page, which is made ten times faster than the window. Test data only."""

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from rebalancer_gui.application import commands as c
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.dialogs.go_live import GoLiveDialog
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.go_live_flow import GoLiveFlow
from tests.ui.fake_engine import FakeEngine
from tests.ui.fake_live import LiveAccount, bought, sold_back
from tests.ui.parts import found

NAME = "Binance main"


@dataclass
class Desk:
    """A page with the flow, and an engine that answers when the test lets it. ``said`` is what the action row would say."""

    page: QWidget
    feed: EngineFeed
    engine: FakeEngine
    waiting: list[c.Command]
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.flow = GoLiveFlow(self.feed, NumberFormat(), self.page)
        self.flow.said.connect(self.said.append)

    @property
    def account(self) -> LiveAccount:
        assert isinstance(self.engine.account, LiveAccount)
        return self.engine.account

    @property
    def dialog(self) -> GoLiveDialog:
        found_dialog = next(d for d in self.page.findChildren(GoLiveDialog) if d.isVisible())
        assert isinstance(found_dialog, GoLiveDialog)
        return found_dialog

    def update(self) -> None:
        """A new picture of the account."""
        self.engine.tell()
        self.feed.flush()
        QApplication.processEvents()

    def answer(self) -> None:
        """Let the engine answer everything that was asked."""
        while self.waiting:
            self.engine.handle(self.waiting.pop(0))
        self.feed.flush()
        QApplication.processEvents()

    def taken(self, kind: type[Any]) -> list[Any]:
        return [command for command in (*self.engine.taken, *self.waiting) if isinstance(command, kind)]

    def press(self, name: str) -> None:
        """Click a button of the dialog; it must be enabled."""
        button = found(self.dialog, QPushButton, name)
        assert button.isEnabled(), f"{name} is disabled: {button.toolTip()}"
        button.click()
        QApplication.processEvents()


def opened(desk: Desk, *, answered: bool = True) -> GoLiveDialog:
    desk.flow.open()
    while not desk.dialog.is_complete:
        QApplication.processEvents()
    if answered:
        desk.answer()
    return desk.dialog


def contacted(desk, *, looked: bool = False) -> None:
    """The first contact is made and over."""
    dialog = begun(desk, looked=looked)
    desk.account.strategies[-1].state = State.BUILDING
    bought(desk.account, desk.engine.history, desk.feed.take)
    sold_back(desk.account, desk.engine.history, desk.feed.take)
    desk.update()
    desk.answer()
    assert dialog.isVisible()


def begun(desk, *, looked: bool = False) -> GoLiveDialog:
    dialog = opened(desk)
    if looked:
        found(dialog, QCheckBox, "noWithdrawCheck").click()
    desk.press("beginContactButton")
    found(dialog, QPushButton, "firstContactConfirmButton").click()
    desk.answer()
    return dialog


def filled(dialog, *, amount="500", name=NAME, agree=True) -> None:
    found(dialog, QLineEdit, "maxOrderEdit").setText(amount)
    found(dialog, QCheckBox, "riskAcceptCheck").setChecked(agree)
    found(dialog, QLineEdit, "goLiveNameEdit").setText(name)


def text(dialog: QWidget, name: str) -> str:
    label = found(dialog, QLabel, name)
    return label.text().replace("\u00a0", " ") if label.isVisibleTo(dialog) else ""


def banner(dialog: QWidget, name: str) -> str:
    box = found(dialog, QWidget, name)
    return box.accessibleName() if box.isVisibleTo(dialog) else ""


def rows(dialog) -> dict[str, str]:
    return {text(dialog, f"connectionWhat{i}"): text(dialog, f"connectionFound{i}") for i in range(7)}
