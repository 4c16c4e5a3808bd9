"""Coins that are halted, delisted and renamed by hand: what quotes, books, orders and balances do then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.adapters.venues.paper import PaperVenue
from rebalancer_gui.adapters.venues.price_script import MarketSettings, PriceScript, play
from rebalancer_gui.adapters.venues.simulated_book import DEFAULT_SPREAD
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.domain.errors import InvalidInput, VenueUnavailable
from rebalancer_gui.domain.market import MarketStatus, OrderBook
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Accepted, Rejected, Side
from tests.fake_clock import FakeClock
from tests.paper_bench import PRICES, RICH, RULES, START, Setup, Waves, at_market, limit, playing, run, take_batches

HALT, REOPEN, DELIST, RENAME = MarketEvent
CLOSED = Rejected("Market is closed.", "-1013")
HOUR = timedelta(hours=1)


async def assert_closed(venue: PaperVenue, symbol: str, status: MarketStatus) -> None:
    assert (await venue.markets())[symbol].status is status
    assert symbol not in (await take_batches(venue, 1))[0].quotes
    with pytest.raises(VenueUnavailable):
        await venue.quote(symbol)
    with pytest.raises(VenueUnavailable):
        await venue.order_book(symbol)
    for number, request in enumerate((limit("x", Side.BUY, "1", "1", symbol), at_market("x", Side.SELL, "1", symbol))):
        assert await venue.submit(replace(request, client_order_id=f"{symbol}-{status.value}-{number}")) == CLOSED


# --------------------------------------------------------------------------------------------------- halted and reopened


def test_a_halted_coin_has_no_quote_no_book_and_takes_no_order_until_it_is_reopened():
    async def body() -> None:
        async with Setup().opened() as venue:
            await take_batches(venue, 2)
            before, balances = await venue.order_book("BTC/USDT"), await venue.balances()
            venue.paper.change_market(HALT, "BTC")
            assert venue.paper.state().closed == {"BTC": HALT}
            await assert_closed(venue, "BTC/USDT", MarketStatus.HALTED)
            assert await venue.balances() == balances
            venue.paper.change_market(REOPEN, "BTC")
            assert venue.paper.state().closed == {}
            assert (await venue.markets())["BTC/USDT"] == RULES["BTC/USDT"]
            assert await venue.order_book("BTC/USDT") == before
            assert isinstance(await venue.submit(at_market("o-1", Side.BUY, "0.1")), Accepted)

    run(body())


def test_all_markets_of_a_coin_are_closed_with_it():
    crosses = {s: replace(RULES["ETH/USDT"], base=s[:3], quote="BTC") for s in ("ETH/BTC", "XRP/BTC")}

    async def body() -> None:
        async with Setup(rules={**RULES, **crosses}).opened() as venue:
            venue.paper.change_market(HALT, "ETH")
            await assert_closed(venue, "ETH/USDT", MarketStatus.HALTED)
            await assert_closed(venue, "ETH/BTC", MarketStatus.HALTED)
            assert {"XRP/BTC", "XRP/USDT", "BTC/USDT"} == (await take_batches(venue, 1))[0].quotes.keys()
            venue.paper.change_market(RENAME, "XRP", "XXX")
            assert {"XXX/BTC", "XXX/USDT", "BTC/USDT"} == (await take_batches(venue, 1))[0].quotes.keys()

    run(body())


def test_a_delisted_coin_stays_listed_as_delisted_and_stays_in_the_account():
    async def body() -> None:
        async with Setup().opened() as venue:
            venue.paper.change_market(DELIST, "BTC")
            await assert_closed(venue, "BTC/USDT", MarketStatus.DELISTED)
            for event in MarketEvent:
                with pytest.raises(InvalidInput, match="for good") as refused:
                    venue.paper.change_market(event, "BTC", "NEW")
                assert refused.value.field == "asset"
            assert (await venue.balances())["BTC"].free == RICH["BTC"]
            assert venue.paper.state().closed == {"BTC": DELIST}

    run(body())


# --------------------------------------------------------------------------------------------------------------- renamed


def test_a_renamed_coin_goes_on_under_its_new_name_and_what_is_held_goes_along():
    async def body() -> None:
        async with Setup().opened() as venue:
            old = await venue.quote("XRP/USDT")
            venue.paper.change_market(RENAME, "XRP", "XRP2")
            await assert_closed(venue, "XRP/USDT", MarketStatus.DELISTED)
            assert (await venue.markets())["XRP2/USDT"] == replace(RULES["XRP/USDT"], base="XRP2")
            assert await venue.quote("XRP2/USDT") == replace(old, symbol="XRP2/USDT")
            balances = await venue.balances()
            assert "XRP" not in balances
            assert balances["XRP2"].total == RICH["XRP"]
            assert venue.paper.state().renamed == {"XRP": "XRP2"}
            rows = venue._ledger._db.execute("SELECT asset, amount FROM transfer ORDER BY transfer_id").fetchall()
            assert rows[-2:] == [("XRP", "-90000000"), ("XRP2", "90000000")]
            totals = {asset: amount for asset, amount in venue._ledger.totals().items() if amount}
            assert totals == {asset: balance.total for asset, balance in balances.items()}

    run(body())


def test_a_renamed_coin_is_bought_and_sold_on_a_book_of_its_own():
    async def body() -> None:
        async with Setup().opened() as venue:
            batches = venue.batches()
            for _ in range(9):
                await anext(batches)
            old = await venue.order_book("ETH/USDT")
            assert isinstance(await venue.submit(at_market("o-1", Side.BUY, "1", "ETH/USDT")), Accepted)
            venue.paper.change_market(RENAME, "ETH", "ETH2")
            book = await venue.order_book("ETH2/USDT")
            assert [level.price for level in book.asks] == [level.price for level in old.asks]
            assert [level.quantity for level in book.asks] != [level.quantity for level in old.asks]
            bought = await venue.submit(at_market("o-2", Side.BUY, "1", "ETH2/USDT"))
            assert isinstance(bought, Accepted)
            assert {fill.fee_asset for fill in bought.order.fills} == {"ETH2"}
            sold = await venue.submit(limit("o-3", Side.SELL, "2", "1000", "ETH2/USDT"))
            assert isinstance(sold, Accepted)
            first = await venue.find_order("ETH/USDT", "o-1")
            assert first is not None
            assert first.symbol == "ETH/USDT", "what was done under the old name keeps it"
            held = (await venue.balances())["ETH2"].free
            assert held == RICH["ETH"] + 2 * Decimal("0.999") - sold.order.filled

    run(body())


def test_the_smallest_value_of_a_market_order_is_still_tested_on_the_average_of_five_minutes_after_a_renaming():
    """The price jumped from 1000 to 4000 half a minute ago, so the average of the six prices is 1500."""
    jump = START + timedelta(minutes=10)

    class Jump:
        def price(self, asset: str, at: datetime) -> Decimal | None:
            return (Decimal(4000) if at >= jump else Decimal(1000)) if asset == "ETH" else None

    async def outcome(name: str, quantity: str) -> object:
        setup = Setup(scripts=play(Jump()), start=jump + timedelta(seconds=30))
        async with setup.opened() as venue:
            if name != "ETH":
                venue.paper.change_market(RENAME, "ETH", name)
            return await venue.submit(at_market("o-1", Side.BUY, quantity, f"{name}/USDT"))

    too_small = Rejected("Filter failure: NOTIONAL", "-1013", against_rules=True)
    assert run(outcome("ETH", "0.0033")) == run(outcome("ETH2", "0.0033")) == too_small
    assert isinstance(run(outcome("ETH", "0.0034")), Accepted)
    assert isinstance(run(outcome("ETH2", "0.0034")), Accepted)


def test_a_coin_can_be_renamed_again_and_comes_to_its_first_prices_through_all_names():
    async def body() -> None:
        spreads = {symbol: DEFAULT_SPREAD * n for n, symbol in enumerate(RULES)}
        async with Setup(spread=spreads).opened() as venue:
            first = await venue.quote("XRP/USDT")
            venue.paper.change_market(RENAME, "XRP", "XRP2")
            venue.paper.change_market(HALT, "XRP2")
            venue.paper.change_market(RENAME, "XRP2", "XRP3")
            assert await venue.quote("XRP3/USDT") == replace(first, symbol="XRP3/USDT")
            assert (await venue.balances())["XRP3"].free == RICH["XRP"]
            for symbol in ("XRP/USDT", "XRP2/USDT"):
                await assert_closed(venue, symbol, MarketStatus.DELISTED)

    run(body())


def test_a_coin_that_nobody_holds_is_renamed_without_transfers():
    async def body() -> None:
        async with Setup(balances={"USDT": Decimal(5)}).opened() as venue:
            venue.paper.change_market(RENAME, "XRP", "XRP2")
            assert venue._ledger._db.execute("SELECT count(*) FROM transfer").fetchone() == (1,)
            assert (await venue.balances()).keys() == {"USDT"}

    run(body())


def test_a_renamed_coin_walks_on_when_a_random_walk_follows_the_replay(tmp_path):
    end = START + 2 * HOUR
    waves = Waves(PRICES, until=end)

    class Still:
        def __init__(self, prices: Mapping[str, Decimal]) -> None:
            self._prices = prices

        def price(self, asset: str, at: datetime) -> Decimal | None:
            return self._prices.get(asset)

    def scripts(settings: MarketSettings) -> PriceScript:
        if settings.walk is None:
            return PriceScript(waves, "two hours", end, frozenset(PRICES))
        return PriceScript(Still(settings.walk.prices), "walk", coins=frozenset(settings.walk.prices))

    setup = Setup(scripts=scripts, path=tmp_path / "paper-venue.sqlite")

    async def body() -> None:
        async with setup.opened() as venue:
            venue.paper.change_market(RENAME, "ETH", "ETH2")
            venue.paper.change_market(DELIST, "XRP")
            await take_batches(venue, 3)
            assert venue.demo.state().ended
            last, markets = await venue.quote("ETH2/USDT"), await venue.markets()
            venue.demo.continue_with_random_walk()
            assert await venue.markets() == markets
            (_, onward) = await take_batches(venue, 2)
            assert onward.quotes.keys() == {"BTC/USDT", "ETH2/USDT"}
            assert onward.quotes["ETH2/USDT"].bid == last.bid
        async with setup.opened() as venue:
            assert await venue.markets() == markets
            assert (await take_batches(venue, 1))[0].quotes == onward.quotes

    run(body())


# ----------------------------------------------------------------------------------------------------- what batches tell


@pytest.mark.parametrize("event", [HALT, DELIST, RENAME])
def test_the_next_batch_after_a_change_tells_of_it_and_only_that_one(event: MarketEvent):
    async def body() -> None:
        async with playing() as (venue, clock, consumer):
            await clock.advance(1)
            assert not any(batch.markets_changed for batch in consumer.seen)
            told = len(consumer.seen)
            venue.paper.change_market(event, "BTC", "XBT")
            venue.paper.change_market(HALT, "ETH")
            await clock.advance(1)
            assert [batch.markets_changed for batch in consumer.seen[told:]] == [True, False, False, False]
            assert consumer.seen[-1].quotes.keys() == {"XRP/USDT", *(("XBT/USDT",) if event is RENAME else ())}
            venue.paper.change_market(REOPEN, "ETH")
            await clock.advance(0.25)
            assert consumer.seen[-1].markets_changed
            assert "ETH/USDT" in consumer.seen[-1].quotes

    run(body())


def test_money_from_outside_the_right_to_trade_and_refused_changes_are_no_change_of_the_markets():
    async def body() -> None:
        async with playing() as (venue, clock, consumer):
            venue.paper.deposit("BTC", Decimal(1))
            venue.paper.set_may_trade(False)
            with pytest.raises(InvalidInput):
                venue.paper.change_market(REOPEN, "BTC")
            await clock.advance(1)
            assert not any(batch.markets_changed for batch in consumer.seen)

    run(body())


def test_a_change_that_no_batch_told_is_told_to_the_next_who_asks_for_batches():
    async def body() -> None:
        async with Setup().opened() as venue:
            await take_batches(venue, 1)
            venue.paper.change_market(HALT, "BTC")
            assert [batch.markets_changed for batch in await take_batches(venue, 2)] == [True, False]

    run(body())


# ------------------------------------------------------------------------------------------------------- what stays as it is


@pytest.mark.rule("3a.2")
def test_coins_that_nothing_happened_to_have_the_same_prices_and_books_as_without_it():
    async def life(changes: Mapping[int, tuple[MarketEvent, str, str]]) -> list[object]:
        seen: list[object] = []
        async with Setup().opened() as venue:
            batches = venue.batches()
            for number in range(25):
                batch: QuoteBatch = await anext(batches)
                if number in changes:
                    venue.paper.change_market(*changes[number])
                book: OrderBook = await venue.order_book("BTC/USDT")
                seen += [batch.at, batch.quotes["BTC/USDT"], book, await venue.quote("BTC/USDT")]
                if number % 5 == 2:
                    seen.append(await venue.submit(at_market(f"o-{number}", Side.BUY, "0.2")))
        return seen

    changes = {3: (HALT, "ETH", ""), 7: (RENAME, "XRP", "XRP2"), 9: (REOPEN, "ETH", ""), 12: (DELIST, "ETH", "")}
    assert run(life({})) == run(life(changes))


@pytest.mark.rule("3a.2")
def test_a_reopened_coin_is_where_it_would_be_without_the_halt():
    async def life(*, halted: bool) -> object:
        async with Setup().opened() as venue:
            batches = venue.batches()
            for number in range(12):
                await anext(batches)
                if halted and number in {4, 9}:
                    venue.paper.change_market(HALT if number == 4 else REOPEN, "BTC")
            return await venue.quote("BTC/USDT"), await venue.order_book("BTC/USDT")

    assert run(life(halted=True)) == run(life(halted=False))


def test_what_was_taken_from_a_book_is_still_gone_when_its_market_is_reopened_at_the_same_moment():
    async def body() -> None:
        async with Setup().opened(FakeClock(START, auto=True)) as venue:
            whole = await venue.order_book("BTC/USDT")
            assert isinstance(await venue.submit(at_market("o-1", Side.BUY, "0.1")), Accepted)
            left = await venue.order_book("BTC/USDT")
            assert left != whole
            venue.paper.change_market(HALT, "BTC")
            venue.paper.change_market(REOPEN, "BTC")
            assert await venue.order_book("BTC/USDT") == left
            assert left.asks[0].quantity > ZERO

    run(body())
