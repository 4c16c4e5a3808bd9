"""Keeps a venue's price channel open: subscribed to what is wanted, watched, and opened anew when it is broken or silent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from rebalancer_gui.adapters.market_data.live_quotes import ChannelWatch, Tick
from rebalancer_gui.adapters.market_data.price_source import PriceSource, PriceStream
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.domain.errors import VenueUnavailable

_log = logging.getLogger(__name__)

LOOK_EVERY = 0.5
"""Seconds between two looks at the channel."""
RECONNECT_AFTER = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds before the next try after so many in a row that came to nothing."""
RESUBSCRIBE_AFTER = 10.0
"""Seconds that a connection stands at least before it gives way to one with more markets; until then those are polled."""
LIVED = 30.0
"""A connection that brought prices and lasted so many seconds was a good one."""


class LiveChannel:
    """``wanted`` says what to subscribe to, ``may_connect`` whether the venue may be bothered now; ``take`` is given each tick
    as it comes, ``failed`` what broke a connection.
    """

    def __init__(
        self,
        source: PriceSource,
        clock: Clock,
        *,
        wanted: Callable[[], frozenset[str]],
        may_connect: Callable[[], bool],
        take: Callable[[Tick], None],
        failed: Callable[[VenueUnavailable], None],
    ) -> None:
        self._source = source
        self._clock = clock
        self._wanted = wanted
        self._may_connect = may_connect
        self._take = take
        self._failed = failed
        self._watch: ChannelWatch | None = None
        self.reconnects = 0
        """How often a connection was given up since the start."""

    @property
    def is_pushing(self) -> bool:
        """Whether a connection stands that has brought prices."""
        return self._watch is not None and self._watch.pushes > 0

    def contradicted(self) -> None:
        """A poll told a price that the channel has not told."""
        if self._watch is not None:
            self._watch.contradicted()

    async def keep(self) -> None:
        """For ever; returns at once where the venue has no channel."""
        if not self._source.streams:
            return
        tries = 0
        while True:
            symbols = self._wanted()
            if not symbols or not self._may_connect():
                await self._clock.sleep(LOOK_EVERY)
                continue
            began = self._clock.monotonic()
            why, was_good = await self._one(symbols)
            if why == "":
                continue
            self.reconnects += 1
            _log.info("the price channel of %s is opened anew: %s", self._source.name, why)
            lasted = self._clock.monotonic() - began
            tries = 0 if was_good and lasted >= LIVED else min(tries + 1, len(RECONNECT_AFTER) - 1)
            await self._clock.sleep(RECONNECT_AFTER[tries])

    async def _one(self, symbols: frozenset[str]) -> tuple[str, bool]:
        """Until it is broken or stalled (answers why), or more markets are wanted (""), and whether it ever brought a price."""
        stream = self._source.stream(symbols)
        watch = self._watch = ChannelWatch(self._clock.monotonic())
        readers = [asyncio.create_task(self._read(stream, channel, watch)) for channel in stream.channels]
        keep_until = self._clock.monotonic() + RESUBSCRIBE_AFTER
        try:
            while self._wanted() <= symbols or self._clock.monotonic() < keep_until:
                await self._clock.sleep(LOOK_EVERY)
                for reader in readers:
                    if reader.done():
                        return reader.result(), watch.pushes > 0
                now = self._clock.monotonic()
                watch.frames(stream.mark(), now)
                if watch.is_stalled(now):
                    return "it is silent", watch.pushes > 0
            return "", True
        finally:
            self._watch = None
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
            await stream.close()

    async def _read(self, stream: PriceStream, channel: str, watch: ChannelWatch) -> str:
        """Until the channel is broken; answers how."""
        while True:
            try:
                ticks = await stream.next(channel)
            except VenueUnavailable as error:
                self._failed(error)
                return error.message
            if ticks:
                watch.pushed(self._clock.monotonic())
            for tick in ticks:
                self._take(tick)
