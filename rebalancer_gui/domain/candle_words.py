"""Times and lengths of candles in words for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_LENGTHS = ((7 * 86_400, "week"), (86_400, "day"), (3600, "h"), (60, "min"))


def words_of_timeframe(timeframe: timedelta) -> str:
    """``1 h``, ``15 min``, ``3 days``."""
    seconds = timeframe // timedelta(seconds=1)
    for length, word in _LENGTHS:
        if seconds % length == 0:
            count = seconds // length
            return f"{count} {word}{'s' if count > 1 and length >= 86_400 else ''}"
    return f"{seconds} s"


def words_of_time(seconds: int) -> str:
    """``2024-01-31 13:00 UTC`` for epoch seconds."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
