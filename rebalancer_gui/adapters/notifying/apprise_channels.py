"""Channels through the library Apprise: some 140 services, each an address such as ``ntfys://TOPIC``. The address is a secret.

Apprise is imported when the first message is sent or the first address is looked at, in that thread.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from threading import get_ident
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from rebalancer_gui.adapters.notifying.threads import in_thread
from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.application.notices import Message, NotSent, Severity
from rebalancer_gui.application.telling_desk import CheckedAddress
from rebalancer_gui.domain.errors import InvalidInput, RebalancerError

PATIENCE = 45.0
"""Seconds for one attempt; Apprise itself waits 4 seconds for a connection and for an answer (15 for mail)."""
LONGEST_ADDRESS = 2_000
_SHORTEST_SECRET = 8
"""Shorter parts of an address would be found inside of ordinary words."""
_TYPES = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.ALARM: "failure"}
_STATUS = re.compile(r"error=(\d{3})\b")
_HOPELESS = frozenset({"400", "401", "403", "404", "410"})
"""Answers that stay the same until somebody changes something."""


def check_address(address: str) -> CheckedAddress:
    """What an address is, without asking anybody. InvalidInput (field ``url``) says what is wrong and never repeats it."""
    address = address.strip()
    if not address or len(address) > LONGEST_ADDRESS or not address.isprintable() or "://" not in address:
        raise InvalidInput(
            "url", "This is no address of a channel: it looks like ntfys://TOPIC or mailtos://USER:PASSWORD@HOST."
        )
    hide_address(address)
    service = _service(address)
    if service is None:
        raise InvalidInput("url", "Apprise does not understand this address: look at the examples in the guide.")
    if not service.verify_certificate:
        raise InvalidInput("url", "verify=no is refused: whoever is in between could read and change every message.")
    schema = address.partition("://")[0].lower()
    plain = {service.protocol} if isinstance(service.protocol, str) else set(service.protocol or ())
    open_to_all = schema in plain and getattr(service, "mode", "") != "cloud" and not _is_here(service.host)
    return CheckedAddress(
        address, str(service.service_name), f"{schema}://\N{HORIZONTAL ELLIPSIS}/\N{HORIZONTAL ELLIPSIS}", open_to_all
    )


def hide_address(address: str) -> None:
    """From now on neither the address nor a part of it that could be a token is in any log."""
    REDACTOR.hide([address, *_secret_parts(address)])


class AppriseNotifier:
    """``Notifier`` for one address. ``load`` gives it (a vault; it may wait for a person); it is called in the thread that
    sends, and raises RebalancerError.
    """

    def __init__(self, name: str, load: Callable[[], str], *, patience: float = PATIENCE) -> None:
        self.name = name
        self._load = load
        self._patience = patience

    async def send(self, message: Message) -> None:
        await in_thread(self._patience, lambda: self._send(message), f"channel {self.name}")

    def _send(self, message: Message) -> None:
        try:
            address = self._load()
        except NotSent:
            raise
        except RebalancerError as error:
            raise NotSent(error.message, error.advice) from None
        hide_address(address)
        service = _service(address)
        if service is None:
            raise NotSent(
                "Apprise no longer understands its address: remove the channel and add it again.", again=False
            )
        with _Listener() as said:
            sent = service.notify(
                body=message.text, title=message.title, notify_type=_TYPES[message.severity], body_format="text"
            )
        if not sent:
            raise said.fault()


class _Listener(logging.Handler):
    """Hears what Apprise says in this thread, to find out the reason; nothing of it is passed on: it may hold the address."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = get_ident()
        self._status = ""
        self._unreachable = False

    def __enter__(self) -> Self:
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(self, *_error: object) -> None:
        logging.getLogger("apprise").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            text = record.getMessage()
            status = _STATUS.search(text)
            self._status = status[1] if status else self._status
            self._unreachable |= "onnection error" in text or "A Connection" in text or "Socket" in text

    def fault(self) -> NotSent:
        """In words that hold nothing but a status."""
        if self._status:
            return NotSent(f"the service answered {self._status}.", again=self._status not in _HOPELESS)
        if self._unreachable:
            return NotSent("the service could not be reached.")
        return NotSent("the service did not take it.")


def _service(address: str) -> Any:  # noqa: ANN401 -- Apprise's services have no types
    quiet = logging.getLogger("apprise")
    quiet.propagate = False
    if not quiet.handlers:
        quiet.addHandler(logging.NullHandler())
    import apprise

    asset = apprise.AppriseAsset(
        app_id="Rebalancer",
        app_desc="Rebalancer",
        app_url="",
        # No pictures from a server on the net, no redirect to another address than the one that was given.
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        async_mode=False,
    )
    return apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)


def _is_here(host: object) -> bool:
    if not isinstance(host, str):
        return False
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _secret_parts(address: str) -> Iterator[str]:
    rest = address.partition("://")[2]
    try:
        split = urlsplit(f"x://{rest}")
        host = split.hostname or ""
    except ValueError:
        return
    place, _, path = rest.partition("/")
    user, _, _host = place.rpartition("@")
    parts = [*re.split("[:@]", user), *re.split("[/?&=#]", path)]
    if "." not in host and not _is_here(host):
        parts.append(host)
        parts.extend(re.split("[:@]", place))
    for part in parts:
        for form in {part, unquote(part)}:
            if len(form) >= _SHORTEST_SECRET:
                yield form
