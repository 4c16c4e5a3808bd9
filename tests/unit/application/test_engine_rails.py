"""The rails of a live account on the real engine: size and number of orders, refusals, settings, and what is exempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rebalancer_gui.application.commands import AddFunds, PreviewStrategy, RebalanceNow, ResumeStrategy, StopStrategy
from rebalancer_gui.application.events import CommandRejected
from rebalancer_gui.application.records import Outcome
from rebalancer_gui.application.safety_commands import SetRails
from rebalancer_gui.domain.orders import Rejected
from rebalancer_gui.domain.planning import SkipReason
from rebalancer_gui.domain.rails import Rail
from rebalancer_gui.domain.strategy import HaltKind, State
from tests.builders import d, parameters
from tests.engine_bench import run
from tests.rails_bench import LATER, LIVE, bench, drift, running


def test_a_ratio_trigger_needs_two_checks_and_the_first_build_needs_none() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b)
            await b.venue.push(BTC="106")
            assert b.venue.posts == []
            assert "one more check" in b.strategy(core).decision
            await b.venue.push(BTC="100")  # it was one odd quote
            await b.venue.push(BTC="106")
            assert b.venue.posts == []
            await b.venue.push()
            assert len(b.venue.posts) == 2
            assert b.rebalances[-1].outcome is Outcome.DONE
            b.assert_conserved()

    run(story)


def test_the_next_rebalance_waits_until_a_minute_after_the_last_order() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b)
            await drift(b)
            assert len(b.venue.posts) == 2
            await drift(b, "100")
            assert len(b.venue.posts) == 2
            assert "the next rebalance is due in" in b.strategy(core).decision
            await b.ask(lambda i: RebalanceNow(i, core))
            await b.venue.push(BTC="100.2")
            assert len(b.venue.posts) == 2
            await b.venue.push(LATER, BTC="100.1")
            assert len(b.venue.posts) == 4

    run(story)


def test_a_turnover_of_its_value_within_a_day_holds_until_the_oldest_is_a_day_old_also_over_a_restart() -> None:
    async def story() -> None:
        tight = LIVE.with_settings({Rail.TURNOVER: d("0.1")}, frozenset())
        first = bench(tight)
        async with first.running() as b:
            core = await running(b)
            await b.venue.push(ETH="93")
            await drift(b, "109")
            assert len(b.venue.posts) == 2
            await b.venue.push(LATER, BTC="100.02", ETH="100")
            await b.venue.push()
            assert len(b.venue.posts) == 2
            assert "more than 0.1 x its value" in b.strategy(core).decision
            assert b.said("rail")
        async with first.again().running() as b:
            await b.venue.push(LATER, BTC="100")
            await b.venue.push(BTC="100.02")
            await b.venue.push(BTC="100.03")
            assert len(b.venue.posts) == 2
            assert "more than 0.1 x its value" in b.strategy(core).decision
            # What its owner confirms on a preview goes ahead.
            await b.do(lambda i: AddFunds(i, core, d(500)))
            await b.venue.push(BTC="100.04")
            assert len(b.venue.posts) > 2
            b.venue.posts.clear()
            await b.venue.push(timedelta(days=1), BTC="108")
            for step in ("108.01", "108.02"):
                await b.venue.push(BTC=step)
            assert b.venue.posts
            b.assert_conserved()

    run(story)


def test_an_order_over_half_of_the_value_is_skipped_and_says_so_in_the_record() -> None:
    async def story() -> None:
        tight = LIVE.with_settings({Rail.ORDER_SHARE: d(1)}, frozenset())
        async with bench(tight).running() as b:
            core = await running(b)
            await drift(b)
            assert b.venue.posts == []
            record = b.rebalances[-1]
            assert record.outcome is Outcome.SKIPPED
            # Without the sale there is no money for the other coin.
            assert [s.reason for s in record.skipped] == [SkipReason.RAIL, SkipReason.NO_MONEY]
            assert "1 % of the strategy's value" in record.skipped[0].detail
            assert "1 % of the strategy's value" in b.strategy(core).message
            # Stopping is confirmed by its owner: every order goes.
            await b.ask(lambda i: StopStrategy(i, core, sell_all=True))
            await b.venue.push()
            assert b.strategy(core).state is State.ENDED

    run(story)


def test_an_order_that_is_large_for_its_market_is_skipped_where_the_venue_tells_the_volume() -> None:
    async def story() -> None:
        async with bench().running() as b:
            await running(b)
            b.venue.prices["ETH/USDT"] = replace(b.venue.prices["ETH/USDT"], volume=d(500))
            await drift(b)
            assert [p.symbol for p in b.venue.posts] == ["BTC/USDT"]
            (skipped,) = b.rebalances[-1].skipped
            assert "2 % of the market's 24 h volume (10)" in skipped.detail
            b.assert_conserved()

    run(story)


def test_three_refusals_with_the_same_words_halt_and_resume_goes_on() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b)
            b.venue.answer = lambda request: Rejected("Filter failure: LOT_SIZE")
            await drift(b)
            await b.venue.push(LATER, BTC="106.1")
            await b.venue.push(LATER, BTC="106.2")
            shown = b.strategy(core)
            assert (shown.state, shown.halt) == (State.HALTED, HaltKind.REFUSED)
            assert "3 orders were refused with the same words: Filter failure: LOT_SIZE" in shown.reason
            assert len(b.venue.posts) == 3
            b.venue.answer = lambda request: None
            await b.do(lambda i: ResumeStrategy(i, core))
            await b.venue.push(LATER, BTC="106")
            for _ in range(3):
                await b.venue.push()
            assert b.strategy(core).state is State.RUNNING
            assert b.rebalances[-1].outcome is Outcome.DONE

    run(story)


def test_orders_keep_to_two_a_second_of_wall_time_exits_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        b = bench(LIVE, "BTC", "ETH", "XRP", "ADA")
        slept: list[float] = []
        sleep = b.venue.clock.sleep

        async def count(seconds: float) -> None:
            if seconds not in {0, 0.1}:
                slept.append(seconds)
            await sleep(seconds)

        monkeypatch.setattr(b.venue.clock, "sleep", count)
        async with b.running():
            core = await running(b, "BTC", "ETH", "XRP", "ADA")
            assert len([s for s in slept if s > 0]) >= 2  # four orders at one moment
            slept.clear()
            await b.ask(lambda i: StopStrategy(i, core, sell_all=True))
            await b.venue.push()
            assert len([s for s in slept if s > 0]) >= 2
            assert b.strategy(core).state is State.ENDED

    run(story)


@pytest.mark.failure(22)
def test_a_leg_below_the_minimum_is_one_row_that_counts_and_no_order() -> None:
    async def story() -> None:
        async with bench().running() as b:
            await b.venue.push(BTC="100", ETH="100")
            await b.create(parameters(investment="30"))
            await b.venue.push()
            await b.venue.push(LATER, BTC="100.01")
            b.venue.posts.clear()
            rows = len(b.rebalances)
            for step in range(50):
                await b.venue.push(BTC=f"108.{step:02d}")
            assert b.venue.posts == []
            assert len(b.rebalances) == rows + 1
            assert b.rebalances[-1].repeats == 49

    run(story)


def test_the_hourly_rate_holds_the_rule_and_lets_an_exit_go() -> None:
    async def story() -> None:
        tight = LIVE.with_settings({Rail.RATE: d(3)}, frozenset())
        async with bench(tight).running() as b:
            core = await running(b)
            await drift(b)
            assert b.venue.posts == []
            assert "has sent 2 orders within an hour; 3 are allowed" in b.strategy(core).decision
            await b.ask(lambda i: StopStrategy(i, core, sell_all=True))
            await b.venue.push()
            assert b.strategy(core).state is State.ENDED

    run(story)


def test_settings_are_stored_shown_refused_by_field_and_taken_up_again() -> None:
    async def story() -> None:
        first = bench()
        async with first.running() as b:
            await b.venue.push(BTC="100", ETH="100")
            values = {Rail.INTERVAL: d(300), Rail.RATE: d(60)}
            await b.do(lambda i: SetRails(i, "paper", values, frozenset({Rail.CHECKS})))
            assert b.view.rails.values == {Rail.INTERVAL: d(300)}
            assert not b.view.rails.is_on(Rail.CHECKS)
            wrong = await b.ask(lambda i: SetRails(i, "paper", {Rail.RATE: d(0)}))
            assert isinstance(wrong, CommandRejected)
            assert (wrong.field, "1 to 1000" in wrong.message) == ("rate", True)
            assert b.view.rails.values == {Rail.INTERVAL: d(300)}
            assert any("safety rails were changed" in text for text in b.said("user"))
        async with first.again().running() as b:
            await b.venue.push(BTC="100", ETH="100")
            assert b.view.rails.limit(Rail.INTERVAL) == 300
            assert b.view.rails.off == {Rail.CHECKS}

    run(story)


def test_switched_off_a_rail_is_not_asked_any_more() -> None:
    async def story() -> None:
        async with bench().running() as b:
            await running(b)
            await b.do(lambda i: SetRails(i, "paper", {}, frozenset({Rail.CHECKS, Rail.INTERVAL})))
            for price in ("106", "100", "106"):
                b.venue.posts.clear()
                await b.venue.push(BTC=price)
                assert len(b.venue.posts) == 2

    run(story)


def test_a_preview_names_the_order_that_the_cap_would_keep_from_being_sent() -> None:
    async def story() -> None:
        async with bench(LIVE.with_settings({Rail.ORDER_CAP: d(400)}, frozenset())).running() as b:
            for coin in ("BTC", "ETH"):
                b.venue.set_price(coin, "100")
            await b.venue.push()
            asked = parameters(BTC=50, ETH=50)
            wide = await b.preview(lambda i: PreviewStrategy(i, "paper", replace(asked, investment=d(1000))))
            assert [field for field, _ in wide.problems] == ["investment"]
            assert "over the largest order allowed (400)" in wide.problems[0][1]
            assert "Settings, Safety rails" in wide.problems[0][1]
            legal = await b.preview(lambda i: PreviewStrategy(i, "paper", replace(asked, investment=d(600))))
            assert legal.problems == ()

    run(story)
