"""The one command that checks all: every gate is run and named, whatever the ones before said."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import private_env

ROOT = Path(__file__).resolve().parents[2]

NEEDED_SCRIPTS = (
    "bootstrap", "display", "gates", "launch", "private_env", "registries", "system_parts", "test_parts",
)  # fmt: skip

pytestmark = pytest.mark.e2e


@pytest.fixture
def tree(tmp_path):
    """A small tree with the project's own settings, whose test environment is the one that runs this test."""
    root = tmp_path / "tree"
    # What the packages start is the whole program, which is not in this tree.
    shutil.copytree(ROOT / "packaging", root / "packaging", ignore=shutil.ignore_patterns("__pycache__", "bundle"))
    shutil.copy(ROOT / "pyproject.toml", root)
    package = root / "rebalancer_gui"
    for entry in (ROOT / "rebalancer_gui").iterdir():
        if entry.suffix == ".py":
            package.mkdir(exist_ok=True)
            (package / entry.name).touch()
        elif (entry / "__init__.py").exists():
            (package / entry.name).mkdir(parents=True)
            (package / entry.name / "__init__.py").touch()
    # deptry wants every dependency used.
    uses = 'import {0}\n\n__all__ = ["{0}"]\n'
    libraries = [("adapters", name) for name in ("aiohttp", "apprise", "cryptography", "jeepney", "platformdirs")]
    for floor, library in (*libraries, ("ui", "PySide6"), ("ui", "pyqtgraph")):
        (package / floor / f"uses_{library.lower()}.py").write_text(uses.format(library), encoding="utf-8")
    (package / "ui" / "uses_numpy.py").write_text('import numpy as np\n\n__all__ = ["np"]\n', encoding="utf-8")
    tests = root / "tests"
    for folder in ("unit", "lint"):
        (tests / folder).mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "conftest.py", tests)
    (tests / "support").mkdir()
    for rule in ("folders", "logs", "network", "qt_leaks", "registry_marks"):
        shutil.copy(ROOT / "tests" / "support" / f"{rule}.py", tests / "support")
    borrow_environment(root)
    return root


def borrow_environment(root: Path) -> None:
    env = private_env.PrivateEnv(root, "test")
    env.folder.mkdir(parents=True)
    for name in ("bin", "lib"):
        (env.folder / name).symlink_to(Path(sys.prefix) / name)
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", env.folder)
    env.stamp.write_text(json.dumps(env.wanted_stamp()), encoding="utf-8")


@pytest.fixture(scope="module")
def types_known(tmp_path_factory):
    """Where mypy keeps what it knows of the libraries, which are the same for every tree."""
    return tmp_path_factory.mktemp("types")


def check(root: Path, types_known: Path) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment["MYPY_CACHE_DIR"] = str(types_known)
    answer = subprocess.run(
        [sys.executable, str(root / "packaging" / "bootstrap.py"), "check"],
        cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False,
    )  # fmt: skip
    return answer.returncode, answer.stdout


def test_each_gate_that_fails_is_named_and_all_are_run(tree, types_known):
    (tree / "rebalancer_gui" / "domain" / "clock.py").write_text(
        "import time\nx: int = 'text'\ndef now():\n  return time.time()\n", encoding="utf-8"
    )
    (tree / "tests" / "unit" / "test_a.py").write_text(
        "def test_good():\n    assert True\n\n\ndef test_bad():\n    assert False\n", encoding="utf-8"
    )

    code, output = check(tree, types_known)

    assert code == 1, output
    for gate in ("mypy --strict", "ruff check", "ruff format --check", "lint-imports", "suite 'quick'"):
        assert f"FAILED {gate}" in output, output
    assert "ok     deptry" in output, output
    assert "NOT GOOD: " in output
    assert output.rstrip().splitlines()[-1] == "1 passed, 1 failed, 0 skipped"


def test_a_tree_with_nothing_wrong_is_good(tree, types_known):
    (tree / "tests" / "unit" / "test_a.py").write_text("def test_good() -> None:\n    assert True\n", encoding="utf-8")
    for script in (tree / "packaging").glob("*.py"):
        if script.stem not in NEEDED_SCRIPTS:
            script.unlink()

    code, output = check(tree, types_known)

    assert code == 0, output
    assert "FAILED" not in output
    assert output.rstrip().splitlines()[-1] == "1 passed, 0 failed, 0 skipped"


def test_a_run_without_any_test_is_not_good(tree, types_known):
    code, output = check(tree, types_known)

    assert code == 1
    assert "no test was run" in output
