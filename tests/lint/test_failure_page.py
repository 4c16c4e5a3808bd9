"""docs/failures.md says what the tests show now, and no row that needs a test is without a marked one."""

from pathlib import Path

import failure_table
import registries

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_failures_is_up_to_date() -> None:
    written = (ROOT / failure_table.PAGE).read_text(encoding="utf-8")

    assert written == failure_table.text_of(ROOT), "make it anew: python3 packaging/failure_table.py"


def test_each_row_that_does_not_wait_has_a_marked_test_and_none_that_waits_has_one() -> None:
    found = registries.load(registries.FAILURES, ROOT).compare(failure_table.marked_tests(ROOT).keys())

    assert found.problems == []
