"""Calls that may wait for a person: a keyring that asks to be unlocked must not hold up anything for ever."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

from rebalancer_gui.application.secrets import VaultLocked
from rebalancer_gui.domain.errors import EnvironmentProblem, RebalancerError

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds that a person has to unlock the keyring."""


def within(seconds: float, do: Callable[[], T], what: str) -> T:
    """``do()`` in a thread of its own. VaultLocked when it takes longer (the thread is left behind); raises the
    RebalancerError that it raises, and EnvironmentProblem when it ends otherwise (the thread tells how).
    """
    results: list[T] = []
    errors: list[RebalancerError] = []

    def run() -> None:
        try:
            results.append(do())
        except RebalancerError as error:
            errors.append(error)

    thread = Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise VaultLocked(f"{what} did not answer within {seconds:.0f} seconds.", "Unlock it, then try again.")
    if errors:
        raise errors[0]
    if not results:
        raise EnvironmentProblem(f"{what} failed in a way that is not known.", "The log file says more.")
    return results[0]
