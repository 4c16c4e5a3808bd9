"""Steps of making packages: other programs that are run to their end."""

import os
import subprocess
from pathlib import Path

from private_env import SetupProblem


def run(command: list[str], *, cwd: Path | None = None, log: Path | None = None) -> str:
    """Run a program to its end and give what it printed. `log` gets it too. Raises SetupProblem with its last lines."""
    foreign = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in foreign}
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False,
    )  # fmt: skip
    if log is not None:
        log.write_text(done.stdout, encoding="utf-8")
    if done.returncode != 0:
        shown = " ".join(command[:6]) + (" ..." if len(command) > 6 else "")
        raise SetupProblem(f"`{shown}` ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; links count nothing."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
