"""Notifications and the lock against sleep on a real D-Bus of our own, with services of ours on it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from rebalancer_gui.adapters.notifying.desktop import DesktopNotifier, has_desktop
from rebalancer_gui.adapters.notifying.sleep import SleepInhibitor
from rebalancer_gui.application.notices import Message, NotSent, Severity
from tests.support.loopback_services import BusService, Locks, private_bus

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="D-Bus")
MESSAGE = Message("LIVE Main: Core 4 is halted", "BTC < 5 & more.", Severity.ALARM)
NOTIFICATIONS, LOGIN = "org.freedesktop.Notifications", "org.freedesktop.login1"
NOBODY = "unix:path=/nowhere/bus"


@pytest.fixture(scope="module")
def address():
    with private_bus() as found:
        yield found


@pytest.fixture
def bus(address, monkeypatch):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    return address


@pytest.fixture
def locks():
    made = Locks()
    yield made
    made.close()


def shown_by(bus: str, capabilities: list[str]) -> tuple[Any, ...]:
    service = BusService(
        bus, NOTIFICATIONS, {"GetCapabilities": ("as", lambda: (capabilities,)), "Notify": ("u", lambda: (7,))}
    )
    try:
        asyncio.run(DesktopNotifier().send(MESSAGE))
    finally:
        service.close()
    (body,) = [body for member, body in service.calls if member == "Notify"]
    return body


def test_a_notification_has_title_text_urgency_and_stays_until_it_is_read(bus) -> None:
    program, replaces, _icon, title, text, actions, hints, stays = shown_by(bus, ["body"])
    assert (program, replaces, title, text, actions, stays) == (
        "Rebalancer", 0, MESSAGE.title, "BTC < 5 & more.", [], 0,
    )  # fmt: skip
    assert hints["urgency"] == ("y", 2)


def test_a_desktop_that_reads_markup_gets_the_text_escaped(bus) -> None:
    assert shown_by(bus, ["body", "body-markup"])[4] == "BTC &lt; 5 &amp; more."


def test_a_bus_without_anybody_to_show_it_is_told_and_not_tried_again(bus) -> None:
    with pytest.raises(NotSent, match="this desktop shows no notifications") as refused:
        asyncio.run(DesktopNotifier().send(MESSAGE))
    assert not refused.value.again


def test_a_session_without_a_bus_has_no_desktop(monkeypatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert not has_desktop()
    with pytest.raises(NotSent, match="bus"):
        asyncio.run(DesktopNotifier().send(MESSAGE))


def test_the_lock_of_login1_is_held_until_it_is_given_back(bus, locks) -> None:
    service = BusService(bus, LOGIN, {"Inhibit": ("h", locks.hand_out)})
    try:
        inhibitor = SleepInhibitor()
        assert asyncio.run(inhibitor.hold("A live strategy is running")) == "systemd (login1)"
        assert service.calls == [("Inhibit", ("sleep:idle", "Rebalancer", "A live strategy is running", "block"))]
        assert locks.held == 1
        asyncio.run(inhibitor.release())
        assert locks.come_free()
        asyncio.run(inhibitor.release())
    finally:
        service.close()


CRASH = """
import asyncio, os, signal
from rebalancer_gui.adapters.notifying.sleep import SleepInhibitor
asyncio.run(SleepInhibitor().hold("why"))
print("held", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_lock_ends_with_the_process_also_when_it_is_killed(bus, locks) -> None:
    service = BusService(bus, LOGIN, {"Inhibit": ("h", locks.hand_out)})
    try:
        killed = subprocess.run([sys.executable, "-c", CRASH], capture_output=True, text=True, timeout=30, check=False)
        assert killed.stdout.strip() == "held"
        assert locks.come_free()
    finally:
        service.close()


def test_without_login1_the_desktops_power_management_is_asked(address, monkeypatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", NOBODY)
    service = BusService(address, "org.freedesktop.ScreenSaver", {"Inhibit": ("u", lambda: (3,))})
    try:
        inhibitor = SleepInhibitor()
        assert "power management" in asyncio.run(inhibitor.hold("why"))
        assert service.calls == [("Inhibit", ("Rebalancer", "why"))]
        asyncio.run(inhibitor.release())
    finally:
        service.close()


def test_where_nobody_can_keep_the_computer_awake_it_is_told(address, monkeypatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", NOBODY)
    service = BusService(address, LOGIN, {})
    try:
        with pytest.raises(NotSent, match="nobody here can keep the computer awake"):
            asyncio.run(SleepInhibitor().hold("why"))
    finally:
        service.close()
