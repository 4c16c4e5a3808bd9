"""The demo account's candles as the program is put together: the bundled days, up to its own market time and no further."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.candle_commands import LoadCandles
from rebalancer_gui.application.events import AccountChanged, CandlesReady
from rebalancer_gui.bootstrap import DemoOptions, engine_factory

DAY = timedelta(days=1)


@pytest.mark.parametrize("symbol", ("BTC/USDT", "ETH/USDT"))
def test_the_demo_market_tells_no_candle_from_its_future(tmp_path: Path, symbol: str):
    events: list[object] = []

    async def run(folder: DataFolder) -> None:
        engine = engine_factory(folder, DemoOptions(seed=1, start=date(2021, 5, 14)))(events.append)
        task = asyncio.create_task(engine.main())
        async with asyncio.timeout(20):
            while not any(isinstance(event, AccountChanged) for event in events):  # noqa: ASYNC110 - into a list
                await asyncio.sleep(0.01)
            since, until = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
            engine.post(LoadCandles("load", "paper", (symbol,), DAY, since, until))
            while not any(isinstance(event, CandlesReady) for event in events):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            engine.request_stop()
            await task

    with DataFolder(tmp_path / "data") as folder:
        asyncio.run(run(folder))
    [ready] = [event for event in events if isinstance(event, CandlesReady)]
    at = max(event.view.at for event in events if isinstance(event, AccountChanged))
    last = datetime.fromtimestamp(ready.series[symbol].opened[-1], UTC)
    assert last + DAY <= at
    assert at - last < 2 * DAY
    assert ready.timeframes == (DAY,)
