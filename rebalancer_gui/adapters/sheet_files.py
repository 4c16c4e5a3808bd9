"""CSV files that are written row by row and appear whole or not at all."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rebalancer_gui.adapters.storage.safe_files import sync_folder
from rebalancer_gui.domain.errors import EnvironmentProblem

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def harmless(cell: str) -> str:
    """``cell`` so that no spreadsheet runs it: names and sentences in a record may come from anybody. Numbers stay numbers."""
    if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


class CsvFile:
    """One file; rows are written as they come. ``newline`` as RFC 4180 has it, UTF-8."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.part")
        self._open = False
        with self._problems():
            self._file = self._draft.open("w", encoding="utf-8", newline="")
        self._open = True
        self._writer = csv.writer(self._file)

    def write(self, rows: Iterable[Sequence[str]]) -> None:
        with self._problems():
            self._writer.writerows([harmless(cell) for cell in row] for row in rows)

    def finish(self) -> None:
        with self._problems():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._draft.replace(self._path)
            self._open = False
            sync_folder(self._path.parent)

    def close(self) -> None:
        if self._open:
            self._open = False
            with self._problems():
                try:
                    self._file.close()
                finally:
                    self._draft.unlink(missing_ok=True)

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EnvironmentProblem(
                f"The file {self._path} cannot be written: {error.strerror or error}.",
                "Choose another folder, or free some space, and export again.",
            ) from error


class CsvFiles:
    """`application.record_port.SheetWriter`."""

    def begin(self, path: Path) -> CsvFile:
        return CsvFile(path)
