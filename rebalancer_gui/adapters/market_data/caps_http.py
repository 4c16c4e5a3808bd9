"""One question to a source of market caps over HTTPS, and its answer read as if it meant harm.

An answer is an array of small objects. It is read object by object, with a breath for the loop in between, so that two megabytes
of it do not hold up the engine.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from rebalancer_gui.application.market_caps import CapsUnavailable
from rebalancer_gui.application.ports import Clock

PATIENCE = 30.0
"""Seconds for the whole answer."""
MAX_BYTES = 8_000_000
MAX_ROWS = 20_000
OLDEST = timedelta(days=3)
"""A figure that the source itself has not renewed for so long is not known."""
_AT_ONCE = 100
_MOST_REST = timedelta(days=1)
_TOO_OFTEN = frozenset({429, 503})
_REFUSED = frozenset({401, 403})
_GAP = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,19})(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?")
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=lambda _word: None)
Row = Mapping[str, object]
_log = logging.getLogger(__name__)


async def ask(
    name: str, url: str, parameters: Mapping[str, str], clock: Clock, headers: Mapping[str, str] | None = None
) -> list[Row]:
    """The objects of the array that ``url`` answers. ``name`` is the source's in messages. Raises CapsUnavailable."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with (
            aiohttp.ClientSession(
                timeout=timeout, headers={"Accept": "application/json", **(headers or {})}
            ) as session,
            # A redirect would carry the key to another place.
            session.get(url, params=dict(parameters), allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise _refusal(name, answer.status, answer.headers.get("Retry-After", ""))
            body = bytearray()
            async for part in answer.content.iter_chunked(65_536):
                body += part
                if len(body) > MAX_BYTES:
                    raise CapsUnavailable(f"{name} answered more than {MAX_BYTES // 1_000_000} MB.")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        _log.info("%s could not be reached: %s", name, type(error).__name__)
        raise CapsUnavailable(f"{name} could not be reached.", unreachable=True) from error
    return await _rows(name, bytes(body), clock)


def _refusal(name: str, status: int, retry_after: str) -> CapsUnavailable:
    rest = min(timedelta(seconds=int(retry_after)), _MOST_REST) if re.fullmatch(r"[0-9]{1,7}", retry_after) else None
    if status in _TOO_OFTEN:
        return CapsUnavailable(f"{name} wants to be asked less often.", asked_too_often=True, rest=rest)
    if status in _REFUSED:
        return CapsUnavailable(f"{name} refused the request: if there is a key in Settings, look whether it is right.")
    return CapsUnavailable(f"{name} answered with the error {status}.", rest=rest)


async def _rows(name: str, body: bytes, clock: Clock) -> list[Row]:
    wrong = f"{name} answered something that is no list of coins."
    try:
        text = body.decode()
        at = _after(text, 0)
        if text[at : at + 1] != "[":
            raise CapsUnavailable(wrong)
        rows: list[Row] = []
        at = _after(text, at + 1)
        while text[at : at + 1] != "]":
            row, at = _DECODER.raw_decode(text, at)
            if not isinstance(row, dict) or len(rows) == MAX_ROWS:
                raise CapsUnavailable(wrong)
            rows.append(row)
            at = _after(text, at)
            if text[at : at + 1] == ",":
                at = _after(text, at + 1)
            elif text[at : at + 1] != "]":
                raise CapsUnavailable(wrong)
            if len(rows) % _AT_ONCE == 0:
                await clock.sleep(0)
    except (ValueError, RecursionError) as error:
        raise CapsUnavailable(wrong) from error
    return rows


def _after(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found is not None else at


def figure(value: object) -> Decimal | None:
    """A number above 0 as it stood in the answer; None for anything else, and for one that is absurd."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return None
    number = Decimal(value)
    return number if Decimal("1e-18") <= number <= Decimal("1e14") else None


def is_fresh(value: object, now: datetime) -> bool:
    """Whether a row's own time, ISO 8601 UTC, is of these days."""
    if not isinstance(value, str) or len(value) > 40:
        return False
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return False
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return -timedelta(days=1) <= now - at <= OLDEST
