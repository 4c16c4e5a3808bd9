"""The reference of gate G0: a rule over bars as BEHAVIOUR.md tells it, bar by bar and coin by coin, in plain Python.

Written from the specification alone. It imports nothing of the program, on purpose: what it agrees with, it agrees with by
two different ways. All money in quote units, weights and drifts in percent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Outcome:
    final_value: float = 0.0
    rebalances: int = 0
    blocked: int = 0
    turnover: float = 0.0
    fees: float = 0.0
    drawdown: float = 0.0
    trades: list[tuple[int, int, float]] = field(default_factory=list)  # bar, coin, units (> 0 bought)


@dataclass
class Terms:
    """``threshold`` in percent; ``interval`` in seconds, None: by coin ratio, looked at on every bar."""

    weights: Sequence[float]
    threshold: float
    interval: int | None
    investment: float
    fee: float = 0.0
    fee_in_quote: bool = False
    minimum: float = 0.0
    step: float = 0.0


def play(times: Sequence[int], prices: Sequence[Sequence[float]], terms: Terms) -> Outcome:
    """The first bar builds. By ratio each later bar is a check; by time the first bar at or after each tick is."""
    out = Outcome()
    units = [0.0] * len(terms.weights)
    cash = trade(out, terms, 0, prices[0], units, terms.investment)[1]
    peak = worth_of(units, prices[0], cash)
    last_tick = 0
    for bar in range(1, len(times)):
        if terms.interval is not None:
            tick = (times[bar] - times[0]) // terms.interval
            if tick == last_tick:
                continue
            last_tick = tick
        row = prices[bar]
        values = [held * price for held, price in zip(units, row, strict=True)]
        total = sum(values, cash)
        worst = max(abs(value / total * 100 - weight) for value, weight in zip(values, terms.weights, strict=True))
        if worst > terms.threshold:
            orders, cash = trade(out, terms, bar, row, units, cash)
            if orders:
                out.rebalances += 1
                total = worth_of(units, row, cash)
            else:
                out.blocked += 1
        peak = max(peak, total)
        out.drawdown = max(out.drawdown, (peak - total) / peak)
    out.final_value = worth_of(units, prices[-1], cash)
    return out


def worth_of(units: Sequence[float], row: Sequence[float], cash: float) -> float:
    worth = cash
    for held, price in zip(units, row, strict=True):
        worth += held * price
    return worth


def trade(
    out: Outcome, terms: Terms, bar: int, row: Sequence[float], units: list[float], cash: float
) -> tuple[int, float]:
    """Back to the exact targets; how many orders were sent and the money that is left. ``units`` are changed."""
    total = worth_of(units, row, cash)
    trades = [total * weight / 100 - units[coin] * row[coin] for coin, weight in enumerate(terms.weights)]
    orders = 0
    for coin, wanted in enumerate(trades):
        if wanted < 0:
            quantity = cut_down(min(-wanted / row[coin], units[coin]), terms.step)
            if is_legal(quantity, row[coin], terms):
                units[coin] -= quantity
                cash += quantity * row[coin] * (1 - terms.fee)
                book(out, terms, bar, coin, -quantity, row[coin])
                orders += 1
    on_top = 1 + terms.fee if terms.fee_in_quote else 1.0
    buys = []
    for coin, wanted in enumerate(trades):
        if wanted > 0:
            quantity = cut_down(wanted / row[coin], terms.step)
            if is_legal(quantity, row[coin], terms):
                buys.append((coin, wanted, quantity))
    asked = sum(quantity * row[coin] * on_top for coin, _, quantity in buys)
    if asked > cash:
        shared = sum(wanted for _, wanted, _ in buys)
        scaled = []
        for coin, wanted, quantity in buys:
            money = cash * wanted / shared
            less = cut_down(min(quantity, money / (row[coin] * on_top)), terms.step)
            if is_legal(less, row[coin], terms):
                scaled.append((coin, wanted, less))
        buys = scaled
    for coin, _, quantity in buys:
        units[coin] += quantity if terms.fee_in_quote else quantity * (1 - terms.fee)
        cash -= quantity * row[coin] * on_top
        book(out, terms, bar, coin, quantity, row[coin])
        orders += 1
    return orders, cash


def cut_down(quantity: float, step: float) -> float:
    return math.floor(quantity / step) * step if step else quantity


def is_legal(quantity: float, price: float, terms: Terms) -> bool:
    return quantity > 0 and quantity * price >= terms.minimum


def book(out: Outcome, terms: Terms, bar: int, coin: int, units: float, price: float) -> None:
    out.turnover += abs(units) * price
    out.fees += abs(units) * price * terms.fee
    out.trades.append((bar, coin, units))
