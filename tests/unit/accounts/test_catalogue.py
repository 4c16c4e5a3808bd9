"""The list of exchanges, which is known without ccxt, is ccxt's own."""

import importlib

from rebalancer_gui.adapters.venues.catalogue import catalogue
from rebalancer_gui.application.connection import Tier


def test_the_list_is_ccxts_list_of_exchanges_with_spot_markets():
    ccxt = importlib.import_module("ccxt")
    real = {}
    for venue in ccxt.exchanges:
        made = getattr(ccxt, venue)()
        if made.has["spot"]:
            needs = {name for name, needed in made.requiredCredentials.items() if needed}
            fits = {"apiKey", "secret"} <= needs <= {"apiKey", "secret", "password"}
            real[venue] = (made.name, fits, fits and "password" in needs)
    assert {e.id: (e.name, e.takes_key, e.needs_passphrase) for e in catalogue()} == real


def test_exchanges_that_trading_is_proven_at_come_first_and_say_which_rights_a_key_needs():
    first = [entry for entry in catalogue() if entry.tier is Tier.FIRST_CLASS]
    assert list(catalogue()[: len(first)]) == first
    assert {entry.id for entry in first} == {"binance", "bybit", "okx", "kraken", "coinbase"}
    for entry in first:
        assert entry.tick
        assert any("ithdraw" in right or "Transfer" in right for right in entry.leave_off)
        assert entry.page.startswith("https://")
        assert entry.rests_on
