"""Prices that moved between two orders, coins that cannot be sold yet, orders of others whose outcome is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rebalancer_gui.application import lifecycle
from rebalancer_gui.application.commands import PauseStrategy, PreviewStrategy, StopStrategy
from rebalancer_gui.application.events import CommandRejected, EngineFailed, PreviewReady
from rebalancer_gui.application.price_guard import PriceGuard
from rebalancer_gui.application.records import LegOutcome
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.orders import Accepted, OrderType, Unknown
from rebalancer_gui.domain.strategy import State
from tests.builders import NOON, d, parameters, quote, rules_for
from tests.engine_bench import Bench, run
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue


def venue(*coins: str, **options) -> ScriptedVenue:
    return ScriptedVenue(rules_for(*(coins or ("BTC", "ETH"))), **options)


@pytest.mark.failure(15)
def test_the_rest_of_a_leg_is_not_sent_at_market_when_the_price_moved_against_us_meanwhile() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            await bench.create(parameters())
            bench.venue.fill_part = d("0.5")

            def move_after(request):
                order = bench.venue.execute(request)
                bench.venue.set_price("BTC", "102")
                return Accepted(order)

            bench.venue.answer = lambda r: move_after(r) if r.symbol == "BTC/USDT" else None
            await bench.venue.push()
            sent = [(p.symbol, p.type) for p in bench.venue.posts]
            assert ("BTC/USDT", OrderType.MARKET) not in sent
            assert ("ETH/USDT", OrderType.MARKET) in sent
            leg = next(leg for leg in bench.rebalances[-1].legs if leg.asset == "BTC")
            assert leg.outcome is LegOutcome.PARTLY
            assert "price moved" in leg.detail

    run(story)


def test_a_jump_on_a_quiet_pair_is_confirmed_by_the_venue_repeating_the_quote() -> None:
    guard = PriceGuard()
    guard.observe({"BTC/USDT": quote("BTC", "100")}, None, NOON)
    for seconds in (2, 4, 6):
        at = NOON + timedelta(seconds=seconds)
        # The price itself is as old as the jump; that it still stands is confirmed again and again.
        seen = replace(quote("BTC", "120", at=NOON + timedelta(seconds=2)), received_at=at)
        assert guard.is_confirmed("BTC/USDT") is (seconds == 2)
        guard.observe({"BTC/USDT": seen}, None, at)
    assert guard.is_confirmed("BTC/USDT")


def test_a_coin_that_cannot_be_sold_yet_is_tried_again_in_one_row_of_the_history() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await bench.venue.push()
            bench.venue.prices.pop("ETH/USDT")
            bench.venue.silent = frozenset({"ETH"})
            await bench.ask(lambda i: StopStrategy(i, core, sell_all=True))
            for _ in range(6):
                await bench.venue.push(timedelta(seconds=20))
            assert bench.strategy(core).state is State.STOPPING
            assert len(bench.rebalances) <= 3
            assert len(bench.store.rebalances(core, None, 50)) <= 3
            bench.venue.silent = frozenset()
            await bench.venue.push(timedelta(seconds=20), ETH="100")
            assert bench.strategy(core).state is State.ENDED
            assert bench.view.free == {"USDT": d("10000")}

    run(story)


def test_sell_all_sells_the_whole_coin_when_the_price_rose_since_the_quotes() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await bench.venue.push()

            def rise(request):
                bench.venue.set_price("ETH", "101")

            bench.venue.answer = rise
            await bench.ask(lambda i: StopStrategy(i, core, sell_all=True))
            await bench.venue.push(BTC="100", ETH="100")
            await bench.venue.push()
            assert bench.strategy(core).state is State.ENDED
            assert bench.view.free == {"USDT": d("10005")}

    run(story)


@pytest.mark.failure(49)
def test_no_other_strategy_sends_an_order_that_touches_an_asset_whose_order_is_open() -> None:
    async def story() -> None:
        async with Bench(venue("BTC", "ETH", "XRP", authoritative=False)).running() as bench:
            await bench.venue.push(BTC="100", ETH="100", XRP="1")
            first = await bench.create(parameters(name="First"))
            second = await bench.create(parameters(name="Second", ETH=50, XRP=50))
            bench.venue.answer = lambda request: Unknown("timeout")
            await bench.venue.push()
            await bench.venue.push()
            assert len(bench.venue.posts) == 1
            assert bench.strategy(second).state is State.BUILDING
            bench.venue.answer = lambda request: None
            bench.venue.execute(bench.venue.posts[0])
            await bench.venue.push()
            await bench.venue.push()
            assert {bench.strategy(s).state for s in (first, second)} == {State.RUNNING}
            bench.assert_conserved()

    run(story)


@pytest.mark.expect_log("the engine cannot go on")
def test_a_command_that_meets_a_fault_of_our_own_is_answered_before_the_engine_stops(monkeypatch) -> None:
    def broken(account, strategy) -> None:
        raise InvariantBroken("the books do not add up")

    async def story() -> None:
        async with Bench(venue(), FakeStore()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await bench.venue.push()
            monkeypatch.setattr(lifecycle, "pause", broken)
            answer = await bench.ask(lambda i: PauseStrategy(i, core))
            assert isinstance(answer, CommandRejected)
            await bench.until(lambda: bench.of(EngineFailed))

    run(story)


def test_coins_given_back_without_any_price_count_at_their_last_known_one() -> None:
    async def story() -> None:
        market, store = venue(), FakeStore()
        async with Bench(market, store).running() as bench:
            await market.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await market.push()
            await market.push(timedelta(minutes=2))
        market.prices.pop("ETH/USDT")
        again = Bench(market, store, bench.ids)
        async with again.running():
            await market.push()
            await again.ask(lambda i: StopStrategy(i, core, sell_all=False))
            await market.push()
            shown = again.strategy(core)
            assert shown.state is State.ENDED
            assert shown.score.profit == 0
            assert shown.score.versus_hodl == 0

    run(story)


@pytest.mark.parametrize(
    "asked",
    [
        {"investment": "NaN"},
        {"BTC": "NaN", "ETH": 50},
        {"BTC": "1e60", "ETH": 50},
        {"investment": "1e60"},
        {"investment": "-5"},
        {"investment": "0"},
    ],
    ids=str,
)
def test_a_preview_of_numbers_out_of_all_range_says_what_is_wrong_and_the_engine_goes_on(asked) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            answer = await bench.ask(lambda i: PreviewStrategy(i, "paper", parameters(**asked)))
            assert isinstance(answer, CommandRejected) or (isinstance(answer, PreviewReady) and answer.preview.problems)
            await bench.create(parameters())
            assert not bench.of(EngineFailed)

    run(story)
