"""What a draft is judged against: the account's markets, prices, free money and strategies. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.allocation import MONEY_GRID
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, MarketStatus, Quote, symbol_of
from rebalancer_gui.domain.money import ZERO, ceil_to_step
from rebalancer_gui.domain.strategy import OCCUPYING


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One moment of one account. `rules` and `quotes` by symbol, `free` by asset in its own units.

    `names` are those of the strategies that are not over, `occupied` is how many they are.
    """

    account: str
    main_quote: str
    rules: Mapping[str, MarketRules]
    quotes: Mapping[str, Quote]
    free: Mapping[str, Decimal]
    names: tuple[str, ...] = ()
    occupied: int = 0
    stop_all: bool = False
    fees: FeeSchedule = field(default_factory=lambda: FeeSchedule(ZERO))

    @property
    def quote_assets(self) -> tuple[str, ...]:
        """The moneys a strategy can be held in, the account's main one first."""
        found = {market.quote for market in self.rules.values() if market.status is MarketStatus.TRADING}
        return tuple(sorted(found, key=lambda asset: (asset != self.main_quote, asset)))

    def tradable(self, quote: str) -> tuple[str, ...]:
        """The coins whose market against `quote` takes orders, in alphabetical order."""
        return tuple(
            sorted(m.base for m in self.rules.values() if m.quote == quote and m.status is MarketStatus.TRADING)
        )

    @property
    def symbols(self) -> tuple[str, ...]:
        """The markets that take orders, in alphabetical order."""
        return tuple(sorted(s for s, market in self.rules.items() if market.status is MarketStatus.TRADING))

    def trades(self, asset: str, quote: str) -> bool:
        """Whether the market of `asset` against `quote` takes orders."""
        market = self.rules.get(symbol_of(asset, quote))
        return market is not None and market.status is MarketStatus.TRADING

    def is_money(self, quote: str) -> bool:
        """Whether anything can be bought with `quote` on this account."""
        return any(m.quote == quote and m.status is MarketStatus.TRADING for m in self.rules.values())

    def money(self, quote: str) -> Decimal:
        """What is free of `quote`."""
        return self.free.get(quote, ZERO)

    def price(self, asset: str, quote: str) -> Quote | None:
        """The newest usable quote of a coin, whatever its age; None when there is none."""
        found = self.quotes.get(symbol_of(asset, quote))
        return found if found is not None and found.fault(found.at, None) is None else None

    def minimum_order(self, asset: str, quote: str) -> Decimal | None:
        """The smallest legal buy of a coin in quote units, rounded up to 0.01; None while it has no rule or price."""
        market, price = self.rules.get(symbol_of(asset, quote)), self.price(asset, quote)
        if market is None or price is None:
            return None
        return ceil_to_step(market.smallest_order_value(price.ask), MONEY_GRID)


def surroundings_of(view: AccountView, rules: Mapping[str, MarketRules]) -> Surroundings:
    """The part of the newest account view, and of its market rules, that a draft depends on."""
    standing = [strategy for strategy in view.strategies if strategy.state in OCCUPYING]
    return Surroundings(
        account=view.account,
        main_quote=view.quote,
        rules=rules,
        quotes=view.quotes,
        free=view.free,
        names=tuple(strategy.parameters.name for strategy in standing),
        occupied=len(standing),
        stop_all=view.stop_all,
        fees=view.fees,
    )
