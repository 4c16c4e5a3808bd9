"""What is particular to the paper venue's orders: the words of its refusals, its books, its fees, its rivals."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.adapters.venues.price_script import play
from rebalancer_gui.adapters.venues.simulated_book import Depth, FillRatio, best_prices
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import BookLevel, FeeSchedule, FeeSide
from rebalancer_gui.domain.money import total
from rebalancer_gui.domain.orders import (
    Accepted,
    OrderRequest,
    OrderType,
    Rejected,
    Side,
    Unknown,
    VenueOrder,
    VenueOrderStatus,
)
from tests.paper_bench import PRICES, START, Setup, Waves, at_market, limit, run

BUY, SELL = Side.BUY, Side.SELL
INSUFFICIENT = ("Account has insufficient balance for requested action.", "-2010")


def accepted(outcome: object) -> VenueOrder:
    assert isinstance(outcome, Accepted), outcome
    return outcome.order


@pytest.mark.parametrize(
    ("request_", "reason", "code"),
    [
        (limit("o", BUY, "1", "50000", "NO/COIN"), "Invalid symbol.", "-1121"),
        (limit("o", BUY, "10", "1", "GONE/USDT"), "Market is closed.", "-1013"),
        (limit("o", BUY, "1", "50000.001"), "Filter failure: PRICE_FILTER", "-1013"),
        (limit("o", BUY, "1", "1000000000001"), "Filter failure: PRICE_FILTER", "-1013"),
        (limit("o", BUY, "0.000005", "50000"), "Filter failure: LOT_SIZE", "-1013"),
        (limit("o", BUY, "1.000005", "50000"), "Filter failure: LOT_SIZE", "-1013"),
        (limit("o", SELL, "900000001", "50000"), "Filter failure: LOT_SIZE", "-1013"),
        (at_market("o", SELL, "100000000.00001"), "Filter failure: MARKET_LOT_SIZE", "-1013"),
        (limit("o", BUY, "0.00009", "50000"), "Filter failure: NOTIONAL", "-1013"),
        (limit("o", BUY, "200", "50000"), "Filter failure: NOTIONAL", "-1013"),
        (at_market("o", BUY, "0.00009"), "Filter failure: NOTIONAL", "-1013"),
        (limit("o", BUY, "0.01", "50000"), *INSUFFICIENT),
        (at_market("o", BUY, "0.01"), *INSUFFICIENT),
        (limit("o", SELL, "0.001", "40000"), *INSUFFICIENT),
        (at_market("o", SELL, "0.001"), *INSUFFICIENT),
        (limit("o", BUY, "0", "50000"), "Invalid quantity.", "-1013"),
        (limit("o", BUY, "1", "0"), "Invalid price.", "-1013"),
        (
            OrderRequest("o", "BTC/USDT", BUY, OrderType.LIMIT_IOC, Decimal(1), None),
            "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
            "-1102",
        ),
        (
            OrderRequest("o", "BTC/USDT", BUY, OrderType.MARKET, Decimal(1), Decimal(50_000)),
            "Parameter 'price' sent when not required.",
            "-1106",
        ),
        (
            limit("an id with spaces", BUY, "1", "50000"),
            r"Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\.A-Z\:/a-z0-9_-]{1,36}$'.",
            "-1100",
        ),
    ],
    ids=lambda value: str(value) if not isinstance(value, OrderRequest) else value.type.name,
)
def test_refusals_carry_the_venues_words_and_codes(request_: OrderRequest, reason: str, code: str):
    async def body() -> None:
        async with Setup(balances={"USDT": Decimal(100)}).opened() as venue:
            assert await venue.submit(request_) == Rejected(
                reason, code, against_rules=reason.startswith("Filter failure")
            )

    run(body())


def test_a_second_order_with_the_same_id_is_evidence_of_the_first():
    async def body() -> None:
        async with Setup().opened() as venue:
            accepted(await venue.submit(limit("o", BUY, "0.001", "60000")))
            assert await venue.submit(limit("o", BUY, "0.002", "60000")) == Unknown("Duplicate order sent.")

    run(body())


def test_an_id_of_a_refused_order_may_be_used():
    async def body() -> None:
        async with Setup().opened() as venue:
            assert isinstance(await venue.submit(limit("o", BUY, "0.00001", "50000")), Rejected)
            accepted(await venue.submit(limit("o", BUY, "0.001", "60000")))

    run(body())


class Cliff:
    """BTC at 100 until ten minutes before the start, at 50,000 a minute before it, at 100 again from the start on."""

    def price(self, asset: str, at: datetime) -> Decimal | None:
        return Decimal(50_000 if timedelta(0) < START - at <= timedelta(minutes=1) else 100)


def test_the_value_of_a_market_order_is_judged_by_the_average_price_of_five_minutes():
    async def body() -> None:
        async with Setup(scripts=play(Cliff())).opened() as venue:
            # Worth 1 now; the average of 100, 50,000 and four times 100 is 8,416.67, so on average it is worth 84.
            order = accepted(await venue.submit(at_market("o-1", BUY, "0.01")))
            assert order.status is VenueOrderStatus.FILLED
            assert await venue.submit(at_market("o-2", BUY, "0.00059")) == Rejected(
                "Filter failure: NOTIONAL", "-1013", against_rules=True
            )
            accepted(await venue.submit(at_market("o-3", BUY, "0.0006")))

    run(body())


# --------------------------------------------------------------------------------------------------------------- books


def test_what_an_order_took_is_gone_until_the_next_batch():
    async def body() -> None:
        async with Setup().opened() as venue:
            batches = venue.batches()
            await anext(batches)
            whole, quote = await venue.order_book("BTC/USDT"), await venue.quote("BTC/USDT")
            first, second = whole.asks[:2]
            into_second = Decimal("0.00123")
            accepted(await venue.submit(at_market("o-1", BUY, first.quantity + into_second)))
            left = await venue.order_book("BTC/USDT")
            assert left.asks == (BookLevel(second.price, second.quantity - into_second), *whole.asks[2:])
            assert left.bids == whole.bids
            assert (await venue.quote("BTC/USDT")).ask == second.price
            assert (await venue.quote("BTC/USDT")).bid == quote.bid
            nothing = accepted(await venue.submit(limit("o-2", BUY, "0.001", first.price)))
            assert nothing.filled == 0
            await anext(batches)
            assert len((await venue.order_book("BTC/USDT")).asks) == len(whole.asks)

    run(body())


def test_an_emptied_side_is_quoted_as_zero_so_that_nobody_trades_on_it():
    async def body() -> None:
        async with Setup(depth=Depth(levels=2)).opened() as venue:
            book = await venue.order_book("BTC/USDT")
            accepted(await venue.submit(at_market("o-1", BUY, total(level.quantity for level in book.asks))))
            quote = await venue.quote("BTC/USDT")
            assert quote.ask == 0
            assert quote.bid == book.bids[0].price
            assert quote.fault(venue.clock.now(), None) is not None
            nothing = accepted(await venue.submit(at_market("o-2", BUY, "0.01")))
            assert (nothing.status, nothing.fills) == (VenueOrderStatus.EXPIRED, ())

    run(body())


@pytest.mark.parametrize("tick", ["0.01", "1", "1000", "40000", "100000"])
@pytest.mark.parametrize("spread", ["0", "0.0001", "0.3", "1.9"])
def test_bid_and_ask_are_on_the_grid_a_tick_apart_and_above_zero_whatever_the_tick(tick: str, spread: str):
    async def body() -> None:
        rules = Setup().rules["BTC/USDT"]
        coarse = {rules.symbol: replace(rules, tick_size=Decimal(tick))}
        async with Setup(rules=coarse, spread=Decimal(spread)).opened() as venue:
            quote = await venue.quote("BTC/USDT")
            assert 0 < quote.bid < quote.ask
            assert quote.ask - quote.bid >= Decimal(tick)
            assert quote.ask % Decimal(tick) == 0 == quote.bid % Decimal(tick)
            assert quote.bid <= quote.last <= quote.ask

    run(body())


def test_the_spread_is_as_wide_as_asked():
    async def body() -> None:
        async with Setup(spread=Decimal("0.01")).opened() as venue:
            quote = await venue.quote("BTC/USDT")
            assert abs(quote.half_spread - Decimal("0.005")) < Decimal("0.00001")

    run(body())


@pytest.mark.parametrize(
    ("mid", "spread", "bid", "ask"),
    [
        ("100", "0.02", "99", "101"),
        ("100.004", "0.02", "99.00", "101.01"),
        ("100", "0", "100", "100"),
        ("100.005", "0", "100", "100.01"),
        ("0.004", "0.02", "0.01", "0.02"),
    ],
)
def test_bid_and_ask_are_rounded_away_from_the_mid(mid: str, spread: str, bid: str, ask: str):
    assert best_prices(Decimal(mid), Decimal(spread), Decimal("0.01")) == (Decimal(bid), Decimal(ask))


def test_depth_is_as_much_as_asked_and_different_at_every_level_and_moment():
    async def body() -> None:
        async with Setup(depth=Depth(levels=200, value=Decimal(1000), growth=Decimal(1))).opened() as venue:
            book = await venue.order_book("BTC/USDT")
            values = [level.price * level.quantity for level in book.asks]
            assert len(values) == 200
            assert 900 < total(values) / 200 < 1100
            assert 399 < min(values) < 500
            assert 1500 < max(values) < 1601
            assert len({level.quantity for level in book.asks}) > 180
            assert [level.quantity for level in book.asks] != [level.quantity for level in book.bids]

    run(body())


@pytest.mark.rule("3.4d")
def test_a_coin_without_a_price_has_no_quote_no_book_and_a_closed_market():
    gap = play(Waves({coin: price for coin, price in PRICES.items() if coin != "ETH"}))

    async def body() -> None:
        async with Setup(scripts=gap).opened() as venue:
            batch = await anext(venue.batches())
            assert set(batch.quotes) == {"BTC/USDT", "XRP/USDT"}
            with pytest.raises(VenueUnavailable, match="no price of ETH/USDT"):
                await venue.quote("ETH/USDT")
            with pytest.raises(VenueUnavailable, match="no order book of ETH/USDT"):
                await venue.order_book("ETH/USDT")
            refused = Rejected("Market is closed.", "-1013")
            assert await venue.submit(at_market("o", BUY, "1", "ETH/USDT")) == refused

    run(body())


# -------------------------------------------------------------------------------------------------------- rivals, fees


def test_rivals_leave_a_limit_order_its_share_of_each_level_and_take_the_rest():
    third = FillRatio(Decimal("0.3"), Decimal("0.3"))

    async def body() -> None:
        async with Setup(fill_ratio=third).opened() as venue:
            book = await venue.order_book("BTC/USDT")
            step = Decimal("0.00001")
            order = accepted(await venue.submit(limit("o-1", BUY, "10", book.asks[1].price)))
            wanted = [level.quantity * Decimal("0.3") // step * step for level in book.asks[:2]]
            assert [fill.quantity for fill in order.fills] == wanted
            assert (await venue.order_book("BTC/USDT")).asks == book.asks[2:]
            walked = accepted(await venue.submit(at_market("o-2", BUY, book.asks[2].quantity)))
            assert walked.status is VenueOrderStatus.FILLED, "a Market order gets what is displayed"

    run(body())


def test_luck_among_rivals_differs_from_order_to_order_but_not_from_run_to_run():
    async def fills() -> list[Decimal]:
        async with Setup(fill_ratio=FillRatio(Decimal("0.2"), Decimal(1))).opened() as venue:
            batches = venue.batches()
            shares = []
            for number in range(30):
                await anext(batches)
                level = (await venue.order_book("BTC/USDT")).asks[0]
                order = accepted(await venue.submit(limit(f"o-{number}", BUY, level.quantity, level.price)))
                shares.append(order.filled / level.quantity)
            return shares

    shares = run(fills())
    assert shares == run(fills())
    assert Decimal("0.19") < min(shares) < Decimal("0.4")
    assert Decimal("0.8") < max(shares) <= 1


@pytest.mark.parametrize(("least", "most"), [("0", "1"), ("0.5", "0.4"), ("0.5", "1.1"), ("-1", "1")])
def test_an_impossible_fill_ratio_is_refused(least: str, most: str):
    with pytest.raises(ValueError, match="above 0 and at most at 1"):
        FillRatio(Decimal(least), Decimal(most))


@pytest.mark.parametrize("rate", ["-0.1", "1"])
def test_an_impossible_fee_is_refused(rate: str):
    with pytest.raises(ValueError, match="under 100 %"):
        Setup(fees=FeeSchedule(Decimal(rate))).build(None)  # type: ignore[arg-type]


class Flat:
    def price(self, asset: str, at: datetime) -> Decimal | None:
        return Decimal("50000.005")


@pytest.mark.rule("8.1")
@pytest.mark.parametrize(
    ("side", "taken_in", "price", "fee", "asset"),
    [
        (BUY, FeeSide.RECEIVED, "50000.01", "0.00000013", "BTC"),
        (BUY, FeeSide.QUOTE, "50000.01", "0.00617280", "USDT"),
        (SELL, FeeSide.RECEIVED, "50000", "0.00617280", "USDT"),
        (SELL, FeeSide.QUOTE, "50000", "0.00617280", "USDT"),
    ],
)
def test_the_fee_is_rounded_up_to_eight_decimals(side: Side, taken_in: FeeSide, price: str, fee: str, asset: str):
    rate = Decimal("0.000949661") if asset == "USDT" else Decimal("0.00094")

    async def body() -> None:
        setup = Setup(scripts=play(Flat()), spread=Decimal(0), fees=FeeSchedule(rate, taken_in))
        async with setup.opened() as venue:
            order = accepted(await venue.submit(limit("o", side, "0.00013", price)))
            assert [(fill.fee, fill.fee_asset) for fill in order.fills] == [(Decimal(fee), asset)]

    run(body())


def test_a_fee_never_takes_more_than_was_received():
    fine = replace(Setup().rules["BTC/USDT"], step_size=Decimal("1E-10"), min_quantity=Decimal("1E-10"))
    fine = replace(fine, min_notional=Decimal("1E-10"))

    async def body() -> None:
        async with Setup(rules={fine.symbol: fine}, balances={"USDT": Decimal(1)}).opened() as venue:
            order = accepted(await venue.submit(limit("o", BUY, "0.000000001", "60000")))
            assert [fill.fee for fill in order.fills] == [Decimal("0.000000001")]
            assert "BTC" not in await venue.balances()

    run(body())


def test_a_limit_buy_needs_its_limit_and_the_fee_on_top_but_pays_the_books_price():
    fees = FeeSchedule(Decimal("0.01"), FeeSide.QUOTE)

    async def body() -> None:
        async with Setup(balances={"USDT": Decimal("605.99")}, fees=fees).opened() as venue:
            assert await venue.submit(limit("o", BUY, "0.01", "60000")) == Rejected(*INSUFFICIENT)
        async with Setup(balances={"USDT": Decimal(606)}, fees=fees).opened() as venue:
            order = accepted(await venue.submit(limit("o", BUY, "0.01", "60000")))
            paid = total(fill.value + fill.fee for fill in order.fills)
            assert paid < 500
            balances = await venue.balances()
            assert (balances["BTC"].free, balances["BTC"].locked) == (Decimal("0.01"), Decimal(0))
            assert (balances["USDT"].free, balances["USDT"].locked) == (606 - paid, Decimal(0))

    run(body())
