"""Another name, rule, level or Sell all while a strategy lives: each change is a version, said in the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from rebalancer_gui.application.commands import (
    EditStrategy,
    PauseStrategy,
    PreviewEdit,
    RebalanceNow,
    ResumeStrategy,
    ResumeTrading,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.domain.strategy import (
    Basis,
    Direction,
    HeldCoin,
    Level,
    RatioRule,
    State,
    StrategyParameters,
    TimeRule,
    Trigger,
)
from tests.builders import d, parameters, rules_for, targets, with_levels
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

DAY = timedelta(days=1)
BY_DAY = TimeRule(DAY, d("0.5"))


def venue(**options) -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH", min_notional="10"), **options)


def calm(**kind) -> StrategyParameters:
    return parameters(rule=RatioRule(d(50)), **kind)


async def built(bench: Bench, wanted: StrategyParameters | None = None) -> str:
    await bench.venue.push(BTC="100", ETH="100")
    core = await bench.create(wanted or calm())
    await bench.venue.push()
    assert bench.strategy(core).state is State.RUNNING
    return core


async def edit(bench: Bench, core: str, **changes: Any) -> None:
    wanted = replace(bench.strategy(core).parameters, **changes)
    await bench.do(lambda i: EditStrategy(i, core, wanted))


@pytest.mark.rule("5.5")
def test_each_edit_is_a_version_with_its_time_and_says_what_changed() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            times = [bench.strategy(core).created_at]
            for changes in (
                {"name": "  New name "},
                {"rule": RatioRule(d("2.5"), timedelta(minutes=5))},
                {"rule": TimeRule(timedelta(hours=4), d(1))},
                {"stop_loss": Level(Basis.PRICE, d(80), "BTC/USDT"), "sell_all_on_stop": True},
                {"stop_loss": None, "take_profit": Level(Basis.RETURN, d("12.5"))},
            ):
                await bench.venue.push()
                await edit(bench, core, **changes)
                times.append(bench.venue.clock.now())
            assert bench.said("version") == [
                "New name, version 2: name Core -> New name.",
                "New name, version 3: rule by coin ratio 50 %, every 2 s -> by coin ratio 2.5 %, every 300 s.",
                "New name, version 4: rule by coin ratio 2.5 %, every 300 s -> by time every 14400 s over 1 %.",
                "New name, version 5: stop-loss BTC/USDT <= 80 USDT, sell all coins on stop on.",
                "New name, version 6: stop-loss none, take-profit time-weighted return >= 12.5 %.",
            ]
            assert [(n, at) for n, at, _ in bench.store.versions(core)] == list(enumerate(times, start=1))
            assert bench.store.versions(core)[-1][2] == bench.strategy(core).parameters
            assert len(bench.venue.posts) == 2

    run(story)


@pytest.mark.rule("5.5")
def test_an_edited_threshold_counts_from_the_next_check() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            await bench.venue.push(BTC="105", ETH="95")
            assert len(bench.venue.posts) == 2
            await edit(bench, core, rule=RatioRule(d(2)))
            await bench.venue.push()
            assert len(bench.venue.posts) == 4
            assert bench.rebalances[-1].reason == "by coin ratio"

    run(story)


@pytest.mark.rule("3.2d")
def test_an_edited_interval_starts_a_new_grid_and_an_edited_gate_does_not_also_over_a_restart() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            core = await built(bench, parameters(rule=BY_DAY))
            start = bench.strategy(core).started_at
            assert start is not None
            await bench.venue.push(timedelta(hours=30))
            assert bench.strategy(core).next_check == start + 2 * DAY
            await edit(bench, core, rule=TimeRule(DAY, d(3)))
            assert bench.strategy(core).next_check == start + 2 * DAY
            await edit(bench, core, rule=TimeRule(3 * DAY, d(3)))
            edited_at = bench.venue.clock.now()
            assert bench.strategy(core).next_check == edited_at + 3 * DAY
        later = bench.again()
        async with later.running():
            await later.venue.push()
            assert later.strategy(core).next_check == edited_at + 3 * DAY
            posts = len(later.venue.posts)
            await later.venue.push(3 * DAY - timedelta(seconds=3), BTC="109", ETH="92")
            assert len(later.venue.posts) == posts
            await later.venue.push(timedelta(seconds=1))
            assert (len(later.venue.posts), later.rebalances[-1].reason) == (posts + 2, "by time")
            await later.do(lambda i: RebalanceNow(i, core))
            await later.venue.push(BTC="112", ETH="90")
            assert later.strategy(core).next_check == edited_at + 6 * DAY, "a forced rebalance does not move the grid"

    run(story)


@pytest.mark.rule("3.2", "3.2d")
def test_an_interval_edited_before_the_start_counts_from_the_start() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(parameters(rule=BY_DAY), trigger="105"))
            await edit(bench, core, rule=TimeRule(2 * DAY, d("0.5")))
            await bench.venue.push(5 * DAY)
            for _ in range(3):
                await bench.venue.push(BTC="105")
            shown = bench.strategy(core)
            assert shown.started_at == bench.venue.clock.now()
            assert shown.next_check == shown.started_at + 2 * DAY
            sent = len(bench.venue.posts)
            await bench.venue.push(BTC="108", ETH="97")
            assert len(bench.venue.posts) == sent, "no tick is due that lies before the start"

    run(story)


def test_while_paused_and_while_halted_a_strategy_can_be_edited_and_nothing_is_traded() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            await bench.venue.push(BTC="105", ETH="95")
            await bench.do(lambda i: PauseStrategy(i, core))
            await edit(bench, core, rule=RatioRule(d(3)))
            await bench.do(StopAll)
            await edit(bench, core, rule=RatioRule(d(2)), name="Other")
            assert bench.strategy(core).state is State.HALTED
            await bench.venue.push()
            await bench.do(ResumeTrading)
            await bench.venue.push()
            assert (bench.strategy(core).state, len(bench.venue.posts)) == (State.PAUSED, 2)
            await bench.do(lambda i: ResumeStrategy(i, core))
            await bench.venue.push()
            assert len(bench.venue.posts) == 4

    run(story)


@pytest.mark.rule("6.1")
def test_another_trigger_price_has_its_direction_from_the_price_of_that_moment_and_counts_anew() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), trigger="105"))
            await bench.venue.push(BTC="106")
            await bench.venue.push()
            await edit(bench, core, trigger=Trigger("BTC/USDT", d(104)))
            assert bench.strategy(core).parameters.trigger == Trigger("BTC/USDT", d(104), Direction.FALLING)
            for _ in range(3):
                await bench.venue.push()
            assert bench.strategy(core).state is State.WAITING
            for _ in range(3):
                assert bench.strategy(core).state is State.WAITING
                await bench.venue.push(BTC="103")
            assert bench.strategy(core).state is State.RUNNING

    run(story)


@pytest.mark.rule("6.1", "10.13")
def test_without_its_trigger_a_waiting_strategy_starts_at_once_with_its_coins_valued_anew() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            bench.venue.held["BTC"] = d(5)
            for _ in range(8):
                await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(investment="500"), trigger="150"), (HeldCoin("BTC", d(5)),))
            await bench.venue.push(BTC="108")
            await edit(bench, core, trigger=None)
            assert bench.strategy(core).state is State.BUILDING
            await bench.venue.push()
            shown = bench.strategy(core)
            assert shown.state is State.RUNNING
            assert (shown.score.net_invested, shown.score.profit) == (d(1040), d(0))
            assert bench.said("version") == ["Core, version 2: trigger none."]

    run(story)


@pytest.mark.rule("6.1")
def test_taking_the_trigger_away_is_previewed_with_the_orders_that_are_then_sent() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            bench.venue.held["BTC"] = d(5)
            for _ in range(8):
                await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(investment="500"), trigger="150"), (HeldCoin("BTC", d(2)),))
            await bench.venue.push(BTC="108")
            present = bench.strategy(core).parameters
            named = replace(present, name="Other")
            assert (await bench.preview(lambda i: PreviewEdit(i, core, named))).plan.legs == ()
            untriggered = replace(named, trigger=None)
            preview = await bench.preview(lambda i: PreviewEdit(i, core, untriggered))
            assert (preview.problems, bench.strategy(core).parameters) == ((), present), "nothing is changed by asking"
            assert bench.strategy(core).state is State.WAITING
            await bench.do(lambda i: EditStrategy(i, core, untriggered))
            await bench.venue.push()
            sent = {(p.symbol, p.side, p.quantity) for p in bench.venue.posts}
            assert sent
            assert {(leg.symbol, leg.side, leg.quantity) for leg in preview.plan.legs} == sent

    run(story)


@pytest.mark.rule("6.1")
def test_a_preview_without_the_trigger_says_why_the_edit_would_be_refused() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), trigger="105"))
            untriggered = replace(bench.strategy(core).parameters, trigger=None)
            await bench.do(StopAll)
            preview = await bench.preview(lambda i: PreviewEdit(i, core, untriggered))
            ((field, message),) = preview.problems
            assert (field, "resume it first" in message) == ("trigger", True)

    run(story)


@pytest.mark.rule("7.1")
def test_a_trigger_is_not_taken_away_while_halted_so_that_nobody_waits_for_nothing() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(with_levels(calm(), trigger="105"))
            await bench.do(StopAll)
            untriggered = replace(bench.strategy(core).parameters, trigger=None)
            refused = await bench.rejected(lambda i: EditStrategy(i, core, untriggered))
            assert (refused.field, "resume it first" in refused.message) == ("trigger", True)
            await edit(bench, core, trigger=Trigger("BTC/USDT", d(101)))
            await bench.do(ResumeTrading)
            for _ in range(3):
                await bench.venue.push(BTC="101")
            assert bench.strategy(core).state is State.RUNNING

    run(story)


@pytest.mark.rule("6.5")
def test_a_level_that_would_fire_at_once_is_refused_and_one_that_is_about_to_fire_does_not_block_an_edit() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench, with_levels(calm(), stop_loss="90"))
            await bench.venue.push(BTC="89")
            own = bench.strategy(core).parameters
            for changes, field, said in (
                ({"take_profit": Level(Basis.PRICE, d(89), "BTC/USDT")}, "take_profit", "above the present 89 USDT"),
                ({"stop_loss": Level(Basis.PRICE, d(95), "BTC/USDT")}, "stop_loss", "below the present 89 USDT"),
                ({"stop_loss": Level(Basis.RETURN, d(-5))}, "stop_loss", "below the present return of -5.5 %"),
            ):
                wanted = replace(own, **changes)  # type: ignore[arg-type]
                refused = await bench.rejected(lambda i, wanted=wanted: EditStrategy(i, core, wanted))  # type: ignore[misc]
                assert (refused.field, said in refused.message) == (field, True), refused
            await edit(bench, core, name="Renamed")
            await bench.venue.push()
            await bench.venue.push()
            assert bench.strategy(core).state is State.ENDED, "an edit of something else does not count anew"

    run(story)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({}, "", "Nothing was changed"),
        ({"targets": targets(BTC=40, ETH=60)}, "coins", "Change coins"),
        ({"quote": "USDC"}, "quote", "cannot be changed"),
        ({"investment": Decimal(5)}, "investment", "Add funds"),
        ({"name": "Taken"}, "name", "named Taken"),
        ({"name": ""}, "name", "needs a name"),
        ({"rule": RatioRule(d(51))}, "threshold", "51 %"),
        ({"rule": TimeRule(timedelta(seconds=59))}, "interval", "1 minute"),
        ({"trigger": Trigger("BTC/USDT", d(110))}, "trigger", "started already"),
        ({"stop_loss": Level(Basis.RETURN, d(-100))}, "stop_loss", "-100 %"),
        ({"stop_loss": Level(Basis.PRICE, d(5), "NIX/USDT")}, "stop_loss", "NIX/USDT"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_with_its_field_and_changes_nothing(
    changes: dict[str, Any], field: str, said: str
) -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            await bench.create(calm(name="Taken", investment="100"))
            own = bench.strategy(core).parameters
            refused = await bench.rejected(lambda i: EditStrategy(i, core, replace(own, **changes)))
            assert (refused.field, said in refused.message) == (field, True), refused
            assert (bench.strategy(core).parameters, bench.strategy(core).version) == (own, 1)

    run(story)


def test_an_ended_strategy_is_not_edited() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            core = await built(bench)
            await bench.do(lambda i: StopStrategy(i, core, sell_all=False))
            wanted = replace(bench.strategy(core).parameters, name="Other")
            assert "ended" in (await bench.rejected(lambda i: EditStrategy(i, core, wanted))).message

    run(story)
