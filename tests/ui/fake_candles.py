"""Candles of the scripted engine: invented hourly and daily ones that are the same every time; answered at once, or on `finish`."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from datetime import timedelta

from rebalancer_gui.application import events as e
from rebalancer_gui.application.candle_commands import (
    CancelCandles,
    CandleCommand,
    LoadCandles,
    LoadTimeframes,
    ReadCandleFiles,
)
from rebalancer_gui.application.candle_port import FileAnswer
from rebalancer_gui.domain.candles import CandleSeries
from tests.ui.sample_market import START_PRICES

TIMEFRAMES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 1440))


def wavy_candles(symbol: str, timeframe: timedelta, first: int, count: int) -> CandleSeries:
    """``count`` bars from ``first`` (epoch seconds) on: a coin's own wave on a slow rise."""
    step = int(timeframe.total_seconds())
    base = symbol.partition("/")[0]
    start, phase = float(START_PRICES.get(base, 10)), sum(map(ord, base))
    prices = [
        start * math.exp(0.15 * math.sin((phase + i * step / 3600) / 37) + 0.05 * math.sin(i / 5 + phase) + i * 1e-5)
        for i in range(count + 1)
    ]
    return CandleSeries(
        symbol,
        timeframe,
        array("q", range(first, first + count * step, step)),
        array("d", prices[:-1]),
        array("d", map(max, prices, prices[1:])),
        array("d", map(min, prices, prices[1:])),
        array("d", prices[1:]),
        array("d", [1.0] * count),
    )


class FakeCandles:
    """``waits``: a LoadCandles is answered only by ``finish`` (or CancelCandles). ``source`` and ``findings`` are answered;
    ``file`` is what ReadCandleFiles finds.
    """

    def __init__(self, sink: Callable[[e.Event], None]) -> None:
        self._sink = sink
        self.waits = False
        self.most: int | None = None
        """Answers with the last so many candles only."""
        self.source = "binance, from the cache"
        self.timeframes = TIMEFRAMES
        self.findings: tuple[str, ...] = ()
        self.file = FileAnswer({}, (), ())
        self._open: dict[str, LoadCandles | ReadCandleFiles] = {}

    def carry_out(self, command: CandleCommand) -> None:
        """Answer it as the engine would."""
        if isinstance(command, CancelCandles):
            if self._open.pop(command.load_id, None) is None:
                self._sink(e.CommandRejected(command.command_id, "These candles are not being loaded (any more)."))
                return
            self._sink(e.CommandDone(command.command_id))
            self._sink(e.CommandRejected(command.load_id, "Loading candles was cancelled. What was loaded is kept."))
            return
        if isinstance(command, LoadTimeframes):
            self._sink(e.TimeframesReady(command.command_id, command.account, self.timeframes))
            return
        self._sink(e.CandlesProgress(command.command_id, 0, 1000))
        self._open[command.command_id] = command
        if not self.waits:
            self.finish()

    def finish(self) -> None:
        """Answer every LoadCandles that waits."""
        for load in list(self._open.values()):
            del self._open[load.command_id]
            if isinstance(load, ReadCandleFiles):
                names = ", ".join(path.name for path in load.paths)
                found = self.file
                self._sink(
                    e.CandlesReady(
                        load.command_id, load.account, found.series, names, found.findings, TIMEFRAMES, found.mapping
                    )
                )
                continue
            step = int(load.timeframe.total_seconds())
            first = -(-int(load.since.timestamp()) // step) * step
            count = max((int(load.until.timestamp()) - first) // step, 0)
            if self.most is not None and count > self.most:
                first, count = first + (count - self.most) * step, self.most
            series = {symbol: wavy_candles(symbol, load.timeframe, first, count) for symbol in load.symbols}
            self._sink(e.CandlesProgress(load.command_id, 1000, 1000))
            self._sink(
                e.CandlesReady(load.command_id, load.account, series, self.source, self.findings, self.timeframes)
            )
