"""What ccxt keeps of a venue's markets is no more than what is read again."""

from __future__ import annotations

import asyncio
import re
import tracemalloc
from pathlib import Path

import pytest

from rebalancer_gui.adapters.venues.ccxt_client import make_client
from rebalancer_gui.adapters.venues.ccxt_import import ccxt
from rebalancer_gui.adapters.venues.ccxt_prices import CcxtPrices
from rebalancer_gui.adapters.venues.ccxt_quirks import FIRST_CLASS, quirks_of
from rebalancer_gui.adapters.venues.market_tables import list_once
from rebalancer_gui.application.connection import VenueSpec
from tests.wire.bench import MADE, Line, on
from tests.wire.public_venue import FastClock, Priced, public_venue

MARKETS = 400
MOST_OF_A_MARKET = 8_000
"""Bytes: our rules, ccxt's market and its coin. With the venue's own words and a second copy it was 11,000."""
READS = {
    # Each of orders that ccxt makes (ours are made field by field), of futures, or reads it before it is forgotten.
    "binance": {
        "create_order_request", "edit_spot_order_request", "fetch_long_short_ratio_history", "fetch_open_interest_history",
    },
    "bybit": {"fetch_funding_rate_history", "parse_funding_rate"},
    "okx": {
        "fetch_all_greeks", "fetch_funding_rate", "fetch_funding_rates", "fetch_greeks", "fetch_market_leverage_tiers",
        "fetch_ohlcv",  # of an index only
        "fetch_open_interest", "fetch_settlement_history",
    },
    "coinbase": {"fetch_markets_v3"},
    # Both look for "wsname", which is kept.
    "kraken": {"fetch_order_book", "load_markets"},
}  # fmt: skip
"""The methods of ccxt that read a market's words, as they were looked through."""


@pytest.mark.parametrize("name", MADE)
def test_of_a_markets_words_only_those_that_are_read_again_stay_and_each_market_is_one_object(name: str):
    async def body(line: Line) -> None:
        client = make_client(VenueSpec(name, line.wire.url), None, clock=line.venue.clock, paced=False)
        try:
            await client.call("load_markets", True)
            exchange = client.exchange
            assert exchange.markets
            for market in exchange.markets.values():
                assert set(market["info"]) == set(quirks_of(name).kept_words or ())
                assert any(row is market for row in exchange.markets_by_id[market["id"]])
        finally:
            await client.close()

    on(name, body)


@pytest.mark.parametrize("name", sorted(FIRST_CLASS))
def test_nothing_more_of_ccxt_reads_a_markets_words_than_what_was_looked_through(name: str):
    # A newer ccxt that fails here: read what is new, and add to `kept_words` what the program comes to use.
    folder = Path(str(ccxt().__file__)).parent
    found, method = set(), ""
    for part in ("async_support", "pro"):
        for line in (folder / part / f"{name}.py").read_text(encoding="utf-8").splitlines():
            if begun := re.match(r"    (?:async )?def (\w+)", line):
                method = begun[1]
            if not line.lstrip().startswith("#") and re.search(r"[mM]arket.*'info'(?!: )", line.partition("  # ")[0]):
                found.add(method)
    assert found == READS[name]


def test_a_market_takes_little_memory_and_the_text_of_the_answer_none():
    async def body() -> None:
        async with public_venue() as server:
            for number in range(MARKETS):
                server.markets[f"C{number}USDT"] = Priced(
                    f"C{number}USDT", f"C{number}", "USDT", "1.00", "1.01", "1.00"
                )
            prices = CcxtPrices(VenueSpec("binance", server.url), FastClock(), paced=False)
            assert prices.streams
            tracemalloc.start()
            try:
                rules = await prices.markets()
                now, _peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
                await prices.close()
            assert len(rules) == MARKETS + 5
            assert now / MARKETS < MOST_OF_A_MARKET

    asyncio.run(body())


def test_two_ids_with_one_symbol_keep_their_own_market():
    full = {"id": "new", "symbol": "BTC/USDT", "taker": "0.001"}
    old, new = {"id": "old", "symbol": "BTC/USDT"}, {"id": "new", "symbol": "BTC/USDT"}
    by_id = {"old": [old], "new": [new, old]}
    list_once({"BTC/USDT": full}, by_id)
    assert by_id["old"][0] is old
    assert by_id["new"][0] is full
    assert by_id["new"][1] is old
