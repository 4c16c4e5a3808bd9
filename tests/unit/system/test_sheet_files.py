"""CSV files appear whole or not at all, and no cell of them is a formula."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rebalancer_gui.adapters.sheet_files import CsvFiles, harmless
from rebalancer_gui.domain.errors import EnvironmentProblem


@pytest.mark.parametrize(
    "cell",
    ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "-", "+49 30 1234", "-1.2.3", "-\u0661"),
)
def test_what_begins_like_a_formula_is_made_a_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ("-12.5", "+3", "0", "-0.00000001", "BTC", "a=b", "", "2021-01-01T00:00:00Z", "'quoted")
)
def test_numbers_and_plain_words_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


def test_a_file_appears_when_it_is_finished_and_cells_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    rows = [["a", 'says "x", and', "two\nlines"], ["ä€", "-1.5", ""]]
    file = CsvFiles().begin(path)
    file.write(rows)
    assert path.read_text() == "old"
    file.finish()
    file.close()
    with path.open(encoding="utf-8", newline="") as read:
        assert list(csv.reader(read)) == rows
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


def test_a_file_that_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    file = CsvFiles().begin(tmp_path / "out.csv")
    file.write([["a"]])
    file.close()
    file.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        CsvFiles().begin(tmp_path / "none" / "out.csv")
