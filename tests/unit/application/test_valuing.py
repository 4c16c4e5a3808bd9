"""Strategies whose prices are calm hold without being valued; whatever could make that wrong has them valued again."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from rebalancer_gui.application import checker, valuing
from rebalancer_gui.application.commands import EditStrategy
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.valuing import Valuing, is_calm
from rebalancer_gui.application.wallet import Wallet
from rebalancer_gui.domain import triggers
from rebalancer_gui.domain.ledger import FREE, Entry, EntryKind, Posting, strategy_account
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyRecord
from rebalancer_gui.domain.valuation import Marks, Snapshot
from tests.builders import NOON, d, parameters, quotes, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

RULES = rules_for("BTC", "ETH")
AGE = timedelta(seconds=10)


class Desk:
    """One strategy with 50 : 50 and a threshold of 5, and its account's wallet."""

    def __init__(self) -> None:
        asked = parameters(rule=RatioRule(d(5)), BTC=50, ETH=50)
        self.strategy = StrategyRuntime(StrategyRecord("s1", "paper", asked, 1, State.RUNNING, NOON))
        own = strategy_account("s1")
        self.wallet = Wallet({(own, "BTC"): d(5), (own, "ETH"): d(50), (FREE, "USDT"): d(99)})
        self.valuing = Valuing(self.wallet)
        self.rules = RULES
        self.seq = 0

    def look(self, btc: str = "100", eth: str = "10") -> bool:
        """A batch; whether the strategy is calm at it."""
        marks = Marks(quotes({"BTC": btc, "ETH": eth}), NOON, AGE)
        self.seq += 1
        calm = self.valuing.calm_at(marks, AGE)
        self.valuing.look_at(self.strategy, self.seq, marks, self.rules, calm)
        return is_calm(self.strategy)

    def settled(self) -> Desk:
        assert not self.look(), "nothing was promised yet"
        self.valuing.settle(self.strategy)
        assert self.look("101")
        return self

    @property
    def snapshot(self) -> Snapshot:
        assert self.strategy.snapshot is not None
        return self.strategy.snapshot


def test_a_calm_strategy_has_the_snapshot_of_its_own_batch_all_the_same() -> None:
    desk = Desk().settled()
    look = desk.strategy.look
    assert desk.snapshot.total == d("1005")
    assert desk.snapshot.seq == 2
    desk.look("102")
    assert look is not None
    assert (look.snapshot.total, desk.snapshot.total) == (d("1005"), d("1010")), "the earlier one stays what it was"


def test_prices_outside_end_the_calm_until_it_is_worked_out_anew() -> None:
    desk = Desk().settled()
    assert not desk.look("118")
    assert not desk.look("101")
    desk.valuing.settle(desk.strategy)
    assert desk.look("102")


def test_a_booking_ends_the_calm() -> None:
    desk = Desk().settled()
    own = strategy_account("s1")
    bought = (Posting(own, "BTC", d(1)), Posting(FREE, "BTC", d(-1)))
    desk.wallet.apply(Entry(EntryKind.ALLOCATE, NOON, "s1", bought))
    assert not desk.look()
    assert desk.snapshot.holding("BTC").quantity == d(6)


def test_other_parameters_end_the_calm_at_once_and_other_rules_at_the_next_batch() -> None:
    desk = Desk().settled()
    asked = replace(desk.strategy.record.parameters, rule=RatioRule(d("0.1")))
    desk.strategy.record = replace(desk.strategy.record, parameters=asked)
    assert not is_calm(desk.strategy)
    assert not desk.look()
    desk = Desk().settled()
    desk.rules = dict(RULES)
    assert not desk.look()
    desk = Desk().settled()
    desk.valuing.forget_all()
    assert not desk.look()


def test_a_look_between_two_batches_promises_nothing() -> None:
    desk = Desk().settled()
    marks = Marks(quotes({"BTC": "101", "ETH": "10"}), NOON, AGE)
    desk.valuing.look_at(desk.strategy, 9, marks, desk.rules)
    assert not is_calm(desk.strategy)


def test_nothing_is_drawn_for_a_strategy_that_is_over_its_threshold_or_has_lost_a_price() -> None:
    desk = Desk()
    desk.look("150")
    desk.valuing.settle(desk.strategy)
    assert not desk.look("150")
    desk.look("NaN")
    desk.valuing.settle(desk.strategy)
    assert not desk.look("NaN")


async def tighten(bench: Bench) -> None:
    """The first strategy gets another threshold."""
    first = bench.view.strategies[0]
    tighter = replace(first.parameters, rule=RatioRule(d("0.2"), timedelta(seconds=2)))
    await bench.ask(lambda i: EditStrategy(i, first.id, tighter))


async def told(seed: int) -> tuple[list[tuple[object, ...]], list[str]]:
    """What a live account's strategies did in 400 batches, and their journal."""
    chance = random.Random(f"calm {seed}")
    venue = ScriptedVenue(rules_for("BTC", "ETH", "BNB"), money="100000", fee="0.001")
    price = {"BTC": 40000.0, "ETH": 2500.0, "BNB": 400.0}
    async with Bench(venue).running() as bench:
        await venue.push(timedelta(0), **{coin: f"{p:.2f}" for coin, p in price.items()})
        for k, threshold in enumerate(("0.1", "0.5", "2")):
            rule = RatioRule(d(threshold), timedelta(seconds=2))
            await bench.create(parameters(name=f"S{k}", rule=rule, investment="20000", BTC=50, ETH=30, BNB=20))
        for step in range(400):
            price = {coin: p * (1 + chance.gauss(0, 0.001)) for coin, p in price.items()}
            told_prices: dict[str, str] = {coin: f"{p:.2f}" for coin, p in price.items()}
            await venue.push(timedelta(seconds=2), **told_prices)
            if step == 200:
                await tighten(bench)
        orders: list[tuple[object, ...]] = [
            (r.strategy_id, r.at, r.reason, r.worst_drift, r.snapshot_seq, leg.asset, leg.filled)
            for r in bench.rebalances
            for leg in r.legs
        ]
        return orders, bench.said()


def test_what_is_traded_and_noted_is_the_same_as_when_every_strategy_is_valued_at_each_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decided = 0
    plainly = triggers.decide

    def counted(*given: object, **named: object) -> object:
        nonlocal decided
        decided += 1
        return plainly(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(checker, "decide", counted)
    stories = []

    async def story() -> None:
        stories.append(await told(1))

    run(story)
    with_calm, decided = decided, 0
    monkeypatch.setattr(valuing, "calm_reach", lambda _snapshot, _threshold: ZERO)
    run(story)
    assert stories[0] == stories[1]
    assert len(stories[0][0]) > 20, "some drifts were over their thresholds"
    assert decided >= 1000
    assert with_calm < decided / 2
