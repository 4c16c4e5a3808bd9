"""How long something took, in words for people."""

from __future__ import annotations

from datetime import timedelta

_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def words_of_span(span: timedelta) -> str:
    """In its largest whole unit, rounded down: ``2 days``, ``1 hour``, ``40 seconds``; nothing is below 0 seconds.

    Each wording is written out, so that it can be translated as it stands.
    """
    seconds = max(span // timedelta(seconds=1), 0)
    if seconds >= _DAY:
        days = seconds // _DAY
        return "1 day" if days == 1 else f"{days} days"
    if seconds >= _HOUR:
        hours = seconds // _HOUR
        return "1 hour" if hours == 1 else f"{hours} hours"
    if seconds >= _MINUTE:
        minutes = seconds // _MINUTE
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    return "1 second" if seconds == 1 else f"{seconds} seconds"
