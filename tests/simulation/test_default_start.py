"""What somebody sees who starts the demo for the first time and takes what is offered."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rebalancer_gui.adapters.market_data.first_start import FirstStart, read_first_start
from rebalancer_gui.adapters.market_data.preset_files import read_presets
from rebalancer_gui.adapters.market_data.replay import midnight
from rebalancer_gui.adapters.venues.demo import FIRST_START_FILE
from rebalancer_gui.application.commands import LoadPresets
from rebalancer_gui.application.events import ClosesReady, PresetsReady
from rebalancer_gui.application.market_commands import LoadCloses
from rebalancer_gui.application.records import Outcome, RebalanceRecord
from rebalancer_gui.domain.strategy import RatioRule, StrategyParameters
from rebalancer_gui.resources_path import resource_dir
from tests.simulation.bench import ACCOUNT, Life, World, run
from tests.simulation.invariants import watch

WITHIN_S = 30
SECONDS_OF_THINKING = (0.3, 5, 20, 60)


def first_world(first: FirstStart) -> World:
    world = World(
        seed=first.seed,
        start=midnight(first.start_date),
        speed=first.speed,
        presets=read_presets(resource_dir() / "presets"),
    )
    watch(world)
    return world


def traded(life: Life) -> list[RebalanceRecord]:
    return [record for record in life.rebalances if record.outcome in {Outcome.DONE, Outcome.PARTLY}]


async def _knows_the_past(life: Life, assets: tuple[str, ...]) -> None:
    """What the rule cockpit estimates from is there from the first day on, and knows nothing of the days to come."""
    past = await life.ask(lambda i: LoadCloses(i, ACCOUNT, "USDT", (*assets, "NEVER"), 181))
    assert isinstance(past, ClosesReady)
    assert set(past.closes) == set(assets)
    assert {len(closes) for closes in past.closes.values()} == {181}
    assert past.as_of == life.venue.clock.now().date()


@pytest.mark.rule("3a.9")
@pytest.mark.parametrize("investment", [1000, 10_000])
@pytest.mark.parametrize("thinking", SECONDS_OF_THINKING)
def test_the_offered_preset_rebalances_within_30_seconds_of_real_time(thinking: float, investment: int) -> None:
    first = read_first_start(resource_dir() / FIRST_START_FILE)

    async def story() -> None:
        async with first_world(first).running() as life:
            await life.wall(thinking)
            answer = await life.ask(lambda i: LoadPresets(i, ACCOUNT, "USDT"))
            assert isinstance(answer, PresetsReady)
            card = next(card for card in answer.cards if card.id == first.preset)
            await _knows_the_past(life, tuple(target.asset for target in card.targets))
            name, rule = card.name, RatioRule(first.threshold)
            await life.create(StrategyParameters(name, "USDT", card.targets, Decimal(investment), rule))

            created = life.clock.monotonic()
            while len(traded(life)) < 2 and life.clock.monotonic() - created < WITHIN_S:
                await life.wall(0.1)

            assert [record.reason for record in traded(life)[:2]] == ["first build", "by coin ratio"]

    run(story)
