"""Lines of the chart from stored samples: value, HODL, and the same money in the best single coin."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.records import EquitySample, Outcome
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.views import Chart
from rebalancer_gui.domain.money import ZERO


def build_chart(account: Account, strategy: StrategyRuntime, days: int | None, limit: int) -> Chart:
    """The last ``days`` (None = all), at most about ``limit`` points a line."""
    now = strategy.record.ended_at or account.venue.clock.now()
    since = now - timedelta(days=days) if days is not None else None
    equity = account.store.equity(strategy.id, since, limit)
    best_asset, best = _best_coin(account, strategy, equity, limit)
    marks = tuple(
        record.at
        for record in account.store.rebalances(strategy.id, None, limit)
        if record.outcome in {Outcome.DONE, Outcome.PARTLY} and (since is None or record.at >= since)
    )
    return Chart(strategy.id, equity, best_asset, best, tuple(reversed(marks)))


def _best_coin(
    account: Account, strategy: StrategyRuntime, equity: tuple[EquitySample, ...], limit: int
) -> tuple[str, tuple[tuple[datetime, Decimal], ...]]:
    """The coin of the strategy that grew most over the range, as if the value at its start had been put into it."""
    if len(equity) < 2:
        return "", ()
    start_value = equity[0].value
    best_growth, best_asset = ZERO, ""
    best_line: tuple[tuple[datetime, Decimal], ...] = ()
    for asset, symbol in zip(strategy.record.parameters.assets, strategy.record.parameters.symbols, strict=True):
        prices = [p for p in account.store.price_samples(symbol, equity[0].at, limit) if p[0] <= equity[-1].at]
        if len(prices) < 2 or prices[0][1] <= ZERO:
            continue
        growth = prices[-1][1] / prices[0][1]
        if growth > best_growth:
            best_growth, best_asset = growth, asset
            best_line = tuple((at, start_value * price / prices[0][1]) for at, price in prices)
    return best_asset, best_line
