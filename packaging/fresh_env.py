"""A fresh Python environment with what a lock names and a wheel in it, as somebody has who installs the program.

`uv` makes it in seconds; where it is not to be had, or does not reach the packages that pip is set up for, pip does.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from private_env import SetupProblem

_FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")


def environment() -> dict[str, str]:
    """This process's environment without what would lead Python or pip somewhere else."""
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN}


class FreshEnv:
    """An environment in `folder`, which must not exist yet, of the Python `executable`."""

    def __init__(self, folder: Path, executable: str) -> None:
        self.folder = folder
        self._uv = _uv()
        _run([executable, "-m", "venv", *(["--without-pip"] if self._uv else []), str(folder)])

    @property
    def python(self) -> Path:
        return self.script("python")

    def script(self, name: str) -> Path:
        """A command of the environment, such as the program's entry points."""
        return self.folder / "Scripts" / f"{name}.exe" if os.name == "nt" else self.folder / "bin" / name

    def install_lock(self, lock: Path) -> None:
        self._install(["--require-hashes", "-r", str(lock)])

    def install_wheel(self, wheel: Path) -> None:
        """Nothing that it needs comes along: that is the lock's to have."""
        self._install([str(wheel)])

    def unmet(self) -> str:
        """What an installed package needs that is not there or has a wrong version, in words; "" when all is well."""
        command = [self._uv, "pip", "check", "--python", str(self.python)] if self._uv else self._pip("check")
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else (done.stdout + done.stderr).strip()

    def _install(self, words: Sequence[str]) -> None:
        if self._uv:
            said = ""
            # What is pinned by hash may come from uv's own cache: a second run needs no network.
            install = [self._uv, "pip", "install", "--quiet", "--no-deps", "--python", str(self.python)]
            for reach in (["--offline"], []):
                command = [*install, *reach, *words]
                done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
                if done.returncode == 0:
                    return
                said = done.stderr
            print(f"uv could not install it ({said.strip()[-300:]}); trying pip", file=sys.stderr)
            _run([str(self.python), "-m", "ensurepip"])
        _run([*self._pip("install"), "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", *words])

    def _pip(self, word: str) -> list[str]:
        return [str(self.python), "-m", "pip", word]


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    return str(beside) if beside.exists() else shutil.which("uv")


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SetupProblem(f"`{' '.join(command)}` failed: {(done.stdout + done.stderr).strip()[-2000:]}")
