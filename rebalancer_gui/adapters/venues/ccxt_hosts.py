"""Where an exchange is reached: its own hosts, or one address that the user set, and nothing else."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from rebalancer_gui.domain.errors import InvalidInput

SECURE = frozenset({"https", "wss"})
_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_STREAMS = ("stream.", "demo-stream.")
Host = tuple[str, int]
"""Name and port."""


class ForbiddenHost(Exception):
    """Something wanted to reach another host than the venue's, or one without encryption. Nothing was sent."""


def checked_api_url(text: str) -> str:
    """``text`` as an address without a slash at its end. InvalidInput (field ``api_url``) when it is none, when it carries a
    name, a query or a fragment, or when it is not encrypted and leaves this machine.
    """
    parts = urlsplit(text.strip())
    try:
        port_is_fine = parts.port != 0
    except ValueError:
        port_is_fine = False
    if parts.scheme not in {"https", "http"} or not parts.hostname or not port_is_fine:
        raise InvalidInput("api_url", f"An address begins with https:// and names a host; {text!r} does not.")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise InvalidInput("api_url", "The address of an exchange has no user name, no query and no fragment.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise InvalidInput("api_url", "Without encryption (http://) only this machine itself can be reached.")
    return parts.geturl().rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> Host:
    """Name and port of an address."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)


def addresses(urls: object) -> Iterator[str]:
    """Every address in a tree of addresses."""
    if isinstance(urls, str):
        yield urls
    elif isinstance(urls, Mapping):
        for inner in urls.values():
            yield from addresses(inner)
    elif isinstance(urls, (list, tuple)):
        for inner in urls:
            yield from addresses(inner)


def each_address(urls: Any, change: Callable[[str], str]) -> Any:
    """The same tree with every address changed."""
    if isinstance(urls, str):
        return change(urls)
    if isinstance(urls, Mapping):
        return {key: each_address(inner, change) for key, inner in urls.items()}
    if isinstance(urls, (list, tuple)):
        return [each_address(inner, change) for inner in urls]
    return urls


def moved_to(own: str) -> Callable[[str], str]:
    """Moves an address to the host (and under the path) of ``own``; the path stays, WebSockets stay WebSockets.

    ccxt tells Binance's spot stream by ``stream`` in its address, which its host name has and ours has not.
    """
    target = urlsplit(own)

    def move(url: str) -> str:
        parts = urlsplit(url)
        web_socket = parts.scheme in {"ws", "wss"}
        scheme = target.scheme.replace("http", "ws", 1) if web_socket else target.scheme
        spot_stream = web_socket and "binance" in (parts.hostname or "") and (parts.hostname or "").startswith(_STREAMS)
        stream = "/stream" if spot_stream else ""
        path = f"{target.path.rstrip('/')}{stream}{parts.path}"
        return SplitResult(scheme, target.netloc, path, parts.query, "").geturl()

    return move


def refuse_unknown(url: str, allowed: frozenset[Host]) -> None:
    """ForbiddenHost unless ``url`` is one of ``allowed``, encrypted where it leaves this machine."""
    name, port = host_of(url)
    if (name, port) not in allowed:
        raise ForbiddenHost(f"{name}:{port} is not a host of this exchange")
    if urlsplit(url).scheme not in SECURE and not is_loopback(name):
        raise ForbiddenHost(f"{name} would be reached without encryption")
