"""The real icon of the real program in a real tray: a host of ours on a session bus of our own."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, Properties, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.support.loopback_services import BusService, private_bus

pytestmark = [pytest.mark.e2e, pytest.mark.window]
ROOT = Path(__file__).resolve().parents[3]
WATCHER, ITEM, MENU = "org.kde.StatusNotifierWatcher", "org.kde.StatusNotifierItem", "com.canonical.dbusmenu"
PATIENCE_S = 60


class Tray:
    """A desktop's tray: items register here, and are asked what they show."""

    def __init__(self, address: str) -> None:
        answers: dict[str, tuple[str, Callable[[], tuple[Any, ...]]] | None] = {
            "Get": ("v", lambda: (("b", True),)),
            "RegisterStatusNotifierItem": ("", lambda: ()),
            "Introspect": ("s", lambda: ("<node/>",)),
        }
        self._service = BusService(address, WATCHER, answers)
        self._bus = open_dbus_connection(bus=address)

    def item(self) -> str | None:
        """The bus name of the icon that has registered."""
        found = [str(body[0]) for member, body in self._service.calls if member == "RegisterStatusNotifierItem"]
        return found[-1] if found else None

    def shown(self, name: str) -> Any:
        """A property of the icon."""
        place = DBusAddress("/StatusNotifierItem", self.item(), ITEM)
        (answer,) = self._bus.send_and_get_reply(Properties(place).get(name), timeout=20).body
        return answer[1]

    def press(self) -> None:
        place = DBusAddress("/StatusNotifierItem", self.item(), ITEM)
        self._bus.send_and_get_reply(new_method_call(place, "Activate", "ii", (1, 1)), timeout=20)

    def menu(self) -> list[str]:
        """The texts of its menu that can be seen."""
        place = DBusAddress(str(self.shown("Menu")), self.item(), MENU)
        call = new_method_call(place, "GetLayout", "iias", (0, -1, []))
        _revision, (_id, _own, children) = self._bus.send_and_get_reply(call, timeout=20).body
        rows = [properties for _kind, (_number, properties, _below) in children]
        return [str(row["label"][1]) for row in rows if "label" in row and row.get("visible", ("b", True))[1]]

    def close(self) -> None:
        self._bus.close()
        self._service.close()


@contextmanager
def tray() -> Iterator[tuple[Tray, str]]:
    with private_bus() as address:
        made = Tray(address)
        try:
            yield made, address
        finally:
            made.close()


def until(true: Callable[[], object], program: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not true():
        assert program.poll() is None, "the program has ended"
        assert time.monotonic() < give_up, "it did not come"
        time.sleep(0.1)


def windows_on(environment: dict[str, str]) -> str:
    """What xdotool finds of the program on the screen."""
    done = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", "Rebalancer"],
        env=environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    return done.stdout.strip()


def test_started_minimised_the_icon_in_the_tray_says_the_state_and_brings_the_window(window_environment, tmp_path):
    with tray() as (host, address):
        environment = dict(window_environment) | {"DBUS_SESSION_BUS_ADDRESS": address, "PYTHONPATH": str(ROOT)}
        with (tmp_path / "output").open("wb") as output:
            program = subprocess.Popen(
                [sys.executable, "-m", "rebalancer_gui", "--data-dir", str(tmp_path / "data"), "--minimised"],
                env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            until(lambda: host.item() is not None, program)
            until(lambda: "No strategy runs." in str(host.shown("ToolTip")), program)
            assert len(host.shown("IconPixmap")) > 0
            assert host.menu() == ["No strategy runs.", "Show the window", "Stop all", "Quit\u2026"]
            assert windows_on(environment) == ""
            host.press()
            until(lambda: windows_on(environment), program)
            program.terminate()
            assert program.wait(PATIENCE_S) == 0
        finally:
            if program.poll() is None:
                program.kill()
                program.wait(10)
        assert "Traceback" not in (tmp_path / "output").read_text(errors="replace")
