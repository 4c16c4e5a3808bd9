"""Spans of time that candles are asked of, and series put together of several."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from datetime import timedelta

from rebalancer_gui.application.candle_port import Span
from rebalancer_gui.domain.candles import CandleSeries


def inside(span: Span, known: Sequence[Span]) -> tuple[Span, ...]:
    """What of ``span`` is known; ``known`` is in order and apart."""
    cut = ((max(span[0], begin), min(span[1], end)) for begin, end in known)
    return tuple((begin, end) for begin, end in cut if begin < end)


def outside(span: Span, known: Sequence[Span]) -> tuple[Span, ...]:
    """What of ``span`` is not."""
    found, at = [], span[0]
    for begin, end in inside(span, known):
        if at < begin:
            found.append((at, begin))
        at = end
    if at < span[1]:
        found.append((at, span[1]))
    return tuple(found)


def candles_in(span: Span, timeframe: timedelta) -> int:
    """How many fit at most."""
    return max(-(-(span[1] - span[0]) // (timeframe // timedelta(seconds=1))), 0)


def joined(symbol: str, timeframe: timedelta, parts: Iterable[CandleSeries]) -> CandleSeries:
    """One series of several that do not overlap, whatever their order."""
    whole = CandleSeries(symbol, timeframe, array("q"), *(array("d") for _ in range(5)))
    for part in sorted((part for part in parts if len(part)), key=lambda part: part.opened[0]):
        whole.opened.extend(part.opened)
        whole.opens.extend(part.opens)
        whole.highs.extend(part.highs)
        whole.lows.extend(part.lows)
        whole.closes.extend(part.closes)
        whole.volumes.extend(part.volumes)
    return whole
