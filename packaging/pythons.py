"""The Pythons of this machine that the program runs on: from 3.11 up, each once.

Looked for where people have them: as `python3.11`, `python3.12`, ... on PATH, by the launcher `py` of Windows, and behind
`pyenv`, whose own commands of that name answer only for a version that was chosen.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

OLDEST_MINOR, NEWEST_MINOR = 11, 19
_ASK = "import json, sys; print(json.dumps([list(sys.version_info[:3]), sys.executable, sys.implementation.name]))"
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Python:
    """`version` has three numbers; `command` is what starts it, with the environment of `pyenv` where it needs one."""

    version: tuple[int, int, int]
    executable: str

    @property
    def name(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"


def found(environment: Mapping[str, str] | None = None) -> list[Python]:
    """One a minor version, oldest first; the Python that runs this among them."""
    by_minor: dict[int, Python] = {}
    for command, extra in _candidates():
        answer = _ask(command, {**(os.environ if environment is None else environment), **extra})
        if answer is not None and answer.version >= (3, OLDEST_MINOR, 0):
            by_minor.setdefault(answer.version[1], answer)
    return [by_minor[minor] for minor in sorted(by_minor)]


def _candidates() -> Iterator[tuple[list[str], dict[str, str]]]:
    yield [sys.executable], {}
    for minor in range(OLDEST_MINOR, NEWEST_MINOR + 1):
        if path := shutil.which(f"python3.{minor}"):
            yield [path], {}
    if launcher := shutil.which("py"):
        for minor in range(OLDEST_MINOR, NEWEST_MINOR + 1):
            yield [launcher, f"-3.{minor}"], {}
    if pyenv := shutil.which("pyenv"):
        listed = subprocess.run([pyenv, "versions", "--bare"], capture_output=True, text=True, check=False)
        for line in listed.stdout.split():
            second = line.split(".")[1] if line.startswith("3.") and line.count(".") == 2 else ""
            if second.isdigit() and int(second) >= OLDEST_MINOR and (path := shutil.which(f"python3.{second}")):
                yield [path], {"PYENV_VERSION": line}


def _ask(command: list[str], environment: Mapping[str, str]) -> Python | None:
    """What it says it is; None when it does not start, or is another implementation (the locks are CPython's)."""
    try:
        asked = subprocess.run(
            [*command, "-c", _ASK],
            env=dict(environment), capture_output=True, text=True, check=False, timeout=_PATIENCE_S,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    if asked.returncode != 0:
        return None
    version, executable, implementation = json.loads(asked.stdout)
    if implementation != "cpython":
        return None
    return Python((version[0], version[1], version[2]), executable)


if __name__ == "__main__":
    for python in found():
        print(".".join(map(str, python.version)), python.executable)
