#!/usr/bin/env python3
"""Make what people install: `python3 packaging/build.py wheel|folder|deb|proof|all`, into the folder `dist`.

    wheel    the wheel and the source archive
    folder   a folder with its own Python: `rebalancer` and `rebalancer-gui` (this system only), tried out, and packed
    deb      the Debian package of that folder (on Debian and Ubuntu)
    proof    installs the Debian package into a Debian with nothing else in it, and starts it there (as root)
    all      all of these, one after the other

Each package is tried out before it counts, and `dist/SHA256SUMS` names what is there. The first time, the environment
`.rebalancer-env/build` is made from its lock.
"""

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

OLDEST = (3, 11)


def main(arguments: list[str]) -> int:
    if sys.version_info < OLDEST:
        print("Python 3.11 or newer is needed.", file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(prog="build.py", description="Make what people install.")
    parser.add_argument("what", choices=("wheel", "folder", "deb", "proof", "all"))
    parser.add_argument("--out", type=Path, default=None, metavar="DIR", help="where it goes (default: dist)")
    options = parser.parse_args(arguments)

    from private_env import ROOT, PrivateEnv, SetupProblem, ensure
    from tried_out import NotGood

    out = (options.out or ROOT / "dist").resolve()
    out.mkdir(parents=True, exist_ok=True)
    try:
        python = ensure(PrivateEnv(ROOT, "build"))
        for step in _steps(options.what):
            step(python, out)
        _sums(out)
    except (SetupProblem, NotGood) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    return 0


def _steps(what: str) -> list[Callable[[Path, Path], object]]:
    import make_deb
    import make_folder
    import prove_deb

    steps: dict[str, Callable[[Path, Path], object]] = {
        "wheel": make_wheels,
        "folder": make_folder.make,
        "deb": make_deb.make,
        "proof": prove_deb.prove,
    }
    return list(steps.values()) if what == "all" else [steps[what]]


def make_wheels(python: Path, out: Path) -> None:
    """Wheel and source archive into `out`."""
    import make_wheel
    from private_env import say

    with tempfile.TemporaryDirectory() as folder:
        tree = make_wheel.copy_tree(Path(folder) / "tree")
        for source in (False, True):
            say(f"made {make_wheel.make(python, tree, out, source=source).name}")


def _sums(out: Path) -> None:
    """SHA256SUMS of all files in `out`, as `sha256sum --check` reads it."""
    lines = []
    for file in sorted(out.iterdir()):
        if file.is_file() and file.name != "SHA256SUMS":
            with file.open("rb") as content:
                lines.append(f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {file.name}\n")
    (out / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
