"""The file of ``--flows``: money put in and taken out during a backtest, ``time,amount`` a line, minus = taken out."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from rebalancer_gui.backtest.job import Flow
from rebalancer_gui.domain.errors import InvalidFile, InvalidInput
from rebalancer_gui.domain.hostile_json import plain_number
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.problems import Problem

FIELD = "flows"
HEADER = ["time", "amount"]
MOST_BYTES = 10_000_000
_MILLISECONDS = 10**11
"""A whole number from here on counts milliseconds: in seconds it would be after the year 5000."""
_MOST_NOTED = 20
_TIME_LEGAL = "a time must be ISO 8601 (2021-05-01 or 2021-05-01T12:00:00Z) or epoch seconds or milliseconds"
_AMOUNT_LEGAL = "an amount must be a plain decimal number other than 0, such as 250 or -100"


def read_flows(path: Path) -> tuple[Flow, ...]:
    """All flows of the file. Raises InvalidFile (field ``flows``) with every line that is wrong."""
    rows = _rows(path)
    if not rows or [cell.strip().lower() for cell in rows[0][1]] != HEADER:
        raise InvalidInput(FIELD, f"The first line of {path.name} must be {','.join(HEADER)}.")
    noted: list[Problem] = []
    flows = []
    for number, row in rows[1:]:
        if not row:
            continue
        if len(row) != len(HEADER):
            noted.append(Problem(FIELD, f"Line {number}: there must be a time and an amount, not {len(row)} columns."))
            continue
        at, amount = _moment(row[0].strip()), plain_number(row[1].strip())
        if at is None:
            noted.append(Problem(FIELD, f"Line {number}: {_TIME_LEGAL}, not {row[0][:40]!r}."))
        if amount is None or amount == ZERO:
            noted.append(Problem(FIELD, f"Line {number}: {_AMOUNT_LEGAL}, not {row[1][:40]!r}."))
        if at is not None and amount is not None and amount != ZERO:
            flows.append(Flow(at, float(amount)))
    if noted:
        more = len(noted) - _MOST_NOTED
        rest = [Problem(FIELD, f"{more} more lines are wrong.")] if more > 0 else []
        raise InvalidFile((*noted[:_MOST_NOTED], *rest))
    return tuple(flows)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput(FIELD, f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidInput(FIELD, f"{str(path)!r} is no file name.") from error
    if len(raw) > MOST_BYTES:
        raise InvalidInput(FIELD, f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB, the most that is read.")
    try:
        reader = csv.reader(raw.decode("utf-8-sig").splitlines())
        return [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(FIELD, f"{path.name} is not a CSV file in UTF-8.") from error


def _moment(text: str) -> int | None:
    """Epoch seconds; a time without an offset is UTC."""
    if text.isascii() and text.isdigit() and len(text) <= 15:
        count = int(text)
        return count // 1000 if count >= _MILLISECONDS else count
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp())
