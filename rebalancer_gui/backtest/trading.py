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
        "_buy_keeps", "_cost_factor", "_fee", "_half_spread", "_is_free", "_limits", "_log", "_sell_keeps", "_shares", "cash",
        "fees", "turnover", "units",
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
        self._limits = [(limit.step, limit.min_quantity, limit.min_notional * _NOTIONAL_ROUNDING) for limit in limits]
        self._fee, self._half_spread, self._log = costs.fee, costs.half_spread, log
        received = costs.side is FeeSide.RECEIVED
        self._buy_keeps = 1 - costs.fee if received else 1.0
        self._cost_factor = 1.0 if received else 1 + costs.fee
        self._sell_keeps = 1 - costs.fee
        unbounded = not any(limit.step or limit.min_quantity or limit.min_notional for limit in limits)
        self._is_free = unbounded and log is None and not costs.fee and not costs.half_spread

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
        bid, ask = 1 - self._half_spread, 1 + self._half_spread
        sent, needed, wanted = 0, 0.0, 0.0
        buys: list[tuple[int, float, float, float]] = []
        # Without a call for each coin: a sweep comes here thousands of times.
        for coin, (share, value, close, limit) in enumerate(
            zip(self._shares, values, prices, self._limits, strict=True)
        ):
            trade = share * worth - value
            if trade < -noise:
                sent += self._sell(row, coin, -trade / (close * bid), close * bid)
            elif trade > noise:
                step, least, smallest = limit
                price = close * ask
                quantity = trade / price
                if step:
                    quantity = math.floor(quantity / step + _ROUNDING) * step
                notional = quantity * price
                if notional >= smallest and quantity >= least and quantity > 0:
                    buys.append((coin, trade, quantity, price))
                    needed += notional
                    wanted += trade
        money = self.cash
        if needed * self._cost_factor <= money:
            for coin, _, quantity, price in buys:
                self._buy(row, coin, quantity, price)
            return sent + len(buys)
        for coin, trade, quantity, price in buys:
            step, least, smallest = self._limits[coin]
            less = min(max(money, 0.0) * trade / wanted / (price * self._cost_factor), quantity)
            if step:
                less = math.floor(less / step + _ROUNDING) * step
            if less * price >= smallest and less >= least and less > 0:
                self._buy(row, coin, less, price)
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
        """Sell at most ``quantity``, cut to the step and to what is held; 1 where that is a legal order, else 0."""
        step, least, smallest = self._limits[coin]
        held = self.units[coin]
        quantity = min(quantity, held)
        if step:
            quantity = min(math.floor(quantity / step + _ROUNDING) * step, held)
        value = quantity * price
        if value < smallest or quantity < least or quantity <= 0:
            return 0
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
