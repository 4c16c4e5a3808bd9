"""Names of markets and files mean one market, or are not read."""

import pytest

from rebalancer_gui.adapters.market_data.candle_symbols import symbol_in, symbol_in_file_name


@pytest.mark.parametrize(
    ("name", "symbol"),
    (
        ("BTCUSDT", "BTC/USDT"),
        ("btc/usdt", "BTC/USDT"),
        ("XBTUSD", "BTC/USD"),
        ("BNBUSD", "BNB/USD"),
        ("BTCTUSD", "BTC/TUSD"),
        ("ETHBTC", "ETH/BTC"),
        ("1INCHUSDT", "1INCH/USDT"),
        ("BUSDUSDT", "BUSD/USDT"),
        ("XYZBUSD", None),
        ("BTC", None),
        ("", None),
    ),
)
def test_a_name_means_one_market_or_none(name, symbol):
    assert symbol_in(name) == symbol


def test_the_wanted_symbols_settle_what_is_open():
    assert symbol_in("XYZBUSD", ["XYZ/BUSD"]) == "XYZ/BUSD"
    assert symbol_in("FOOBAR", ["FOO/BAR"]) == "FOO/BAR"


@pytest.mark.parametrize(
    ("stem", "symbol"),
    (
        ("BINANCE_BTCUSDT, 60", "BTC/USDT"),
        ("Coinbase_ETHUSD_d", "ETH/USD"),
        ("BTC_USDT-1h", "BTC/USDT"),
        ("BTC-USD", "BTC/USD"),
        ("BTCUSDT ETHUSDT", None),
        ("candles", None),
    ),
)
def test_a_file_s_name_tells_one_market_or_none(stem, symbol):
    assert symbol_in_file_name(stem) == symbol
