"""Answers that nobody documented: fields missing, of another type, absurd. Nothing but a fitting answer is ever believed."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from rebalancer_gui.application.booking import fault_of
from rebalancer_gui.domain.errors import VenueAuthError, VenueUnavailable
from rebalancer_gui.domain.orders import Accepted, Rejected, Unknown
from tests.wire.bench import MADE, Line, buy, on

STRANGE: tuple[Any, ...] = (
    None, "", "x", "NaN", "Infinity", "-1", "1e400", 0, -5, 10**30, True, [], {}, [[]], [None], {"a": 1}, "2026-13-45T99:99:99Z",
)  # fmt: skip
ROUNDS = 60


def spoilt(said: Any, chance: random.Random) -> Any:
    """``said`` with one value somewhere in it lost, doubled or replaced."""
    if isinstance(said, dict) and said and chance.random() < 0.85:
        key = chance.choice(sorted(said))
        changed = dict(said)
        if chance.random() < 0.3:
            del changed[key]
        else:
            changed[key] = spoilt(said[key], chance)
        return changed
    if isinstance(said, list) and said and chance.random() < 0.85:
        at = chance.randrange(len(said))
        if chance.random() < 0.2:
            return [*said, said[at]]
        return [*said[:at], spoilt(said[at], chance), *said[at + 1 :]]
    return chance.choice(STRANGE)


def spoil_everything(made: Line, chance: random.Random) -> None:
    """From now on each answer is spoilt in one place."""
    true_answer = made.wire.face.answer

    async def answer(request: web.Request) -> web.Response:
        honest = await true_answer(request)
        said = spoilt(json.loads(honest.text or "null"), chance)
        return web.Response(status=honest.status, text=json.dumps(said), content_type="application/json")

    made.wire.face.answer = answer  # type: ignore[method-assign]


@pytest.mark.parametrize("name", MADE)
@pytest.mark.failure(5, 13)
def test_an_order_is_taken_as_accepted_only_where_the_answer_fits_it(name: str):
    async def body(made: Line) -> None:
        chance = random.Random(f"orders {name}")
        spoil_everything(made, chance)
        kinds: set[type] = set()
        for number in range(ROUNDS):
            request = await buy(made, f"rbtest{number:012d}", "0.001", market=number % 2 == 1)
            outcome = await made.venue.submit(request)
            kinds.add(type(outcome))
            assert isinstance(outcome, (Accepted, Rejected, Unknown))
            true = made.core.of_client_id(request.client_order_id)
            if isinstance(outcome, Accepted):
                assert fault_of(outcome.order, request) == ""
                assert sum((f.quantity for f in outcome.order.fills), Decimal(0)) <= request.quantity
            if isinstance(outcome, Rejected):
                assert true is None, f"{outcome.reason}: refused, and it was executed"
        assert {Accepted, Unknown} <= kinds
        assert max(made.core.posts.values()) == 1

    on(name, body)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.failure(13, 28)
def test_a_question_has_an_answer_or_none_and_nothing_else(name: str):
    async def body(made: Line) -> None:
        chance = random.Random(f"questions {name}")
        request = await buy(made)
        await made.venue.submit(request)
        spoil_everything(made, chance)
        venue, since = made.venue, made.core.clock.true()
        answered = 0
        for _ in range(ROUNDS // 3):
            for ask in (
                lambda: venue.find_order("BTC/USDT", request.client_order_id),
                lambda: venue.orders_since("BTC/USDT", since),
                lambda: venue.trades_since("BTC/USDT", since),
                venue.balances,
                venue.fees,
                venue.permissions,
                venue.identity,
                venue.server_time,
                lambda: venue.quote("BTC/USDT"),
                venue.markets,
            ):
                try:
                    await ask()
                    answered += 1
                except (VenueUnavailable, VenueAuthError):
                    pass
        assert answered > ROUNDS // 2

    on(name, body)
