"""Candles of a venue: what is kept already, then the rest page by page, each page kept at once, so nothing is asked twice.

    source = VenueCandles(pages, shelf, clock, bundled=BundledCandles(history))     # a CandleSource

A load that was cancelled or lost its network goes on where it was the next time. Without a network it answers with what is
kept, and with the bundled daily prices where nothing is.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from rebalancer_gui.application.candle_port import (
    CandleAnswer,
    CandlePage,
    CandlePages,
    CandleQuestion,
    CandleShelf,
    CandleSource,
    Pauses,
    Span,
    Told,
)
from rebalancer_gui.application.candle_spans import candles_in, inside, joined, outside
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.domain.candle_words import words_of_time, words_of_timeframe
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput, VenueUnavailable

SETTLED = timedelta(seconds=10)
"""After its end a candle is taken for final; before, the venue may still change it."""
PACE = 0.1
"""Seconds of wall time between two questions, beside the venue's own limit: checks and orders come first."""
ATTEMPTS = 4
LONGEST_WAIT = timedelta(minutes=2)
"""A longer pause ends the load."""
_DAY = timedelta(days=1)
_LONG_AGO = datetime(2009, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class _Work:
    """One symbol: what is known of ``span``, what is missing, what was found so far."""

    symbol: str
    missing: tuple[Span, ...]
    parts: list[CandleSeries]
    kept: int
    fresh: int = 0
    dropped: int = 0
    begins: int | None = None
    """Before it the venue gives nothing, whether there is something or not."""


@dataclass(slots=True)
class _Progress:
    told: Told
    total: int
    done: int = 0

    def add(self, candles: int) -> None:
        self.done = min(self.done + candles, self.total)
        self.told(self.done, self.total)


@dataclass(slots=True)
class _Load:
    question: CandleQuestion
    pauses: Pauses
    progress: _Progress
    works: list[_Work] = field(default_factory=list)

    @property
    def missing(self) -> bool:
        return any(work.missing for work in self.works)


class VenueCandles:
    """Implements ``CandleSource`` for one account. ``clock`` is wall time. ``bundled`` answers in days where there is neither
    network nor cache. One load asks the venue at a time.
    """

    def __init__(
        self,
        pages: CandlePages,
        shelf: CandleShelf,
        clock: Clock,
        *,
        bundled: CandleSource | None = None,
        pace: float = PACE,
    ) -> None:
        self._pages = pages
        self._shelf = shelf
        self._clock = clock
        self._bundled = bundled
        self._pace = pace
        self._turn = asyncio.Lock()

    def timeframes(self) -> tuple[timedelta, ...]:
        return self._pages.timeframes()

    async def load(self, question: CandleQuestion, told: Told, pauses: Pauses) -> CandleAnswer:
        legal = self.timeframes()
        if question.timeframe not in legal:
            raise InvalidInput(
                "timeframe",
                f"{self._pages.name} has no candles of {words_of_timeframe(question.timeframe)}. It has those of: "
                f"{', '.join(map(words_of_timeframe, legal))}.",
            )
        load = await self._begun(question, told, pauses)
        problem: VenueUnavailable | None = None
        if load.missing and not question.cached_only:
            try:
                await self._ask(load)
            except VenueUnavailable as error:
                problem = error
        return await self._answer(load, problem)

    async def _begun(self, question: CandleQuestion, told: Told, pauses: Pauses) -> _Load:
        span = self._span(question)
        load = _Load(question, pauses, _Progress(told, candles_in(span, question.timeframe) * len(question.symbols)))
        for symbol in question.symbols:
            known = inside(span, await self._shelf.known(self._pages.name, symbol, question.timeframe))
            parts = [await self._shelf.read(self._pages.name, symbol, question.timeframe, part) for part in known]
            readable = [part for part in parts if part is not None]
            if len(readable) < len(parts):
                # The file was damaged and is gone: nothing of it is known any more.
                known, readable = (), []
            work = _Work(symbol, outside(span, known), readable, sum(map(len, readable)))
            load.works.append(work)
            load.progress.add(sum(candles_in(part, question.timeframe) for part in known))
        return load

    def _span(self, question: CandleQuestion) -> Span:
        """Openings of the bars that are over, of those that are asked for."""
        end = self._end(question.timeframe, min(question.until, self._clock.now() - SETTLED))
        begin = math.ceil(question.since.timestamp())
        if self._pages.on_grid(question.timeframe):
            step = question.timeframe // _SECOND
            begin = -(-begin // step) * step
        return begin, max(end, begin)

    def _end(self, timeframe: timedelta, over: datetime) -> int:
        """Before it opens every candle that is over by ``over``, and no other one. On a grid it is the next opening, so the same
        is not asked for again each second.
        """
        last, step = math.floor((over - timeframe).timestamp()), timeframe // _SECOND
        return (last // step + 1) * step if self._pages.on_grid(timeframe) else last + 1

    # ------------------------------------------------------------------------------------------------------- the venue

    async def _ask(self, load: _Load) -> None:
        async with self._turn:
            try:
                await self._wait_for_pause(load.pauses)
                await self._pages.open(load.question.symbols)
                over = await self._pages.now() - SETTLED
                for work in load.works:
                    for span in work.missing:
                        await self._ask_span(load, work, self._possible(load.question, work, span, over))
            except VenueUnavailable as error:
                if error.retry_after is not None:
                    load.pauses.hold(error.retry_after)
                raise
            finally:
                await self._pages.close()

    def _possible(self, question: CandleQuestion, work: _Work, span: Span, over: datetime) -> Span:
        """The part of ``span`` that is over by the venue's own clock and that it gives at all."""
        begin, end = span[0], min(span[1], self._end(question.timeframe, over))
        most = self._pages.most(question.timeframe)
        if most is not None:
            # One of them is not over yet, and another one may begin while this load goes on.
            earliest = math.ceil((over - question.timeframe * (most - 1)).timestamp())
            if begin < earliest:
                begin = work.begins = earliest
        return begin, end

    async def _ask_span(self, load: _Load, work: _Work, span: Span) -> None:
        name, timeframe = self._pages.name, load.question.timeframe
        at = span[0]
        while at < span[1]:
            page = await self._page(load, work.symbol, (at, span[1]))
            if page.covered <= at:
                raise VenueUnavailable(f"{name} answers with candles of another time than was asked for.")
            begin = at
            if not page.sure:
                begin = work.begins = page.series.opened[0] if len(page.series) else page.covered
            if begin < page.covered:
                await self._shelf.keep(name, page.series, (begin, page.covered))
            work.parts.append(page.series)
            work.fresh += len(page.series)
            work.dropped += page.dropped
            load.progress.add(candles_in((at, page.covered), timeframe))
            at = page.covered
            if self._pace and at < span[1]:
                await self._clock.sleep(self._pace)

    async def _page(self, load: _Load, symbol: str, span: Span) -> CandlePage:
        for attempt in range(1, ATTEMPTS + 1):
            await self._wait_for_pause(load.pauses)
            try:
                return await self._pages.page(symbol, load.question.timeframe, span)
            except VenueUnavailable as error:
                wait = error.retry_after
                if wait is not None:
                    load.pauses.hold(wait)
                if attempt == ATTEMPTS or (wait is not None and wait > LONGEST_WAIT):
                    raise
                problem = error
            await self._clock.sleep(max(2.0 ** (attempt - 1), (problem.retry_after or timedelta()) / _SECOND))
        raise VenueUnavailable(f"{self._pages.name} does not answer.")

    async def _wait_for_pause(self, pauses: Pauses) -> None:
        began = self._clock.monotonic()
        while pauses.pause:
            if self._clock.monotonic() - began >= LONGEST_WAIT / _SECOND:
                raise VenueUnavailable(f"No candles are asked for now: {pauses.pause}.")
            await self._clock.sleep(1.0)

    # ------------------------------------------------------------------------------------------------------ the answer

    async def _answer(self, load: _Load, problem: VenueUnavailable | None) -> CandleAnswer:
        question = load.question
        series = {
            work.symbol: joined(work.symbol, question.timeframe, work.parts)
            for work in load.works
            if any(map(len, work.parts))
        }
        remarks = self._shelf.remarks()
        if not series:
            return await self._stand_in(load, problem, remarks)
        findings = [*remarks, *self._findings(load, problem, series)]
        kept, fresh = sum(work.kept for work in load.works), sum(work.fresh for work in load.works)
        source = self._pages.name
        if not fresh:
            source += ", from the cache"
        elif kept:
            source += f", {fresh:,} candles new, the rest from the cache"
        return CandleAnswer(series, source, tuple(findings))

    def _findings(
        self, load: _Load, problem: VenueUnavailable | None, series: dict[str, CandleSeries]
    ) -> Iterable[str]:
        name = self._pages.name
        if problem is not None:
            yield f"{_sentence(problem)} What is stored already is shown."
        elif load.question.cached_only and load.missing:
            absent = [work.symbol for work in load.works if work.missing]
            yield f"Only what is stored already is shown; something is missing of {', '.join(absent)}."
        short = [work for work in load.works if work.begins is not None]
        if short:
            most = self._pages.most(load.question.timeframe)
            only = f"only its newest {most} candles" if most is not None else "no earlier candles"
            begins = max(work.begins for work in short if work.begins is not None)
            yield (
                f"{name} gives {only} of {words_of_timeframe(load.question.timeframe)}: before {words_of_time(begins)} there is"
                f" only what was stored, of {', '.join(work.symbol for work in short)}. A file with candles goes back further."
            )
        if dropped := sum(work.dropped for work in load.works):
            yield f"{name} told {dropped} candles that cannot be true; they were left out, as gaps."
        if absent := [symbol for symbol in load.question.symbols if symbol not in series]:
            yield f"There is no candle of {', '.join(absent)} in that time."

    async def _stand_in(self, load: _Load, problem: VenueUnavailable | None, remarks: tuple[str, ...]) -> CandleAnswer:
        """Nothing at all was found: the bundled daily prices, where it is for want of a network."""
        question = load.question
        if self._bundled is not None and (problem is not None or question.cached_only):
            whole = replace(question, timeframe=_DAY, since=_LONG_AGO, until=self._clock.now())
            answer = await self._bundled.load(whole, load.progress.told, load.pauses)
            if answer.series:
                why = _sentence(problem) if problem is not None else "Nothing is stored of these markets yet."
                first = min(found.opened[0] for found in answer.series.values())
                last = max(found.opened[-1] for found in answer.series.values())
                said = (
                    f"{why} Bundled daily prices stand in, {words_of_time(first)[:10]} to {words_of_time(last)[:10]}."
                )
                return CandleAnswer(answer.series, answer.source, (said, *remarks, *answer.findings))
        if problem is not None:
            raise problem
        what = "is stored" if question.cached_only else "is there"
        raise InvalidInput("candles", f"No candle {what} of {', '.join(question.symbols)} in that time.")


def _sentence(problem: VenueUnavailable) -> str:
    return problem.message if problem.message.endswith(".") else f"{problem.message}."
