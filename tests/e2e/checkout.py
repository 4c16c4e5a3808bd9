"""A small checkout to try the set-up on: the real scripts, one tiny package to install, a program that tells."""

import base64
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 90
PROGRAM = """
    import json, signal, sys

    def main():
        import tiny_package
        print(json.dumps({"arguments": sys.argv[1:], "module": __spec__.name, "prefix": sys.prefix}), flush=True)
        if "--exit" in sys.argv:
            sys.exit(int(sys.argv[sys.argv.index("--exit") + 1]))
        if "--wait" in sys.argv:
            asked = {signal.SIGTERM, signal.SIGINT}
            signal.pthread_sigmask(signal.SIG_BLOCK, asked)
            print("waiting", flush=True)
            print("stopped safely by", int(signal.sigwait(asked)), flush=True)

    if __name__ == "__main__":
        main()
"""


def make_wheel(folder: Path, needs: str = "") -> Path:
    """A wheel with one empty module, as PEP 427 wants it. `needs`: another package it asks for."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / "tiny_package-1.0-py3-none-any.whl"
    info = "tiny_package-1.0.dist-info"
    files = {
        "tiny_package.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tiny-package\nVersion: 1.0\n"
        + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(text.encode())}\n")
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "".join(rows) + f"{info}/RECORD,,\n")
    return wheel


@dataclass(frozen=True, slots=True)
class Checkout:
    root: Path

    @classmethod
    def make(cls, root: Path) -> "Checkout":
        packaging = root / "packaging"
        packaging.mkdir(parents=True)
        for script in (ROOT / "packaging").glob("*.py"):
            shutil.copy(script, packaging)
        package = root / "rebalancer_gui"
        package.mkdir()
        (package / "__init__.py").touch()
        for module in ("__main__", "cli"):
            (package / f"{module}.py").write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
        made = cls(root)
        make_wheel(root / "wheels")
        made.write_locks(hashlib.sha256(made.wheel.read_bytes()).hexdigest())
        return made

    @property
    def wheel(self) -> Path:
        return self.root / "wheels" / "tiny_package-1.0-py3-none-any.whl"

    @property
    def environment_folder(self) -> Path:
        return self.root / ".rebalancer-env" / "core"

    def write_locks(self, digest: str, comment: str = "") -> None:
        for kind in ("core", "window"):
            lock = self.root / "packaging" / f"requirements-{kind}.lock"
            lock.write_text(f"{comment}tiny-package==1.0 --hash=sha256:{digest}\n", encoding="utf-8")

    def start(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        """Start bootstrap.py as a process, away from any display, its output (both streams) in a pipe."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PIP_") and name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
        }
        pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheel.parent)}
        return subprocess.Popen(
            [sys.executable, str(self.root / "packaging" / "bootstrap.py"), *arguments],
            cwd=self.root.parent, env=kept | pip | variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Exit code and output of bootstrap.py."""
        return finish(self.start(*arguments, **variables))


def finish(process: "subprocess.Popen[str]") -> tuple[int, str]:
    try:
        output, _ = process.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return process.returncode, output


def read_until(process: "subprocess.Popen[str]", text: str) -> str:
    """The output up to and with the line that holds the text. Fails when the process ends before."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            return seen
    raise AssertionError(f"{text!r} never came: {seen}")
