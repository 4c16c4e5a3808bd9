"""Where an exchange does not tell whether the key may withdraw, nothing is sent before its owner says that it may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rebalancer_gui.application.safety_commands import BeginFirstContact
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.strategy import State, TradingMode
from tests.builders import rules_for
from tests.engine_bench import run
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue
from tests.unit.application.test_contact_cut_short import cut_short
from tests.unit.application.test_go_live import GOOD, Exchange, begin, go, live, priced, shown, trading

UNSURE = replace(GOOD, permissions=replace(GOOD.permissions, may_withdraw=None))


def looked(i: str) -> BeginFirstContact:
    return BeginFirstContact(i, "paper", "BTC/USDT", no_withdraw=True)


@pytest.mark.rule("11a.5")
def test_neither_the_first_contact_nor_trading_begins_before_its_owner_says_that_the_key_may_not_withdraw():
    async def story() -> None:
        async with live(Exchange(UNSURE)).running() as bench:
            await priced(bench)
            refused = await bench.rejected(begin)
            assert (refused.field, "--no-withdraw" in refused.message) == ("no_withdraw", True)
            assert not bench.view.strategies
            await bench.do(looked)
            for _ in range(4):
                await priced(bench)
            assert [s.state for s in bench.view.strategies] == [State.ENDED]
            assert (await shown(bench)).lacking == ()
            assert (await bench.rejected(go())).field == "no_withdraw"
            assert trading(bench) is TradingMode.WATCH
            await bench.do(go(no_withdraw=True))
            assert trading(bench) is TradingMode.AUTO
            assert '"no_withdraw": true' in bench.store.load().values["risk_accepted"]

    run(story)


def test_where_the_exchange_says_that_the_key_may_withdraw_no_word_of_its_owner_helps():
    async def story() -> None:
        report = replace(GOOD, permissions=replace(GOOD.permissions, may_withdraw=True))
        async with live(Exchange(report)).running() as bench:
            await priced(bench)
            assert "may withdraw" in (await bench.rejected(looked)).message
            assert "may withdraw" in (await bench.rejected(go(no_withdraw=True))).message or bench.view.strategies == ()
            assert bench.venue.posts == []

    run(story)


def test_a_contact_cut_short_goes_on_with_such_a_key_when_its_owner_says_so():
    async def story() -> None:
        store, venue = FakeStore(), ScriptedVenue(rules_for("BTC", "ETH"), fee="0.001")
        await cut_short(store, venue)
        async with live(Exchange(replace(UNSURE, fingerprint="ffffffff")), store, venue).running() as bench:
            await shown(bench)
            for _ in range(3):
                await priced(bench)
            assert (await bench.rejected(begin)).field == "no_withdraw"
            assert [p.side for p in venue.posts] == [Side.BUY]
            await bench.do(looked)
            for _ in range(4):
                await priced(bench)
            assert [p.side for p in venue.posts] == [Side.BUY, Side.SELL]

    run(story)
