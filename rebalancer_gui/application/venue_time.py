"""The venue's time against ours, and clocks that jump (ORDERS.md section 5, FAILURES.md rows 11, 36, 37).

Wall time can be set forward or back, monotonic time stands still while the machine sleeps. What an order's fence is counted
in is therefore the later of two reckonings from the newest measurement: too late only makes the proof that an order is
absent wait longer, too early could let an order be sent twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from rebalancer_gui.application.ports import Clock, Venue
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.rails import RAILS, Rail

MEASURE_EVERY = timedelta(minutes=30)
TRY_AGAIN = timedelta(seconds=10)
WARN_ABOVE, BLOCK_ABOVE = (timedelta(seconds=int(RAILS[r].default or 0)) for r in (Rail.CLOCK_WARN, Rail.CLOCK_BLOCK))
JUMP = timedelta(seconds=30)
"""A machine that slept, or a clock that was set: wall and monotonic time went apart by more than this."""
BACK = timedelta(seconds=1)
"""A clock that was set back by more than this."""


@dataclass(frozen=True, slots=True)
class _Measured:
    """One measurement: the venue's time, ours, and monotonic seconds of the same moment."""

    venue: datetime
    wall: datetime
    monotonic: float


class VenueTime:
    """Of one account. ``same`` True: the venue's clock is the account's own (the demo market), nothing is measured."""

    def __init__(self, venue: Venue, *, same: bool) -> None:
        self._venue = venue
        self._clock: Clock = venue.clock
        self._same = same
        self._measured: _Measured | None = None
        self._next = 0.0
        self._last: tuple[datetime, float] | None = None

    @property
    def ahead(self) -> timedelta:
        """By how much the venue's time was ahead of ours when it was measured last."""
        return self._measured.venue - self._measured.wall if self._measured is not None else timedelta(0)

    def now(self) -> datetime:
        """The venue's time, never too early as far as can be known."""
        wall = self._clock.now() + self.ahead
        if self._measured is None:
            return wall
        passed = timedelta(seconds=self._clock.monotonic() - self._measured.monotonic)
        return max(wall, self._measured.venue + passed)

    async def measure(self, *, force: bool = False) -> bool:
        """Ask the venue when it is due; False when it did not answer."""
        if self._same or (not force and self._measured is not None and self._clock.monotonic() < self._next):
            return True
        before = self._clock.monotonic()
        try:
            said = await self._venue.server_time()
        except VenueUnavailable:
            self._next = self._clock.monotonic() + TRY_AGAIN.total_seconds()
            return False
        after = self._clock.monotonic()
        # The answer is half a round trip old.
        said += timedelta(seconds=(after - before) / 2)
        self._measured = _Measured(said, self._clock.now(), after)
        self._next = after + MEASURE_EVERY.total_seconds()
        return True

    def jumped(self) -> timedelta:
        """How far wall time ran ahead of monotonic time since the last question (< 0: it was set back); 0 when they agree
        well enough.
        """
        if self._same:
            return timedelta(0)
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        last, self._last = self._last, (wall, monotonic)
        if last is None:
            return timedelta(0)
        apart = (wall - last[0]) - timedelta(seconds=monotonic - last[1])
        return apart if apart > JUMP or apart < -BACK else timedelta(0)

    def hold(self) -> str:
        """Why no order may be sent for the time's sake; "" when one may."""
        if abs(self.ahead) <= BLOCK_ABOVE:
            return ""
        return f"the clock of this computer is {_off(self.ahead)}: set it right (more than 5 s is too much to trade on)"

    def warning(self) -> str:
        """What is said of a clock that is a little wrong; "" when it is right."""
        if abs(self.ahead) <= WARN_ABOVE:
            return ""
        return f"The clock of this computer is {_off(self.ahead)} against the exchange's."


def _off(ahead: timedelta) -> str:
    seconds = abs(ahead).total_seconds()
    return f"{seconds:,.1f} s {'slow' if ahead > timedelta(0) else 'fast'}"
