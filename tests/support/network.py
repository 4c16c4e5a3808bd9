"""No network in tests: sockets reach this machine only, whoever opens them and in whichever thread."""

import contextlib
import ipaddress
import sys
from collections.abc import Iterator

import pytest

_REACHING_OUT = ("socket.connect", "socket.sendto", "socket.sendmsg")
_LOOKING_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_violations: list[str] = []


class NetworkRefusedError(RuntimeError):
    """A test tried to reach another machine."""


def is_local(host: object) -> bool:
    """True for loopback addresses and names, and for "any address" of a listening socket."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event in _REACHING_OUT:
        address = arguments[1]
        # A Unix socket's address is a string or bytes, an internet address a tuple; none means an earlier connect().
        if not isinstance(address, tuple) or is_local(address[0]):
            return
        _refuse(f"{event} {address}")
    elif event in _LOOKING_UP and not is_local(arguments[0]):
        _refuse(f"{event} {arguments[0]!r}")


def _refuse(what: str) -> None:
    _violations.append(what)
    raise NetworkRefusedError(f"No network in tests: {what}")


def refuse_all_but_loopback() -> None:
    """From now on, for the life of this process (an audit hook cannot be taken back)."""
    sys.addaudithook(_audit)


@contextlib.contextmanager
def violations_fail() -> Iterator[None]:
    """Fail the test that reached out, also when the code under test swallowed the refusal."""
    _violations.clear()
    yield
    if _violations:
        tried = "; ".join(_violations)
        _violations.clear()
        pytest.fail(f"The test tried to reach the network: {tried}", pytrace=False)
