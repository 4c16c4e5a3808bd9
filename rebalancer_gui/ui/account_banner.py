"""The banner over everything of an account: that it trades no more, with what to do, or that real money is only watched."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.strategy import TradingMode
from rebalancer_gui.ui.live_words import CONTACT_WAITS, GO_LIVE, contact_of, contact_waits, is_live
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice

_WHAT_TO_DO = (
    "Nothing is sent for any strategy; coins and cash stay where they are. The journal has the cause (see it with All "
    "strategies); put it right at the exchange, then start the program again. A strategy can be stopped and its coins kept."
)


class AccountBanner(QWidget):
    """`accountHaltBanner` and `watchOnlyBanner` with the window's margins; hidden while the account trades.

    `watchOnlyBannerButton` leads to the dialog that switches trading on (`goLivePressed`), or where the key is locked to the
    accounts, where it is unlocked or given again (`accountsPressed`).
    """

    goLivePressed = Signal()
    accountsPressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._banner = Banner("accountHaltBanner")
        self._watch = Banner("watchOnlyBanner", inline=True)
        self._watch.actionPressed.connect(self._pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.addWidget(self._banner)
        column.addWidget(self._watch)
        self.hide()

    @Slot(str)
    def _pressed(self, action: str) -> None:
        (self.accountsPressed if action == "accounts" else self.goLivePressed).emit()

    def show_view(self, view: AccountView) -> None:
        """The newest picture of the account."""
        watch = _watch_notice(view)
        self.setVisible(bool(view.halted) or watch is not None)
        self._watch.show_notice(watch)
        if not view.halted:
            self._banner.show_notice(None)
            return
        reason = view.halted.strip().rstrip(".")
        title = f"{view.title} is held" if view.halted_advice else f"{view.title} trades no more"
        notice = Notice(Level.BLOCKING, title, f"{reason}. {view.halted_advice or _WHAT_TO_DO}")
        self._banner.show_notice(notice)


def _watch_notice(view: AccountView) -> Notice | None:
    """What a live account says while nothing of its strategies is sent."""
    if not is_live(view):
        return None
    if view.locked:
        title = f"{view.title} only watches without its key."
        return Notice(Level.WARNING, title, view.locked, "Accounts\u2026", "accounts", icon="lock")
    if contact_waits(view):
        title = "The first contact was cut short."
        return Notice(Level.WARNING, title, CONTACT_WAITS, "Test the connection\u2026", "contact", icon="building")
    if contact_of(view) is not None:
        text = "One smallest order is bought and sold back with real money. Nothing else is sent."
        return Notice(Level.NOTE, "The first contact is under way.", text, "Show it\u2026", "contact", icon="building")
    if view.trading is not TradingMode.WATCH:
        return None
    text = "Plans are shown, nothing is sent."
    return Notice(Level.NOTE, f"{view.title} is on watch only.", text, GO_LIVE, "go-live", icon="eye")
