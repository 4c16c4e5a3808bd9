"""A portfolio that trades in a backtest: the orders of BEHAVIOUR.md section 4 and 5, in floats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from rebalancer_gui.backtest.job import Costs, MarketLimit
from rebalancer_gui.backtest.looks import TIE
from rebalancer_gui.domain.market import FeeSide

_ROUNDING = 1e-9
"""Steps: a quantity that is short of a point of the grid by no more than this part of a step is on it."""
_NOTIONAL_ROUNDING = 1 - 1e-12


@dataclass(slots=True)
class TradeLog:
    """Every trade: bar, coin (its place in the portfolio), units (> 0 bought, < 0 sold), price in quote units per unit, fee
    in quote units (one taken in the coin at the trade's price).
    """

    rows: list[int] = field(default_factory=list)
    coins: list[int] = field(default_factory=list)
    units: list[float] = field(default_factory=list)
    prices: list[float] = field(default_factory=list)
    fees: list[float] = field(default_factory=list)


class Portfolio:
    """``units`` of each coin and ``cash`` in quote units, traded at the prices of one bar after the other.

    ``turnover`` and ``fees`` are what was traded (both sides) and paid so far, in quote units.
    """

    __slots__ = (
        "_buy_keeps", "_cost_factor", "_fee", "_half_spread", "_is_free", "_is_simple", "_log", "_minima", "_quantities",
        "_sell_keeps", "_shares", "_steps", "cash", "fees", "turnover", "units",
    )  # fmt: skip

    def __init__(
        self,
        shares: Sequence[float],
        cash: float,
        costs: Costs,
        limits: Sequence[MarketLimit],
        log: TradeLog | None = None,
    ) -> None:
        """``shares`` are the target weights as fractions; ``limits`` empty: no grid and no minimum; ``log``: where every
        trade is written down (None: nowhere).
        """
        coins = len(shares)
        self.units = [0.0] * coins
        self.cash = cash
        self.turnover = self.fees = 0.0
        self._shares = list(shares)
        limits = limits or (MarketLimit(),) * coins
        self._steps = [limit.step for limit in limits]
        self._quantities = [limit.min_quantity for limit in limits]
        self._minima = [limit.min_notional * _NOTIONAL_ROUNDING for limit in limits]
        self._fee, self._half_spread, self._log = costs.fee, costs.half_spread, log
        received = costs.side is FeeSide.RECEIVED
        self._buy_keeps = 1 - costs.fee if received else 1.0
        self._cost_factor = 1.0 if received else 1 + costs.fee
        self._sell_keeps = 1 - costs.fee
        uncut = not any(limit.step or limit.min_quantity for limit in limits)
        self._is_simple = uncut and log is None and not costs.half_spread
        self._is_free = self._is_simple and not costs.fee and not any(self._minima)

    def value(self, prices: Sequence[float]) -> float:
        """Coins at ``prices`` and cash, in quote units."""
        return sum(map(float.__mul__, self.units, prices), self.cash)

    def rebalance(self, row: int, prices: Sequence[float]) -> int:
        """Trade every coin back to its weight at ``prices`` (the closes of bar ``row``); how many orders were sent.

        Sells first. Buys that the money does not cover share it in proportion to what they want; one that is then too
        small is dropped and its money stays.
        """
        values = list(map(float.__mul__, self.units, prices))
        worth = sum(values, self.cash)
        noise = worth * TIE
        if self._is_free:
            return self._reach_targets(prices, values, worth, noise)
        if self._is_simple:
            return self._trade_simply(prices, values, worth, noise)
        bid, ask = 1 - self._half_spread, 1 + self._half_spread
        sent, needed, wanted = 0, 0.0, 0.0
        buys: list[tuple[int, float, float, float]] = []
        for coin, share in enumerate(self._shares):
            trade = share * worth - values[coin]
            if trade < -noise:
                price = prices[coin] * bid
                sent += self._sell(row, coin, -trade / price, price)
            elif trade > noise:
                price = prices[coin] * ask
                quantity = self._cut(coin, trade / price)
                if self._is_legal(coin, quantity, price):
                    buys.append((coin, trade, quantity, price))
                    needed += quantity * price * self._cost_factor
                    wanted += trade
        money = self.cash
        if needed <= money:
            for coin, _, quantity, price in buys:
                self._buy(row, coin, quantity, price)
            return sent + len(buys)
        for coin, trade, quantity, price in buys:
            share = max(money, 0.0) * trade / wanted
            cut = self._cut(coin, min(share / (price * self._cost_factor), quantity))
            if self._is_legal(coin, cut, price):
                self._buy(row, coin, cut, price)
                sent += 1
        return sent

    def _reach_targets(self, prices: Sequence[float], values: Sequence[float], worth: float, noise: float) -> int:
        """Where nothing is cut and nothing costs, the same comes out without looking at each order."""
        targets = [share * worth for share in self._shares]
        trades = [abs(target - value) for target, value in zip(targets, values, strict=True)]
        sent = sum(trade > noise for trade in trades)
        if sent:
            self.units = list(map(float.__truediv__, targets, prices))
            self.cash = 0.0
            self.turnover += sum(trades)
        return sent

    def _trade_simply(self, prices: Sequence[float], values: Sequence[float], worth: float, noise: float) -> int:
        """Without a grid, a spread or a log an order is worth what is wanted: the same comes out with fewer steps."""
        units, minima, cash, traded, wanted, sent = self.units, self._minima, self.cash, 0.0, 0.0, 0
        buys: list[tuple[int, float]] = []
        for coin, (share, value) in enumerate(zip(self._shares, values, strict=True)):
            trade = share * worth - value
            if trade > noise:
                if trade >= minima[coin]:
                    buys.append((coin, trade))
                    wanted += trade
            elif trade < -noise and -trade >= minima[coin]:
                units[coin] = share * worth / prices[coin]
                cash -= trade * self._sell_keeps
                traded -= trade
                sent += 1
        needed = wanted * self._cost_factor
        part = 1.0 if needed <= cash else max(cash, 0.0) / needed
        for coin, trade in buys:
            value = trade * part
            if value >= minima[coin] and value > 0:
                units[coin] += value / prices[coin] * self._buy_keeps
                cash -= value * self._cost_factor
                traded += value
                sent += 1
        self.cash = cash
        self.turnover += traded
        self.fees += traded * self._fee
        return sent

    def remove(self, row: int, prices: Sequence[float], amount: float) -> float:
        """Sell ``amount`` (quote units) by target weights and take what it brings out of the portfolio; answers that.

        Each part is cut to the holding and the step and dropped when it is too small; nothing is redistributed, and the
        portfolio's own cash is not touched.
        """
        before = self.cash
        for coin, share in enumerate(self._shares):
            price = prices[coin] * (1 - self._half_spread)
            self._sell(row, coin, share * amount / price, price)
        brought = self.cash - before
        self.cash = before
        return brought

    def sell_all(self, row: int, prices: Sequence[float]) -> None:
        """Sell every coin; what no order can sell stays."""
        for coin in range(len(self.units)):
            self._sell(row, coin, self.units[coin], prices[coin] * (1 - self._half_spread))

    def _sell(self, row: int, coin: int, quantity: float, price: float) -> int:
        held = self.units[coin]
        quantity = min(self._cut(coin, min(quantity, held)), held)
        if not self._is_legal(coin, quantity, price):
            return 0
        value = quantity * price
        self.units[coin] = held - quantity
        self.cash += value * self._sell_keeps
        self._note(row, coin, -quantity, price, value)
        return 1

    def _buy(self, row: int, coin: int, quantity: float, price: float) -> None:
        value = quantity * price
        self.units[coin] += quantity * self._buy_keeps
        self.cash -= value * self._cost_factor
        self._note(row, coin, quantity, price, value)

    def _note(self, row: int, coin: int, units: float, price: float, value: float) -> None:
        fee = value * self._fee
        self.turnover += value
        self.fees += fee
        log = self._log
        if log is not None:
            log.rows.append(row)
            log.coins.append(coin)
            log.units.append(units)
            log.prices.append(price)
            log.fees.append(fee)

    def _cut(self, coin: int, quantity: float) -> float:
        step = self._steps[coin]
        return math.floor(quantity / step + _ROUNDING) * step if step else quantity

    def _is_legal(self, coin: int, quantity: float, price: float) -> bool:
        return quantity > 0 and quantity >= self._quantities[coin] and quantity * price >= self._minima[coin]
