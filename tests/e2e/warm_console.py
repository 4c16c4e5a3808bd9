"""The console command as a process of its own that need not import the program: forked from one that has done so.

Half a second of each start is imports, the same every time. The process that waits (``WarmConsole``) imports them once; each
command is then a child of it with its own arguments, environment, output and end of the interpreter. What concerns the start
itself, or wants a hash seed of its own, is for `Program` and `subprocess` (tests/e2e/program.py).
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class WarmConsole:
    """The parent's side. One command at a time; ends with the process that made it, at the latest."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.warm_console"],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._said = b""

    def run(self, arguments: list[str], patience: float) -> subprocess.CompletedProcess[str]:
        """The command to its end. Raises subprocess.TimeoutExpired, after which nothing of it runs any more."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            places = [f"/proc/{os.getpid()}/fd/{file.fileno()}" for file in (out, err)]
            order = {"arguments": arguments, "environment": dict(os.environ), "places": places}
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            pid = self._line(patience)
            try:
                code = self._line(patience)
            except subprocess.TimeoutExpired:
                os.kill(pid, 9)
                self._line(patience)
                raise
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode())
        return subprocess.CompletedProcess(arguments, code, *texts)

    def end(self) -> None:
        """Safe to call twice."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _line(self, patience: float) -> int:
        """The next number that it says."""
        assert self._process.stdout is not None
        while b"\n" not in self._said:
            if not select.select([self._process.stdout], [], [], patience)[0]:
                raise subprocess.TimeoutExpired("rebalancer", patience)
            more = os.read(self._process.stdout.fileno(), 4096)
            assert more, "the warm console has died"
            self._said += more
        line, _, self._said = self._said.partition(b"\n")
        return int(line)


def serve() -> None:
    """The waiting process: for each line of its input a child; of each it says the process id and then the exit code."""
    from rebalancer_gui import cli

    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            become(order)
            sys.argv = [cli.__file__, *order["arguments"]]
            sys.exit(cli.main())
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def become(order: dict[str, object]) -> None:
    """Take on what a freshly started process would have been given."""
    environment, places = order["environment"], order["places"]
    assert isinstance(environment, dict)
    assert isinstance(places, list)
    os.environ.clear()
    os.environ.update(environment)
    for number, path, how in zip((0, 1, 2), (os.devnull, *places), ("r", "w", "w"), strict=True):
        opened = os.open(path, os.O_RDONLY if how == "r" else os.O_WRONLY)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115 - as at a start


if __name__ == "__main__":
    serve()
