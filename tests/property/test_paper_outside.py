"""Whatever happens outside the program between orders: the paper venue's books add up, and a restart changes nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rebalancer_gui.adapters.venues.paper import PaperVenue
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Accepted, Rejected, Side
from tests.fake_clock import FakeClock
from tests.paper_bench import Setup, at_market, run, take_batches

MONEY = {"USDT": Decimal(20_000), "BTC": Decimal("0.1"), "XRP": Decimal(5000)}
NAMES = ("BTC", "ETH", "XRP", "AA", "BB")


@dataclass(frozen=True)
class Order:
    coin: str
    side: Side
    quantity: Decimal

    async def happen(self, venue: PaperVenue, number: int) -> object:
        return await venue.submit(at_market(f"o-{number}", self.side, self.quantity, f"{self.coin}/USDT"))


@dataclass(frozen=True)
class Transfer:
    asset: str
    amount: Decimal

    async def happen(self, venue: PaperVenue, number: int) -> object:
        try:
            if self.amount > ZERO:
                venue.paper.deposit(self.asset, self.amount)
            else:
                venue.paper.withdraw(self.asset, -self.amount)
        except InvalidInput as refused:
            return refused.field, refused.message
        return self


@dataclass(frozen=True)
class Change:
    event: MarketEvent
    coin: str
    new_name: str

    async def happen(self, venue: PaperVenue, number: int) -> object:
        try:
            venue.paper.change_market(self.event, self.coin, self.new_name)
        except InvalidInput as refused:
            return refused.field, refused.message
        return self


@dataclass(frozen=True)
class Right:
    may_trade: bool

    async def happen(self, venue: PaperVenue, number: int) -> object:
        venue.paper.set_may_trade(self.may_trade)
        return self


@dataclass(frozen=True)
class Batch:
    async def happen(self, venue: PaperVenue, number: int) -> object:
        _, batch = await take_batches(venue, 2)
        return replace(batch, markets_changed=False)  # Who has just opened the account has read the markets.


Move = Order | Transfer | Change | Right | Batch
coins = st.sampled_from(NAMES)
moves = st.lists(
    st.one_of(
        st.builds(Order, coins, st.sampled_from(Side), st.sampled_from([Decimal(n) for n in ("0.05", "3", "2000")])),
        st.builds(Order, coins, st.sampled_from(Side), st.sampled_from([Decimal(n) for n in ("0.05", "3", "2000")])),
        st.builds(Transfer, st.sampled_from([*NAMES, "USDT"]), st.decimals(-50, 50, places=8)),
        st.builds(Change, st.sampled_from(MarketEvent), coins, coins),
        st.builds(Right, st.booleans()),
        st.just(Batch()),
    ),
    min_size=1,
    max_size=25,
)


async def sight(venue: PaperVenue) -> list[object]:
    """All that can be seen of an account at this moment."""
    quotes = (await take_batches(venue, 1))[0].quotes
    books = [await venue.order_book(symbol) for symbol in sorted(quotes)]
    return [venue.paper.state(), await venue.balances(), await venue.markets(), quotes, books, venue.clock.now()]


@given(plan=moves)
def test_balances_are_the_sum_of_all_that_came_and_went_and_closed_markets_trade_nothing(plan: list[Move]):
    async def body() -> None:
        expected = dict(MONEY)
        async with Setup(balances=MONEY).opened() as venue:
            for number, move in enumerate(plan):
                markets, may_trade = await venue.markets(), venue.paper.state().may_trade
                came_of_it = await move.happen(venue, number)
                if isinstance(move, Transfer) and came_of_it is move:
                    expected[move.asset] = expected.get(move.asset, ZERO) + move.amount
                elif isinstance(move, Change) and came_of_it is move and move.event is MarketEvent.RENAME:
                    expected[move.new_name] = expected.pop(move.coin, ZERO)
                elif isinstance(move, Order):
                    market = markets.get(f"{move.coin}/USDT")
                    if market is None or market.status is not MarketStatus.TRADING or not may_trade:
                        assert isinstance(came_of_it, Rejected)
                        assert came_of_it.no_right is not may_trade
                    if isinstance(came_of_it, Accepted):
                        sign = 1 if move.side is Side.BUY else -1
                        for fill in came_of_it.order.fills:
                            for asset, amount in (
                                (move.coin, sign * fill.quantity),
                                ("USDT", -sign * fill.value),
                                (fill.fee_asset, -fill.fee),
                            ):
                                expected[asset] = expected.get(asset, ZERO) + amount
                held = {asset: balance.free for asset, balance in (await venue.balances()).items()}
                assert held == {asset: amount for asset, amount in expected.items() if amount}
                assert all(amount >= ZERO for amount in held.values())
                assert {a: n for a, n in venue._ledger.totals().items() if n} == held

    run(body())


async def play_through(setup: Setup, plan: Sequence[Move], restarts: Sequence[bool]) -> list[object]:
    seen: list[object] = []
    clock = FakeClock(auto=True)
    venue = setup.build(clock)
    await venue.open()
    for number, move in enumerate(plan):
        if restarts[number % len(restarts)]:
            await venue.close()
            venue = setup.build(clock)
            await venue.open()
        seen += [await move.happen(venue, number), await sight(venue)]
    await venue.close()
    return seen


@settings(max_examples=settings().max_examples // 4)  # Each one makes a file and opens it many times.
@given(plan=moves, restarts=st.lists(st.booleans(), min_size=1, max_size=5))
def test_a_restart_at_any_point_changes_nothing(plan: list[Move], restarts: list[bool]):
    setup = Setup(balances=MONEY)
    with tempfile.TemporaryDirectory() as folder:
        interrupted = replace(setup, path=Path(folder) / "interrupted.sqlite")
        assert run(play_through(interrupted, plan, restarts)) == run(play_through(setup, plan, [False]))
