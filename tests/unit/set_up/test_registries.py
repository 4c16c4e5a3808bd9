"""A full test run says which rules and which rows of the table of failures no passing test shows: it is not good then."""

from collections.abc import Callable
from pathlib import Path

import pytest

import gates
import private_env
import registries
from registries import FAILURES, RULES, Registry, RegistryError, Row

TREE = Path(__file__).resolve().parents[3]

REPORT = """
    <testsuites><testsuite>
      <testcase classname="a" name="passed"><properties>
        <property name="rule" value="1.1"/><property name="rule" value="1.2"/><property name="failure" value="9"/>
      </properties></testcase>
      <testcase classname="a" name="failed"><properties><property name="rule" value="2.1"/></properties>
        <failure message="no"/></testcase>
      <testcase classname="a" name="skipped"><properties><property name="rule" value="2.2"/></properties>
        <skipped message="no"/></testcase>
      <testcase classname="a" name="broken"><properties><property name="rule" value="2.3"/></properties>
        <error message="no"/></testcase>
      <testcase classname="a" name="cleaned_up_badly"><properties><property name="rule" value="2.4"/></properties>
      </testcase>
      <testcase classname="a" name="cleaned_up_badly"><error message="at teardown"/></testcase>
    </testsuite></testsuites>"""


@pytest.fixture
def registry(tmp_path: Path) -> Callable[..., Path]:
    """Write a registry of rules of the given lines; the answer is the tree in which it stands."""
    (tmp_path / "tests").mkdir()

    def write(*rules: str, sections: str = '"1" = "One"') -> Path:
        lines = ["[sections]", sections, "[rules]", *rules]
        (tmp_path / "tests" / "rules.toml").write_text("\n".join(lines), encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def report(tmp_path):
    file = tmp_path / "report.xml"
    file.write_text(REPORT, encoding="utf-8")
    return file


def test_the_registry_of_this_tree_is_sound_and_names_every_section():
    rules = registries.load(RULES, TREE).rows

    assert {rule.section for rule in rules.values()} == {
        "1", "2", "3", "3a", "4", "5", "6", "7", "8", "9", "10", "11", "11a", "12",
    }  # fmt: skip
    assert {"4.3", "12.1", "12.7"} <= set(rules)


def test_the_table_of_failures_of_this_tree_has_the_rows_1_to_58_in_its_six_sections():
    failures = registries.load(FAILURES, TREE)

    assert list(failures.sections) == ["A", "B", "C", "D", "E", "F"]
    assert list(failures.rows) == [str(n) for n in range(1, 59)]
    assert [failures.rows[n].section for n in ("1", "27", "34", "42", "47", "57", "54")] == list("ABCDEEF")
    assert all(row.then for row in failures.rows.values())


def row(name: str, sentence: str = "It holds.", later: str = "") -> Row:
    return Row(name, name.partition(".")[0], sentence, later)


def registry_of(*rows: Row) -> Registry:
    return Registry(RULES, {"1": "One"}, {one.id: one for one in rows})


def test_only_tests_that_passed_from_beginning_to_end_show_their_rules(report):
    assert registries.shown_by(report, RULES) == {"1.1", "1.2"}
    assert registries.shown_by(report, FAILURES) == {"9"}


def test_a_suite_that_died_without_a_report_shows_nothing(tmp_path):
    assert registries.shown_by(tmp_path / "none.xml", RULES) == set()


def test_rules_are_sorted_into_shown_missing_waiting_and_overdue():
    rules = registry_of(row("1.1"), row("1.2"), row("1.3", later="keys"), row("1.4", later="keys"))

    found = rules.compare({"1.1", "1.4"})

    assert [[r.id for r in part] for part in (found.shown, found.missing, found.waiting, found.overdue)] == [
        ["1.1"], ["1.2"], ["1.3"], ["1.4"],
    ]  # fmt: skip
    assert len(found.problems) == 2
    assert found.problems[0].endswith(": 1.2")
    assert found.problems[1].endswith(": 1.4")


def test_the_answer_lists_what_waits_and_what_is_missing_with_its_sentence():
    rules = registry_of(row("1.2", "B holds."), row("1.3", "C holds.", "live keys"))

    summary, *rest = rules.compare([]).lines()

    assert "0 shown by a passing test, 1 without one, 1 wait" in summary
    assert [" ".join(line.split()) for line in rest] == [
        "waits 1.3 C holds. (for: live keys)",
        "MISSING 1.2 B holds.",
    ]


def test_an_unknown_id_is_answered_with_the_ids_of_its_section(registry):
    rules = registries.load(RULES, registry('"1.1" = "A."', '"1.1b" = "B."'))

    assert rules.problem_with("1.1b") == ""
    assert "section 1 has 1.1, 1.1b" in rules.problem_with("1")
    assert "there is no section '7'" in rules.problem_with("7.3")


def test_a_failure_is_named_by_its_number_as_a_number_or_as_text():
    failures = registries.load(FAILURES, TREE)

    assert failures.problem_with(18) == failures.problem_with("18") == ""
    for wrong in (0, 59, True, 1.0, "18 "):
        assert "names no failure of tests/failures.toml" in failures.problem_with(wrong)


@pytest.mark.parametrize(
    ("line", "says"),
    (
        ('"2.1" = "In no section."', '"2.1" is not the number of a rule'),
        ('"1" = "A section."', '"1" is not the number of a rule'),
        ('"1.1" = ""', 'rule "1.1": a sentence is wanted'),
        ('"1.1" = 5', 'rule "1.1": a sentence is wanted'),
        ('"1.1" = { text = "A.", later = "" }', 'rule "1.1": a sentence is wanted'),
        ('"1.1" = { text = "A.", latter = "x" }', 'rule "1.1": a sentence is wanted'),
        ('"1.1" = "A."\n"1.1" = "B."', "rules.toml: "),
        ("", "section 1 has no rule"),
    ),
)
def test_a_registry_that_makes_no_sense_is_refused_with_the_rule_named(registry, line, says):
    with pytest.raises(RegistryError, match=says):
        registries.load(RULES, registry(line))


@pytest.mark.parametrize(
    ("lines", "says"),
    (
        (['[failures.A]', '1 = { fails = "a" }'], "failure 1: "),
        (['[failures.A]', '1 = "a"'], "failure 1: "),
        (['[failures.A]', 'one = { fails = "a", then = "b" }'], "failure one: "),
        (['[failures.A]', '1 = { fails = "a", then = "b", later = "" }'], "failure 1: "),
        (['[failures.A]', '1 = { fails = "a", then = "b", why = "c" }'], "failure 1: "),
        (['[failures.B]', '1 = { fails = "a", then = "b" }'], '"1" is not the number of a failure'),
        (['[failures]', 'A = "a"'], "has no rows"),
        (
            ['B = "b"', '[failures.A]', '1 = { fails = "a", then = "b" }', '[failures.B]', '1 = { fails = "a", then = "b" }'],
            "failure 1 stands there twice",
        ),
        ([], "section A has no failure"),
    ),
)  # fmt: skip
def test_a_table_of_failures_that_makes_no_sense_is_refused_with_the_row_named(tmp_path, lines, says):
    file = tmp_path / "failures.toml"
    file.write_text("\n".join(["[sections]", 'A = "a"', *lines]), encoding="utf-8")

    with pytest.raises(RegistryError, match=says):
        registries.load_file(FAILURES, file)


def judged(tree: Path, tally: gates.Tally, capsys: pytest.CaptureFixture[str]) -> str:
    gates._judge(RULES, tree, tally)
    return capsys.readouterr().out


def test_a_run_that_shows_every_rule_is_good(registry, report, capsys):
    tally = gates.Tally()
    tally.add_report(report)

    said = judged(registry('"1.1" = "A."', '"1.2" = "B."', '"1.3" = { text = "C.", later = "keys" }'), tally, capsys)

    assert tally.problems == []
    assert "ok     rules" in said
    assert "1.3     C. (for: keys)" in said


def test_a_run_with_a_rule_that_nothing_shows_is_not_good_and_names_it(registry, report, capsys):
    tally = gates.Tally()
    tally.add_report(report)

    said = judged(registry('"1.1" = "A."', '"1.3" = "C holds."'), tally, capsys)

    assert tally.problems == ["rules of the behaviour specification without a passing test: 1.3"]
    assert "FAILED rules" in said
    assert "MISSING  1.3     C holds." in said


def test_rules_are_shown_by_all_suites_together(registry, report, tmp_path, capsys):
    other = tmp_path / "other.xml"
    other.write_text(REPORT.replace('value="1.1"', 'value="1.3"'), encoding="utf-8")
    tally = gates.Tally()
    tally.add_report(report)
    tally.add_report(other)

    judged(registry('"1.1" = "A."', '"1.3" = "C."'), tally, capsys)

    assert tally.problems == []


def test_a_run_that_left_a_suite_out_names_the_rules_but_does_not_judge(registry, capsys, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    tally = gates.Tally()
    gates._leave_out(gates.Suite("window", ()), "no display", tally)

    said = judged(registry('"1.1" = "A holds."'), tally, capsys)

    assert tally.problems == []
    assert "not judged, for a suite was left out (window)" in said
    assert "MISSING  1.1     A holds." in said


def test_a_broken_registry_makes_the_run_not_good(registry, capsys):
    tally = gates.Tally()

    said = judged(registry('"1.1" = 5'), tally, capsys)

    assert tally.problems == ["tests/rules.toml"]
    assert 'rule "1.1"' in said


@pytest.mark.parametrize(("arguments", "asked"), (([], True), (["tests/unit"], False), (["-k", "planning"], False)))
def test_only_a_whole_run_is_judged(monkeypatch, capsys, arguments, asked):
    judgements = []
    monkeypatch.setattr(gates, "ensure", lambda env: None)
    monkeypatch.setattr(gates, "_static", lambda env, tally, *, wheel: None)
    monkeypatch.setattr(gates, "_problem_of", lambda requirement: None)
    monkeypatch.setattr(gates, "_suites", lambda given: [])
    monkeypatch.setattr(gates, "_judge", lambda kind, tree, tally: judgements.append((kind, tree)))

    gates.test(arguments, long=False)

    assert judgements == ([(RULES, private_env.ROOT), (FAILURES, private_env.ROOT)] if asked else [])
