"""The annualised return through the whole engine: nothing under seven days, then the time-weighted return's, to the digit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.application.commands import AddFunds
from rebalancer_gui.application.events import CommandDone
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.strategy import RatioRule
from tests.builders import d, parameters, rules_for
from tests.simulation.bench import DAY, Life, World, plateaus, run
from tests.simulation.invariants import watch

PRICES = (
    (-1, {"BTC": "100", "ETH": "10"}),
    (3, {"BTC": "110", "ETH": "11"}),
    (8.5, {"BTC": "121", "ETH": "12.1"}),
)
"""Both coins gain 10 % after three days and again after eight and a half."""
BY_WHOLE_DAYS = {
    7: "14299.017812679285",
    8: "598425.310592991111",
    9: "227622.889113727766",
    21: "2647.189255839499",
}
"""In percent: 1.1 ^ (365 / 7) - 1, then 1.21 ^ (365 / 8) - 1 and so on."""


@pytest.mark.rule("10.5", "10.3")
def test_the_annualised_return_is_absent_before_seven_days_and_then_that_of_the_whole_days(tmp_path: Path) -> None:
    made = World(
        scripts=plateaus(*PRICES),
        rules=rules_for("BTC", "ETH"),
        path=tmp_path / "venue.sqlite",
        spread=Decimal(0),
        fees=FeeSchedule(Decimal(0)),
    )
    watcher = watch(made)
    seen: dict[int, Decimal] = {}

    async def look_for(life: Life, core: str, period: timedelta) -> None:
        """Several times a day; within a whole day it changes only with the prices."""
        end = life.now + period
        while life.now < end:
            await life.market(DAY / 8)
            shown = life.strategy(core)
            assert shown.snapshot is not None
            assert shown.started_at is not None
            lasted = shown.snapshot.at - shown.started_at
            if lasted < 7 * DAY:
                assert shown.score.annualised is None
            else:
                assert shown.score.annualised is not None
                seen[lasted // DAY] = shown.score.annualised

    async def story() -> None:
        async with made.running() as life:
            core = await life.create(parameters(investment="1000", rule=RatioRule(d(50)), BTC=50, ETH=50))
            await look_for(life, core, 4 * DAY)
            assert life.strategy(core).score.time_weighted == 10
            # As much again: the money is no return.
            assert isinstance(await life.ask(lambda i: AddFunds(i, core, d(1100))), CommandDone)
            await look_for(life, core, 2 * DAY)
            assert seen == {}
            await look_for(life, core, 4 * DAY)
            score = life.strategy(core).score
            assert (score.value, score.net_invested, score.time_weighted) == (d(2420), d(2100), d(21))
        # What is stored tells the same story after a restart.
        async with made.running() as life:
            await look_for(life, core, 12 * DAY)
            watcher.check()

    run(story)
    assert min(seen) == 7
    assert {day: round(seen[day], 12) for day in BY_WHOLE_DAYS} == {day: d(text) for day, text in BY_WHOLE_DAYS.items()}
