"""Guards that others stand behind: each must hold by itself, also while the one in front of it does its work."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.executor import Executor
from rebalancer_gui.application.wallet import Wallet
from rebalancer_gui.domain.errors import InvariantBroken, VenueUnavailable
from rebalancer_gui.domain.ledger import FREE, allocate, deposit, release, strategy_account
from rebalancer_gui.domain.market import FeeSide
from rebalancer_gui.domain.orders import (
    IntentState,
    OrderIntent,
    OrderRequest,
    OrderType,
    Side,
    Unknown,
    VenueOrder,
)
from tests.builders import d, parameters, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

SECONDS_10 = timedelta(seconds=10)


def account_of(bench: Bench) -> Account:
    return bench.engine._runners["paper"].account


async def running(bench: Bench, *names: str) -> list[str]:
    """Strategies that have bought their coins."""
    await bench.venue.push(BTC="100", ETH="100")
    made = [await bench.create(parameters(name=name)) for name in names or ("Core",)]
    await bench.venue.push()
    return made


async def send(bench: Bench, strategy_id: str) -> OrderIntent:
    """An order as the executor gets it when everybody before it has said yes."""
    account = account_of(bench)
    return await Executor(account).send(
        account.strategy(strategy_id),
        "r-1",
        symbol="ETH/USDT",
        side=Side.SELL,
        order_type=OrderType.MARKET,
        quantity=d("0.1"),
        limit_price=None,
        reserved_amount=d("0.1"),
        attempt=1,
    )


@pytest.mark.failure(2)
def test_an_order_is_kept_with_the_moment_after_which_the_exchange_refuses_it() -> None:
    async def story() -> None:
        async with Bench(ScriptedVenue(rules_for("BTC", "ETH"), authoritative=False)).running() as bench:
            bench.venue.answer = lambda request: Unknown("timeout")
            await running(bench)
            (intent,) = bench.store.load().open_intents
            assert bench.venue.fence is not None
            assert intent.fence_at == intent.sent_at + bench.venue.fence

    run(story)


def test_an_order_whose_turn_comes_after_stop_all_is_neither_stored_nor_sent() -> None:
    async def story() -> None:
        async with Bench(ScriptedVenue(rules_for("BTC", "ETH"))).running() as bench:
            (core,) = await running(bench)
            account, sent = account_of(bench), len(bench.venue.posts)
            async with account.single_flight:
                waiting = asyncio.create_task(send(bench, core))
                await asyncio.sleep(0)
                account.stop_all = True
            intent = await waiting
            assert intent.state is IntentState.RELEASED
            assert len(bench.venue.posts) == sent
            assert bench.store.load().open_intents == ()

    run(story)


def test_an_order_on_money_of_which_another_strategys_order_is_open_is_neither_stored_nor_sent() -> None:
    async def story() -> None:
        async with Bench(ScriptedVenue(rules_for("BTC", "ETH"), authoritative=False)).running() as bench:
            _, second = await running(bench, "First", "Second")
            bench.venue.answer = lambda request: Unknown("timeout")
            await bench.venue.push(BTC="110")
            (still_open,) = bench.store.load().open_intents
            sent = len(bench.venue.posts)
            intent = await send(bench, second)
            assert still_open.request.symbol == "BTC/USDT"
            assert intent.state is IntentState.RELEASED
            assert len(bench.venue.posts) == sent

    run(story)


@pytest.mark.failure(12)
def test_negative_rounds_with_an_unclear_one_between_them_are_no_proof() -> None:
    async def story() -> None:
        async with Bench(ScriptedVenue(rules_for("BTC", "ETH"), authoritative=False)).running() as bench:
            await running(bench)
            bench.venue.answer = lambda request: Unknown("timeout")
            await bench.venue.push(BTC="110")
            bench.venue.answer = lambda request: None
            for n in range(40):
                bench.venue.lookup_works = n % 2 == 0
                await bench.venue.push(SECONDS_10)
            assert [intent.state for intent in bench.store.load().open_intents] == [IntentState.UNKNOWN]

    run(story)


class HalfDeaf(ScriptedVenue):
    """Its lists answer, its look-up by id never does."""

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        raise VenueUnavailable("the look-up does not answer")


@pytest.mark.failure(12)
def test_a_look_up_by_id_that_never_answers_proves_nothing_also_where_no_order_is_known_yet() -> None:
    async def story() -> None:
        async with Bench(HalfDeaf(rules_for("BTC", "ETH"), authoritative=False)).running() as bench:
            bench.venue.answer = lambda request: Unknown("timeout")
            await running(bench)
            for _ in range(40):
                await bench.venue.push(SECONDS_10)
            assert len(bench.venue.posts) == 1, "it was taken for absent and planned anew"
            assert [intent.state for intent in bench.store.load().open_intents] == [IntentState.UNKNOWN]

    run(story)


def test_what_is_set_aside_for_a_buy_pays_its_price_and_the_fee_on_top() -> None:
    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "ETH"), fee="0.006", fee_side=FeeSide.QUOTE)
        set_aside: list[tuple[Decimal, Decimal]] = []

        def look(request: OrderRequest) -> None:
            (intent,) = bench.store.load().open_intents
            set_aside.append((intent.reserved_amount, request.quantity * venue.prices[request.symbol].ask))

        async with Bench(venue).running() as bench:
            venue.answer = look
            await running(bench)
            assert len(set_aside) == 2
            assert [amount >= price * d("1.006") for amount, price in set_aside] == [True, True]

    run(story)


@pytest.mark.parametrize("holder", [FREE, strategy_account("s-1")])
def test_a_booking_that_would_leave_somebody_less_than_nothing_is_refused(holder: str) -> None:
    at = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
    take = allocate if holder == FREE else release
    wallet = Wallet({(holder, "BTC"): d(1)})
    wallet.check([take(at, "s-1", "BTC", d(1))])
    with pytest.raises(InvariantBroken, match="would leave -1 BTC"):
        wallet.check([take(at, "s-1", "BTC", d(2))])
    with pytest.raises(InvariantBroken, match="would leave -1 BTC"):
        wallet.check([take(at, "s-1", "BTC", d(1)), take(at, "s-1", "BTC", d(1))])


def test_a_change_that_is_not_committed_leaves_the_balances_in_memory_as_they_are() -> None:
    async def story() -> None:
        async with Bench(ScriptedVenue(rules_for("BTC", "ETH"))).running() as bench:
            account = account_of(bench)
            before = dict(account.wallet.balances())
            with pytest.raises(ZeroDivisionError), account.change(deposit(account.now(), "BTC", d(1))):
                raise ZeroDivisionError
            assert account.wallet.balances() == before == bench.store.load().balances

    run(story)
