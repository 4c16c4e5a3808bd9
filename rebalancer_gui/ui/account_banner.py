"""The banner over everything of an account that trades no more: why, and what to do."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice

_WHAT_TO_DO = (
    "Nothing is sent for any strategy; coins and cash stay where they are. The journal has the cause (see it with All "
    "strategies); put it right at the exchange, then start the program again. A strategy can be stopped and its coins kept."
)


class AccountBanner(QWidget):
    """`accountHaltBanner` with the window's margins; hidden while the account trades."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._banner = Banner("accountHaltBanner")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self._banner)
        self.hide()

    def show_view(self, view: AccountView) -> None:
        """The newest picture of the account."""
        self.setVisible(bool(view.halted))
        if not view.halted:
            self._banner.show_notice(None)
            return
        reason = view.halted.strip().rstrip(".")
        title = f"{view.title} is held" if view.halted_advice else f"{view.title} trades no more"
        notice = Notice(Level.BLOCKING, title, f"{reason}. {view.halted_advice or _WHAT_TO_DO}")
        self._banner.show_notice(notice)
