"""Screens of an account with real money, before and after trading is switched on; ``pictures.py`` takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from PySide6.QtWidgets import QPushButton, QScrollArea

from rebalancer_gui.domain.strategy import TradingMode
from rebalancer_gui.ui.dialogs.go_live import GoLiveDialog
from tests.ui.fake_live import LiveAccount, begin, bought, live_account, sold_back, with_rights
from tests.ui.picture_stage import Stage, spin
from tests.ui.sample_account import SampleAccount
from tests.ui.sample_history import sample_history
from tests.ui.screenshots import Act, _funds, _nothing, _settings, _stop


def proven(account: LiveAccount) -> LiveAccount:
    """Its first contact is made."""
    history = sample_history(account)
    begin(account, "LTC/USDT")
    bought(account, history, lambda event: None)
    sold_back(account, history, lambda event: None)
    return account


def under_way(account: LiveAccount) -> LiveAccount:
    """Its first contact has bought."""
    begin(account, "LTC/USDT")
    account.strategies[-1].state = account.strategies[-1].state.STOPPING
    return account


def _go_live(below: int = 0, *, filled: bool = False, name: str = "") -> Act:
    """Open the dialog, scrolled down by so many pixels."""

    def act(stage: Stage) -> None:
        stage.window.presses.go_live.open()
        dialog = stage.window.findChild(GoLiveDialog)
        assert dialog is not None
        spin(lambda: True, 300)
        if filled:
            dialog.trading.amount.set_value(Decimal(500))
            dialog.trading.agree.setChecked(True)
        dialog.trading.name.setText(name)
        spin(lambda: True, 200)
        area = dialog.findChild(QScrollArea, "goLiveScroll")
        assert area is not None
        area.verticalScrollBar().setValue(below)
        spin(lambda: True, 200)

    return act


def _contact(*, confirmed: bool) -> Act:
    """Press the button of the first contact; the question stands, or is answered with yes."""

    def act(stage: Stage) -> None:
        _go_live(200)(stage)
        _press_in(stage, "beginContactButton")
        if confirmed:
            _press_in(stage, "firstContactConfirmButton")
        spin(lambda: True, 600)

    return act


def _press_in(stage: Stage, name: str) -> None:
    dialog = stage.window.findChild(GoLiveDialog)
    button = dialog.findChild(QPushButton, name) if dialog is not None else None
    assert button is not None
    button.click()
    spin(lambda: True, 200)


def _stage(make: Callable[[], SampleAccount]) -> Callable[[], Stage]:
    return lambda: Stage(make())


_ALL_ON = {"trading": TradingMode.AUTO}
BAD = replace(
    with_rights(may_withdraw=True, ip_restricted=False, others=("margin", "internal transfers")),
    time_offset=timedelta(seconds=2),
)
SCREENS_OF_LIVE: dict[str, tuple[Callable[[], Stage], Act]] = {
    "live-watch": (_stage(live_account), _nothing),
    "live-on": (_stage(lambda: live_account(**_ALL_ON)), _nothing),
    "live-contact-window": (_stage(lambda: under_way(live_account())), _nothing),
    "live-go": (_stage(live_account), _go_live()),
    "live-go-low": (_stage(live_account), _go_live(2000, name="Binance mai")),
    "live-go-refused": (_stage(lambda: live_account(report=BAD, offers=())), _go_live()),
    "live-go-unknown": (_stage(lambda: live_account(report=with_rights(may_withdraw=None, ip_restricted=None))), _go_live()),
    "live-go-unreachable": (_stage(lambda: live_account(unreachable="no answer within 10 s.")), _go_live()),
    "live-go-question": (_stage(live_account), _contact(confirmed=False)),
    "live-go-contact": (_stage(live_account), _contact(confirmed=True)),
    "live-go-proven": (_stage(lambda: proven(live_account())), _go_live(200)),
    "live-go-ready": (_stage(lambda: proven(live_account())), _go_live(2000, filled=True, name="Binance main")),
    "live-settings-mode": (_stage(live_account), _settings(1)),
    "live-add-funds": (_stage(lambda: live_account(**_ALL_ON)), _funds("addFundsButton", "1000")),
    "live-stop": (_stage(lambda: live_account(**_ALL_ON)), _stop(sell=True)),
}  # fmt: skip
