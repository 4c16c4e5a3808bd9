"""The folder with its own Python, made by PyInstaller from the installed wheel, tried out, and packed."""

import json
import os
import platform
import shutil
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import display
import make_wheel
import sbom
import steps
import system_parts
from private_env import ROOT, SetupProblem, say
from tried_out import Copy, try_console, try_exchanges, try_window

SPECS = {"linux": "linux.spec", "win32": "windows.spec", "darwin": "macos.spec"}
INSIDE = Path("_internal") / "rebalancer_gui" / "_resources"


def name() -> str:
    """Of the folder, such as rebalancer-0.1.0-linux-x86_64."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    return f"rebalancer-{sbom.own()['version']}-{system}-{platform.machine().lower()}"


def make(python: Path, out: Path) -> Path:
    """Build, try out and pack the folder. Gives the folder, which stays in `out/folder`."""
    system_parts.require_qt_libraries(system_parts.Host.this(), _site_packages(python), ["libqxcb.so"])
    folder = out / "folder" / name()
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        wheel = make_wheel.make(python, make_wheel.copy_tree(work / "tree"), work / "wheel")
        steps.run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", str(wheel)])
        begun = time.monotonic()
        spec = ROOT / "packaging" / "bundle" / SPECS[sys.platform]
        steps.run(
            [str(python), "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN",
             "--distpath", str(work / "dist"), "--workpath", str(work / "build"), str(spec)],
            cwd=work,
        )  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(work / "dist" / "rebalancer", folder, symlinks=True)
    say(f"PyInstaller took {time.monotonic() - begun:.0f} s")
    _add_papers(python, folder)
    check_contents(folder)
    _check_exchanges(python, folder)
    say(f"{folder.name}: {steps.size_of(folder) / 1e6:.0f} MB")
    try_out(folder)
    say(f"packed: {_pack(folder, out).name}")
    return folder


def _site_packages(python: Path) -> Path:
    return Path(steps.run([str(python), "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]).strip())


def _add_papers(python: Path, folder: Path) -> None:
    """Licences beside the programs, Python's own among them, and the bill of materials of this very folder."""
    licences = folder / INSIDE / "licences"
    stdlib = Path(sysconfig.get_paths()["stdlib"])
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")
    pythons_own = next((file for file in (stdlib / "LICENSE.txt", stdlib.parent / "LICENSE") if file.is_file()), None)
    if pythons_own is None:
        # Debian keeps it elsewhere; the text is that of typing-extensions, which stands in the notices.
        (licences / "python.txt").write_text("PSF License Version 2: see typing-extensions in third-party.txt\n")
    else:
        shutil.copy(pythons_own, licences / "python.txt")
    versions = steps.run([str(python), "-c", "import PyInstaller; print(PyInstaller.__version__)"]).strip()
    more = [
        _component("CPython", platform.python_version(), "PSF-2.0"),
        _component("PyInstaller-bootloader", versions, "GPL-2.0-or-later WITH Bootloader-exception"),
    ]
    bill = json.loads((licences / "sbom.cdx.json").read_text(encoding="utf-8"))
    bill["components"] += more
    bill["dependencies"][0]["dependsOn"] += [each["bom-ref"] for each in more]
    (licences / "sbom.cdx.json").write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")


def _component(title: str, version: str, licence: str) -> dict[str, object]:
    reference = f"pkg:generic/{title.lower()}@{version}"
    return {
        "type": "platform",
        "bom-ref": reference,
        "name": title,
        "version": version,
        "licenses": [{"expression": licence}],
        "purl": reference,
    }


def check_contents(folder: Path) -> None:
    """Raises SetupProblem where something came in that must stay out, or did not come that must be there."""
    names = [str(file.relative_to(folder)) for file in folder.rglob("*") if not file.is_dir()]
    unwanted = (
        "libgtk",
        "libQt6Qml",
        "libQt6Quick",
        "_tkinter",
        "libreadline",
        "libX11",
        "libxcb",
        "libGL.",
        "libglib",
    )
    if found := [name for name in names if Path(name).name.startswith(unwanted)]:
        raise SetupProblem(f"these must not be in the folder: {' '.join(sorted(found))}")
    wanted = (
        "libqxcb.so",
        "libqoffscreen.so",
        "libqwayland",
        "libqsvgicon.so",
        "libqsvg.so",
        "third-party.txt",
        "python.txt",
    )
    if lacking := [part for part in wanted if not any(part in name for name in names)]:
        raise SetupProblem(f"these are missing in the folder: {' '.join(lacking)}")


def _check_exchanges(python: Path, folder: Path) -> None:
    """Every exchange that ccxt knows came along: the five that trade, and all that are only shown."""
    program = folder / ("rebalancer-gui.exe" if os.name == "nt" else "rebalancer-gui")
    ask = (
        "import sys, ccxt\n"
        "from PyInstaller.archive.readers import CArchiveReader\n"
        "there = set(CArchiveReader(sys.argv[1]).open_embedded_archive('PYZ.pyz').toc)\n"
        "wanted = [f'ccxt.{part}{name}' for part in ('', 'async_support.') for name in ccxt.exchanges]\n"
        "import ccxt.pro\n"
        "wanted += [f'ccxt.pro.{name}' for name in ccxt.pro.exchanges]\n"
        "print(len(ccxt.exchanges), *(name for name in wanted if name not in there))\n"
    )
    count, *missing = steps.run([str(python), "-c", ask, str(program)]).split()
    if missing:
        raise SetupProblem(f"these parts of ccxt are missing in the folder: {' '.join(missing)}")
    say(f"all {count} exchanges of ccxt are in it")


def try_out(folder: Path) -> None:
    """Console, window on the invisible screen, window on a virtual screen where there is one. Raises NotGood."""
    with tempfile.TemporaryDirectory() as place:
        suffix = ".exe" if os.name == "nt" else ""
        copy = Copy([str(folder / f"rebalancer{suffix}")], [str(folder / f"rebalancer-gui{suffix}")], Path(place))
        begun = time.monotonic()
        copy.say("--version")
        say(f"console twin: started and ended in {time.monotonic() - begun:.2f} s")
        try_console(copy, version=sbom.own()["version"], packaged_as="folder", with_qt=True)
        try_exchanges(copy)
        say(
            f"window, offscreen: its engine is up after {try_window(copy, environment={'QT_QPA_PLATFORM': 'offscreen'}):.2f} s"
        )
        if sys.platform == "linux" and shutil.which("Xvfb") and shutil.which("openbox"):
            shutil.rmtree(Path(place) / "window-data")
            with display.private_display(Path(place) / "display.log") as screen:
                took = try_window(copy, environment={"QT_QPA_PLATFORM": "xcb", "DISPLAY": screen})
            say(f"window, on Xvfb: its engine is up after {took:.2f} s")


def _pack(folder: Path, out: Path) -> Path:
    """The folder as one file, the same bytes for the same folder: times, owners and order are fixed."""
    if os.name == "nt":
        return Path(shutil.make_archive(str(out / folder.name), "zip", folder.parent, folder.name))
    packed = out / f"{folder.name}.tar.xz"
    if shutil.which("xz") and sys.platform == "linux":
        steps.run(
            ["tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", f"--mtime=@{make_wheel.source_date()}",
             "--use-compress-program=xz -T2 -3", "-cf", str(packed), "-C", str(folder.parent), folder.name],
        )  # fmt: skip
        return packed
    return Path(shutil.make_archive(str(out / folder.name), "xztar", folder.parent, folder.name))
