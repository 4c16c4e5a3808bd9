"""One D-Bus call at a time, without Qt, through jeepney; blocking, so for a thread."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

TIMEOUT = 5.0
"""Seconds for a call."""


class NoBus(Exception):  # noqa: N818 -- it says what there is not
    """There is no bus, nobody on it who answers to that name, or the answer was a refusal; the text says which."""


def session_bus() -> str:
    """The address of the session bus; "" where this session has none."""
    if not sys.platform.startswith("linux"):
        return ""
    named = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    usual = Path(os.environ.get("XDG_RUNTIME_DIR", "")) / "bus"
    if not named and os.environ.get("XDG_RUNTIME_DIR") and usual.is_socket():
        return f"unix:path={usual}"
    return named


def connect(address: str, *, fds: bool = False) -> Any:  # noqa: ANN401 -- jeepney's connection, known to this file
    """``address`` of a bus, ``SYSTEM`` for the system's. Raises NoBus."""
    from jeepney.auth import AuthenticationError
    from jeepney.io.blocking import open_dbus_connection

    try:
        return open_dbus_connection(bus=address, enable_fds=fds, auth_timeout=TIMEOUT)
    except (OSError, RuntimeError, ValueError, AuthenticationError) as error:
        raise NoBus(f"the bus cannot be reached ({type(error).__name__})") from None


def call(
    connection: Any,  # noqa: ANN401
    name: str,
    path: str,
    method: str,
    signature: str = "",
    body: tuple[object, ...] = (),
) -> tuple[Any, ...]:
    """``method`` with its interface (``org.freedesktop.Notifications.Notify``); answers the body. Raises NoBus."""
    from jeepney import DBusAddress, MessageType, new_method_call

    interface, _, member = method.rpartition(".")
    target = DBusAddress(path, bus_name=name, interface=interface)
    try:
        answer = connection.send_and_get_reply(
            new_method_call(target, member, signature or None, body), timeout=TIMEOUT
        )
    except (OSError, EOFError, ValueError) as error:
        raise NoBus(f"{name} did not answer ({type(error).__name__})") from None
    if answer.header.message_type is MessageType.error:
        kind = answer.header.fields.get(4, "")  # HeaderFields.error_name
        raise NoBus(f"{name} is not there" if str(kind).endswith(".ServiceUnknown") else f"{name} refused ({kind})")
    return tuple(answer.body)
