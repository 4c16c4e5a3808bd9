"""Names for strategies that were not given one."""

from __future__ import annotations

from collections.abc import Collection

from rebalancer_gui.domain.allocation import MAX_NAME_LENGTH


def suggested_name(assets: Collection[str], taken: Collection[str]) -> str:
    """A name from the coins that is not in use: ``BTC ETH SOL``, ``BTC ETH SOL 2``; empty without coins."""
    coins = list(assets)
    if not coins:
        return ""
    return free_name(_fitting(coins), taken)


def free_name(base: str, taken: Collection[str]) -> str:
    """``base``, or with the first number behind it that makes it a name nobody has: ``Main Coins 2``."""
    used = {name.casefold() for name in taken}
    name, number = base[:MAX_NAME_LENGTH], 1
    while name.casefold() in used:
        number += 1
        name = f"{base[: MAX_NAME_LENGTH - len(str(number)) - 1]} {number}"
    return name


def _fitting(coins: list[str]) -> str:
    whole = " ".join(coins)
    if len(whole) <= MAX_NAME_LENGTH:
        return whole
    for shown in range(len(coins) - 1, 0, -1):
        short = f"{' '.join(coins[:shown])} +{len(coins) - shown}"
        if len(short) <= MAX_NAME_LENGTH:
            return short
    return whole[:MAX_NAME_LENGTH].strip()
