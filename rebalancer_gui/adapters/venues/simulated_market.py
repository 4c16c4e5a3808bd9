"""The markets of a paper account at one moment: quotes, order books, and what our own orders took from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.adapters.venues.coin_life import CoinLife
from rebalancer_gui.adapters.venues.matching import Match, remaining
from rebalancer_gui.adapters.venues.price_script import PriceScript
from rebalancer_gui.adapters.venues.simulated_book import Depth, best_prices, book_key, last_price, make_book
from rebalancer_gui.domain.market import MarketRules, MarketStatus, OrderBook, Quote
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Side

AVERAGE_OVER = tuple(timedelta(minutes=minutes) for minutes in range(6))
"""A Market order's notional is tested on the average price of five minutes (avgPriceMins of the NOTIONAL filter)."""


class SimulatedMarket:
    """Everything is a pure function of (script, seed, moment), less what was taken since the last batch.

    A renamed coin has two entries in ``rules``: the old one is delisted, the new one goes on with the old one's prices.
    """

    def __init__(
        self, rules: Mapping[str, MarketRules], quote_asset: str, spread: Decimal | Mapping[str, Decimal], depth: Depth
    ) -> None:
        self._all_rules = dict(rules)
        self.rules = self._at_first = self._all_rules
        self.life = CoinLife()
        self._quote_asset = quote_asset
        self._spread = spread
        self._depth = depth
        self._taken: defaultdict[str, dict[tuple[Side, Decimal], Decimal]] = defaultdict(dict)

    def begin(self, script: PriceScript, seed: int, at: datetime, life: CoinLife) -> None:
        """Play ``script`` from ``at`` on; there are markets for the coins that it has, as ``life`` left them."""
        self.script = script
        self.key = book_key(seed)
        self.become(life)
        self.move_to(at)

    def become(self, life: CoinLife) -> None:
        """From now on the coins are what ``life`` says; what is gone from a book stays gone."""
        self.life = life
        coins = self.script.coins
        self.rules, self._at_first = {}, {}
        for first in self._all_rules.values():
            for name in life.names_of(first.base) if coins is None or first.base in coins else ():
                rules = replace(first, base=name, status=life.status(name, first.status))
                self.rules[rules.symbol] = rules
                self._at_first[rules.symbol] = first
        self._trading = [r for r in self.rules.values() if r.status is MarketStatus.TRADING]

    @property
    def assets(self) -> frozenset[str]:
        """All that any market ever knew, also those that this account's prices leave out."""
        return frozenset(a for r in (*self._all_rules.values(), *self.rules.values()) for a in (r.base, r.quote))

    def move_to(self, at: datetime) -> None:
        """A new batch: the books are whole again."""
        self.at = at
        self._taken.clear()

    def mid(self, rules: MarketRules, at: datetime) -> Decimal | None:
        """Price of the base in the market's quote; None where the script has none at ``at``."""
        base = self.script.prices.price(self._at_first[rules.symbol].base, at)
        if base is None or rules.quote == self._quote_asset:
            return base
        quote = self.script.prices.price(rules.quote, at)
        return None if quote is None else base / quote

    def quotes(self) -> Mapping[str, Quote]:
        """Quotes of all markets that trade and have a price now."""
        found = ((rules.symbol, self._quote(rules)) for rules in self._trading)
        return {symbol: quote for symbol, quote in found if quote is not None}

    def quote(self, symbol: str) -> Quote | None:
        """The quote now; None where the market does not trade or has no price."""
        rules = self._open_market(symbol)
        return None if rules is None else self._quote(rules)

    def _quote(self, rules: MarketRules) -> Quote | None:
        mid = self.mid(rules, self.at)
        if mid is None:
            return None
        bid, ask = best_prices(mid, self._spread_of(rules), rules.tick_size)
        last = last_price(mid, bid, ask, rules.tick_size)
        if self._taken.get(rules.symbol):
            book = remaining(self._whole_book(rules, mid), self._taken[rules.symbol])
            # An empty side is quoted as 0, as venues do: nobody may trade on it.
            bid = book.bids[0].price if book.bids else ZERO
            ask = book.asks[0].price if book.asks else ZERO
        return Quote(rules.symbol, bid, ask, last, at=self.at, received_at=self.at)

    def book(self, symbol: str) -> OrderBook | None:
        """What is left of the book now; None where the market does not trade or has no price."""
        rules = self._open_market(symbol)
        return None if rules is None else self.book_of(rules)

    def book_of(self, rules: MarketRules) -> OrderBook | None:
        """The same, also of a market that was closed at this very moment, after its last order."""
        mid = self.mid(rules, self.at)
        if mid is None:
            return None
        return remaining(self._whole_book(rules, mid), self._taken.get(rules.symbol, {}))

    def take(self, symbol: str, side: Side, matches: Iterable[Match]) -> None:
        """An order of ``side`` met these levels: what is gone stays gone until the next batch."""
        taken = self._taken[symbol]
        for match in matches:
            taken[side, match.price] = taken.get((side, match.price), ZERO) + match.gone

    def average_price(self, rules: MarketRules) -> Decimal | None:
        """Mean of the mid prices of the last five minutes, one a minute, as far as there are any; None without one now."""
        if self.mid(rules, self.at) is None:
            return None
        found = [price for ago in AVERAGE_OVER if (price := self.mid(rules, self.at - ago)) is not None]
        return sum(found, ZERO) / len(found)

    def last_prices(self) -> Mapping[str, Decimal]:
        """Price of every coin that has one now, in the account's quote asset, by the name that the script knows it by."""
        assets = {asset for rules in self._at_first.values() for asset in (rules.base, rules.quote)} - {
            self._quote_asset
        }
        found = ((asset, self.script.prices.price(asset, self.at)) for asset in sorted(assets))
        return {asset: price for asset, price in found if price is not None}

    def _open_market(self, symbol: str) -> MarketRules | None:
        rules = self.rules.get(symbol)
        return rules if rules is not None and rules.status is MarketStatus.TRADING else None

    def _spread_of(self, rules: MarketRules) -> Decimal:
        return self._spread if isinstance(self._spread, Decimal) else self._spread[self._at_first[rules.symbol].symbol]

    def _whole_book(self, rules: MarketRules, mid: Decimal) -> OrderBook:
        return make_book(rules, mid, self._spread_of(rules), self._depth, self.key, self.at)
