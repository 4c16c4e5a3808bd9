"""Proof that the Debian package names all it needs: it is installed into a Debian with nothing else in it, and used there.

    sudo python3 packaging/build.py proof

makes that Debian (debootstrap, the smallest kind, from where this machine gets its own packages), installs the package with
apt and without anything recommended, and as a user without rights runs `rebalancer doctor`, three days of the demo, and
the window on a virtual screen of this machine, of which it takes a picture. The log and the picture lie in `OUT/proof`.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import display
import make_deb
import sbom
import steps
import system_parts
from private_env import SetupProblem, say
from tried_out import Copy, try_console, try_exchanges, try_window

USER, USER_ID = "person", "1000"
TOOLS = {"debootstrap": "debootstrap", "Xvfb": "xvfb", "openbox": "openbox", "xprop": "x11-utils"}
INSIDE_WORK = Path("/home") / USER / "work"
_PICTURE = (
    "import sys\n"
    "from PySide6.QtGui import QGuiApplication\n"
    "app = QGuiApplication(['picture', '-platform', 'xcb'])\n"
    "assert app.primaryScreen().grabWindow(0).save(sys.argv[1])\n"
)


def prove(python: Path, out: Path) -> None:
    """Raises SetupProblem or NotGood with what is wrong; else the package is proven."""
    host = system_parts.Host.this()
    if not (host.is_root and host.has_apt):
        raise SetupProblem("The proof needs root on Debian or Ubuntu: it makes a small Debian beside this one.")
    if missing := sorted({package for tool, package in TOOLS.items() if shutil.which(tool) is None}):
        system_parts.provide(host, missing, "The proof needs tools that are not here")
    packages = sorted(out.glob(f"{make_deb.NAME}_{sbom.own()['version']}_*.deb"))
    package = packages[-1] if packages else make_deb.make(python, out)
    proof = out / "proof"
    shutil.rmtree(proof, ignore_errors=True)
    proof.mkdir(parents=True)
    root = proof / "debian"
    try:
        _make_debian(root, proof / "1-debootstrap.log")
        before = _installed(root)
        _install(root, package, proof / "2-apt-install.log")
        _write_came_along(before, _installed(root), proof / "3-packages-that-came-along.txt")
        _use(python, root, proof)
    finally:
        # Each step mounted what it needs in a name space of its own, so nothing is left to unmount.
        shutil.rmtree(root, ignore_errors=True)
    say(f"proven: {package.name} brings all it needs with it; log and picture are in {proof}")


def _make_debian(root: Path, log: Path) -> None:
    """The smallest Debian, of this machine's own release, from where this machine gets its packages."""
    listed = steps.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"])
    release = _release()
    mirrors = [line.split()[0] for line in listed.splitlines() if line.split()[1:] == [release]]
    say(f"making the smallest Debian {release}")
    steps.run(["debootstrap", "--variant=minbase", release, str(root), *mirrors[:1]], log=log)
    for sources in ("sources.list", "sources.list.d", "apt.conf.d", "keyrings"):
        _copy_settings(Path("/etc/apt") / sources, root / "etc/apt" / sources)
    steps.run(["chroot", str(root), "useradd", "--create-home", "--uid", USER_ID, USER])


def _release() -> str:
    for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name == "VERSION_CODENAME":
            return value.strip('"')
    raise SetupProblem("This system does not say which release of Debian it is (/etc/os-release).")


def _copy_settings(source: Path, target: Path) -> None:
    """Where this machine's apt looks and how, so that security updates count too."""
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
        shutil.copy(source, target)


def _inside(root: Path, command: Sequence[str], *, user: str = "") -> list[str]:
    """What runs a command in there, with its own /proc and this machine's /dev, in a name space that ends with it."""
    mounts = f"mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev && exec chroot"
    who = f" --userspec={user}:{user}" if user else ""
    return ["unshare", "--mount", "sh", "-c", f'{mounts}{who} {root} "$@"', "sh", *command]


def _installed(root: Path) -> set[str]:
    return set(steps.run(["chroot", str(root), "dpkg-query", "-W", "-f", "${Package} ${Version}\\n"]).splitlines())


def _install(root: Path, package: Path, log: Path) -> None:
    shutil.copy(package, root / "tmp" / package.name)
    steps.run(_inside(root, ["apt-get", "update", "-q"]))
    say("installing the package there with apt, nothing recommended")
    apt = ["apt-get", "install", "-y", "-q", "--no-install-recommends", f"/tmp/{package.name}"]  # noqa: S108 (in there)
    steps.run(_inside(root, ["env", "DEBIAN_FRONTEND=noninteractive", *apt]), log=log)
    (root / "tmp" / package.name).unlink()


def _write_came_along(before: set[str], after: set[str], file: Path) -> None:
    came = sorted(after - before)
    say(f"{len(came) - 1} packages of the system came along with it")
    file.write_text("\n".join(came) + "\n", encoding="utf-8")


def _use(python: Path, root: Path, proof: Path) -> None:
    """Console, doctor, demo and window, as a user without rights."""
    work = root / INSIDE_WORK.relative_to("/")
    work.mkdir()
    os.chown(work, int(USER_ID), int(USER_ID))
    copy = Copy(
        _inside(root, ["/usr/bin/rebalancer"], user=USER),
        _inside(root, ["/usr/bin/rebalancer-gui"], user=USER),
        work,
        {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        INSIDE_WORK,
    )
    (proof / "4-doctor.txt").write_text(copy.say("doctor"), encoding="utf-8")
    try_console(copy, version=sbom.own()["version"], packaged_as="deb", with_qt=True)
    try_exchanges(copy)
    say("console, doctor and three days of the demo are good")
    with display.private_display(proof / "display.log") as screen:
        on_screen = {"DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}
        say(f"window: its engine is up after {try_window(copy, environment=on_screen):.1f} s, and it ended well")
        _take_picture(python, copy, on_screen, proof / "5-window.png")


def _take_picture(python: Path, copy: Copy, on_screen: dict[str, str], file: Path) -> None:
    """The window as it stands on the screen, strategies of the demo in it, taken from outside."""
    program = subprocess.Popen(
        [*copy.window, "--data-dir", str(INSIDE_WORK / "data")],
        env=copy.surroundings() | on_screen, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        time.sleep(8.0)  # Somebody looks at it: prices, ratios and the chart are there by then.
        steps.run(
            ["env", *(f"{name}={value}" for name, value in on_screen.items()), str(python), "-c", _PICTURE, str(file)]
        )
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(30)
    say(f"a picture of the window is in {file}")
