"""A week in which nothing happens: how much 20 strategies of 10 coins write to the disk in their one file."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.strategy import RatioRule, StrategyParameters
from tests.simulation.bench import ACCOUNT, Life, World, run

WEEK = timedelta(days=7)
LIMIT = 20 * 1000 * 1000
"""Bytes on the disk after an idle week with 20 strategies."""
COINS = "BTC ETH BNB XRP ADA SOL DOT LTC LINK DOGE TRX EOS UNI BCH MATIC".split()  # noqa: SIM905 -- reads better
SLOWEST_BATCH_MS = 15
"""Mean cost of a batch of quotes for 20 idle strategies of 10 coins that this program allows itself."""


def twenty() -> list[StrategyParameters]:
    """All coins are held by somebody, and no threshold is ever reached."""
    return [
        StrategyParameters(
            f"S{number}",
            "USDT",
            equal_weights([COINS[(number + place) % len(COINS)] for place in range(10)]),
            Decimal(490),
            RatioRule(Decimal(50)),
        )
        for number in range(20)
    ]


def world(folder: Path, speed: int) -> World:
    return World(path=folder / "paper-venue.sqlite", store=SqliteStore(folder / "ledger.sqlite", ACCOUNT), speed=speed)


def on_disk(folder: Path) -> int:
    """Bytes of all files, logs and side files included."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


async def start_twenty(life: Life) -> None:
    for parameters in twenty():
        await life.create(parameters)
    await life.market(timedelta(minutes=10))
    assert len(life.rebalances) == 20, "all are built"


def grown(folder: Path, speed: int, period: timedelta) -> int:
    """By how many bytes ``period`` without a trade makes the account's files grow, as they are after a safe stop."""

    async def build() -> None:
        async with world(folder, speed).running() as life:
            await start_twenty(life)

    async def idle() -> None:
        async with world(folder, speed).running() as life:
            await life.market(period)
            assert life.rebalances == [], "nothing was traded"

    run(build)
    before = on_disk(folder)
    run(idle)
    return on_disk(folder) - before


SPEED_OF_A_QUOTE_A_MINUTE = 240


def test_six_idle_hours_of_a_week_write_their_share_of_20_mb(tmp_path: Path) -> None:
    """Quotes a minute apart: samples are taken once a minute however often quotes come (the next test shows it)."""
    hours = timedelta(hours=6)
    share = grown(tmp_path, SPEED_OF_A_QUOTE_A_MINUTE, hours)

    print(f"{share:,} bytes in {hours}, {share * (WEEK / hours):,.0f} in a week")
    assert share > 100_000, "samples are written at all"
    assert share * (WEEK / hours) < LIMIT


@pytest.mark.parametrize("minutes", [6, pytest.param(15, marks=pytest.mark.long)])
def test_quotes_that_come_more_often_write_no_more(minutes: int, tmp_path: Path) -> None:
    """At 1 x a quote comes every two seconds, thirty a minute."""
    (tmp_path / "often").mkdir()
    (tmp_path / "seldom").mkdir()
    period = timedelta(minutes=minutes)
    seldom = grown(tmp_path / "seldom", SPEED_OF_A_QUOTE_A_MINUTE, period)
    often = grown(tmp_path / "often", 1, period)

    assert often <= seldom * Decimal("1.2") + 16_384


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_whole_idle_week_stays_under_20_mb(tmp_path: Path) -> None:
    grown(tmp_path, SPEED_OF_A_QUOTE_A_MINUTE, WEEK)

    print(f"{on_disk(tmp_path):,} bytes")
    assert on_disk(tmp_path) < LIMIT


@pytest.mark.isolated
def test_a_batch_of_quotes_for_20_idle_strategies_of_10_coins_is_cheap(tmp_path: Path) -> None:
    """Real time of this machine, so it stands alone in the serial suite."""
    batches = 300

    async def story() -> float:
        async with world(tmp_path, 1).running() as life:
            await start_twenty(life)
            begun = time.process_time()
            for _ in range(batches):
                await life.market(timedelta(seconds=2))
            return (time.process_time() - begun) * 1000 / batches

    cost = asyncio.run(story())
    print(f"{cost:.2f} ms a batch")
    assert cost < SLOWEST_BATCH_MS
