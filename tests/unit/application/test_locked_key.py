"""A live account whose key is locked only watches: prices and plans are shown, nothing else is asked, nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.commands import RebalanceNow
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import AccountChanged, AccountWaits, EngineFailed
from rebalancer_gui.application.proposal import Proposal
from rebalancer_gui.application.safety_commands import CheckConnection, SetTradingMode, TryAgain
from rebalancer_gui.application.session import Session
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.market import Balance
from rebalancer_gui.domain.orders import IntentState, OrderRequest, SubmitOutcome, Unknown, VenueOrder, VenueTrade
from rebalancer_gui.domain.strategy import State, TradingMode
from tests.builders import parameters, rules_for
from tests.engine_bench import Bench, CountingIds, run
from tests.fakes import FakeStore
from tests.scripted_venue import HandClock, ScriptedVenue
from tests.unit.application.test_go_live import GOOD, RAILS, Exchange, begin, contacted, go, live, priced

LOCKED = "The vault keys.vault is locked. Give its passphrase: in the window."


class Vault(Exchange):
    """Its key is locked while ``locked`` says why; ``comes``: it can be had again from the next look on."""

    comes = False

    async def look_for_key(self) -> bool:
        await asyncio.sleep(0)
        if self.comes:
            self.locked = ""
        return self.comes


class Keyed(ScriptedVenue):
    """What only an owner is told is refused while the key of ``side`` is locked; ``asked`` are those questions."""

    def __init__(self, side: Vault) -> None:
        super().__init__(rules_for("BTC", "ETH"), fee="0.001", authoritative=False)
        self.side, self.asked = side, list[str]()

    def _needs_key(self, what: str) -> None:
        if self.side.locked:
            self.asked.append(what)
            raise VenueUnavailable(self.side.locked)

    async def balances(self) -> Mapping[str, Balance]:
        self._needs_key("balances")
        return await super().balances()

    async def identity(self) -> str:
        self._needs_key("identity")
        return await super().identity()

    async def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        self._needs_key("order")
        return await super().find_order(symbol, client_order_id)

    async def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        self._needs_key("orders")
        return await super().orders_since(symbol, since)

    async def trades_since(self, symbol: str, since: datetime) -> tuple[VenueTrade, ...]:
        self._needs_key("trades")
        return await super().trades_since(symbol, since)


async def traded(side: Vault, store: FakeStore, venue: Keyed) -> str:
    """An account that trades, with a running strategy; its engine has ended."""
    async with live(side, store, venue).running() as bench:
        await contacted(bench)
        await bench.do(go())
        core = await bench.create(parameters(BTC=50, ETH=50))
        for _ in range(3):
            await priced(bench)
        assert bench.strategy(core).state is State.RUNNING
    return core


async def moved(venue: Keyed) -> None:
    """BTC rose, and stays there."""
    for _ in range(4):
        await venue.push(timedelta(seconds=20), BTC="130", ETH="100")


async def unlocked(bench: Bench) -> None:
    assert isinstance(bench.venue, Keyed)
    bench.venue.side.comes = True
    bench.events.clear()
    await bench.until(lambda: bench.of(AccountChanged) and not bench.view.locked)


def proposal(bench: Bench, strategy: str) -> Proposal | None:
    return bench.strategy(strategy).proposal


def test_a_locked_key_shows_prices_and_plans_sends_nothing_and_goes_on_when_it_is_unlocked():
    async def story() -> None:
        side, store = Vault(), FakeStore()
        venue = Keyed(side)
        core = await traded(side, store, venue)
        sent, side.locked = len(venue.posts), LOCKED
        async with live(side, store, venue).running() as bench:
            await moved(venue)
            assert (bench.view.locked, bench.view.trading, bench.view.engine) == (
                LOCKED, TradingMode.WATCH, "key locked",
            )  # fmt: skip
            assert bench.view.quotes["BTC/USDT"].bid == 130
            assert bench.strategy(core).snapshot is not None
            shown = proposal(bench, core)
            assert shown is not None
            assert shown.only_shown
            assert shown.plan.legs
            assert LOCKED in bench.said("key")
            assert not bench.of(AccountWaits)
            for command in (
                lambda i: CheckConnection(i, "paper"), begin, go(), lambda i: RebalanceNow(i, core),
            ):  # fmt: skip
                assert LOCKED in (await bench.rejected(command)).message
            assert len(venue.posts) == sent
            assert not {"order", "orders", "trades", "identity"} & set(venue.asked)
            await unlocked(bench)
            assert bench.view.trading is TradingMode.AUTO
            await moved(venue)
            assert len(venue.posts) > sent
            bench.assert_conserved()
            assert not bench.of(EngineFailed)

    run(story)


def test_an_order_that_was_open_stays_open_while_the_key_is_locked_and_is_looked_up_afterwards():
    async def story() -> None:
        side, store = Vault(), FakeStore()
        venue = Keyed(side)
        core = await traded(side, store, venue)
        async with live(side, store, venue).running() as bench:

            def silence(request: OrderRequest) -> SubmitOutcome:
                venue.execute(request)
                return Unknown("timeout")

            venue.answer, venue.lookup_works = silence, False
            sent = len(venue.posts)
            await moved(venue)
            assert len(venue.posts) == sent + 1
            cid = venue.posts[-1].client_order_id
        venue.answer, venue.lookup_works = lambda request: None, True
        side.locked = LOCKED
        async with live(side, store, venue).running() as bench:
            for _ in range(100):
                await venue.push(timedelta(seconds=60), BTC="130", ETH="100")
            intent = next(i for i in store.load().open_intents if i.client_order_id == cid)
            assert intent.state is not IntentState.QUARANTINED
            assert bench.strategy(core).quarantined == ()
            await unlocked(bench)
            await moved(venue)
            assert not [i for i in store.load().open_intents if i.client_order_id == cid]
            bench.assert_conserved()

    run(story)


def test_watch_only_that_is_chosen_while_the_key_is_locked_holds_when_it_is_unlocked():
    async def story() -> None:
        side, store = Vault(), FakeStore()
        venue = Keyed(side)
        await traded(side, store, venue)
        side.locked = LOCKED
        async with live(side, store, venue).running() as bench:
            await priced(bench)
            await bench.do(lambda i: SetTradingMode(i, "paper", TradingMode.WATCH))
            await unlocked(bench)
            assert bench.view.trading is TradingMode.WATCH

    run(story)


def test_a_first_contact_that_was_cut_short_waits_for_its_key():
    async def story() -> None:
        side, store = Vault(), FakeStore()
        venue = Keyed(side)
        async with live(side, store, venue).running() as bench:
            await priced(bench)
            await bench.do(begin)
            await priced(bench)
        sent, side.locked = len(venue.posts), LOCKED
        async with live(side, store, venue).running() as bench:
            for _ in range(4):
                await priced(bench)
            assert len(venue.posts) == sent
            await unlocked(bench)
            for _ in range(4):
                await priced(bench)
            assert len(venue.posts) == sent + 1

    run(story)


def test_a_command_of_the_console_says_that_the_key_is_locked():
    async def story() -> None:
        side = Vault(GOOD)
        side.locked = LOCKED
        setup = AccountSetup("paper", "Paper", "LIVE", Keyed(side), FakeStore(), CountingIds(), rails=RAILS, live=side)
        with pytest.raises(VenueUnavailable, match=r"keys\.vault is locked"):
            async with Session(setup):
                pass

    run(story)


class StillClock(HandClock):
    """Wall time stands still: nothing that waits for seconds goes on by itself."""

    async def sleep(self, seconds: float) -> None:
        if seconds >= 1:
            await asyncio.Event().wait()
        await asyncio.sleep(0)


def test_what_was_unlocked_is_looked_for_at_once_when_somebody_says_so_and_not_only_when_it_is_time():
    async def story() -> None:
        side, store = Vault(), FakeStore()
        venue = Keyed(side)
        await traded(side, store, venue)
        side.locked, venue.clock = LOCKED, StillClock(venue.clock.now())
        async with live(side, store, venue).running() as bench:
            await priced(bench)
            assert bench.view.locked == LOCKED
            side.comes = True
            for _ in range(20):
                await priced(bench)
            assert bench.view.locked == LOCKED
            await bench.do(TryAgain)
            await bench.until(lambda: not bench.view.locked)
            assert bench.view.trading is TradingMode.AUTO

    run(story)


def test_said_while_the_key_is_being_looked_for_it_is_looked_for_once_more():
    async def story() -> None:
        asked, answer = list[int](), asyncio.Event()

        class Slow(Vault):
            async def look_for_key(self) -> bool:
                asked.append(1)
                comes = self.comes
                if len(asked) == 2:
                    await answer.wait()
                if comes:
                    self.locked = ""
                return comes

        side, store = Slow(), FakeStore()
        venue = Keyed(side)
        await traded(side, store, venue)
        side.locked, venue.clock = LOCKED, StillClock(venue.clock.now())
        async with live(side, store, venue).running() as bench:
            await priced(bench)
            await bench.do(TryAgain)
            await bench.until(lambda: len(asked) == 2)
            side.comes = True  # Unlocked while the second look is on its way, which has seen it locked.
            await bench.do(TryAgain)
            answer.set()
            await bench.until(lambda: not bench.view.locked)
            assert len(asked) == 3

    run(story)


def test_an_account_whose_exchange_did_not_answer_is_opened_at_once_when_somebody_says_so():
    async def story() -> None:
        away = ScriptedVenue(rules_for("BTC", "ETH"))
        away.clock = StillClock()
        reachable = False

        async def open_or_fail() -> None:
            if not reachable:
                raise VenueUnavailable("It does not answer.")

        away.open = open_or_fail  # type: ignore[method-assign]
        bench = Bench(ScriptedVenue(rules_for("BTC", "ETH")))
        setups = [
            AccountSetup("paper", "Paper", "PAPER", bench.venue, bench.store, bench.ids),
            AccountSetup("far", "Far", "PAPER", away, FakeStore(), CountingIds()),
        ]
        bench.engine = Engine(setups, bench.events.append)
        async with bench.running():
            await bench.until(lambda: bench.of(AccountWaits))
            reachable = True
            assert not [e for e in bench.of(AccountChanged) if e.view.account == "far"]
            await bench.do(TryAgain)
            await bench.until(lambda: [e for e in bench.of(AccountChanged) if e.view.account == "far"])

    run(story)
