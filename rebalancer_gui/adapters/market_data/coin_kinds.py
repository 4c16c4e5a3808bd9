"""Coins that follow something else: dollar coins, wrapped and staked coins, leveraged tokens. No preset may hold them."""

from __future__ import annotations

import re

STABLE_COINS = frozenset(
    {
        "AEUR",
        "BUSD",
        "DAI",
        "EUR",
        "EURI",
        "FDUSD",
        "FRAX",
        "GUSD",
        "PYUSD",
        "RLUSD",
        "TUSD",
        "USD1",
        "USDC",
        "USDE",
        "USDP",
    }
    | {"USDS", "USDT", "USTC", "XUSD"}
)
WRAPPED_COINS = frozenset(
    {"BBTC", "BETH", "BNSOL", "CBBTC", "CBETH", "RETH", "STETH", "WBETH", "WBTC", "WETH", "WSTETH"}
)
_LEVERAGED = re.compile(
    r"(1INCH|AAVE|ADA|BCH|BNB|BTC|DOGE|DOT|EOS|ETC|ETH|FIL|LINK|LTC|MATIC|SOL|SUSHI|SXP|TRX|UNI|XLM|XRP|XTZ|YFI)"
    r"(UP|DOWN|BULL|BEAR|[235][LS])"
)


def unfit_for_preset(asset: str) -> str | None:
    """Why ``asset`` may not be in a preset (``a stable coin`` ...), or None."""
    if asset in STABLE_COINS:
        return "a stable coin"
    if asset in WRAPPED_COINS:
        return "a wrapped coin"
    if _LEVERAGED.fullmatch(asset):
        return "a leveraged token"
    return None
