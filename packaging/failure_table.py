"""docs/failures.md: what can go wrong, what happens then, and which tests show it.

    python3 packaging/failure_table.py [--check]

It is made from tests/failures.toml and from the marks `@pytest.mark.failure(n)` in the source of the tests, without
running them. With --check nothing is written; the exit code is 1 when the page is not up to date.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

import registries
from registries import FAILURES, Registry, Row

ROOT = Path(__file__).resolve().parent.parent
PAGE = "docs/failures.md"
_HEAD = """# What can go wrong, and what happens

Made by `python3 packaging/failure_table.py` from `tests/failures.toml` and the tests marked `@pytest.mark.failure(n)`; a
test fails when this page is not up to date. After each full test run every row that does not wait for a part of the
program that is not built yet has a test that passed. How orders survive most of this is in [orders.md](orders.md).
"""


@dataclass(frozen=True, slots=True)
class Marked:
    """A test of `file` (relative to the tree) that is marked; `name` is "" where the mark stands for the whole file."""

    file: str
    name: str


def marked_tests(tree: Path) -> dict[str, list[Marked]]:
    """Ids of the rows -> the tests that are marked with them, in order of files and lines."""
    found: dict[str, list[Marked]] = defaultdict(list)
    for file in sorted((tree / "tests").rglob("test_*.py")):
        text = file.read_text(encoding="utf-8")
        if f"mark.{FAILURES.mark}" not in text:
            continue
        name = file.relative_to(tree).as_posix()
        for number, test in _marks_of(ast.parse(text)):
            marked = Marked(name, test)
            if marked not in found[number]:
                found[number].append(marked)
    return dict(found)


def _marks_of(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Number of a row and name of the test, "" for all tests of the module."""
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets):
            yield from ((number, "") for number in _numbers([node.value]))
        elif isinstance(node, ast.ClassDef):
            tests = [n.name for n in node.body if _is_test(n)]
            yield from ((number, test) for number in _numbers(node.decorator_list) for test in tests)
        elif _is_test(node):
            yield from ((number, node.name) for number in _numbers(node.decorator_list))


def _is_test(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")


def _numbers(expressions: Iterable[ast.expr]) -> Iterator[str]:
    """What stands in the marks of these expressions, those of single parameters included."""
    for expression in expressions:
        for node in ast.walk(expression):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == FAILURES.mark
                and isinstance(node.func.value, ast.Attribute)
                and node.func.value.attr == "mark"
            ):
                yield from (str(a.value) for a in node.args if isinstance(a, ast.Constant))


def page(registry: Registry, marked: Mapping[str, Sequence[Marked]]) -> str:
    """The text of docs/failures.md."""
    lines = [_HEAD]
    for section, title in registry.sections.items():
        lines += [
            f"## {section}. {title}",
            "",
            "| # | what fails | what happens | tests that show it |",
            "|---|---|---|---|",
        ]
        lines += [_line(row, marked.get(row.id, ())) for row in registry.rows.values() if row.section == section]
        lines.append("")
    return "\n".join(lines)


def _line(row: Row, marked: Sequence[Marked]) -> str:
    shown = _shown(marked) or (f"*waits for: {row.later}*" if row.later else "**none yet**")
    return f"| {row.id} | {_cell(row.sentence)} | {_cell(row.then)} | {shown} |"


def _shown(marked: Sequence[Marked]) -> str:
    """File by file; of a file that is marked as a whole no single test is named."""
    files: dict[str, list[str]] = defaultdict(list)
    for test in marked:
        files[test.file].append(test.name)
    parts = []
    for file, names in files.items():
        tests = "all tests" if "" in names else "; ".join(_sentence(name) for name in names)
        parts.append(f"`{file.removeprefix('tests/')}`: {tests}")
    return "<br>".join(parts)


def _sentence(name: str) -> str:
    return re.sub(r"\s+", " ", name.removeprefix("test_").replace("_", " ")).strip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def text_of(tree: Path) -> str:
    """The page as it should be for the tree in this folder. Raises RegistryError."""
    return page(registries.load(FAILURES, tree), marked_tests(tree))


def main(arguments: Sequence[str]) -> int:
    wanted, file = text_of(ROOT), ROOT / PAGE
    if "--check" in arguments:
        good = file.exists() and file.read_text(encoding="utf-8") == wanted
        print(f"{PAGE} is {'up to date' if good else 'not up to date: python3 packaging/failure_table.py'}")
        return 0 if good else 1
    file.write_text(wanted, encoding="utf-8")
    print(f"{PAGE} written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
