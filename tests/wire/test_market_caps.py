"""CoinGecko and CoinPaprika as they answer over HTTP, on loopback: figures, tickers, pages, refusals, hostile answers.

The rows are written by hand; their shape is that of CoinGecko's official example of /coins/markets (MIT licence).
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from rebalancer_gui.adapters.market_data.caps_cache import FileCapsCache
from rebalancer_gui.adapters.market_data.caps_online import KEY_HEADER, CoinGeckoCaps, CoinPaprikaCaps
from rebalancer_gui.adapters.market_data.coin_ids import CoinId, read_coin_ids
from rebalancer_gui.adapters.market_data.history import DailyHistory, HistoricalMarketCaps
from rebalancer_gui.application.events import PresetsReady
from rebalancer_gui.application.market_caps import CapsUnavailable, CoinFigures, LiveMarketCaps
from rebalancer_gui.application.preset_port import PresetSide
from rebalancer_gui.domain.presets import PresetDefinition
from rebalancer_gui.domain.strategy import RatioRule
from rebalancer_gui.resources_path import resource_dir
from tests.builders import rules_for
from tests.engine_bench import Bench, run
from tests.fake_clock import FakeClock
from tests.scripted_venue import ScriptedVenue

NOW = datetime(2026, 5, 18, 13, tzinfo=UTC)
FRESH = "2026-05-18T12:49:21.599Z"


def coin(asset: str, gecko: str, paprika: str = "", *others: str, multiplier: int = 1) -> CoinId:
    own = {asset} if multiplier == 1 else set()
    return CoinId(asset, gecko, paprika, frozenset({*own, *others}), Decimal(multiplier), "")


COINS = (
    coin("BTC", "bitcoin", "btc-bitcoin"),
    coin("SHIB", "shiba-inu", "shib-shiba-inu"),
    coin("1000SHIB", "shiba-inu", "shib-shiba-inu", "SHIB", multiplier=1000),
)


def gecko_row(source_id: str, symbol: str, cap: Any, price: Any, updated: str | None = FRESH) -> dict[str, Any]:
    return {
        "id": source_id, "symbol": symbol, "name": source_id.title(), "image": "https://example.org/i.png",
        "current_price": price, "market_cap": cap, "market_cap_rank": 1, "circulating_supply": 20030493.0,
        "max_supply": None, "roi": None, "last_updated": updated,
        "sparkline_in_7d": {"price": [81045.84776489827, 81001.73089268175]},
    }  # fmt: skip


def paprika_row(source_id: str, symbol: str, cap: Any, price: Any) -> dict[str, Any]:
    dollars = {"price": price, "volume_24h": 1.5, "market_cap": cap, "percent_change_24h": -0.9}
    return {
        "id": source_id,
        "name": symbol,
        "symbol": symbol,
        "rank": 1,
        "last_updated": FRESH,
        "quotes": {"USD": dollars},
    }


class Service(ThreadingHTTPServer):
    """Answers ``body`` with ``status``; ``asked`` are path, parameters and headers of each question."""

    status = 200
    body = b"[]"
    headers: dict[str, str]
    asked: list[tuple[str, dict[str, list[str]], dict[str, str]]]

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, rows: Any, status: int = 200, **headers: str) -> None:
        self.asked.clear()
        self.status, self.headers = status, {name.replace("_", "-"): text for name, text in headers.items()}
        self.body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append((parts.path, parse_qs(parts.query), dict(self.headers)))
        self.send_response(self.server.status)
        for name, text in self.server.headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        try:
            self.wfile.write(self.server.body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    server = Service(("127.0.0.1", 0), Handler)
    server.asked, server.headers = [], {}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def service(running: Service) -> Service:
    running.answer([])
    return running


def gecko(service: Service, coins: Any = COINS, key: str = "") -> dict[str, CoinFigures]:
    async def give() -> str:
        return key

    return dict(asyncio.run(CoinGeckoCaps(coins, FakeClock(NOW), give, service.root).read()))


def paprika(service: Service, coins: Any = COINS) -> dict[str, CoinFigures]:
    return dict(asyncio.run(CoinPaprikaCaps(coins, FakeClock(NOW), service.root).read()))


def refusal(service: Service) -> CapsUnavailable:
    with pytest.raises(CapsUnavailable) as caught:
        gecko(service)
    return caught.value


ROWS = [gecko_row("bitcoin", "btc", 1555886872303, 77671), gecko_row("shiba-inu", "shib", 7.2e9, 1.2e-05)]


def test_coingecko_is_asked_one_question_by_ids_and_a_multiple_has_its_price_and_the_coins_cap(
    service: Service,
) -> None:
    service.answer(ROWS)
    found = gecko(service)
    assert found["BTC"] == CoinFigures(Decimal(1555886872303), Decimal(77671))
    assert found["SHIB"] == CoinFigures(Decimal("7.2e9"), Decimal("0.000012"))
    assert found["1000SHIB"] == CoinFigures(Decimal("7.2e9"), Decimal("0.012"))
    ((path, parameters, headers),) = service.asked
    assert path == "/coins/markets"
    assert parameters["ids"] == ["bitcoin,shiba-inu"]
    assert parameters["vs_currency"] == ["usd"]
    assert KEY_HEADER not in {name.lower() for name in headers}


def test_the_key_travels_in_its_header_and_nowhere_else(service: Service) -> None:
    service.answer(ROWS)
    gecko(service, key="CG-a-demo-key-of-mine")
    ((path, parameters, headers),) = service.asked
    assert {name.lower(): text for name, text in headers.items()}[KEY_HEADER] == "CG-a-demo-key-of-mine"
    assert "CG-a-demo" not in path
    assert not any("CG-a-demo" in text for texts in parameters.values() for text in texts)


def test_a_redirect_is_not_followed_with_the_key(service: Service) -> None:
    service.answer([], 302, Location=f"{service.root}/elsewhere")
    with pytest.raises(CapsUnavailable, match="error 302"):
        gecko(service, key="CG-a-demo-key-of-mine")
    assert len(service.asked) == 1


def test_more_than_250_coins_are_asked_for_in_pages(service: Service) -> None:
    coins = [coin(f"C{number}", f"coin-{number}") for number in range(260)]
    service.answer([gecko_row(c.coingecko, c.asset, 1000, 1) for c in coins])
    assert len(gecko(service, coins)) == 260
    assert [len(parameters["ids"][0].split(",")) for _path, parameters, _headers in service.asked] == [250, 10]


def test_coinpaprika_answers_with_all_coins_and_those_of_the_table_are_taken(service: Service) -> None:
    rows = [
        paprika_row("btc-bitcoin", "BTC", 1555886872303, 77671.123456789),
        paprika_row("shib-shiba-inu", "SHIB", 7e9, 2e-5),
    ]
    service.answer([*rows, *(paprika_row(f"x-{number}", "BTC", 1, 1) for number in range(500))])
    found = paprika(service)
    assert set(found) == {"BTC", "SHIB", "1000SHIB"}
    assert found["BTC"].price == Decimal("77671.123456789")
    assert [path for path, _parameters, _headers in service.asked] == ["/tickers"]


@pytest.mark.parametrize(
    "row",
    (
        gecko_row("shiba-inu", "other", 7e9, 2e-5),
        gecko_row("shiba-inu-2", "shib", 7e9, 2e-5),
        gecko_row("shiba-inu", "shib", None, 2e-5),
        gecko_row("shiba-inu", "shib", 0, 2e-5),
        gecko_row("shiba-inu", "shib", -7e9, 2e-5),
        gecko_row("shiba-inu", "shib", float("nan"), 2e-5),
        gecko_row("shiba-inu", "shib", float("inf"), 2e-5),
        gecko_row("shiba-inu", "shib", "7000000000x", 2e-5),
        gecko_row("shiba-inu", "shib", True, 2e-5),
        gecko_row("shiba-inu", "shib", [7e9], 2e-5),
        gecko_row("shiba-inu", "shib", 1e80, 2e-5),
        gecko_row("shiba-inu", "shib", 7e9, None),
        gecko_row("shiba-inu", "shib", 7e9, 2e-5, updated="2026-05-10T12:00:00Z"),
        gecko_row("shiba-inu", "shib", 7e9, 2e-5, updated="yesterday"),
        gecko_row("shiba-inu", "shib", 7e9, 2e-5, updated=None),
    ),
)
def test_a_row_of_another_ticker_id_day_or_without_a_figure_is_a_missing_coin_and_no_guess(
    service: Service, row: dict[str, Any]
) -> None:
    service.answer([ROWS[0], row])
    coins = (*COINS[:2],)
    assert set(gecko(service, coins)) == {"BTC"}


def test_asked_too_often_the_source_says_how_long_it_wants_to_be_left_alone(service: Service) -> None:
    service.answer({}, 429, Retry_After="120")
    wrong = refusal(service)
    assert wrong.asked_too_often
    assert wrong.rest == timedelta(minutes=2)
    service.answer({}, 429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT")
    assert refusal(service).rest is None
    service.answer({}, 429, Retry_After="9999999")
    assert refusal(service).rest == timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "says"), ((500, "error 500"), (404, "error 404"), (401, "key in Settings"), (403, "key in Settings"))
)
def test_any_other_status_is_a_refusal_in_words(service: Service, status: int, says: str) -> None:
    service.answer({}, status)
    wrong = refusal(service)
    assert says in wrong.message
    assert not wrong.asked_too_often


@pytest.mark.parametrize(
    "body",
    (
        b"",
        b"<html>maintenance</html>",
        b"{}",
        b'{"status": {"error_code": 429}}',
        b"[",
        b"[1, 2]",
        b"[null]",
        b'[{"id": "bitcoin"} {"id": "x"}]',
        b'[{"id": "bitcoin",}]',
        b"[" * 100_000,
        b'[{"a": ' + b"[" * 200_000,
        b"\xff\xfe[]",
        b"[]",
    ),
)
def test_what_is_no_list_of_coins_is_refused_whole(service: Service, body: bytes) -> None:
    service.answer(body)
    assert "list of coins" in refusal(service).message or "0 coins out of" in refusal(service).message


def test_an_answer_without_end_is_cut_off(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rebalancer_gui.adapters.market_data.caps_http.MAX_BYTES", 100_000)
    service.answer(b" " * 200_000)
    assert "more than" in refusal(service).message


def test_no_network_is_said(service: Service) -> None:
    async def give() -> str:
        return ""

    with pytest.raises(CapsUnavailable, match="CoinGecko could not be reached"):
        # Nobody listens there: the port was given back.
        asyncio.run(CoinGeckoCaps(COINS, FakeClock(NOW), give, "http://127.0.0.1:9").read())


def test_a_source_that_does_not_answer_is_given_up(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rebalancer_gui.adapters.market_data.caps_http.PATIENCE", 0.05)
    held = threading.Event()
    monkeypatch.setattr(Handler, "do_GET", lambda _self: held.wait(5))
    try:
        wrong = refusal(service)
        assert wrong.message == "CoinGecko could not be reached."
        assert wrong.unreachable
    finally:
        held.set()


def test_the_shipped_table_is_asked_for_in_one_question(service: Service) -> None:
    coins = tuple(read_coin_ids(resource_dir() / "markets" / "coin_ids.csv").values())
    tickers = {c.coingecko: min(c.symbols) for c in coins}
    service.answer([gecko_row(source_id, ticker.lower(), 1000, 1) for source_id, ticker in tickers.items()])
    found = gecko(service, coins)
    assert len(service.asked) == 1
    assert found["1000SATS"].price == 1000
    assert found["1MBABYDOGE"].price == 1_000_000
    assert found["1MBABYDOGE"].cap == 1000


def test_the_engine_reads_the_caps_beside_its_work_and_sends_the_cards_that_follow(
    service: Service, tmp_path: Path
) -> None:
    service.answer([gecko_row("bitcoin", "btc", 900, 101), gecko_row("ethereum", "eth", 100, 99)])
    coins = (coin("BTC", "bitcoin"), coin("ETH", "ethereum"))

    async def no_key() -> str:
        return ""

    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "ETH"))
        clock = FakeClock(NOW)
        shipped = HistoricalMarketCaps(DailyHistory(resource_dir() / "demo"))
        cache = FileCapsCache(tmp_path / "cache", clock.now)
        caps = LiveMarketCaps((CoinGeckoCaps(coins, clock, no_key, service.root),), cache, shipped, clock)
        preset = PresetDefinition(
            "p",
            "Pair",
            "Test",
            ("BTC", "ETH"),
            NOW.date(),
            "by hand",
            2,
            Decimal(0),
            RatioRule(),
            sell_all_on_stop=True,
        )
        bench = Bench(venue, beside=(caps,), preset_side=PresetSide(caps), presets=(preset,), caps=caps)
        venue.clock.time = NOW
        async with bench.running():
            await venue.push(BTC="100", ETH="100")
            assert bench.view.caps.as_of == date(2022, 9, 10)
            await clock.advance(3)
            while bench.view.caps.as_of != NOW.date():
                await asyncio.sleep(0.002)
                await venue.push()
            await venue.push()
            assert [path for path, _parameters, _headers in service.asked] == ["/coins/markets"]
            assert bench.view.caps.source == "Data provided by CoinGecko"
            card = bench.of(PresetsReady)[-1].cards[0]
            assert [str(target.weight) for target in card.targets] == ["90.00", "10.00"]
            assert (card.as_of, card.read_at) == (NOW.date(), clock.now())
            assert cache.load().readings["CoinGecko"].coins["BTC"].cap == 900

    run(story)
