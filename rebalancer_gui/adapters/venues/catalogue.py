"""The exchanges that can be chosen: ccxt's list of those with spot markets, known without importing ccxt.

A test compares it with ccxt itself. ``p``: its keys have a passphrase; ``w``: its keys are of a kind that cannot be given here
(wallets, user numbers), so it has paper accounts only.
"""

from __future__ import annotations

from functools import cache

from rebalancer_gui.adapters.venues.ccxt_quirks import quirks_of
from rebalancer_gui.application.accounts import VenueEntry
from rebalancer_gui.application.connection import Tier

_LIST = """
alpaca|Alpaca|
aster|Aster|w
backpack|Backpack|
bequant|Bequant|
bigone|BigONE|
binance|Binance|
binanceus|Binance US|
bingx|BingX|
bit2c|Bit2C|
bitbank|bitbank|
bitbns|Bitbns|
bitfinex|Bitfinex|
bitflyer|bitFlyer|
bitget|Bitget|p
bithumb|Bithumb|
bitopro|BitoPro|
bitrue|Bitrue|
bitso|Bitso|
bitstamp|Bitstamp|
bitteam|BIT.TEAM|
bittrade|BitTrade|
bitvavo|Bitvavo|
blockchaincom|Blockchain.com|w
btcbox|BtcBox|
btcmarkets|BTC Markets|
btcturk|BTCTurk|
btse|BTSE|
bullish|Bullish|
bybit|Bybit|
bybiteu|Bybit EU|
bybitid|Bybit Indonesia|
cex|CEX.IO|
coinbase|Coinbase Advanced|
coinbaseexchange|Coinbase Exchange|p
coinbaseinternational|Coinbase International|
coincheck|Coincheck|
coinmate|CoinMate|w
coinone|CoinOne|
coinsph|Coins.ph|
coinspot|CoinSpot|
cryptocom|Crypto.com|
cryptomus|Cryptomus|w
deepcoin|DeepCoin|p
delta|Delta Exchange|
deribit|Deribit|
derive|Derive|w
digifinex|DigiFinex|
fmfwio|FMFW.io|
foxbit|Foxbit|
gate|Gate|
gateeu|Gate EU|
gemini|Gemini|
hashkey|HashKey Global|
hitbtc|HitBTC|
hollaex|HollaEx|
htx|HTX|
hyperliquid|Hyperliquid|w
independentreserve|Independent Reserve|
indodax|INDODAX|
kraken|Kraken|
kucoin|KuCoin|p
latoken|Latoken|
lbank|LBank|
lighter|Lighter|w
luno|Luno|
mercado|Mercado Bitcoin|
mexc|MEXC Global|
myokx|MyOKX (EEA)|p
nado|Nado|w
ndax|NDAX|w
okx|OKX|p
okxus|OKX (US)|p
onetrading|One Trading|w
p2b|p2b|
pacifica|Pacifica|w
paymium|Paymium|
phemex|Phemex|
poloniex|Poloniex|
revolutx|Revolut X|w
tokocrypto|Tokocrypto|
toobit|Toobit|
upbit|Upbit|
weex|Weex|p
whitebit|WhiteBit|
woo|WOO X|
xt|XT|
zaif|Zaif|
zebpay|Zebpay|
"""
_RIGHTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "binance": (
        ("Enable Reading", "Enable Spot & Margin Trading"),
        (
            "Enable Withdrawals", "Enable Internal Transfer", "Permits Universal Transfer", "Enable Futures",
            "Enable Margin Loan, Repay & Transfer",
        ),
        "https://www.binance.com/en/my/settings/api-management",
    ),
    "kraken": (
        (
            "Query Funds", "Query Open Orders & Trades", "Query Closed Orders & Trades", "Create & Modify Orders",
            "Cancel/Close Orders",
        ),
        ("Withdraw Funds", "Deposit Funds", "Earn Funds"),
        "https://www.kraken.com/u/security/api",
    ),
    "coinbase": (("View", "Trade"), ("Transfer",), "https://portal.cdp.coinbase.com/access/api"),
    "okx": (("Read", "Trade"), ("Withdraw",), "https://www.okx.com/account/my-api"),
    "bybit": (
        ("Read-Write", "Unified Trading: Trade - SPOT"),
        ("Wallet: Withdrawal", "Wallet: Account Transfer", "Contracts", "Options"),
        "https://www.bybit.com/app/user/api-management",
    ),
}  # fmt: skip
"""As the exchanges' own pages call them: to be ticked, to be left off, and where that page is."""
_MONEY = {
    **dict.fromkeys(
        ("alpaca", "bitfinex", "bitstamp", "blockchaincom", "cex", "coinbase", "coinbaseexchange", "gemini", "kraken",
         "okxus", "revolutx"),
        "USD",
    ),
    **dict.fromkeys(
        ("bullish", "bybiteu", "coinbaseinternational", "deribit", "derive", "hyperliquid", "lighter"), "USDC"
    ),
    **dict.fromkeys(("bitvavo", "coinmate", "gateeu", "myokx", "onetrading", "paymium"), "EUR"),
    **dict.fromkeys(("bithumb", "coinone", "upbit"), "KRW"),
    **dict.fromkeys(("bitbank", "bitflyer", "bittrade", "btcbox", "coincheck", "zaif"), "JPY"),
    **dict.fromkeys(("btcmarkets", "coinspot", "independentreserve"), "AUD"),
    **dict.fromkeys(("foxbit", "mercado"), "BRL"),
    **dict.fromkeys(("bitbns", "zebpay"), "INR"),
    "bit2c": "ILS", "bitso": "MXN", "bitopro": "TWD", "btcturk": "TRY", "coinsph": "PHP", "indodax": "IDR", "luno": "ZAR",
    "ndax": "CAD",
}  # fmt: skip
"""What most of their markets are quoted in, where that is not USDT; whoever adds a paper account can choose another."""
_ANY = (("reading balances and orders", "spot trading"), ("withdrawal", "transfers", "margin", "futures"), "")


@cache
def catalogue() -> tuple[VenueEntry, ...]:
    """Those that trading is proven at first, then by name."""
    entries = [_entry(*line.split("|")) for line in _LIST.strip().splitlines()]
    return tuple(sorted(entries, key=lambda e: (e.tier is not Tier.FIRST_CLASS, e.name.casefold())))


@cache
def name_of(venue: str) -> str:
    """What people call the exchange; its id where the list has not got it."""
    return next((entry.name for entry in catalogue() if entry.id == venue), venue)


def _entry(venue: str, name: str, mark: str) -> VenueEntry:
    quirks = quirks_of(venue)
    tick, leave_off, page = _RIGHTS.get(venue, _ANY)
    return VenueEntry(
        id=venue,
        name=name,
        tier=quirks.tier,
        rests_on=quirks.rests_on,
        environments=tuple(quirks.environments),
        needs_passphrase=mark == "p",
        takes_key=mark != "w",
        tick=tick,
        leave_off=leave_off,
        page=page,
        money=_MONEY.get(venue, "USDT"),
    )
