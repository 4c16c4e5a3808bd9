"""What is free and what is locked, on a real wire."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from aiohttp import web

from rebalancer_gui.domain.market import Balance
from tests.wire.bench import MADE, Line, on


@pytest.mark.parametrize("name", MADE)
def test_what_an_open_order_holds_is_locked_and_the_rest_is_free(name: str):
    async def body(made: Line) -> None:
        before = (await made.venue.balances())["USDT"]
        true_balances = made.core.paper.balances

        async def with_a_lock() -> dict[str, Balance]:
            told = dict(await true_balances())
            told["USDT"] = Balance("USDT", told["USDT"].free - 1000, Decimal(1000))
            return told

        made.core.paper.balances = with_a_lock  # type: ignore[method-assign]
        assert (await made.venue.balances())["USDT"] == Balance("USDT", before.free - 1000, Decimal(1000))

    on(name, body)


def test_what_earns_or_is_staked_at_kraken_counts_and_is_locked():
    async def body(made: Line) -> None:
        face = made.wire.face
        honest = face.answer

        async def with_staked(request: web.Request) -> web.Response:
            if request.path.endswith("BalanceEx"):
                said = {
                    "XXBT": {"balance": "1.5", "hold_trade": "0.25"},
                    "XBT.F": {"balance": "0.5"},
                    "USDT": {"balance": "0"},
                }
                return web.Response(text=json.dumps({"error": [], "result": said}), content_type="application/json")
            return await honest(request)

        face.answer = with_staked  # type: ignore[method-assign]
        assert await made.venue.balances() == {"BTC": Balance("BTC", Decimal("1.25"), Decimal("0.75"))}

    on("kraken", body)
