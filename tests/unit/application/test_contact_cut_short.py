"""A first contact that was cut short goes on at the next start; with another key only after a test of that key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rebalancer_gui.application.connection import Permissions
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.strategy import TradingMode
from tests.builders import parameters, rules_for
from tests.engine_bench import run
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue
from tests.unit.application.test_go_live import GOOD, Exchange, begin, go, live, priced, shown, trading


def test_a_first_contact_that_was_cut_short_goes_on_at_the_next_start():
    async def story() -> None:
        store, venue = FakeStore(), ScriptedVenue(rules_for("BTC", "ETH"), fee="0.001")
        async with live(store=store, venue=venue).running() as bench:
            await priced(bench)
            await bench.do(begin)
            await bench.venue.push()
            assert [p.side for p in venue.posts] == [Side.BUY]
        async with live(store=store, venue=venue).running() as bench:
            for _ in range(4):
                await bench.venue.push()
            assert [p.side for p in venue.posts] == [Side.BUY, Side.SELL]
            assert (await shown(bench)).evidence is not None
            assert trading(bench) is TradingMode.WATCH

    run(story)


async def cut_short(store: FakeStore, venue: ScriptedVenue) -> None:
    """The first contact has bought, and the program ended."""
    async with live(store=store, venue=venue).running() as bench:
        await priced(bench)
        await bench.do(begin)
        await bench.venue.push()
        assert [p.side for p in venue.posts] == [Side.BUY]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"permissions": Permissions(may_trade=True, may_withdraw=True)}, "may withdraw"),
        ({"problems": ("The balances cannot be read.",)}, "balances cannot be read"),
        ({"identity": "uid 2"}, "another account"),
        (None, "timeout"),
    ],
)
def test_a_first_contact_cut_short_sends_nothing_with_another_key_until_that_key_was_tested(
    changes: dict[str, object] | None, words: str
):
    async def story() -> None:
        store, venue = FakeStore(), ScriptedVenue(rules_for("BTC", "ETH"), fee="0.001")
        await cut_short(store, venue)
        other = replace(GOOD, fingerprint="ffffffff")
        side = Exchange(replace(other, **(changes or {})))  # type: ignore[arg-type]
        side.answers = changes is not None
        async with live(side, store, venue).running() as bench:
            for _ in range(4):
                await priced(bench)
            assert [p.side for p in venue.posts] == [Side.BUY]
            assert any(words in said and "test of the connection" in said for said in bench.said("state"))
            assert "test of the connection" in (await bench.refused(parameters())).message
            refused = (await bench.rejected(begin)).message
            assert "test of the connection" in refused or words in refused
            assert "test of the connection" in (await bench.rejected(go())).message
            if changes is not None:
                await shown(bench)
                await priced(bench)
                assert len(venue.posts) == 1, "the same test finds the same"
            side.report, side.answers = other, True
            await shown(bench)
            for _ in range(4):
                await priced(bench)
            assert [p.side for p in venue.posts] == [Side.BUY, Side.SELL]
            assert (await shown(bench)).evidence is None, "neither key did both"
            assert any("needs a contact of its own" in said for said in bench.said("state"))
            assert trading(bench) is TradingMode.WATCH
            bench.assert_conserved()

    run(story)


def test_a_first_contact_cut_short_goes_on_by_itself_with_another_key_that_is_tested_at_the_start():
    async def story() -> None:
        store, venue = FakeStore(), ScriptedVenue(rules_for("BTC", "ETH"), fee="0.001")
        await cut_short(store, venue)
        side = Exchange(replace(GOOD, fingerprint="ffffffff"))
        async with live(side, store, venue).running() as bench:
            assert any("was tested" in said for said in bench.said("state"))
            assert [p.side for p in venue.posts] == [Side.BUY]
        side.answers = False
        async with live(side, store, venue).running() as bench:
            for _ in range(4):
                await priced(bench)
            assert [p.side for p in venue.posts] == [Side.BUY, Side.SELL], "its test is remembered"

    run(story)


def test_asked_to_go_on_with_a_key_that_may_not_be_used_it_says_why():
    async def story() -> None:
        store, venue = FakeStore(), ScriptedVenue(rules_for("BTC", "ETH"), fee="0.001")
        await cut_short(store, venue)
        side = Exchange(replace(GOOD, fingerprint="ffffffff", identity="uid 2"))
        async with live(side, store, venue).running() as bench:
            await priced(bench)
            refused = await bench.rejected(begin)
            assert refused.field == "account"
            assert "does not go on with this key: It is a key of another account" in refused.message

    run(story)
