"""Loading candles: nothing is asked twice, pauses are kept, and without a network there is still what is kept or bundled."""

from __future__ import annotations

import asyncio
from array import array
from datetime import UTC, datetime, timedelta

import pytest

from rebalancer_gui.application.candle_loading import ATTEMPTS, VenueCandles
from rebalancer_gui.application.candle_port import CandleAnswer, CandlePage, CandleQuestion, Pauses, Span, Told
from rebalancer_gui.application.candle_spans import candles_in, inside, joined, outside
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput, VenueUnavailable
from tests.scripted_venue import HandClock

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BTC, ETH = "BTC/USDT", "ETH/USDT"
NOW = datetime(2024, 1, 1, 12, tzinfo=UTC)
END = int(NOW.timestamp())


class Clock(HandClock):
    """A sleep takes its time at once."""

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)


def bars(symbol: str, openings: range | list[int], timeframe: timedelta = MINUTE) -> CandleSeries:
    columns = [array("d", map(float, openings)) for _ in range(5)]
    return CandleSeries(symbol, timeframe, array("q", openings), *columns)


class Pages:
    """A venue with a candle each minute since ``oldest``, ten a page; ``errors`` are raised one by one."""

    name = "somewhere"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[tuple[str, Span]] = []
        self.errors: list[Exception] = []
        self.open_error: Exception | None = None
        self.oldest = 0
        self.newest_only: int | None = None
        self.closed = 0
        self.stuck = False
        self.ahead = timedelta(0)
        self.grid = True

    def timeframes(self) -> tuple[timedelta, ...]:
        return (MINUTE, DAY)

    async def open(self, symbols: tuple[str, ...]) -> None:
        if self.open_error is not None:
            raise self.open_error

    async def now(self) -> datetime:
        return self.clock.now() + self.ahead

    def most(self, timeframe: timedelta) -> int | None:
        return self.newest_only

    def on_grid(self, timeframe: timedelta) -> bool:
        return self.grid

    async def page(self, symbol: str, timeframe: timedelta, span: Span) -> CandlePage:
        self.asked.append((symbol, span))
        if self.errors:
            raise self.errors.pop(0)
        if self.stuck:
            return CandlePage(bars(symbol, []), span[0])
        if span[0] < self.oldest:
            return CandlePage(bars(symbol, []), min(self.oldest, span[1]), sure=False)
        first = -(-span[0] // 60) * 60
        found = bars(symbol, range(first, min(first + 600, span[1]), 60))
        return CandlePage(found, min(first + 600, span[1]))

    async def close(self) -> None:
        self.closed += 1


class Shelf:
    """Keeps in memory."""

    def __init__(self) -> None:
        self.spans: dict[str, list[Span]] = {}
        self.series: dict[str, CandleSeries] = {}
        self.said: tuple[str, ...] = ()
        self.lost = False

    def remarks(self) -> tuple[str, ...]:
        return self.said

    async def known(self, venue: str, symbol: str, timeframe: timedelta) -> tuple[Span, ...]:
        spans: list[Span] = []
        for begin, end in sorted(self.spans.get(symbol, [])):
            if spans and spans[-1][1] >= begin:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((begin, end))
        return tuple(spans)

    async def read(self, venue: str, symbol: str, timeframe: timedelta, span: Span) -> CandleSeries | None:
        if self.lost:
            return None
        return bars(symbol, [at for at in self.series[symbol].opened if span[0] <= at < span[1]])

    async def keep(self, venue: str, series: CandleSeries, span: Span) -> None:
        self.spans.setdefault(series.symbol, []).append(span)
        known = self.series.get(series.symbol)
        self.series[series.symbol] = joined(series.symbol, MINUTE, [series] if known is None else [known, series])


class Bundled:
    def __init__(self) -> None:
        self.questions: list[CandleQuestion] = []

    def timeframes(self) -> tuple[timedelta, ...]:
        return (DAY,)

    async def load(self, question: CandleQuestion, told: Told, pauses: Pauses) -> CandleAnswer:
        self.questions.append(question)
        found = bars(BTC, range(86_400 * 100, 86_400 * 110, 86_400), DAY)
        return CandleAnswer({BTC: found} if BTC in question.symbols else {}, "the bundle")


class Bench:
    def __init__(self) -> None:
        self.clock = Clock(NOW)
        self.pages, self.shelf, self.bundled = Pages(self.clock), Shelf(), Bundled()
        self.source = VenueCandles(self.pages, self.shelf, self.clock, bundled=self.bundled)
        self.heard: list[tuple[int, int]] = []
        self.pauses: list[timedelta] = []
        self.paused_until: datetime | None = None

    @property
    def pause(self) -> str:
        return "it wants to be left alone" if self.paused_until and self.clock.now() < self.paused_until else ""

    def hold(self, span: timedelta) -> None:
        self.pauses.append(span)

    def load(self, *symbols: str, minutes: int = 25, timeframe: timedelta = MINUTE, **more: bool) -> CandleAnswer:
        question = CandleQuestion(symbols or (BTC,), timeframe, NOW - timedelta(minutes=minutes), NOW + DAY, **more)
        told = lambda done, total: self.heard.append((done, total))
        return asyncio.run(asyncio.wait_for(self.source.load(question, told, self), 10))


@pytest.fixture
def bench():
    return Bench()


def test_spans_are_told_apart():
    known = ((10, 20), (30, 40))
    assert inside((15, 35), known) == ((15, 20), (30, 35))
    assert outside((5, 45), known) == ((5, 10), (20, 30), (40, 45))
    assert outside((12, 18), known) == ()
    assert outside((12, 12), known) == ()
    assert candles_in((0, 61), MINUTE) == 2


def test_the_candle_that_is_over_for_less_than_ten_seconds_is_not_taken_yet(bench):
    assert bench.load().series[BTC].opened[-1] == END - 120
    bench.clock.time += timedelta(seconds=10)
    assert bench.load().series[BTC].opened[-1] == END - 60


def test_a_venue_whose_clock_is_behind_ours_decides_what_is_over(bench):
    bench.pages.ahead = timedelta(minutes=-5)
    assert bench.load().series[BTC].opened[-1] == END - 60 * 7
    assert bench.shelf.spans[BTC][-1][1] <= END - 60 * 5


@pytest.mark.parametrize(("grid", "asked"), ((True, 0), (False, 1)))
def test_a_few_seconds_later_nothing_new_is_asked_for_where_it_is_known_when_candles_open(bench, grid, asked):
    bench.pages.grid = grid
    first = bench.load()
    bench.pages.asked.clear()
    bench.clock.time += timedelta(seconds=5)
    assert bench.load().series == first.series
    assert len(bench.pages.asked) == asked


def test_only_what_is_missing_is_asked_for_and_progress_counts_what_is_kept(bench):
    bench.load(minutes=12)
    bench.pages.asked.clear()
    answer = bench.load(BTC, ETH, minutes=25)
    assert [symbol for symbol, _ in bench.pages.asked] == [BTC, BTC, ETH, ETH, ETH]
    assert max(end for symbol, (_, end) in bench.pages.asked if symbol == BTC) <= END - 60 * 12
    assert list(answer.series[BTC].opened) == list(range(END - 1500, END - 60, 60))
    assert bench.heard[-1][0] == bench.heard[-1][1]
    assert bench.heard == sorted(bench.heard, key=lambda heard: (heard[1], heard[0]))
    assert answer.source == "somewhere, 37 candles new, the rest from the cache"
    assert bench.pages.closed == 2


def test_candles_that_cannot_be_kept_are_answered_all_the_same(bench):
    async def keep(venue: str, series: CandleSeries, span: Span) -> None:
        bench.shelf.said = ("The disk is full.",)

    bench.shelf.keep = keep
    answer = bench.load()
    assert len(answer.series[BTC]) == 24
    assert answer.findings == ("The disk is full.",)


def test_a_cache_that_turns_out_damaged_is_as_if_it_were_empty(bench):
    bench.load()
    bench.shelf.lost = True
    bench.pages.asked.clear()
    assert len(bench.load().series[BTC]) == 24
    assert len(bench.pages.asked) == 3


def test_a_short_fault_is_tried_again_and_a_long_one_answers_with_what_there_is(bench):
    bench.pages.errors = [VenueUnavailable("The connection broke") for _ in range(ATTEMPTS - 1)]
    assert len(bench.load().series[BTC]) == 24
    assert bench.clock.now() - NOW >= timedelta(seconds=7)

    bench.clock.time = NOW
    bench.pages.errors = [VenueUnavailable("The connection broke") for _ in range(ATTEMPTS)]
    answer = bench.load(minutes=60)
    assert len(answer.series[BTC]) == 24
    assert answer.findings[0] == "The connection broke. What is stored already is shown."


def test_a_pause_is_told_to_the_account_and_waited_for_unless_it_is_long(bench):
    bench.pages.errors = [VenueUnavailable("Too many", retry_after=timedelta(seconds=30))]
    bench.load()
    assert bench.pauses == [timedelta(seconds=30)]
    assert bench.clock.now() - NOW >= timedelta(seconds=30)

    bench.pages.errors = [VenueUnavailable("Banned", retry_after=timedelta(hours=1))]
    before = bench.clock.now()
    assert bench.load(minutes=60).findings[0] == "Banned. What is stored already is shown."
    assert bench.pauses[1:] == [timedelta(hours=1)] * 2
    assert bench.clock.now() - before < timedelta(minutes=1)


def test_nothing_is_asked_while_the_account_is_paused(bench):
    bench.paused_until = NOW + timedelta(seconds=45)
    bench.load()
    assert bench.clock.now() >= bench.paused_until

    bench.paused_until = bench.clock.now() + timedelta(hours=1)
    bench.pages.asked.clear()
    said = bench.load(minutes=60).findings[0]
    assert said == "No candles are asked for now: it wants to be left alone. What is stored already is shown."
    assert bench.pages.asked == []


def test_without_network_and_cache_the_bundled_days_stand_in_and_it_is_said(bench):
    bench.pages.open_error = VenueUnavailable("somewhere: it cannot be reached")
    answer = bench.load()
    assert (answer.source, answer.series[BTC].timeframe) == ("the bundle", DAY)
    assert answer.findings == (
        "somewhere: it cannot be reached. Bundled daily prices stand in, 1970-04-11 to 1970-04-20.",
    )
    assert bench.load(cached_only=True).findings[0].startswith("Nothing is stored of these markets yet. Bundled")
    with pytest.raises(VenueUnavailable, match="cannot be reached"):
        bench.load(ETH)
    with pytest.raises(InvalidInput, match="No candle is stored of ETH/USDT"):
        bench.load(ETH, cached_only=True)


def test_what_only_the_cache_has_is_answered_without_asking(bench):
    bench.load(minutes=12)
    bench.pages.asked.clear()
    answer = bench.load(minutes=25, cached_only=True)
    assert len(answer.series[BTC]) == 11
    assert answer.source == "somewhere, from the cache"
    assert answer.findings == ("Only what is stored already is shown; something is missing of BTC/USDT.",)
    assert bench.pages.asked == []


def test_where_a_venue_does_not_go_back_further_it_is_said_and_not_taken_for_a_gap(bench):
    bench.pages.oldest = END - 600
    answer = bench.load()
    assert len(answer.series[BTC]) == 9
    assert answer.findings[0] == (
        "somewhere gives no earlier candles of 1 min: before 2024-01-01 11:50 UTC there is only what was stored, of"
        " BTC/USDT. A file with candles goes back further."
    )
    bench.pages.oldest = 0
    assert len(bench.load().series[BTC]) == 24, "asked for again"


def test_a_venue_that_gives_only_the_newest_is_not_asked_for_more(bench):
    bench.pages.newest_only = 10
    answer = bench.load()
    assert min(begin for _, (begin, _) in bench.pages.asked) > END - 600
    assert answer.findings[0].startswith("somewhere gives only its newest 10 candles of 1 min: before 2024-01-01 11:5")


def test_an_answer_that_does_not_move_on_ends_the_load(bench):
    bench.pages.stuck = True
    with pytest.raises(VenueUnavailable, match="candles of another time"):
        bench.load(ETH)


def test_another_timeframe_is_refused_with_the_legal_ones(bench):
    with pytest.raises(InvalidInput, match=r"somewhere has no candles of 1 h\. It has those of: 1 min, 1 day\.") as no:
        bench.load(timeframe=timedelta(hours=1))
    assert no.value.field == "timeframe"
