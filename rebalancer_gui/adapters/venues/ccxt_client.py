"""ccxt, hardened: exact numbers, no retries, known hosts only, nothing of a key in any text (ORDERS.md, FAILURES.md F, 6).

ccxt is imported when the first client is made, never before: that takes about a second.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from rebalancer_gui.adapters.venues.catalogue import name_of
from rebalancer_gui.adapters.venues.ccxt_errors import (
    Answer,
    CallFailed,
    TooLate,
    Trace,
    Unusable,
    scrubbed,
    words_in,
    words_of_refusal,
)
from rebalancer_gui.adapters.venues.ccxt_hosts import (
    ForbiddenHost,
    Host,
    addresses,
    checked_api_url,
    each_address,
    host_of,
    moved_to,
)
from rebalancer_gui.adapters.venues.ccxt_import import ccxt, loaded
from rebalancer_gui.adapters.venues.ccxt_quirks import Quirks, quirks_of
from rebalancer_gui.application.connection import Credentials, VenueSpec
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.domain.errors import InvalidInput, VenueAuthError, VenueUnavailable

TIMEOUT_MS = 10_000
_UNSIGNED = "Unsigned"
"""Ours: the secret has not the shape of the venue's (Kraken's is base64, Coinbase's a PEM), so nothing was sent."""
_AUTH_KINDS = ("AuthenticationError", "PermissionDenied", "AccountSuspended", "AccountNotEnabled", _UNSIGNED)
_AUTH_CODES = frozenset({"-2015", "-2014", "-1022"})
"""Binance: after a private call has worked once, ccxt takes these for a rate limit."""
ELSEWHERE = (
    "Use the exchange that serves your region, or its address for your region as the account's own API address. A VPN, a proxy "
    "or a rented server counts as the place where it stands."
)
"""What to do about it."""
_REGION, _FORBIDDEN, _NO_KEY, _TOO_MANY = 451, 403, 401, 429

TRACE: ContextVar[Trace | None] = ContextVar("trace", default=None)
NOT_AFTER: ContextVar[float | None] = ContextVar("not_after", default=None)


class VenueClient:
    """One connection. Neither its repr nor a copy gives anything away; it is not pickled.

    ``call(name, ...)`` runs any method of ccxt by its name and raises CallFailed; ``read(name, ...)`` is the same for
    questions and raises VenueUnavailable or VenueAuthError. What ccxt raises itself never leaves this class: its text holds
    signed addresses. ``exchange`` is ccxt's object, for its tables (``markets``, ``has``) only.

    While the venue wants to be left alone nothing leaves: each call fails at once with what is left of the pause and nothing
    ``sent``. ``pause_of`` tells from a failed call how long that is.
    """

    def __init__(
        self,
        spec: VenueSpec,
        quirks: Quirks,
        exchange: Any,
        secrets: tuple[str, ...],
        clock: Clock,
        allowed: frozenset[Host],
    ) -> None:
        self.spec = spec
        self.quirks = quirks
        self.exchange = exchange
        self.clock = clock
        self.allowed_hosts = allowed
        self.pause_of: Callable[[CallFailed], timedelta | None] = lambda failed: failed.retry_after
        self._secrets = secrets
        self._ahead = timedelta(0)
        self._silent_until = -math.inf
        """By the monotonic clock."""

    @property
    def ahead(self) -> timedelta:
        """How far the venue's clock is ahead of ours; every request is stamped with the venue's time."""
        return self._ahead

    @ahead.setter
    def ahead(self, ahead: timedelta) -> None:
        self._ahead = ahead
        self.exchange.ahead_ms = ahead // timedelta(milliseconds=1)

    def venue_now(self) -> datetime:
        """The venue's time as far as it was measured."""
        return self.clock.now() + self._ahead

    def __repr__(self) -> str:
        return f"<connection to {self.spec.venue}>"

    def __reduce_ex__(self, protocol: object) -> Any:
        raise TypeError("A connection to an exchange is neither copied nor stored.")

    async def call(self, name: str, *arguments: Any, trace: Trace | None = None, **named: Any) -> Any:
        """The method ``name`` of ccxt, once. Raises CallFailed for everything that went wrong."""
        self._keep_silent()
        seen = trace if trace is not None else Trace()
        token = TRACE.set(seen)
        try:
            said = await getattr(self.exchange, name)(*arguments, **named)
        except _failures() as error:
            kinds, text = _kinds(error), _own_words(error)
            if isinstance(error, ValueError) and "private" in name and not seen.sent:
                kinds = (_UNSIGNED, *kinds)
        else:
            if trace is None:
                # A task that ccxt keeps has the trace in its context, and with it the whole text of each answer.
                seen.answers.clear()
            return said
        finally:
            TRACE.reset(token)
            self.exchange.forget_request()
        # Raised here, outside of the handler: what ccxt raised would else be carried along, signed addresses and all.
        failed = self._failed(kinds, text, seen)
        if (pause := self.pause_of(failed)) is not None:
            self._silent_until = max(self._silent_until, self.clock.monotonic() + pause.total_seconds())
        raise failed

    def _keep_silent(self) -> None:
        """Raise CallFailed during a pause that the venue asked for."""
        left = self._silent_until - self.clock.monotonic()
        if left > 0:
            words = f"it asked for a pause of {math.ceil(left)} s more"
            raise CallFailed(("Paused",), Answer(_TOO_MANY, "", timedelta(seconds=left)), "", words, ())

    async def read(self, name: str, *arguments: Any, **named: Any) -> Any:
        """A question. VenueAuthError when the key is refused, else VenueUnavailable."""
        try:
            return await self.call(name, *arguments, **named)
        except CallFailed as failed:
            problem = self.as_problem(failed)
        raise problem

    def as_problem(self, failed: CallFailed) -> VenueUnavailable | VenueAuthError:
        """A failed question in the words of the domain."""
        name = name_of(self.spec.venue)
        if is_refused_key(failed):
            return refusal(name, failed)
        return VenueUnavailable(f"{name}: {failed.words}", retry_after=failed.retry_after)

    def open(self) -> None:
        """Needed only after ``close``; to be called in a running loop."""
        self.exchange.open()

    async def close(self) -> None:
        """Safe to call twice."""
        await self.exchange.close()

    def _failed(self, kinds: tuple[str, ...], text: str, trace: Trace) -> CallFailed:
        answer = trace.last if len(trace.answers) >= len(trace.sent) else None
        code, said = words_in(answer.body) if answer is not None else ("", "")
        words = said or text or _plain_words(kinds, answer)
        if answer is not None and not code and answer.status in {_FORBIDDEN, _REGION}:
            told = words_of_refusal(answer.body)
            words = f"it answered with HTTP {answer.status}: {told}" if told else words
        if code and code not in words:
            words = f"{words} ({code})"
        return CallFailed(kinds, answer, code, scrubbed(words, self._secrets), tuple(trace.sent))


def is_refused_key(failed: CallFailed) -> bool:
    """Whether the venue said no to the key or to this place, whatever ccxt makes of it."""
    return failed.code in _AUTH_CODES or failed.status in {_NO_KEY, _FORBIDDEN, _REGION} or failed.is_a(*_AUTH_KINDS)


def refusal(venue: str, failed: CallFailed) -> VenueAuthError:
    """What is said when a venue refuses the key, or whoever asks from here (HTTP 451, or a 403 without a code of its own)."""
    if failed.status == _REGION or (failed.status == _FORBIDDEN and not failed.code):
        words = failed.words.rstrip(".")
        return VenueAuthError(f"{venue} does not serve the place that this computer asks from: {words}.", ELSEWHERE)
    if failed.is_a(_UNSIGNED):
        return VenueAuthError(f"This is no secret of {venue}: nothing can be signed with it. Copy it anew, all of it.")
    return VenueAuthError(f"{venue} refuses the key: {failed.words}")


def make_client(
    spec: VenueSpec, credentials: Credentials | None, *, clock: Clock, pro: bool = False, paced: bool = True
) -> VenueClient:
    """A connection that has asked nothing yet. InvalidInput (``venue``, ``api_url``, ``environment``).

    ``credentials`` None: public questions only. ``pro``: with WebSockets (``watch_...``). ``paced`` False leaves out ccxt's
    own rate limit, for a server on this machine. To be used, and closed, in one running event loop.
    """
    base = _class_of(spec.venue, pro=pro)
    quirks = quirks_of(spec.venue)
    own = None if spec.api_url is None else checked_api_url(spec.api_url)
    config: dict[str, Any] = {
        "enableRateLimit": paced,
        "timeout": TIMEOUT_MS,
        "number": str,
        "options": {**quirks.options, "maxRetriesOnFailure": 0},
        **quirks.set_up,
    }
    if credentials is not None:
        config |= {"apiKey": credentials.key, "secret": credentials.secret}
        if credentials.passphrase:
            config["password"] = credentials.passphrase
    wire = loaded("rebalancer_gui.adapters.venues.ccxt_wire")
    ours = {"venue_clock": clock, "kept_words": quirks.kept_words}
    exchange = type(base.__name__, (wire.Hardened, base), ours)(config)
    _go_to_environment(exchange, spec, quirks)
    hosts = _settle_hosts(exchange, own)
    exchange.allowed_hosts = hosts
    return VenueClient(spec, quirks, exchange, credentials.values if credentials is not None else (), clock, hosts)


def venue_ids() -> tuple[str, ...]:
    """Every venue that ccxt knows. Imports ccxt."""
    return tuple(ccxt().exchanges)


def _class_of(venue: str, *, pro: bool) -> Any:
    package = ccxt("pro" if pro else "async_support")
    if venue not in package.exchanges:
        how = " with live prices" if pro else ""
        raise InvalidInput("venue", f"There is no exchange {venue!r}{how} in ccxt.")
    return getattr(package, venue)


def _go_to_environment(exchange: Any, spec: VenueSpec, quirks: Quirks) -> None:
    if spec.environment is None:
        return
    how = quirks.environments.get(spec.environment)
    if how is None:
        there = ", ".join(quirks.environments) or "none"
        raise InvalidInput("environment", f"{spec.venue} has no environment {spec.environment!r}; there is: {there}.")
    if how == "sandbox":
        exchange.set_sandbox_mode(True)
    else:
        exchange.enable_demo_trading(True)


def _settle_hosts(exchange: Any, own: str | None) -> frozenset[Host]:
    """Leave only the addresses that are used from now on, and answer their hosts."""
    hostname = exchange.hostname or ""
    urls = each_address(exchange.urls["api"], lambda url: url.replace("{hostname}", hostname))
    former = {host_of(url) for url in addresses(urls)}
    if own is not None:
        urls = each_address(urls, moved_to(own))
    # Nothing switches back to what is not there any more.
    exchange.urls = {"api": urls}
    hosts = frozenset(host_of(url) for url in addresses(urls))
    if own is not None:
        target = host_of(own)
        if hosts != {target} or (former & hosts) - {target}:
            raise InvalidInput("api_url", "Not every address of this exchange could be moved to the one you set.")
    return hosts


def _failures() -> tuple[type[BaseException], ...]:
    """Everything a call can end with that is no mistake of ours: ccxt raises what it likes when an answer is strange."""
    return (
        ccxt().BaseError, ForbiddenHost, Unusable, TooLate, OSError, ArithmeticError, LookupError,
        AttributeError, TypeError, ValueError, AssertionError, RuntimeError,
    )  # fmt: skip


def _kinds(error: BaseException) -> tuple[str, ...]:
    return tuple(kind.__name__ for kind in type(error).__mro__ if kind not in {object, BaseException, Exception})


def _own_words(error: BaseException) -> str:
    """Only of errors that are ours: ccxt's text holds the whole request."""
    return str(error) if isinstance(error, (ForbiddenHost, Unusable, TooLate)) else ""


def _plain_words(kinds: tuple[str, ...], answer: Answer | None) -> str:
    """A sentence where the venue itself said nothing that can be read."""
    if answer is not None and answer.status != 200:
        return f"it answered with HTTP {answer.status}"
    for kind, words in _WORDS.items():
        if kind in kinds:
            return words
    return "its answer could not be understood"


_WORDS = {
    "BadSymbol": "it has no such market",
    "ArgumentsRequired": "something is missing in the request",
    "NotSupported": "it does not offer that",
    "OrderNotFound": "it does not know the order",
    "RequestTimeout": "it did not answer in time",
    "ExchangeNotAvailable": "it cannot be reached",
    "NetworkError": "the connection broke",
    "ExchangeError": "its answer could not be read",
    "OSError": "the connection broke",
}
