"""Times and lengths of candles in words for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_WEEK, _DAY, _HOUR, _MINUTE = 7 * 86_400, 86_400, 3_600, 60


def words_of_timeframe(timeframe: timedelta) -> str:
    """``1 h``, ``15 min``, ``3 days``."""
    seconds = timeframe // timedelta(seconds=1)
    if seconds % _WEEK == 0:
        weeks = seconds // _WEEK
        return "1 week" if weeks == 1 else f"{weeks} weeks"
    if seconds % _DAY == 0:
        days = seconds // _DAY
        return "1 day" if days == 1 else f"{days} days"
    if seconds % _HOUR == 0:
        return f"{seconds // _HOUR} h"
    if seconds % _MINUTE == 0:
        return f"{seconds // _MINUTE} min"
    return f"{seconds} s"


def words_of_time(seconds: int) -> str:
    """``2024-01-31 13:00 UTC`` for epoch seconds."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
