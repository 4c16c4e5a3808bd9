"""The bundled daily prices as candles: of the demo market up to its own time, elsewhere where there is no network.

The row of date D is the price at 00:00 UTC of D. It is the close of the bar that opened on D - 1 and the open of the bar
that opens on D; high and low between them are not known, so they are the higher and the lower of the two.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from rebalancer_gui.adapters.market_data.history import DailyHistory
from rebalancer_gui.application.candle_port import CandleAnswer, CandleQuestion, Pauses, Told
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput

DAY = timedelta(days=1)


class BundledCandles:
    """Implements ``CandleSource``. ``now``: later prices are not known yet (None: all are)."""

    def __init__(self, history: DailyHistory, now: Callable[[], datetime] | None = None) -> None:
        self._history = history
        self._now = now

    def timeframes(self) -> tuple[timedelta, ...]:
        return (DAY,)

    async def load(self, question: CandleQuestion, told: Told, pauses: Pauses) -> CandleAnswer:  # noqa: ARG002 - the port's
        """Needs no network. InvalidInput for another timeframe than 1 day and for a coin without prices."""
        if question.timeframe != DAY:
            raise InvalidInput("timeframe", "The bundled prices are daily ones: the only timeframe is 1 day.")
        until = question.until if self._now is None else min(question.until, self._now())
        series = {}
        for symbol in question.symbols:
            found = self._series(symbol, question.since, until)
            if len(found):
                series[symbol] = found
        missing = [symbol for symbol in question.symbols if symbol not in series]
        findings = [f"There are no bundled prices of {', '.join(missing)} in that time."] if missing else []
        if series:
            findings.append("Bundled prices are those of midnight UTC: a day's own high and low are not in them.")
        return CandleAnswer(series, "bundled daily prices, data provided by CoinGecko", tuple(findings))

    def _series(self, symbol: str, since: datetime, until: datetime) -> CandleSeries:
        base, _, quote = symbol.partition("/")
        opened, opens, closes = array("q"), array("d"), array("d")
        for day in self._days(base, since, until):
            close = self._price(base, quote, day + DAY)
            if close is not None:
                open_ = self._price(base, quote, day)
                opened.append(int(_midnight(day).timestamp()))
                opens.append(open_ if open_ is not None else close)
                closes.append(close)
        highs, lows = array("d", map(max, opens, closes)), array("d", map(min, opens, closes))
        return CandleSeries(symbol, DAY, opened, opens, highs, lows, closes, array("d", bytes(8 * len(opened))))

    def _days(self, base: str, since: datetime, until: datetime) -> Iterator[date]:
        """Days whose bars open at ``since`` or later and are over by ``until``."""
        first, last = self._history.first_day(base), self._history.last_day(base)
        if base not in self._history.coins or first is None or last is None:
            return
        day = max(first - DAY, since.astimezone(UTC).date())
        if _midnight(day) < since:
            day += DAY
        while day < last and _midnight(day + DAY) <= until:
            yield day
            day += DAY

    def _price(self, base: str, quote: str, day: date) -> float | None:
        price, per_quote = self._history.price(base, day), self._history.price(quote, day)
        return None if price is None or per_quote is None else float(price / per_quote)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
