"""Which markets an account needs prices of: said to a source that quotes only what it is told (``PriceFollower``)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from rebalancer_gui.application.account import Account
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.rail_checks import DOLLARS
from rebalancer_gui.domain.strategy import StrategyParameters

KEPT = 600.0
"""Seconds for which a market that a form asked for is followed."""


class Following:
    """Of one account. Engine thread only. Does nothing where the venue quotes all its markets."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._asked: dict[str, float] = {}

    def tell(self) -> None:
        """Say what is needed now; cheap enough to be called before every batch."""
        if self._account.setup.prices is not None:
            self._account.setup.prices.follow(self.needed())

    def ask(self, symbols: Iterable[str]) -> None:
        """A form shows these markets: they are followed for a while."""
        now = self._account.venue.clock.monotonic()
        self._asked.update(dict.fromkeys(symbols, now))
        self.tell()

    async def know(self, symbols: Iterable[str]) -> None:
        """Follow these markets, and have a price of each now, where the venue tells one."""
        if self._account.setup.prices is None:
            return
        wanted = tuple(dict.fromkeys(symbols))
        self.ask(wanted)
        await asyncio.gather(*(self._know(symbol) for symbol in wanted))

    async def _know(self, symbol: str) -> None:
        account = self._account
        known, now = account.quotes.get(symbol), account.now()
        if not account.is_open(symbol) or (known is not None and known.fault(now, account.venue.stale_after) is None):
            return
        with contextlib.suppress(VenueUnavailable):
            account.quotes[symbol] = await account.venue.quote(symbol)

    def needed(self) -> frozenset[str]:
        """Open markets of every strategy that is not over, of what is held, of the presets and forms, and of dollars."""
        account = self._account
        symbols: set[str] = set()
        moneys = {account.quote_asset}
        for strategy in account.strategies.values():
            if strategy.final is None:
                parameters = strategy.record.parameters
                moneys.add(parameters.quote)
                symbols.update(symbols_of(parameters))
                symbols.update(symbol_of(asset, parameters.quote) for asset in account.holdings(strategy))
        main = account.quote_asset
        symbols.update(symbol_of(asset, main) for asset in (*account.wallet.inside_totals(), BNB))
        symbols.update(symbol_of(coin, main) for preset in account.presets for coin in preset.coins)
        for money in moneys & DOLLARS:
            symbols.update(name for other in DOLLARS for name in (symbol_of(other, money), symbol_of(money, other)))
        now = account.venue.clock.monotonic()
        self._asked = {symbol: at for symbol, at in self._asked.items() if now - at <= KEPT}
        symbols.update(self._asked)
        return frozenset(symbol for symbol in symbols if account.is_open(symbol))


def symbols_of(parameters: StrategyParameters) -> tuple[str, ...]:
    """Every market that a strategy trades in or looks at."""
    return (*parameters.symbols, *parameters.watched)
