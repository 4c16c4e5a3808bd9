"""Displays: is there one to open a window on, and a private one for the window tests."""

import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from private_env import SetupProblem

SCREEN = "1400x1000x24"
_START_TIMEOUT_S = 20.0
_STOP_TIMEOUT_S = 5.0


def why_no_display(environment: Mapping[str, str]) -> str | None:
    """None when a window can be opened, else the reason in words."""
    if sys.platform != "linux":
        return None
    if environment.get("WAYLAND_DISPLAY") or environment.get("QT_QPA_PLATFORM", "xcb") not in ("", "xcb"):
        return None
    display = environment.get("DISPLAY", "")
    if not display:
        return "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    host, _colon, number = display.rpartition(":")
    if host in ("", "unix") and not _answers(number.split(".")[0]):
        return f"no display answers at DISPLAY={display}"
    return None


def _answers(number: str) -> bool:
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 (where every X server on Unix listens)
    for address in (path, "\0" + path):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(2.0)
            with contextlib.suppress(OSError):
                probe.connect(address)
                return True
    return False


def platform_plugins(environment: Mapping[str, str]) -> list[str]:
    """The Qt plugins that will be asked for a window here, as file names."""
    asked = environment.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if asked:
        return [f"libq{asked}.so"]
    if environment.get("DISPLAY"):
        return ["libqxcb.so"]
    return ["libqwayland.so"]


@contextlib.contextmanager
def private_display(log: Path) -> Iterator[str]:
    """A virtual screen of its own with a window manager on it; gives the value for DISPLAY.

    Without a window manager no window is ever active, and keys go nowhere. Raises SetupProblem when it does not start.
    """
    read_end, write_end = os.pipe()
    with log.open("wb") as output, contextlib.ExitStack() as stack:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", SCREEN, "-dpi", "96", "-nolisten", "tcp"],
            pass_fds=[write_end], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
        stack.callback(_stop, server)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as answer:
            ready, _, _ = select.select([answer], [], [], _START_TIMEOUT_S)
            number = answer.readline().strip().decode() if ready else ""
        if not number:
            raise SetupProblem(f"Xvfb did not start; its log is {log}.")
        name = f":{number}"
        manager = subprocess.Popen(
            ["openbox", "--sm-disable"],
            env=os.environ | {"DISPLAY": name}, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
        stack.callback(_stop, manager)
        _wait_for_manager(name, manager, log)
        yield name


def _wait_for_manager(display: str, manager: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the window manager has said so on the root window (xprop), or for a second where xprop is not there."""
    xprop = shutil.which("xprop")
    deadline = time.monotonic() + (_START_TIMEOUT_S if xprop else 1.0)
    while time.monotonic() < deadline:
        if manager.poll() is not None:
            raise SetupProblem(f"The window manager openbox did not start; its log is {log}.")
        if xprop:
            asked = subprocess.run(
                [xprop, "-display", display, "-root", "_NET_SUPPORTING_WM_CHECK"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if "window id" in asked.stdout:
                return
        time.sleep(0.05)
    if xprop:
        raise SetupProblem(f"The window manager openbox did not come up; its log is {log}.")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
