"""What SQLite says, in plain sentences with advice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rebalancer_gui.domain.errors import EnvironmentProblem, InvariantBroken, RebalancerError

_PRIMARY_CODE = 0xFF
"""SQLite's extended result codes carry the primary code in their lowest byte."""

RESTORE = (
    "Nothing was changed. Keep the file as it is, and put a backup in its place (folder backups) or start with another "
    "data folder."
)


def damaged(path: Path, detail: str) -> EnvironmentProblem:
    """The file's content contradicts itself or cannot be read."""
    return EnvironmentProblem(f"The file {path} is damaged ({detail}).", RESTORE)


def as_problem(error: sqlite3.Error, path: Path) -> RebalancerError:
    """``error`` as one of ours: EnvironmentProblem for disk and file, InvariantBroken for a statement of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    match code & _PRIMARY_CODE if code is not None else None:
        case sqlite3.SQLITE_FULL:
            return EnvironmentProblem(
                f"The disk is full: {path} could not be written, so nothing was sent or changed.",
                "Free some space; the program goes on as soon as it can write again.",
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return EnvironmentProblem(
                f"The file {path} cannot be written: it, its folder or its disk is read-only for you.",
                "Give yourself the right to write there, or choose another data folder.",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return EnvironmentProblem(
                f"The file {path} is in use by another program.",
                "Close the other run of Rebalancer, or the tool that has the file open, and try again.",
            )
        case sqlite3.SQLITE_NOTADB:
            return EnvironmentProblem(
                f"The file {path} is not one of Rebalancer's ledgers, or it is damaged at its very beginning.", RESTORE
            )
        case sqlite3.SQLITE_CORRUPT:
            return damaged(path, str(error))
        case sqlite3.SQLITE_IOERR:
            return EnvironmentProblem(
                f"The disk does not answer properly: reading or writing {path} failed ({error}).",
                "Check the disk and that the folder is not on a network or cloud drive.",
            )
        case sqlite3.SQLITE_CANTOPEN:
            return EnvironmentProblem(
                f"The file {path} cannot be opened ({error}).",
                "Check that its folder exists and that you may read and write there.",
            )
        case sqlite3.SQLITE_NOMEM:
            return EnvironmentProblem(
                f"There is not enough memory to work with {path}.", "Close other programs and try again."
            )
        case _:
            return InvariantBroken(f"the store refused a statement: {error}")


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Every SQLite error inside becomes one of ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise as_problem(error, path) from error


@contextmanager
def readable_rows(path: Path) -> Iterator[None]:
    """A row inside that cannot be understood means that the file was damaged or changed by somebody else."""
    try:
        yield
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise damaged(path, f"a row cannot be understood: {type(error).__name__} {error}") from error
