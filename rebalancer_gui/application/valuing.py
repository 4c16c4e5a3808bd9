"""The strategies of one account at each batch of quotes. One whose prices are calm holds without being valued (domain.calm)."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.application.look import Look, Portfolio, Ranges
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.wallet import Wallet
from rebalancer_gui.domain.calm import Calm, calm_ranges, calm_reach
from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO
from rebalancer_gui.domain.strategy import RatioRule, Target
from rebalancer_gui.domain.valuation import Marks

Rules = Mapping[str, MarketRules]
"""Of the markets, by symbol; other rules are another mapping."""


class Valuing:
    """Of one account. Engine thread only. ``wallet`` is the account's own."""

    def __init__(self, wallet: Wallet) -> None:
        self._wallet = wallet
        self._calm = Calm()
        self._ranges: dict[str, Ranges] = {}
        """By strategy, those that ``_calm`` watches."""

    def calm_at(self, marks: Marks, stale_after: timedelta | None) -> Collection[Hashable]:
        """The strategies whose prices are good and inside their ranges: found at once for all of them."""
        return self._calm.undisturbed(marks.quotes, marks.at - stale_after if stale_after is not None else None)

    def look_at(
        self, strategy: StrategyRuntime, seq: int, marks: Marks, rules: Rules, calm: Collection[Hashable] = ()
    ) -> None:
        """The newest look at ``strategy``, as it is now at ``marks``; nothing is calculated yet."""
        portfolio = self._portfolio(strategy, rules)
        ranges = self._ranges.get(strategy.id) if strategy.id in calm else None
        inside = ranges if ranges is not None and ranges.portfolio is portfolio else None
        strategy.look = Look(seq, portfolio, marks, inside)

    def _portfolio(self, strategy: StrategyRuntime, rules: Rules) -> Portfolio:
        """What it was at its last look where nothing has changed since. Reservations of its open orders count as its own."""
        parameters, revision = strategy.record.parameters, self._wallet.revision
        last = strategy.look.portfolio if strategy.look is not None else None
        if (
            last is not None
            and last.lasts
            and last.revision == revision
            and last.parameters is parameters
            and last.rules is rules
            and not strategy.unresolved
        ):
            return last
        held = holdings(self._wallet, strategy)
        cash = held.pop(parameters.quote, ZERO)
        # A coin that left the portfolio counts until it is sold: its target is 0.
        left = tuple(Target(asset, ZERO) for asset in sorted(held.keys() - set(parameters.assets)))
        targets = (*parameters.targets, *left)
        return Portfolio(targets, held, cash, parameters, rules, revision, lasts=not strategy.unresolved)

    def settle(self, strategy: StrategyRuntime) -> None:
        """Its newest look was worked out and its rule holds: between which prices will it go on to do so?"""
        look, rule = strategy.look, strategy.record.parameters.rule
        if look is None or not look.portfolio.lasts or not isinstance(rule, RatioRule):
            self._calm.draw(strategy.id, {})
            return
        if not self._calm.may_draw(strategy.id):
            return
        reach = calm_reach(look.snapshot, rule.threshold)
        self._calm.draw(strategy.id, calm_ranges(look.snapshot, reach))
        if reach > ZERO:
            look.inside = self._ranges[strategy.id] = Ranges(look.portfolio, reach)

    def forget(self, strategy_id: str) -> None:
        """Nothing is promised of it any more."""
        self._ranges.pop(strategy_id, None)
        self._calm.forget(strategy_id)

    def forget_all(self) -> None:
        """The markets are not what they were."""
        for strategy_id in list(self._ranges):
            self.forget(strategy_id)


def holdings(wallet: Wallet, strategy: StrategyRuntime) -> dict[str, Decimal]:
    """What a strategy owns by asset; reservations of its open orders count as its own."""
    held = dict(wallet.strategy_assets(strategy.id))
    for intent in strategy.unresolved.values():
        asset = intent.reserved_asset
        reserved = wallet.reserved(intent.client_order_id, asset)
        if reserved != ZERO:
            held[asset] = held.get(asset, ZERO) + reserved
    return held


def is_calm(strategy: StrategyRuntime) -> bool:
    """Whether it certainly is within the threshold of its rule at its newest look; False where that has to be worked out."""
    look = strategy.look
    return look is not None and look.inside is not None and look.portfolio.parameters is strategy.record.parameters


def may_have_lost(before: Look, now: Look, percent: Decimal) -> bool:
    """Whether what was held at ``before`` may be worth over ``percent`` less at ``now``; False is certain."""
    ranges = now.inside
    if ranges is None or before.inside is not ranges:
        return True
    # The prices of both are within 1 - reach and 1 + reach of the same ones.
    return 2 * ranges.reach * HUNDRED > percent * (ONE + ranges.reach)
