"""Section 4 of the behaviour specification on plans: what is traded, how much of it, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from rebalancer_gui.domain.market import FeeSchedule, FeeSide, MarketStatus
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import (
    Leg,
    SkippedLeg,
    SkipReason,
    leg_quantity,
    plan_rebalance,
    size_buys,
    size_leg,
)
from rebalancer_gui.domain.valuation import Snapshot, take_snapshot
from tests.builders import NOON, d, quote, rules_for, snapshot, targets

NO_FEE = FeeSchedule(ZERO)
EVEN = {"BTC": 50, "ETH": 50}


def spread(btc: str, eth: str, cash: str = "0") -> Snapshot:
    """50/50 with BTC quoted 90 to 110 and ETH 100 flat."""
    return take_snapshot(
        seq=1,
        at=NOON,
        quote_asset="USDT",
        targets=targets(**EVEN),
        quantities={"BTC": d(btc), "ETH": d(eth)},
        cash=d(cash),
        quotes={"BTC/USDT": quote("BTC", "90", "110"), "ETH/USDT": quote("ETH", "100")},
    )


@pytest.mark.rule("4.1")
def test_the_value_is_coins_at_mid_plus_own_money_and_each_coin_goes_back_to_its_exact_target() -> None:
    taken = spread("6", "3", "100")
    assert taken.total == 1000  # 6 x (90 + 110) / 2 + 3 x 100 + 100
    plan = plan_rebalance(taken, rules_for("BTC", "ETH"), NO_FEE)
    assert [(leg.asset, leg.side, leg.wanted) for leg in plan.legs] == [
        ("BTC", Side.SELL, d(100)),  # 600 - 50 % of 1,000
        ("ETH", Side.BUY, d(200)),
    ]


@pytest.mark.rule("4.1b")
@pytest.mark.parametrize(("btc", "eth", "price"), [("6", "4", "90"), ("4", "6", "110")])
def test_the_quantity_is_the_value_at_the_orders_own_limit_price(btc: str, eth: str, price: str) -> None:
    plan = plan_rebalance(spread(btc, eth), rules_for("BTC", "ETH"), NO_FEE)
    (leg,) = [leg for leg in plan.legs if leg.asset == "BTC"]
    assert (leg.limit_price, leg.wanted) == (d(price), d(100))
    assert leg.quantity == (d(100) / d(price)).quantize(d("0.00000001"), "ROUND_DOWN")


@pytest.mark.rule("4.1b")
def test_a_value_of_more_steps_than_can_be_counted_is_cut_to_the_largest_order() -> None:
    row, market = spread("6", "4").holdings[0], rules_for("BTC")["BTC/USDT"]
    assert row.quote is not None
    for trade in ("1e45", "1e60"):
        leg = size_leg(row, market, row.quote, d(trade))
        assert isinstance(leg, Leg)
        assert (leg.quantity, leg.wanted) == (market.max_quantity, d(trade))


@pytest.mark.rule("4.1b")
def test_without_a_step_the_quantity_is_not_cut() -> None:
    row, market = spread("6", "4").holdings[0], replace(rules_for("BTC")["BTC/USDT"], step_size=ZERO)
    assert row.quote is not None
    leg = size_leg(row, market, row.quote, d(100))
    assert isinstance(leg, Leg)
    assert leg.quantity == d(100) / 110
    assert isinstance(size_leg(row, market, row.quote, d(1)), SkippedLeg)


@pytest.mark.rule("4.1b")
def test_a_fee_that_is_taken_in_the_coin_makes_no_order_larger() -> None:
    taken = snapshot({}, {"BTC": "100", "ETH": "100"}, EVEN, d(1000))
    plan = plan_rebalance(taken, rules_for("BTC", "ETH"), FeeSchedule(d("0.001"), FeeSide.RECEIVED))
    assert [leg.quantity for leg in plan.legs] == [5, 5]


@pytest.mark.rule("4.1c")
def test_money_that_was_left_over_is_spent_by_the_next_rebalance() -> None:
    taken = snapshot({"BTC": "4.7", "ETH": "4.9"}, {"BTC": "100", "ETH": "100"}, EVEN, d(40))
    plan = plan_rebalance(taken, rules_for("BTC", "ETH"), NO_FEE)
    assert [(leg.asset, leg.side, leg.notional) for leg in plan.legs] == [
        ("BTC", Side.BUY, d(30)),
        ("ETH", Side.BUY, d(10)),
    ]


@pytest.mark.rule("4.2")
def test_sells_stand_before_buys_whatever_the_order_of_the_coins() -> None:
    taken = snapshot(
        {"A": "1", "B": "5", "C": "1", "D": "5"}, dict.fromkeys("ABCD", "100"), {"A": 25, "B": 25, "C": 25, "D": 25}
    )
    plan = plan_rebalance(taken, rules_for("A", "B", "C", "D"), NO_FEE)
    assert [(leg.asset, leg.side) for leg in plan.legs] == [
        ("B", Side.SELL), ("D", Side.SELL), ("A", Side.BUY), ("C", Side.BUY),
    ]  # fmt: skip


@pytest.mark.rule("4.2")
@pytest.mark.parametrize(
    ("taken_in", "spent"), [(FeeSide.RECEIVED, "99"), (FeeSide.QUOTE, "98.0198019801"), (FeeSide.THIRD, "100")]
)
def test_a_buy_is_sized_from_what_the_sell_brings_and_from_what_the_fee_takes_on_top(taken_in, spent: str) -> None:
    """Sold are 100: a fee of 1 % in the money leaves 99; one on top of the buy leaves room for 99 / 1.01."""
    taken = snapshot({"BTC": "4", "ETH": "6"}, {"BTC": "100", "ETH": "100"}, EVEN)
    plan = plan_rebalance(taken, rules_for("BTC", "ETH"), FeeSchedule(d("0.01"), taken_in))
    (buy,) = plan.buys
    assert abs(buy.notional - d(spent)) < d("0.000001")


@pytest.mark.rule("4.2b")
def test_short_money_is_shared_in_proportion_and_what_becomes_illegal_is_not_given_to_the_others() -> None:
    markets = rules_for("A", "B", "C", step="0.01", min_notional="10")
    taken = snapshot({}, {"A": "100", "B": "100", "C": "100"}, {"A": 70, "B": 20, "C": 10}, d(200))
    buys = list(plan_rebalance(taken, markets, NO_FEE).buys)
    assert [leg.wanted for leg in buys] == [140, 40, 20]

    fitting, dropped = size_buys(buys, d(80), markets, NO_FEE)

    # 40 % of the money: 56, 16 and 8; the last is under 10, and its 8 stay as money.
    assert [(leg.asset, leg.notional) for leg in fitting] == [("A", d(56)), ("B", d(16))]
    assert [(s.asset, s.reason, s.shortfall) for s in dropped] == [("C", SkipReason.NO_MONEY, d(2))]


@pytest.mark.rule("4.2b")
def test_a_share_of_short_money_is_cut_to_the_step() -> None:
    markets = rules_for("A", "B", step="0.1", min_notional="10")
    taken = snapshot({}, {"A": "100", "B": "100"}, {"A": 50, "B": 50}, d(200))
    fitting, _ = size_buys(list(plan_rebalance(taken, markets, NO_FEE).buys), d(150), markets, NO_FEE)
    assert [leg.quantity for leg in fitting] == [d("0.7"), d("0.7")]


@pytest.mark.rule("4.3")
def test_a_quantity_is_cut_down_and_the_cut_quantity_must_be_legal() -> None:
    taken = snapshot({"BTC": "6", "ETH": "4"}, {"BTC": "100", "ETH": "100"}, EVEN)
    coarse = rules_for("BTC", "ETH", step="0.6", min_notional="10")
    assert [leg.quantity for leg in plan_rebalance(taken, coarse, NO_FEE).legs] == [d("0.6"), d("0.6")]

    # The wanted 100 would do for a minimum of 70; the 60 that are left after the cut do not.
    coarse = rules_for("BTC", "ETH", step="0.6", min_notional="70")
    plan = plan_rebalance(taken, coarse, NO_FEE)
    assert plan.legs == ()
    assert [(s.reason, s.shortfall) for s in plan.skipped] == [(SkipReason.BELOW_MINIMUM, d(20))] * 2

    plan = plan_rebalance(taken, rules_for("BTC", "ETH", step="0.6", min_quantity="0.7", min_notional="10"), NO_FEE)
    assert [s.reason for s in plan.skipped] == [SkipReason.BELOW_MINIMUM] * 2


@pytest.mark.rule("4.3")
@pytest.mark.parametrize("filters", [{"max_notional": "60"}, {"max_quantity": "0.6"}])
def test_a_leg_is_no_larger_than_one_order_may_be(filters: dict[str, str]) -> None:
    taken = snapshot({"BTC": "6", "ETH": "4"}, {"BTC": "100", "ETH": "100"}, EVEN)
    plan = plan_rebalance(taken, rules_for("BTC", "ETH", step="0.05", **filters), NO_FEE)
    assert [(leg.side, leg.wanted, leg.quantity) for leg in plan.legs] == [
        (Side.SELL, d(100), d("0.6")),
        (Side.BUY, d(100), d("0.6")),
    ]
    assert plan.skipped == ()


@pytest.mark.rule("4.3")
def test_an_order_at_another_price_than_the_snapshots_is_no_larger_than_one_order_may_be_there() -> None:
    market = rules_for("BTC", step="0.01", max_notional="100")["BTC/USDT"]
    assert leg_quantity(Side.BUY, d(1000), d(101), ZERO, market) == d("0.99")
    assert leg_quantity(Side.SELL, d(1000), d(99), d(5), market) == d("1.01")


@pytest.mark.rule("4.3b")
@pytest.mark.parametrize("status", [MarketStatus.HALTED, MarketStatus.DELISTED, None])
def test_a_leg_whose_market_is_closed_is_skipped_with_that_reason(status: MarketStatus | None) -> None:
    taken = snapshot({"BTC": "4", "ETH": "6"}, {"BTC": "100", "ETH": "100"}, EVEN, d(200))
    markets = rules_for("BTC", "ETH")
    if status is None:
        del markets["BTC/USDT"]
    else:
        markets["BTC/USDT"] = replace(markets["BTC/USDT"], status=status)
    plan = plan_rebalance(taken, markets, NO_FEE)
    assert [(s.asset, s.wanted, s.reason.value) for s in plan.skipped] == [("BTC", d(200), "market closed")]


@pytest.mark.rule("4.3b")
def test_the_reasons_of_a_skipped_leg_are_those_of_the_specification() -> None:
    assert {"below minimum", "no money", "no price", "market closed", "frozen", "price moved"} <= {
        reason.value for reason in SkipReason
    }


@pytest.mark.rule("4.3c")
def test_a_sell_never_takes_more_than_is_held_however_low_the_bid_is() -> None:
    market = rules_for("BTC", step="0.01")["BTC/USDT"]
    assert leg_quantity(Side.SELL, d(100), d(50), d("1.337"), market) == d("1.33")
    assert leg_quantity(Side.BUY, d(100), d(50), ZERO, market) == Decimal(2)
