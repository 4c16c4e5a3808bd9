"""What a venue adapter must show of what happens outside the program: money, markets and rights that change by other hands.

The hands are ``bench.outside``; on the paper venue they are its own controls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from rebalancer_gui.application.paper_port import MarketEvent, PaperControls
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import OrderType, Rejected, Side
from tests.contract.venue_bench import Bench, accepted, all_balances, small_order, totals
from tests.contract.venue_contract import VenueContract

AMOUNT = Decimal("12.34567891")


@dataclass(frozen=True)
class OutsideBench(Bench):
    """``coin`` is the base of ``symbol``; ``outside`` changes what the venue says; ``move_on`` adds to ``seen``."""

    outside: PaperControls
    seen: list[QuoteBatch]

    @property
    def coin(self) -> str:
        return self.symbol.partition("/")[0]

    async def next_batch(self) -> QuoteBatch:
        """What ``move_on`` brings."""
        await self.move_on()
        return self.seen[-1]


class OutsideContract(VenueContract):
    """The tests; ``bench`` gives an ``OutsideBench``."""

    def test_money_from_outside_is_in_the_balances_at_once(self):
        async def body(bench: Bench) -> None:
            assert isinstance(bench, OutsideBench)
            before = await totals(bench)
            bench.outside.deposit(bench.coin, AMOUNT)
            bench.outside.withdraw("USDT", AMOUNT)
            after = await totals(bench)
            changed = {bench.coin: before[bench.coin] + AMOUNT, "USDT": before["USDT"] - AMOUNT}
            assert after == {**before, **changed}

        self._run(body)

    @pytest.mark.parametrize("event", [MarketEvent.HALT, MarketEvent.DELIST])
    def test_a_market_that_closes_says_so_once_and_takes_no_more_orders(self, event: MarketEvent):
        async def body(bench: Bench) -> None:
            assert isinstance(bench, OutsideBench)
            request = await small_order(bench, Side.BUY, OrderType.LIMIT_IOC)
            assert not (await bench.next_batch()).markets_changed
            bench.outside.change_market(event, bench.coin)
            assert (await bench.venue.markets())[bench.symbol].status is not MarketStatus.TRADING
            before = await all_balances(bench)
            for ask in (bench.venue.quote(bench.symbol), bench.venue.order_book(bench.symbol)):
                with pytest.raises(VenueUnavailable):
                    await ask
            refused = await bench.venue.submit(request)
            assert isinstance(refused, Rejected)
            assert not refused.no_right
            batch = await bench.next_batch()
            assert batch.markets_changed
            assert bench.symbol not in batch.quotes
            assert bench.other_symbol in batch.quotes
            assert not (await bench.next_batch()).markets_changed
            assert await all_balances(bench) == before
            if event is MarketEvent.HALT:
                bench.outside.change_market(MarketEvent.REOPEN, bench.coin)
                batch = await bench.next_batch()
                assert batch.markets_changed
                assert bench.symbol in batch.quotes
                await accepted(bench, await small_order(bench, Side.BUY, OrderType.LIMIT_IOC))

        self._run(body)

    def test_a_renamed_coin_is_held_and_traded_under_its_new_name(self):
        async def body(bench: Bench) -> None:
            assert isinstance(bench, OutsideBench)
            held = (await totals(bench))[bench.coin]
            bench.outside.change_market(MarketEvent.RENAME, bench.coin, "RENAMED")
            markets = await bench.venue.markets()
            assert markets[bench.symbol].status is MarketStatus.DELISTED
            assert markets["RENAMED/USDT"] == replace(
                markets[bench.symbol], base="RENAMED", status=MarketStatus.TRADING
            )
            batch = await bench.next_batch()
            assert batch.markets_changed
            assert bench.symbol not in batch.quotes
            after = await totals(bench)
            assert bench.coin not in after
            assert after["RENAMED"] == held
            renamed = replace(bench, symbol="RENAMED/USDT")
            for side in Side:
                order = await accepted(renamed, await small_order(renamed, side, OrderType.MARKET))
                assert order.filled > ZERO
            assert not (await bench.next_batch()).markets_changed

        self._run(body)

    def test_without_the_right_to_trade_orders_are_refused_for_that_reason_and_nothing_moves(self):
        async def body(bench: Bench) -> None:
            assert isinstance(bench, OutsideBench)
            requests = [await small_order(bench, side, order_type) for side in Side for order_type in OrderType]
            bench.outside.set_may_trade(False)
            before = await all_balances(bench)
            for request in requests:
                refused = await bench.venue.submit(request)
                assert isinstance(refused, Rejected)
                assert refused.no_right
                assert refused.reason
                assert await bench.venue.find_order(request.symbol, request.client_order_id) is None
            assert await all_balances(bench) == before
            assert bench.symbol in (await bench.next_batch()).quotes, "prices are for everybody"
            bench.outside.set_may_trade(True)
            await accepted(bench, requests[0])

        self._run(body)
