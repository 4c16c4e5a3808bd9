"""A notification of the desktop (org.freedesktop.Notifications), with or without a window."""

from __future__ import annotations

from html import escape

from rebalancer_gui.adapters.notifying.dbus import NoBus, call, connect, session_bus
from rebalancer_gui.adapters.notifying.threads import in_thread
from rebalancer_gui.application.notices import Message, NotSent, Severity

PATIENCE = 15.0
_NAME, _PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
_URGENCY = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ALARM: 2}
_BY_THE_DAEMON, _STAYS = -1, 0
"""How long it is shown, in milliseconds."""


class DesktopNotifier:
    """``Notifier``. Nobody there to show it is no error: it is said once, and no attempt follows for this message."""

    name = "desktop notification"

    async def send(self, message: Message) -> None:
        await in_thread(PATIENCE, lambda: _show(message), self.name)


def has_desktop() -> bool:
    """Whether this session has a bus at all; asks nobody."""
    return bool(session_bus())


def _show(message: Message) -> None:
    try:
        connection = connect(session_bus())
        with connection:
            (can,) = call(connection, _NAME, _PATH, f"{_NAME}.GetCapabilities")
            text = escape(message.text, quote=False) if "body-markup" in can else message.text
            hints = {"urgency": ("y", _URGENCY[message.severity]), "desktop-entry": ("s", "rebalancer")}
            stays = _STAYS if message.severity is Severity.ALARM else _BY_THE_DAEMON
            body: tuple[object, ...] = ("Rebalancer", 0, "rebalancer", message.title, text, [], hints, stays)
            call(connection, _NAME, _PATH, f"{_NAME}.Notify", "susssasa{sv}i", body)
    except NoBus as error:
        raise NotSent(f"this desktop shows no notifications: {error}.", again=False) from None
