"""The end of the replay, what may follow it, and the end of the account (BEHAVIOUR.md section 3a)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.adapters.venues.price_script import MarketSettings, PriceScript, play
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.domain.errors import InvalidInput
from tests.paper_bench import PRICES, START, Setup, Waves, playing, run

HOUR = timedelta(hours=1)
END = START + 10 * HOUR


def ending(setup: Setup | None = None) -> Setup:
    """Ten hours of prices, then a walk that stays where it began."""
    waves = Waves(PRICES, until=END)

    def scripts(settings: MarketSettings) -> PriceScript:
        if settings.walk is None:
            return play(waves, "ten hours", END)(settings)
        return play(Still(settings.walk.prices), f"walk from {settings.walk.at:%H:%M}")(settings)

    return replace(setup or Setup(), scripts=scripts)


class Still:
    def __init__(self, prices: Mapping[str, Decimal]) -> None:
        self._prices = prices

    def price(self, asset: str, at: datetime) -> Decimal | None:
        return self._prices.get(asset)


def test_the_replay_stops_exactly_at_its_end():
    async def body() -> None:
        async with playing(ending()) as (venue, clock, consumer):
            await clock.advance(60)
            assert consumer.times == [START + 1.5 * HOUR * n for n in range(7)] + [END]
            state = venue.demo.state()
            assert state.ended
            assert state.last_day == END.date()
            assert not consumer.task.done()
            venue.demo.jump()
            venue.demo.step()
            await clock.advance(60)
            assert consumer.times[-1] == END
            assert not venue.demo.state().jumping

    run(body())


def test_a_jump_stops_at_the_end():
    async def body() -> None:
        async with playing(ending()) as (venue, clock, consumer):
            venue.demo.jump()
            await clock.settle()
            assert consumer.times[-1] == END
            assert clock.monotonic() == 0
            assert (venue.demo.state().jumping, venue.demo.state().ended) == (False, True)

    run(body())


def test_after_the_end_a_random_walk_goes_on_from_the_last_prices_and_after_a_restart_too(tmp_path):
    setup = ending(Setup(path=tmp_path / "paper-venue.sqlite"))

    async def body() -> None:
        async with playing(setup) as (venue, clock, consumer):
            await clock.advance(60)
            last = consumer.seen[-1].quotes
            venue.demo.continue_with_random_walk()
            state = venue.demo.state()
            assert (state.ended, state.last_day, state.source) == (False, None, "walk from 10:00")
            await clock.advance(0.5)
            assert consumer.times[-1] > END
            assert prices(consumer.seen[-1]) == {symbol: quote.bid for symbol, quote in last.items()}
            stopped_at = venue.clock.now()
        async with playing(setup) as (venue, clock, consumer):
            assert consumer.times == [stopped_at]
            assert venue.demo.state().source == "walk from 10:00"
            await clock.advance(0.5)
            assert prices(consumer.seen[-1]) == {symbol: quote.bid for symbol, quote in last.items()}

    run(body())


def prices(batch: QuoteBatch) -> dict[str, Decimal]:
    return {symbol: quote.bid for symbol, quote in batch.quotes.items()}


def test_a_random_walk_before_the_end_is_refused():
    async def body() -> None:
        async with playing(ending()) as (venue, _, _):
            with pytest.raises(InvalidInput, match="not over yet"):
                venue.demo.continue_with_random_walk()

    run(body())


@pytest.mark.parametrize("state", ["waiting", "paused", "ended"])
def test_closing_ends_the_batches(state: str):
    async def body() -> None:
        async with playing(ending()) as (venue, clock, consumer):
            if state == "paused":
                venue.demo.set_paused(True)
            elif state == "ended":
                await clock.advance(60)
            await venue.close()
            await clock.settle()
            assert consumer.task.done()
            await consumer.task

    run(body())
