"""What the columns of a candle file mean: by their header, or by what stands in them where there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rebalancer_gui.adapters.market_data.candle_cells import NumberStyle, number_in, style_of, time_in
from rebalancer_gui.domain.errors import InvalidInput

PRICES = ("open", "high", "low", "close")
LEGAL = "time, symbol, open, high, low, close and, if there is one, volume"
_NAMES: Mapping[str, Sequence[str]] = {
    # In the order in which they are preferred: a number cannot be read in two ways, a date may.
    "time": [
        "unix",
        "unixtimestamp",
        "unixtime",
        "epoch",
        "timestamp",
        "opentime",
        "opened",
        "ts",
        "time",
        "datetime",
        "date",
        "day",
        "start",
        "timeutc",
        "dateutc",
    ],
    "symbol": ["symbol", "pair", "market", "instrument", "productid", "ticker", "tradingpair"],
    "open": ["open", "o", "openprice", "priceopen"],
    "high": ["high", "h", "highprice", "pricehigh", "max"],
    "low": ["low", "l", "lowprice", "pricelow", "min"],
    "close": ["close", "c", "closeprice", "priceclose", "last"],
    "volume": ["volume", "v", "vol", "basevolume", "volumebase"],
}
_PLAIN = re.compile(r"[^a-z0-9]")
_OF_ASSET = re.compile(r"volume\s*\(?\s*([A-Za-z0-9]{1,15})\s*\)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """``at``: index by meaning (``time``, ``open`` ...); ``said``: what was taken for it, for people; ``width``: cells a row.

    ``words`` names the kind of file; ``unused`` are columns that were passed over; ``volume_of`` are columns by the asset
    that a header like ``Volume BTC`` names (upper case), while none is taken yet; ``only_base`` is the one that was taken.
    """

    words: str
    at: Mapping[str, int]
    said: Mapping[str, str]
    width: int
    unused: tuple[str, ...] = ()
    volume_of: Mapping[str, int] = field(default_factory=dict)
    only_base: str = ""

    def for_base(self, base: str) -> Columns:
        """With the volume in units of ``base``, where the header names one of several."""
        index = self.volume_of.get(base)
        if index is None:
            return self
        at, said = {**self.at, "volume": index}, {**self.said, "volume": f"Volume {base}"}
        return replace(self, at=at, said=said, volume_of={}, only_base=base)


def is_header(row: Sequence[str]) -> bool:
    """Whether the row names columns: it has words for time and for all four prices, or comes near (two prices)."""
    names = {_PLAIN.sub("", cell.lower()) for cell in row}
    return sum(bool(names.intersection(_NAMES[meaning])) for meaning in ("time", *PRICES)) >= 3


def by_header(row: Sequence[str], line: int) -> Columns:
    """The columns of a file with this header in ``line``. InvalidInput("candles") names what is missing or twice there."""
    names = [_PLAIN.sub("", cell.lower()) for cell in row]
    at: dict[str, int] = {}
    for meaning, known in _NAMES.items():
        for name in known:
            if names.count(name) > 1:
                raise InvalidInput("candles", f"Line {line}: the column {name} stands there twice.")
            if name in names:
                at[meaning] = names.index(name)
                break
    missing = [meaning for meaning in ("time", *PRICES) if meaning not in at]
    if missing:
        raise InvalidInput(
            "candles",
            f"Line {line}: no column for {' and '.join(missing)} is known among: {', '.join(row)}. Legal names: {LEGAL}.",
        )
    volumes = {found[1].upper(): i for i, cell in enumerate(row) if (found := _OF_ASSET.fullmatch(cell.strip()))}
    words = "a file with a header"
    if any(name == "adjclose" for name in names):
        at.pop("volume", None)  # Yahoo's volume is in dollars, not in coins.
        words = "a Yahoo Finance export (its volume is in dollars and is left out)"
    elif "volume" not in at and volumes:
        words = "a CryptoDataDownload export" if "unix" in names or "date" in names else words
    said = {meaning: row[index].strip() for meaning, index in at.items()}
    unused = tuple(cell.strip() for i, cell in enumerate(row) if i not in at.values() and cell.strip())
    return Columns(words, at, said, len(row), unused, {} if "volume" in at else volumes)


_BARE: tuple[tuple[int, str, Sequence[str]], ...] = (
    (12, "a Binance data dump", ["time", *PRICES, "volume"]),
    (7, "a Kraken OHLCVT dump", ["time", *PRICES, "volume"]),
    (8, "a Kraken OHLC answer", ["time", *PRICES, "vwap", "volume"]),
    (6, "candles without a header", ["time", *PRICES, "volume"]),
    (6, "a Coinbase candle list", ["time", "low", "high", "open", "close", "volume"]),
    (5, "candles without a header and without volume", ["time", *PRICES]),
)


def without_header(rows: Sequence[Sequence[str]], delimiter: str) -> Columns | None:
    """The columns of a file that begins with figures; None where nothing known fits all ``rows``, or two things do."""
    width = len(rows[0])
    fitting = [
        (words, names)
        for count, words, names in _BARE
        if count == width and all(_fits(r, names, delimiter) for r in rows)
    ]
    if len(fitting) != 1:
        return None
    [(words, names)] = fitting
    at = {name: index for index, name in enumerate(names) if name != "vwap"}
    said = {name: f"column {index + 1}" for name, index in at.items()}
    return Columns(words, at, said, width, tuple(f"column {i + 1}" for i in range(width) if i not in at.values()))


def _fits(row: Sequence[str], names: Sequence[str], delimiter: str) -> bool:
    if len(row) < len(names) or time_in(row[0]) is None:
        return False
    style = style_of(row[1 : len(names)], delimiter) or NumberStyle.POINT
    cells = {name: number_in(row[index], style) for index, name in enumerate(names) if index}
    found = [cells[name] for name in ("low", "open", "close", "high")]
    if any(number is None for number in found):
        return True  # A row without prices speaks for nothing and against nothing.
    low, opened, closed, high = (number for number in found if number is not None)
    return low <= min(opened, closed) and max(opened, closed) <= high
