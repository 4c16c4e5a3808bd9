"""Has every rule of the behaviour specification a test that passes? The rules stand in tests/rules.toml.

Tests name the rules they show with `@pytest.mark.rule("4.3")`; tests/support/rule_marks.py writes the names into the
report of the run, where they are read here.
"""

import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROPERTY = "rule"
"""Name of the property that carries a rule's id in the report of a test (JUnit XML)."""
_NOT_PASSED = ("failure", "error", "skipped")
_WANTED = 'rule "{}": a sentence is wanted, or {{ text = "...", later = "..." }}'


class RegistryError(Exception):
    """tests/rules.toml cannot be understood; the text says what is wrong with which rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in one sentence. While `later` names what it waits for, it needs no test ("" = it needs one)."""

    id: str
    sentence: str
    later: str = ""

    @property
    def section(self) -> str:
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What came of all rules: `missing` ones make a run not good, and so do `overdue` ones, which are said to wait though
    a test shows them.
    """

    shown: tuple[Rule, ...]
    waiting: tuple[Rule, ...]
    missing: tuple[Rule, ...]
    overdue: tuple[Rule, ...]

    @property
    def problems(self) -> list[str]:
        """One line for the end of the run per kind of problem."""
        kinds = (
            ("rules of the behaviour specification without a passing test", self.missing),
            ("rules with a passing test that still say `later` in tests/rules.toml", self.overdue),
        )
        return [f"{what}: {', '.join(rule.id for rule in rules)}" for what, rules in kinds if rules]

    def lines(self) -> list[str]:
        """The answer for people: the sum, then each rule that is not simply shown."""
        summary = (
            f"rules of the behaviour specification: {len(self.shown)} shown by a passing test, "
            f"{len(self.missing)} without one, {len(self.waiting)} wait for what is not built yet"
        )
        found = [f"    waits    {rule.id:7} {rule.sentence} (for: {rule.later})" for rule in self.waiting]
        found += [f"    overdue  {rule.id:7} a test shows it: take its `later` away" for rule in self.overdue]
        found += [f"    MISSING  {rule.id:7} {rule.sentence}" for rule in self.missing]
        return [summary, *found]


def load(file: Path) -> dict[str, Rule]:
    """The rules of tests/rules.toml by id, in the order of the file. Raises RegistryError."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise RegistryError(f"{file}: {problem}") from problem
    sections = content.get("sections", {})
    rules = {name: _rule(name, value) for name, value in content.get("rules", {}).items()}
    for rule in rules.values():
        if rule.section not in sections or rule.id == rule.section:
            raise RegistryError(f'{file}: "{rule.id}" is not the number of a rule in one of its sections')
    for section in sections:
        if not any(rule.section == section for rule in rules.values()):
            raise RegistryError(f"{file}: section {section} has no rule")
    return rules


def _rule(name: str, value: object) -> Rule:
    parts = value if isinstance(value, dict) else {"text": value}
    sentence, later = parts.get("text"), parts.get("later", "")
    if not isinstance(sentence, str) or not isinstance(later, str) or set(parts) - {"text", "later"}:
        raise RegistryError(_WANTED.format(name))
    if not sentence or ("later" in parts and not later):
        raise RegistryError(_WANTED.format(name))
    return Rule(name, sentence, later)


def problem_with(name: object, rules: Mapping[str, Rule]) -> str:
    """Why `name` is no id that a test may be marked with, and which are; "" when it is one."""
    if name in rules:
        return ""
    section = str(name).partition(".")[0]
    known = [rule.id for rule in rules.values() if rule.section == section]
    legal = f"section {section} has {', '.join(known)}" if known else f"there is no section {section!r}"
    return f"the mark rule({name!r}) names no rule of tests/rules.toml; {legal}"


def shown_by(report: Path) -> set[str]:
    """Ids of the rules that at least one passed test of this report is marked with (no report: none).

    A test that passed and then failed while it was cleaned up has two entries of one name: it did not pass.
    """
    if not report.exists():
        return set()
    marked: dict[tuple[str | None, str | None], set[str]] = {}
    bad = set()
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 (written by our own pytest)
        test = (case.get("classname"), case.get("name"))
        names = {p.get("value", "") for p in case.iter("property") if p.get("name") == PROPERTY}
        marked.setdefault(test, set()).update(names)
        if any(case.find(kind) is not None for kind in _NOT_PASSED):
            bad.add(test)
    return {name for test, names in marked.items() if test not in bad for name in names}


def compare(rules: Iterable[Rule], shown: Collection[str]) -> Coverage:
    """Sort all rules by what the run showed of them."""
    every: Sequence[Rule] = tuple(rules)
    return Coverage(
        shown=tuple(rule for rule in every if rule.id in shown and not rule.later),
        waiting=tuple(rule for rule in every if rule.later and rule.id not in shown),
        missing=tuple(rule for rule in every if not rule.later and rule.id not in shown),
        overdue=tuple(rule for rule in every if rule.later and rule.id in shown),
    )
