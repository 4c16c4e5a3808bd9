"""Daily closes, and the day by which sources of market caps and exchanges disagree about them.

An exchange's daily bar that was opened at 00:00 UTC of a day closes at 00:00 UTC of the next one. A row of CoinGecko that is
dated D is the price (and the market cap) at 00:00 UTC of D: it is the close of the bar of D - 1. Whoever puts the row of D beside
the bar of D looks one day into the future.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.candles import CandleSeries

ONE_DAY = timedelta(days=1)
_DAY_SECONDS = 86_400


def bar_of_row(row: date) -> date:
    """The day of the exchange's bar whose close the row of this date is."""
    return row - ONE_DAY


def newest_row(at: datetime) -> date:
    """The date of the newest row that is known at a moment."""
    return at.astimezone(UTC).date()


def closes_until(series: CandleSeries, at: datetime, count: int) -> tuple[Decimal, ...]:
    """The last ``count`` daily closes known at ``at`` (quote units, > 0), oldest first: the newest is that of the bar of the day
    before. It ends at the first gap, looking backwards; () without that newest bar, or where the bars are no days.
    """
    if series.timeframe != ONE_DAY or count < 1:
        return ()
    newest = datetime.combine(bar_of_row(newest_row(at)), datetime.min.time(), UTC)
    wanted = int(newest.timestamp())
    place = {opened: number for number, opened in enumerate(series.opened)}
    found: list[Decimal] = []
    while len(found) < count and wanted in place:
        close = Decimal(str(series.closes[place[wanted]]))
        if not close.is_finite() or close <= 0:
            break
        found.append(close)
        wanted -= _DAY_SECONDS
    found.reverse()
    return tuple(found)
