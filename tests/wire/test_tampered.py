"""Somebody in between: a certificate that nobody vouches for, a proxy from the environment, an order to go elsewhere."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rebalancer_gui.adapters.venues.ccxt_client import make_client
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.domain.errors import VenueUnavailable
from tests.wire.bench import KEY, KEYS, MADE
from tests.wire.core import TurnedClock
from tests.wire.server import settle


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate for this very machine, valid today, that no authority has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=3650))
        .not_valid_after(today + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    return context


@asynccontextmanager
async def listening(seen: list[str], context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """A server that notes every request that gets through to it; answers its port."""

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.json_response({"serverTime": 1})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        yield runner.addresses[0][1]
    finally:
        await settle()
        await runner.cleanup()
        await settle()


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("pro", [False, True])
@pytest.mark.failure(56)
def test_a_certificate_that_nobody_vouches_for_ends_the_connection_before_anything_is_sent(
    name: str, pro: bool, tmp_path: Path
):
    seen: list[str] = []

    async def body() -> None:
        async with listening(seen, self_signed(tmp_path)) as port:
            spec = VenueSpec(name, f"https://127.0.0.1:{port}")
            client = make_client(spec, KEYS.get(name, KEY), clock=TurnedClock(), pro=pro, paced=False)
            client.exchange.timeout_on_exit = 0
            for question in ("fetch_time", "fetch_balance"):
                with pytest.raises(VenueUnavailable):
                    await client.read(question)
            await client.close()

    asyncio.run(body())
    assert seen == []


@pytest.mark.failure(56)
def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch):
    by_proxy: list[str] = []
    direct: list[str] = []

    async def body() -> None:
        async with listening(by_proxy, None) as proxy, listening(direct, None) as there:
            for variable in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
                monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy}")
            client = make_client(
                VenueSpec("binance", f"http://127.0.0.1:{there}"), KEY, clock=TurnedClock(), paced=False
            )
            await client.read("fetch_time")
            await client.close()

    asyncio.run(body())
    assert by_proxy == []
    assert direct == ["/api/v3/time"]
