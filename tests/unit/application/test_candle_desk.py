"""Candles are loaded beside the accounts' work: told of, answered once, given up when asked, never in anybody's way."""

from __future__ import annotations

import asyncio
from array import array
from datetime import UTC, datetime, timedelta

import pytest

from rebalancer_gui.application.candle_commands import CancelCandles, LoadCandles
from rebalancer_gui.application.candle_desk import CANCELLED, FAULT
from rebalancer_gui.application.candle_port import CandleAnswer, CandleQuestion, Pauses, Told
from rebalancer_gui.application.engine import OVER
from rebalancer_gui.application.events import CandlesProgress, CandlesReady, CommandDone, CommandRejected
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput, VenueUnavailable
from tests.builders import parameters, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

HOUR = timedelta(hours=1)
FROM, TO = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)
SERIES = CandleSeries("BTC/USDT", HOUR, array("q", [0]), *(array("d", [1.0]) for _ in range(5)))


class Slow:
    """Answers when it is let go; raises what it is given."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.questions: list[CandleQuestion] = []
        self.error: Exception | None = None
        self.pauses: Pauses | None = None
        self.ended = 0

    def timeframes(self) -> tuple[timedelta, ...]:
        return (HOUR,)

    async def load(self, question: CandleQuestion, told: Told, pauses: Pauses) -> CandleAnswer:
        self.questions.append(question)
        self.pauses = pauses
        told(1, 4)
        told(2, 4)
        try:
            await self.go.wait()
        finally:
            self.ended += 1
        if self.error is not None:
            raise self.error
        told(4, 4)
        return CandleAnswer({"BTC/USDT": SERIES}, "somewhere", ("Something was found.",))


def load(command_id: str, account: str = "paper", *symbols: str, since: datetime = FROM) -> LoadCandles:
    return LoadCandles(command_id, account, symbols or ("BTC/USDT", "BTC/USDT"), HOUR, since, TO)


def bench() -> tuple[Bench, Slow]:
    venue, source = ScriptedVenue(rules_for("BTC", "ETH")), Slow()
    venue.set_price("BTC", "50000")
    venue.set_price("ETH", "2500")
    return Bench(venue, candles=source), source


def test_a_load_is_told_of_and_answered_once_while_checks_and_commands_go_on():
    async def body() -> None:
        made, source = bench()
        async with made.running():
            made.engine.post(load("load"))
            await made.until(lambda: source.questions)
            assert await made.create(parameters(BTC="50", ETH="50"))
            assert not made.of(CandlesReady)
            source.go.set()
            await made.until(lambda: made.of(CandlesReady))
        [ready] = made.of(CandlesReady)
        assert (ready.command_id, ready.account, ready.source) == ("load", "paper", "somewhere")
        assert (ready.series, ready.timeframes) == ({"BTC/USDT": SERIES}, (HOUR,))
        assert ready.findings == ("Something was found.",)
        assert [(p.load_id, p.done, p.total) for p in made.of(CandlesProgress)] == [("load", 1, 4), ("load", 4, 4)]
        assert source.questions[0].symbols == ("BTC/USDT",)

    run(body)


def test_a_cancelled_load_is_answered_and_ends_at_once():
    async def body() -> None:
        made, source = bench()
        async with made.running():
            made.engine.post(load("load"))
            await made.until(lambda: source.questions)
            assert isinstance(await made.ask(lambda i: CancelCandles(i, "load")), CommandDone)
            await made.until(lambda: made.of(CommandRejected))
            assert (await made.rejected(lambda i: CancelCandles(i, "load"))).message.startswith("These candles are not")
        assert source.ended == 1
        assert made.of(CommandRejected)[0] == CommandRejected("load", CANCELLED)

    run(body)


def test_an_engine_that_stops_gives_up_what_is_being_loaded_and_says_so():
    async def body() -> None:
        made, source = bench()
        async with made.running():
            made.engine.post(load("load"))
            await made.until(lambda: source.questions)
        assert source.ended == 1
        assert made.of(CommandRejected) == [CommandRejected("load", OVER)]

    run(body)


@pytest.mark.parametrize(
    ("error", "field", "message"),
    (
        (InvalidInput("timeframe", "There is no such timeframe."), "timeframe", "There is no such timeframe."),
        (VenueUnavailable("No network.", "Try again later."), "candles", "No network. Try again later."),
    ),
)
def test_what_goes_wrong_is_said_in_the_answer(error: Exception, field: str, message: str):
    async def body() -> None:
        made, source = bench()
        source.error = error
        source.go.set()
        async with made.running():
            assert await made.rejected(load) == CommandRejected("c1", message, field)

    run(body)


@pytest.mark.expect_log("a fault while candles were loaded")
def test_a_fault_of_ours_ends_the_load_only():
    async def body() -> None:
        made, source = bench()
        source.error = ZeroDivisionError()
        source.go.set()
        async with made.running():
            assert (await made.rejected(load)).message == FAULT
            assert await made.create(parameters(BTC="50", ETH="50"))

    run(body)


def test_what_cannot_be_asked_is_refused_by_name():
    async def body() -> None:
        made, source = bench()
        async with made.running():
            assert (await made.rejected(lambda i: load(i, "nobody"))).field == "account"
            assert (await made.rejected(lambda i: load(i, since=TO))).field == "candles"
            many = tuple(f"C{number}/USDT" for number in range(51))
            assert (await made.rejected(lambda i: load(i, "paper", *many))).field == "coins"
        without = Bench(ScriptedVenue(rules_for("BTC")))
        async with without.running():
            assert (await without.rejected(load)).message == "The account Paper has no candles."
        assert not source.questions

    run(body)


def test_a_pause_that_was_asked_for_while_loading_holds_for_the_account_too():
    async def body() -> None:
        made, source = bench()
        async with made.running():
            made.engine.post(load("load"))
            await made.until(lambda: source.questions)
            assert source.pauses is not None
            assert source.pauses.pause == ""
            source.pauses.hold(timedelta(seconds=30))
            assert source.pauses.pause == "the exchange asked for a pause of 30 s more"

    run(body)
