"""Questions on a real wire: complete lists, pauses, keys that stop working, clocks that differ, markets that change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.adapters.venues.exchange_account import ExchangeAccount
from rebalancer_gui.adapters.venues.live_venues import build_live_feed
from rebalancer_gui.adapters.venues.probe import probe
from rebalancer_gui.application.connection import Tier, VenueSpec
from rebalancer_gui.application.venue_gate import VenueGate
from rebalancer_gui.domain.errors import VenueAuthError, VenueUnavailable
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.orders import Accepted, Rejected
from tests.wire.bench import KEY, KEYS, MADE, Line, buy, on
from tests.wire.server import UNUSABLE
from tests.wire.tongues import TONGUES

VENUES = pytest.mark.parametrize("name", MADE)

# -------------------------------------------------------------------------------------------------------------- lists


@VENUES
@pytest.mark.failure(18, 20)
def test_lists_are_read_to_their_end_page_by_page_and_window_by_window(name: str):
    async def body(made: Line) -> None:
        clock, begin = made.core.clock, made.core.clock.true()
        ids = [f"rbtest00000000000{number}" for number in range(8)]
        for number, cid in enumerate(ids):
            assert isinstance(await made.venue.submit(await buy(made, cid, "0.001")), Accepted)
            # Several in one page's window, and then a gap of more than a week.
            clock.turn(5 * 3600 if number < 6 else 8 * 86_400)
        made.wire.face.most = made.venue.dialect.page = 3
        orders = await made.venue.orders_since("BTC/USDT", begin - timedelta(minutes=1))
        trades = await made.venue.trades_since("BTC/USDT", begin - timedelta(minutes=1))
        assert [o.client_order_id for o in orders] == ids
        assert [t.trade_id for t in trades] == [made.wire.face.trade_id(t.trade_id) for t in made.core.trades()]
        assert {o.venue_order_id for o in orders} == {t.venue_order_id for t in trades}
        assert all(t.fee is not None for t in trades)
        later = await made.venue.orders_since("BTC/USDT", begin + timedelta(hours=12))
        assert [o.client_order_id for o in later] == ids[3:]
        assert len(await made.venue.trades_since("BTC/USDT", begin + timedelta(hours=12))) == 5

    on(name, body)


def test_an_account_is_valued_in_a_money_that_its_site_has_markets_in():
    async def body(made: Line) -> None:
        spec, clock = VenueSpec("kraken", made.wire.url), made.core.clock
        account = ExchangeAccount(
            "Main", spec, lambda: None, clock, build_live_feed(spec, clock), registered="0a1b2c3d"
        )
        try:
            await account.open()
            assert account.quote_assets == ("USDT",), "Kraken's first would be USD, and nothing would have a price"
        finally:
            await account.close()

    on("kraken", body)


@pytest.mark.parametrize("name", ("kraken", "coinbase"))
def test_a_secret_of_another_shape_is_refused_as_such_and_nothing_is_sent_with_it(name: str):
    async def body(made: Line) -> None:
        key = replace(KEYS.get(name, KEY), secret="-----BEGIN EC PRIVATE KEY-----\ncut off\n")
        with pytest.raises(VenueAuthError, match=r"This is no secret of (Kraken|Coinbase Advanced)"):
            await probe(VenueSpec(name, made.wire.url), key, clock=made.core.clock, paced=False)

    on(name, body)


@VENUES
def test_lists_hold_what_others_did_and_what_is_open_and_no_other_market(name: str):
    async def body(made: Line) -> None:
        since = made.core.clock.true() - timedelta(minutes=1)
        foreign = await made.core.foreign("somebody1")
        await made.core.foreign("somebody2", "XRP/USDT", "100")
        made.core.rests("somebody3")
        orders = await made.venue.orders_since("BTC/USDT", since)
        assert sorted(o.client_order_id for o in orders) == ["somebody1", "somebody3"]
        assert [o.is_final for o in orders if o.client_order_id == "somebody3"] == [False]
        trades = await made.venue.trades_since("BTC/USDT", since)
        assert {t.trade_id for t in trades} == {made.wire.face.trade_id(f.trade_id) for f in foreign.order.fills}
        assert {t.symbol for t in trades} == {"BTC/USDT"}

    on(name, body)


@VENUES
@pytest.mark.parametrize("text", [*UNUSABLE.values(), "{}", '{"data": 5}'])
def test_a_list_that_cannot_be_read_is_no_empty_list(name: str, text: str):
    async def body(made: Line) -> None:
        await made.venue.submit(await buy(made))
        made.wire.fault(orders=False, body=text, times=-1)
        for ask in (made.venue.orders_since, made.venue.trades_since):
            with pytest.raises(VenueUnavailable):
                await ask("BTC/USDT", made.core.clock.true() - timedelta(hours=1))
        with pytest.raises(VenueUnavailable):
            await made.venue.balances()
        with pytest.raises(VenueUnavailable):
            await made.venue.markets()

    on(name, body)


@VENUES
def test_a_market_that_the_venue_does_not_have_has_no_lists(name: str):
    async def body(made: Line) -> None:
        for ask in (made.venue.orders_since, made.venue.trades_since):
            with pytest.raises(VenueUnavailable):
                await ask("NOSUCH/COIN", made.core.clock.true())

    on(name, body)


# ----------------------------------------------------------------------------------------------- no answer, pauses, keys


@VENUES
@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
@pytest.mark.failure(6)
def test_a_question_is_asked_again_a_limited_number_of_times(name: str, status: int):
    async def body(made: Line) -> None:
        made.wire.fault(orders=False, status=status, body="<html>Bad gateway</html>", times=1)
        assert await made.venue.balances()
        made.wire.fault(orders=False, status=status, body="<html>Bad gateway</html>", times=-1)
        asked = len(made.wire.log)
        with pytest.raises(VenueUnavailable):
            await made.venue.balances()
        assert len(made.wire.log) == asked + 3

    on(name, body)


@pytest.mark.parametrize(("name", "code", "message"), [(n, *TONGUES[n].pauses[-1]) for n in MADE])
@pytest.mark.failure(8)
def test_in_a_pause_that_the_venue_asked_for_not_a_single_request_leaves(name: str, code: str, message: str):
    async def body(made: Line) -> None:
        gate = VenueGate(made.venue)
        status, text = TONGUES[name].error(code, message)
        made.wire.fault(orders=False, status=max(status, 400), body=text, headers={"Retry-After": "40"}, executed=False)
        if status == 200:
            made.wire.faults[-1].status = 429
        with pytest.raises(VenueUnavailable):
            await gate.balances()
        made.wire.banned_until = made.core.clock.true() + timedelta(seconds=40)
        for ask in (gate.balances, gate.markets, gate.server_time, gate.fees, gate.identity):
            with pytest.raises(VenueUnavailable):
                await ask()
        assert isinstance(await gate.submit(await buy(made)), Rejected)
        made.core.clock.turn(41)
        assert await gate.balances()
        assert made.wire.breaches == []

    on(name, body)


@VENUES
@pytest.mark.failure(8)
def test_an_order_in_a_ban_is_sent_once_and_nothing_after_it(name: str):
    async def body(made: Line) -> None:
        gate = VenueGate(made.venue)
        made.wire.fault(status=429, body="<html>slow down</html>", headers={"Retry-After": "15"}, executed=False)
        await gate.submit(await buy(made))
        made.wire.banned_until = made.core.clock.true() + timedelta(seconds=15)
        assert isinstance(await gate.submit(await buy(made, "rbtest000000000002")), Rejected)
        with pytest.raises(VenueUnavailable):
            await gate.find_order("BTC/USDT", "rbtest000000000001")
        assert made.wire.order_posts() == 1

    on(name, body)


@VENUES
@pytest.mark.failure(9)
def test_a_key_that_is_revoked_in_mid_session_is_not_used_any_more_after_three_refusals(name: str):
    async def body(made: Line) -> None:
        gate = VenueGate(made.venue)
        assert await gate.balances()
        made.core.key_works = False
        for _ in range(3):
            with pytest.raises(VenueUnavailable):
                await gate.balances()
        assert gate.key_refused
        asked = len(made.wire.log)
        with pytest.raises(VenueUnavailable):
            await gate.balances()
        assert isinstance(await gate.submit(await buy(made)), Rejected)
        assert len(made.wire.log) == asked

    on(name, body)


@VENUES
@pytest.mark.failure(9)
def test_an_order_with_a_revoked_key_is_refused_for_want_of_the_right(name: str):
    async def body(made: Line) -> None:
        await made.venue.balances()
        made.core.key_works = False
        outcome = await made.venue.submit(await buy(made))
        assert isinstance(outcome, Rejected)
        assert outcome.no_right

    on(name, body)


@VENUES
@pytest.mark.parametrize("status", [403, 451])
@pytest.mark.failure(10)
def test_a_region_or_an_address_that_is_shut_out_is_said_and_an_order_into_it_is_unknown(name: str, status: int):
    async def body(made: Line) -> None:
        made.wire.fault(orders=False, status=status, body="<html>not here</html>", times=-1)
        with pytest.raises(VenueAuthError) as caught:
            await made.venue.balances()
        assert f"does not serve the place that this computer asks from: it answered with HTTP {status}: not here" in (
            caught.value.message
        )
        assert "serves your region" in caught.value.advice
        made.wire.fault(status=status, body="<html>not here</html>")
        outcome = await made.venue.submit(await buy(made))
        assert not isinstance(outcome, Accepted)
        assert str(status) in outcome.reason

    on(name, body)


@VENUES
@pytest.mark.parametrize("seconds", [-3600, -30, 3, 3600])
@pytest.mark.failure(11)
def test_a_clock_that_differs_is_measured_once_and_the_question_asked_again(name: str, seconds: int):
    async def body(made: Line) -> None:
        made.core.clock.skew = timedelta(seconds=seconds)
        assert await made.venue.balances()
        said = await made.venue.server_time()
        assert abs(said - made.core.clock.true()) < timedelta(seconds=1)
        assert isinstance(await made.venue.submit(await buy(made)), Accepted)

    on(name, body)


@VENUES
def test_a_venue_that_could_not_be_opened_or_was_closed_can_be_opened_again(name: str):
    async def body(made: Line) -> None:
        await made.venue.close()
        made.wire.fault(orders=False, status=503, body="<html>Maintenance</html>", times=-1)
        with pytest.raises(VenueUnavailable):
            await made.venue.open()
        made.wire.faults.clear()
        await made.venue.open()
        assert await made.venue.balances()
        await made.venue.close()
        await made.venue.close()

    on(name, body)


# ------------------------------------------------------------------------------------------------------------- markets


@VENUES
@pytest.mark.failure(24)
def test_a_market_that_is_paused_or_not_listed_any_more_takes_no_orders_and_is_said(name: str):
    async def body(made: Line) -> None:
        request = await buy(made)
        made.core.rules["BTC/USDT"] = replace(made.core.rules["BTC/USDT"], status=MarketStatus.HALTED)
        assert isinstance(await made.venue.submit(request), Rejected)
        assert (await made.venue.markets())["BTC/USDT"].status is MarketStatus.HALTED
        del made.core.rules["BTC/USDT"]
        told = await made.venue.markets()
        assert "BTC/USDT" in told
        assert told["BTC/USDT"].status is MarketStatus.DELISTED
        with pytest.raises(VenueUnavailable):
            await made.venue.quote("BTC/USDT")
        assert isinstance(await made.venue.submit(request), Rejected)
        batch = await anext(made.venue.batches())
        assert "BTC/USDT" not in batch.quotes
        assert "ETH/USDT" in batch.quotes

    on(name, body)


@VENUES
@pytest.mark.failure(21)
def test_rules_that_changed_since_they_were_read_are_refused_by_the_venue_and_told_when_read_anew(name: str):
    async def body(made: Line) -> None:
        old = made.core.rules["BTC/USDT"]
        made.core.rules["BTC/USDT"] = replace(old, step_size=Decimal("0.01"), min_quantity=Decimal("0.01"))
        outcome = await made.venue.submit(await buy(made, quantity="0.0123"))
        assert isinstance(outcome, Rejected)
        assert outcome.against_rules
        assert not outcome.no_right
        new = (await made.venue.markets())["BTC/USDT"]
        assert (new.step_size, new.min_quantity) == (Decimal("0.01"), Decimal("0.01"))
        assert isinstance(await made.venue.submit(await buy(made, "rbtest000000000002", "0.01")), Accepted)

    on(name, body)


@VENUES
def test_the_rules_are_the_exchanges_to_the_last_digit(name: str):
    async def body(made: Line) -> None:
        told = await made.venue.markets()
        assert set(told) == set(made.core.rules)
        for symbol, rules in made.core.rules.items():
            there = told[symbol]
            assert (there.tick_size, there.step_size, there.min_quantity) == (
                rules.tick_size,
                rules.step_size,
                rules.min_quantity,
            )
            assert there.status is rules.status
            if name != "okx":
                assert there.min_notional == rules.min_notional

    on(name, body)


@VENUES
@pytest.mark.parametrize("price", ["NaN", "Infinity", "-Infinity", "-1", "0", "abc", ""])
@pytest.mark.failure(28)
def test_a_price_that_is_none_is_refused_however_it_is_asked_for(name: str, price: str):
    async def body(made: Line) -> None:
        made.wire.face.odd_price = price
        try:
            quotes = (await anext(made.venue.batches())).quotes
        except VenueUnavailable:
            quotes = {}
        assert "BTC/USDT" not in quotes
        try:
            quote = await made.venue.quote("BTC/USDT")
        except VenueUnavailable:
            return
        assert quote.fault(made.core.clock.now()) is not None

    on(name, body)


# ----------------------------------------------------------------------------------------------------------- the probe


@VENUES
def test_a_test_of_the_connection_tells_what_there_is_and_sends_no_order(name: str):
    async def body(made: Line) -> None:
        made.core.clock.skew = timedelta(seconds=-2)
        key = KEYS.get(name, KEY)
        report = await probe(VenueSpec(name, made.wire.url), key, clock=made.core.clock, paced=False)
        # Kraken wants a later nonce from each who uses the key.
        made.core.clock.turn(1)
        assert report.problems == ()
        assert report.tier is Tier.FIRST_CLASS
        assert report.time_offset is not None
        assert abs(report.time_offset - timedelta(seconds=2)) <= timedelta(seconds=1)
        assert report.balances == await made.venue.balances()
        assert report.fees == await made.venue.fees()
        assert report.fees is not None
        assert report.fees.taker_rate == made.core.fees.taker_rate
        assert report.identity == await made.venue.identity()
        assert key.key not in repr(report)
        rights = report.permissions
        assert (rights.may_trade, rights.may_withdraw) == (True, False)
        assert report.may_go_live
        assert made.wire.order_posts() == 0

    on(name, body)


@VENUES
def test_a_key_that_may_withdraw_or_may_not_trade_is_told_as_such(name: str):
    async def body(made: Line) -> None:
        made.core.may_withdraw, made.core.ip_list = True, ()
        rights = await made.venue.permissions()
        assert rights.may_withdraw is True
        assert rights.ip_restricted is not True
        made.core.may_trade = False
        assert (await made.venue.permissions()).may_trade is False

    on(name, body)


@VENUES
def test_a_test_of_the_connection_with_a_wrong_key_says_so(name: str):
    async def body(made: Line) -> None:
        made.core.key_works = False
        with pytest.raises(VenueAuthError):
            await probe(VenueSpec(name, made.wire.url), KEYS.get(name, KEY), clock=made.core.clock, paced=False)

    on(name, body)
