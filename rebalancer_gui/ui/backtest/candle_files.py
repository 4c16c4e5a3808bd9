"""What reads candle files for "Test this rule"; the program's roots hand it over (`ui` sees no adapter). Pure: no Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from rebalancer_gui.domain.candles import CandleSeries


class CandleFileRead(Protocol):
    """Candles by symbol, how the columns were understood, and what was found wrong with rows: sentences."""

    @property
    def series(self) -> Mapping[str, CandleSeries]: ...

    @property
    def mapping(self) -> tuple[str, ...]: ...

    @property
    def findings(self) -> tuple[str, ...]: ...


ReadCandles = Callable[[Sequence[Path], Sequence[str]], CandleFileRead]
"""Reads files together; the second are the symbols that are wanted of them. Raises InvalidInput, in any thread."""
