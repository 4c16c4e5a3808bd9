"""What owners said that coins had cost which a strategy was started with: kept for the cost basis by lots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal

from rebalancer_gui.domain.money import plain
from rebalancer_gui.domain.strategy import HeldCoin

TOLD_COST = "told cost "
"""Before a strategy's id: the key under which it is kept among the engine's values."""


def told_cost_text(held: Iterable[HeldCoin]) -> str:
    """What is kept of the costs that were told; "" when none was."""
    costs = {coin.asset: plain(coin.unit_cost) for coin in held if coin.unit_cost is not None}
    return json.dumps(costs) if costs else ""


def told_costs(values: Mapping[str, str]) -> dict[tuple[str, str], Decimal]:
    """By (strategy, coin): what a unit had cost, in the strategy's money."""
    found = {}
    for key, text in values.items():
        if key.startswith(TOLD_COST) and text:
            for asset, cost in json.loads(text).items():
                found[key.removeprefix(TOLD_COST), asset] = Decimal(cost)
    return found
