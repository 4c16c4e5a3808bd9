"""What the icon in the tray says: one state for all accounts, as a shape, a colour and words. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.strategy import OCCUPYING, State, TradingMode
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr


@dataclass(frozen=True, slots=True)
class TrayPicture:
    """``icon`` is the badge's shape, ``ink`` its colour, ``words`` the same in a sentence. ``stopped``: Stop all is on."""

    icon: str
    ink: Ink
    words: str
    stopped: bool = False


def picture_of(accounts: Sequence[AccountView], failed: int = 0, *, ended: bool = False) -> TrayPicture:
    """The worst that is true of any account. ``failed``: accounts that could not be opened; ``ended``: no engine runs."""
    if ended:
        return TrayPicture("halted", Ink.LOSS, tr("The engine does not run."))
    standing = [s for view in accounts for s in view.strategies if s.state in OCCUPYING]
    halted = sum(s.state is State.HALTED for s in standing)
    if any(view.stop_all for view in accounts):
        return TrayPicture("stop-all", Ink.LOSS, tr("Stop all is on: nothing is sent."), stopped=True)
    broken = failed + sum(bool(view.halted) for view in accounts)
    if broken:
        return TrayPicture("halted", Ink.LOSS, tr("Halted: %n accounts", "", broken))
    if halted:
        return TrayPicture(
            "halted", Ink.LOSS, tr("Halted: {halted} of %n strategies", "", len(standing), halted=halted)
        )
    if not standing:
        return TrayPicture("ended", Ink.TEXT2, tr("No strategy runs."))
    if all(
        view.trading is TradingMode.WATCH for view in accounts if any(s.state in OCCUPYING for s in view.strategies)
    ):
        return TrayPicture("eye", Ink.WARN, tr("Watch only: %n strategies", "", len(standing)))
    if all(s.state is State.PAUSED for s in standing):
        return TrayPicture("paused", Ink.WARN, tr("Paused: %n strategies", "", len(standing)))
    return TrayPicture("running", Ink.GAIN, tr("Running: %n strategies", "", len(standing)))
