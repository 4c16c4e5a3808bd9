"""Which coin a ticker means at the sources of market caps: ``resources/markets/coin_ids.csv`` (explained in the README beside it).

Tickers are no names: many coins share one. What is not in the table has no market cap here, whatever a source may call alike.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from rebalancer_gui.domain.errors import EnvironmentProblem

FILE_NAME = "coin_ids.csv"
KINDS = frozenset({"", "stable", "wrapped", "leveraged"})
_HEADER = ["asset", "coingecko", "coinpaprika", "symbols", "multiplier", "kind"]
_ASSET = re.compile(r"[A-Z0-9]{1,20}")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MULTIPLIER = re.compile(r"10*")


@dataclass(frozen=True, slots=True)
class CoinId:
    """One asset as exchanges name it. ``coingecko``, ``coinpaprika``: its id there ("" = not known). ``symbols``: what the
    sources may call it, in capitals: an id under which another ticker comes back is not this coin. One unit of the asset is
    ``multiplier`` coins; the market cap is that of the coin. ``kind``: what it follows ("" = nothing, it is a coin of its own).
    """

    asset: str
    coingecko: str
    coinpaprika: str
    symbols: frozenset[str]
    multiplier: Decimal
    kind: str


def read_coin_ids(path: Path) -> Mapping[str, CoinId]:
    """By asset. Raises EnvironmentProblem naming file and line."""
    try:
        with path.open(newline="", encoding="ascii") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(
            f"The file {path.name} cannot be read: {error}.", "Install the program again."
        ) from error
    if not rows or rows[0] != _HEADER:
        _refuse(path, 1, f"the first line must be {','.join(_HEADER)}")
    found: dict[str, CoinId] = {}
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(_HEADER):
            _refuse(path, line, f"{len(row)} columns instead of {len(_HEADER)}")
        coin = _coin(path, line, row)
        if coin.asset in found:
            _refuse(path, line, f"{coin.asset} is there twice")
        found[coin.asset] = coin
    return found


def _coin(path: Path, line: int, row: list[str]) -> CoinId:
    asset, gecko, paprika, symbols, multiplier, kind = row
    if not _ASSET.fullmatch(asset):
        _refuse(path, line, f"{asset!r} is not an asset's name in capital letters and digits")
    for source_id in (gecko, paprika):
        if source_id and not _ID.fullmatch(source_id):
            _refuse(path, line, f"{source_id!r} is not an id of small letters, digits and hyphens")
    if not _MULTIPLIER.fullmatch(multiplier):
        _refuse(path, line, f"{multiplier!r} is not 1, 10, 100 ...")
    if kind not in KINDS:
        _refuse(path, line, f"{kind!r} is not a kind")
    others = {symbol for symbol in symbols.split("|") if symbol}
    if not all(_ASSET.fullmatch(symbol) for symbol in others):
        _refuse(path, line, f"{symbols!r} are not tickers in capital letters and digits")
    factor = Decimal(multiplier)
    if factor != 1 and not others:
        _refuse(path, line, f"{asset} is a multiple of a coin whose ticker is not told")
    own = {asset} if factor == 1 else set()
    return CoinId(asset, gecko, paprika, frozenset(others | own), factor, kind)


def _refuse(path: Path, line: int, what: str) -> NoReturn:
    raise EnvironmentProblem(f"The file {path.name} is damaged in line {line}: {what}.", "Install the program again.")
