"""What may not stand in the program's source, found in its syntax tree.

Each function takes a parsed module and gives one text per violation, beginning with the line number.
"""

import ast
from collections.abc import Iterator

# Real time and real chance, by full name. A trailing dot means everything in that module.
CLOCK_AND_CHANCE = (
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns",
    "time.sleep", "time.localtime", "time.gmtime", "time.strftime", "asyncio.sleep", "threading.Timer",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "os.urandom", "os.getrandom", "uuid.uuid1", "uuid.uuid4", "random.SystemRandom", "secrets.", "numpy.random.",
    "PySide6.QtCore.QDateTime.currentDateTime", "PySide6.QtCore.QDateTime.currentDateTimeUtc",
    "PySide6.QtCore.QDateTime.currentMSecsSinceEpoch", "PySide6.QtCore.QDateTime.currentSecsSinceEpoch",
    "PySide6.QtCore.QDate.currentDate", "PySide6.QtCore.QTime.currentTime", "PySide6.QtCore.QRandomGenerator.",
)  # fmt: skip
SEEDED = "random.Random"


def imported_names(tree: ast.AST) -> dict[str, str]:
    """Local name -> full dotted name, for every import of the module, also inside functions."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _dotted(node: ast.AST, names: dict[str, str]) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    return ".".join([names[node.id], *reversed(parts)])


def clock_and_chance(tree: ast.Module) -> Iterator[str]:
    """Uses of the real clock and of real chance, called or handed on. Generators made from a seed are none."""
    names = imported_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _dotted(node.func, names) == SEEDED and not (node.args or node.keywords):
            yield f"{node.lineno}: {SEEDED}() without a seed"
        if not isinstance(node, (ast.Attribute, ast.Name)):
            continue
        name = _dotted(node, names)
        if name is None:
            continue
        if any(name == bad or (bad.endswith(".") and name.startswith(bad)) for bad in CLOCK_AND_CHANCE):
            yield f"{node.lineno}: {name}"
        elif name.startswith("random.") and name != SEEDED and not name.startswith(SEEDED + "."):
            yield f"{node.lineno}: {name} (the shared generator has no seed of ours)"


def broad_excepts(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(function, line) of each handler that takes every exception; module level is "".

    A handler that only cleans up and raises the same again takes nothing.
    """
    yield from _broad_excepts(tree, "")


def _broad_excepts(node: ast.AST, function: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        function = node.name
    if isinstance(node, ast.ExceptHandler):
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        broad = any(kind is None or (isinstance(kind, ast.Name) and kind.id in _BROAD) for kind in caught)
        if broad and not _raises_again(node):
            yield function, node.lineno
    if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
        called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        if called == "suppress" and any(isinstance(kind, ast.Name) and kind.id in _BROAD for kind in node.args):
            yield function, node.lineno
    for child in ast.iter_child_nodes(node):
        yield from _broad_excepts(child, function)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """True when the handler's last word is a bare `raise` and it leaves by no other way."""
    last = handler.body[-1]
    leaves = (ast.Return, ast.Break, ast.Continue)
    return (
        isinstance(last, ast.Raise)
        and last.exc is None
        and not any(isinstance(inner, leaves) for statement in handler.body for inner in ast.walk(statement))
    )


_BROAD = ("Exception", "BaseException")


def made_floats(tree: ast.Module) -> Iterator[str]:
    """Calls of float(...): money becoming inexact."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            yield f"{node.lineno}: float(...)"


def unfinished(tree: ast.Module) -> Iterator[str]:
    """Mocks, and code that says that it is not there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise):
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id == "NotImplementedError":
                yield f"{node.lineno}: NotImplementedError"
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        if any((module + alias.name).startswith("unittest") for alias in node.names):
            yield f"{node.lineno}: unittest in the product"
