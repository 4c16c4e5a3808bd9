"""What SQLite says, in plain sentences with advice."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from rebalancer_gui.domain.errors import (
    FileDamaged,
    InvariantBroken,
    RebalancerError,
    StoreUnavailable,
)

_PRIMARY_CODE = 0xFF
"""SQLite's extended result codes carry the primary code in their lowest byte."""
_SIDE_FILE_BYTES = 64 * 1024
"""Room that SQLite needs beside the file before it can even look at it."""

RESTORE = (
    "Nothing was changed in it. `rebalancer account restore` puts the newest good backup in its place, or begins a new "
    "ledger from what the exchange holds; the damaged file is kept."
)


_FULL = (
    "The disk is full: {path} could not be written.",
    "Free some space: a program that runs goes on by itself, one that has ended goes on where it stopped.",
)
_READ_ONLY = (
    "The file {path} cannot be written: it, its folder or its disk is read-only for you.",
    "Give yourself the right to write there, or choose another data folder.",
)
_IN_USE = (
    "The file {path} is in use by another program.",
    "Close the other run of Rebalancer, or the tool that has the file open, and try again.",
)
_SAYINGS = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _IN_USE,
    sqlite3.SQLITE_LOCKED: _IN_USE,
    sqlite3.SQLITE_CORRUPT: ("The file {path} is damaged ({error}).", RESTORE),
    sqlite3.SQLITE_NOTADB: (
        "The file {path} is not one of Rebalancer's ledgers, or it is damaged at its very beginning.",
        RESTORE,
    ),
    sqlite3.SQLITE_IOERR: (
        "The disk does not answer properly: reading or writing {path} failed ({error}).",
        "Check the disk and that the folder is not on a network or cloud drive.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The file {path} cannot be opened ({error}).",
        "Check that its folder exists and that you may read and write there.",
    ),
    sqlite3.SQLITE_NOMEM: (
        "There is not enough memory to work with {path}.",
        "Close other programs and try again.",
    ),
}
"""Message and advice by SQLite's primary result code."""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def damaged(path: Path, detail: str) -> FileDamaged:
    """The file's content contradicts itself or cannot be read."""
    return FileDamaged(f"The file {path} is damaged ({detail}).", RESTORE, path=str(path))


def as_problem(error: sqlite3.Error, path: Path) -> RebalancerError:
    """``error`` as one of ours: FileDamaged, StoreUnavailable for what may pass, InvariantBroken for a statement of ours."""
    extended: int | None = getattr(error, "sqlite_errorcode", None)
    if extended is None and isinstance(error, sqlite3.OperationalError):
        # Python itself raises this for a text in the file that is not UTF-8.
        return damaged(path, str(error))
    code = None if extended is None else extended & _PRIMARY_CODE
    if code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN} and _is_full(path):
        # SQLite has no better word for a full disk where it makes its side files.
        code = sqlite3.SQLITE_FULL
    if code not in _SAYINGS:
        return InvariantBroken(f"the store refused a statement: {error}")
    message, advice = _SAYINGS[code]
    said = message.format(path=path, error=error)
    return FileDamaged(said, advice, path=str(path)) if code in _DAMAGED else StoreUnavailable(said, advice)


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _SIDE_FILE_BYTES
    except OSError:
        return False


class plain_errors:  # noqa: N801 - used as a word: `with plain_errors(path):`
    """Every SQLite error inside becomes one of ours. A class, because it stands around every single statement, where a
    generator costs as much as many a statement itself.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        if isinstance(error, sqlite3.Error):
            raise as_problem(error, self._path) from error
        if isinstance(error, UnicodeDecodeError):
            raise damaged(self._path, f"a text is not UTF-8: {error.reason}") from error


@contextmanager
def readable_rows(path: Path) -> Iterator[None]:
    """A row inside that cannot be understood means that the file was damaged or changed by somebody else."""
    try:
        yield
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise damaged(path, f"a row cannot be understood: {type(error).__name__} {error}") from error
