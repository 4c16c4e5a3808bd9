"""Money that comes and goes outside the program, and the right to trade: the paper account's own buttons."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from rebalancer_gui.application.paper_port import MarketEvent, PaperState
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from rebalancer_gui.domain.market import Balance
from rebalancer_gui.domain.orders import Accepted, Rejected, Side, Unknown
from tests.fake_clock import FakeClock
from tests.paper_bench import RULES, Setup, at_market, limit, market, run, take_batches

MONEY = {"USDT": Decimal(1000), "OLD": Decimal("0.5")}
SOME = Setup(balances=MONEY)
BAD_AMOUNTS = (
    "0", "-0", "-1", "0.000000001", "1.000000001", "1000000000000.00000001", "1E+13", "1E+999", "1E-999",
    "NaN", "-NaN", "sNaN", "Infinity", "-Infinity", "7." + "3" * 60,
)  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ transfers


def test_a_deposit_is_there_at_once_and_is_a_transfer_of_this_market_time():
    async def body() -> None:
        async with SOME.opened() as venue:
            await take_batches(venue, 3)
            venue.paper.deposit("BTC", Decimal("0.12345678"))
            venue.paper.deposit("USDT", Decimal("1E+2"))
            balances = await venue.balances()
            assert (balances["BTC"], balances["USDT"].free) == (Balance("BTC", Decimal("0.12345678")), Decimal(1100))
            at = venue.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            rows = venue._ledger._db.execute("SELECT at, asset, amount FROM transfer ORDER BY transfer_id").fetchall()
            assert rows[-2:] == [(at, "BTC", "0.12345678"), (at, "USDT", "100")]
            assert venue._ledger.totals() == {asset: balance.total for asset, balance in balances.items()}

    run(body())


def test_a_withdrawal_takes_at_most_what_is_free():
    async def body() -> None:
        async with SOME.opened() as venue:
            venue.paper.withdraw("USDT", Decimal("999.5"))
            assert (await venue.balances())["USDT"].free == Decimal("0.5")
            with pytest.raises(InvalidInput, match=r"has 0\.5 USDT free; no more") as refused:
                venue.paper.withdraw("USDT", Decimal("0.50000001"))
            assert refused.value.field == "amount"
            venue.paper.withdraw("USDT", Decimal("0.5"))
            assert (await venue.balances()).keys() == {"OLD"}
            with pytest.raises(InvalidInput, match="has 0 BTC free") as refused:
                venue.paper.withdraw("BTC", Decimal("0.00000001"))
            assert refused.value.field == "amount"
            assert {asset: total for asset, total in venue._ledger.totals().items() if total} == {"OLD": Decimal("0.5")}

    run(body())


def test_what_is_offered_for_withdrawal_can_be_withdrawn_to_the_eighth_decimal():
    async def body() -> None:
        async with Setup(balances={"USDT": Decimal("1.234567891")}).opened() as venue:
            with pytest.raises(InvalidInput, match=r"has 1\.23456789 USDT free"):
                venue.paper.withdraw("USDT", Decimal(2))
            venue.paper.withdraw("USDT", Decimal("1.23456789"))
            assert (await venue.balances())["USDT"].free == Decimal("0.000000001")

    run(body())


@pytest.mark.parametrize("amount", BAD_AMOUNTS)
@pytest.mark.parametrize("way", ["deposit", "withdraw"])
def test_an_amount_that_makes_no_sense_is_refused_with_the_legal_range(way: str, amount: str):
    async def body() -> None:
        async with Setup(balances={"USDT": Decimal(10) ** 14}).opened() as venue:
            before = await venue.balances()
            with pytest.raises(InvalidInput, match="above 0 and at most 1,000,000,000,000, with at most 8") as refused:
                getattr(venue.paper, way)("USDT", Decimal(amount))
            assert refused.value.field == "amount"
            assert await venue.balances() == before

    run(body())


@pytest.mark.parametrize("amount", ["0.00000001", "1.00000000000", "1000000000000", "1E+12"])
def test_every_amount_on_the_grid_up_to_a_million_million_is_legal(amount: str):
    async def body() -> None:
        async with SOME.opened() as venue:
            venue.paper.deposit("BTC", Decimal(amount))
            assert (await venue.balances())["BTC"].free == Decimal(amount)
            venue.paper.withdraw("BTC", Decimal(amount))
            assert "BTC" not in await venue.balances()

    run(body())


@pytest.mark.parametrize("way", ["deposit", "withdraw"])
@pytest.mark.parametrize("asset", ["", "NOSUCH", "btc", "BTC/USDT", "MATIC"])
def test_an_asset_that_nobody_here_knows_is_refused(way: str, asset: str):
    async def body() -> None:
        async with SOME.opened() as venue:
            venue.paper.change_market(MarketEvent.RENAME, "XRP", "XXX")
            with pytest.raises(InvalidInput) as refused:
                getattr(venue.paper, way)(asset, Decimal(1))
            assert refused.value.field == "asset"

    run(body())


def test_an_asset_without_a_market_can_come_and_go_while_some_of_it_is_there():
    async def body() -> None:
        async with SOME.opened() as venue:
            venue.paper.deposit("OLD", Decimal(1))
            venue.paper.withdraw("OLD", Decimal("1.5"))
            with pytest.raises(InvalidInput, match="no asset OLD"):
                venue.paper.deposit("OLD", Decimal(1))

    run(body())


def test_the_old_name_of_a_coin_takes_no_deposits_any_more():
    async def body() -> None:
        async with SOME.opened() as venue:
            venue.paper.change_market(MarketEvent.RENAME, "XRP", "XXX")
            with pytest.raises(InvalidInput, match="XRP is called XXX now"):
                venue.paper.deposit("XRP", Decimal(1))
            venue.paper.deposit("XXX", Decimal(1))

    run(body())


@pytest.mark.parametrize("event", [MarketEvent.HALT, MarketEvent.DELIST])
def test_a_coin_whose_market_is_closed_can_still_be_taken_out(event: MarketEvent):
    async def body() -> None:
        async with Setup().opened() as venue:
            venue.paper.change_market(event, "BTC")
            venue.paper.withdraw("BTC", Decimal(1000))
            assert "BTC" not in await venue.balances()

    run(body())


def test_deposited_money_buys_and_what_was_withdrawn_cannot_be_sold():
    async def body() -> None:
        async with SOME.opened() as venue:
            assert isinstance(await venue.submit(at_market("o-1", Side.BUY, "0.1")), Rejected)
            venue.paper.deposit("USDT", Decimal(9000))
            assert isinstance(await venue.submit(at_market("o-2", Side.BUY, "0.1")), Accepted)
            venue.paper.withdraw("BTC", Decimal("0.0999"))
            refused = await venue.submit(at_market("o-3", Side.SELL, "0.001"))
            assert isinstance(refused, Rejected)
            assert (refused.code, refused.no_right) == ("-2010", False)

    run(body())


# --------------------------------------------------------------------------------------------------- the right to trade


def test_without_the_right_to_trade_every_order_is_refused_as_the_exchange_would():
    async def body() -> None:
        async with Setup().opened() as venue:
            good = limit("o-1", Side.BUY, "0.3", "60000")
            assert isinstance(await venue.submit(good), Accepted)
            venue.paper.set_may_trade(False)
            assert not venue.paper.state().may_trade
            before, book = await venue.balances(), await venue.order_book("BTC/USDT")
            no_right = Rejected("Invalid API-key, IP, or permissions for action.", "-2015", no_right=True)
            for request in (
                limit("o-2", Side.BUY, "0.3", "60000"),
                at_market("o-2", Side.SELL, "0.3"),
                limit("o-2", Side.BUY, "-1", "60000"),
                limit("o-2", Side.BUY, "1", "1", "NO/SUCH"),
            ):
                assert await venue.submit(request) == no_right
            assert isinstance(await venue.submit(good), Unknown), "the first one did happen"
            assert await venue.find_order("BTC/USDT", "o-1") is not None
            assert await venue.find_order("BTC/USDT", "o-2") is None
            assert await venue.balances() == before
            assert await venue.order_book("BTC/USDT") == book
            venue.paper.set_may_trade(True)
            assert isinstance(await venue.submit(limit("o-2", Side.BUY, "0.3", "60000")), Accepted)

    run(body())


def test_only_a_change_of_the_right_is_stored():
    async def body() -> None:
        async with Setup().opened() as venue:
            for may_trade in (True, False, False, True):
                venue.paper.set_may_trade(may_trade)
            rows = venue._ledger._db.execute("SELECT may_trade FROM trading_right ORDER BY right_id").fetchall()
            assert rows == [(0,), (1,)]

    run(body())


def test_a_new_account_may_trade_and_nothing_happened_to_its_coins():
    async def body() -> None:
        async with Setup().opened() as venue:
            assert venue.paper.state() == PaperState(may_trade=True, closed={}, renamed={})

    run(body())


# ----------------------------------------------------------------------------------------------- what cannot be changed


@pytest.mark.parametrize("event", list(MarketEvent))
@pytest.mark.parametrize(("asset", "text"), [("USDT", "quoted in"), ("BTC", "quoted in"), ("NO", "no market of NO")])
def test_only_coins_that_have_a_market_and_are_no_money_can_be_changed(event: MarketEvent, asset: str, text: str):
    cross = replace(market("ETH", tick="0.000001", step="0.001"), quote="BTC")
    rules = {**RULES, cross.symbol: cross}

    async def body() -> None:
        async with Setup(rules=rules).opened() as venue:
            before = await venue.markets()
            with pytest.raises(InvalidInput, match=text) as refused:
                venue.paper.change_market(event, asset, "NEW")
            assert refused.value.field == "asset"
            assert await venue.markets() == before
            assert venue.paper.state() == PaperState(may_trade=True, closed={}, renamed={})

    run(body())


@pytest.mark.parametrize("name", ["ETH", "USDT", "GONE", "OLD", "BTC", "x", ""])
def test_a_coin_cannot_take_a_name_that_is_in_use_or_no_name(name: str):
    async def body() -> None:
        async with SOME.opened() as venue:
            with pytest.raises(InvalidInput) as refused:
                venue.paper.change_market(MarketEvent.RENAME, "BTC", name)
            assert refused.value.field == "new_name"
            assert not venue.paper.state().renamed

    run(body())


def test_a_new_name_that_comes_with_another_event_is_left_out_of_account():
    async def body() -> None:
        async with SOME.opened() as venue:
            venue.paper.change_market(MarketEvent.HALT, "BTC", "left over in the form")
            assert venue.paper.state() == PaperState(may_trade=True, closed={"BTC": MarketEvent.HALT}, renamed={})

    run(body())


def test_a_closed_account_says_so():
    async def body() -> None:
        venue = SOME.build(FakeClock())
        await venue.open()
        await venue.close()
        for change in (
            lambda: venue.paper.deposit("USDT", Decimal(1)),
            lambda: venue.paper.withdraw("USDT", Decimal(1)),
            lambda: venue.paper.change_market(MarketEvent.HALT, "BTC"),
            lambda: venue.paper.set_may_trade(False),
        ):
            with pytest.raises(EnvironmentProblem, match="closed"):
                change()

    run(body())
