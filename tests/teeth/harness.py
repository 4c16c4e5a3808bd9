"""Planted bugs: a copy of the program with one line of it made wrong, and the tests that must notice.

`tests/teeth/bugs/*.toml` holds the bugs. Each is a sentence, the file, the text that is replaced (it must stand there exactly
once, so that no bug vanishes when the source moves on), what stands there instead, and the smallest set of tests, of seeds
of SIM, or of seeds of SIM over the wire, that must fail of it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUGS = Path(__file__).parent / "bugs"
SEEDS_TEST = "tests/teeth/sim_seeds.py"
WIRE_SEEDS_TEST = "tests/teeth/wire_seeds.py"
LEFT_OUT = ("__pycache__", "ui", "e2e", "*.pyc")
"""Not copied: no named test needs them."""
PROOFS = frozenset({"AssertionError", "InvariantBroken", "Failed"})
"""What a test may fail of. ``Failed`` is what `pytest.raises` says when nothing was raised."""
MOST_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Bug:
    """``tests`` are node ids; ``seeds`` the first and the last seed of SIM, ``wire_seeds`` of SIM over the wire, () for none;
    ``quick`` ones run every time.
    """

    name: str
    file: str
    find: str
    put: str
    tests: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    wire_seeds: tuple[int, ...] = ()
    quick: bool = False

    def patched(self, source: str) -> str:
        """``source`` with the bug. Raises ValueError when its place is not there exactly once."""
        if (times := source.count(self.find)) != 1:
            raise ValueError(
                f"The place of the planted bug {self.name!r} stands {times} times in {self.file}: the source has moved on. "
                "Plant the bug anew in what does the same now."
            )
        return source.replace(self.find, self.put)


def bugs() -> tuple[Bug, ...]:
    """All of them, by file and in their order there. Raises TypeError for a field that there is not."""
    found = []
    for file in sorted(BUGS.glob("*.toml")):
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["bug"]:
            tests, seeds, over_wire = (tuple(row.pop(name, ())) for name in ("tests", "seeds", "wire_seeds"))
            found.append(Bug(tests=tests, seeds=seeds, wire_seeds=over_wire, **row))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run of tests said. ``first`` is the test that failed first ("" = all passed), ``kinds`` of what."""

    exit_code: int
    first: str
    when: str
    kinds: tuple[str, ...]
    seconds: float
    output: str

    @property
    def passed(self) -> bool:
        return self.exit_code == 0

    @property
    def caught(self) -> bool:
        """A test failed, of an assertion or an invariant in its body: neither of an import nor in a fixture."""
        return self.exit_code == 1 and self.when == "call" and not PROOFS.isdisjoint(self.kinds)


class Copy:
    """A copy of the program and its tests in ``folder``, to plant one bug after the other in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("rebalancer_gui", "tests", "packaging"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*LEFT_OUT))
        shutil.copy2(ROOT / "pyproject.toml", folder)
        (folder / "resources").symlink_to(ROOT / "resources")
        self._planted = 0

    @contextmanager
    def planted(self, bug: Bug) -> Iterator[None]:
        """With the bug in it."""
        path = self.folder / bug.file
        source, stat = path.read_text(encoding="utf-8"), path.stat()
        self._planted += 1
        path.write_text(bug.patched(source), encoding="utf-8")
        # A compiled module is known by its source's size and whole seconds: no two versions may have the same.
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + self._planted * 10**9))
        try:
            yield
        finally:
            path.write_text(source, encoding="utf-8")
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def run(
        self, tests: Sequence[str], seeds: Sequence[Sequence[int]] = (), wire_seeds: Sequence[Sequence[int]] = ()
    ) -> Verdict:
        """The tests, SIM on each range of ``seeds`` (first and last) and SIM over the wire, in a process of their own."""
        said = self.folder / "witness.jsonl"
        said.unlink(missing_ok=True)
        arguments = [*tests, *([SEEDS_TEST] if seeds else []), *([WIRE_SEEDS_TEST] if wire_seeds else [])]
        ours = {"PYTHONPATH": str(self.folder), "HYPOTHESIS_PROFILE": "ci", "TEETH_WITNESS": str(said)}
        ours["TEETH_SEEDS"] = json.dumps([list(block) for block in seeds])
        ours["TEETH_WIRE_SEEDS"] = json.dumps([list(block) for block in wire_seeds])
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PYTHON"))}
        plugins = ["-p", "no:pytest-qt", "-p", "no:cacheprovider", "-p", "tests.teeth.witness"]
        command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", *plugins, *arguments]
        began = time.monotonic()
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=inherited | ours,
            capture_output=True,
            text=True,
            check=False,
            timeout=MOST_SECONDS,
        )
        lines = said.read_text(encoding="utf-8").splitlines() if said.exists() else []
        first: dict[str, Any] = json.loads(lines[0]) if lines else {"node": "", "when": "", "kinds": []}
        output = f"{done.stdout[-4000:]}\n{done.stderr[-1000:]}"
        seconds = time.monotonic() - began
        return Verdict(done.returncode, first["node"], first["when"], tuple(first["kinds"]), seconds, output)

    def run_on(self, bug: Bug) -> Verdict:
        """The bug's own tests with the bug in the program."""
        with self.planted(bug):
            return self.run(bug.tests, [bug.seeds] if bug.seeds else [], [bug.wire_seeds] if bug.wire_seeds else [])

    def control(self, chosen: Sequence[Bug]) -> Verdict:
        """All tests of ``chosen`` on the program as it is."""
        tests = dict.fromkeys(test for bug in chosen for test in bug.tests)
        seeds = sorted({bug.seeds for bug in chosen if bug.seeds})
        wire_seeds = sorted({bug.wire_seeds for bug in chosen if bug.wire_seeds})
        return self.run(list(tests), seeds, wire_seeds)
