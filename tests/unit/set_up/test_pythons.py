"""Every Python of a machine on which the program runs is found once, by how people have them, never by a path."""

import json
import stat
import sys
from pathlib import Path

import pytest

import pythons

THIS_MINOR = sys.version_info[1]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(pythons, "OLDEST_MINOR", 11)
    monkeypatch.setattr("shutil.which", lambda name: str(tmp_path / name) if (tmp_path / name).exists() else None)
    return tmp_path


def put(path: Path, name: str, script: str) -> None:
    (path / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (path / name).chmod(stat.S_IRWXU)


def answering(version: tuple[int, int, int], implementation: str = "cpython") -> str:
    return f"echo '{json.dumps([version, f'/there/{version[1]}', implementation])}'"


def names() -> list[str]:
    return [python.name for python in pythons.found()]


def test_the_python_that_runs_is_among_them(path):
    (only,) = pythons.found()
    assert (only.executable, only.version) == (sys.executable, sys.version_info[:3])


def test_what_answers_on_path_is_found_and_what_does_not_start_is_not(path):
    put(path, "python3.17", answering((3, 17, 2)))
    put(path, "python3.18", "exit 127")

    assert names() == [f"3.{THIS_MINOR}", "3.17"]


def test_pypy_is_left_out_since_the_locks_are_for_cpython(path):
    put(path, "python3.17", answering((3, 17, 0), "pypy"))

    assert "3.17" not in names()


def test_a_version_behind_pyenv_is_found_though_its_command_answers_only_when_chosen(path):
    put(path, "pyenv", "echo 3.9.1; echo 3.17.4; echo pypy3.11-7.3")
    put(path, "python3.17", f'[ "$PYENV_VERSION" = 3.17.4 ] || exit 127\n{answering((3, 17, 4))}')

    assert names() == [f"3.{THIS_MINOR}", "3.17"]


def test_the_launcher_of_windows_is_asked_for_each_version(path):
    put(path, "py", f'[ "$1" = -3.18 ] || exit 103\n{answering((3, 18, 0))}')

    assert names() == [f"3.{THIS_MINOR}", "3.18"]
