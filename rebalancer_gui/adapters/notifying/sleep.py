"""Keeps the computer awake: a lock at login1 (systemd), else at the desktop's power management.

Each lock lives as long as a connection or a file descriptor of ours, so it ends with the process however that ends.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from rebalancer_gui.adapters.notifying.dbus import NoBus, call, connect, session_bus
from rebalancer_gui.adapters.notifying.threads import in_thread
from rebalancer_gui.application.notices import NotSent

PATIENCE = 15.0
_WHO = "Rebalancer"
_DESKTOPS = (
    (
        "org.freedesktop.PowerManagement",
        "/org/freedesktop/PowerManagement/Inhibit",
        "org.freedesktop.PowerManagement.Inhibit",
    ),
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"),
)


class SleepInhibitor:
    """``wakefulness.Inhibitor``. One lock at a time."""

    def __init__(self) -> None:
        self._descriptor: int | None = None
        self._connection: Any = None

    async def hold(self, why: str) -> str:
        """Take the lock; answers who keeps the computer awake. NotSent when nobody here can."""
        return await in_thread(PATIENCE, lambda: self._hold(why), "sleep lock")

    async def release(self) -> None:
        """Give it back; nothing happens without one."""
        descriptor, self._descriptor = self._descriptor, None
        connection, self._connection = self._connection, None
        if descriptor is not None:
            os.close(descriptor)
        if connection is not None:
            with suppress(OSError):
                connection.close()

    def _hold(self, why: str) -> str:
        faults: list[str] = []
        for take in (self._at_login1, self._at_desktop):
            try:
                return take(why)
            except NoBus as fault:
                faults.append(str(fault))
        raise NotSent(f"nobody here can keep the computer awake ({'; '.join(faults)}).", again=False)

    def _at_login1(self, why: str) -> str:
        name = "org.freedesktop.login1"
        with connect("SYSTEM", fds=True) as connection:
            body = ("sleep:idle", _WHO, why, "block")
            (held,) = call(
                connection, name, "/org/freedesktop/login1", "org.freedesktop.login1.Manager.Inhibit", "ssss", body
            )
            self._descriptor = held.to_raw_fd()
        return "systemd (login1)"

    def _at_desktop(self, why: str) -> str:
        if not session_bus():
            raise NoBus("there is no session bus")
        connection = connect(session_bus())
        fault = NoBus("")
        for name, path, interface in _DESKTOPS:
            try:
                call(connection, name, path, f"{interface}.Inhibit", "ss", (_WHO, why))
            except NoBus as error:
                fault = error
            else:
                self._connection = connection
                return "the desktop's power management"
        connection.close()
        raise fault
