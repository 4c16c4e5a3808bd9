"""What may be done with a strategy now, and if not, why not: the tooltips of the action row. Pure: no Qt."""

from __future__ import annotations

from dataclasses import dataclass

from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.strategy import EndReason, State
from rebalancer_gui.ui.widgets.halt_banner import Halt

_WHY_NOT_RUNNING = {
    State.WAITING: "Not while it waits for its trigger.",
    State.BUILDING: "Not yet: the portfolio is being built.",
    State.PAUSED: "Not while it is paused: press Resume first.",
    State.HALTED: "Not while it is halted.",
    State.STOPPING: "It is being stopped.",
    State.ENDED: "This strategy has ended.",
}
_STOP_ALL = "Not while trading is stopped: press Resume trading first."
STOP_ALL_ADVICE = "Press Resume trading"


@dataclass(frozen=True, slots=True)
class Allowed:
    """For each button: None when it may be pressed, else why not. ``resume``: the pause button says Resume."""

    rebalance: str | None
    pause: str | None
    stop: str | None
    resume: bool


def allowed(view: StrategyView, *, stop_all: bool, engine_ended: bool = False) -> Allowed:
    """What the action row offers for ``view``."""
    resume = view.state is State.PAUSED
    if engine_ended:
        gone = "The engine is not running."
        return Allowed(gone, gone, gone, resume)
    rebalance = _WHY_NOT_RUNNING.get(view.state)
    pause = None if resume else rebalance
    if view.checking_order and rebalance is None:
        rebalance = "Not while the outcome of an order is being looked up."
    if stop_all and view.state not in {State.STOPPING, State.ENDED}:
        rebalance = pause = _STOP_ALL
    stop = _WHY_NOT_RUNNING[view.state] if view.state in {State.STOPPING, State.ENDED} else None
    return Allowed(rebalance, pause, stop, resume)


def halt_of(view: StrategyView, *, stop_all: bool) -> Halt | None:
    """The halted banner's words; None for a strategy that is not halted."""
    if view.state is not State.HALTED:
        return None
    if stop_all or view.reason == EndReason.STOP_ALL.value:
        return Halt(
            "Halted: Stop all",
            "Stop all was pressed: no order is sent on any account. Coins and cash stay where they are.",
            view.advice or "Press Resume trading to put every strategy back, or stop this one.",
            action="Resume trading" if stop_all else "",
            resume_blocked="Resume trading lifts Stop all for every strategy first." if stop_all else None,
        )
    reason = view.reason.rstrip(".") or "the cause is in the journal"
    headline = reason if len(reason) <= 72 else "nothing is sent"
    return Halt(
        f"Halted: {headline}",
        f"{reason[:1].upper()}{reason[1:]}. Nothing is sent; coins and cash stay where they are.",
        view.advice or "Look at the journal for the cause, then press Resume; or stop the strategy.",
    )
