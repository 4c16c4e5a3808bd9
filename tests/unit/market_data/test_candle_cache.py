"""Kept candles: what was asked for is known, damage is put aside, a disk that refuses is said, the size is bounded."""

from __future__ import annotations

import asyncio
import sqlite3
from array import array
from collections.abc import Coroutine
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from rebalancer_gui.adapters.market_data.candle_cache import CandleCache
from rebalancer_gui.domain.candles import CandleSeries
from tests.support.small_disk import can_mount, small_disk
from tests.support.unprivileged import folder_of_somebody

T = TypeVar("T")
MINUTE = timedelta(minutes=1)
VENUE, BTC = "binance", "BTC/USDT"


def do(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def bars(*numbers: int, symbol: str = BTC, close: float = 1.5) -> CandleSeries:
    """Minute bars; bar n opens at 60 n."""
    prices = [array("d", [close + number for number in numbers]) for _ in range(5)]
    return CandleSeries(symbol, MINUTE, array("q", [60 * number for number in numbers]), *prices)


class Kept:
    def __init__(self, folder: Path, **more: Any) -> None:
        self.path = folder / "cache" / "candles.sqlite"
        self.time = datetime(2024, 1, 1, tzinfo=UTC)
        self.cache = CandleCache(self.path, lambda: self.time, **more)

    def keep(self, series: CandleSeries, begin: int, end: int) -> None:
        do(self.cache.keep(VENUE, series, (60 * begin, 60 * end)))

    def known(self, symbol: str = BTC) -> list[tuple[float, float]]:
        return [(begin / 60, end / 60) for begin, end in do(self.cache.known(VENUE, symbol, MINUTE))]

    def read(self, begin: int, end: int, symbol: str = BTC) -> list[int] | None:
        found = do(self.cache.read(VENUE, symbol, MINUTE, (60 * begin, 60 * end)))
        return None if found is None else [opened // 60 for opened in found.opened]


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path)


def test_what_was_kept_is_read_with_all_its_figures_and_a_gap_inside_stays_one(kept):
    kept.keep(bars(10, 11, 14), 9, 20)
    found = do(kept.cache.read(VENUE, BTC, MINUTE, (0, 10**6)))

    assert found == bars(10, 11, 14)
    assert kept.known() == [(9, 20)]
    assert kept.read(11, 14) == [11]
    assert kept.cache.remarks() == ()


def test_an_empty_cache_knows_nothing_and_makes_no_file(kept):
    assert kept.known() == []
    assert kept.read(0, 100) is None
    assert not kept.path.exists()


def test_spans_that_touch_are_joined_and_others_stay_apart(kept):
    kept.keep(bars(10), 10, 20)
    kept.keep(bars(40), 40, 50)
    assert kept.known() == [(10, 20), (40, 50)]
    kept.keep(bars(20, 21), 20, 30)
    assert kept.known() == [(10, 30), (40, 50)]
    kept.keep(bars(33), 25, 45)
    assert kept.known() == [(10, 50)]
    assert kept.read(0, 100) == [10, 20, 21, 33]


def test_what_is_kept_anew_stands_in_place_of_what_was(kept):
    kept.keep(bars(10, 11, 12), 10, 13)
    kept.keep(bars(11, close=7), 11, 12)
    found = do(kept.cache.read(VENUE, BTC, MINUTE, (0, 10**6)))
    assert list(found.closes) == [11.5, 18, 13.5]


def test_long_series_are_read_across_rows_as_one(kept):
    kept.keep(bars(*range(1000, 4000)), 1000, 4000)
    kept.keep(bars(*range(4000, 5000)), 4000, 5000)
    assert kept.read(1500, 4500) == list(range(1500, 4500))


def test_venues_symbols_and_timeframes_do_not_mix(kept):
    kept.keep(bars(1, symbol="ETH/USDT"), 0, 5)
    assert kept.known("ETH/USDT") == [(0, 5)]
    assert kept.known() == []
    assert do(kept.cache.known("kraken", "ETH/USDT", MINUTE)) == ()
    assert do(kept.cache.known(VENUE, "ETH/USDT", timedelta(hours=1))) == ()


@pytest.mark.parametrize("how", ("words", "cut off", "another program's", "newer"))
def test_a_damaged_file_is_put_aside_and_made_anew(kept, how):
    kept.keep(bars(1, 2, 3), 0, 5)
    if how == "words":
        kept.path.write_bytes(b"this is no database, nor will it ever be" * 100)
    elif how == "cut off":
        kept.path.write_bytes(kept.path.read_bytes()[:5000])
    else:
        with closing(sqlite3.connect(kept.path)) as file:
            file.executescript("PRAGMA user_version = 99" if how == "newer" else "DROP TABLE asked")

    assert kept.known() == []
    assert kept.cache.remarks() == (
        "The stored candles were damaged: they are loaded anew (candles.damaged.sqlite is the old file).",
    )
    kept.keep(bars(7), 5, 9)
    assert (kept.known(), kept.read(0, 100)) == ([(5, 9)], [7])
    assert kept.path.with_suffix(".damaged.sqlite").exists()


def test_a_flipped_bit_is_no_wrong_number(kept):
    kept.keep(bars(1, 2, 3), 0, 5)
    with closing(sqlite3.connect(kept.path)) as file, file:
        [data] = file.execute("SELECT data FROM bars").fetchone()
        file.execute("UPDATE bars SET data = ?", (data[:60] + bytes([data[60] ^ 1]) + data[61:],))

    assert kept.read(0, 5) is None
    assert "damaged" in kept.cache.remarks()[0]
    assert kept.known() == []


def test_the_series_that_was_not_used_for_longest_is_thrown_out(tmp_path):
    kept = Kept(tmp_path, max_bytes=48 * 2500)
    for symbol in ("A/USDT", "B/USDT", "C/USDT"):
        kept.keep(bars(*range(1000), symbol=symbol), 0, 1000)
        kept.time += timedelta(days=2)
        assert kept.read(0, 1, "A/USDT") == [0]
        kept.time += timedelta(days=2)

    assert (kept.known("A/USDT"), kept.known("B/USDT"), kept.known("C/USDT")) == ([(0, 1000)], [], [(0, 1000)])
    assert kept.path.stat().st_size < 48 * 2500 + 50_000


def test_a_folder_that_cannot_be_written_means_that_nothing_is_kept_and_it_is_said():
    with folder_of_somebody() as folder:
        kept = Kept(folder)
        kept.keep(bars(1), 0, 5)
        kept.path.chmod(0o400)
        kept.path.parent.chmod(0o500)
        kept.keep(bars(7), 5, 9)
        [said] = kept.cache.remarks()
        assert said.startswith("Candles are not stored, so they are loaded anew each time: The file")
        assert "read-only" in said
        kept.time += timedelta(days=5)
        assert (kept.known(), kept.read(0, 9)) == ([(0, 5)], [1]), "what is there can be read"

        nowhere = Kept(folder / "cache")
        nowhere.keep(bars(1), 0, 5)
        assert "cannot be made" in nowhere.cache.remarks()[0]
        assert nowhere.known() == []


if can_mount():

    def test_a_full_disk_means_that_nothing_is_kept_and_it_is_said():
        with small_disk() as disk:
            kept = Kept(disk)
            kept.keep(bars(1), 0, 5)
            (disk / "ballast").write_bytes(bytes(900_000))
            kept.keep(bars(*range(10, 4000)), 10, 4000)
            assert "The disk is full" in kept.cache.remarks()[0]
            assert (kept.known(), kept.read(0, 9)) == ([(0, 5)], [1])
