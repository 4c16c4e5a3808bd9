"""The real console program on a paper account with live prices: added without a key, traded on, run and stopped."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.program import READY, Program, run_to_end
from tests.strategy_files import strategy_text
from tests.wire.public_venue import PublicVenue, public_venue


@pytest.fixture
def exchange() -> Iterator[PublicVenue]:
    """In a thread of its own, because the programs are waited for."""
    there: list[PublicVenue] = []
    up = threading.Event()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        async with public_venue() as venue:
            there.append(venue)
            up.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="exchange", daemon=True)
    thread.start()
    assert up.wait(10)
    yield there[0]
    loop.call_soon_threadsafe(over.set)
    thread.join(10)
    loop.close()


def test_an_account_on_live_prices_is_added_without_a_key_and_trades_runs_and_stops(
    exchange: PublicVenue, tmp_path: Path
):
    data = ("--data-dir", tmp_path)
    added = run_to_end(
        *data, "--json", "account", "add", "--name", "Live", "--venue", "binance", "--api-url", exchange.url
    )
    assert added.returncode == 0, added.stdout + added.stderr
    assert json.loads(added.stdout)["kind"] == "paper"
    file = tmp_path / "strategy.json"
    file.write_text(strategy_text({"BTC": "50", "ETH": "30", "XRP": "20"}))
    created = run_to_end(*data, "--account", "Live", "strategy", "create", file)
    assert created.returncode == 0, created.stdout + created.stderr
    with Program(tmp_path, "--account", "Live") as program:
        program.wait_for("^Live - Binance prices")
        program.wait_for(READY + "Core 4")
        program.wait_until(lambda: bool(exchange.subscribed))
        code, took = program.stop()
    assert code == 0, program.output
    assert took < 3
    shown = json.loads(run_to_end(*data, "--json", "--account", "Live", "account", "show").stdout)
    assert shown["difference"] == {}
    assert set(shown["venue_balances"]) == {"BTC", "ETH", "USDT", "XRP"}
    assert len(shown["ledgers"]) == 1
