"""ccxt's tables of a venue's markets, kept small: 3,000 markets would else take four times the memory.

ccxt keeps with each market the venue's own words about it (``info``), and lists each market twice, as two objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def forget_words(markets: Iterable[dict[str, Any]], kept: tuple[str, ...]) -> None:
    """Leave of each market's ``info`` only what is in ``kept``. To be called before ccxt copies the markets."""
    for market in markets:
        words = market.get("info")
        if isinstance(words, Mapping):
            market["info"] = {name: words[name] for name in kept if name in words}


def list_once(by_symbol: Mapping[str, dict[str, Any]], by_id: Mapping[str, list[dict[str, Any]]]) -> None:
    """Let ``by_id`` list the very objects of ``by_symbol``: these are the fuller ones (ccxt adds what holds for all markets)."""
    for rows in by_id.values():
        rows[:] = [full if (full := by_symbol.get(row["symbol"])) and full["id"] == row["id"] else row for row in rows]
