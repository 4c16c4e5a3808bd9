"""A market month of six strategies on real prices with thin books, half fills and restarts in the middle."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from rebalancer_gui.adapters.venues.simulated_book import Depth, FillRatio
from rebalancer_gui.application.records import LegOutcome, Outcome
from rebalancer_gui.domain.allocation import equal_weights, weights_by
from rebalancer_gui.domain.orders import IntentState, OrderType
from rebalancer_gui.domain.planning import MINIMUM_VALUE_MESSAGE
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyParameters, TimeRule
from tests.builders import d
from tests.fakes import FakeStore
from tests.simulation.bench import DAY, Life, World, run
from tests.simulation.invariants import watch

MONTH = 30 * DAY
LIVES = 3


def six() -> list[StrategyParameters]:
    """Ratio and time rules, wide and narrow thresholds, the same coins in many of them."""

    def strategy(name: str, investment: int, rule: RatioRule | TimeRule, *coins: str, **weights: int):
        targets = equal_weights(coins) if coins else weights_by({c: Decimal(w) for c, w in weights.items()})
        return StrategyParameters(name, "USDT", targets, Decimal(investment), rule)

    return [
        strategy("Two, narrow", 2000, RatioRule(d("0.5")), "BTC", "ETH"),
        strategy(
            "Ten, 1 %", 2500, RatioRule(d(1)), *["BTC", "ETH", "BNB", "XRP", "ADA", "DOT", "LTC", "LINK", "DOGE", "BCH"]
        ),
        strategy("Three, 5 %", 1500, RatioRule(d(5), timedelta(hours=1)), BTC=50, DOGE=20, SOL=30),
        strategy("Daily", 2000, TimeRule(DAY, d("0.5")), "ETH", "BNB", "SOL", "ADA"),
        strategy("Hourly, no gate", 1500, TimeRule(timedelta(hours=1), d(0)), "BTC", "DOGE"),
        strategy("Too small to trade", 60, RatioRule(d("0.1")), "BTC", "ETH", "XRP", "LTC"),
    ]


def world(path: Path) -> World:
    """Books in which 200 USDT lie at the best price, and of which an order gets half."""
    return World(
        path=path,
        depth=Depth(levels=6, value=Decimal(200)),
        fill_ratio=FillRatio(Decimal("0.5"), Decimal("0.5")),
        spread=Decimal("0.001"),
    )


@pytest.mark.rule("1.6")
def test_nothing_is_ever_lost_and_every_strategy_stays_near_its_weights(tmp_path: Path) -> None:
    made = world(tmp_path / "venue.sqlite")
    assert isinstance(made.store, FakeStore)
    watcher = watch(made)
    names: dict[str, str] = {}
    drifts: list[Decimal] = []

    async def live(number: int) -> None:
        async with made.running() as life:
            if number == 0:
                for parameters in six():
                    names[await life.create(parameters)] = parameters.name
                await life.market(DAY)
            before = {s.id: (s.rebalances, s.skipped, s.fees_paid) for s in life.view.strategies}
            for _ in range(int(MONTH / DAY / LIVES)):
                await life.market(DAY)
                drifts.extend(narrow_drifts(life))
            for shown in life.view.strategies:
                assert shown.state is State.RUNNING
                assert (shown.rebalances, shown.skipped, shown.fees_paid) >= before[shown.id]
            watcher.check()

    for number in range(LIVES):
        run(partial(live, number))

    made.store.open()
    orders = made.store.orders(None, None, 100_000)
    records = made.store.rebalances(None, None, 100_000)
    assert len(orders) > 500
    assert {order.state for order in orders} == {IntentState.SETTLED}
    kinds = Counter(order.type for order in orders)
    assert kinds[OrderType.MARKET] > 10, "half fills leave a rest for Market orders"
    assert Counter(r.outcome for r in records).keys() == {Outcome.DONE, Outcome.PARTLY, Outcome.SKIPPED}
    assert any(leg.outcome is LegOutcome.PARTLY for record in records for leg in record.legs)
    assert watcher.commits > 1500
    by_name = {names[r.strategy_id]: r for r in records}
    assert by_name.keys() == set(names.values()), "each of them has tried to rebalance"
    small = [r for r in records if names[r.strategy_id] == "Too small to trade" and r.outcome is Outcome.SKIPPED]
    assert {r.message for r in small} == {MINIMUM_VALUE_MESSAGE}
    assert sorted(drifts)[len(drifts) // 2] < d("0.6"), "half the days end within about the narrow threshold"


def narrow_drifts(life: Life) -> list[Decimal]:
    """The worst drift of the strategy with the narrowest rule that can trade."""
    return [
        shown.snapshot.worst_drift
        for shown in life.view.strategies
        if shown.parameters.name == "Two, narrow"
        and shown.snapshot is not None
        and shown.snapshot.worst_drift is not None
    ]


def test_the_same_seed_gives_the_same_two_weeks_event_by_event(tmp_path: Path) -> None:
    def history(name: str) -> list[object]:
        made = world(tmp_path / name)
        assert isinstance(made.store, FakeStore)

        async def live() -> None:
            async with made.running() as life:
                for parameters in six():
                    await life.create(parameters)
                await life.market(14 * DAY)

        run(live)
        made.store.open()
        orders = [(order, made.store.fills(order.client_order_id)) for order in made.store.orders(None, None, 100_000)]
        return [*orders, *made.store.rebalances(None, None, 100_000), *made.store.journal(None, None, 100_000)]

    first = history("first")
    assert first == history("second")
    assert len(first) > 500
