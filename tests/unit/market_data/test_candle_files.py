"""Candle files as the engine reads them: beside its loop, with the mapping told, refused by name, given up when cancelled."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rebalancer_gui.adapters.market_data.candle_files import CandleFiles
from rebalancer_gui.application.candle_commands import CancelCandles, LoadTimeframes, ReadCandleFiles
from rebalancer_gui.application.candle_desk import CANCELLED
from rebalancer_gui.application.events import (
    CandlesProgress,
    CandlesReady,
    CommandDone,
    CommandRejected,
    TimeframesReady,
)
from tests.builders import rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

HEAD = "time,open,high,low,close\n"
START = 1_704_067_200


def bench() -> Bench:
    return Bench(ScriptedVenue(rules_for("BTC")), candle_files=CandleFiles(lambda: datetime(2025, 1, 1, tzinfo=UTC)))


def written(folder: Path, name: str, bars: int, price: str = "1") -> Path:
    file = folder / name
    rows = (f"{START + bar * 60},{price},{price},{price},{price}\n" for bar in range(bars))
    file.write_text(HEAD + "".join(rows))
    return file


async def real_time(made: Bench, kind: type) -> None:
    """The reading thread goes by the wall."""
    async with asyncio.timeout(20):
        while not made.of(kind):  # noqa: ASYNC110 - events come into a list
            await asyncio.sleep(0.005)


def test_files_are_read_as_one_and_the_mapping_is_told(tmp_path: Path):
    async def body() -> None:
        made = bench()
        async with made.running():
            paths = (written(tmp_path, "BTCUSDT.csv", 3), written(tmp_path, "ETHUSDT.csv", 2))
            made.engine.post(ReadCandleFiles("read", "paper", paths))
            await real_time(made, CandlesReady)
        [ready] = made.of(CandlesReady)
        assert {symbol: len(series) for symbol, series in ready.series.items()} == {"BTC/USDT": 3, "ETH/USDT": 2}
        assert (ready.source, ready.timeframes) == ("BTCUSDT.csv, ETHUSDT.csv", (timedelta(minutes=1),))
        assert ready.mapping[0].startswith("BTCUSDT.csv: Read as a file with a header: time = time, open = open")

    run(body)


def test_a_file_that_cannot_be_read_is_refused_with_line_and_field(tmp_path: Path):
    async def body() -> None:
        made = bench()
        async with made.running():
            made.engine.post(ReadCandleFiles("read", "paper", (written(tmp_path, "BTCUSDT.csv", 3, "x"),)))
            await real_time(made, CommandRejected)
            assert made.of(CommandRejected)[0].field == "candles"
            assert made.of(CommandRejected)[0].message.startswith("Line 2: open: 'x' is no number")
            assert (await made.rejected(lambda i: ReadCandleFiles(i, "paper", ()))).message == (
                "There is no candle file to read."
            )

    run(body)


def test_a_long_file_is_told_of_and_given_up_when_cancelled(tmp_path: Path):
    async def body() -> None:
        made = bench()
        async with made.running():
            file = written(tmp_path, "BTCUSDT.csv", 200_000)
            made.engine.post(ReadCandleFiles("read", "paper", (file,)))
            await real_time(made, CandlesProgress)
            made.engine.post(CancelCandles("cancel", "read"))
            await real_time(made, CommandRejected)
        assert made.of(CommandRejected) == [CommandRejected("read", CANCELLED)]
        assert made.of(CommandDone)
        heard = made.of(CandlesProgress)[-1]
        assert (heard.load_id, heard.total) == ("read", file.stat().st_size)
        assert heard.done < heard.total

    run(body)


def test_an_account_tells_its_timeframes_or_that_it_has_no_candles():
    class Source:
        def timeframes(self) -> tuple[timedelta, ...]:
            return (timedelta(hours=1), timedelta(days=1))

    async def body() -> None:
        made = Bench(ScriptedVenue(rules_for("BTC")), candles=Source())  # type: ignore[arg-type]
        async with made.running():
            ready = await made.ask(lambda i: LoadTimeframes(i, "paper"))
        assert ready == TimeframesReady("c1", "paper", (timedelta(hours=1), timedelta(days=1)))
        async with (without := bench()).running():
            assert (await without.rejected(lambda i: LoadTimeframes(i, "paper"))).field == "candles"

    run(body)


@pytest.mark.parametrize("count", (1, 2))
def test_a_folder_or_several_files_may_be_named(tmp_path: Path, count: int):
    files = [written(tmp_path, name, 3) for name in ("BTCUSDT.csv", "ETHUSDT.csv")]
    paths = (tmp_path,) if count == 1 else tuple(files)
    reader = CandleFiles(lambda: datetime(2025, 1, 1, tzinfo=UTC))
    found = asyncio.run(reader.read(paths, (), lambda done, total: None))
    assert list(found.series) == ["BTC/USDT", "ETH/USDT"]


def test_the_thread_of_a_read_that_nobody_wants_ends_with_it(tmp_path: Path):
    file, heard = written(tmp_path, "BTCUSDT.csv", 200_000), []

    async def body() -> None:
        reader = CandleFiles(lambda: datetime(2025, 1, 1, tzinfo=UTC))
        began = asyncio.Event()

        def told(done: int, total: int) -> None:
            heard.append((done, total))
            began.set()

        reading = asyncio.create_task(reader.read((file,), (), told))
        await began.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    # It waits for its threads at the end.
    asyncio.run(body())
    assert heard[-1][0] < file.stat().st_size
