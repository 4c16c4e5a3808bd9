"""The one command that checks all: lint, types, architecture contracts, dependencies, then every test, suite by suite.

All gates run, whatever the ones before said, so that one run names everything that is wrong.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import display
import registries
import system_parts
import test_parts
from private_env import ROOT, PrivateEnv, SetupProblem, ensure, say

QUICK_FOLDERS = ("unit", "lint")
_NO_TESTS_COLLECTED = 5
_QT_FOLDERS = ("ui", "e2e")
_IN_TURN = ("-n", "0")
_WORKERS = ("-n", str(min(os.cpu_count() or 1, 4)))
_SIDE_BY_SIDE = (*_WORKERS, "--dist", "loadfile")
# Few files with long tests: who has done his own takes over from the others, lest the last file run alone.
_SHARED_OUT = (*_WORKERS, "--dist", "worksteal")
_SLOWEST = ("--durations=10", "--durations-min=3")
"""Each suite names its longest tests, so that who looks for time knows where it goes."""
REAL_TIME = ("tests.wire.", "tests.secrets.", "tests.e2e.", "tests.kill.")
"""Tests that live by this machine's own time; see may_be_tried_again."""
MOST_SECOND_TRIES = 3
MEMORY = Path("/dev/shm")  # noqa: S108 (a file system in memory, where Linux has one)
MEMORY_NEEDED = 3 * 1024**3
"""Bytes that must be free there; the largest suite leaves a tenth of it behind."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One run of pytest. `needs_qt` and `needs_display` say what it cannot start without."""

    name: str
    arguments: tuple[str, ...]
    needs_qt: bool = False
    needs_display: bool = False


@dataclass(slots=True)
class Tally:
    """What came of everything so far."""

    problems: list[str] = field(default_factory=list)
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    shown: dict[str, set[str]] = field(default_factory=dict)
    """By the mark of a registry: the ids of the rows that passed tests show."""
    suites_left_out: list[str] = field(default_factory=list)
    second_tries: list[str] = field(default_factory=list)
    """Tests that passed only when they were run again alone."""

    def add_report(self, report: Path) -> None:
        """Count the tests of one suite from the report that pytest wrote (JUnit XML; absent when pytest died)."""
        if not report.exists():
            return
        for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 (written by our own pytest)
            total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
            failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            self.failed += failed
            self.skipped += skipped
            self.passed += total - failed - skipped
        for kind in registries.KINDS:
            self.shown.setdefault(kind.mark, set()).update(registries.shown_by(report, kind))


def check() -> int:
    """The quick gates: lint, types, contracts, and the tests that need neither Qt nor a process of their own."""
    env = PrivateEnv(ROOT, "test")
    ensure(env)
    tally = Tally()
    _static(env, tally)
    quick = [f"tests/{folder}" for folder in QUICK_FOLDERS if _has_tests(ROOT / "tests" / folder)]
    if quick:
        _run_suite(env, Suite("quick", (*_without_qt(), *_SIDE_BY_SIDE, *quick)), [], os.environ, tally)
    return _close(tally)


def test(arguments: Sequence[str], *, long: bool) -> int:
    """Everything. `arguments` go to pytest; where they name files or folders, only those tests are run."""
    env = PrivateEnv(ROOT, "test")
    ensure(env)
    host = system_parts.Host.this()
    tally = Tally()
    missing = {
        "Qt": _problem_of(lambda: system_parts.require_qt_libraries(host, env.site_packages, ["libqxcb.so"])),
        "a display": _problem_of(lambda: test_parts.require(host)),
    }
    _static(env, tally, wheel=not arguments)
    extra = [*arguments, *(["--long"] if long else [])]
    for suite in _suites(arguments):
        lacking = missing["Qt"] if suite.needs_qt else None
        if suite.needs_display:
            lacking = lacking or missing["a display"]
        if lacking:
            _leave_out(suite, lacking, tally)
            continue
        with _scratch(whole=not arguments) as environment, contextlib.ExitStack() as held:
            if suite.needs_display:
                log = Path(held.enter_context(tempfile.TemporaryDirectory())) / "display.log"
                environment |= {"DISPLAY": held.enter_context(display.private_display(log)), "QT_QPA_PLATFORM": "xcb"}
                environment.pop("WAYLAND_DISPLAY", None)
            _run_suite(env, suite, extra, environment, tally)
    if not arguments:
        for kind in registries.KINDS:
            _judge(kind, ROOT, tally)
    return _close(tally)


@contextlib.contextmanager
def _scratch(*, whole: bool) -> Iterator[dict[str, str]]:
    """The environment of a suite. In a run of everything its temporary files stand in memory, where there is room, and go
    away with it: the tests write thousands of small databases, and each waits for the disk at every commit.

    No test can tell the difference: a killed process leaves in a file what it had handed to the system, on whatever disk,
    and a power cut is beyond any test. Files of tests that are run by name stay where pytest leaves them.
    """
    if not whole or not _has_room(MEMORY):
        yield dict(os.environ)
        return
    with tempfile.TemporaryDirectory(prefix="rb-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        # As in /tmp, tests that give up root's rights must be able to pass through it.
        Path(folder).chmod(0o711)
        yield os.environ | {"TMPDIR": folder}


def _short_paths(environment: Mapping[str, str]) -> list[str]:
    """Where the tests' files are in memory: right below that folder, for the path of a socket has at most 107 letters.

    Named by this process: pytest empties the folder first, and a test that runs these gates itself has the same TMPDIR.
    """
    folder = Path(environment.get("TMPDIR", ""))
    return [f"--basetemp={folder / str(os.getpid())}"] if folder.parent == MEMORY else []


def _has_room(place: Path) -> bool:
    """Whether the tests' files, programs among them, can stand there."""
    if not place.is_dir() or not os.access(place, os.W_OK):
        return False
    return shutil.disk_usage(place).free > MEMORY_NEEDED and not os.statvfs(place).f_flag & os.ST_NOEXEC


def _judge(kind: registries.Kind, tree: Path, tally: Tally) -> None:
    """After all tests: every row has one that passed. A run that left suites out can name the rows, but not judge."""
    try:
        coverage = registries.load(kind, tree).compare(tally.shown.get(kind.mark, ()))
    except registries.RegistryError as problem:
        say(f"FAILED {kind.title}: {problem}")
        tally.problems.append(kind.file)
        return
    summary, *rest = coverage.lines()
    if tally.suites_left_out:
        say(f"not judged, for a suite was left out ({', '.join(tally.suites_left_out)}): {summary}")
    else:
        say(f"{'FAILED' if coverage.problems else 'ok    '} {summary}")
        tally.problems += coverage.problems
    print("\n".join(rest), flush=True)


def _suites(arguments: Sequence[str]) -> list[Suite]:
    named = [word for word in arguments if not word.startswith("-") and (ROOT / word.split("::")[0]).exists()]
    if named:
        return [Suite("named", _IN_TURN, needs_qt=True, needs_display=True)]
    folders = sorted(folder.name for folder in (ROOT / "tests").iterdir() if folder.is_dir() and _has_tests(folder))
    plain = tuple(f"tests/{name}" for name in folders if name not in _QT_FOLDERS)
    shared = ("-m", "not window and not isolated")
    suites = [
        Suite("without Qt", (*_without_qt(), *_SHARED_OUT, *shared, *plain)),
        Suite("ui", (*_SIDE_BY_SIDE, *shared, "tests/ui"), needs_qt=True),
        Suite("processes", (*_SHARED_OUT, *shared, "tests/e2e"), needs_qt=True),
        Suite("isolated", (*_IN_TURN, "-m", "isolated and not window", "tests"), needs_qt=True),
        Suite(
            "window", (*_SHARED_OUT, "-m", "window and not isolated", "tests/e2e"), needs_qt=True, needs_display=True
        ),
        Suite(
            "isolated window", (*_IN_TURN, "-m", "window and isolated", "tests/e2e"), needs_qt=True, needs_display=True
        ),
    ]
    return [suite for suite in suites if _has_tests(ROOT / suite.arguments[-1])]


def _without_qt() -> tuple[str, ...]:
    """These suites prove by running that nothing below the window needs Qt: the plugin would load it."""
    return ("-p", "no:pytest-qt")


def _has_tests(folder: Path) -> bool:
    return folder.is_dir() and any(folder.rglob("test_*.py"))


def _problem_of(requirement: Callable[[], None]) -> str | None:
    try:
        requirement()
    except SetupProblem as problem:
        return str(problem)
    return None


def _static(env: PrivateEnv, tally: Tally, *, wheel: bool = False) -> None:
    """All at once. `wheel`: it is built and tried on every Python of this machine beside the others."""
    tools = env.python.parent
    commands = {
        "mypy --strict": [str(env.python), "-m", "mypy", "--strict", "--no-error-summary"],
        "ruff check": [str(env.python), "-m", "ruff", "check", "."],
        "ruff format --check": [str(env.python), "-m", "ruff", "format", "--check", "."],
        "lint-imports": [str(tools / "lint-imports"), "--no-logo"],
        "deptry": [str(tools / "deptry"), "--no-ansi", "."],
    }
    if wheel:
        commands["wheel"] = [str(env.python), "packaging/wheel_check.py"]

    def run(command: list[str]) -> tuple[int, str, float]:
        started = time.monotonic()
        done = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        return done.returncode, done.stdout.decode(errors="replace"), time.monotonic() - started

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        running = {name: pool.submit(run, command) for name, command in commands.items()}
        for name, result in running.items():
            code, output, seconds = result.result()
            say(f"{'ok    ' if code == 0 else 'FAILED'} {name} ({seconds:.1f} s)")
            if code != 0 or name == "wheel":
                print(output, flush=True)
            if code != 0:
                tally.problems.append(name)


def _run_suite(
    env: PrivateEnv, suite: Suite, extra: Sequence[str], environment: Mapping[str, str], tally: Tally
) -> None:
    started = time.monotonic()
    say(f"tests, suite '{suite.name}'")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [str(env.python), "-m", "pytest", "-q", *_SLOWEST, f"--junitxml={report}", *suite.arguments, *extra]
        command += _short_paths(environment)
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=_compiling(environment), check=False)
        tally.add_report(report)
        # Without a choice by the person (-k, a mark) a suite that finds no test has lost them.
        good = done.returncode == 0 or (
            done.returncode == _NO_TESTS_COLLECTED and any(word != "--long" for word in extra)
        )
        failed = failed_in(report)
        if not good and may_be_tried_again(failed):
            good = _try_again(env, suite, environment, failed, tally)
    say(f"{'ok    ' if good else 'FAILED'} suite '{suite.name}' ({time.monotonic() - started:.1f} s)")
    if not good:
        tally.problems.append(f"tests, suite '{suite.name}'")


def failed_in(report: Path) -> tuple[str, ...]:
    """The tests that failed, as `module::name`, from the report that pytest wrote."""
    if not report.exists():
        return ()
    cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 (written by our own pytest)
    bad = (case for case in cases if case.find("failure") is not None or case.find("error") is not None)
    return tuple(dict.fromkeys(f"{case.get('classname')}::{case.get('name')}" for case in bad))


def may_be_tried_again(failed: Sequence[str]) -> bool:
    """A few tests, all of them in real time: against real processes, sockets and screens, where a machine that is busy with
    something else can make one too late. A test whose time is virtual has no such excuse.
    """
    return 0 < len(failed) <= MOST_SECOND_TRIES and all(name.startswith(REAL_TIME) for name in failed)


def _try_again(
    env: PrivateEnv, suite: Suite, environment: Mapping[str, str], failed: Sequence[str], tally: Tally
) -> bool:
    """Run what failed once more, one after the other; a test that passes then is named at the end."""
    say(f"once more, alone: {', '.join(failed)}")
    words = ("-q", "--last-failed", *suite.arguments, "-n", "0")
    again = Tally()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [str(env.python), "-m", "pytest", f"--junitxml={report}", *words]
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=_compiling(environment), check=False)
        again.add_report(report)
    if done.returncode != 0:
        return False
    tally.failed -= len(failed)
    tally.passed += len(failed)
    for mark, rows in again.shown.items():
        tally.shown.setdefault(mark, set()).update(rows)
    tally.second_tries += failed
    return True


def _compiling(environment: Mapping[str, str]) -> dict[str, str]:
    """With compiled modules kept, whatever the person's own setting: without them each of the hundreds of processes that
    the tests start compiles the whole program anew, which is half of its start.
    """
    return {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _leave_out(suite: Suite, why: str, tally: Tally) -> None:
    say(f"SKIPPED suite '{suite.name}': {why}")
    tally.skipped += 1
    tally.suites_left_out.append(suite.name)
    if os.environ.get("CI"):
        tally.problems.append(f"suite '{suite.name}' was skipped, which is a failure under CI")


def _close(tally: Tally) -> int:
    if tally.passed + tally.failed == 0:
        tally.problems.append("no test was run")
    print()
    if tally.problems:
        print("NOT GOOD: " + "; ".join(tally.problems), file=sys.stderr)
    if tally.second_tries:
        print(f"passed only at the second try, alone: {', '.join(tally.second_tries)}")
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped", flush=True)
    return 1 if tally.problems else 0
