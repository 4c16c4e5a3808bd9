"""A source of prices that quotes only what it is told: it is told what strategies, money, presets and forms need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rebalancer_gui.application.commands import (
    ChangeCoins,
    CreateStrategy,
    FollowPrices,
    PreviewChange,
    PreviewStrategy,
    StopStrategy,
)
from rebalancer_gui.application.following import KEPT
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.application.session import Session
from rebalancer_gui.application.venue_gate import VenueGate
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.strategy import Basis, Level, Trigger
from tests.builders import d, parameters, rules_for, targets
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

PRICES = {"BTC": "50000", "ETH": "2500", "SOL": "100", "ADA": "1", "BNB": "300", "USDC": "1"}


class Choosy(ScriptedVenue):
    """Its batches have what is followed only; every quote that is asked for by itself is counted."""

    def __init__(self) -> None:
        super().__init__(rules_for(*PRICES))
        self.told: list[frozenset[str]] = []
        self.asked: list[str] = []
        self.pauses: list[timedelta] = []
        self.all: dict[str, Quote] = {}
        for base, price in PRICES.items():
            self.set_price(base, price)
        self.all, self.prices = self.prices, {}

    def follow(self, symbols: Collection[str]) -> None:
        self.told.append(frozenset(symbols))
        self.prices = {symbol: quote for symbol, quote in self.all.items() if symbol in symbols}

    def hold(self, span: timedelta) -> None:
        self.pauses.append(span)

    async def quote(self, symbol: str) -> Quote:
        self.asked.append(symbol)
        now = self.clock.now()
        return replace(self.all[symbol], at=now, received_at=now)


def bench_on(venue: Choosy) -> Bench:
    return Bench(venue, prices=venue)


def test_before_the_first_batch_only_what_every_account_needs_is_followed():
    async def story() -> None:
        venue = Choosy()
        async with bench_on(venue).running():
            await venue.push()
            assert venue.told[0] == {"BNB/USDT", "USDC/USDT"}, "fees, and whether the money still is a dollar"
            assert venue.asked == []

    run(story)


def test_a_preview_of_coins_that_nobody_holds_is_answered_at_their_prices_of_now():
    async def story() -> None:
        venue = Choosy()
        async with bench_on(venue).running() as bench:
            await venue.push()
            preview = await bench.preview(lambda i: PreviewStrategy(i, "paper", parameters(BTC=50, ETH=50)))
            assert {leg.symbol for leg in preview.plan.legs} == {"BTC/USDT", "ETH/USDT"}
            assert sorted(venue.asked) == ["BTC/USDT", "ETH/USDT"]
            await bench.preview(lambda i: PreviewStrategy(i, "paper", parameters(BTC=50, ETH=50)))
            assert len(venue.asked) == 2, "a price that is fresh is not asked for again"
            assert {"BTC/USDT", "ETH/USDT"} <= venue.told[-1]

    run(story)


def test_a_strategys_coins_and_levels_are_followed_until_it_is_over():
    async def story() -> None:
        venue = Choosy()
        async with bench_on(venue).running() as bench:
            await venue.push()
            wanted = replace(
                parameters(BTC=50, ETH=50),
                stop_loss=Level(Basis.PRICE, d("50"), "SOL/USDT"),
            )
            sid = await bench.create(wanted)
            await venue.push(timedelta(seconds=KEPT + 1))
            await venue.push()
            assert {"BTC/USDT", "ETH/USDT", "SOL/USDT"} <= venue.told[-1]
            assert "ADA/USDT" not in venue.told[-1]
            await bench.do(lambda i: StopStrategy(i, sid, sell_all=True))
            await venue.push()
            await venue.push()
            await venue.push()
            assert venue.told[-1] == {"BNB/USDT", "USDC/USDT"}

    run(story)


def test_a_strategy_that_waits_for_its_trigger_has_the_prices_that_it_waits_for():
    async def story() -> None:
        venue = Choosy()
        async with bench_on(venue).running() as bench:
            await venue.push()
            await bench.create(replace(parameters(BTC=50, ETH=50), trigger=Trigger("ADA/USDT", d("0.5"))))
            await venue.push()
            assert {"BTC/USDT", "ETH/USDT", "ADA/USDT"} <= venue.told[-1]

    run(story)


def test_coins_that_a_change_brings_in_are_known_when_it_is_previewed_and_made():
    async def story() -> None:
        venue = Choosy()
        async with bench_on(venue).running() as bench:
            await venue.push()
            sid = await bench.create(parameters(BTC=50, ETH=50))
            await venue.push()
            new = targets(BTC=50, ETH=25, ADA=25)
            preview = await bench.preview(lambda i: PreviewChange(i, sid, new))
            assert "ADA/USDT" in {leg.symbol for leg in preview.plan.legs}
            await bench.do(lambda i: ChangeCoins(i, sid, new))
            await venue.push()
            assert "ADA" in bench.owned(sid)

    run(story)


def test_what_a_form_shows_is_followed_for_ten_minutes():
    async def story() -> None:
        venue = Choosy()
        async with bench_on(venue).running() as bench:
            await venue.push()
            await bench.do(lambda i: FollowPrices(i, "paper", ("SOL/USDT", "NOSUCH/COIN")))
            assert venue.told[-1] == {"BNB/USDT", "USDC/USDT", "SOL/USDT"}, "at once, and only what there is"
            await venue.push(timedelta(seconds=KEPT - 10))
            await venue.push(timedelta(seconds=5))
            assert "SOL/USDT" in venue.told[-1]
            await venue.push(timedelta(seconds=20))
            await venue.push()
            assert "SOL/USDT" not in venue.told[-1]

    run(story)


def test_a_venue_that_quotes_everything_is_told_nothing_and_asked_nothing():
    async def story() -> None:
        venue = Choosy()
        venue.prices = venue.all
        async with Bench(venue).running() as bench:
            await venue.push()
            await bench.preview(lambda i: PreviewStrategy(i, "paper", parameters(BTC=50, ETH=50)))
            await bench.do(lambda i: FollowPrices(i, "paper", ("SOL/USDT",)))
            assert venue.told == []
            assert venue.asked == []

    run(story)


def test_a_command_of_the_console_knows_the_prices_of_new_coins_too():
    async def story() -> None:
        venue = Choosy()
        setup = bench_on(venue).engine._setups[0]

        venue._batches.put_nowait(QuoteBatch(venue.clock.now(), {}, timedelta(seconds=1)))
        async with Session(setup) as session:
            events = await session.ask(CreateStrategy("c", "paper", parameters(BTC=50, ETH=50)))
            assert type(events[-1]).__name__ == "StrategyCreated"
        assert sorted(venue.asked) == ["BTC/USDT", "ETH/USDT"]

    run(story)


@pytest.mark.failure(8)
def test_a_pause_that_the_source_of_prices_was_asked_for_holds_for_orders_and_questions_too():
    class Banned(Choosy):
        async def batches(self) -> AsyncIterator[QuoteBatch]:
            if not self.told:
                raise VenueUnavailable("429", retry_after=timedelta(seconds=30))
            yield QuoteBatch(self.clock.now(), {}, timedelta(seconds=1))

    async def story() -> None:
        gate = VenueGate(Banned())
        with pytest.raises(VenueUnavailable):
            await anext(gate.batches())
        assert gate.pause
        with pytest.raises(VenueUnavailable, match="pause"):
            await gate.quote("BTC/USDT")

    run(story)


@pytest.mark.failure(8)
def test_a_pause_that_the_venue_asked_for_is_kept_by_the_source_of_prices_too():
    async def story() -> None:
        class Banned(Choosy):
            async def server_time(self) -> datetime:
                raise VenueUnavailable("418", retry_after=timedelta(minutes=2))

        venue = Banned()
        gate = VenueGate(venue, prices=venue)
        with pytest.raises(VenueUnavailable):
            await gate.server_time()
        assert venue.pauses == [timedelta(minutes=2)]

    run(story)
