"""What stands between ccxt and the network: mixed into each of its exchange classes. Imports aiohttp."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import ssl
from datetime import timedelta
from typing import Any, NoReturn

import aiohttp

from rebalancer_gui.adapters.venues.ccxt_client import NOT_AFTER, TRACE
from rebalancer_gui.adapters.venues.ccxt_errors import Answer, TooLate, Unusable
from rebalancer_gui.adapters.venues.ccxt_hosts import Host, is_loopback, refuse_unknown
from rebalancer_gui.adapters.venues.market_tables import forget_words, list_once
from rebalancer_gui.application.ports import Clock

_KEPT_ANSWERS = 50
_PAUSES = {429: timedelta(seconds=30), 418: timedelta(minutes=2)}
"""Asked for by a status without a Retry-After."""
_LONGEST_PAUSE = timedelta(days=3)

_log = logging.getLogger("rebalancer_gui.ccxt")
# ccxt tells every signed request below WARNING, whatever the root logger is set to.
_log.setLevel(logging.WARNING)


class Hardened:
    """First base of every exchange class that is used; the second is ccxt's own.

    Records each answer, refuses those that say nothing, follows no redirect, reaches known hosts only, always checks
    certificates, takes the venue's time from our clock, and forgets each request at once.
    """

    venue_clock: Clock
    ahead_ms = 0
    """How far the venue's clock is ahead of ours."""
    allowed_hosts: frozenset[Host] = frozenset()
    verify = True
    aiohttp_trust_env = False
    logger = _log
    enableLastHttpResponse = False
    enableLastJsonResponse = False
    enableLastResponseHeaders = False
    session: Any = None
    ssl_context: Any = None
    cafile: str
    kept_words: tuple[str, ...] | None = None
    """As in ``Quirks``."""
    markets: Any
    markets_by_id: Any
    _ours: aiohttp.ClientSession | None = None

    _said: tuple[str, object] | None = None
    """The answer that was just looked at and what it says: it is not read twice."""

    def __repr__(self) -> str:
        return "<an exchange of ccxt>"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A connection to an exchange is neither copied nor stored.")

    # ---------------------------------------------------------------------------------------------------------- time

    def milliseconds(self) -> int:
        return int(self.venue_clock.now().timestamp() * 1000) + self.ahead_ms

    def seconds(self) -> int:
        return self.milliseconds() // 1000

    def microseconds(self) -> int:
        return self.milliseconds() * 1000

    # ------------------------------------------------------------------------------------------------------- network

    def open(self, lazy: bool = False) -> None:
        """ccxt's, with a session of ours."""
        self.own_session = False
        if self.ssl_context is None:
            self.ssl_context = _trusting(self.cafile)
        super().open(lazy)  # type: ignore[misc]
        if self.session is None:
            connector = aiohttp.TCPConnector(ssl=self.ssl_context, enable_cleanup_closed=False)
            self._ours = aiohttp.ClientSession(
                connector=connector,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=(self._guard,),
            )
            self.session = self._ours

    async def close(self, clean_instance_data: bool = False) -> None:
        """Safe to call twice; with encryption ccxt leaves the connections a moment to say goodbye."""
        ours, self._ours = self._ours, None
        encrypted = not all(is_loopback(name) for name, _port in self.allowed_hosts)
        self.timeout_on_exit = 250 if ours is not None and encrypted else 0
        await super().close(clean_instance_data)  # type: ignore[misc]
        if ours is not None:
            await ours.close()

    async def _guard(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Every request that leaves passes here, WebSockets and each hop of a redirect among them."""
        refuse_unknown(str(request.url), self.allowed_hosts)
        response = await handler(request)
        if 300 <= response.status < 400:
            self._record(response.status, "", {})
            response.close()
            raise Unusable(f"it sends us elsewhere (HTTP {response.status})")
        return response

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """One request; nothing of it is kept afterwards."""
        trace, not_after = TRACE.get(), NOT_AFTER.get()
        if not_after is not None and self.venue_clock.monotonic() > not_after:
            raise TooLate("it waited too long for its turn and was not sent")
        refuse_unknown(url, self.allowed_hosts)
        if trace is not None:
            trace.sent.append(method)
        try:
            return await super().fetch(url, method, headers, body)  # type: ignore[misc]
        except aiohttp.ClientError as error:
            # Some of aiohttp's errors ccxt lets pass.
            raise TimeoutError from error
        finally:
            self.forget_request()

    def forget_request(self) -> None:
        """ccxt keeps key and signature of the last request."""
        self.last_request_headers = self.last_request_body = self.last_request_url = None

    def on_rest_response(
        self, code: int, reason: str, url: str, method: str, response_headers: Any, response_body: str, *rest: Any
    ) -> str:
        """Keeps status and body, which ccxt's errors do not carry, and refuses a 200 that says nothing."""
        self._record(code, response_body, response_headers)
        if 200 <= code < 300:
            self._said = response_body.strip(), _usable(response_body)
        body: str = super().on_rest_response(code, reason, url, method, response_headers, response_body, *rest)  # type: ignore[misc]
        return body

    def on_json_response(self, body: str) -> object:
        """What ``body`` says, with exact numbers: ccxt reads a number of JSON as a float."""
        (known, said), self._said = self._said or ("", None), None
        return said if known == body else json.loads(body, parse_float=str)

    # ------------------------------------------------------------------------------------------------------------ memory

    async def fetch_markets(self, *arguments: Any, **named: Any) -> Any:
        """ccxt's, with nothing of the answer left behind when its tables are made."""
        found = await super().fetch_markets(*arguments, **named)  # type: ignore[misc]
        if self.kept_words is not None:
            forget_words(found, self.kept_words)
        if (trace := TRACE.get()) is not None:
            trace.answers.clear()
        # The loop holds what it has just handed out, the answer read into objects four times its size, until its next turn.
        turned = asyncio.Event()
        asyncio.get_running_loop().call_soon(turned.set)
        await turned.wait()
        return found

    def set_markets(self, markets: Any, currencies: Any = None) -> Any:
        """ccxt's, with one object for each market."""
        found = super().set_markets(markets, currencies)  # type: ignore[misc]
        list_once(self.markets, self.markets_by_id)
        return found

    def _record(self, status: int, body: str, headers: Any) -> None:
        trace = TRACE.get()
        if trace is not None:
            trace.answers.append(Answer(status, body, _pause_in(status, headers)))
            del trace.answers[:-_KEPT_ANSWERS]


@functools.cache
def _trusting(cafile: str) -> ssl.SSLContext:
    """Checks certificates and host names. Reading the list of authorities takes long: once is enough."""
    return ssl.create_default_context(cafile=cafile)


def _usable(body: str) -> object:
    """What ``body`` says, numbers with decimals as text. Unusable unless it is an object or a list of JSON with finite numbers."""
    if not body.strip():
        raise Unusable("it answered with nothing")
    try:
        said = json.loads(body, parse_float=str, parse_constant=_not_a_number)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, (dict, list)):
        raise Unusable("its answer could not be read")
    return said


def _not_a_number(word: str) -> NoReturn:
    raise ValueError(word)


def _pause_in(status: int, headers: Any) -> timedelta | None:
    """How long a status with its headers wants us to wait."""
    said = next((value for name, value in dict(headers).items() if name.lower() == "retry-after"), "")
    if status not in {429, 418, 503}:
        return None
    if str(said).strip().isdecimal():
        return min(timedelta(seconds=int(said)), _LONGEST_PAUSE)
    return _PAUSES.get(status)
