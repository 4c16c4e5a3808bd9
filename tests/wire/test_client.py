"""A connection reaches the venue's own hosts or the one that its owner set, and tells nothing of a key."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import logging
import pickle
import traceback
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import web

from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.adapters.venues.ccxt_client import VenueClient, make_client
from rebalancer_gui.adapters.venues.ccxt_errors import CallFailed, scrubbed
from rebalancer_gui.adapters.venues.ccxt_hosts import addresses, checked_api_url, host_of
from rebalancer_gui.application.connection import Credentials, VenueSpec
from rebalancer_gui.domain.errors import InvalidInput, VenueAuthError, VenueUnavailable
from tests.wire.server import settle

FIVE = ("binance", "bybit", "okx", "kraken", "coinbase")
KEY = Credentials("KEYthatNobodyMaySee", "c2VjcmV0dGhhdG5vYm9keW1heXNlZQ==", "passphraseNobodyMaySee")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def with_server(handler: Handler, body: Callable[[str], Awaitable[None]]) -> None:
    async def run() -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            await body(f"http://127.0.0.1:{runner.addresses[0][1]}")
        finally:
            await settle()
            await runner.cleanup()
            await settle()

    asyncio.run(run())


def answering(status: int, text: str, **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type="application/json", headers=headers)

    return answer


def client(url: str, venue: str = "binance", *, pro: bool = False) -> VenueClient:
    return make_client(VenueSpec(venue, url), KEY, clock=SystemClock(), pro=pro, paced=False)


async def failure_of(there: VenueClient, name: str, *arguments: object) -> CallFailed:
    try:
        with pytest.raises(CallFailed) as caught:
            await there.call(name, *arguments)
        return caught.value
    finally:
        await there.close()


# ------------------------------------------------------------------------------------------------------------------ hosts


@pytest.mark.parametrize("venue", FIVE)
@pytest.mark.parametrize("pro", [False, True])
@pytest.mark.failure(56)
def test_an_own_address_leaves_none_of_the_venues_hosts(venue: str, pro: bool):
    async def body() -> None:
        there = client("https://gateway.example:8443/x", venue, pro=pro)
        urls = list(addresses(there.exchange.urls))
        assert {host_of(url) for url in urls} == {("gateway.example", 8443)} == set(there.allowed_hosts)
        assert all(url.startswith(("https://gateway.example:8443/x", "wss://gateway.example:8443/x")) for url in urls)
        await there.close()

    asyncio.run(body())


def test_binances_spot_stream_is_still_told_by_its_address():
    async def body() -> None:
        there = client("http://127.0.0.1:9", pro=True)
        assert there.exchange.urls["api"]["ws"]["spot"] == "ws://127.0.0.1:9/stream/ws"
        assert there.exchange.urls["api"]["ws"]["ws-api"]["spot"] == "ws://127.0.0.1:9/ws-api/v3"
        await there.close()

    asyncio.run(body())


@pytest.mark.failure(56)
@pytest.mark.parametrize(
    ("venue", "environment", "host"),
    [
        ("binance", None, "api.binance.com"), ("binance", "sandbox", "testnet.binance.vision"),
        ("binance", "demo", "demo-api.binance.com"), ("bybit", "sandbox", "api-testnet.bybit.com"),
        ("bybit", "demo", "api-demo.bybit.com"), ("okx", "demo", "www.okx.com"), ("kraken", None, "api.kraken.com"),
        ("coinbase", None, "api.coinbase.com"),
    ],
)  # fmt: skip
def test_without_one_only_the_venues_own_hosts_may_be_reached(venue: str, environment: str | None, host: str):
    async def body() -> None:
        there = make_client(VenueSpec(venue, None, environment), None, clock=SystemClock(), pro=True)
        assert (host, 443) in there.allowed_hosts
        real = make_client(VenueSpec(venue), None, clock=SystemClock(), pro=True)
        if environment is not None and venue != "okx":
            assert (host, 443) not in real.allowed_hosts
        there.exchange.urls["api"] = dict.fromkeys(there.exchange.urls["api"], "https://evil.example")
        failed = await failure_of(there, "fetch_time")
        assert "evil.example" in str(failed)
        assert failed.is_a("ForbiddenHost")
        assert failed.sent == ()
        await real.close()

    asyncio.run(body())


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int):
    seen: list[str] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        return web.Response(status=status, headers={"Location": "/api/v3/other"})

    async def body(url: str) -> None:
        failed = await failure_of(client(url), "private_post_order", {"symbol": "BTCUSDT"})
        assert failed.is_a("Unusable")
        assert failed.status == status
        assert seen == ["/api/v3/order"]

    with_server(elsewhere, body)


@pytest.mark.parametrize(
    "text",
    [
        "api.binance.com", "http://api.binance.com", "ftp://x", "https://", "https://me:word@x.example",
        "https://x.example/?a=1", "https://x.example/#a", "http://10.0.0.1", "https://x.example:0", "https://x:99999",
    ],
)  # fmt: skip
@pytest.mark.failure(56)
def test_an_address_that_is_none_or_is_not_encrypted_is_refused(text: str):
    with pytest.raises(InvalidInput) as caught:
        checked_api_url(text)
    assert caught.value.field == "api_url"


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:8080", "http://localhost:1/x", "http://[::1]:5", "https://api.binance.us/"]
)
def test_an_encrypted_address_or_this_machine_is_taken(text: str):
    assert checked_api_url(text) == text.rstrip("/")


def test_an_unknown_venue_or_environment_is_refused_by_its_field():
    for spec, field in ((VenueSpec("nosuch"), "venue"), (VenueSpec("kraken", None, "sandbox"), "environment")):
        with pytest.raises(InvalidInput) as caught:
            make_client(spec, None, clock=SystemClock())
        assert caught.value.field == field


@pytest.mark.failure(56)
def test_certificates_are_always_checked():
    async def body() -> None:
        there = client("https://gateway.example")
        there.exchange.open()
        context = there.exchange.ssl_context
        assert context.check_hostname
        assert context.verify_mode.name == "CERT_REQUIRED"
        await there.close()

    asyncio.run(body())


# ---------------------------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    "text", ["", "  ", "<html>busy</html>", "null", "true", "17", '"OK"', '{"code": 0', '{"price": NaN}', "[" * 100_000]
)
def test_a_200_that_says_nothing_is_no_answer(text: str):
    async def body(url: str) -> None:
        there = client(url)
        with pytest.raises(VenueUnavailable):
            await there.read("fetch_time")
        await there.close()

    with_server(answering(200, text), body)


def test_numbers_stay_as_exact_as_they_came():
    async def body(url: str) -> None:
        there = client(url)
        said = await there.call("public_get_ticker_price")
        assert said == {"price": "0.123456789012345678901234567890", "big": "12345678901234567890.5"}
        await there.close()

    with_server(answering(200, '{"price": 0.123456789012345678901234567890, "big": 12345678901234567890.5}'), body)


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (429, {"Retry-After": "17"}, 17),
        (418, {"Retry-After": "3600"}, 3600),
        (429, {}, 30),
        (418, {}, 120),
        (400, {}, None),
    ],
)
def test_a_pause_that_the_venue_asks_for_comes_with_the_error(status: int, headers: dict[str, str], pause: int | None):
    async def body(url: str) -> None:
        there = client(url)
        with pytest.raises(VenueUnavailable) as caught:
            await there.read("fetch_time")
        assert caught.value.retry_after == (None if pause is None else timedelta(seconds=pause))
        await there.close()

    with_server(answering(status, '{"code": -1003, "msg": "Too many requests."}', **headers), body)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (401, '{"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}'),
        (451, "<html>"),
        (403, "<html>"),
    ],
)
@pytest.mark.failure(9, 10)
def test_a_refused_key_or_region_is_an_error_of_the_key_also_after_it_worked(status: int, text: str):
    answers = [(200, '{"balances": []}'), (status, text)]

    async def answer(request: web.Request) -> web.StreamResponse:
        code, said = answers.pop(0)
        return web.Response(status=code, text=said, content_type="application/json")

    async def body(url: str) -> None:
        there = client(url)
        await there.call("private_get_account")
        with pytest.raises(VenueAuthError):
            await there.read("private_get_account")
        await there.close()

    with_server(answer, body)


# ---------------------------------------------------------------------------------------------------------------- secrets


@pytest.mark.parametrize("venue", FIVE)
def test_no_error_tells_a_key_a_signature_or_an_address(venue: str):
    async def echo(request: web.Request) -> web.StreamResponse:
        said = f"{request.path_qs} {dict(request.headers)} {await request.text()}"
        return web.json_response(
            {"code": -1100, "msg": said, "retCode": 7, "retMsg": said, "error": [said]}, status=400
        )

    async def body(url: str) -> None:
        there = client(url, venue)
        with pytest.raises(CallFailed) as caught:
            await there.call("fetch_balance")
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + str(vars(caught.value))
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None
        for secret in (*KEY.values, "signature=", url):
            assert secret not in told.replace("http://127.0.0.1", url[:16]) or secret == url
        kept = {name: getattr(there.exchange, f"last_request_{name}") for name in ("headers", "body", "url")}
        assert kept == {"headers": None, "body": None, "url": None}
        await there.close()

    with_server(echo, body)


def test_neither_key_nor_connection_can_be_seen_copied_or_stored():
    async def body() -> None:
        there = client("http://127.0.0.1:9")
        for thing in (KEY, there, there.exchange):
            assert not any(secret in f"{thing!r} {thing!s}" for secret in KEY.values)
            for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
                with pytest.raises(TypeError):
                    attempt(thing)
        await there.close()

    asyncio.run(body())


def test_what_a_venue_says_is_made_one_short_readable_line():
    said = scrubbed(f"bad\n\x1b[31m signature=abcdef&x=1 {KEY.key} https://api.x/y?z=1 {'long ' * 100}", KEY.values)
    assert "\n" not in said
    assert "\x1b" not in said
    assert len(said) <= 200
    assert not any(hidden in said for hidden in ("abcdef", KEY.key, "https://"))


@pytest.mark.parametrize(
    "said",
    (
        "Signature for this request is not valid.",
        "Request header OK-ACCESS-PASSPHRASE incorrect",
        "error sign! please check your signature generation algorithm.",
        "API-key format invalid.",
    ),
)
def test_what_a_venue_says_about_a_key_in_words_is_left_as_it_is(said: str):
    assert scrubbed(said) == said


@pytest.mark.parametrize(
    "said", ("signature ab12cd", "Authorization: Bearer secretword", "X-BAPI-SIGN=secretword", "bearer " + "a" * 16)
)
def test_values_beside_the_names_of_secrets_are_hidden(said: str):
    assert scrubbed(said).split()[-1] == "(hidden)"


@pytest.mark.parametrize("venue", FIVE)
def test_nothing_of_a_key_is_logged_however_much_is_asked_to_be(venue: str, caplog: pytest.LogCaptureFixture):
    async def body(url: str) -> None:
        there = client(url, venue)
        for question in ("fetch_time", "fetch_balance"):
            with contextlib.suppress(CallFailed):
                await there.call(question)
        await there.close()

    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="ccxt.base.exchange"):
        with_server(answering(200, '{"code": 0}'), body)
    # The test's own server tells what it was asked.
    told = "".join(r.getMessage() for r in caplog.records if not r.name.startswith("aiohttp.")).lower()
    for hidden in (*KEY.values, "signature", "api-sign", "x-bapi-sign", "ok-access"):
        assert hidden.lower() not in told
