"""Which texts the program has: those of the window (`tr` calls), and every sentence that the engine can say.

Both are read from the source, nothing is run. A sentence of the engine is a string or an f-string of `domain`,
`application`, `adapters` or `backtest` that is written for people; what an f-string puts in becomes ``{name}``.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from not_translated import NOT_TRANSLATED

WINDOW, ENGINE = "Rebalancer", "Engine"
_ENGINE_FOLDERS = ("domain", "application", "adapters", "backtest")
_LOGS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
_FAULTS = frozenset(
    {"ValueError", "TypeError", "KeyError", "RuntimeError", "AssertionError", "AttributeError", "IndexError"}
)
"""What these say is for the one who mends the program."""
_FILES_READ = frozenset(
    {
        "account_files.py",
        "codec.py",
        "data_folder.py",
        "folder_swap.py",
        "own_json.py",
        "paper_ledger.py",
        "passphrase_vault.py",
    }
)
"""Here a ValueError says what is wrong in a file, and a sentence for people puts it in."""
_NOT_FOR_PEOPLE = frozenset(
    {
        "execute",
        "executemany",
        "executescript",
        "compile",
        "strftime",
        "startswith",
        "endswith",
        "removesuffix",
        "getattr",
    }
)
_SQL = re.compile(
    r"^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|BEGIN|WITH|COMMIT)\b|\bFROM \w|\bWHERE \w|\bREFERENCES\b"
)
_WORD = re.compile(r"[A-Za-z][a-z\u2019']+")
_ALL_FOR_PEOPLE = frozenset({"settings.py", "rails.py"})
"""Here single words with a capital are titles too."""
_TITLE = re.compile(r"[A-Z][a-z]+")
_COUNTED = re.compile(r"(?:\d+|an?) [a-z]{3,}")
"""The one beside a text with a number: `1 hour` beside ``{hours} hours``; and `a text`."""
_SHORT_PLACES = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text to translate; ``plural`` where ``%n`` stands in it."""

    context: str
    source: str
    comment: str = ""
    plural: bool = False


def window_texts(package: Path) -> list[Text]:
    """Every text that a `tr` of the window is called with. ValueError for one that is not written out in the call."""
    found = set()
    for file in sorted((package / "ui").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                found.add(_window_text(node, f"{file.relative_to(package)}:{node.lineno}"))
    return sorted(found)


def _window_text(call: ast.Call, place: str) -> Text:
    words = []
    for argument in call.args[:2]:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            raise ValueError(f"{place}: the text of tr() must be written out in the call.")  # noqa: TRY004
        words.append(argument.value)
    if not words:
        raise ValueError(f"{place}: tr() has no text.")
    return Text(WINDOW, words[0], words[1] if len(words) > 1 else "", plural=len(call.args) > 2)


def engine_texts(package: Path, left_out: frozenset[str] = NOT_TRANSLATED) -> list[Text]:
    """Every sentence and word of the engine that the window may show, without those that are ``left_out``."""
    found = set()
    for folder in _ENGINE_FOLDERS:
        for file in sorted((package / folder).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            silent = _NOT_FOR_PEOPLE | _FAULTS - ({"ValueError"} if file.name in _FILES_READ else set())
            found |= {text for node in _strings(tree, silent) if _is_for_people(text := template_of(node))}
            found |= set(_enumerated(tree))
            if file.name in _ALL_FOR_PEOPLE:
                found |= {text for node in _strings(tree, silent) if _TITLE.fullmatch(text := template_of(node))}
    return sorted(Text(ENGINE, text) for text in found - left_out)


def template_of(node: ast.Constant | ast.JoinedStr) -> str:
    """The text with ``{name}`` for each value that is put in; the same expression has the same name."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    names: dict[str, str] = {}
    words = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            words += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            code = ast.unparse(part)
            if code not in names:
                names[code] = _free(_name_of(part.value), set(names.values()))
            words += "{" + names[code] + "}"
    return words


def _strings(node: ast.AST, silent: frozenset[str]) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Every string below that is no docstring and stands in no call of one of the ``silent`` names."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and _is_not_for_people(child, silent):
            continue
        if isinstance(node, ast.Expr) and isinstance(child, ast.Constant):
            continue
        if isinstance(child, ast.JoinedStr):
            yield child
            for part in child.values:
                if isinstance(part, ast.FormattedValue):
                    yield from _strings(ast.Expression(part.value), silent)
        elif isinstance(child, ast.Constant):
            if isinstance(child.value, str):
                yield child
        else:
            yield from _strings(child, silent)


def _is_not_for_people(call: ast.Call, silent: frozenset[str]) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id in silent
    if not isinstance(call.func, ast.Attribute):
        return False
    owner = call.func.value
    is_log = isinstance(owner, ast.Name) and "log" in owner.id and call.func.attr in _LOGS
    return is_log or call.func.attr in _NOT_FOR_PEOPLE


def _is_for_people(text: str) -> bool:
    if _SQL.search(text) or "\x00" in text or text.count("|") > 2:
        return False
    literal = _SHORT_PLACES.sub(" ", text)
    words = _WORD.findall(literal)
    if " " not in text.strip():
        return False
    if _COUNTED.fullmatch(text):
        return True
    return len(words) >= 2 or (len(words) == 1 and text != literal and len(words[0]) > 2)


def _enumerated(tree: ast.Module) -> Iterator[str]:
    """Single words of enumerations: `running`, `stopping`, `buy`; and those of a table that is called WORDS."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Dict)
            and ast.unparse(node.targets[0]) == "WORDS"
        ):
            yield from (str(word.value) for word in node.value.values if isinstance(word, ast.Constant))
        if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases):
            for line in node.body:
                if (
                    isinstance(line, ast.Assign)
                    and isinstance(line.value, ast.Constant)
                    and isinstance(line.value.value, str)
                    and re.fullmatch(r"[A-Za-z][a-z ]{2,}", line.value.value)
                ):
                    yield line.value.value


def _name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name.strip("_").lower() or "value"
        case ast.Attribute(value=owner, attr=("value" | "text")):
            return _name_of(owner)
        case ast.Attribute(attr=name):
            return name.strip("_").lower() or "value"
        case ast.Call(func=ast.Attribute(attr="join")):
            return "names"
        case ast.Call(func=function, args=[ast.Name() | ast.Attribute() as first, *_]) if not isinstance(
            function, ast.Attribute
        ):
            return _name_of(first)
        case ast.Call(func=function):
            return _name_of(function)
        case ast.Subscript(value=owner):
            return _name_of(owner)
        case _:
            return "value"


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name}{number}", number + 1
    return free
