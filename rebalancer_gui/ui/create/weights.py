"""The coins and weights of a strategy that is being drafted. Pure: no Qt.

    allocation = Allocation().with_added(["BTC", "ETH"])          # equal weights
    allocation = allocation.with_weight("BTC", Decimal(60))       # custom from here on
    allocation.left                                               # Decimal(-10): too much

Every change gives a new value. A locked weight stays when the others are shared out anew.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO, largest_remainder, total
from rebalancer_gui.domain.strategy import WEIGHT_GRID, Target
from rebalancer_gui.ui.translation import tr


class Distribution(enum.Enum):
    """Who sets the weights; the value is the wording on screen."""

    EQUAL = tr("Equal")
    MARKET_CAP = tr("By market cap")
    CUSTOM = tr("Custom")


@dataclass(frozen=True, slots=True)
class MarketCaps:
    """Known market caps in USD by asset, the date of the data, where it comes from, and how old it was when it was asked for."""

    caps: Mapping[str, Decimal]
    as_of: date | None
    source: str
    days_old: int = 0


@dataclass(frozen=True, slots=True)
class CoinWeight:
    """One coin of the draft. `weight` in percent; None while what stands in its field is not a weight."""

    asset: str
    weight: Decimal | None = ZERO
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Allocation:
    """Coins in the order in which they were added. `caps` is None until the engine has answered."""

    coins: tuple[CoinWeight, ...] = ()
    distribution: Distribution = Distribution.EQUAL
    caps: MarketCaps | None = None

    @property
    def assets(self) -> tuple[str, ...]:
        return tuple(coin.asset for coin in self.coins)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The coins as target weights; an unreadable weight counts as 0, which no form accepts."""
        return tuple(Target(coin.asset, ZERO if coin.weight is None else coin.weight) for coin in self.coins)

    @property
    def given(self) -> Decimal:
        """Sum of the weights in percent."""
        return total(target.weight for target in self.targets)

    @property
    def left(self) -> Decimal:
        """100 - sum, in percent: above 0 there is something left to give, below 0 it is too much."""
        return HUNDRED - self.given

    @property
    def readable(self) -> bool:
        return all(coin.weight is not None for coin in self.coins)

    @property
    def without_cap(self) -> tuple[str, ...]:
        """Coins whose market cap was asked for and is not known; empty unless weights go by market cap."""
        if self.distribution is not Distribution.MARKET_CAP or self.caps is None:
            return ()
        return tuple(c.asset for c in self.coins if self.caps.caps.get(c.asset, ZERO) <= ZERO and not c.locked)

    @property
    def waits_for_caps(self) -> bool:
        """Whether weights go by market cap and the engine has not said anything about these coins yet."""
        return self.distribution is Distribution.MARKET_CAP and self.caps is None and bool(self.coins)

    @property
    def can_share_rest(self) -> bool:
        """Whether `with_rest_shared` would make the weights add up."""
        return bool(self.coins) and self.left != ZERO and self.with_rest_shared().left == ZERO

    # ------------------------------------------------------------------------------------------------------- changes

    def with_added(self, assets: Iterable[str]) -> Allocation:
        """With these coins at the end; one that is there already stays as it is. Custom gives the new ones what is
        left, in equal parts.
        """
        fresh = [asset for asset in dict.fromkeys(assets) if asset not in self.assets]
        if not fresh:
            return self
        added = replace(self, coins=(*self.coins, *(CoinWeight(asset) for asset in fresh)), caps=None)
        if self.distribution is not Distribution.CUSTOM:
            return _shared(added)
        rest = max(self.left, ZERO)
        parts = dict(zip(fresh, largest_remainder([ONE] * len(fresh), rest, WEIGHT_GRID), strict=True))
        return _with_weights(added, parts)

    def without(self, asset: str) -> Allocation:
        """Without this coin; in Custom its weight is left to give, else the others share it."""
        left = replace(self, coins=tuple(coin for coin in self.coins if coin.asset != asset))
        return left if self.distribution is Distribution.CUSTOM else _shared(left)

    def with_weight(self, asset: str, weight: Decimal | None) -> Allocation:
        """With what was typed for this coin: the weights are the user's own (Custom) from now on."""
        coins = tuple(replace(coin, weight=weight) if coin.asset == asset else coin for coin in self.coins)
        return self if coins == self.coins else replace(self, coins=coins, distribution=Distribution.CUSTOM)

    def with_lock(self, asset: str, *, locked: bool) -> Allocation:
        """With this coin's weight kept when weights are shared out. No longer kept: it takes its part at once, for what
        is called Equal or By market cap shall be that.
        """
        coins = tuple(replace(coin, locked=locked) if coin.asset == asset else coin for coin in self.coins)
        changed = replace(self, coins=coins)
        return changed if locked else _shared(changed)

    def with_distribution(self, distribution: Distribution) -> Allocation:
        """Share the weights out this way, locked ones excepted; Custom leaves them as they are."""
        caps = None if distribution is Distribution.MARKET_CAP else self.caps
        return _shared(replace(self, distribution=distribution, caps=caps))

    def with_caps(self, caps: MarketCaps) -> Allocation:
        """The engine's answer; without effect when weights no longer go by market cap."""
        if self.distribution is not Distribution.MARKET_CAP:
            return self
        return _shared(replace(self, caps=caps))

    def with_targets(self, targets: Sequence[Target]) -> Allocation:
        """Exactly these coins and weights, as Custom; locks of coins that stay are kept."""
        locked = {coin.asset for coin in self.coins if coin.locked}
        coins = tuple(CoinWeight(t.asset, t.weight, t.asset in locked) for t in targets)
        return replace(self, coins=coins, distribution=Distribution.CUSTOM)

    def with_rest_shared(self) -> Allocation:
        """Scale the weights that are not locked so that all add up to 100 (equal parts where they are all 0)."""
        open_coins = [coin for coin in self.coins if not coin.locked]
        rest = HUNDRED - _locked_sum(self)
        if not open_coins or rest < WEIGHT_GRID * len(open_coins):
            return self
        shares = [max(coin.weight or ZERO, ZERO) for coin in open_coins]
        if total(shares) <= ZERO:
            shares = [ONE] * len(open_coins)
        parts = _parts(dict(zip((c.asset for c in open_coins), shares, strict=True)), rest)
        return replace(_with_weights(self, parts), distribution=Distribution.CUSTOM)


def _locked_sum(allocation: Allocation) -> Decimal:
    return total(coin.weight or ZERO for coin in allocation.coins if coin.locked)


def _shared(allocation: Allocation) -> Allocation:
    """Weights as the distribution says, what is locked left alone."""
    rest = max(HUNDRED - _locked_sum(allocation), ZERO)
    open_assets = [coin.asset for coin in allocation.coins if not coin.locked]
    match allocation.distribution:
        case Distribution.CUSTOM:
            return allocation
        case Distribution.EQUAL:
            return _with_weights(allocation, _parts(dict.fromkeys(open_assets, ONE), rest))
        case Distribution.MARKET_CAP:
            if allocation.caps is None:
                return allocation
            caps = allocation.caps.caps
            known = {asset: caps[asset] for asset in open_assets if caps.get(asset, ZERO) > ZERO}
            return _with_weights(allocation, dict.fromkeys(open_assets, ZERO) | _parts(known, rest))


def _with_weights(allocation: Allocation, weights: Mapping[str, Decimal]) -> Allocation:
    coins = tuple(replace(coin, weight=weights.get(coin.asset, coin.weight)) for coin in allocation.coins)
    return replace(allocation, coins=coins)


def _parts(shares: Mapping[str, Decimal], whole: Decimal) -> dict[str, Decimal]:
    """`whole` percent in proportion to `shares` by largest remainder on the weight grid.

    A part of 0.00 becomes 0.01, taken from the largest, where there is enough (BEHAVIOUR.md section 9).
    """
    if not shares:
        return {}
    parts = dict(zip(shares, largest_remainder(list(shares.values()), whole, WEIGHT_GRID), strict=True))
    if whole >= WEIGHT_GRID * len(parts):
        for asset, part in parts.items():
            if part == ZERO and shares[asset] > ZERO:
                parts[asset] = WEIGHT_GRID
                parts[max(parts, key=lambda other: parts[other])] -= WEIGHT_GRID
    return parts
