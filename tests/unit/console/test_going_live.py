"""`rebalancer account contact`: what the exchange said, and a first contact that was cut short."""

from __future__ import annotations

import argparse
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.application.session import Session
from rebalancer_gui.console.arguments import build_parser
from rebalancer_gui.console.going_live import contact
from rebalancer_gui.console.output import Printer
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.strategy import TradingMode
from tests.builders import rules_for
from tests.engine_bench import CountingIds, run
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue
from tests.unit.application.test_contact_cut_short import cut_short
from tests.unit.application.test_go_live import GOOD, RAILS, Exchange


class StandingVenue(ScriptedVenue):
    """While ``standing`` it gives the batch of its present moment, as a session needs."""

    standing = False

    async def batches(self) -> AsyncIterator[QuoteBatch]:
        if self.standing:
            yield QuoteBatch(self.clock.now(), dict(self.prices), timedelta(seconds=2))
            return
        async for batch in super().batches():
            yield batch


class ScriptedDesk:
    """What `contact` needs of a desk, at an exchange that answers what a test says."""

    def __init__(self, venue: StandingVenue, store: FakeStore, side: Exchange) -> None:
        self.options: argparse.Namespace = build_parser().parse_args(["account", "contact", "paper", "--yes"])
        self.printer = Printer(as_json=True, quiet=False)
        self._venue, self._store, self._side = venue, store, side

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        setup = AccountSetup(
            "paper", "Paper", "LIVE", self._venue, self._store, CountingIds(), rails=RAILS, trading=TradingMode.WATCH,
            live=self._side,
        )  # fmt: skip
        async with Session(setup) as session:
            yield session


async def half_done() -> tuple[StandingVenue, FakeStore]:
    venue, store = StandingVenue(rules_for("BTC", "ETH"), fee="0.001"), FakeStore()
    await cut_short(store, venue)
    venue.standing = True
    return venue, store


def test_a_first_contact_that_was_cut_short_is_carried_to_its_end(capsys):
    async def story() -> None:
        venue, store = await half_done()
        desk: Any = ScriptedDesk(venue, store, Exchange())
        await contact(desk)
        assert [p.side for p in venue.posts] == [Side.BUY, Side.SELL]
        assert json.loads(capsys.readouterr().out)["contact"]["symbol"] == "BTC/USDT"

    run(story)


def test_with_another_key_it_is_carried_on_only_when_that_key_may_be_used(capsys):
    async def story() -> None:
        venue, store = await half_done()
        bad = replace(GOOD, fingerprint="ffffffff", permissions=replace(GOOD.permissions, may_withdraw=True))
        desk: Any = ScriptedDesk(venue, store, Exchange(bad))
        with pytest.raises(InvalidInput, match="The key may withdraw"):
            await contact(desk)
        assert "may withdraw: yes" in capsys.readouterr().err
        assert [p.side for p in venue.posts] == [Side.BUY]
        desk = ScriptedDesk(venue, store, Exchange(replace(GOOD, fingerprint="ffffffff")))
        with pytest.raises(EnvironmentProblem, match="this key did not buy and sell back"):
            await contact(desk)
        assert [p.side for p in venue.posts] == [Side.BUY, Side.SELL]

    run(story)
