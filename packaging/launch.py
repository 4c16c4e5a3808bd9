"""Start the program in its private environment, with a window or without one."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import display
import system_parts
from private_env import ROOT, PrivateEnv, ensure, say

WINDOW = ("-m", "rebalancer_gui")
HEADLESS = ("-m", "rebalancer_gui.cli", "run", "--create-demo")


def run(passed_on: Sequence[str], *, headless: bool) -> int:
    """Set up what is missing and become the program; on Windows, run it and give its exit code."""
    if not headless:
        reason = display.why_no_display(os.environ)
        if reason is not None:
            say(f"{reason}: starting the same engine without a window (Ctrl+C stops it)")
            headless = True
    env = PrivateEnv(ROOT, "core" if headless else "window")
    python = ensure(env)
    if not headless:
        plugins = display.platform_plugins(os.environ)
        system_parts.require_qt_libraries(system_parts.Host.this(), env.site_packages, plugins)
    return become(python, [*(HEADLESS if headless else WINDOW), *passed_on])


def become(python: Path, arguments: Sequence[str]) -> int:
    """Replace this process by the program, so that signals and the exit code are the program's own."""
    # -P: the folder in which a person happens to stand must not be searched for modules.
    command = [str(python), "-P", *arguments]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execve(command[0], command, environment)  # noqa: S606 (a shell in between would swallow the signals)
    program = subprocess.Popen(command, env=environment)
    while True:
        try:
            return program.wait()
        except KeyboardInterrupt:
            # The console has handed Ctrl+C to the program too; what is left is to wait for its safe stop.
            continue
