"""The wheel and the source archive, made by hatchling as `pyproject.toml` says, from a copy of what git has.

Nothing that lies about in a checkout gets in, and the same tree gives the same bytes.
"""

import os
import shutil
import subprocess
from pathlib import Path

from private_env import ROOT, SetupProblem

SOURCES = ("rebalancer_gui", "resources", "packaging", "docs", "tests")
FILES = ("pyproject.toml", "README.md", "LICENSE", "CONTRIBUTING.md")
_BUILD = "import sys, hatchling.build as build; print(getattr(build, sys.argv[1])(sys.argv[2]))"
_LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "*.pyc", "*.log", ".hypothesis")
REPRODUCIBLE_S = "1767225600"
"""Time stamp of every file in what is built, seconds since 1970 (1 January 2026), unless SOURCE_DATE_EPOCH says another."""


def source_date() -> str:
    return os.environ.get("SOURCE_DATE_EPOCH") or REPRODUCIBLE_S


def copy_tree(to: Path, root: Path = ROOT) -> Path:
    """The files that belong to a build, in a folder that does not exist yet."""
    to.mkdir(parents=True)
    for name in SOURCES:
        shutil.copytree(root / name, to / name, ignore=_LEFT_BEHIND)
    for name in FILES:
        shutil.copy(root / name, to / name)
    return to


def make(python: Path, tree: Path, out: Path, *, source: bool = False) -> Path:
    """Build the wheel (or the source archive) of a tree with a Python that has hatchling, and give its path."""
    out.mkdir(parents=True, exist_ok=True)
    step = "build_sdist" if source else "build_wheel"
    done = subprocess.run(
        [str(python), "-c", _BUILD, step, str(out.resolve())],
        cwd=tree, env=os.environ | {"SOURCE_DATE_EPOCH": source_date()}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SetupProblem(f"hatchling could not make it: {done.stderr.strip()[-2000:]}")
    return out / done.stdout.strip().splitlines()[-1]
