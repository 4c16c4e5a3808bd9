"""Candles that were loaded once, kept in one SQLite file per data folder: ``application.candle_port.CandleShelf``.

Beside the candles stands what was really asked for, so a gap that the venue has is known as one and not asked for again.
It is only a cache: a damaged file is put aside and made anew, a disk that does not take it means that nothing is kept.
Each call opens the file, in a thread of its own, and closes it again.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from rebalancer_gui.adapters.storage.sqlite_errors import as_problem
from rebalancer_gui.application.candle_port import Span
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import FileDamaged, InvariantBroken

T = TypeVar("T")
CANDLES_FILE = "candles.sqlite"
"""Its name in the data folder's ``cache``."""
MAX_BYTES = 512 * 1024 * 1024
"""Of candles; beyond it the series that were not used for longest are thrown out."""
BARS = 1024
"""A row holds the bars of so many timeframes, 48 bytes a bar."""
_VERSION = 1
_USED_AGAIN = 86_400
"""Seconds after which another use is written down."""
_COLUMNS = "qddddd"
_BAR_BYTES = 8 * len(_COLUMNS)
_SCHEMA = """
CREATE TABLE series (
  id INTEGER PRIMARY KEY, venue TEXT NOT NULL, symbol TEXT NOT NULL, seconds INTEGER NOT NULL,
  bytes INTEGER NOT NULL DEFAULT 0, used_at INTEGER NOT NULL, UNIQUE (venue, symbol, seconds)
) STRICT;
CREATE TABLE asked (
  series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE, begin INTEGER NOT NULL, finish INTEGER NOT NULL,
  PRIMARY KEY (series, begin)
) STRICT, WITHOUT ROWID;
CREATE TABLE bars (
  series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE, number INTEGER NOT NULL, checksum INTEGER NOT NULL,
  data BLOB NOT NULL, UNIQUE (series, number)
) STRICT;
"""


class CandleCache:
    """``path`` is its file (its folder is made when something is kept); ``now`` gives wall time. Any number of users in one
    event loop.
    """

    def __init__(self, path: Path, now: Callable[[], datetime], *, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._now = now
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._remarks: dict[str, None] = {}

    def remarks(self) -> tuple[str, ...]:
        found, self._remarks = tuple(self._remarks), {}
        return found

    async def known(self, venue: str, symbol: str, timeframe: timedelta) -> tuple[Span, ...]:
        key = (venue, symbol, _seconds(timeframe))
        return await asyncio.to_thread(self._look, lambda file: _asked(file, _find(file, key)), ())

    async def read(self, venue: str, symbol: str, timeframe: timedelta, span: Span) -> CandleSeries | None:
        key = (venue, symbol, _seconds(timeframe))
        found = await asyncio.to_thread(self._look, lambda file: self._bars(file, key, span), None)
        return None if found is None else CandleSeries(symbol, timeframe, *found)

    async def keep(self, venue: str, series: CandleSeries, span: Span) -> None:
        key = (venue, series.symbol, _seconds(series.timeframe))
        await asyncio.to_thread(self._change, lambda file: self._store(file, key, series, span))

    # --------------------------------------------------------------------------------------------------------- the file

    def _look(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        with self._lock:
            if not self._path.exists():
                return otherwise
            return self._carried_out(work, otherwise, "ro")

    def _change(self, work: Callable[[sqlite3.Connection], None]) -> None:
        with self._lock:
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                self._say(f"{self._path} cannot be made ({error.strerror})")
                return
            self._carried_out(work, None, "rwc")

    def _carried_out(self, work: Callable[[sqlite3.Connection], T], otherwise: T, mode: str) -> T:
        for _ in range(2):
            try:
                with closing(self._opened(mode)) as file:
                    return work(file)
            except sqlite3.Error as error:
                problem = as_problem(error, self._path)
                # A statement that the file does not know: its tables are those of another program or version.
                if not isinstance(problem, FileDamaged | InvariantBroken):
                    self._say(problem.message.rstrip("."))
                    return otherwise
            except _BadRowError:
                pass
            if not self._put_aside() or mode == "ro":
                return otherwise
        return otherwise

    def _opened(self, mode: str) -> sqlite3.Connection:
        file = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=2
        )
        try:
            file.execute("PRAGMA foreign_keys = ON")
            file.execute("PRAGMA cell_size_check = ON")
            file.execute("PRAGMA trusted_schema = OFF")
            version = file.execute("PRAGMA user_version").fetchone()[0]
            if version == 0 and mode == "rwc" and not file.execute("SELECT * FROM sqlite_schema").fetchall():
                file.execute("PRAGMA auto_vacuum = INCREMENTAL")
                file.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
                version = _VERSION
        except BaseException:
            file.close()
            raise
        if version != _VERSION:
            file.close()
            raise _BadRowError
        return file

    def _put_aside(self) -> bool:
        """One damaged file is kept, for whoever wants to look at it; nothing in it is worth more."""
        aside = self._path.with_suffix(".damaged.sqlite")
        journal = self._path.with_name(f"{self._path.name}-journal")
        try:
            journal.unlink(missing_ok=True)
            self._path.replace(aside)
        except OSError as error:
            self._say(f"{self._path} is damaged and cannot be put aside ({error.strerror})")
            return False
        self._remarks[f"The stored candles were damaged: they are loaded anew ({aside.name} is the old file)."] = None
        return True

    def _say(self, why: str) -> None:
        self._remarks[f"Candles are not stored, so they are loaded anew each time: {why}."] = None

    # ------------------------------------------------------------------------------------------------------ what is in it

    def _bars(self, file: sqlite3.Connection, key: tuple[str, str, int], span: Span) -> _Bars | None:
        series = _find(file, key)
        if series is None:
            return None
        chunk = key[2] * BARS
        rows = file.execute(
            "SELECT checksum, data FROM bars WHERE series = ? AND number BETWEEN ? AND ? ORDER BY number",
            (series, span[0] // chunk, (span[1] - 1) // chunk),
        )
        found = _no_bars()
        for checksum, data in rows:
            for column, more in zip(found, _unpacked(checksum, data), strict=True):
                column.extend(more)
        self._used(key, file)
        return _cut(found, span)

    def _used(self, key: tuple[str, str, int], file: sqlite3.Connection) -> None:
        """Best effort: on a disk that cannot be written nothing is thrown out either."""
        now = int(self._now().timestamp())
        [used_at] = file.execute("SELECT used_at FROM series WHERE id = ?", (_find(file, key),)).fetchone()
        if now - used_at < _USED_AGAIN:
            return
        try:
            with closing(self._opened("rw")) as writable:
                writable.execute("UPDATE series SET used_at = ? WHERE id = ?", (now, _find(writable, key)))
        except sqlite3.OperationalError:
            return

    def _store(self, file: sqlite3.Connection, key: tuple[str, str, int], series: CandleSeries, span: Span) -> None:
        now = int(self._now().timestamp())
        file.execute("BEGIN IMMEDIATE")
        file.execute(
            "INSERT INTO series (venue, symbol, seconds, used_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (venue, symbol, seconds) DO UPDATE SET used_at = excluded.used_at",
            (*key, now),
        )
        number = _find(file, key)
        _mark(file, number, span)
        _write(file, number, series, span, key[2] * BARS)
        size = file.execute("SELECT coalesce(sum(length(data)), 0) FROM bars WHERE series = ?", (number,)).fetchone()[0]
        file.execute("UPDATE series SET bytes = ? WHERE id = ?", (size, number))
        thrown = self._throw_out(file, number)
        file.execute("COMMIT")
        if thrown:
            file.executescript("PRAGMA incremental_vacuum;")  # `execute` would take one page only.

    def _throw_out(self, file: sqlite3.Connection, kept: int | None) -> bool:
        """The oldest-used series, until the rest fits; never the one at hand."""
        rows = file.execute("SELECT id, bytes FROM series WHERE id <> ? ORDER BY used_at DESC, id DESC", (kept,))
        left = self._max_bytes - file.execute("SELECT bytes FROM series WHERE id = ?", (kept,)).fetchone()[0]
        out = []
        for number, size in rows.fetchall():
            left -= size
            if left < 0:
                out.append((number,))
        file.executemany("DELETE FROM series WHERE id = ?", out)
        return bool(out)


class _BadRowError(Exception):
    """What stands in the file is not what was written."""


_Bars: TypeAlias = "tuple[array[int], array[float], array[float], array[float], array[float], array[float]]"


def _seconds(timeframe: timedelta) -> int:
    return int(timeframe.total_seconds())


def _find(file: sqlite3.Connection, key: tuple[str, str, int]) -> int | None:
    row = file.execute("SELECT id FROM series WHERE venue = ? AND symbol = ? AND seconds = ?", key).fetchone()
    return None if row is None else int(row[0])


def _asked(file: sqlite3.Connection, series: int | None) -> tuple[Span, ...]:
    rows = file.execute("SELECT begin, finish FROM asked WHERE series = ? ORDER BY begin", (series,))
    return tuple((begin, end) for begin, end in rows)


def _mark(file: sqlite3.Connection, series: int | None, span: Span) -> None:
    """Join ``span`` with those it touches."""
    touching = file.execute(
        "SELECT begin, finish FROM asked WHERE series = ? AND begin <= ? AND finish >= ?", (series, span[1], span[0])
    ).fetchall()
    file.executemany("DELETE FROM asked WHERE series = ? AND begin = ?", [(series, begin) for begin, _ in touching])
    begin = min([span[0], *(begin for begin, _ in touching)])
    end = max([span[1], *(end for _, end in touching)])
    file.execute("INSERT INTO asked (series, begin, finish) VALUES (?, ?, ?)", (series, begin, end))


def _write(file: sqlite3.Connection, number: int | None, series: CandleSeries, span: Span, chunk: int) -> None:
    """In place of what was kept of ``span``."""
    columns: tuple[array[Any], ...] = (
        series.opened,
        series.opens,
        series.highs,
        series.lows,
        series.closes,
        series.volumes,
    )
    for place, group in groupby(range(len(series)), key=lambda row: series.opened[row] // chunk):
        rows = list(group)
        fresh = tuple(column[rows[0] : rows[-1] + 1] for column in columns)
        old = file.execute(
            "SELECT checksum, data FROM bars WHERE series = ? AND number = ?", (number, place)
        ).fetchone()
        if old is not None:
            known = _unpacked(*old)
            before, after = bisect_left(known[0], span[0]), bisect_left(known[0], span[1])
            fresh = tuple(o[:before] + f + o[after:] for o, f in zip(known, fresh, strict=True))
        data = b"".join(column.tobytes() for column in fresh)
        file.execute(
            "INSERT INTO bars (series, number, checksum, data) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (series, number) DO UPDATE SET checksum = excluded.checksum, data = excluded.data",
            (number, place, zlib.crc32(data), data),
        )


def _no_bars() -> Sequence[array[Any]]:
    return tuple(array(code) for code in _COLUMNS)


def _unpacked(checksum: int, data: bytes) -> Sequence[array[Any]]:
    if zlib.crc32(data) != checksum or len(data) % _BAR_BYTES:
        raise _BadRowError
    width = len(data) // len(_COLUMNS)
    found = _no_bars()
    for place, column in enumerate(found):
        column.frombytes(data[place * width : (place + 1) * width])
    return found


def _cut(found: Sequence[array[Any]], span: Span) -> _Bars:
    begin, end = bisect_left(found[0], span[0]), bisect_left(found[0], span[1])
    return tuple(column[begin:end] for column in found)  # type: ignore[return-value]
