"""Weights by share, minimums, the two fixes for a small amount, the smallest investment."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.domain.allocation import (
    equal_weights,
    leave_out_small,
    lift_small,
    smallest_investment,
    too_small_coins,
    weights_by,
    with_minimum,
)
from rebalancer_gui.domain.money import on_grid, total
from tests.builders import d, quotes, rules_for, targets

shares = st.lists(
    st.decimals(Decimal("0.01"), Decimal(10) ** 12, allow_nan=False, allow_infinity=False, places=2),
    min_size=2,
    max_size=10,
)


def weights(found) -> dict[str, Decimal]:
    return {t.asset: t.weight for t in found}


@pytest.mark.rule("9.3")
@given(shares)
def test_weights_by_share_are_on_the_grid_above_zero_and_add_up_to_exactly_100(values: list[Decimal]) -> None:
    found = weights_by({f"C{i}": v for i, v in enumerate(values)})
    assert total(t.weight for t in found) == 100
    assert all(t.weight >= d("0.01") and on_grid(t.weight, d("0.01")) for t in found)


@pytest.mark.rule("9.2")
def test_equal_remainders_go_to_the_larger_share_first_then_to_list_order() -> None:
    assert weights(equal_weights(["A", "B", "C"])) == {"A": d("33.34"), "B": d("33.33"), "C": d("33.33")}
    # thirds of 100 with weights 1:1:4 -> 16.666, 16.666, 66.666: one step each to the largest shares first
    assert weights(weights_by({"A": d(1), "B": d(1), "C": d(4)})) == {"A": d("16.67"), "B": d("16.66"), "C": d("66.67")}


@pytest.mark.rule("9.3")
def test_a_weight_that_would_be_zero_becomes_the_smallest_one_taken_from_the_largest() -> None:
    found = weights(weights_by({"BTC": Decimal(10) ** 12, "DUST": d(1)}))
    assert found == {"BTC": d("99.99"), "DUST": d("0.01")}


@pytest.mark.rule("9.14")
@given(shares, st.decimals(Decimal("0.01"), Decimal(40), allow_nan=False, allow_infinity=False, places=2))
def test_a_minimum_weight_is_reached_by_all_and_the_sum_stays_100(values: list[Decimal], minimum: Decimal) -> None:
    found = with_minimum(weights_by({f"C{i}": v for i, v in enumerate(values)}), minimum)
    assert total(t.weight for t in found) == 100
    if minimum * len(values) <= 100:
        assert min(t.weight for t in found) >= minimum


@pytest.mark.rule("11.5")
def test_the_smallest_investment_makes_the_smallest_weight_a_legal_order_and_a_cent_less_does_not() -> None:
    markets = rules_for("BTC", "XRP", min_notional="5", step="0.001", min_quantity="0.001")
    prices = quotes({"BTC": "20000", "XRP": "0.5"})
    chosen = targets(BTC=95, XRP=5)
    smallest = smallest_investment(chosen, "USDT", markets, prices)
    assert smallest == 100  # 5 / 5 %
    assert too_small_coins(chosen, smallest, "USDT", markets, prices) == ()
    assert too_small_coins(chosen, smallest - d("0.01"), "USDT", markets, prices) == ("XRP",)


@pytest.mark.rule("11.5")
def test_the_step_can_cost_more_than_the_minimum_notional() -> None:
    markets = rules_for("BTC", "ETH", min_notional="5", step="0.001", min_quantity="0.001")
    prices = quotes({"BTC": "20000", "ETH": "2000"})
    # one step of BTC is 20 USDT, so half of the money must reach 20
    assert smallest_investment(targets(BTC=50, ETH=50), "USDT", markets, prices) == 40


@pytest.mark.rule("9.13")
def test_leaving_out_small_coins_renormalises_the_rest() -> None:
    markets = rules_for("BTC", "ETH", "XRP", min_notional="5")
    prices = quotes({"BTC": "20000", "ETH": "2000", "XRP": "0.5"})
    left = leave_out_small(targets(BTC=60, ETH=38, XRP=2), d(100), "USDT", markets, prices)
    assert weights(left) == {"BTC": d("61.22"), "ETH": d("38.78")}


@pytest.mark.rule("9.13")
def test_lifting_gives_every_coin_its_smallest_legal_weight_or_says_it_cannot() -> None:
    markets = rules_for("BTC", "ETH", "XRP", min_notional="5")
    prices = quotes({"BTC": "20000", "ETH": "2000", "XRP": "0.5"})
    lifted = lift_small(targets(BTC=60, ETH=38, XRP=2), d(100), "USDT", markets, prices)
    assert lifted is not None
    assert weights(lifted)["XRP"] == 5
    assert total(t.weight for t in lifted) == 100
    assert too_small_coins(lifted, d(100), "USDT", markets, prices) == ()
    assert lift_small(targets(BTC=60, ETH=38, XRP=2), d(14), "USDT", markets, prices) is None
