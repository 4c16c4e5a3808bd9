"""Pay fees with BNB at the venue: a trade's whole fee goes back against BNB, once, and is in the file before that is told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from rebalancer_gui.adapters.venues.paper import PaperVenue
from rebalancer_gui.adapters.venues.price_script import play
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.domain.errors import EnvironmentProblem, InvariantBroken
from rebalancer_gui.domain.market import FeeSchedule, FeeSide
from rebalancer_gui.domain.orders import Accepted, Fill, Side
from tests.paper_bench import PRICES, RULES, Setup, Waves, at_market, market, run

PAID = Decimal("0.00012345")
BNB_MARKET = market("BNB", tick="0.1", step="0.001")
WITH_BNB = Setup(
    scripts=play(Waves({**PRICES, "BNB": Decimal(300)})),
    rules={**RULES, BNB_MARKET.symbol: BNB_MARKET},
    balances={"USDT": Decimal(10_000), "BNB": Decimal(1)},
)


async def bought(venue: PaperVenue, cid: str = "o-1", symbol: str = "BTC/USDT", quantity: str = "0.1") -> Fill:
    outcome = await venue.submit(at_market(cid, Side.BUY, quantity, symbol))
    assert isinstance(outcome, Accepted)
    return outcome.order.fills[0]


async def held(venue: PaperVenue) -> dict[str, Decimal]:
    """Checked against all that ever came and went."""
    balances = {asset: balance.total for asset, balance in (await venue.balances()).items()}
    assert balances == {asset: amount for asset, amount in venue._ledger.totals().items() if amount}
    return balances


@pytest.mark.parametrize("side", [FeeSide.RECEIVED, FeeSide.QUOTE])
def test_the_whole_fee_comes_back_and_the_bnb_are_gone(side: FeeSide):
    async def body() -> None:
        fees = FeeSchedule(Decimal("0.001"), side)
        async with replace(WITH_BNB, fees=fees).opened() as venue:
            fill = await bought(venue)
            before = await held(venue)
            assert fill.fee_asset == ("BTC" if side is FeeSide.RECEIVED else "USDT")
            venue.paper.return_fee(fill.trade_id, PAID)
            changed = {fill.fee_asset: before[fill.fee_asset] + fill.fee, "BNB": 1 - PAID}
            assert await held(venue) == before | changed

    run(body())


def test_a_fee_goes_back_once_also_after_a_restart(tmp_path):
    setup = replace(WITH_BNB, path=tmp_path / "paper-venue.sqlite")

    async def body() -> None:
        async with setup.opened() as venue:
            fill = await bought(venue)
            venue.paper.return_fee(fill.trade_id, PAID)
            after = await held(venue)
            venue.paper.return_fee(fill.trade_id, PAID)
            assert await held(venue) == after
        async with setup.opened() as venue:
            venue.paper.return_fee(fill.trade_id, PAID)
            assert await held(venue) == after
            (row,) = venue._ledger._db.execute("SELECT trade_id, bnb FROM fee_return").fetchall()
            assert row == (int(fill.trade_id), "0.00012345")

    run(body())


def test_a_fee_in_bnb_goes_back_too():
    async def body() -> None:
        async with WITH_BNB.opened() as venue:
            fill = await bought(venue, symbol="BNB/USDT", quantity="0.1")
            before = await held(venue)
            venue.paper.return_fee(fill.trade_id, PAID)
            assert fill.fee_asset == "BNB"
            assert await held(venue) == before | {"BNB": before["BNB"] - PAID + fill.fee}

    run(body())


@pytest.mark.parametrize("trade_id", ["2", "0", "-1", "", "x", "1.0"])
def test_the_fee_of_a_trade_that_never_was_cannot_go_back(trade_id: str):
    async def body() -> None:
        async with WITH_BNB.opened() as venue:
            await bought(venue)
            before = await held(venue)
            with pytest.raises(InvariantBroken, match="no such trade"):
                venue.paper.return_fee(trade_id, PAID)
            assert await held(venue) == before

    run(body())


@pytest.mark.parametrize("bnb", ["1.00000001", "-0.1", "NaN", "Infinity"])
def test_bnb_that_are_not_there_cannot_be_paid(bnb: str):
    async def body() -> None:
        async with WITH_BNB.opened() as venue:
            fill = await bought(venue)
            before = await held(venue)
            with pytest.raises(InvariantBroken, match="not so much"):
                venue.paper.return_fee(fill.trade_id, Decimal(bnb))
            assert await held(venue) == before
            venue.paper.return_fee(fill.trade_id, Decimal(1))
            assert "BNB" not in await held(venue)

    run(body())


def test_the_fee_of_a_coin_that_was_renamed_since_comes_back_under_the_new_name():
    async def body() -> None:
        async with WITH_BNB.opened() as venue:
            fill = await bought(venue)
            venue.paper.change_market(MarketEvent.RENAME, "BTC", "XBT")
            venue.paper.change_market(MarketEvent.RENAME, "BNB", "BNB2")
            before = await held(venue)
            venue.paper.return_fee(fill.trade_id, PAID)
            assert await held(venue) == before | {"XBT": before["XBT"] + fill.fee, "BNB2": 1 - PAID}

    run(body())


def test_a_return_that_cannot_be_stored_has_not_happened(tmp_path):
    setup = replace(WITH_BNB, path=tmp_path / "paper-venue.sqlite")

    async def body() -> None:
        async with setup.opened() as venue:
            fill = await bought(venue)
            before = await held(venue)
            venue._ledger._db.execute("PRAGMA query_only = ON")
            with pytest.raises(EnvironmentProblem, match="cannot be written"):
                venue.paper.return_fee(fill.trade_id, PAID)
            assert await held(venue) == before
            venue.paper.return_fee(fill.trade_id, PAID)
            assert (await held(venue))["BNB"] == 1 - PAID

    run(body())
