"""Orders on a real wire: what is sent, what each answer proves, and that nothing is ever sent twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.orders import Accepted, OrderType, Rejected, Side, Unknown, VenueOrderStatus
from tests.wire.bench import MADE, Line, buy, on
from tests.wire.server import UNUSABLE
from tests.wire.tongues import TONGUES

LISTS = {"kraken", "coinbase"}
"""Where our order is looked for in lists: there is no single answer that could be somebody else's."""
VENUES = pytest.mark.parametrize("name", MADE)


def each(table: str) -> pytest.MarkDecorator:
    """Every row of a table of every venue."""
    rows = [(name, *row) for name in MADE for row in getattr(TONGUES[name], table)]
    return pytest.mark.parametrize(("name", "code", "message"), rows)


async def found(made: Line, cid: str) -> Decimal | None:
    """What a look-up says was filled; None: it knows no such order."""
    order = await made.venue.find_order("BTC/USDT", cid)
    return None if order is None else order.filled


# ------------------------------------------------------------------------------------------------------- what is sent


@VENUES
@pytest.mark.parametrize("kind", list(OrderType))
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.failure(25)
def test_an_order_says_our_id_its_kind_and_the_quantity_in_base_units(name: str, kind: OrderType, side: Side):
    async def body(made: Line) -> None:
        request = replace(await buy(made, quantity="0.0123", market=kind is OrderType.MARKET), side=side)
        before = (await made.venue.balances())["BTC"].total
        outcome = await made.venue.submit(request)
        sent = TONGUES[name].read(made.wire.bodies[0][0])
        assert sent.cid == request.client_order_id
        assert made.wire.order_posts() == 1
        if name != "coinbase" or kind is OrderType.LIMIT_IOC or side is Side.SELL:
            assert sent.kind == (TONGUES[name].limit if kind is OrderType.LIMIT_IOC else TONGUES[name].market)
        assert Decimal(sent.quantity) == request.quantity
        assert sent.unit == (TONGUES[name].base_unit if kind is OrderType.MARKET else "")
        if kind is OrderType.LIMIT_IOC:
            assert Decimal(sent.price) == request.limit_price
        assert isinstance(outcome, Accepted)
        change = (await made.venue.balances())["BTC"].total - before
        bought = sum((f.quantity for f in outcome.order.fills), Decimal(0))
        assert bought == outcome.order.filled
        fee = sum((f.fee for f in outcome.order.fills if f.fee_asset == "BTC"), Decimal(0))
        assert change == (bought if side is Side.BUY else -bought) - fee

    on(name, body)


@VENUES
def test_small_and_large_numbers_are_written_plainly(name: str):
    async def body(made: Line) -> None:
        request = await buy(made, quantity="0.00011")
        await made.venue.submit(request)
        sent = TONGUES[name].read(made.wire.bodies[0][0])
        assert sent.quantity == "0.00011"
        assert "e" not in (sent.quantity + sent.price).lower()

    on(name, body)


# ---------------------------------------------------------------------------------------- executed, and no answer of use


@VENUES
@pytest.mark.parametrize("how", ["reset", "close", "short"])
@pytest.mark.failure(4)
def test_a_connection_that_breaks_after_the_order_was_executed_leaves_it_unknown_and_findable(name: str, how: str):
    async def body(made: Line) -> None:
        made.wire.fault(how)
        request = await buy(made)
        assert isinstance(await made.venue.submit(request), Unknown)
        assert await found(made, request.client_order_id) == request.quantity
        assert made.wire.order_posts() == 1

    on(name, body)


@VENUES
@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("kind", list(UNUSABLE))
@pytest.mark.failure(5)
def test_a_200_that_says_nothing_leaves_an_order_unknown(name: str, kind: str, executed: bool):
    async def body(made: Line) -> None:
        made.wire.fault(body=UNUSABLE[kind], executed=executed)
        request = await buy(made)
        assert isinstance(await made.venue.submit(request), Unknown)
        assert made.wire.order_posts() == 1
        assert await found(made, request.client_order_id) == (request.quantity if executed else None)

    on(name, body)


@VENUES
@pytest.mark.parametrize(
    "text", ["{}", "[]", "[[]]", '{"result": {}}', '{"data": [{}]}', '{"success": true}', '{"error": []}']
)
@pytest.mark.failure(5)
def test_a_200_of_another_shape_leaves_an_order_unknown(name: str, text: str):
    async def body(made: Line) -> None:
        made.wire.fault(body=text)
        assert isinstance(await made.venue.submit(await buy(made)), Unknown)
        assert made.wire.order_posts() == 1

    on(name, body)


@VENUES
@pytest.mark.parametrize("status", [301, 302, 307])
@pytest.mark.failure(5)
def test_a_redirect_leaves_an_order_unknown_and_is_not_followed(name: str, status: int):
    async def body(made: Line) -> None:
        made.wire.fault(status=status, headers={"Location": made.wire.url + "/elsewhere"})
        asked = len(made.wire.log)
        assert isinstance(await made.venue.submit(await buy(made)), Unknown)
        assert len(made.wire.log) == asked + 1

    on(name, body)


@VENUES
@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.failure(6)
def test_a_5xx_leaves_an_order_unknown(name: str, status: int, executed: bool):
    async def body(made: Line) -> None:
        made.wire.fault(status=status, body="<html>Bad gateway</html>", executed=executed)
        request = await buy(made)
        assert isinstance(await made.venue.submit(request), Unknown)
        assert made.wire.order_posts() == 1
        assert await found(made, request.client_order_id) == (request.quantity if executed else None)

    on(name, body)


@each("unclear")
@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.failure(7)
def test_a_code_that_proves_nothing_leaves_an_order_unknown(name: str, code: str, message: str, executed: bool):
    async def body(made: Line) -> None:
        status, text = TONGUES[name].error(code, message)
        made.wire.fault(status=status, body=text, executed=executed)
        request = await buy(made)
        outcome = await made.venue.submit(request)
        assert isinstance(outcome, Unknown)
        assert message[:20] in outcome.reason
        assert made.wire.order_posts() == 1

    on(name, body)


# ----------------------------------------------------------------------------------------------------- proven refusals


@each("refused")
def test_a_refusal_that_is_proven_is_one(name: str, code: str, message: str):
    async def body(made: Line) -> None:
        status, text = TONGUES[name].error(code, message)
        made.wire.fault(status=status, body=text, executed=False)
        outcome = await made.venue.submit(await buy(made))
        assert isinstance(outcome, Rejected)
        assert not outcome.no_right
        assert message[:30] in outcome.reason
        assert outcome.retry_after is None
        by_rules = any(word in f"{code} {message}" for word in TONGUES[name].rule_words)
        assert outcome.against_rules is by_rules

    on(name, body)


@each("refused")
def test_the_same_code_from_a_server_that_failed_proves_nothing(name: str, code: str, message: str):
    async def body(made: Line) -> None:
        made.wire.fault(status=503, body=TONGUES[name].error(code, message)[1])
        assert isinstance(await made.venue.submit(await buy(made)), Unknown)

    on(name, body)


@each("no_right")
@pytest.mark.failure(9, 10)
def test_an_order_without_the_right_is_refused_for_that_reason(name: str, code: str, message: str):
    async def body(made: Line) -> None:
        await made.venue.balances()
        status, text = TONGUES[name].error(code, message)
        made.wire.fault(status=status, body=text, executed=False)
        outcome = await made.venue.submit(await buy(made))
        assert isinstance(outcome, Rejected)
        assert outcome.no_right

    on(name, body)


@each("pauses")
@pytest.mark.failure(8)
def test_one_order_too_many_is_refused_and_asks_for_a_pause(name: str, code: str, message: str):
    async def body(made: Line) -> None:
        status, text = TONGUES[name].error(code, message)
        made.wire.fault(status=status, body=text, executed=False)
        outcome = await made.venue.submit(await buy(made))
        assert isinstance(outcome, Rejected)
        assert outcome.retry_after is not None
        assert outcome.retry_after > timedelta(0)

    on(name, body)


@VENUES
def test_an_order_that_comes_too_late_for_its_fence_is_refused_by_the_venue(name: str):
    async def body(made: Line) -> None:
        if TONGUES[name].too_early is None:
            return
        made.core.clock.skew = timedelta(seconds=-40)
        outcome = await made.venue.submit(await buy(made))
        assert isinstance(outcome, Rejected)
        assert made.wire.order_posts() == 1

    on(name, body)


@VENUES
def test_an_order_that_waited_too_long_for_its_turn_is_not_sent(name: str):
    async def body(made: Line) -> None:
        throttled = made.venue.dialect.client.exchange
        throttled.enableRateLimit = True

        async def throttle(cost: object = None) -> None:
            made.core.clock.turn(3.5)

        throttled.throttle = throttle
        outcome = await made.venue.submit(await buy(made))
        assert isinstance(outcome, Rejected)
        assert made.wire.order_posts() == 0

    on(name, body)


# ------------------------------------------------------------------------------------------------------------- fills


@pytest.mark.parametrize(("name", "word"), [(name, word) for name in MADE for word in TONGUES[name].words])
@pytest.mark.failure(16)
def test_whatever_the_venue_calls_the_end_of_an_order_nothing_but_trades_is_filled(name: str, word: str):
    async def body(made: Line) -> None:
        request = replace(await buy(made), limit_price=Decimal(1000), quantity=Decimal("0.1"))
        assert isinstance(await made.venue.submit(request), Accepted)
        order = made.core.of_client_id(request.client_order_id)
        assert order is not None
        order.word = word
        told = await made.venue.find_order("BTC/USDT", request.client_order_id)
        assert told is not None
        assert told.status is TONGUES[name].words[word]
        assert (told.filled, told.fills) == (Decimal(0), ())

    on(name, body)


@VENUES
@pytest.mark.failure(17)
def test_trades_that_cannot_be_seen_yet_are_missing_and_come_later(name: str):
    async def body(made: Line) -> None:
        made.core.lag.trades = timedelta(seconds=40)
        request = await buy(made)
        outcome = await made.venue.submit(request)
        assert isinstance(outcome, Accepted)
        if name != "binance":
            assert outcome.order.fills == ()
        told = await made.venue.find_order("BTC/USDT", request.client_order_id)
        assert told is not None
        assert told.fills == ()
        assert told.filled == request.quantity
        made.core.clock.turn(60)
        told = await made.venue.find_order("BTC/USDT", request.client_order_id)
        assert told is not None
        assert sum((f.quantity for f in told.fills), Decimal(0)) == request.quantity

    on(name, body)


@VENUES
@pytest.mark.failure(12)
def test_an_order_that_the_lists_do_not_show_yet_is_found_when_they_do(name: str):
    async def body(made: Line) -> None:
        made.core.lag.orders = timedelta(seconds=20)
        request = await buy(made)
        made.wire.fault("close")
        assert isinstance(await made.venue.submit(request), Unknown)
        assert await found(made, request.client_order_id) is None
        made.core.clock.turn(25)
        assert await found(made, request.client_order_id) == request.quantity

    on(name, body)


@pytest.mark.parametrize("name", sorted(set(MADE) - LISTS))
@pytest.mark.failure(13)
def test_a_look_up_that_answers_with_an_order_of_somebody_else_is_no_answer(name: str):
    async def body(made: Line) -> None:
        request = await buy(made)
        await made.venue.submit(request)
        foreign = await made.core.foreign("somebodyelse1")
        made.core.by_cid[request.client_order_id] = foreign.number
        with pytest.raises(VenueUnavailable):
            await made.venue.find_order("BTC/USDT", request.client_order_id)

    on(name, body)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in MADE for text in TONGUES[name].no_order])
@pytest.mark.failure(13)
def test_an_empty_look_up_is_no_answer(name: str, text: str):
    async def body(made: Line) -> None:
        request = await buy(made)
        await made.venue.submit(request)
        for path in TONGUES[name].lookups:
            made.wire.fault(orders=False, path=path, body=text, times=-1)
        with pytest.raises(VenueUnavailable):
            await made.venue.find_order("BTC/USDT", request.client_order_id)

    on(name, body)


@VENUES
def test_a_partial_fill_is_told_as_it_was_traded(name: str):
    async def body(made: Line) -> None:
        asks = (await made.core.paper.order_book("BTC/USDT")).asks
        request = replace(await buy(made), quantity=asks[0].quantity + Decimal("0.5"), limit_price=asks[0].price)
        outcome = await made.venue.submit(request)
        assert isinstance(outcome, Accepted)
        assert outcome.order.status is VenueOrderStatus.EXPIRED
        assert outcome.order.filled == asks[0].quantity
        assert [f.trade_id for f in outcome.order.fills] == [
            made.wire.face.trade_id(t.trade_id) for t in made.core.trades()
        ]

    on(name, body)
