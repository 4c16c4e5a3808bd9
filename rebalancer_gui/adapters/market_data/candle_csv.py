"""Candle files from outside: what each column was taken for is told, and what cannot be read surely is refused.

    file = read_candles(Path("BTCUSDT-1h-2024-01.csv"))     # CandleFile, or InvalidInput("candles") with line and field
    file = read_candles([btc, eth], wanted=("BTC/USDT", "ETH/USDT"), quote="USDT")

A row without a price (empty, nan, null, 0) and a row that contradicts itself are left out, as a gap, and counted; a
negative price, words for a number and two different candles of one time are refused.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path

from rebalancer_gui.adapters.market_data.candle_cells import NumberStyle, style_of
from rebalancer_gui.adapters.market_data.candle_columns import (
    LEGAL,
    PRICES,
    Columns,
    by_header,
    is_header,
    without_header,
)
from rebalancer_gui.adapters.market_data.candle_gather import Gathered
from rebalancer_gui.adapters.market_data.candle_rows import RowReader
from rebalancer_gui.adapters.market_data.candle_symbols import symbol_in, symbol_in_file_name
from rebalancer_gui.domain.candle_words import words_of_time
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput

Progress = Callable[[int, int], None]
"""``progress(done, total)`` in bytes, now and then; what it raises ends the reading (that is how one cancels)."""
_LINES_A_FILE = 10**10
_EACH = 20_000
_LONGEST_LINE = 100_000
_SAMPLE = 500
_BEFORE_HEADER = 5
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class CandleFile:
    """What was read. ``series`` by symbol, in the order of the file.

    ``mapping``: what was taken for what, a sentence for each file; ``findings``: what was mended, left out or is worth
    knowing, as sentences.
    """

    series: Mapping[str, CandleSeries]
    mapping: tuple[str, ...]
    findings: tuple[str, ...]


def read_candles(
    path: Path | Sequence[Path],
    *,
    symbol: str = "",
    wanted: Collection[str] = (),
    timeframe: timedelta | None = None,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> CandleFile:
    """Files, and all ``*.csv`` of folders, read as one; streamed. InvalidInput("candles") refuses all of it.

    ``symbol`` (``BTC/USDT``) is taken where the file has no such column; without it the file's name tells. ``wanted``
    settles names that can be read in two ways (``BNBUSD``); symbols that are not among them are read all the same.
    ``timeframe``: the length of a bar where the rows cannot tell it (one row), else it must agree with them. ``now``:
    candles that are not over by then are left out.
    """
    paths = _files(path)
    findings: list[str] = []
    mapping: list[str] = []
    gathered: dict[str, Gathered] = {}
    total, done = sum(_size(file) for file in paths), 0
    for number, file in enumerate(paths):
        told = (lambda at, before=done: progress(before + at, total)) if progress is not None else None
        source = _Source(file, f"{file.name}: " if len(paths) > 1 else "", told)
        source.read_into(gathered, findings, mapping, symbol, wanted, number * _LINES_A_FILE)
        done += _size(file)

    def place(line: int) -> str:
        number, row = divmod(line, _LINES_A_FILE)
        return f"line {row} of {paths[number].name}" if len(paths) > 1 else f"line {row}"

    series: dict[str, CandleSeries] = {}
    for name in sorted(gathered, key=lambda name: len(gathered[name]) < 2):
        rows = gathered[name]
        if not len(rows):
            findings.append(f"{name}: no row has a price.")
            continue
        rows.in_order(place, findings)
        length = rows.timeframe(place, timeframe or next((s.timeframe for s in series.values()), None))
        _leave_unfinished(rows, length, now, findings)
        if len(rows):
            series[name] = rows.series(length)
    if not series:
        raise InvalidInput("candles", "There is no candle in it.")
    return CandleFile({name: series[name] for name in gathered if name in series}, tuple(mapping), tuple(findings))


def _leave_unfinished(rows: Gathered, length: timedelta, now: datetime | None, findings: list[str]) -> None:
    if now is None:
        return
    over = int(now.timestamp() - length.total_seconds())
    kept = len(rows)
    while kept and rows.opened[kept - 1] > over:
        kept -= 1
    if kept < len(rows):
        at = words_of_time(rows.opened[kept])
        findings.append(f"{rows.symbol}: what begins at {at} or later is not over yet and was left out.")
        rows.keep(range(kept))


def _files(path: Path | Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for place in [path] if isinstance(path, Path) else path:
        try:
            inside = sorted(place.iterdir()) if place.is_dir() else None
        except OSError as error:
            raise _unreadable(place, error) from error
        found += [place] if inside is None else [file for file in inside if file.suffix.lower() == ".csv"]
    if not found:
        raise InvalidInput("candles", "There is no candle file (*.csv) there.")
    return list(dict.fromkeys(found))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError) -> InvalidInput:
    return InvalidInput("candles", f"{file.name} cannot be read: {error.strerror or error}.")


class _Source:
    """One file: its letters, its parting, its columns, then its rows."""

    def __init__(self, path: Path, before: str, told: Callable[[int], None] | None) -> None:
        """``before`` stands before what is said of it; ``told`` hears of the bytes read."""
        self._path, self._before, self._told = path, before, told

    def read_into(
        self,
        gathered: dict[str, Gathered],
        findings: list[str],
        mapping: list[str],
        symbol: str,
        wanted: Collection[str],
        first_line: int,
    ) -> None:
        try:
            with self._path.open("rb") as binary:
                text = io.TextIOWrapper(binary, encoding=_encoding(binary), newline="")
                reader, sample, delimiter = self._sampled(text)
                columns, style, rest = self._understood(sample, delimiter)
                if "symbol" not in columns.at:
                    symbol = symbol or self._symbol(wanted)
                elif rest:
                    symbol = symbol_in(rest[0][1][columns.at["symbol"]], wanted) or ""
                columns = columns.for_base(symbol.partition("/")[0])
                rows = RowReader(columns, style, gathered, symbol=symbol, wanted=wanted, first_line=first_line)
                rows.read(self._watched(chain(rest, _numbered(reader)), binary))
        except OSError as error:
            raise _unreadable(self._path, error) from error
        except UnicodeDecodeError as error:
            raise self._refused("It is not UTF-8 text. Save it as UTF-8.") from error
        except csv.Error as error:
            raise self._refused(f"It is not a CSV file: {error}.") from error
        except InvalidInput as refusal:
            raise self._refused(refusal.message) from refusal
        else:
            findings += [self._before + sentence for sentence in rows.finish()]
            mapping.append(self._words(columns, rows, style, symbol))

    def _refused(self, message: str) -> InvalidInput:
        return InvalidInput("candles", self._before + message)

    def _symbol(self, wanted: Collection[str]) -> str:
        found = symbol_in_file_name(self._path.stem, wanted)
        if found is None:
            raise InvalidInput(
                "candles",
                f"There is no column symbol, and the name {self._path.name} does not tell one market surely. Name the file"
                " like BTC-USDT.csv, or add the column.",
            )
        return found

    def _sampled(self, text: io.TextIOWrapper) -> tuple[Iterator[list[str]], list[tuple[int, list[str]]], str]:
        """A reader of the rows behind the sample, the sample with line numbers, and the delimiter."""
        lines = _short_lines(text)
        head = list(islice(lines, _BEFORE_HEADER + 1))
        if not any(line.strip() for line in head):
            raise InvalidInput("candles", "It is empty.")
        last = [line for line in head if line.strip()][-1]
        delimiter = max(_DELIMITERS, key=lambda mark: last.count(mark) if mark != "," else last.count(mark) - 0.5)
        reader = csv.reader(chain(head, lines), delimiter=delimiter, strict=True)
        sample = list(islice(_numbered(reader), _SAMPLE))
        return reader, sample, delimiter

    @staticmethod
    def _understood(
        sample: list[tuple[int, list[str]]], delimiter: str
    ) -> tuple[Columns, NumberStyle, list[tuple[int, list[str]]]]:
        filled = [(line, row) for line, row in sample if any(cell.strip() for cell in row)]
        columns: Columns | None = None
        for position, (line, row) in enumerate(filled[:_BEFORE_HEADER]):
            if is_header(row):
                columns, filled = by_header(row, line), filled[position + 1 :]
                break
        else:
            # Remarks before the figures have one cell.
            while len(filled) > 1 and len(filled[0][1]) == 1:
                filled = filled[1:]
            same = [row for _, row in filled if len(row) == len(filled[0][1])]
            columns = without_header(same, delimiter)
        if columns is None:
            raise InvalidInput(
                "candles",
                f"Line {filled[0][0]}: neither a header with the names {LEGAL}, nor the figures of an exchange's export.",
            )
        places = [columns.at[name] for name in PRICES]
        cells = [row[i] for _, row in filled if len(row) >= columns.width for i in places]
        style = style_of(cells, delimiter)
        if style is None:
            raise InvalidInput(
                "candles",
                "The numbers can be read in two ways (1.234 or 1,234: a thousand, or a little over one?). Save them with a"
                " decimal point and without marks for thousands.",
            )
        return columns, style, filled

    def _watched(
        self, rows: Iterator[tuple[int, list[str]]], binary: io.BufferedReader
    ) -> Iterator[tuple[int, list[str]]]:
        if self._told is None:
            yield from rows
            return
        while some := list(islice(rows, _EACH)):
            yield from some
            self._told(binary.tell())

    def _words(self, columns: Columns, rows: RowReader, style: NumberStyle, symbol: str) -> str:
        said = dict(columns.said)
        if "symbol" not in said:
            said["symbol"] = f"{symbol} for all rows"
        ways = rows.ways
        parts = [f"{meaning} = {column}" for meaning, column in said.items()]
        unused = f"; not used: {', '.join(columns.unused)}" if columns.unused else ""
        numbers = "" if style is NumberStyle.POINT else f"; numbers like {style.value}"
        volume = "" if "volume" in said else "; there is no volume"
        return (
            f"{self._before}Read as {columns.words}: {', '.join(parts)} ({', '.join(ways)}){numbers}{volume}{unused}."
        )


def _encoding(binary: io.BufferedReader) -> str:
    start = binary.peek(4)[:4]
    return "utf-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def _short_lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise InvalidInput(
                "candles", f"Line {number} has more than {_LONGEST_LINE} letters: this is no candle file."
            )
        yield line


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for row in reader:
        yield reader.line_num, row  # type: ignore[attr-defined]
