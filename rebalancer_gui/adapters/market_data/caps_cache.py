"""The newest reading of each source of market caps, in ``cache/market_caps.json`` of the data folder.

``{"format": "rebalancer-market-caps", "version": 1, "readings": {"CoinGecko": {"at": "...", "coins": {"BTC": {"cap": "...",
"price": "..."}}}}, "pauses": {"CoinGecko": {"until": "...", "failures": 1, "asked": false}}}``. It can be deleted at any time: the
sources are asked anew then. A file with any fault in it counts as none.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.storage.safe_files import replace_file
from rebalancer_gui.application.market_caps import CapsMemory, CapsReading, CoinFigures, Pause
from rebalancer_gui.domain.errors import InvalidFile
from rebalancer_gui.domain.hostile_json import MAX_BYTES, JsonObject, is_asset, read_object, refuse_if
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.problems import Problem

FILE_NAME = "market_caps.json"
FORMAT, VERSION = "rebalancer-market-caps", 1
_NOTHING = CapsMemory({}, {})
_AHEAD = timedelta(days=1)
_log = logging.getLogger(__name__)


class FileCapsCache:
    """``CapsCache``. ``folder`` is the data folder's ``cache``; it is made when something is first kept."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self.path = folder / FILE_NAME
        self._now = now

    def load(self) -> CapsMemory:
        try:
            with self.path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return _NOTHING
        except OSError as error:
            _log.info("the market caps of before cannot be read (%s): they are read anew", error.strerror)
            return _NOTHING
        try:
            return _parse(content, self._now())
        except InvalidFile as error:
            _log.info("the market caps of before are left aside: %s", error.message)
            return _NOTHING

    def save(self, memory: CapsMemory) -> None:
        content = {
            "format": FORMAT,
            "version": VERSION,
            "readings": {
                name: {
                    "at": _text(reading.at),
                    "coins": {
                        asset: {"cap": plain(coin.cap), "price": plain(coin.price)}
                        for asset, coin in reading.coins.items()
                    },
                }
                for name, reading in memory.readings.items()
            },
            "pauses": {
                name: {"until": _text(pause.until), "failures": str(pause.failures), "asked": pause.asked}
                for name, pause in memory.pauses.items()
            },
        }
        try:
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            replace_file(self.path, f"{json.dumps(content, indent=1)}\n".encode())
        except OSError as error:
            _log.info("the market caps cannot be kept (%s): they are read anew at the next start", error.strerror)


def _parse(content: bytes, now: datetime) -> CapsMemory:
    noted: list[Problem] = []
    table = read_object(content, "format", noted)
    if table.text("format", "format", FORMAT) != FORMAT or table.whole("version", "version", "1") != VERSION:
        table.note("format", f"it is not {FORMAT} of version {VERSION}")
    readings, pauses = _entries(table, "readings"), _entries(table, "pauses")
    table.finish()
    memory = CapsMemory(
        {name: _reading(name, entry, noted, now) for name, entry in readings.items()},
        {name: _pause(entry, noted) for name, entry in pauses.items()},
    )
    refuse_if(noted)
    return memory


def _entries(table: JsonObject, key: str) -> Mapping[str, JsonObject]:
    whole = table.nested(key, "format", "an object")
    if whole is None:
        return {}
    found = {name: whole.nested(name, "format", "an object") for name in whole.keys}
    return {name: entry for name, entry in found.items() if entry is not None}


def _reading(name: str, entry: JsonObject, noted: list[Problem], now: datetime) -> CapsReading:
    at = _time(entry, "at", noted)
    if at > now + _AHEAD:
        noted.append(Problem("format", "a reading is of a day that has not come yet"))
    coins: dict[str, CoinFigures] = {}
    for asset, figures in _entries(entry, "coins").items():
        cap = figures.number("cap", "format", "1", places=60)
        price = figures.number("price", "format", "1", places=60)
        figures.finish()
        if not is_asset(asset) or cap is None or price is None or cap <= ZERO or price <= ZERO:
            noted.append(Problem("format", "the figures of a coin are not numbers above 0"))
        else:
            coins[asset] = CoinFigures(cap, price)
    entry.finish()
    return CapsReading(name, at, coins)


def _pause(entry: JsonObject, noted: list[Problem]) -> Pause:
    until, failures = _time(entry, "until", noted), entry.whole("failures", "format", "1")
    asked = entry.flag("asked", "format")
    entry.finish()
    return Pause(until, int(min(failures or ZERO, Decimal(100))), bool(asked))


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(entry: JsonObject, key: str, noted: list[Problem]) -> datetime:
    text = entry.text(key, "format", "a time")
    try:
        return datetime.strptime(text or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        noted.append(Problem("format", f"{key} is not a time"))
        return datetime.min.replace(tzinfo=UTC)
