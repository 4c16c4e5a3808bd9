"""Rows of a page are made when they are looked at, once, and one that is damaged says so then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.lazy_rows import LazyRows, Raw, grouped
from rebalancer_gui.application.records import TransferRow
from rebalancer_gui.domain.errors import EnvironmentProblem
from tests.support.stored_rows import START


def lazy(amounts: Sequence[str], made: list[str]) -> LazyRows:
    def read(rows: Sequence[Raw]) -> TransferRow:
        made.append(rows[0][1])
        amount = Decimal(rows[0][1])
        return TransferRow(rows[0][0], START + timedelta(hours=rows[0][0]), "s-1", "added", "USDT", amount, amount)

    return LazyRows(Path("ledger.sqlite"), [((number, text),) for number, text in enumerate(amounts)], read)


def test_only_what_is_looked_at_is_made_and_only_once() -> None:
    made: list[str] = []
    rows = lazy(["1", "2", "3"], made)
    assert len(rows) == 3
    assert made == []
    assert rows[-1].key == rows[2].key == 2
    assert made == ["3"]
    assert [row.key for row in rows] == [0, 1, 2]
    assert made == ["3", "1", "2"]


def test_they_are_equal_to_any_rows_that_are_and_can_be_turned_round() -> None:
    rows = lazy(["1", "2"], [])
    assert rows == tuple(rows)
    assert rows != (rows[0],)
    assert [row.key for row in rows[::-1]] == [1, 0]
    assert rows != "no rows"


def test_a_row_that_cannot_be_understood_says_so_when_it_is_looked_at() -> None:
    rows = lazy(["1", "no number"], [])
    assert rows[0].key == 0
    with pytest.raises(EnvironmentProblem, match=r"ledger\.sqlite"):
        rows[1]


def test_rows_side_by_side_with_one_key_are_one_record() -> None:
    assert grouped([(3, "a"), (3, "b"), (2, "c"), (1, "d"), (1, "e")], 0) == [
        [(3, "a"), (3, "b")],
        [(2, "c")],
        [(1, "d"), (1, "e")],
    ]
    assert grouped([], 0) == []
