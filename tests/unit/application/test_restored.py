"""An older ledger is compared with what the venue holds: nothing is booked blindly, and real money waits for its owner."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.approvals import set_trading
from rebalancer_gui.application.commands import ResumeStrategy
from rebalancer_gui.application.events import AccountChanged
from rebalancer_gui.application.restored import position_of_ids
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Side
from rebalancer_gui.domain.strategy import HaltKind, State, TradingMode
from tests.builders import parameters, rules_for
from tests.engine_bench import Bench, CountingIds, run
from tests.scripted_venue import ScriptedVenue

pytestmark = pytest.mark.failure(44)


class Place:
    """A ledger file and a venue that outlives it."""

    def __init__(self, folder: Path) -> None:
        self.ledger = folder / "ledger.sqlite"
        self.venue = ScriptedVenue(rules_for("BTC", "ETH"))

    def bench(self) -> Bench:
        return Bench(self.venue, SqliteStore(self.ledger, "paper"), CountingIds())

    @asynccontextmanager
    async def seen(self) -> AsyncIterator[Bench]:
        """The next run, when it has shown its first picture."""
        async with self.bench().running() as bench:
            await bench.until(lambda: bench.of(AccountChanged))
            yield bench

    def copy(self, name: str) -> Path:
        return Path(shutil.copy(self.ledger, self.ledger.with_name(name)))

    async def built(self) -> str:
        async with self.bench().running() as bench:
            await self.venue.push(BTC="100", ETH="100")
            core = await bench.create(parameters())
            await self.venue.push()
            assert bench.strategy(core).state is State.RUNNING
        return core

    async def traded(self, price: str) -> None:
        """A run with a rebalance."""
        before = len(self.venue.posts)
        async with self.bench().running() as bench:
            await self.venue.push(BTC=price, ETH="100")
            await self.venue.push()
            assert len(self.venue.posts) > before
            bench.assert_conserved()


def trading_of(bench: Bench) -> str:
    return bench.view.trading.value


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_an_old_copy_is_said_halts_who_is_short_and_sends_nothing(place: Place) -> None:
    async def story() -> None:
        core = await place.built()
        old = place.copy("old")
        await place.traded("109")
        shutil.copy(old, place.ledger)
        sent = len(place.venue.posts)
        async with place.seen() as bench:
            (said,) = bench.said("restored")
            assert said.startswith("The ledger is an older copy")
            assert "2 orders of this program at the exchange are not in it" in said
            assert bench.strategy(core).state is State.HALTED
            assert bench.strategy(core).halt is HaltKind.SHORT
            assert bench.view.trading is TradingMode.WATCH
            assert said.endswith("switch trading on again.")
            await place.venue.push(BTC="118")
            assert len(place.venue.posts) == sent
            # The orders of later are nobody's: no row, no trade was made up for them.
            rows = bench.store.orders(None, None, 100)
            assert len(rows) == sent - 2

    run(story)


def test_real_money_stays_watch_only_over_a_restart_until_its_owner_confirms(place: Place) -> None:
    async def story() -> None:
        core = await place.built()
        old = place.copy("old")
        async with place.seen():
            await place.venue.push(BTC="100", ETH="100")
        shutil.copy(old, place.ledger)
        async with place.seen() as bench:
            assert bench.view.trading is TradingMode.WATCH
        sent = len(place.venue.posts)
        async with place.seen() as bench:
            assert trading_of(bench) == "watch"
            assert bench.said("restored") == []  # it is said once
            await place.venue.push(BTC="109")
            assert len(place.venue.posts) == sent
            set_trading(bench.engine._runners["paper"].account, TradingMode.AUTO)
            await place.venue.push()
            assert trading_of(bench) == "auto"
            assert len(place.venue.posts) > sent
            bench.assert_conserved()
            assert bench.strategy(core).state is State.RUNNING

    run(story)


def test_a_whole_folder_put_back_is_noticed_by_our_own_orders_at_the_venue(place: Place) -> None:
    async def story() -> None:
        await place.built()
        old, epoch = (
            place.copy("old"),
            Path(shutil.copy(place.ledger.with_suffix(".epoch"), place.ledger.with_name("e"))),
        )
        await place.traded("109")
        shutil.copy(old, place.ledger)
        shutil.copy(epoch, place.ledger.with_suffix(".epoch"))
        for expected in (1, 0):  # the second start has told it already
            async with place.seen() as bench:
                assert len(bench.said("restored")) == expected
                assert bench.view.trading is TradingMode.WATCH

    run(story)


def test_an_order_of_somebody_else_at_the_venue_says_nothing_about_the_ledger(place: Place) -> None:
    async def story() -> None:
        await place.built()
        for name in ("x-1", "rbabcd000000000001"):
            request = OrderRequest(name, "BTC/USDT", Side.BUY, OrderType.MARKET, Decimal(1), None)
            place.venue.execute(request)
        async with place.seen() as bench:
            assert bench.said("restored") == []
            assert bench.view.trading is TradingMode.AUTO

    run(story)


def test_a_new_ledger_begins_with_what_the_venue_holds(place: Place) -> None:
    async def story() -> None:
        await place.built()
        place.ledger.unlink()
        async with place.seen() as bench:
            (said,) = bench.said("restored")
            assert said.startswith("The ledger is new, though there was one before")
            assert bench.view.free == {a: n for a, n in place.venue.held.items() if n}
            bench.assert_conserved()

    run(story)


def test_after_the_owner_has_booked_the_loss_the_strategy_goes_on(place: Place) -> None:
    async def story() -> None:
        core = await place.built()
        old = place.copy("old")
        await place.traded("109")
        shutil.copy(old, place.ledger)
        async with place.seen() as bench:
            set_trading(bench.engine._runners["paper"].account, TradingMode.AUTO)
            account = bench.engine._runners["paper"]
            account.checker.reconciler.accept_shortage(account.account.strategies[core])
            await bench.do(lambda i: ResumeStrategy(i, core))
            await place.venue.push(BTC="109")
            assert bench.strategy(core).state is State.RUNNING
            bench.assert_conserved()

    run(story)


def test_ids_that_a_seed_gives_are_not_used_a_second_time() -> None:
    assert position_of_ids({}, 7) == 7
    assert position_of_ids({"restored": ""}, 7) == 7
    first, second = (position_of_ids({"restored": str(epoch)}, 7) for epoch in (3, 4))
    assert 7 < first < second
    assert position_of_ids({"restored": "3"}, 0) > 0  # a new ledger, where one was
