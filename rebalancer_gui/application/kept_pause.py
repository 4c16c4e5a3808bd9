"""A pause that the exchange asked for outlives the program: one that is started anew meanwhile asks nothing either.

An exchange that is asked on in a pause answers with a longer one. Kept only of a venue that counts how often it is asked
(``AccountSetup.calls_per_minute``); the paper account knows no pause.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.domain.errors import StoreUnavailable, VenueUnavailable

PAUSE_KEY = "pause_until"
MARGIN = timedelta(seconds=5)
"""This computer's clock may have been set meanwhile."""
LONGEST = timedelta(days=3)
"""Further ahead no pause ends: the clock has gone back."""


def keep(setup: AccountSetup, span: timedelta) -> None:
    """Store that the venue wants to be left alone for ``span`` from now on; its store must be open.

    Best effort: where it cannot be stored now, it holds for this program all the same.
    """
    if setup.calls_per_minute is None:
        return
    with suppress(StoreUnavailable), setup.store.transaction():
        setup.store.set_value(PAUSE_KEY, (setup.venue.clock.now() + span).isoformat())


def left(setup: AccountSetup, values: Mapping[str, str]) -> timedelta | None:
    """What is left of a pause that an earlier program was asked for (None: nothing)."""
    kept = values.get(PAUSE_KEY, "")
    if not kept or setup.calls_per_minute is None:
        return None
    span = datetime.fromisoformat(kept) + MARGIN - setup.venue.clock.now()
    return span if timedelta(0) < span <= LONGEST + MARGIN else None


def respect(setup: AccountSetup, values: Mapping[str, str]) -> None:
    """Raise VenueUnavailable while it lasts, before anything is asked."""
    span = left(setup, values)
    if span is not None:
        raise VenueUnavailable(
            f"{setup.venue.name} asked for a pause before the program was started; it ends in {-(-span // _SECOND)} s.",
            "Until then nothing is asked and nothing is sent.",
            retry_after=span,
        )


_SECOND = timedelta(seconds=1)
