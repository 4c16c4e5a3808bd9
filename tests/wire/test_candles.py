"""Candles over a real wire from the five faces: whole, with their gaps, kept, asked for once, and never one that is not over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rebalancer_gui.adapters.market_data.candle_cache import CandleCache
from rebalancer_gui.adapters.venues.ccxt_candles import CcxtCandles
from rebalancer_gui.application.candle_loading import VenueCandles
from rebalancer_gui.application.candle_port import CandleAnswer, CandleQuestion
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput, VenueUnavailable
from tests.wire.bench import FACES, KEY, KEYS, MADE, SETUPS
from tests.wire.candle_side import WEEK, Bar, bar_of
from tests.wire.core import WIRE_START, Core, core
from tests.wire.server import Wire, serving

VENUES = pytest.mark.parametrize("name", MADE)
CUT = pytest.mark.parametrize("name", ["bybit", "okx"])
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BTC, ETH = "BTC/USDT", "ETH/USDT"
PATHS = ("klines", "kline", "candles", "history-candles", "OHLC")


@dataclass
class Line:
    """A source of candles on a venue, and the venue."""

    source: VenueCandles
    wire: Wire
    core: Core
    pages: CcxtCandles
    heard: list[tuple[int, int]] = field(default_factory=list)
    pauses: list[timedelta] = field(default_factory=list)
    pause: str = ""

    def hold(self, span: timedelta) -> None:
        self.pauses.append(span)

    async def load(self, *symbols: str, hours: float = 600, timeframe: timedelta = HOUR, **more: bool) -> CandleAnswer:
        since = WIRE_START - timedelta(hours=hours)
        question = CandleQuestion(symbols or (BTC,), timeframe, since, self.core.clock.true() + DAY, **more)
        return await self.source.load(question, lambda done, total: self.heard.append((done, total)), self)

    def asked(self) -> int:
        """How often candles were asked for."""
        return sum(path.rsplit("/", 1)[-1] in PATHS for _, _, path in self.wire.log)


def on(name: str, folder: Path, body: Callable[[Line], Awaitable[None]]) -> None:
    @asynccontextmanager
    async def line() -> AsyncIterator[Line]:
        async with core(KEYS.get(name, KEY), SETUPS.get(name)) as there, serving(there, FACES[name]) as wire:
            pages = CcxtCandles(VenueSpec(name, wire.url), there.clock, paced=False)
            there.clock.turn(60)
            shelf = CandleCache(folder / "candles.sqlite", there.clock.true)
            try:
                yield Line(VenueCandles(pages, shelf, there.clock, pace=0), wire, there, pages)
            finally:
                await pages.close()
                assert wire.breaches == []

    async def run() -> None:
        async with line() as made:
            await body(made)

    asyncio.run(run())


def rows(series: CandleSeries) -> list[Bar]:
    figures = (series.opens, series.highs, series.lows, series.closes)
    return [
        (at, *(f"{column[row]:.2f}" for column in figures), f"{series.volumes[row]:.2f}")  # type: ignore[misc]
        for row, at in enumerate(series.opened)
    ]


def true_rows(symbol: str, hours: int, *, step: int = 3600, without: range = range(0)) -> list[Bar]:
    now = int(WIRE_START.timestamp())
    last = (now - step) // step * step
    return [bar_of(symbol, step, at) for at in range(now - hours * 3600, last + 1, step) if at not in without]


@VENUES
def test_candles_are_loaded_page_by_page_and_the_one_that_is_not_over_is_not_among_them(name, tmp_path):
    async def body(made: Line) -> None:
        made.core.clock.turn(1800)
        answer = await made.load(BTC, ETH)
        assert rows(answer.series[BTC]) == true_rows(BTC, 600)
        assert rows(answer.series[ETH]) == true_rows(ETH, 600)
        assert (answer.source, answer.findings) == (made.pages.name, ())
        assert made.heard[-1][0] == made.heard[-1][1] >= 1200
        assert sorted(made.heard) == made.heard

    on(name, tmp_path, body)


@VENUES
def test_what_is_kept_is_not_asked_for_again_and_only_what_is_new_is(name, tmp_path):
    async def body(made: Line) -> None:
        first = await made.load()
        asked = made.asked()
        again = await made.load()
        assert (again.series, again.source) == (first.series, f"{made.pages.name}, from the cache")
        assert made.asked() == asked
        made.core.clock.turn(3 * 3600)
        more = await made.load()
        assert len(more.series[BTC]) == 603
        assert made.asked() == asked + 1
        assert more.source == f"{made.pages.name}, 3 candles new, the rest from the cache"

    on(name, tmp_path, body)


@VENUES
def test_an_outage_stays_a_gap_and_is_known_as_one(name, tmp_path):
    async def body(made: Line) -> None:
        now = int(WIRE_START.timestamp())
        made.core.candles.outages = [(now - 600 * 3600, now - 590 * 3600), (now - 100 * 3600, now - 50 * 3600)]
        answer = await made.load()
        opened = list(answer.series[BTC].opened)
        gaps = [at for begin, end in made.core.candles.outages for at in range(begin, end, 3600)]
        assert opened == [at for at in range(now - 600 * 3600, now, 3600) if at not in gaps]
        asked = made.asked()
        assert (await made.load()).series == answer.series
        assert made.asked() == asked

    on(name, tmp_path, body)


@VENUES
def test_a_coin_that_was_listed_later_begins_later(name, tmp_path):
    async def body(made: Line) -> None:
        made.core.candles.listed[ETH] = int(WIRE_START.timestamp()) - 30 * 3600
        answer = await made.load(BTC, ETH)
        assert (len(answer.series[BTC]), len(answer.series[ETH])) == (600, 30)
        made.core.candles.listed["XRP/USDT"] = int(WIRE_START.timestamp()) + 3600
        answer = await made.load(BTC, "XRP/USDT")
        assert answer.findings == ("There is no candle of XRP/USDT in that time.",)

    on(name, tmp_path, body)


@CUT
def test_a_venue_that_cuts_its_answer_at_the_beginning_is_asked_for_the_rest(name, tmp_path):
    async def body(made: Line) -> None:
        made.wire.face.most = 70
        answer = await made.load()
        assert rows(answer.series[BTC]) == true_rows(BTC, 600)

    on(name, tmp_path, body)


@pytest.mark.parametrize("name", ["binance", "bybit", "okx"])
def test_weeks_begin_on_mondays(name, tmp_path):
    async def body(made: Line) -> None:
        answer = await made.load(hours=24 * 100, timeframe=timedelta(days=7))
        opened = [datetime.fromtimestamp(at, UTC) for at in answer.series[BTC].opened]
        assert len(opened) == 14
        assert {at.weekday() for at in opened} == {0}
        assert rows(answer.series[BTC])[0] == bar_of(BTC, WEEK, int(opened[0].timestamp()))

    on(name, tmp_path, body)


def test_kraken_gives_its_newest_720_only_and_what_was_kept_goes_back_further(tmp_path):
    async def body(made: Line) -> None:
        answer = await made.load(hours=2000)
        assert len(answer.series[BTC]) == 718
        [said] = answer.findings
        assert said.startswith(f"{made.pages.name} gives only its newest 720 candles of 1 h: before 2026-01-31 ")
        made.core.clock.turn(100 * 3600)
        answer = await made.load(hours=2000)
        assert len(answer.series[BTC]) == 818
        made.core.clock.turn(3000 * 3600)
        answer = await made.load(hours=2000)
        assert len(answer.series[BTC]) == 818 + 718, "a gap that nobody can fill any more"

    on("kraken", tmp_path, body)


@VENUES
def test_candles_that_cannot_be_true_are_left_out_and_counted(name, tmp_path):
    async def body(made: Line) -> None:
        now = int(WIRE_START.timestamp())
        odd: dict[int, tuple[str, str, str, str, str]] = {
            5: ("0", "0", "0", "0", "0"), 6: ("100", "90", "110", "100", "1"), 7: ("100", "110", "90", "120", "1"),
            8: ("-1", "110", "-1", "100", "1"), 1: ("0", "0", "0", "0", "0"),
        }  # fmt: skip
        made.core.candles.odd = {now - hour * 3600: (now - hour * 3600, *figures) for hour, figures in odd.items()}
        answer = await made.load(hours=20)
        hours = [(now - at) // 3600 for at in answer.series[BTC].opened]
        assert hours == [20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 4, 3, 2]
        assert answer.findings == (
            f"{made.pages.name} told 5 candles that cannot be true; they were left out, as gaps.",
        )

    on(name, tmp_path, body)


@VENUES
def test_an_unknown_market_or_timeframe_is_refused_by_name_with_what_is_legal(name, tmp_path):
    async def body(made: Line) -> None:
        with pytest.raises(InvalidInput, match=f"^{name} has no market FOO/USDT and no BAR/USDT") as refused:
            await made.load(BTC, "FOO/USDT", "BAR/USDT")
        assert refused.value.field == "coins"
        with pytest.raises(
            InvalidInput, match=r"has no candles of 7 min\. It has those of: .*1 min, .*1 h, .*1 day"
        ) as no:
            await made.load(timeframe=timedelta(minutes=7))
        assert no.value.field == "timeframe"

    on(name, tmp_path, body)


def test_a_pause_that_the_venue_asks_for_is_kept_by_all_and_the_load_goes_on_after_it(tmp_path):
    async def body(made: Line) -> None:
        made.wire.fault(orders=False, path="klines", status=429, body="{}", headers={"Retry-After": "7"})
        before = made.core.clock.elapsed
        assert len((await made.load()).series[BTC]) == 600
        assert made.pauses == [timedelta(seconds=7)]
        assert made.core.clock.elapsed - before >= 7

    on("binance", tmp_path, body)


@pytest.mark.parametrize("how", ["reset", "say"])
def test_a_load_that_loses_its_network_answers_with_what_it_has_and_goes_on_there_the_next_time(how, tmp_path):
    async def body(made: Line) -> None:
        made.wire.face.most = 200
        lost = made.wire.fault(how, orders=False, path="klines", times=-1, status=503, body="<html>")
        lost.hits = lambda method, path, hits=lost.hits: hits(method, path) and made.asked() > 2  # type: ignore[misc]
        answer = await made.load()
        assert len(answer.series[BTC]) == 400
        assert answer.findings[0].endswith("What is stored already is shown.")
        lost.times, asked = 0, made.asked()
        answer = await made.load()
        assert rows(answer.series[BTC]) == true_rows(BTC, 600)
        assert made.asked() <= asked + 2

    on("binance", tmp_path, body)


def test_a_cancelled_load_ends_at_once_and_keeps_what_it_has(tmp_path):
    async def body(made: Line) -> None:
        made.wire.face.most = 200
        load = asyncio.create_task(made.load())
        while made.asked() < 2:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.001)
        load.cancel()
        with pytest.raises(asyncio.CancelledError):
            await load
        kept = await made.load(cached_only=True)
        assert len(kept.series[BTC]) >= 200
        assert kept.findings == ("Only what is stored already is shown; something is missing of BTC/USDT.",)

    on("binance", tmp_path, body)


def test_without_network_and_cache_it_is_said(tmp_path):
    async def body(made: Line) -> None:
        made.wire.fault("reset", orders=False, path="", times=-1)
        with pytest.raises(VenueUnavailable, match=r"cannot be reached|connection broke"):
            await made.load()
        with pytest.raises(InvalidInput, match="No candle is stored of BTC/USDT in that time"):
            await made.load(cached_only=True)

    on("binance", tmp_path, body)
