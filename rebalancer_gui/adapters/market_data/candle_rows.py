"""The rows of a candle file, one by one: a fast way for what is in order, a thorough one that says what is wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, MutableMapping, Sequence
from typing import NoReturn

from rebalancer_gui.adapters.market_data.candle_cells import EARLIEST, LATEST, NOTHING, NumberStyle, number_in, time_in
from rebalancer_gui.adapters.market_data.candle_columns import PRICES, Columns
from rebalancer_gui.adapters.market_data.candle_gather import Gathered
from rebalancer_gui.adapters.market_data.candle_symbols import symbol_in
from rebalancer_gui.domain.errors import InvalidInput

MAX_SYMBOLS = 500
_NEARLY = 1e-6
"""A close beyond high or low by no more than this part of it is the rounding of the export."""
_MOST_WRONG = 0.01
_FEW = 10
_SHOWN = 40
_NO_PRICE = "no price"
_ZERO = "a price of 0"
_AT_ODDS = "prices that contradict each other"
_NO_VOLUME = "no volume"


class RowReader:
    """Reads the rows of one file into ``gathered`` (by symbol). InvalidInput("candles") names line and column."""

    def __init__(
        self,
        columns: Columns,
        style: NumberStyle,
        gathered: MutableMapping[str, Gathered],
        *,
        symbol: str,
        wanted: Collection[str],
        first_line: int,
    ) -> None:
        """``symbol`` of a file without that column; ``first_line`` is added to every line number that is stored."""
        self._columns, self._style = columns, style
        self._gathered = gathered
        self._symbol, self._wanted = symbol, wanted
        self._base_line = first_line
        self._targets: dict[str, Gathered] = {}
        self._time_words: Counter[str] = Counter()
        self._rows = 0
        self._left_out: Counter[str] = Counter()
        self._first: dict[str, tuple[int, str]] = {}

    def read(self, numbered: Iterable[tuple[int, Sequence[str]]]) -> None:
        """All rows, each with its line number."""
        at, width, plain = self._columns.at, self._columns.width, self._style is NumberStyle.POINT
        t, o, h, l, c = (at[name] for name in ("time", *PRICES))  # noqa: E741
        v, s = at.get("volume", -1), at.get("symbol", -1)
        targets, infinity, before = self._targets, math.inf, self._base_line
        for line, row in numbered:
            if len(row) != width:
                if not any(row):
                    continue
                if len(row) != width + 1 or row[-1]:
                    self._refuse(line, f"{len(row)} cells stand there instead of {width}.")
            self._rows += 1
            target = targets.get(row[s] if s >= 0 else "")
            if target is None:
                target = self._target(line, row[s] if s >= 0 else "")
            time = row[t]
            moment = int(time) if len(time) == 10 and time.isdecimal() else self._time(line, time)
            if not EARLIEST <= moment < LATEST:
                self._refuse_time(line, time)
            if plain and "_" not in row[o] + row[h] + row[l] + row[c]:
                try:
                    opened, high, low, close = float(row[o]), float(row[h]), float(row[l]), float(row[c])
                    volume = float(row[v]) if v >= 0 else 0.0
                except ValueError:
                    opened = high = low = close = volume = -1.0
                if 0.0 < low <= opened <= high < infinity and low <= close <= high and 0.0 <= volume < infinity:
                    add_open, add_high, add_low, add_close, add_volume = target.add
                    target.opened.append(moment)
                    add_open(opened)
                    add_high(high)
                    add_low(low)
                    add_close(close)
                    add_volume(volume)
                    target.lines.append(before + line)
                    continue
            self._thorough(target, line, moment, row)

    def _target(self, line: int, cell: str) -> Gathered:
        symbol = self._symbol
        if "symbol" in self._columns.at:
            found = symbol_in(cell, self._wanted)
            if found is None:
                self._refuse(line, f"symbol: {_shown(cell)} is no market. Write it with a slash, like BTC/USDT.")
            symbol = found
            only = self._columns.only_base
            if only and not symbol.startswith(f"{only}/"):
                self._refuse(line, f"volume: it is counted in {only}, but this row is of {symbol}.")
        target = self._gathered.get(symbol)
        if target is None:
            if len(self._gathered) >= MAX_SYMBOLS:
                self._refuse(line, f"There are more than {MAX_SYMBOLS} symbols.")
            target = self._gathered[symbol] = Gathered(symbol)
        self._targets[cell] = target
        return target

    def _time(self, line: int, cell: str) -> int:
        found = time_in(cell)
        if found is None:
            self._refuse_time(line, cell)
        moment, words = found
        self._time_words[words] += 1
        return moment

    def _refuse_time(self, line: int, cell: str) -> NoReturn:
        self._refuse(
            line,
            f"time: {_shown(cell)} cannot be read surely. Legal are ISO times (2024-01-31T13:00:00Z) and epoch seconds,"
            " milliseconds or microseconds, from 2009 to 2099.",
        )

    def _thorough(self, target: Gathered, line: int, moment: int, row: Sequence[str]) -> None:
        cells = {name: row[self._columns.at[name]] for name in PRICES}
        missing = [name for name, cell in cells.items() if cell.strip().lower() in NOTHING]
        prices = {name: self._number(line, name, cell) for name, cell in cells.items() if name not in missing}
        below = [name for name, price in prices.items() if price < 0]
        if below:
            self._refuse(line, f"{below[0]}: {cells[below[0]]} is below zero; a price must be above it.")
        zero = [name for name, price in prices.items() if price == 0]
        if missing or zero:
            self._note(_NO_PRICE if missing else _ZERO, line, (missing or zero)[0])
            return
        low, high = prices["low"], prices["high"]
        ends = prices["open"], prices["close"]
        if low > high or min(ends) < low * (1 - _NEARLY) or max(ends) > high * (1 + _NEARLY):
            wrong = "high" if low > high else "open" if not low <= prices["open"] <= high else "close"
            self._note(_AT_ODDS, line, wrong)
            return
        volume = self._volume(line, row)
        low, high = min(low, *ends), max(high, *ends)
        target.append(moment, prices["open"], high, low, prices["close"], volume, self._base_line + line)

    def _volume(self, line: int, row: Sequence[str]) -> float:
        index = self._columns.at.get("volume")
        if index is None:
            return 0.0
        if row[index].strip().lower() in NOTHING:
            self._note(_NO_VOLUME, line, "volume")
            return 0.0
        volume = self._number(line, "volume", row[index])
        if volume < 0:
            self._refuse(line, f"volume: {row[index]} is below zero.")
        return volume

    def _number(self, line: int, name: str, cell: str) -> float:
        number = number_in(cell, self._style)
        if number is None or not math.isfinite(number):
            self._refuse(line, f"{name}: {_shown(cell)} is no number written like {self._style.value}.")
        return number

    def _note(self, what: str, line: int, name: str) -> None:
        self._left_out[what] += 1
        self._first.setdefault(what, (line, name))

    def finish(self) -> list[str]:
        """What was left out, as sentences. InvalidInput where so many rows contradict themselves that a column must be wrong."""
        at_odds = self._left_out[_AT_ODDS]
        if at_odds > _FEW and at_odds > self._rows * _MOST_WRONG:
            line, name = self._first[_AT_ODDS]
            self._refuse(
                line,
                f"{name}: open, high, low and close contradict each other here and in {at_odds - 1} more rows. Look whether"
                " the columns are named rightly.",
            )
        found = []
        for what, count in sorted(self._left_out.items()):
            line, name = self._first[what]
            rows = "row has" if count == 1 else "rows have"
            done = "0 was taken" if what == _NO_VOLUME else "left out, as a gap"
            found.append(f"{count} {rows} {what}, first in line {line} ({name}): {done}.")
        if len(self.ways) > 1:
            found.append(f"Times are written in several ways ({', '.join(self.ways)}); each was read as it is.")
        return found

    @property
    def ways(self) -> list[str]:
        """In which times are written."""
        plain = self._rows > sum(self._time_words.values())
        return sorted({*self._time_words, *(("epoch seconds",) if plain else ())})

    def _refuse(self, line: int, message: str) -> NoReturn:
        raise InvalidInput("candles", f"Line {line}: {message}")


def _shown(cell: str) -> str:
    text = cell.strip()
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
