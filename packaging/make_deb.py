"""The Debian package: the folder with its own Python below /usr/lib, with everything that a desktop wants around it.

What it depends on is asked of `dpkg-shlibdeps` about every library in it; prove_deb.py shows that this is enough.
"""

import gzip
import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import make_folder
import make_wheel
import publisher
import sbom
import steps
import system_parts
from private_env import ROOT, SetupProblem, say

NAME = "rebalancer"
LINUX = ROOT / "packaging" / "linux"
HOME = Path("usr/lib/rebalancer")
ICON_SIZES = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)
ALSO = ("ca-certificates",)
"""Needed, though nothing is linked to it."""
OF_THE_SYSTEM = (
    "libssl.so", "libcrypto.so", "libffi.so", "libsqlite3.so", "libbz2.so", "liblzma.so", "libz.so", "libexpat.so",
    "libuuid.so", "libmpdec.so", "libgdbm", "libdb-",
)  # fmt: skip
"""Came along in the folder for other distributions; on Debian the system's own are used, and get its security updates."""
OPTIONAL = ("platformthemes/libqgtk3.so",)
"""Looks like GNOME's own where GTK is there, and is not loaded where it is not."""
TOOLS = {"dpkg-shlibdeps": "dpkg-dev", "dpkg-deb": "dpkg"}
CHECKS = {"desktop-file-validate": "desktop-file-utils", "appstreamcli": "appstream", "lintian": "lintian"}


def make(python: Path, out: Path) -> Path:
    """Build `rebalancer_VERSION_ARCHITECTURE.deb` into `out`, from the folder there (made when it is not)."""
    host = system_parts.Host.this()
    missing = sorted({package for tool, package in (TOOLS | CHECKS).items() if shutil.which(tool) is None})
    if missing:
        system_parts.provide(host, missing, "Making and checking a Debian package needs tools that are not here")
    folder = out / "folder" / make_folder.name()
    if not folder.is_dir():
        make_folder.make(python, out)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "root"
        package = put_together(python, folder, root, out, depends)
        say(f"{package.name}: {package.stat().st_size / 1e6:.0f} MB, installed {steps.size_of(root) / 1e6:.0f} MB")
        for command in checks(package, root):
            steps.run(command)
    say("desktop-file-validate, appstreamcli and lintian find no error")
    if publisher.read().is_placeholder:
        say("it names no publisher: set packaging/publisher.toml before you give it to others (docs/packages.md)")
    return package


def put_together(python: Path, folder: Path, root: Path, out: Path, needs: Callable[[Path], str]) -> Path:
    """The package of `folder`, laid out below the new folder `root` and packed into `out`. `needs` gives its Depends."""
    root.mkdir()
    _lay_out(python, folder, root)
    architecture = steps.run(["dpkg", "--print-architecture"]).strip()
    _describe(root, architecture, needs(root))
    package = out / f"{NAME}_{sbom.own()['version']}_{architecture}.deb"
    environment = os.environ | {"SOURCE_DATE_EPOCH": make_wheel.source_date()}
    _set_times(root)
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z3", "--build", str(root), str(package)],
        env=environment, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return package


def _lay_out(python: Path, folder: Path, root: Path) -> None:
    version, resources = sbom.own()["version"], root / HOME / make_folder.INSIDE
    shutil.copytree(folder, root / HOME, symlinks=True)
    for library in (root / HOME / "_internal").glob("lib*.so*"):
        if library.name.startswith(OF_THE_SYSTEM):
            library.unlink()
    (root / HOME / "LICENSE").unlink()
    (resources / "packaged-as").write_text("deb\n", encoding="utf-8")
    binaries = root / "usr/bin"
    binaries.mkdir(parents=True)
    for program in ("rebalancer", "rebalancer-gui"):
        (binaries / program).symlink_to(f"../lib/rebalancer/{program}")
    day = datetime.fromtimestamp(int(make_wheel.source_date()), UTC).date().isoformat()
    _put(root / "usr/share/applications/rebalancer.desktop", (LINUX / "rebalancer.desktop").read_text("utf-8"))
    by = publisher.read()
    metainfo = (LINUX / "metainfo.xml").read_text("utf-8").replace("@VERSION@", version).replace("@DATE@", day)
    _put(root / "usr/share/metainfo" / by.metainfo, by.filled_in(metainfo))
    _put(root / "usr/lib/systemd/user/rebalancer.service", (ROOT / "packaging/rebalancer.service").read_text("utf-8"))
    for page in ("rebalancer.1", "rebalancer-gui.1"):
        text = (LINUX / page).read_text("utf-8").replace("@VERSION@", version).replace("@COMMANDS@", _commands(python))
        _put_packed(root / f"usr/share/man/man1/{page}.gz", text)
    _put(root / "usr/share/doc/rebalancer/copyright", (LINUX / "copyright").read_text("utf-8"))
    stamp = datetime.fromtimestamp(int(make_wheel.source_date()), UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    changes = (
        f"{NAME} ({version}) unstable; urgency=low\n\n  * See the project's history.\n\n -- {by.maintainer}  {stamp}\n"
    )
    _put_packed(root / "usr/share/doc/rebalancer/changelog.gz", changes)
    _put(root / "usr/share/lintian/overrides/rebalancer", (LINUX / "lintian-overrides").read_text("utf-8"))
    _icons(python, root / "usr/share/icons/hicolor")


def _put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _put_packed(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _commands(python: Path) -> str:
    """The commands of the console as a man page lists them, from the program itself."""
    ask = (
        "from rebalancer_gui.console.arguments import build_parser as b\n"
        "for p in b()._subparsers._group_actions[0]._choices_actions: print(f'.TP\\n.B {p.dest}\\n{p.help}')"
    )
    return steps.run([str(python), "-c", ask]).strip()


def _icons(python: Path, theme: Path) -> None:
    """The program's picture in all sizes, drawn by Qt, and as it is."""
    picture = ROOT / "resources" / "app" / "rebalancer.svg"
    for size in ICON_SIZES:
        (theme / f"{size}x{size}/apps").mkdir(parents=True)
    draw = (
        "import sys\n"
        "from PySide6.QtGui import QGuiApplication, QImage, QPainter\n"
        "from PySide6.QtSvg import QSvgRenderer\n"
        "app = QGuiApplication(['draw', '-platform', 'offscreen'])\n"
        "drawing = QSvgRenderer(sys.argv[1])\n"
        "for size in map(int, sys.argv[3:]):\n"
        "    image = QImage(size, size, QImage.Format.Format_ARGB32)\n"
        "    image.fill(0)\n"
        "    painter = QPainter(image)\n"
        "    drawing.render(painter)\n"
        "    painter.end()\n"
        "    assert image.save(f'{sys.argv[2]}/{size}x{size}/apps/rebalancer.png')\n"
    )
    steps.run([str(python), "-c", draw, str(picture), str(theme), *map(str, ICON_SIZES)])
    _put(theme / "scalable/apps/rebalancer.svg", picture.read_text("utf-8"))


def depends(root: Path) -> str:
    """What the libraries and programs below `root` need from the system, as the field Depends wants it."""
    inside = root / HOME
    binaries = [file for file in sorted(inside.rglob("*")) if _is_elf(file) and not str(file).endswith(OPTIONAL)]
    own = sorted({str(file.parent) for file in binaries})
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "debian").mkdir()
        (Path(place) / "debian/control").write_text(f"Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n")
        (root / "DEBIAN").mkdir(exist_ok=True)
        said = steps.run(
            ["dpkg-shlibdeps", "-O", "--ignore-missing-info", f"-S{root}", *(f"-l{folder}" for folder in own),
             *(f"-e{file}" for file in binaries)],
            cwd=Path(place),
        )  # fmt: skip
    found = re.search(r"^shlibs:Depends=(.*)$", said, re.MULTILINE)
    if found is None:
        raise SetupProblem(f"dpkg-shlibdeps said nothing of what is needed: {said[-1000:]}")
    return ", ".join(sorted({*found[1].split(", "), *ALSO}))


def _is_elf(file: Path) -> bool:
    if not file.is_file() or file.is_symlink():
        return False
    with file.open("rb") as content:
        return content.read(4) == b"\x7fELF"


def _describe(root: Path, architecture: str, needs: str) -> None:
    by = publisher.read()
    homepage = f"Homepage: {by.homepage}\n" if by.homepage else ""
    control = f"""\
Package: {NAME}
Version: {sbom.own()["version"]}
Architecture: {architecture}
Maintainer: {by.maintainer}
Installed-Size: {steps.size_of(root) // 1024}
Depends: {needs}
Recommends: default-dbus-session-bus | dbus-session-bus, gnome-keyring | kwalletmanager | keepassxc
Suggests: libgtk-3-0, fonts-noto-cjk
Section: misc
Priority: optional
{homepage}\
Description: keep a basket of coins at the weights you chose
 When prices move a portfolio off its weights, Rebalancer sells what has grown
 and buys what has fallen behind, by the rule you set: as soon as a coin is
 further off than a threshold, or at fixed times.
 .
 It starts with a paper account on a market that replays real prices, and
 needs no key, no registration and no network for that. The package holds the
 window (rebalancer-gui), its console twin (rebalancer) and a user service.
"""
    _put(root / "DEBIAN/control", control)
    sums = []
    for file in sorted(root.rglob("*")):
        if file.is_symlink():
            continue
        is_program = file.is_dir() or file.parent == root / HOME
        file.chmod(0o755 if is_program else 0o644)
        if file.is_file() and "DEBIAN" not in file.parts:
            with file.open("rb") as content:
                sums.append(f"{hashlib.file_digest(content, 'md5').hexdigest()}  {file.relative_to(root)}\n")
    _put(root / "DEBIAN/md5sums", "".join(sums))
    (root / "DEBIAN/md5sums").chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IROTH)


def _set_times(root: Path) -> None:
    moment = int(make_wheel.source_date())
    for file in [root, *root.rglob("*")]:
        os.utime(file, (moment, moment), follow_symlinks=False)


def checks(package: Path, root: Path) -> list[list[str]]:
    """The desktop's own checkers, each as a command that fails where it finds an error."""
    (metainfo,) = (root / "usr/share/metainfo").iterdir()
    return [
        ["desktop-file-validate", str(root / "usr/share/applications/rebalancer.desktop")],
        ["appstreamcli", "validate", "--no-net", "--pedantic", str(metainfo)],
        ["lintian", "--allow-root", "--fail-on", "error", str(package)],
    ]
