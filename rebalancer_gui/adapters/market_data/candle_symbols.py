"""Which market a name means: ``BTCUSDT``, ``XBT-USD`` and ``Binance_BTCUSDT_d.csv``, never by guess."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise

from rebalancer_gui.domain.market import symbol_of

_QUOTES = ("FDUSD", "USDT", "USDC", "BUSD", "TUSD", "DAI", "USD", "EUR", "GBP", "TRY", "JPY", "BTC", "ETH", "BNB")
_KNOWN = frozenset(
    (
        *(
            "ANT",
            "ARB",
            "BAT",
            "BNB",
            "BTT",
            "CKB",
            "DOT",
            "FTT",
            "GAL",
            "GRT",
            "HNT",
            "HOT",
            "JST",
            "LPT",
            "MNT",
            "NFT",
        ),
        *(
            "QNT",
            "SHIB",
            "STPT",
            "USDT",
            "WBT",
            "XBT",
            "BTC",
            "ETH",
            "SOL",
            "XRP",
            "ADA",
            "DOGE",
            "LTC",
            "LINK",
            "BCH",
            "TRX",
        ),
        *("UNI", "EOS", "MATIC", "AVAX", "XLM", "ATOM", "ETC", "FIL"),
    )
)
"""Coins that settle where a quote begins (``BNBUSD``, ``BTCTUSD``); a name that they do not settle is not read."""
_OLD_NAMES = {"XBT": "BTC", "XDG": "DOGE"}
_PARTS = re.compile(r"([A-Z0-9]{1,15})[/\-_:. ]([A-Z0-9]{2,6})")
_TOKENS = re.compile(r"[^A-Z0-9]+")


def symbol_in(name: str, wanted: Collection[str] = ()) -> str | None:
    """The symbol that ``name`` (a cell or an argument) means, as ``BTC/USDT``; None where it means none or several.

    One of ``wanted`` is taken where the letters are the same; else a separator decides, else the known quote assets.
    """
    text = name.strip().upper()
    letters = _TOKENS.sub("", text)
    same = {symbol for symbol in wanted if symbol.replace("/", "") == letters}
    if len(same) == 1:
        return same.pop()
    parts = _PARTS.fullmatch(text)
    if parts:
        return _symbol(parts[1], parts[2]) if parts[2] in _QUOTES or "/" in text else None
    return _split(text)


def symbol_in_file_name(stem: str, wanted: Collection[str] = ()) -> str | None:
    """The one symbol in a file's name without its ending (``Binance_BTCUSDT_1h``, ``BTC-USD``); None without or with two."""
    tokens = [token for token in _TOKENS.split(stem.upper()) if token]
    found = {symbol for token in tokens if (symbol := symbol_in(token, wanted)) is not None}
    pairs = pairwise(tokens)
    found |= {_symbol(base, quote) for base, quote in pairs if quote in _QUOTES and _may_be_base(base)}
    return found.pop() if len(found) == 1 else None


def _may_be_base(token: str) -> bool:
    return (
        token.isalnum() and not token.isdigit() and token not in _EXCHANGES and len(token) <= 15 and not _split(token)
    )


_EXCHANGES = frozenset(
    [
        "BINANCE",
        "KRAKEN",
        "COINBASE",
        "BYBIT",
        "OKX",
        "GEMINI",
        "BITSTAMP",
        "BITFINEX",
        "KUCOIN",
        "GATEIO",
        "HUOBI",
        "MEXC",
    ]
)


def _split(letters: str) -> str | None:
    if not letters.isalnum():
        return None
    bases = {quote: letters.removesuffix(quote) for quote in _QUOTES if letters.endswith(quote)}
    bases = {quote: base for quote, base in bases.items() if base and not base.isdigit()}
    if len(bases) > 1:
        bases = {quote: base for quote, base in bases.items() if base in _KNOWN} or bases
    if len(bases) != 1:
        return None
    [(quote, base)] = bases.items()
    return _symbol(base, quote)


def _symbol(base: str, quote: str) -> str:
    return symbol_of(_OLD_NAMES.get(base, base), _OLD_NAMES.get(quote, quote))
