"""The banner over everything of an account: that it trades no more, with what to do, or that real money is only watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.strategy import TradingMode
from rebalancer_gui.ui.live_words import CONTACT_WAITS, contact_of, contact_waits, go_live_text, is_live, money_of
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice

_WHAT_TO_DO = tr(
    "Nothing is sent for any strategy; coins and cash stay where they are. The journal has the cause (see it with All "
    "strategies); put it right at the exchange, then start the program again. A strategy can be stopped and its coins kept."
)


class AccountBanner(QWidget):
    """`accountHaltBanner` and `watchOnlyBanner` with the window's margins; hidden while the account trades. `waitingBanner`
    tells of accounts that cannot be opened, whichever account is shown.

    `watchOnlyBannerButton` leads to the dialog that switches trading on (`goLivePressed`), or where the key is locked to the
    accounts, where it is unlocked or given again (`accountsPressed`). `waitingBannerButton` leads to what helps
    (`waitingPressed`).
    """

    goLivePressed = Signal()
    accountsPressed = Signal()
    waitingPressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._banner = Banner("accountHaltBanner")
        self._watch = Banner("watchOnlyBanner", inline=True)
        self._watch.actionPressed.connect(self._pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        self._waits = Banner("waitingBanner")
        self._waits.actionPressed.connect(self._waits_pressed)
        column.addWidget(self._waits)
        column.addWidget(self._banner)
        column.addWidget(self._watch)
        self.hide()

    @Slot(str)
    def _pressed(self, action: str) -> None:
        (self.accountsPressed if action == "accounts" else self.goLivePressed).emit()

    @Slot(str)
    def _waits_pressed(self, action: str) -> None:
        (self.accountsPressed if action == "accounts" else self.waitingPressed).emit()

    def show_others(
        self, locked: Sequence[AccountView], waiting: Mapping[str, str], failed: Mapping[str, str], button: str
    ) -> None:
        """Accounts that are not on screen and for which nothing is sent: ``locked`` ones, those that wait for their exchange,
        and those that could not be opened as they are, each with why. ``button`` leads to what helps ("" = nothing does from
        here); one that failed is repaired from the list of accounts.
        """
        told = [
            *(
                (Level.WARNING, tr("{title} only watches without its key", title=view.title), view.locked)
                for view in locked
            ),
            *(
                (
                    Level.WARNING,
                    tr("{name} waits: nothing is sent for it", name=name),
                    tr("{why}. It is tried again.", why=why.rstrip(".")),
                )
                for name, why in waiting.items()
            ),
        ]
        action = "help" if button else ""
        repair, where = (tr("Accounts\u2026"), "accounts") if button else ("", "")
        self._waits.show_notices(
            [
                *(Notice(level, title, why, button, action) for level, title, why in told),
                *(
                    Notice(
                        Level.BLOCKING, tr("{name} is halted: nothing is sent for it", name=name), why, repair, where
                    )
                    for name, why in failed.items()
                ),
            ]
        )
        self._fold()

    def _fold(self) -> None:
        """Without anything to say it takes no room."""
        self.setVisible(any(part.notice is not None for part in (self._waits, self._banner, self._watch)))

    def show_view(self, view: AccountView) -> None:
        """The newest picture of the account."""
        self._watch.show_notice(_watch_notice(view))
        self._banner.show_notice(_halt_notice(view))
        self._fold()


def _halt_notice(view: AccountView) -> Notice | None:
    if not view.halted:
        return None
    reason = view.halted.strip().rstrip(".")
    title = (
        tr("{title} is held", title=view.title)
        if view.halted_advice
        else tr("{title} trades no more", title=view.title)
    )
    return Notice(Level.BLOCKING, title, f"{reason}. {view.halted_advice or _WHAT_TO_DO}")


def _watch_notice(view: AccountView) -> Notice | None:
    """What a live account says while nothing of its strategies is sent."""
    if not is_live(view):
        return None
    if view.locked:
        title = tr("{title} only watches without its key.", title=view.title)
        return Notice(Level.WARNING, title, view.locked, tr("Accounts\u2026"), "accounts", icon="lock")
    if contact_waits(view):
        title = tr("The first contact was cut short.")
        return Notice(Level.WARNING, title, CONTACT_WAITS, tr("Test the connection\u2026"), "contact", icon="building")
    if contact_of(view) is not None:
        text = tr(
            "One smallest order is bought and sold back with {money}. Nothing else is sent.", money=money_of(view)
        )
        return Notice(
            Level.NOTE, tr("The first contact is under way."), text, tr("Show it\u2026"), "contact", icon="building"
        )
    if view.trading is not TradingMode.WATCH:
        return None
    text = tr("Plans are shown, nothing is sent.")
    return Notice(
        Level.NOTE, tr("{title} is on watch only.", title=view.title), text, go_live_text(view), "go-live", icon="eye"
    )
