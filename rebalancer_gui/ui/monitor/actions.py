"""What may be done with a strategy now, and if not, why not: the tooltips of the action row. Pure: no Qt."""

from __future__ import annotations

from dataclasses import dataclass

from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.strategy import HaltKind, State
from rebalancer_gui.ui.translation import tr

_WHY_NOT_RUNNING = {
    State.WAITING: tr("Not while it waits for its trigger."),
    State.BUILDING: tr("Not yet: the portfolio is being built."),
    State.PAUSED: tr("Not while it is paused: press Resume first."),
    State.HALTED: tr("Not while it is halted."),
    State.STOPPING: tr("It is being stopped."),
    State.ENDED: tr("This strategy has ended."),
}
_WATCH = tr("Not on watch only: switch trading on in Settings (Ctrl+,) first.")
_STOP_ALL = tr("Not while trading is stopped: press Resume trading first.")


MISSING_FIRST = tr("Something of it is missing at the exchange: book the loss, or deposit it again, first.")
_CHECKING = tr("Not while the outcome of an order is being looked up.")
UNDECIDED = tr("Not while an order of it is yours to decide: look at the order first.")


@dataclass(frozen=True, slots=True)
class Allowed:
    """For each button: None when it may be pressed, else why not. ``resume``: the pause button says Resume."""

    rebalance: str | None
    pause: str | None
    stop: str | None
    resume: bool
    add: str | None = None
    remove: str | None = None
    change: str | None = None
    edit: str | None = None


def allowed(view: StrategyView, *, stop_all: bool, engine_ended: bool = False, watch_only: bool = False) -> Allowed:
    """What the action row offers for ``view``."""
    resume = view.state is State.PAUSED
    if engine_ended:
        gone = tr("The engine is not running.")
        return Allowed(gone, gone, gone, resume, gone, gone, gone, gone)
    not_running = _WHY_NOT_RUNNING.get(view.state)
    pause = None if resume else not_running
    open_order = _CHECKING if view.checking_order else UNDECIDED if view.quarantined else None
    trade = not_running or open_order
    stop = not_running if view.state in {State.STOPPING, State.ENDED} else None
    # Rule and levels only say what is done later: they may be changed in every state that is not over.
    edit = stop
    if view.missing and stop is None:
        stop = MISSING_FIRST
    if stop_all and view.state not in {State.STOPPING, State.ENDED}:
        return Allowed(_STOP_ALL, _STOP_ALL, stop, resume, _STOP_ALL, _STOP_ALL, _STOP_ALL, edit)
    if watch_only and view.state not in {State.STOPPING, State.ENDED}:
        return Allowed(_WATCH, pause, stop, resume, _WATCH, _WATCH, _WATCH, edit)
    # Money of a strategy that waits is only moved.
    funds = None if view.state is State.WAITING else trade
    # A closed market is cured by other coins: that is the way out of this halt.
    cured = view.state is State.HALTED and view.halt is HaltKind.MARKET
    change = trade
    if open_order is None and (cured or view.state in {State.WAITING, State.PAUSED}):
        change = None
    return Allowed(
        rebalance=trade,
        pause=pause,
        stop=stop,
        resume=resume,
        add=funds,
        remove=funds,
        change=change,
        edit=edit,
    )
