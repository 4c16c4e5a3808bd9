"""Strategy and snapshot files for tests, as the objects that they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping

RATIO: dict[str, object] = {"kind": "ratio", "threshold": "5", "check_seconds": 2}
TIME: dict[str, object] = {"kind": "time", "interval_seconds": 604800, "gate": "0.5"}


def strategy(weights: Mapping[str, str] | None = None, /, **changed: object) -> dict[str, object]:
    """A legal strategy file; `changed` replaces keys, and takes out those that are `...`."""
    coins = [{"asset": asset, "weight": weight} for asset, weight in (weights or {"BTC": "40", "ETH": "60"}).items()]
    content: dict[str, object] = {
        "format": "rebalancer-strategy",
        "version": 1,
        "name": "Core 4",
        "quote": "USDT",
        "coins": coins,
        "investment": "1000",
        "rule": RATIO,
        "trigger": None,
        "stop_loss": None,
        "take_profit": None,
        "sell_all_on_stop": False,
        "destination": "target",
    }
    return {key: value for key, value in (content | changed).items() if value is not ...}


def strategy_text(weights: Mapping[str, str] | None = None, /, **changed: object) -> str:
    return json.dumps(strategy(weights, **changed))


def snapshot(
    prices: Mapping[str, str],
    holdings: Mapping[str, str],
    /,
    *,
    minimum: str = "10",
    rate: str = "0",
    **changed: object,
) -> dict[str, object]:
    """A legal snapshot file: bid = ask = price, step 1e-8. `changed` as for `strategy`."""
    market = {
        "step": "0.00000001",
        "tick": "0.00000001",
        "min_quantity": "0",
        "max_quantity": "900000000",
        "min_notional": minimum,
    }
    content: dict[str, object] = {
        "quotes": {f"{asset}/USDT": {"bid": p, "ask": p, "last": p} for asset, p in prices.items()},
        "holdings": dict(holdings),
        "cash": "0",
        "rules": {f"{asset}/USDT": market for asset in prices},
        "fee": {"rate": rate, "taken_in": "received"},
    }
    return {key: value for key, value in (content | changed).items() if value is not ...}


def snapshot_text(
    prices: Mapping[str, str],
    holdings: Mapping[str, str],
    /,
    *,
    minimum: str = "10",
    rate: str = "0",
    **changed: object,
) -> str:
    return json.dumps(snapshot(prices, holdings, minimum=minimum, rate=rate, **changed))
