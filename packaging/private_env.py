"""The private environments under `.rebalancer-env/`, one a kind: core (no Qt), window, test, build (makes packages).

An environment is finished when its stamp says so. The stamp is taken away before anything is changed and written last,
so an interrupted set-up is recognised and made anew; two set-ups at once wait for each other.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("core", "window", "test", "build")
# Settings of a person's own pip that would make it install somewhere else than into the private environment.
_PIP_ELSEWHERE = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PYTHONPATH", "PYTHONHOME")
_WAIT_FOR_OTHER_S = 0.5


class SetupProblem(Exception):  # noqa: N818 (what it is for the person who reads it)
    """Something on this machine stands in the way. The text says what it is and what to do."""


def say(text: str) -> None:
    print(f"[set-up] {text}", flush=True)


@dataclass(frozen=True, slots=True)
class PrivateEnv:
    """One environment of a checkout."""

    root: Path
    kind: str

    @property
    def folder(self) -> Path:
        return self.root / ".rebalancer-env" / self.kind

    @property
    def lock(self) -> Path:
        return self.root / "packaging" / f"requirements-{self.kind}.lock"

    @property
    def stamp(self) -> Path:
        return self.folder / "stamp.json"

    @property
    def python(self) -> Path:
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def site_packages(self) -> Path:
        if os.name == "nt":
            return self.folder / "Lib" / "site-packages"
        return self.folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"

    def wanted_stamp(self) -> dict[str, str]:
        """What a finished environment has to agree with: the lock, this Python, this place."""
        return {
            "lock": hashlib.sha256(self.lock.read_bytes()).hexdigest(),
            "python": sys.version,
            "base": str(Path(sys.base_prefix).resolve()),
            "checkout": str(self.root),
        }

    def is_ready(self) -> bool:
        try:
            found = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(found == self.wanted_stamp()) and self.python.exists()


def ensure(env: PrivateEnv) -> Path:
    """Make the environment unless it is there, and give the path of its Python.

    Raises SetupProblem when the folder cannot be written, a part of Python is missing, or pip fails.
    """
    if env.is_ready():
        return env.python
    try:
        env.folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(env.folder.parent / "set-up.lock"):
            if not env.is_ready():
                _make(env)
    except PermissionError as problem:
        raise SetupProblem(
            f"The environment of the program belongs into {env.folder}, and that cannot be written ({problem.strerror}: "
            f"{problem.filename}). Start as the owner of this folder, or copy the folder to a place of your own."
        ) from problem
    return env.python


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock file for the length of the block; the system lets go of it when the process dies, however."""
    with path.open("a+b") as handle:
        # Inherited by the steps: should this process be killed, the lock lasts until its orphaned pip is through, too.
        os.set_inheritable(handle.fileno(), True)
        told = False
        while not _try_lock(handle):
            if not told:
                say("another set-up is at work in this folder; waiting for it")
                told = True
            time.sleep(_WAIT_FOR_OTHER_S)
        yield


def _try_lock(handle: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _make(env: PrivateEnv) -> None:
    if env.folder.exists():
        say(f"the environment in {_shown(env)} is unfinished or out of date: making it anew")
        env.stamp.unlink(missing_ok=True)
        shutil.rmtree(env.folder)
    else:
        say(f"first start: making a private environment in {_shown(env)}")
    started = time.monotonic()
    _require_venv_module()
    pip_environment = {name: value for name, value in os.environ.items() if name not in _PIP_ELSEWHERE}
    _step([sys.executable, "-m", "venv", str(env.folder)], pip_environment, "Python could not make an environment")
    say(f"installing {_count(env.lock)} packages by their hashes (packaging/{env.lock.name})")
    # The tests import a small part of ccxt's hundreds of modules, and what is imported is compiled then.
    compiling = ["--no-compile"] if env.kind == "test" else []
    _step(
        [str(env.python), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input",
         "--disable-pip-version-check", *compiling, "-r", str(env.lock)],
        pip_environment | {"PIP_USER": "0"},
        "pip could not install the packages; its own last lines above say why. Check the network and pip's settings",
    )  # fmt: skip
    (env.site_packages / "rebalancer-checkout.pth").write_text(f"{env.root}\n", encoding="utf-8")
    half = env.stamp.with_suffix(".new")
    half.write_text(json.dumps(env.wanted_stamp(), indent=1), encoding="utf-8")
    half.replace(env.stamp)
    say(f"ready after {time.monotonic() - started:.0f} s")


def _require_venv_module() -> None:
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    import system_parts

    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    system_parts.provide(
        system_parts.Host.this(), [package], f"Python's module to make environments ({package}) is not installed"
    )


def _step(command: list[str], environment: dict[str, str], failure: str) -> None:
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, close_fds=False, check=False)
    if done.returncode != 0:
        raise SetupProblem(f"{failure} (exit code {done.returncode}). Then start the same command again.")


def _count(lock: Path) -> int:
    """Packages named in the lock, those for other systems too: an upper bound for the person who waits."""
    return sum(1 for line in lock.read_text(encoding="utf-8").splitlines() if line[:1].isalnum())


def _shown(env: PrivateEnv) -> Path:
    return env.folder.relative_to(env.root)
