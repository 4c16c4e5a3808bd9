"""May a strategy be created with these parameters, this money and these coins? (BEHAVIOUR.md sections 2, 5, 6)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from rebalancer_gui.domain.allocation import (
    problems_with_name,
    problems_with_rule,
    problems_with_targets,
    smallest_investment,
    too_small_coins,
)
from rebalancer_gui.domain.market import MarketRules, MarketStatus, Quote, symbol_of
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.protection import problems_with_levels
from rebalancer_gui.domain.strategy import HeldCoin, StrategyParameters


def held_value(held: Sequence[HeldCoin], quote_asset: str, quotes: Mapping[str, Quote]) -> Decimal | None:
    """What the coins are worth at the mid, in quote units; None when one of them has no price."""
    worth = ZERO
    for coin in held:
        quote = quotes.get(symbol_of(coin.asset, quote_asset))
        if quote is None or quote.fault(quote.at, None) is not None:
            return None
        worth += coin.quantity * quote.mid
    return worth


def last_prices(quotes: Mapping[str, Quote]) -> dict[str, Decimal]:
    """Last price by symbol of every quote that is good, whatever its age."""
    return {symbol: quote.last for symbol, quote in quotes.items() if quote.fault(quote.at, None) is None}


def problems_with_held(
    held: Sequence[HeldCoin], parameters: StrategyParameters, free: Mapping[str, Decimal]
) -> list[Problem]:
    """Coins the owner holds and wants to start with: in the portfolio, and free."""
    problems = []
    for coin in held:
        there = free.get(coin.asset, ZERO)
        if coin.asset not in parameters.assets:
            text = f"{coin.asset} is not a coin of this strategy: add it with a weight, or leave it in the free pool."
        elif not coin.quantity.is_finite() or coin.quantity <= ZERO:
            text = f"{coin.asset}: the quantity must be above 0."
        elif coin.quantity > there:
            text = f"{coin.asset}: only {plain(there)} are free, use at most that much."
        elif coin.unit_cost is not None and not (coin.unit_cost.is_finite() and coin.unit_cost >= ZERO):
            text = f"{coin.asset}: what it cost must be 0 or more, or left open."
        else:
            continue
        problems.append(Problem("coins", text))
    assets = [coin.asset for coin in held]
    twice = sorted({a for a in assets if assets.count(a) > 1})
    if twice:
        problems.append(Problem("coins", f"{', '.join(twice)} is there twice."))
    return problems


def problems_with_investment(
    parameters: StrategyParameters,
    free: Decimal,
    rules: Mapping[str, MarketRules],
    quotes: Mapping[str, Quote],
    held: Sequence[HeldCoin] = (),
) -> list[Problem]:
    """Too little money for the smallest weight, or more than the free pool holds."""
    amount, quote = parameters.investment, parameters.quote
    if not amount.is_finite() or amount < ZERO or (amount == ZERO and not held):
        return [Problem("investment", f"The investment must be above 0 {quote}.")]
    problems = []
    if amount > free:
        problems.append(Problem("investment", f"Only {plain(free)} {quote} are free: invest at most that much."))
    problems.extend(
        Problem("coins", f"{symbol} does not trade on this account.")
        for symbol in parameters.symbols
        if symbol not in rules or rules[symbol].status is not MarketStatus.TRADING
    )
    coins = held_value(held, quote, quotes)
    smallest = smallest_investment(parameters.targets, quote, rules, quotes)
    if smallest is not None and coins is not None and amount + coins < smallest:
        small = too_small_coins(parameters.targets, amount + coins, quote, rules, quotes)
        names = ", ".join(small) if small else "the smallest weight"
        with_coins = ", held coins included" if held else ""
        problems.append(
            Problem(
                "investment",
                f"Too little for {names}: the smallest investment for these weights is {plain(smallest)} {quote}{with_coins}.",
            )
        )
    return problems


def problems_with(
    parameters: StrategyParameters,
    *,
    taken_names: Sequence[str],
    free: Mapping[str, Decimal],
    rules: Mapping[str, MarketRules],
    quotes: Mapping[str, Quote],
    held: Sequence[HeldCoin] = (),
) -> list[Problem]:
    """Everything that keeps these parameters from being created, in the order of the form. ``free`` is the free pool."""
    money = free.get(parameters.quote, ZERO)
    problems = problems_with_name(parameters.name, taken_names)
    target_problems = problems_with_targets(parameters.targets, parameters.quote)
    problems += target_problems
    held_problems = problems_with_held(held, parameters, free)
    problems += held_problems
    if not target_problems and not held_problems:
        problems += problems_with_investment(parameters, money, rules, quotes, held)
    elif parameters.investment.is_finite() and parameters.investment > money:
        problems.append(
            Problem("investment", f"Only {plain(money)} {parameters.quote} are free: invest at most that much.")
        )
    problems += problems_with_rule(parameters.rule)
    return problems + problems_with_levels(parameters, last_prices(quotes))
