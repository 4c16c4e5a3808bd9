"""What trades cost, on a real wire: in what was received, in quote, in a third asset, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from rebalancer_gui.domain.market import FeeSchedule, FeeSide
from rebalancer_gui.domain.orders import Accepted
from tests.wire.bench import MADE, Line, buy, on

VENUES = pytest.mark.parametrize("name", MADE)
IN_QUOTE = {"kraken", "coinbase"}


@VENUES
def test_the_rate_and_the_asset_are_the_accounts_own(name: str):
    async def body(made: Line) -> None:
        made.core.fees = FeeSchedule(Decimal("0.0019"))
        assert await made.venue.fees() == FeeSchedule(
            Decimal("0.0019"), FeeSide.QUOTE if name in IN_QUOTE else FeeSide.RECEIVED
        )

    on(name, body)


def test_an_account_that_pays_its_fees_with_bnb_has_the_lower_rate_and_pays_in_a_third_asset():
    async def body(made: Line) -> None:
        made.core.fees = FeeSchedule(Decimal("0.001"), FeeSide.THIRD)
        fees = await made.venue.fees()
        assert (fees.taker_rate, fees.taken_in) == (Decimal("0.00075"), FeeSide.THIRD)

    on("binance", body)


@pytest.mark.parametrize("name", sorted(set(MADE) - IN_QUOTE))
def test_a_fee_in_a_third_asset_is_told_as_that(name: str):
    async def body(made: Line) -> None:
        request = await buy(made)
        assert isinstance(await made.venue.submit(request), Accepted)
        there = made.core.of_client_id(request.client_order_id)
        assert there is not None
        fills = tuple(replace(f, fee=Decimal("0.00123"), fee_asset="BNB") for f in there.order.fills)
        there.order = replace(there.order, fills=fills)
        found = await made.venue.find_order("BTC/USDT", request.client_order_id)
        assert found is not None
        assert [(f.fee, f.fee_asset) for f in found.fills] == [(Decimal("0.00123"), "BNB")] * len(fills)
        trades = await made.venue.trades_since("BTC/USDT", there.order.at)
        assert [(t.fee, t.fee_asset) for t in trades] == [(Decimal("0.00123"), "BNB")] * len(fills)

    on(name, body)


@pytest.mark.parametrize("name", sorted(set(MADE) - {"binance"}))
def test_a_rebate_is_no_fee(name: str):
    async def body(made: Line) -> None:
        request = await buy(made)
        assert isinstance(await made.venue.submit(request), Accepted)
        there = made.core.of_client_id(request.client_order_id)
        assert there is not None
        there.order = replace(there.order, fills=tuple(replace(f, fee=Decimal("-0.5")) for f in there.order.fills))
        found = await made.venue.find_order("BTC/USDT", request.client_order_id)
        assert found is not None
        assert {f.fee for f in found.fills} == {Decimal(0)}

    on(name, body)
