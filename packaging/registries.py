"""Has everything that tests must show a test that passes? There are two registries: the rules of the behaviour
specification (tests/rules.toml) and what can go wrong (tests/failures.toml).

Tests name what they show with `@pytest.mark.rule("4.3")` or `@pytest.mark.failure(18)`; tests/support/registry_marks.py
writes the names into the report of the run, where they are read here.
"""

import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_NOT_PASSED = ("failure", "error", "skipped")
_RULE_WANTED = 'rule "{}": a sentence is wanted, or {{ text = "...", later = "..." }}'
_FAILURE_WANTED = 'failure {}: {{ fails = "...", then = "..." }} is wanted, where it waits with later = "..."'


class RegistryError(Exception):
    """A registry cannot be understood; the text says what is wrong with which row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a test must show, in one sentence. While `later` names what it waits for, it needs no test
    ("" = it needs one). `then` is what must happen where `sentence` says what fails (a rule says all in its sentence).
    """

    id: str
    section: str
    sentence: str
    later: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One registry: `mark` is the name of pytest's mark and of the property in the report of a test (JUnit XML); `file`
    is relative to the tree; `row` and `title` are what people call one row and all rows.
    """

    mark: str
    file: str
    row: str
    title: str
    read: Callable[[Path, Mapping[str, object]], list[Row]]


@dataclass(frozen=True, slots=True)
class Registry:
    """What stands in the file of a kind: titles of sections and rows, both by id in the order of the file."""

    kind: Kind
    sections: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Row] = field(default_factory=dict)

    def problem_with(self, name: object) -> str:
        """Why `name` is no id that a test may be marked with, and which are; "" when it is one."""
        if id_of(name) in self.rows:
            return ""
        section = str(name).partition(".")[0]
        known = [row.id for row in self.rows.values() if row.section == section]
        legal = f"section {section} has {', '.join(known)}" if known else f"there is no section {section!r}"
        if not any("." in known_id for known_id in self.rows):
            legal = f"it has {', '.join(self.rows)}"
        return f"the mark {self.kind.mark}({name!r}) names no {self.kind.row} of {self.kind.file}; {legal}"

    def compare(self, shown: Collection[str]) -> "Coverage":
        """Sort all rows by what the run showed of them."""
        every = tuple(self.rows.values())
        return Coverage(
            kind=self.kind,
            shown=tuple(row for row in every if row.id in shown and not row.later),
            waiting=tuple(row for row in every if row.later and row.id not in shown),
            missing=tuple(row for row in every if not row.later and row.id not in shown),
            overdue=tuple(row for row in every if row.later and row.id in shown),
        )


@dataclass(frozen=True, slots=True)
class Coverage:
    """What came of all rows: `missing` ones make a run not good, and so do `overdue` ones, which are said to wait though
    a test shows them.
    """

    kind: Kind
    shown: tuple[Row, ...]
    waiting: tuple[Row, ...]
    missing: tuple[Row, ...]
    overdue: tuple[Row, ...]

    @property
    def problems(self) -> list[str]:
        """One line for the end of the run per kind of problem."""
        kinds = (
            (f"{self.kind.title} without a passing test", self.missing),
            (f"{self.kind.title} with a passing test that still say `later` in {self.kind.file}", self.overdue),
        )
        return [f"{what}: {', '.join(row.id for row in rows)}" for what, rows in kinds if rows]

    def lines(self) -> list[str]:
        """The answer for people: the sum, then each row that is not simply shown."""
        summary = (
            f"{self.kind.title}: {len(self.shown)} shown by a passing test, "
            f"{len(self.missing)} without one, {len(self.waiting)} wait for what is not built yet"
        )
        found = [f"    waits    {row.id:7} {row.sentence} (for: {row.later})" for row in self.waiting]
        found += [f"    overdue  {row.id:7} a test shows it: take its `later` away" for row in self.overdue]
        found += [f"    MISSING  {row.id:7} {row.sentence}" for row in self.missing]
        return [summary, *found]


def id_of(name: object) -> object:
    """The id that a mark's argument means: numbers may stand there as numbers."""
    return str(name) if type(name) is int else name


def load(kind: Kind, tree: Path) -> Registry:
    """The registry of this kind of the tree in this folder. Raises RegistryError."""
    return load_file(kind, tree / kind.file)


def load_file(kind: Kind, file: Path) -> Registry:
    """The registry in this file. Raises RegistryError."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise RegistryError(f"{file}: {problem}") from problem
    sections = content.get("sections", {})
    rows: dict[str, Row] = {}
    for row in kind.read(file, content):
        if row.section not in sections or row.id == row.section:
            raise RegistryError(f'{file}: "{row.id}" is not the number of a {kind.row} in one of its sections')
        if row.id in rows:
            raise RegistryError(f"{file}: {kind.row} {row.id} stands there twice")
        rows[row.id] = row
    for section in sections:
        if not any(row.section == section for row in rows.values()):
            raise RegistryError(f"{file}: section {section} has no {kind.row}")
    return Registry(kind, sections, rows)


def _rules(_file: Path, content: Mapping[str, object]) -> list[Row]:
    rules = content.get("rules", {})
    return [_rule(name, value) for name, value in rules.items()] if isinstance(rules, dict) else []


def _rule(name: str, value: object) -> Row:
    texts = _texts(value if isinstance(value, dict) else {"text": value}, ("text",))
    if texts is None:
        raise RegistryError(_RULE_WANTED.format(name))
    return Row(name, name.partition(".")[0], texts["text"], texts.get("later", ""))


def _failures(file: Path, content: Mapping[str, object]) -> list[Row]:
    found = []
    sections = content.get("failures", {})
    for section, rows in sections.items() if isinstance(sections, dict) else ():
        if not isinstance(rows, dict):
            raise RegistryError(f"{file}: [failures.{section}] has no rows")
        for name, value in rows.items():
            texts = _texts(value, ("fails", "then"))
            if texts is None or not name.isdecimal():
                raise RegistryError(_FAILURE_WANTED.format(name))
            found.append(Row(name, section, texts["fails"], texts.get("later", ""), texts["then"]))
    return sorted(found, key=lambda row: int(row.id))


def _texts(value: object, wanted: Collection[str]) -> dict[str, str] | None:
    """The texts of a row, none empty: the wanted ones and perhaps `later`; None where it has others or lacks one."""
    if not isinstance(value, dict) or set(value) - {"later"} != set(wanted):
        return None
    return value if all(isinstance(text, str) and text for text in value.values()) else None


RULES = Kind("rule", "tests/rules.toml", "rule", "rules of the behaviour specification", _rules)
FAILURES = Kind("failure", "tests/failures.toml", "failure", "rows of the table of failures", _failures)
KINDS = (RULES, FAILURES)


def shown_by(report: Path, kind: Kind) -> set[str]:
    """Ids of the rows that at least one passed test of this report is marked with (no report: none).

    A test that passed and then failed while it was cleaned up has two entries of one name: it did not pass.
    """
    if not report.exists():
        return set()
    marked: dict[tuple[str | None, str | None], set[str]] = {}
    bad = set()
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 (written by our own pytest)
        test = (case.get("classname"), case.get("name"))
        names = {p.get("value", "") for p in case.iter("property") if p.get("name") == kind.mark}
        marked.setdefault(test, set()).update(names)
        if any(case.find(outcome) is not None for outcome in _NOT_PASSED):
            bad.add(test)
    return {name for test, names in marked.items() if test not in bad for name in names}
