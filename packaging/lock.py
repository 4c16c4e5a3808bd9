"""Write the hash-pinned locks anew: `python3 packaging/lock.py`, with `uv` on PATH (or the dependency group `lock`).

Four locks for four kinds of environment: `core` runs the engine and the console twin without Qt, `window` adds the
window, `test` adds what the tests need, `build` what makes the packages. They hold for every platform and for every
Python from 3.11 on, and name no package index: pip takes the packages from where the machine is set up to find them, and
the hashes say whether they are the right ones.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "core": [],
    "window": ["--extra", "window"],
    # What the program itself needs is the same in all of them.
    "test": ["--extra", "window", "--group", "test", "-c", "packaging/requirements-window.lock"],
    "build": ["--extra", "window", "--group", "build", "-c", "packaging/requirements-window.lock"],
}
# uv writes the names of indexes it was told of in its environment into what it makes, flag or not.
LEAKING = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")


def lock_path(kind: str) -> Path:
    return ROOT / "packaging" / f"requirements-{kind}.lock"


def command(uv: str, kind: str, *, upgrade: bool) -> list[str]:
    return [
        uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
        "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate", *LOCKS[kind],
        *(["--upgrade"] if upgrade else []), "pyproject.toml", "-o", str(lock_path(kind).relative_to(ROOT)),
    ]  # fmt: skip


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--upgrade"]):
        print(
            "usage: python3 packaging/lock.py [--upgrade]    (--upgrade: newest versions, else as few changes as needed)"
        )
        return 2
    uv = shutil.which("uv")
    if uv is None:
        print("uv is needed to write the locks: pip install uv, then start this again.", file=sys.stderr)
        return 1
    environment = {name: value for name, value in os.environ.items() if name not in LEAKING}
    for kind in LOCKS:
        print(f"writing {lock_path(kind).relative_to(ROOT)}", flush=True)
        subprocess.run(command(uv, kind, upgrade=bool(arguments)), cwd=ROOT, env=environment, check=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
