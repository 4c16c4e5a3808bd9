"""What the owner is told about money: returns that no deposit moves, average cost, and the line that never trades."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rebalancer_gui.domain.market import FeeSchedule, FeeSide, Quote
from rebalancer_gui.domain.money import ONE, ZERO
from rebalancer_gui.domain.orders import Fill, Side
from rebalancer_gui.domain.performance import (
    annualised_percent,
    cost_after,
    fee_value,
    grown,
    hodl_addition,
    hodl_purchase,
    hodl_rebalance,
    hodl_removal,
    score,
    time_weighted_return,
    value_at_mid,
)
from tests.builders import NOON, d, quote, quotes, targets

FREE = FeeSchedule(ZERO)
TAXED = FeeSchedule(d("0.001"))
CLOSE = d("1e-30")
HALVES = targets(BTC=50, ETH=50)
PRICES = quotes({"BTC": "100", "ETH": "10", "BNB": "2"})
# Mid 100 and 10, half a spread of 1 %.
SPREAD = {"BTC/USDT": quote("BTC", "99", "101"), "ETH/USDT": quote("ETH", "9.9", "10.1")}

money = st.decimals(Decimal("0.01"), Decimal(1_000_000), allow_nan=False, allow_infinity=False, places=2)


def close(found: Decimal | None, expected: Decimal | str) -> bool:
    return found is not None and abs(found - d(str(expected))) <= CLOSE * max(ONE, abs(found))


def fill(side: Side, quantity: str, price: str, fee: str = "0", fee_asset: str = "USDT") -> Fill:
    return Fill("t", "c", "BTC/USDT", side, d(quantity), d(price), d(fee), fee_asset, NOON)


# ------------------------------------------------------------------------------------------------ time-weighted return


class Course:
    """A strategy's value and flows, booked as the account books them."""

    def __init__(self, invested: Decimal) -> None:
        self.value = self.base = self.added = invested
        self.growth, self.removed = ONE, ZERO

    @property
    def returned(self) -> Decimal:
        return time_weighted_return(self.growth, self.base, self.value)

    @property
    def profit(self) -> Decimal | None:
        return score(value=self.value, added=self.added, removed=self.removed, hodl_value=None).profit

    def moves(self, factor: Decimal) -> None:
        self.value *= factor

    def flows(self, amount: Decimal) -> None:
        self.growth = grown(self.growth, self.base, self.value)
        self.value += amount
        self.base = self.value
        if amount > ZERO:
            self.added += amount
        else:
            self.removed -= amount


@pytest.mark.rule("10.3")
def test_every_stretch_counts_alike_whatever_money_was_in_it() -> None:
    course = Course(d(100))
    course.moves(d("1.1"))
    course.flows(d(9890))
    course.moves(d("0.5"))
    # 10 % up with 100 in it, half lost with 10,000 in it: 1.1 x 0.5.
    assert course.returned == -45
    course.flows(d(-4000))
    course.moves(d(2))
    assert course.returned == 10


@pytest.mark.rule("10.13", "10.3")
@given(money, st.lists(st.tuples(st.decimals(Decimal("0.2"), Decimal(5), places=2), money, st.booleans()), max_size=8))
def test_no_flow_moves_the_return_or_the_profit(invested: Decimal, steps: list[tuple[Decimal, Decimal, bool]]) -> None:
    course, growth = Course(invested), ONE
    for factor, amount, out in steps:
        course.moves(factor)
        growth *= factor
        returned, profit = course.returned, course.profit
        flow = -min(amount, course.value / 2) if out else amount
        course.flows(flow)
        assert close(course.returned, str(returned))
        assert close(course.profit, str(profit))
    assert close(course.returned, str((growth - 1) * 100))


@pytest.mark.rule("10.3")
def test_after_all_was_taken_out_the_return_stands_still_until_money_comes_back() -> None:
    course = Course(d(100))
    course.moves(d("1.5"))
    course.flows(d(-150))
    assert course.returned == 50
    course.flows(d(1000))
    assert course.returned == 50
    course.moves(d("1.1"))
    assert course.returned == 65


@pytest.mark.rule("10.5")
@pytest.mark.parametrize(
    ("returned", "lasted", "expected"),
    [
        ("10", timedelta(days=6, hours=23, minutes=59), None),
        ("10", timedelta(0), None),
        ("10", timedelta(days=365), "10"),
        ("10", timedelta(days=365, hours=23), "10"),
        ("21", timedelta(days=730), "10"),
        ("-50", timedelta(days=730), "-29.29"),
        ("1", timedelta(days=7), "68.01"),
        ("0", timedelta(days=7), "0"),
        ("-100", timedelta(days=30), "-100"),
        ("-130", timedelta(days=30), "-100"),
    ],
)
def test_the_annualised_return_counts_whole_days_and_is_hidden_under_7(
    returned: str, lasted: timedelta, expected: str | None
) -> None:
    found = annualised_percent(d(returned), lasted)
    assert (None if found is None else round(found, 2)) == (None if expected is None else d(expected))


# ------------------------------------------------------------------------------------------------------------- profit


@pytest.mark.rule("10.1", "10.2")
def test_profit_is_less_what_was_invested_and_what_the_free_pool_paid_in_percent_of_all_that_was_added() -> None:
    card = score(value=d(900), added=d(1000), removed=d(250), hodl_value=d(600), pool_fees=d(50))
    assert (card.net_invested, card.profit, card.profit_percent, card.versus_hodl) == (d(750), d(100), d(10), d(50))


@pytest.mark.rule("10.2", "10.7")
def test_figures_without_what_they_rest_on_are_left_open() -> None:
    unpriced = score(value=None, added=d(1000), removed=ZERO, hodl_value=d(900))
    assert (unpriced.profit, unpriced.profit_percent, unpriced.versus_hodl) == (None, None, None)
    assert unpriced.net_invested == 1000
    assert score(value=d(5), added=ZERO, removed=ZERO, hodl_value=None).profit_percent is None
    assert score(value=d(5), added=d(5), removed=ZERO, hodl_value=ZERO).versus_hodl is None


# -------------------------------------------------------------------------------------------------------- average cost


@pytest.mark.rule("10.10")
def test_the_average_cost_has_the_fees_in_it_wherever_they_are_taken() -> None:
    in_money = cost_after(ZERO, ZERO, fill(Side.BUY, "2", "100", "0.2", "USDT"), "USDT")
    assert in_money == d("200.2"), "2 coins for 200 and 0.20: 100.10 each"
    in_coin = cost_after(ZERO, ZERO, fill(Side.BUY, "2", "100", "0.002", "BTC"), "USDT")
    assert in_coin == 200
    assert round(in_coin / d("1.998"), 4) == d("100.1001"), "1.998 coins for 200"


@pytest.mark.rule("10.10")
def test_buys_add_to_the_cost_and_a_sell_takes_its_share_along() -> None:
    cost = cost_after(d(100), d(1), fill(Side.BUY, "1", "300"), "USDT")
    assert cost == 400
    cost = cost_after(cost, d(2), fill(Side.SELL, "0.5", "1000", "0.5"), "USDT")
    assert cost == 300, "the price of the sell and its fee do not matter: 1.5 coins at 200"
    assert cost_after(cost, d("1.5"), fill(Side.SELL, "1.5", "9"), "USDT") == 0


@pytest.mark.rule("10.10")
def test_coins_of_unknown_cost_make_the_cost_unknown_until_all_are_sold() -> None:
    assert cost_after(None, d(1), fill(Side.BUY, "1", "300"), "USDT") is None
    assert cost_after(None, d(2), fill(Side.SELL, "1", "300"), "USDT") is None
    assert cost_after(None, d(2), fill(Side.SELL, "2", "300"), "USDT") == 0
    assert cost_after(None, ZERO, fill(Side.BUY, "1", "300"), "USDT") == 300


@given(st.lists(st.tuples(st.booleans(), money, money), min_size=1, max_size=10))
def test_the_average_cost_stays_between_the_lowest_and_the_highest_price_paid(
    trades: list[tuple[bool, Decimal, Decimal]],
) -> None:
    cost, held, paid = ZERO, ZERO, list[Decimal]()
    for buys, quantity, price in trades:
        sold = min(quantity, held / 2)
        if not buys and sold <= ZERO:
            continue
        trade = fill(Side.BUY if buys else Side.SELL, str(quantity if buys else sold), str(price))
        after = cost_after(cost, held, trade, "USDT")
        assert after is not None
        cost, held = after, held + (quantity if buys else -sold)
        paid += [price] if buys else []
    assume(held > ZERO)
    grain = d("1e-10") / held
    assert min(paid) - grain <= cost / held <= max(paid) + grain


@pytest.mark.rule("10.8")
def test_a_fee_is_worth_its_quote_value_where_the_trade_itself_knows_it() -> None:
    assert fee_value(fill(Side.BUY, "2", "100", "0.002", "BTC"), "USDT") == d("0.2")
    assert fee_value(fill(Side.SELL, "2", "100", "0.2", "USDT"), "USDT") == d("0.2")
    assert fee_value(fill(Side.BUY, "2", "100", "0.01", "BNB"), "USDT") == 0


# ------------------------------------------------------------------------------------------------------- the HODL line


@pytest.mark.rule("10.12")
@pytest.mark.parametrize(
    ("side", "btc"),
    [(FeeSide.RECEIVED, d(101) / 101 * d("0.999")), (FeeSide.QUOTE, d(101) / (101 * d("1.001")))],
)
def test_the_line_pays_half_the_spread_and_the_fee_when_it_buys(side: FeeSide, btc: Decimal) -> None:
    units = hodl_purchase(d(202), HALVES, "USDT", SPREAD, FeeSchedule(d("0.001"), side))
    assert close(units["BTC"], str(btc))
    assert close(units["ETH"], str(btc * 10))


@pytest.mark.rule("10.11")
def test_an_addition_buys_at_the_target_weights_of_that_moment_and_sells_nothing() -> None:
    after = hodl_addition({"BTC": d(5), "OLD": d(3)}, d(100), targets(BTC=25, ETH=75), "USDT", PRICES, FREE)
    assert after == {"BTC": d("5.25"), "OLD": d(3), "ETH": d("7.5")}


@pytest.mark.rule("10.11")
def test_a_removal_takes_the_same_share_of_every_coin_so_that_selling_it_brings_the_amount() -> None:
    assert hodl_removal({"BTC": d(3), "ETH": d(10)}, d(100), "USDT", PRICES, FREE) == {
        "BTC": d("2.25"),
        "ETH": d("7.5"),
    }
    # At the bid and with a fee more must go: 100 of (3 x 99 + 10 x 9.9) x 0.999.
    after = hodl_removal({"BTC": d(3), "ETH": d(10)}, d(100), "USDT", SPREAD, TAXED)
    share = 1 - 100 / (d(396) * d("0.999"))
    assert close(after["BTC"], str(3 * share))
    assert close(after["ETH"], str(10 * share))


@pytest.mark.rule("10.11")
def test_the_line_is_never_below_nothing() -> None:
    assert hodl_removal({"BTC": d(1)}, d(100), "USDT", PRICES, FREE) == {}
    assert hodl_removal({"BTC": d(1)}, d(100), "USDT", PRICES, TAXED) == {}
    assert hodl_removal({}, d(100), "USDT", PRICES, FREE) == {}


@pytest.mark.rule("10.12b")
def test_a_change_of_coins_is_made_in_the_line_too() -> None:
    after = hodl_rebalance({"BTC": d(3), "ETH": d(10)}, ZERO, targets(BTC=50, BNB=50), "USDT", PRICES, FREE)
    assert after == {"BTC": d(2), "BNB": d(100)}


@pytest.mark.rule("10.12b", "10.12")
def test_what_the_line_sells_and_buys_for_a_change_pays_half_the_spread_and_the_fee_each() -> None:
    after = hodl_rebalance({"BTC": d(4)}, ZERO, HALVES, "USDT", SPREAD, TAXED)
    # Worth 400: 2 BTC go at 99 less a thousandth, and that buys ETH at 10.1 less a thousandth.
    assert after["BTC"] == 2
    assert close(after["ETH"], str(2 * 99 * d("0.999") / d("10.1") * d("0.999")))


@pytest.mark.rule("10.12")
def test_the_line_of_coins_that_are_held_begins_with_them_and_the_money_beside_them() -> None:
    after = hodl_rebalance({"BTC": d(3)}, d(100), HALVES, "USDT", PRICES, FREE)
    assert after == {"BTC": d(2), "ETH": d(20)}
    assert hodl_rebalance({}, d(100), HALVES, "USDT", PRICES, FREE) == {"BTC": d("0.5"), "ETH": d(5)}


@pytest.mark.rule("10.12b")
def test_a_coin_that_left_leaves_nothing_behind_whose_price_the_line_would_need_for_ever() -> None:
    odd = d(100) / 3 / d("0.0700000000000000000000000000000000000000000000007")
    prices = quotes({"BTC": "100", "ETH": "10", "OLD": "0.0700000000000000000000000000000000000000000000007"})
    for units in (odd, odd * 7, odd / 13, odd + d("1e-40")):
        assert set(hodl_rebalance({"OLD": units}, ZERO, HALVES, "USDT", prices, TAXED)) == {"BTC", "ETH"}


@st.composite
def lines(draw: st.DrawFn) -> tuple[dict[str, Decimal], dict[str, Quote]]:
    names = ("BTC", "ETH", "BNB", "SOL")
    prices = quotes({name: draw(money) for name in names})
    units = {name: draw(money) / draw(st.integers(1, 97)) for name in names if draw(st.booleans())}
    return units, prices


def worth(units: dict[str, Decimal], prices: dict[str, Quote]) -> Decimal:
    found = value_at_mid(units, "USDT", prices)
    assert found is not None
    return found


@pytest.mark.rule("10.12")
@given(lines(), money, st.integers(1, 99), st.data())
def test_without_fee_and_spread_no_flow_and_no_change_makes_or_loses_a_cent(
    line: tuple[dict[str, Decimal], dict[str, Quote]], amount: Decimal, weight: int, data: st.DataObject
) -> None:
    units, prices = line
    chosen = targets(BTC=weight, ETH=100 - weight)
    before = worth(units, prices)
    added = hodl_addition(units, amount, chosen, "USDT", prices, FREE)
    assert close(worth(added, prices), str(before + amount))
    assert all(quantity >= units.get(asset, ZERO) for asset, quantity in added.items())
    removed = hodl_removal(units, amount, "USDT", prices, FREE)
    assert close(worth(removed, prices), str(max(before - amount, ZERO)))
    changed = hodl_rebalance(units, amount, chosen, "USDT", prices, FREE)
    assert set(changed) == {"BTC", "ETH"}
    assert close(worth(changed, prices), str(before + amount))
    assert close(changed["BTC"] * prices["BTC/USDT"].mid, str((before + amount) * weight / 100))
    fee = FeeSchedule(data.draw(st.sampled_from([d("0.001"), d("0.01")])), data.draw(st.sampled_from(list(FeeSide))))
    paying = hodl_rebalance(units, amount, chosen, "USDT", prices, fee)
    assert worth(paying, prices) <= before + amount
    assert worth(paying, prices) >= (before + amount) * (1 - 2 * fee.taker_rate)
