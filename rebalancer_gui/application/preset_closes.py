"""The account's own daily closes for the returns on preset cards: loaded once a day, beside everything else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.candle_port import CandleQuestion, CandleSource, Pauses
from rebalancer_gui.application.presets import RETURN_DAYS
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.daily_closes import ONE_DAY, closes_until
from rebalancer_gui.domain.errors import InvalidInput, VenueUnavailable
from rebalancer_gui.domain.market import symbol_of

FIRST = 15.0
"""Seconds after the account was opened: prices and orders come first."""
AGAIN = 900.0
"""Seconds until a venue that did not answer, or not for all coins, is asked again."""
TRIES = 4
"""So often a day: a coin that is traded since today only has no close of yesterday."""
SETTLE = timedelta(minutes=2)
"""So long after midnight UTC a venue has the bar of the day that is over."""
_SPAN = timedelta(days=max(RETURN_DAYS) + 2)
_log = logging.getLogger(__name__)


class CandleCloses:
    """``DailyCloses`` out of an account's candles. Engine thread only."""

    def __init__(self, source: CandleSource) -> None:
        self._source = source
        self._series: dict[str, CandleSeries] = {}
        self.revision = 0

    def closes(self, symbol: str, at: datetime, days: int) -> Sequence[Decimal]:
        series = self._series.get(symbol)
        return closes_until(series, at, days) if series is not None else ()

    async def load(self, symbols: Sequence[str], at: datetime, pauses: Pauses) -> bool:
        """Have the closes of these markets up to ``at``; False when some are missing still. Raises VenueUnavailable where the venue does not answer, or not with
        those of yesterday; what was loaded before is kept.
        """
        until = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
        missing = tuple(symbol for symbol in symbols if not self.closes(symbol, at, 1))
        if not missing:
            return True
        # One question for all: a venue is connected to once for each.
        question = CandleQuestion(missing, ONE_DAY, until - _SPAN, until)
        try:
            answer = await self._source.load(question, lambda _done, _total: None, pauses)
        except InvalidInput as error:
            _log.info("there are no daily closes: %s", error.message)
            return False
        self._series.update(answer.series)
        self.revision += 1
        there = [bool(self.closes(symbol, at, 1)) for symbol in missing]
        if not any(there):
            raise VenueUnavailable("There was no daily close of yesterday.")
        return all(there)


class ClosesLoader:
    """Of one running account: keeps its ``CandleCloses`` up to date."""

    def __init__(self, account: Account) -> None:
        self._account = account
        closes = account.setup.preset_side.closes
        self._closes = closes if isinstance(closes, CandleCloses) else None
        self._task: asyncio.Task[None] | None = None
        self._loaded: tuple[date, int] | None = None
        self._tries = 0
        self._not_before = account.venue.clock.monotonic() + FIRST

    @property
    def revision(self) -> int:
        """Grows when there are other closes."""
        return self._closes.revision if self._closes is not None else 0

    def look(self) -> None:
        """Begin to load when a day is over or an own preset may hold other coins; cheap enough to be called with every batch."""
        if self._closes is None or (self._task is not None and not self._task.done()):
            return
        clock = self._account.venue.clock
        now = clock.now()
        shelf = self._account.setup.preset_side.shelf
        wanted = (now - SETTLE).date(), shelf.revision if shelf is not None else 0
        if wanted != self._loaded and clock.monotonic() >= self._not_before:
            self._not_before = clock.monotonic() + AGAIN
            self._task = asyncio.create_task(self._load(self._closes, wanted, now), name="daily closes")

    async def end(self) -> None:
        """Nothing is loaded any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _load(self, closes: CandleCloses, wanted: tuple[date, int], now: datetime) -> None:
        account = self._account
        symbols = (symbol_of(coin, account.quote_asset) for preset in account.presets for coin in preset.coins)
        complete = False
        self._tries += 1
        try:
            complete = await closes.load([s for s in dict.fromkeys(symbols) if account.is_open(s)], now, account.gate)
        except VenueUnavailable as error:
            _log.info("the daily closes of %s are loaded later: %s", account.name, error.message)
        if complete or self._tries == TRIES:
            # The next reason to load need not wait.
            self._loaded, self._tries, self._not_before = wanted, 0, 0.0
