"""Prices and rules of a simulated exchange: a seeded random walk in steps."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.market import MarketRules, MarketStatus, Quote
from rebalancer_gui.domain.money import ONE
from tests.protocol.virtual_loop import EPOCH

MONEY = "USDT"
FEE_COIN = "BNB"
COINS = {
    #       price, tick, step
    "BTC": ("40000", "0.01", "0.00001"),
    "ETH": ("2500", "0.01", "0.0001"),
    "SOL": ("100", "0.01", "0.001"),
    "XRP": ("0.6", "0.0001", "0.1"),
    "ADA": ("0.5", "0.0001", "0.1"),
    "DOGE": ("0.1", "0.00001", "1"),
    FEE_COIN: ("300", "0.1", "0.001"),
}
HALF_SPREAD = Decimal("0.0002")


class SimMarket:
    """Each coin's mid price moves by ``volatility`` (relative, one sigma) with each step of ``spacing``."""

    def __init__(
        self,
        chance: random.Random,
        coins: tuple[str, ...],
        *,
        spacing: timedelta = timedelta(seconds=30),
        volatility: float = 0.006,
        min_notional: str = "5",
    ) -> None:
        self.spacing = spacing
        self.rules: dict[str, MarketRules] = {}
        self.untold: dict[str, MarketRules] = {}
        """What is demanded of orders, where that is not what the market's rules say."""
        self._chance = chance
        self._volatility = volatility
        self._step = 0
        self._mids: dict[str, Decimal] = {}
        self.silent: set[str] = set()
        """Symbols whose quotes are not confirmed any more."""
        self.quiet: set[str] = set()
        """Symbols whose price does not change, which the exchange confirms each time it is asked."""
        self.missing: set[str] = set()
        """Symbols that are not quoted at all."""
        self.odd: dict[str, tuple[Decimal, Decimal]] = {}
        """Bid and ask that somebody has set by hand."""
        self._quotes: dict[str, Quote] = {}
        for coin in coins:
            price, tick, step = COINS[coin]
            symbol = f"{coin}/{MONEY}"
            self.rules[symbol] = MarketRules(
                coin, MONEY, Decimal(tick), Decimal(step), Decimal(step), Decimal(10) ** 9, Decimal(min_notional)
            )
            self._mids[symbol] = Decimal(price)

    def move_to(self, at: datetime) -> None:
        """Take the steps up to ``at``."""
        steps = (at - EPOCH) // self.spacing
        if steps - self._step > 400:
            self._step = steps - 1  # A long sleep: one step, as after a weekend.
        while self._step < steps:
            self._step += 1
            for symbol in self._mids:
                factor = Decimal(round(self._chance.gauss(0, self._volatility) * 1_000_000)).scaleb(-6)
                self._set(symbol, self._mids[symbol] * (ONE + max(min(factor, Decimal("0.08")), Decimal("-0.08"))))

    def push(self, symbol: str, factor: str) -> None:
        """Move one price at once."""
        self._set(symbol, self._mids[symbol] * Decimal(factor))

    def _set(self, symbol: str, mid: Decimal) -> None:
        mid = max(mid.quantize(Decimal("1e-10")), self.rules[symbol].tick_size * 100)
        if mid != self._mids[symbol] and symbol not in self.silent:
            self._mids[symbol] = mid
            self._quotes.pop(symbol, None)

    def quote(self, symbol: str, at: datetime) -> Quote:
        """Bid and ask on the tick."""
        known = self._quotes.get(symbol)
        if known is None:
            rules, mid = self.rules[symbol], self._mids[symbol]
            bid = (mid * (ONE - HALF_SPREAD) // rules.tick_size) * rules.tick_size
            ask = (mid * (ONE + HALF_SPREAD) // rules.tick_size + 1) * rules.tick_size
            known = self._quotes[symbol] = Quote(symbol, bid, ask, bid, at, at)
        if symbol not in self.silent and known.received_at != at:
            seen = known.at if symbol in self.quiet else at
            known = self._quotes[symbol] = replace(known, at=seen, received_at=at)
        if symbol in self.odd:
            bid, ask = self.odd[symbol]
            return replace(known, bid=bid, ask=ask, last=bid)
        return known

    def quotes(self, at: datetime) -> dict[str, Quote]:
        """Of every market that trades."""
        return {
            symbol: self.quote(symbol, at)
            for symbol, rules in self.rules.items()
            if rules.status is MarketStatus.TRADING and symbol not in self.missing
        }

    def change(self, symbol: str, **changes: object) -> None:
        """Other rules from now on."""
        self.rules[symbol] = replace(self.rules[symbol], **changes)  # type: ignore[arg-type]
