"""The tree that people get: locks pinned by hash, no address of a package index, no path of somebody's machine."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {kind: ROOT / "packaging" / f"requirements-{kind}.lock" for kind in ("core", "window", "test", "build")}
LEFT_BEHIND = {
    ".git", ".venv", ".rebalancer-env", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    ".import_linter_cache", ".hypothesis",
}  # fmt: skip
INDEX_ADDRESSES = (
    r"https?://[^\s\"']+/simple\b",
    r"--(extra-)?index" + "-url",
    r"--find" + "-links",
    r"pypi\." + r"org/(simple|pypi)",
    r"files\.python" + "hosted",
)
MACHINE_PATHS = (
    re.escape(f"{ROOT}/"),
    re.escape(f"{ROOT.parent / 'shared'}/"),
    r"(?<![\w.])/(home|Users)/\w+/",
    r"(?<![\w.])/root" + "/",
)


def tracked_names() -> list[str]:
    """What git has or would take; in a copy of the tree without git, all but what tools leave behind."""
    if git := shutil.which("git"):
        listed = subprocess.run(
            [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if listed.returncode == 0:
            return [name for name in listed.stdout.split("\0") if name]
    files = (file.relative_to(ROOT) for file in ROOT.rglob("*"))
    return [str(file) for file in files if not any(part in LEFT_BEHIND for part in file.parts)]


def tracked_texts() -> list[tuple[str, str]]:
    """(path, content) of every text file that is, or is about to be, part of the tree."""
    found = []
    for name in tracked_names():
        file = ROOT / name
        if file.is_file() and b"\0" not in (raw := file.read_bytes())[:4096]:
            found.append((name, raw.decode("utf-8", errors="replace")))
    return found


def hits(patterns: tuple[str, ...]) -> list[str]:
    pattern = re.compile("|".join(patterns))
    return [f"{name}: {found.group()}" for name, text in tracked_texts() if (found := pattern.search(text))]


def pinned(lock: Path) -> dict[str, set[str]]:
    """Package -> its pinned versions (several where the marker differs)."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-zA-Z0-9._-]+)==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE):
        versions.setdefault(canonicalize_name(name), set()).add(version)
    return versions


def test_no_file_names_a_package_index():
    # lock.py says to uv what to leave out.
    assert [hit for hit in hits(INDEX_ADDRESSES) if not hit.startswith("packaging/lock.py:")] == []


def test_no_file_names_a_folder_of_somebodys_machine():
    assert hits(MACHINE_PATHS) == []


@pytest.mark.failure(56)
@pytest.mark.parametrize("kind", LOCKS)
def test_every_package_of_a_lock_is_pinned_and_hashed(kind):
    entries = re.split(r"^(?=[a-zA-Z0-9])", LOCKS[kind].read_text(encoding="utf-8"), flags=re.MULTILINE)
    entries = [entry for entry in entries if entry.strip()]

    assert len(entries) > 20
    assert [
        entry.split()[0] for entry in entries if "==" not in entry.split()[0] or "--hash=sha256:" not in entry
    ] == []


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    core = project["project"]["dependencies"]
    window = project["project"]["optional-dependencies"]["window"]
    groups = project["dependency-groups"]
    window += core
    asked = {"core": core, "window": window, "test": window + groups["test"], "build": window + groups["build"]}

    for kind, requirements in asked.items():
        versions = pinned(LOCKS[kind])
        for text in requirements:
            requirement = Requirement(text)
            name = canonicalize_name(requirement.name)
            assert name in versions, f"{name} is not in {LOCKS[kind].name}: run packaging/lock.py"
            assert all(version in requirement.specifier for version in versions[name]), f"{text} in {LOCKS[kind].name}"


def test_the_locks_agree_and_the_smallest_has_no_qt():
    core, window, test, build = (pinned(LOCKS[kind]) for kind in ("core", "window", "test", "build"))

    assert core.items() <= window.items()
    assert window.items() <= test.items()
    assert window.items() <= build.items()
    assert not {"pyside6-essentials", "shiboken6", "pyqtgraph"} & core.keys()
