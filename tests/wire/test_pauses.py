"""A pause that the exchange asks for holds for the whole connection, whichever question was one too many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rebalancer_gui.application.venue_gate import VenueGate
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.orders import Accepted, Rejected
from tests.wire.bench import MADE, Line, buy, on

ASKED_AFTER = [name for name in MADE if name != "binance"]
"""Where the answer to an order does not tell what became of it. Binance's does."""
PAUSE: dict[str, Any] = {
    "orders": False, "status": 429, "body": "{}", "headers": {"Retry-After": "60"}, "executed": False,
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED_AFTER)
@pytest.mark.failure(8)
def test_a_look_at_an_order_that_is_one_too_many_is_the_last_question_until_the_pause_is_over(name: str) -> None:
    async def body(made: Line) -> None:
        gate = VenueGate(made.venue)
        made.wire.fault(**PAUSE)
        outcome = await gate.submit(await buy(made))
        assert isinstance(outcome, Accepted)
        assert outcome.retry_after == timedelta(seconds=60)
        assert gate.pause == "the exchange asked for a pause of 60 s more"
        asked = len(made.wire.log)
        made.core.clock.turn(59)
        with pytest.raises(VenueUnavailable, match="Nothing is asked now"):
            await gate.balances()
        assert len(made.wire.log) == asked
        made.core.clock.turn(2)
        assert await gate.find_order("BTC/USDT", outcome.order.client_order_id) is not None

    on(name, body)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.failure(8)
def test_during_a_pause_nothing_leaves_the_connection_and_an_order_is_refused_here(name: str) -> None:
    async def body(made: Line) -> None:
        order = await buy(made)
        made.wire.fault(**PAUSE)
        with pytest.raises(VenueUnavailable) as told:
            await made.venue.balances()
        assert told.value.retry_after == timedelta(seconds=60)
        asked = len(made.wire.log)
        made.core.clock.turn(20)
        for question in (made.venue.server_time, made.venue.markets, made.venue.fees):
            with pytest.raises(VenueUnavailable, match="asked for a pause of 40 s more") as left:
                await question()
            assert left.value.retry_after == timedelta(seconds=40)
        refused = await made.venue.submit(order)
        assert isinstance(refused, Rejected)
        assert "it was not sent" in refused.reason
        assert len(made.wire.log) == asked
        made.core.clock.turn(41)
        assert isinstance(await made.venue.submit(order), Accepted)

    on(name, body)
