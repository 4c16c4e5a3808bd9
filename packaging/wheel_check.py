"""Build the wheel and try it out on every Python of this machine that the program runs on:

    .rebalancer-env/test/bin/python packaging/wheel_check.py

For each a fresh environment: first the lock `core` alone, which has no Qt, and the console; then the lock `window`, and the
window on Qt's own invisible screen. Part of `bootstrap.py test`.
"""

import sys
import tempfile
import time
import zipfile
from pathlib import Path

import make_wheel
import pythons
from fresh_env import FreshEnv
from private_env import ROOT, SetupProblem
from sbom import own
from tried_out import Copy, NotGood, try_console, try_window

INSIDE = (
    "rebalancer_gui/_resources/licences/third-party.txt",
    "rebalancer_gui/_resources/licences/sbom.cdx.json",
    "rebalancer_gui/_resources/licences/LGPL-3.0.txt",
    "rebalancer_gui/_resources/fonts/OFL.txt",
    "rebalancer_gui/_docs/guide/README.md",
    "rebalancer_gui/adapters/storage/migrations/0001_ledger.sql",
    "rebalancer_gui-{version}.dist-info/licenses/LICENSE",
)
ENTRY_POINTS = ("rebalancer = rebalancer_gui.cli:main", "rebalancer-gui = rebalancer_gui.__main__:main")


def look_inside(wheel: Path) -> None:
    """Raises NotGood where the wheel lacks what everybody needs of it."""
    version = own()["version"]
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        points = archive.read(f"rebalancer_gui-{version}.dist-info/entry_points.txt").decode()
    lacking = [name for name in (each.format(version=version) for each in INSIDE) if name not in names]
    lacking += [point for point in ENTRY_POINTS if point not in points]
    if lacking:
        raise NotGood(f"the wheel lacks {', '.join(lacking)}")


def try_on(python: pythons.Python, wheel: Path, work: Path) -> str:
    """What took how long. Raises NotGood or SetupProblem."""
    begun = time.monotonic()
    env = FreshEnv(work / "env", python.executable)
    env.install_lock(ROOT / "packaging" / "requirements-core.lock")
    env.install_wheel(wheel)
    if unmet := env.unmet():
        raise NotGood(f"the lock `core` does not hold what the wheel needs: {unmet}")
    home = work / "home"
    home.mkdir()
    copy = Copy([str(env.script("rebalancer"))], [str(env.script("rebalancer-gui"))], home)
    try_console(copy, version=own()["version"], packaged_as="wheel", with_qt=False)
    console = time.monotonic() - begun
    env.install_lock(ROOT / "packaging" / "requirements-window.lock")
    opened = try_window(copy, environment={"QT_QPA_PLATFORM": "offscreen"})
    return f"console {console:.1f} s, window up after {opened:.1f} s, in all {time.monotonic() - begun:.1f} s"


def main() -> int:
    failed = 0
    with tempfile.TemporaryDirectory(prefix="rebalancer-wheel-") as folder:
        base = Path(folder)
        try:
            wheel = make_wheel.make(Path(sys.executable), make_wheel.copy_tree(base / "tree"), base / "dist")
            look_inside(wheel)
        except (SetupProblem, NotGood) as problem:
            print(f"FAILED the wheel: {problem}")
            return 1
        for python in pythons.found():
            work = base / python.name
            work.mkdir()
            try:
                print(f"ok     wheel on Python {python.name}: {try_on(python, wheel, work)}", flush=True)
            except (SetupProblem, NotGood) as problem:
                failed += 1
                print(f"FAILED wheel on Python {python.name}: {problem}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
