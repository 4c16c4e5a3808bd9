"""The built-in paper account as it is put together for the program: replay, what follows it, and random walks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.market_data.history import DailyHistory
from rebalancer_gui.adapters.market_data.random_walk import walk_after
from rebalancer_gui.adapters.venues.demo import build_demo_venue
from rebalancer_gui.adapters.venues.paper import PaperVenue
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.resources_path import resource_dir
from tests.fake_clock import FakeClock
from tests.paper_bench import run, take_batches

LAST = datetime(2022, 9, 10, tzinfo=UTC)


def build(path: Path | None = None, **arguments: object) -> PaperVenue:
    resources = resource_dir()
    clock = FakeClock(auto=True)
    return build_demo_venue(
        path,
        clock,
        resources=resources,
        history=DailyHistory(resources / "demo"),
        **arguments,  # type: ignore[arg-type]
    )


def test_the_default_demo_is_a_replay_with_at_least_fifteen_coins_that_move():
    async def body() -> None:
        venue = build()
        await venue.open()
        first, second = await take_batches(venue, 2)
        state = venue.demo.state()
        assert state.source == (
            "Replay of daily prices 2020-09 to 2022-09 (CoinGecko), moves inside a day are simulated"
        )
        assert (state.first_day, state.last_day) == (first.at.date(), LAST.date())
        assert state.speed == 21_600
        assert (await venue.balances()).keys() == {"USDT"}
        stable = {"USDC/USDT", "BUSD/USDT", "DAI/USDT"}
        assert stable < set(first.quotes) == set(await venue.markets())
        moved = {s for s in first.quotes if first.quotes[s].mid != second.quotes[s].mid}
        assert len(moved - stable) >= 15
        await venue.close()

    run(body())


def test_the_price_at_midnight_is_the_real_one():
    async def body() -> None:
        venue = build(start=date(2021, 11, 10))
        history = DailyHistory(resource_dir() / "demo")
        await venue.open()
        price, quote = history.price("BTC", date(2021, 11, 10)), await venue.quote("BTC/USDT")
        assert price is not None
        assert quote.bid < price < quote.ask
        assert quote.ask - quote.bid < price / 1000
        await venue.close()

    run(body())


def test_the_replay_goes_on_as_a_random_walk_from_its_last_prices_also_after_a_restart(tmp_path: Path):
    path = tmp_path / "paper-venue.sqlite"

    async def body() -> None:
        venue = build(path, start=LAST.date() - timedelta(days=1), speed=86_400)
        await venue.open()
        batches = venue.batches()
        last = await anext(batches)
        while not venue.demo.state().ended:
            last = await anext(batches)
        assert last.at == LAST
        venue.demo.continue_with_random_walk()
        following = await anext(batches)
        assert venue.demo.state().source == "Simulated random walk from the last prices of 2022-09-10, seed 1"
        assert set(following.quotes) == set(last.quotes)
        for symbol, quote in following.quotes.items():
            assert abs(quote.mid / last.quotes[symbol].mid - 1) < Decimal("0.2")
        walk = walk_after(DailyHistory(resource_dir() / "demo"), [s.removesuffix("/USDT") for s in last.quotes], 1)
        assert walk is not None
        for symbol, quote in following.quotes.items():
            price = walk.price(symbol.removesuffix("/USDT"), following.at)
            assert price is not None
            assert quote.bid <= price <= quote.ask, "it is as volatile as the replay was at its end"
        onward = await anext(batches)
        await venue.close()

        venue = build(path, random_walk=True, seed=9)
        await venue.open()
        present, *_ = await take_batches(venue, 1)
        assert present == onward
        assert venue.demo.state().seed == 1
        await venue.close()

    run(body())


def test_a_random_walk_from_the_beginning_says_so_and_stays_one(tmp_path: Path):
    path = tmp_path / "paper-venue.sqlite"

    async def body() -> None:
        for arguments in ({"random_walk": True, "seed": 7}, {}):
            venue = build(path, **arguments)
            await venue.open()
            batch, *_ = await take_batches(venue, 20)
            state = venue.demo.state()
            assert (state.source, state.last_day, state.ended) == ("Simulated random walk, seed 7", None, False)
            assert len(batch.quotes) >= 20
            assert set(batch.quotes) == set(await venue.markets())
            await venue.close()

    run(body())


@pytest.mark.parametrize("start", [date(2020, 9, 17), LAST.date(), date(1999, 1, 1)])
def test_a_start_outside_the_history_is_refused_with_the_legal_range(start: date):
    with pytest.raises(InvalidInput, match="from 2020-09-18 to 2022-09-09") as refused:
        build(start=start)
    assert refused.value.field == "start"


def test_two_accounts_with_the_same_seed_live_the_same_life_and_with_another_seed_another():
    async def life(seed: int) -> object:
        venue = build(seed=seed)
        await venue.open()
        seen = await take_batches(venue, 30), await venue.order_book("ETH/USDT")
        await venue.close()
        return seen

    assert run(life(3)) == run(life(3)) != run(life(4))


def test_a_speed_that_is_given_counts_for_an_account_that_is_there_already(tmp_path: Path):
    async def speed(given: int | None) -> int:
        venue = build(tmp_path / "paper-venue.sqlite", speed=given)
        await venue.open()
        found = venue.demo.state().speed
        await venue.close()
        return found

    assert [run(speed(given)) for given in (None, 60, None, 3600, None)] == [21_600, 60, 60, 3600, 3600]


@pytest.mark.parametrize("speed", [0, 86_401])
def test_a_speed_out_of_range_is_refused_at_the_opening_and_the_file_is_let_go(tmp_path: Path, speed: int):
    path = tmp_path / "paper-venue.sqlite"

    async def body() -> None:
        with pytest.raises(InvalidInput, match="from 1 to 86,400"):
            await build(path, speed=speed).open()
        venue = build(path)
        await venue.open()
        await venue.close()

    run(body())
