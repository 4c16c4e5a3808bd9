"""Values for tests, with defaults that do not matter to the case at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from rebalancer_gui.domain.market import MarketRules, Quote
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import Basis, Level, RatioRule, Rule, StrategyParameters, Target, Trigger
from rebalancer_gui.domain.valuation import Snapshot, take_snapshot

NOON = datetime(2022, 1, 1, 12, tzinfo=UTC)


def d(text: str | int) -> Decimal:
    return Decimal(text)


def rules(
    base: str,
    *,
    quote: str = "USDT",
    tick: str = "0.00000001",
    step: str = "0.00000001",
    min_quantity: str = "0",
    max_quantity: str = "9000000000",
    min_notional: str = "10",
    max_notional: str = "",
) -> MarketRules:
    most = d(max_notional) if max_notional else None
    return MarketRules(
        base, quote, d(tick), d(step), d(min_quantity), d(max_quantity), d(min_notional), max_notional=most
    )


def rules_for(*bases: str, **filters: str) -> dict[str, MarketRules]:
    return {market.symbol: market for market in (rules(base, **filters) for base in bases)}


def quote(
    base: str, bid: str | Decimal, ask: str | Decimal | None = None, *, at: datetime = NOON, money: str = "USDT"
) -> Quote:
    low, high = Decimal(bid), Decimal(ask if ask is not None else bid)
    return Quote(f"{base}/{money}", low, high, (low + high) / 2, at, at)


def quotes(prices: Mapping[str, str | Decimal], *, at: datetime = NOON) -> dict[str, Quote]:
    """Bid = ask = price for each base."""
    return {f"{base}/USDT": quote(base, price, at=at) for base, price in prices.items()}


def targets(**weights: str | int) -> tuple[Target, ...]:
    return tuple(Target(asset, Decimal(weight)) for asset, weight in weights.items())


def snapshot(
    holdings: Mapping[str, str],
    prices: Mapping[str, str],
    weights: Mapping[str, str | int],
    cash: Decimal = ZERO,
) -> Snapshot:
    return take_snapshot(
        seq=1,
        at=NOON,
        quote_asset="USDT",
        targets=targets(**weights),
        quantities={asset: Decimal(amount) for asset, amount in holdings.items()},
        cash=cash,
        quotes=quotes(prices),
    )


def parameters(
    *, name: str = "Core", investment: str = "1000", rule: Rule | None = None, **weights: str | int
) -> StrategyParameters:
    return StrategyParameters(
        name=name,
        quote="USDT",
        targets=targets(**(weights or {"BTC": 50, "ETH": 50})),
        investment=Decimal(investment),
        rule=rule or RatioRule(),
    )


def with_levels(
    of: StrategyParameters,
    *,
    trigger: str = "",
    stop_loss: str = "",
    take_profit: str = "",
    basis: Basis = Basis.PRICE,
    symbol: str = "BTC/USDT",
) -> StrategyParameters:
    """``of`` with levels on the price of ``symbol``, or on the return in percent ("" = none)."""

    def level(text: str) -> Level | None:
        return Level(basis, d(text), symbol if basis is Basis.PRICE else "") if text else None

    return replace(
        of,
        trigger=Trigger(symbol, d(trigger)) if trigger else None,
        stop_loss=level(stop_loss),
        take_profit=level(take_profit),
    )
