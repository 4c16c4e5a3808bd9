"""Starting a strategy with coins that are held already, and the money beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from rebalancer_gui.domain.creation import held_value, last_prices, problems_with
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.strategy import HeldCoin
from tests.builders import d, parameters, quote, quotes, rules_for

MARKETS = rules_for("BTC", "ETH")
PRICES = quotes({"BTC": "100", "ETH": "10"})
FREE = {"USDT": d(1000), "BTC": d(5), "ETH": d(20), "DOGE": d(99)}


def coin(asset: str, quantity: str, cost: str | None = None) -> HeldCoin:
    return HeldCoin(asset, d(quantity), None if cost is None else d(cost))


def problems(
    *held: HeldCoin, investment: str = "0", free: Mapping[str, Decimal] = FREE, btc: int = 50
) -> list[Problem]:
    asked = parameters(investment=investment, BTC=btc, ETH=100 - btc)
    return problems_with(asked, taken_names=[], free=free, rules=MARKETS, quotes=PRICES, held=held)


@pytest.mark.rule("5.1b")
def test_held_coins_alone_are_enough_to_start_with_and_money_may_come_along() -> None:
    assert problems(coin("BTC", "5"), coin("ETH", "20", "9")) == []
    assert problems(coin("BTC", "1"), investment="1000") == []
    assert [p.field for p in problems()] == ["investment"], "no coins, no money"


@pytest.mark.rule("5.1b")
@pytest.mark.parametrize(
    ("held", "says"),
    [
        (coin("DOGE", "5"), "DOGE is not a coin of this strategy: add it with a weight, or leave it in the free pool."),
        (coin("BTC", "0"), "BTC: the quantity must be above 0."),
        (coin("BTC", "-1"), "BTC: the quantity must be above 0."),
        (coin("BTC", "NaN"), "BTC: the quantity must be above 0."),
        (coin("BTC", "5.00000001"), "BTC: only 5 are free, use at most that much."),
        (coin("BTC", "1", "-1"), "BTC: what it cost must be 0 or more, or left open."),
        (coin("BTC", "1", "Infinity"), "BTC: what it cost must be 0 or more, or left open."),
    ],
)
def test_coins_that_cannot_be_put_in_are_refused_with_what_can(held: HeldCoin, says: str) -> None:
    assert problems(held, investment="100") == [Problem("coins", says)]


@pytest.mark.rule("5.1b")
def test_a_coin_that_was_free_of_charge_or_of_unknown_cost_may_be_put_in() -> None:
    assert problems(coin("BTC", "1", "0"), coin("ETH", "1")) == []


@pytest.mark.rule("5.1b")
def test_the_same_coin_put_in_twice_is_refused() -> None:
    assert problems(coin("BTC", "1"), coin("BTC", "1")) == [Problem("coins", "BTC is there twice.")]


@pytest.mark.rule("5.1b", "11.5")
def test_coins_and_money_together_must_reach_the_smallest_investment() -> None:
    # The smallest weight of 5 % needs 10: 200 in all.
    assert problems(coin("BTC", "1.9"), investment="10", btc=95) == []
    [problem] = problems(coin("BTC", "1.9"), investment="9.99", btc=95)
    assert problem.field == "investment"
    assert problem.message == (
        "Too little for ETH: the smallest investment for these weights is 200 USDT, held coins included."
    )


@pytest.mark.rule("5.1b")
def test_money_beside_the_coins_must_be_free_and_no_less_than_nothing() -> None:
    [problem] = problems(coin("BTC", "5"), investment="1000.01")
    assert problem == Problem("investment", "Only 1000 USDT are free: invest at most that much.")
    for amount in ("-1", "NaN"):
        assert [p.field for p in problems(coin("BTC", "5"), investment=amount)] == ["investment"]


@pytest.mark.rule("5.1b")
def test_held_coins_are_worth_their_mid_price_and_nothing_is_guessed_without_one() -> None:
    spread = {"BTC/USDT": quote("BTC", "99", "103")}
    assert held_value((coin("BTC", "2"),), "USDT", spread) == 202
    assert held_value((), "USDT", {}) == 0
    assert held_value((coin("BTC", "2"), coin("ETH", "1")), "USDT", spread) is None
    assert held_value((coin("BTC", "2"),), "USDT", {"BTC/USDT": quote("BTC", "103", "99")}) is None


def test_last_prices_are_those_of_good_quotes_only() -> None:
    good = quote("BTC", "99", "101")
    crossed, zero = quote("ETH", "11", "10"), replace(quote("BNB", "1"), bid=d(0))
    assert last_prices({q.symbol: q for q in (good, crossed, zero)}) == {"BTC/USDT": d(100)}
