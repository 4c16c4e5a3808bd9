"""Watch only, approve, automatic: what a trigger becomes, how long a proposal stands, and what goes ahead without asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rebalancer_gui.application.commands import AddFunds, PauseStrategy, RebalanceNow, StopAll, StopStrategy
from rebalancer_gui.application.proposal import Proposal
from rebalancer_gui.application.safety_commands import ApproveProposal, DeclineProposal, SetTradingMode
from rebalancer_gui.domain.rails import AccountKind, RailSet
from rebalancer_gui.domain.strategy import RatioRule, State, TimeRule, TradingMode
from rebalancer_gui.domain.triggers import RebalanceReason
from tests.builders import d, parameters, rules_for, with_levels
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue


def bench(trading: TradingMode = TradingMode.APPROVE, **options) -> Bench:
    return Bench(ScriptedVenue(rules_for("BTC", "ETH")), trading=trading, **options)


async def running(b: Bench, rule: RatioRule | TimeRule | None = None) -> str:
    await b.venue.push(BTC="100", ETH="100")
    core = await b.create(parameters(rule=rule))
    await b.venue.push()
    assert b.strategy(core).state is State.RUNNING  # building was confirmed by its owner
    b.venue.posts.clear()
    return core


def proposal(b: Bench, strategy_id: str) -> Proposal:
    found = b.strategy(strategy_id).proposal
    assert found is not None
    return found


async def approve(b: Bench, strategy_id: str, proposal_id: str = "") -> None:
    wanted = proposal_id or proposal(b, strategy_id).id
    await b.do(lambda i: ApproveProposal(i, strategy_id, wanted))


def test_a_trigger_becomes_a_proposal_with_its_plan_and_is_sent_when_it_is_approved() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b)
            await b.venue.push(BTC="110")
            assert b.venue.posts == []
            shown = proposal(b, core)
            assert shown.reason is RebalanceReason.RATIO
            assert [(leg.symbol, leg.side.value) for leg in shown.plan.legs] == [
                ("BTC/USDT", "sell"), ("ETH/USDT", "buy"),
            ]  # fmt: skip
            assert shown.expires_at - shown.at == timedelta(seconds=60)
            assert "approve it" in b.strategy(core).decision
            await approve(b, core)
            await b.until(lambda: len(b.venue.posts) == 2)  # without waiting for the next quotes
            await b.venue.push()
            assert b.strategy(core).proposal is None
            assert all(h.drift is not None and abs(h.drift) < d("0.1") for h in b.snapshot(core).holdings)
            assert b.rebalances[-1].snapshot_seq == shown.plan.snapshot.seq
            b.assert_conserved()

    run(story)


def test_the_same_proposal_stands_while_prices_stay_and_is_planned_anew_after_a_minute_or_a_move() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b)
            await b.venue.push(BTC="110")
            first = proposal(b, core)
            await b.venue.push(BTC="110.3")
            assert proposal(b, core).id == first.id
            await b.venue.push(BTC="110.34")  # over 0.3 %
            second = proposal(b, core)
            assert second.id != first.id
            refused = await b.rejected(lambda i: ApproveProposal(i, core, first.id))
            assert "over" in refused.message
            for _ in range(30):
                await b.venue.push()
            assert proposal(b, core).id == second.id  # exactly a minute
            await b.venue.push()
            assert proposal(b, core).id != second.id
            assert b.venue.posts == []
            await b.venue.push(BTC="100")
            assert b.strategy(core).proposal is None  # nothing is due any more

    run(story)


def test_an_approval_that_comes_too_late_sends_nothing() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b)
            await b.venue.push(BTC="110")
            old = proposal(b, core).id
            b.venue.clock.time += timedelta(seconds=61)
            refused = await b.rejected(lambda i: ApproveProposal(i, core, old))
            assert "over" in refused.message
            await b.venue.push()
            assert b.venue.posts == []

    run(story)


def test_not_now_proposes_nothing_for_ten_minutes() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b)
            await b.venue.push(BTC="110")
            shown = proposal(b, core)
            await b.do(lambda i: DeclineProposal(i, core, shown.id))
            assert b.strategy(core).proposal is None
            await b.venue.push(timedelta(minutes=9))
            assert b.strategy(core).proposal is None
            assert "put off" in b.strategy(core).decision
            await b.venue.push(timedelta(minutes=1))
            assert proposal(b, core).id != shown.id
            assert b.venue.posts == []

    run(story)


def test_exits_and_what_its_owner_asks_for_go_ahead_without_approval() -> None:
    async def story() -> None:
        async with bench().running() as b:
            await b.venue.push(BTC="100", ETH="100")
            asked = replace(with_levels(parameters(), stop_loss="80"), sell_all_on_stop=True)
            core = await b.create(asked)
            await b.venue.push()
            b.venue.posts.clear()
            await b.do(lambda i: AddFunds(i, core, d(200)))
            await b.venue.push()
            assert len(b.venue.posts) == 2
            await b.venue.push(BTC="109")
            await b.do(lambda i: RebalanceNow(i, core))
            await b.venue.push()
            assert len(b.venue.posts) == 4
            assert b.strategy(core).proposal is None
            for _ in range(6):
                await b.venue.push(BTC="79")
            assert (b.strategy(core).state, b.strategy(core).reason) == (State.ENDED, "stop-loss")

    run(story)


def test_a_time_rule_proposes_at_its_tick_and_the_tick_is_dealt_with_when_it_was_traded() -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b, TimeRule(timedelta(hours=1)))
            await b.venue.push(BTC="110")
            assert b.strategy(core).proposal is None
            await b.venue.push(timedelta(hours=1))
            assert proposal(b, core).reason is RebalanceReason.TIME
            await approve(b, core)
            await b.until(lambda: len(b.venue.posts) == 2)
            await b.venue.push(BTC="100")
            assert b.strategy(core).proposal is None  # the next tick is an hour away

    run(story)


@pytest.mark.parametrize("command", [PauseStrategy, "stop", StopAll])
def test_a_proposal_is_over_when_its_strategy_does_not_run_any_more(command) -> None:
    async def story() -> None:
        async with bench().running() as b:
            core = await running(b)
            await b.venue.push(BTC="110")
            shown = proposal(b, core)
            if command == "stop":
                await b.do(lambda i: StopStrategy(i, core, sell_all=False))
            else:
                await b.do(lambda i: command(i, core) if command is PauseStrategy else command(i))
            assert b.strategy(core).proposal is None
            await b.rejected(lambda i: ApproveProposal(i, core, shown.id))
            await b.venue.push()
            assert b.venue.posts == []

    run(story)


def test_on_watch_only_the_plan_is_shown_and_nothing_at_all_is_sent() -> None:
    async def story() -> None:
        async with bench(TradingMode.AUTO).running() as b:
            core = await running(b)
            await b.do(lambda i: SetTradingMode(i, "paper", TradingMode.WATCH))
            assert b.view.trading is TradingMode.WATCH
            await b.venue.push(BTC="110")
            shown = proposal(b, core)
            assert shown.only_shown
            assert "watch only" in b.strategy(core).decision
            refusals = [
                await b.rejected(lambda i: ApproveProposal(i, core, shown.id)),
                await b.rejected(lambda i: RebalanceNow(i, core)),
                await b.rejected(lambda i: AddFunds(i, core, d(200))),
                await b.rejected(lambda i: StopStrategy(i, core, sell_all=True)),
                await b.refused(parameters(name="Other")),
            ]
            assert all("watch only" in refusal.message for refusal in refusals)
            await b.venue.push()
            assert b.venue.posts == []
            await b.do(lambda i: SetTradingMode(i, "paper", TradingMode.AUTO))
            assert b.strategy(core).proposal is None
            await b.venue.push()
            assert len(b.venue.posts) == 2

    run(story)


def test_the_mode_is_kept_over_a_restart_and_said_in_the_journal() -> None:
    async def story() -> None:
        first = bench(TradingMode.AUTO)
        async with first.running() as b:
            core = await running(b)
            await b.do(lambda i: SetTradingMode(i, "paper", TradingMode.APPROVE))
            assert any("Approve mode" in text for text in b.said("user"))
        async with first.again().running() as b:
            await b.venue.push(BTC="110")
            assert not proposal(b, core).only_shown
            assert b.venue.posts == []

    run(story)


def test_rails_are_asked_before_a_proposal_is_made_and_again_before_it_is_sent() -> None:
    async def story() -> None:
        async with bench(rails=RailSet(AccountKind.LIVE)).running() as b:
            core = await running(b)
            await b.venue.push(BTC="108")
            await b.venue.push()
            assert b.strategy(core).proposal is None  # a minute after the build is not over
            assert "due in" in b.strategy(core).decision
            await b.venue.push(timedelta(seconds=61), BTC="108.01")
            await b.venue.push()
            shown = proposal(b, core)
            b.venue.set_price("BTC", "106", "110.02")  # the same middle, a spread of nearly 4 %
            await b.venue.push()
            await approve(b, core, shown.id)
            await b.venue.push()
            assert b.venue.posts == []
            assert "spread of BTC" in b.strategy(core).decision
            b.venue.set_price("BTC", "108.01")
            await b.venue.push()
            await b.until(lambda: len(b.venue.posts) == 2)

    run(story)


def test_with_nothing_that_can_be_sent_no_approval_is_asked_for() -> None:
    async def story() -> None:
        async with bench().running() as b:
            await b.venue.push(BTC="100", ETH="100")
            core = await b.create(parameters(investment="30"))
            await b.venue.push()
            await b.venue.push(BTC="108")
            assert b.strategy(core).proposal is None
            assert "less than the minimum value" in b.strategy(core).message

    run(story)
