"""A paper account on live prices as the program makes it, with real ccxt against the server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.candle_commands import LoadCandles
from rebalancer_gui.application.commands import Command, CreateStrategy, PaperTransfer
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import (
    AccountChanged,
    AccountWaits,
    CandlesReady,
    CommandDone,
    EngineFailed,
    EngineStarted,
    StrategyCreated,
)
from rebalancer_gui.application.session import Session
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.bootstrap import live_paper_account
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.rails import AccountKind
from rebalancer_gui.domain.strategy import State
from tests.builders import d, parameters
from tests.wire.public_venue import PublicVenue, public_venue

E = TypeVar("E")


class Running:
    """An engine with one account, in the test's own loop."""

    def __init__(self, setup: AccountSetup) -> None:
        self.events: list[object] = []
        self.engine = Engine([setup], self.events.append)
        self.task = asyncio.create_task(self.engine.main())
        self._number = 0

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, true: Callable[[], object], seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110 - anything may make it true
                await asyncio.sleep(0.02)

    async def ask(self, make: Callable[[str], Command]) -> object:
        self._number += 1
        command_id = f"c{self._number}"
        self.engine.post(make(command_id))
        await self.until(lambda: any(getattr(e, "command_id", "") == command_id for e in self.events))
        return next(e for e in self.events if getattr(e, "command_id", "") == command_id)

    @property
    def view(self) -> AccountView:
        return self.of(AccountChanged)[-1].view

    async def stop(self) -> None:
        self.engine.request_stop()
        await asyncio.wait_for(self.task, 10)


def with_folder(tmp_path: Path, body: Callable[[DataFolder, PublicVenue], object]) -> None:
    async def run() -> None:
        folder = DataFolder(tmp_path)
        folder.open()
        try:
            async with public_venue() as server:
                await body(folder, server)  # type: ignore[misc]
        finally:
            folder.close()

    asyncio.run(run())


def test_a_strategy_is_built_on_live_prices_and_the_next_start_goes_on_with_it(tmp_path: Path):
    async def body(folder: DataFolder, server: PublicVenue) -> None:
        setup = live_paper_account(folder, "Live", VenueSpec("binance", server.url))
        first = Running(setup)
        await first.until(lambda: first.of(EngineStarted))
        created = await first.ask(lambda i: CreateStrategy(i, "Live", parameters(BTC=50, ETH=50)))
        assert isinstance(created, StrategyCreated), created
        await first.until(lambda: first.view.strategies[0].state is State.RUNNING)
        await first.until(lambda: first.view.total is not None)
        view = first.view
        assert (view.mode, view.demo, view.fees) == ("PAPER", None, FeeSchedule(d("0.001")))
        assert view.rails.kind is AccountKind.PAPER
        assert view.paper is not None
        assert not view.paper.changes_markets
        orders = setup.store.orders(None, None, 10)
        assert {(order.symbol, order.side) for order in orders} == {("BTC/USDT", Side.BUY), ("ETH/USDT", Side.BUY)}
        for order in orders:
            market = server.markets[order.symbol.replace("/", "")]
            assert order.average is not None
            assert d(market.ask) <= order.average <= d(market.ask) * d("1.003"), "from the exchange's own book"
        done = await first.ask(lambda i: PaperTransfer(i, "Live", "USDT", d(500)))
        assert isinstance(done, CommandDone)
        value = view.strategies[0].snapshot
        await first.stop()
        assert not first.of(EngineFailed)
        assert {path.name for path in (tmp_path / "accounts" / "Live").iterdir()} >= {
            "ledger.sqlite",
            "paper-venue.sqlite",
        }

        second = Running(live_paper_account(folder, "Live", VenueSpec("binance", server.url)))
        await second.until(lambda: second.of(AccountChanged) and second.view.total is not None)
        await second.until(lambda: second.view.strategies[0].snapshot)
        assert second.view.strategies[0].state is State.RUNNING
        assert second.view.free["USDT"] >= d(500)
        again = second.view.strategies[0].snapshot
        assert value is not None
        assert again is not None
        assert [h.quantity for h in again.holdings] == [h.quantity for h in value.holdings]
        await second.stop()
        paths = {path for _, path, _ in server.asked}
        allowed = {"exchangeInfo", "ticker/24hr", "depth", "time"}
        assert paths == {f"/api/v3/{name}" for name in allowed}, "public questions only, and only of this host"

    with_folder(tmp_path, body)


def test_candles_are_the_exchanges_own_then_the_kept_ones_and_without_both_the_bundled_days(tmp_path: Path):
    async def body(folder: DataFolder, server: PublicVenue) -> None:
        running = Running(live_paper_account(folder, "Live", VenueSpec("binance", server.url)))
        await running.until(lambda: running.of(EngineStarted))
        until = datetime.now(UTC)

        async def load(symbol: str) -> CandlesReady:
            ready = await running.ask(
                lambda i: LoadCandles(i, "Live", (symbol,), timedelta(hours=1), until - timedelta(hours=49), until)
            )
            assert isinstance(ready, CandlesReady), ready
            return ready

        first = await load("BTC/USDT")
        assert len(first.series["BTC/USDT"]) in {48, 49}
        assert set(first.series["BTC/USDT"].closes) == {50000.01}
        asked = server.count("/api/v3/klines")
        assert (await load("BTC/USDT")).source.endswith(", from the cache")
        assert server.count("/api/v3/klines") == asked
        server.status = 502
        stands_in = await load("ETH/USDT")
        assert stands_in.source == "bundled daily prices, data provided by CoinGecko"
        assert "Bundled daily prices stand in" in stands_in.findings[0]
        await running.stop()
        assert (folder.cache / "candles.sqlite").exists()

    with_folder(tmp_path, body)


def test_an_exchange_that_is_not_there_yet_is_waited_for(tmp_path: Path):
    async def body(folder: DataFolder, server: PublicVenue) -> None:
        server.status = 502
        running = Running(live_paper_account(folder, "Live", VenueSpec("binance", server.url)))
        await running.until(lambda: running.of(AccountWaits))
        assert "Binance" in running.of(AccountWaits)[0].message
        server.status = 200
        await running.until(lambda: running.of(EngineStarted))
        await running.stop()

    with_folder(tmp_path, body)


def test_a_command_of_the_console_trades_on_live_prices(tmp_path: Path):
    async def body(folder: DataFolder, server: PublicVenue) -> None:
        setup = live_paper_account(folder, "Live", VenueSpec("binance", server.url))
        async with Session(setup) as session:
            events = await session.ask(CreateStrategy(session.next_id(), "Live", parameters(BTC=50, XRP=50)))
            created = events[-1]
            assert isinstance(created, StrategyCreated), events
            (record,) = await session.carry_out(created.strategy_id)
            assert {leg.symbol for leg in record.legs} == {"BTC/USDT", "XRP/USDT"}
            assert all(leg.filled > 0 for leg in record.legs)

    with_folder(tmp_path, body)


@pytest.mark.expect_log("the engine cannot go on")
@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (VenueSpec("nosuchvenue"), "nosuchvenue"),
        (VenueSpec("binance", "http://example.com"), "Without encryption"),
        (VenueSpec("kraken", environment="sandbox"), "no environment"),
    ],
)
def test_what_cannot_be_a_venue_is_said_and_nothing_stays_open(tmp_path: Path, spec: VenueSpec, words: str):
    async def body(folder: DataFolder, _server: PublicVenue) -> None:
        running = Running(live_paper_account(folder, "Live", spec))
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(running.task), 10)
        (failed,) = running.of(EngineFailed)
        assert words in failed.message

    with_folder(tmp_path, body)
