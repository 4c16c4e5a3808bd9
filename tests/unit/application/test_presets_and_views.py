"""Preset cards, chart lines, today's profit, history pages, journal rows: what the window is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import pytest

from rebalancer_gui.application.commands import (
    JumpDemo,
    LoadChart,
    LoadHistory,
    LoadPresets,
    PreviewStrategy,
    StopStrategy,
)
from rebalancer_gui.application.events import (
    ChartReady,
    ClosesReady,
    CommandRejected,
    HistoryPage,
    JournalChanged,
    PresetsReady,
    PreviewReady,
)
from rebalancer_gui.application.market_commands import LoadCloses
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.presets import build_card
from rebalancer_gui.application.records import JournalEntry, OrderRow
from rebalancer_gui.domain.presets import PresetDefinition
from rebalancer_gui.domain.strategy import RatioRule
from tests.builders import NOON, d, parameters, quotes, rules_for
from tests.engine_bench import Bench, CountingIds, run
from tests.scripted_venue import ScriptedVenue


class Caps:
    """Caps by coin; ETC has none."""

    attribution = "Made for a test"
    known: ClassVar = {"BTC": d(600), "ETH": d(300), "XRP": d(99), "DOGE": d(1)}

    def market_caps(self, assets: Sequence[str], at: datetime) -> Mapping[str, Decimal]:
        return {a: self.known[a] for a in assets if a in self.known}

    def price(self, asset: str, at: datetime) -> Decimal | None:
        return None

    def as_of(self, at: datetime) -> date | None:
        return at.date()

    def closes(self, asset: str, at: datetime, days: int) -> Sequence[Decimal]:
        return [d(100), d(110)][-days:]


def preset(*coins: str, take: int = 3) -> PresetDefinition:
    return PresetDefinition(
        "p", "Pick", "Test", coins, date(2024, 3, 30), "by hand", take, d(1), RatioRule(d(5)), sell_all_on_stop=True
    )


def card(*coins: str, take: int = 3):
    markets = rules_for("BTC", "ETH", "XRP", "DOGE", min_notional="5")
    prices = quotes({"BTC": "20000", "ETH": "1500", "XRP": "0.5", "DOGE": "0.1"})
    return build_card(preset(*coins, take=take), quote="USDT", rules=markets, quotes=prices, caps=Caps(), at=NOON)


def test_without_a_source_of_market_caps_a_card_says_so():
    found = build_card(preset("BTC", "ETH"), quote="USDT", rules=rules_for("BTC", "ETH"), quotes={}, caps=None, at=NOON)
    assert found.unusable == "there is no source of market caps on this account"
    assert found.targets == ()


@pytest.mark.rule("9.1", "9.9")
def test_a_card_takes_the_largest_coins_that_trade_and_have_a_cap_and_names_the_others() -> None:
    found = card("XRP", "ETC", "DOGE", "BTC", "SOL", "ETH")
    assert [t.asset for t in found.targets] == ["BTC", "ETH", "XRP"]
    assert sum(t.weight for t in found.targets) == 100
    assert [t.weight for t in found.targets] == [d("60.06"), d("30.03"), d("9.91")]
    assert found.missing == ("ETC", "SOL")
    assert found.unusable == ""
    assert found.smallest_investment is not None
    assert [r.used for r in found.returns] == [1, 1, 1]


@pytest.mark.rule("9.14")
def test_a_tiny_cap_is_lifted_to_the_presets_minimum_weight() -> None:
    found = card("BTC", "DOGE")
    assert {t.asset: t.weight for t in found.targets} == {"BTC": d(99), "DOGE": d(1)}


@pytest.mark.rule("9.15")
def test_a_card_with_fewer_than_two_coins_says_why_it_cannot_be_used() -> None:
    found = card("BTC", "SOL", "ETC")
    assert "fewer than 2" in found.unusable
    assert found.returns == ()


def test_presets_history_chart_and_preview_are_answered() -> None:
    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "ETH"))
        async with Bench(venue).running() as bench:
            await venue.push(BTC="100", ETH="100")
            answer = await bench.ask(lambda i: PreviewStrategy(i, "paper", parameters()))
            assert isinstance(answer, PreviewReady)
            assert [leg.quantity for leg in answer.preview.plan.legs] == [5, 5]
            assert answer.preview.problems == ()
            core = await bench.create(parameters())
            await venue.push()
            for price in ("101", "102", "104", "103"):
                await venue.push(timedelta(minutes=1), BTC=price)
            chart = await bench.ask(lambda i: LoadChart(i, core))
            assert isinstance(chart, ChartReady)
            assert len(chart.chart.equity) >= 4
            assert chart.chart.best_asset == "BTC"
            assert chart.chart.rebalances
            page = await bench.ask(lambda i: LoadHistory(i, "paper", HistoryKind.ORDERS, core, None, 1))
            assert isinstance(page, HistoryPage)
            assert len(page.rows) == 1
            assert page.more
            row = page.rows[0]
            assert isinstance(row, OrderRow)
            older = await bench.ask(lambda i: LoadHistory(i, "paper", HistoryKind.ORDERS, core, row.key, 500))
            assert isinstance(older, HistoryPage)
            assert not older.more
            assert row not in older.rows
            assert isinstance(await bench.ask(lambda i: LoadPresets(i, "paper", "USDT")), PresetsReady)
            past = await bench.ask(lambda i: LoadCloses(i, "paper", "USDT", ("BTC",), 3))
            assert isinstance(past, ClosesReady)
            assert (past.closes, past.as_of) == ({}, None)
            assert isinstance(await bench.ask(lambda i: JumpDemo(i, "paper")), CommandRejected)

    run(story)


def test_a_preview_of_a_coin_without_a_price_is_refused_with_the_coin_named() -> None:
    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "ETH"))
        async with Bench(venue).running() as bench:
            await venue.push(BTC="100")
            answer = await bench.ask(lambda i: PreviewStrategy(i, "paper", parameters()))
            assert isinstance(answer, CommandRejected)
            assert "ETH: no price" in answer.message

    run(story)


@pytest.mark.rule("3a.6", "10.6")
def test_today_counts_profit_since_midnight_without_deposits_and_survives_a_restart() -> None:
    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "ETH"))
        bench = Bench(venue)
        async with bench.running():
            await venue.push(BTC="100", ETH="100")
            await bench.create(parameters(rule=RatioRule(d(50))))
            await venue.push()
            await venue.push(BTC="105")
            assert bench.view.today == 25
            await bench.create(parameters(name="Second", investment="500", rule=RatioRule(d(50))))
            await venue.push()
            assert bench.view.today == 25
        again = Bench(venue, bench.store, CountingIds())
        async with again.running():
            await venue.push()
            assert again.view.today == 25
            await venue.push(datetime(2022, 1, 2, tzinfo=UTC) - venue.clock.now())
            assert again.view.today == 0
            assert again.view.total == 10025

    run(story)


def test_equal_decisions_in_a_row_are_one_journal_row_with_a_count() -> None:
    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "ETH"))
        async with Bench(venue).running() as bench:
            await venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            for _ in range(40):
                await venue.push()
            newest: dict[str, JournalEntry] = {}
            for event in bench.of(JournalChanged):
                newest[event.entry.id] = event.entry
            within = [e for e in newest.values() if "nothing to do" in e.text]
            assert len(within) == 1
            assert within[0].count == 39
            stored = [e for e in bench.store.journal(core, None, 100) if "nothing to do" in e.text]
            # written when it is new and then once a minute, not 39 times
            assert [e.count for e in stored] == [31]

    run(story)


def test_an_ended_strategy_keeps_its_final_figures_after_a_restart() -> None:
    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "ETH"))
        bench = Bench(venue)
        async with bench.running():
            await venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await venue.push()
            await bench.ask(lambda i: StopStrategy(i, core, sell_all=True))
            await venue.push(BTC="104", ETH="104")
            before = bench.strategy(core).score
            assert (before.value, before.net_invested, before.profit) == (d(1040), d(1000), d(40))
        again = Bench(venue, bench.store, CountingIds())
        async with again.running():
            await venue.push()
            assert again.strategy(core).score == before

    run(story)
