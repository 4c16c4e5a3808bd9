"""`rebalancer strategy order`: an order that is its owner's to decide, shown, adopted and discarded without a window."""

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
from rebalancer_gui.console.output import Printer
from rebalancer_gui.console.undecided import order
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.orders import OrderRequest, SubmitOutcome, Unknown, VenueOrder
from rebalancer_gui.domain.strategy import State
from tests.builders import parameters, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

pytestmark = pytest.mark.failure(14)


class DeafVenue(ScriptedVenue):
    """Its look-up by our id stays dead; while ``standing`` it gives the batch of its present moment, as a session needs."""

    standing = False

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        works, self.lookup_works = self.lookup_works, False
        try:
            return await super().find_order(symbol, client_order_id)
        finally:
            self.lookup_works = works

    async def batches(self) -> AsyncIterator[QuoteBatch]:
        if self.standing:
            yield QuoteBatch(self.clock.now(), dict(self.prices), timedelta(seconds=2))
            return
        async for batch in super().batches():
            yield batch


class ScriptedDesk:
    """What `order` needs of a desk, on the venue and the store of a test."""

    def __init__(self, bench: Bench, words: tuple[str, ...], *, as_json: bool) -> None:
        self._bench = bench
        self.options: argparse.Namespace = build_parser().parse_args(["strategy", "order", *words])
        self.printer = Printer(as_json=as_json, quiet=False)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        bench = self._bench
        async with Session(AccountSetup("paper", "Paper", "PAPER", bench.venue, bench.store, bench.ids)) as session:
            yield session


async def undecided(*, executed: bool = True) -> tuple[Bench, str, str]:
    """An engine that was stopped while an order of its strategy was to be decided; strategy, order."""
    venue = DeafVenue(rules_for("BTC", "ETH"), authoritative=False)
    bench = Bench(venue)
    async with bench.running():
        await venue.push(BTC="100", ETH="100")
        core = await bench.create(parameters())
        await venue.push()

        def silence(request: OrderRequest) -> SubmitOutcome:
            if executed:
                venue.execute(request)
            return Unknown("timeout")

        venue.answer, venue.lookup_works = silence, False
        await venue.push(BTC="110", ETH="100")
        venue.answer = lambda request: None
        cid = venue.posts[-1].client_order_id
        for _ in range(96):
            await venue.push(timedelta(seconds=10))
        assert bench.strategy(core).quarantined == (cid,)
    venue.standing = True
    return bench, core, cid


async def carry_out(bench: Bench, *words: str, as_json: bool = True) -> None:
    desk: Any = ScriptedDesk(bench, words, as_json=as_json)
    await order(desk)


def test_it_shows_the_order_the_evidence_and_why_the_orders_could_not_be_listed(capsys):
    async def story() -> None:
        bench, core, cid = await undecided()
        await carry_out(bench, core, cid)
        shown = json.loads(capsys.readouterr().out)
        assert (shown["order"]["client_order_id"], shown["order"]["status"]) == (cid, "quarantined")
        assert list(shown["reserved"]) == ["BTC"]
        assert {"look-up by our id", "list of orders"} <= {one["asked"] for one in shown["evidence"]}
        assert all(one["time"].endswith("Z") for one in shown["evidence"])
        assert shown["candidates"] == []
        assert "does not answer" in shown["unlisted"]
        await carry_out(bench, core, cid, as_json=False)
        text = capsys.readouterr().out
        assert "could not be listed: the look-up does not answer" in text
        assert "Nothing has to be decided" in text

    run(story)


def test_a_candidate_is_listed_and_adopted_and_the_strategy_goes_on(capsys):
    async def story() -> None:
        bench, core, cid = await undecided()
        traded = bench.venue.orders.pop(cid)
        bench.venue.orders["web_1"] = replace(traded, client_order_id="web_1")
        bench.venue.lookup_works = True
        await carry_out(bench, core, cid)
        shown = json.loads(capsys.readouterr().out)
        (found,) = shown["candidates"]
        assert (found["client_order_id"], found["status"], shown["unlisted"]) == ("web_1", "filled", None)
        assert found["value"] is not None
        await carry_out(bench, core, cid, as_json=False)
        assert found["venue_order_id"] in capsys.readouterr().out
        await carry_out(bench, core, cid, "--adopt", found["venue_order_id"])
        assert json.loads(capsys.readouterr().out)["state"] == State.RUNNING.value
        bench.store.open()
        assert [fill.quantity for fill in bench.store.fills(cid)] == [traded.filled]

    run(story)


def test_it_is_discarded_what_was_set_aside_goes_back_and_nothing_is_left_to_decide(capsys):
    async def story() -> None:
        bench, core, cid = await undecided(executed=False)
        bench.venue.lookup_works = True
        await carry_out(bench, core, cid, "--discard", as_json=False)
        said = capsys.readouterr().out
        assert "belongs to Core" in said
        assert said.endswith("Running\n")
        bench.store.open()
        assert not [key for key in bench.store.load().balances if key[0].startswith("reserved:")]
        assert bench.store.evidence(cid)[-1].said == "it never was"
        bench.store.close()
        with pytest.raises(InvalidInput, match=r"is not waiting for a decision\. No order of it is"):
            await carry_out(bench, core, cid, "--discard")

    run(story)


def test_an_order_that_is_not_to_be_decided_is_refused_with_those_that_are():
    async def story() -> None:
        bench, core, cid = await undecided()
        with pytest.raises(InvalidInput, match=f"Waiting are: {cid}"):
            await carry_out(bench, core, "rbnothing", "--adopt", "v1")
        with pytest.raises(InvalidInput, match="does not list its orders now"):
            await carry_out(bench, core, cid, "--adopt", "v999")

    run(story)


def test_adopt_and_discard_exclude_each_other(capsys):
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(["strategy", "order", "core", "rb1", "--adopt", "v1", "--discard"])
    assert ended.value.code == 2
    assert "not allowed with" in capsys.readouterr().err
