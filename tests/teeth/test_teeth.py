"""Teeth: bugs are planted one by one in a copy of the program, and the tests must fail of each (docs/orders.md)."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.teeth.harness import ROOT, SEEDS_TEST, WIRE_SEEDS_TEST, Bug, Copy, bugs

ALL = bugs()
QUICK = tuple(bug for bug in ALL if bug.quick)


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """One for all tests of a worker."""
    return Copy(tmp_path_factory.mktemp("teeth"))


def _each(bug: Bug) -> object:
    return pytest.param(bug, id=bug.name, marks=() if bug.quick else pytest.mark.long)


def test_there_are_forty_bugs_each_with_a_sentence_of_its_own() -> None:
    assert len(ALL) >= 40
    assert [name for name, times in Counter(bug.name for bug in ALL).items() if times > 1] == []
    assert len(QUICK) >= 12


@pytest.mark.parametrize("bug", ALL, ids=[bug.name for bug in ALL])
def test_each_bug_has_its_place_in_the_source_and_is_legal_python(bug: Bug) -> None:
    patched = bug.patched((ROOT / bug.file).read_text(encoding="utf-8"))
    compile(patched, bug.file, "exec")


@pytest.mark.parametrize("bug", ALL, ids=[bug.name for bug in ALL])
def test_each_bug_names_tests_that_are_there(bug: Bug) -> None:
    assert bug.tests or bug.seeds or bug.wire_seeds
    for test in bug.tests:
        file, _, path = test.partition("::")
        tree: ast.Module | ast.ClassDef = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        for name in path.partition("[")[0].split("::") if path else ():
            found = [n for n in tree.body if isinstance(n, (ast.ClassDef, ast.FunctionDef)) and n.name == name]
            assert found, f"{test}: there is no {name}"
            tree = found[0] if isinstance(found[0], ast.ClassDef) else tree


@pytest.mark.timeout(300)
def test_without_a_bug_the_named_tests_pass(copy: Copy) -> None:
    verdict = copy.control(QUICK)
    assert verdict.passed, verdict.output


@pytest.mark.long
@pytest.mark.timeout(600)
def test_without_a_bug_all_named_tests_pass(copy: Copy) -> None:
    verdict = copy.control(ALL)
    assert verdict.passed, verdict.output


@pytest.mark.timeout(300)
@pytest.mark.parametrize("bug", [_each(bug) for bug in ALL])
def test_a_planted_bug_is_caught(copy: Copy, bug: Bug) -> None:
    verdict = copy.run_on(bug)
    assert verdict.caught, f"{bug.name}: {verdict.when or 'nothing failed'} {verdict.kinds}\n{verdict.output}"


def _harmful(put: str) -> Bug:
    return Bug("made up", "rebalancer_gui/domain/absence.py", "ROUNDS, APART = 2,", put, (ABSENCE,))


ABSENCE = "tests/unit/domain/test_absence.py::test_two_controlled_rounds_five_seconds_apart_after_fence_and_margin_are_a_proof"


@pytest.mark.parametrize(
    "put",
    [
        "ROUNDS, APART = 2, ",
        "import nothing_of_that_name\nROUNDS, APART = 2,",
        "raise AssertionError\nROUNDS, APART = 2,",
    ],
    ids=["harmless", "import error", "an assertion while it is imported"],
)
def test_what_breaks_no_assertion_of_a_test_is_not_caught(copy: Copy, put: str) -> None:
    assert not copy.run_on(_harmful(put)).caught


def test_a_test_that_is_not_there_catches_nothing(copy: Copy) -> None:
    bug = Bug(
        "made up", "rebalancer_gui/domain/absence.py", "ROUNDS, APART = 2,", "ROUNDS, APART = 1,", ("tests/no.py",)
    )
    assert not copy.run_on(bug).caught


def test_the_copy_is_the_program_again_after_a_bug(copy: Copy) -> None:
    bug = _harmful("ROUNDS, APART = 9,")
    with copy.planted(bug):
        assert "APART = 9" in (copy.folder / bug.file).read_text(encoding="utf-8")
    copied = sorted(p.relative_to(copy.folder) for p in (copy.folder / "rebalancer_gui" / "domain").glob("*.py"))
    assert all((copy.folder / p).read_bytes() == (ROOT / p).read_bytes() for p in copied)
    assert copy.run(bug.tests).passed


def test_a_bug_whose_place_is_gone_is_said() -> None:
    bug = Bug("made up", "rebalancer_gui/domain/absence.py", "no such line", "", (ABSENCE,))
    with pytest.raises(ValueError, match=r"stands 0 times in .*the source has moved on"):
        bug.patched((ROOT / bug.file).read_text(encoding="utf-8"))


def test_the_seeds_of_sim_are_played_from_a_file_that_no_other_run_collects() -> None:
    for file in (SEEDS_TEST, WIRE_SEEDS_TEST):
        assert (ROOT / file).is_file()
        assert not Path(file).name.startswith("test_")
