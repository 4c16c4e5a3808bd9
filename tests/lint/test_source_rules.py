"""The program's source keeps the rules of the house, and the rules see a planted violation."""

import ast
import re
import textwrap
from functools import cache
from pathlib import Path

import pytest

from tests.lint import source_rules as rules

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "rebalancer_gui"
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 400

SYSTEM = "adapters/system.py"
# Clocks of accounts wait in wall time, whatever time they show; they are adapters of the port Clock.
MAY_SLEEP = {SYSTEM}
# Where a last resort must stand: it reports, halts what is concerned, and hides nothing.
MAY_CATCH_ALL = {
    ("application/engine.py", "main"),
    ("application/executor.py", "run"),
    ("ui/engine_thread.py", "run"),
}


def relative(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


@cache
def parse(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"), filename=str(module))


def planted(source: str) -> ast.Module:
    return ast.parse(textwrap.dedent(source))


def test_the_real_clock_and_real_chance_live_in_one_module():
    found = [
        f"{relative(module)}:{violation}"
        for module in MODULES
        for violation in rules.clock_and_chance(parse(module))
        if relative(module) != SYSTEM and not (violation.endswith("asyncio.sleep") and relative(module) in MAY_SLEEP)
    ]
    assert found == []


def test_every_exception_is_caught_in_three_named_places_only():
    found = [(relative(module), name) for module in MODULES for name, _line in rules.broad_excepts(parse(module))]

    assert [place for place in found if place not in MAY_CATCH_ALL] == []
    assert len(found) == len(set(found)), f"twice in the same function: {found}"


def test_money_never_becomes_a_float_in_domain_and_application():
    found = [
        f"{relative(module)}:{violation}"
        for module in MODULES
        if relative(module).startswith(("domain/", "application/"))
        for violation in rules.made_floats(parse(module))
    ]
    assert found == []


def test_nothing_unfinished_and_no_mock_is_in_the_product():
    found = [f"{relative(module)}:{violation}" for module in MODULES for violation in rules.unfinished(parse(module))]
    marks = [
        f"{relative(module)}:{number}"
        for module in MODULES
        for number, line in enumerate(module.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line)
    ]
    assert found + marks == []


def test_no_python_file_is_longer_than_a_reader_can_hold():
    folders = (PACKAGE, ROOT / "packaging", ROOT / "tests")
    long = {
        str(file.relative_to(ROOT)): lines
        for folder in folders
        for file in folder.rglob("*.py")
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) >= MOST_LINES
    }
    assert long == {}


@pytest.mark.parametrize(
    "source",
    (
        "import time\ntime.time()",
        "import time as t\nread = t.monotonic",
        "from time import sleep\nsleep(1)",
        "from datetime import datetime\ndatetime.now()",
        "import datetime as dt\ndt.datetime.now(dt.UTC)",
        "from datetime import date\ndate.today()",
        "import random\nrandom.random()",
        "import random\nrandom.Random()",
        "from random import choice\nchoice([1])",
        "import uuid\nuuid.uuid4()",
        "import secrets\nsecrets.token_hex()",
        "from secrets import token_hex\ntoken_hex()",
        "import threading\nthreading.Timer(1, print)",
        "def f():\n    import asyncio\n    return asyncio.sleep(1)",
        "from PySide6.QtCore import QDateTime\nQDateTime.currentDateTimeUtc()",
        "from PySide6 import QtCore\nQtCore.QDate.currentDate()",
    ),
)
def test_a_clock_or_chance_by_any_name_is_seen(source):
    assert len(list(rules.clock_and_chance(planted(source)))) == 1


@pytest.mark.parametrize(
    "source",
    (
        "import random\nrandom.Random(7).random()",
        "from datetime import datetime\ndatetime.fromisoformat('2022-01-01')",
        "def f(clock):\n    return clock.now(), clock.sleep(1)",
        "import asyncio\nasyncio.Event()",
    ),
)
def test_seeds_and_injected_clocks_are_no_violation(source):
    assert list(rules.clock_and_chance(planted(source))) == []


@pytest.mark.parametrize(
    "handler",
    ("except Exception:", "except BaseException as e:", "except (ValueError, Exception):", "except:"),
)
def test_a_broad_except_is_seen_with_its_function(handler):
    source = (
        f"class A:\n    async def work(self):\n        try:\n            pass\n        {handler}\n            pass\n"
    )
    assert [name for name, _line in rules.broad_excepts(planted(source))] == ["work"]


@pytest.mark.parametrize(
    ("body", "seen"),
    (
        ("clean_up()\n        raise", False),
        ("raise ValueError", True),
        ("if x: return\n        raise", True),
        ("clean_up()", True),
    ),
)
def test_cleaning_up_and_raising_the_same_again_is_no_broad_except(body, seen):
    source = f"def work():\n    try:\n        pass\n    except BaseException:\n        {body}\n"
    assert bool(list(rules.broad_excepts(planted(source)))) is seen


def test_suppressing_every_exception_is_a_broad_except_too():
    source = "import contextlib\ndef work():\n    with contextlib.suppress(Exception):\n        pass\n"
    assert [name for name, _line in rules.broad_excepts(planted(source))] == ["work"]


def test_floats_mocks_and_missing_code_are_seen():
    assert list(rules.made_floats(planted("x = float('1')"))) == ["1: float(...)"]
    assert list(rules.unfinished(planted("raise NotImplementedError"))) == ["1: NotImplementedError"]
    assert list(rules.unfinished(planted("raise NotImplementedError('x')"))) == ["1: NotImplementedError"]
    assert list(rules.unfinished(planted("from unittest import mock"))) == ["1: unittest in the product"]
