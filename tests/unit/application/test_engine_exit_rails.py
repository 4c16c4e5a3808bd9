"""What exits, removals and clocks that jump mean for the rails of a live account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rebalancer_gui.application.commands import RebalanceNow, RemoveFunds, StopStrategy
from rebalancer_gui.domain.planning import SkipReason
from rebalancer_gui.domain.rails import Rail
from rebalancer_gui.domain.strategy import State
from tests.builders import d, parameters, with_levels
from tests.engine_bench import Bench, run
from tests.rails_bench import LATER, LIVE, bench, running


async def with_stop_loss(b: Bench, level: str) -> str:
    await b.venue.push(BTC="100", ETH="100")
    core = await b.create(replace(with_levels(parameters(), stop_loss=level), sell_all_on_stop=True))
    await b.venue.push()
    await b.venue.push(LATER, BTC="100.01")
    b.venue.posts.clear()
    return core


def test_the_quotes_of_a_stop_loss_are_ten_seconds_apart() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await with_stop_loss(b, "96")
            first = b.venue.clock.now() + timedelta(seconds=2)
            while b.strategy(core).state is not State.ENDED:
                await b.venue.push(BTC="95")  # no jump: nothing but the three quotes is waited for
                assert b.venue.clock.now() - first < timedelta(seconds=40)
            assert b.venue.clock.now() - first >= timedelta(seconds=20)

    run(story)


def test_a_stop_waits_with_a_coin_whose_price_jumped_and_sells_the_others() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b)
            await b.venue.push(BTC="60")
            await b.ask(lambda i: StopStrategy(i, core, sell_all=True))
            await b.venue.push()
            assert [p.symbol for p in b.venue.posts] == ["ETH/USDT"]
            skipped = next(s for s in b.rebalances[-1].skipped if s.asset == "BTC")
            assert (skipped.reason, "being confirmed" in skipped.detail) == (SkipReason.RAIL, True)
            for _ in range(7):
                await b.venue.push(timedelta(seconds=10))
            assert b.strategy(core).state is State.ENDED
            assert [p.symbol for p in b.venue.posts] == ["ETH/USDT", "BTC/USDT"]

    run(story)


def test_while_nothing_can_be_sold_the_screen_says_what_waits_and_why() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b)
            await b.venue.push(BTC="60", ETH="60")
            await b.ask(lambda i: StopStrategy(i, core, sell_all=True))
            await b.venue.push()
            shown = b.strategy(core)
            assert shown.state is State.STOPPING
            assert "BTC: its price jumped and is being confirmed" in shown.waits
            assert "every 10 seconds" in shown.waits
            for _ in range(8):
                await b.venue.push(timedelta(seconds=10))
            assert (b.strategy(core).state, b.strategy(core).waits) == (State.ENDED, "")

    run(story)


def test_a_price_that_jumps_between_the_quotes_and_the_order_is_not_traded_on() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b)
            await b.venue.push(BTC="106")
            b.venue.set_price("BTC", "130")  # in our favour, so the plan's own limit would not mind
            old = b.venue.prices["BTC/USDT"]
            await b.ask(lambda i: RebalanceNow(i, core))

            async def fresh(symbol: str):
                return old if symbol == "BTC/USDT" else await quote(symbol)

            quote, b.venue.quote = b.venue.quote, fresh  # type: ignore[method-assign]
            await b.venue.push(BTC="106.01")
            assert b.venue.posts == []
            assert {s.reason for s in b.rebalances[-1].skipped} >= {SkipReason.RAIL}

    run(story)


def test_a_removal_is_confirmed_on_its_preview_so_size_and_turnover_let_it_go() -> None:
    async def story() -> None:
        tight = LIVE.with_settings({Rail.ORDER_SHARE: d(1), Rail.TURNOVER: d("0.1")}, frozenset())
        async with bench(tight).running() as b:
            core = await running(b)
            await b.do(lambda i: RemoveFunds(i, core, d(400)))
            await b.venue.push(BTC="100.02")
            assert len(b.venue.posts) == 2
            assert b.strategy(core).score.value is not None
            assert b.view.free["USDT"] > d(9390)
            b.assert_conserved()

    run(story)


def test_after_sleep_the_checks_that_must_agree_begin_anew() -> None:
    async def story() -> None:
        b = bench()
        async with b.running():
            await running(b)
            await b.venue.push(BTC="106")  # the first of two checks
            monotonic, slept = b.venue.clock.monotonic, timedelta(hours=8)
            b.venue.clock.monotonic = lambda: monotonic() - slept.total_seconds()  # type: ignore[method-assign]
            await b.venue.push(slept, BTC="106.01")
            assert b.venue.posts == []
            await b.venue.push(BTC="106.02")
            assert len(b.venue.posts) == 2  # one catch-up, no burst
            await b.venue.push()
            assert len(b.venue.posts) == 2

    run(story)
