"""What may be asked about candles: frozen, part of the closed union of commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LoadCandles:
    """Candles of ``symbols`` (``BTC/USDT``) for charts and backtests, that open at ``since`` or later and are over by ``until``.

    Runs beside the account's work; CandlesProgress tells how far it is. Answered by CandlesReady, or by CommandRejected
    (field ``coins``, ``timeframe`` or ``candles``), also after CancelCandles. ``cached_only``: no network, only what is
    stored already. A demo market answers with its daily prices up to market time.
    """

    command_id: str
    account: str
    symbols: tuple[str, ...]
    timeframe: timedelta
    since: datetime
    until: datetime
    cached_only: bool = False


@dataclass(frozen=True, slots=True)
class CancelCandles:
    """Stop the LoadCandles or ReadCandleFiles whose ``command_id`` was ``load_id``; what it has loaded is kept. Answered by CommandDone."""

    command_id: str
    load_id: str


@dataclass(frozen=True, slots=True)
class ReadCandleFiles:
    """Candles from CSV files (several are read as one) or from all those of one folder. ``wanted``: the symbols of the strategy;
    they settle names that can be read in two ways, and others are read all the same. Needs no network.

    Runs beside the account's work; CandlesProgress counts bytes. Answered by CandlesReady with its ``mapping``, or by
    CommandRejected (field ``candles``, with file, line and field), also after CancelCandles.
    """

    command_id: str
    account: str
    paths: tuple[Path, ...]
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadTimeframes:
    """Which timeframes has the account's source of candles? Answered by TimeframesReady."""

    command_id: str
    account: str


CandleCommand = LoadCandles | ReadCandleFiles | LoadTimeframes | CancelCandles
"""These of the union of commands."""
