"""docs/failures.md is made from the table of failures and from the marks in the source of the tests."""

import textwrap
from pathlib import Path

import pytest

import failure_table
from failure_table import Marked
from registries import FAILURES, Registry, Row

SOURCE = """
    import pytest

    @pytest.mark.failure(1, 2)
    def test_an_order_is_found(): ...

    @pytest.mark.parametrize("n", (1, pytest.param(2, marks=pytest.mark.failure(3))))
    async def test_with_a_parameter(n): ...

    @pytest.mark.failure(4)
    class TestMany:
        def test_first(self): ...

        @pytest.mark.failure(1)
        def test_second(self): ...

        def helper(self): ...

    @pytest.mark.rule("5")
    def test_of_a_rule(): ...

    @pytest.mark.failure(1)
    def helper(): ...
"""

WHOLE = """
    import pytest

    pytestmark = [pytest.mark.e2e, pytest.mark.failure(2)]

    @pytest.mark.failure(2)
    def test_twice_said(): ...
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tests" / "unit"
    folder.mkdir(parents=True)
    (folder / "test_a.py").write_text(textwrap.dedent(SOURCE), encoding="utf-8")
    (folder / "test_b.py").write_text(textwrap.dedent(WHOLE), encoding="utf-8")
    return tmp_path


def test_marks_are_read_from_the_source_of_tests_classes_parameters_and_files(tree: Path) -> None:
    found = failure_table.marked_tests(tree)

    first, second = "tests/unit/test_a.py", "tests/unit/test_b.py"
    assert found == {
        "1": [Marked(first, "test_an_order_is_found"), Marked(first, "test_second")],
        "2": [Marked(first, "test_an_order_is_found"), Marked(second, ""), Marked(second, "test_twice_said")],
        "3": [Marked(first, "test_with_a_parameter")],
        "4": [Marked(first, "test_first"), Marked(first, "test_second")],
    }


def test_a_row_of_the_page_says_what_fails_what_happens_and_which_tests_show_it(tree: Path) -> None:
    rows = [
        Row("1", "A", "It times out.", then="It is | found."),
        Row("2", "A", "It is lost.", then="It is planned anew."),
        Row("5", "A", "It is cut off.", later="real exchanges", then="It is unknown."),
        Row("6", "A", "It burns.", then="It is put out."),
    ]
    registry = Registry(FAILURES, {"A": "Network"}, {row.id: row for row in rows})

    lines = failure_table.page(registry, failure_table.marked_tests(tree)).splitlines()

    assert "## A. Network" in lines
    assert [line for line in lines if line.startswith(("| 1", "| 2", "| 5", "| 6"))] == [
        "| 1 | It times out. | It is \\| found. | `unit/test_a.py`: an order is found; second |",
        "| 2 | It is lost. | It is planned anew. | `unit/test_a.py`: an order is found<br>`unit/test_b.py`: all tests |",
        "| 5 | It is cut off. | It is unknown. | *waits for: real exchanges* |",
        "| 6 | It burns. | It is put out. | **none yet** |",
    ]
