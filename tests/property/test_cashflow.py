"""Properties of adding and removing funds, whatever the portfolio, the prices and the venue's rules."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rebalancer_gui.domain.allocation import smallest_investment, weights_by
from rebalancer_gui.domain.cashflow import (
    RemovalMethod,
    addition_limits,
    largest_removal,
    plan_addition,
    plan_removal,
    removal_limits,
)
from rebalancer_gui.domain.market import FeeSchedule, FeeSide, MarketRules, Quote
from rebalancer_gui.domain.money import ONE, ZERO, floor_to_step, on_grid, total
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.plan_figures import figures_of
from rebalancer_gui.domain.planning import proceeds
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.domain.valuation import with_cash
from tests.builders import NOON
from tests.property.test_planning import Case, cases, decimals, snapshot

methods = st.sampled_from(list(RemovalMethod))
shares = decimals("0.0001", "1.2", 4)


def amount_of(case: Case, share: Decimal) -> Decimal:
    """A part of what the portfolio is worth, on the grid of money."""
    assert case.snapshot.total is not None
    amount = floor_to_step(case.snapshot.total * share, Decimal("0.01"))
    assume(amount > ZERO)
    return amount


@given(cases(), shares, methods)
def test_a_removal_sells_no_more_than_is_held_in_legal_orders_and_brings_no_more_than_was_asked_for(
    case: Case, share: Decimal, method: RemovalMethod
) -> None:
    amount = amount_of(case, share)
    removal = plan_removal(case.snapshot, amount, method, case.rules, case.fees)
    plan = removal.plan
    for leg in plan.legs:
        market = case.rules[leg.symbol]
        assert leg.side is Side.SELL
        assert leg.quantity <= case.snapshot.holding(leg.asset).quantity
        assert on_grid(leg.quantity, market.step_size)
        assert market.fault_of(leg.quantity, leg.limit_price) is None
        assert leg.notional <= leg.wanted
    assert all(skipped.wanted > ZERO for skipped in plan.skipped)
    seen = [leg.asset for leg in plan.legs] + [leg.asset for leg in plan.skipped]
    assert len(seen) == len(set(seen))
    assert removal.comes_out == removal.own_cash + total(proceeds(leg, case.fees) for leg in plan.legs)
    assert removal.comes_out <= amount
    assert ZERO <= removal.own_cash <= case.snapshot.cash
    assert figures_of(plan, case.fees, removal.comes_out).cash == case.snapshot.cash - removal.own_cash


@given(cases(), shares)
def test_by_target_weights_each_coin_sells_its_share_or_says_why_not(case: Case, share: Decimal) -> None:
    amount = amount_of(case, share)
    removal = plan_removal(case.snapshot, amount, RemovalMethod.BY_WEIGHT, case.rules, case.fees)
    assert removal.own_cash == ZERO
    wanted = {leg.asset: leg.wanted for leg in removal.plan.legs}
    wanted |= {leg.asset: leg.wanted for leg in removal.plan.skipped}
    assert wanted == {row.asset: row.target * amount / 100 for row in case.snapshot.holdings}


@given(cases(spread=False), shares)
def test_most_overweight_first_takes_own_money_then_coins_by_their_drift_down_to_their_weight(
    case: Case, share: Decimal
) -> None:
    taken = case.snapshot
    assert taken.total is not None
    amount = min(amount_of(case, share), floor_to_step(taken.total, Decimal("0.01")))
    assume(amount > ZERO)
    removal = plan_removal(taken, amount, RemovalMethod.MOST_OVERWEIGHT, case.rules, case.fees)
    assert removal.own_cash == min(taken.cash, amount)
    drifts = [taken.holding(leg.asset).drift or ZERO for leg in removal.plan.legs]
    assert drifts == sorted(drifts, reverse=True)
    for leg in removal.plan.legs:
        row = taken.holding(leg.asset)
        stays = (row.quantity - leg.quantity) * leg.limit_price
        assert stays >= row.target * (taken.total - amount) / 100 - Decimal("1e-30")
    if not removal.plan.skipped:
        # Nobody was passed over: only what the steps cut off is missing.
        cut = total(leg.wanted - leg.notional for leg in removal.plan.legs)
        gross = removal.own_cash + total(leg.notional for leg in removal.plan.legs)
        assert amount - gross <= cut + Decimal("1e-30")


@given(cases(), shares, methods)
def test_a_removal_within_its_limits_trades_and_leaves_the_smallest_investment(
    case: Case, share: Decimal, method: RemovalMethod
) -> None:
    limits = removal_limits(case.snapshot, method, case.rules, case.fees)
    assume(not limits.is_empty)
    assert limits.smallest is not None
    assert case.snapshot.total is not None
    amount = limits.smallest + floor_to_step((limits.largest - limits.smallest) * min(share, ONE), Decimal("0.01"))
    removal = plan_removal(case.snapshot, amount, method, case.rules, case.fees)
    assert removal.comes_out > ZERO or case.fees.taker_rate == ONE
    targets = tuple(Target(row.asset, row.target) for row in case.snapshot.holdings)
    quotes = {row.quote.symbol: row.quote for row in case.snapshot.holdings if row.quote is not None}
    must_stay = smallest_investment(targets, "USDT", case.rules, quotes)
    assert must_stay is not None
    assert case.snapshot.total - limits.largest >= must_stay
    assert case.snapshot.total - limits.largest - Decimal("0.01") < must_stay
    assert limits.largest == largest_removal(case.snapshot, case.rules)


@st.composite
def small_cases(draw: st.DrawFn) -> Case:
    """Portfolios of a few units of money with minimums of less than one: every amount of a legal range can be tried."""
    names = ("A", "B", "C")[: draw(st.integers(2, 3))]
    weights = weights_by({name: draw(decimals("1", "100", 0)) for name in names})
    rules, quotes, quantities = {}, {}, {}
    for name in names:
        symbol = f"{name}/USDT"
        step = draw(st.sampled_from([Decimal("0.00000001"), Decimal("0.001"), Decimal("0.1")]))
        rules[symbol] = MarketRules(
            name, "USDT", Decimal("0.01"), step, step, Decimal(10) ** 9, draw(decimals("0.1", "0.6", 2))
        )
        bid = draw(decimals("0.5", "3", 2))
        quotes[symbol] = Quote(symbol, bid, bid + draw(decimals("0", "0.02", 2)), bid, NOON, NOON)
        quantities[name] = draw(decimals("0", "2", 2))
    cash = draw(st.sampled_from([ZERO, ZERO, Decimal("0.05"), Decimal("0.7")]))
    taken = snapshot(weights, quantities, cash, quotes)
    assume(taken.total is not None and taken.total > ZERO)
    fees = FeeSchedule(draw(st.sampled_from([ZERO, Decimal("0.001")])), draw(st.sampled_from(list(FeeSide))))
    return Case(taken, rules, fees)


def cents(most: Decimal) -> list[Decimal]:
    return [Decimal(cent) / 100 for cent in range(1, int(most * 100) + 1)]


@settings(max_examples=max(30, settings.default.max_examples // 5) if settings.default is not None else 30)
@given(small_cases(), methods)
def test_the_smallest_removal_is_the_first_cent_at_which_an_order_can_be_sent(
    case: Case, method: RemovalMethod
) -> None:
    limits = removal_limits(case.snapshot, method, case.rules, case.fees)
    tried = cents(limits.largest)
    plans = {amount: plan_removal(case.snapshot, amount, method, case.rules, case.fees) for amount in tried}
    trading = [amount for amount, removal in plans.items() if removal.plan.legs or removal.own_cash]
    assert limits.smallest == (trading[0] if trading else None)
    if method is RemovalMethod.BY_WEIGHT:
        short = [amount for amount, removal in plans.items() if removal.plan.skipped]
        from_here = short[-1] + Decimal("0.01") if short else Decimal("0.01")
        assert limits.full == (from_here if from_here <= limits.largest else None)
    else:
        assert limits.full is None


@settings(max_examples=max(30, settings.default.max_examples // 5) if settings.default is not None else 30)
@given(small_cases())
def test_the_smallest_addition_is_the_first_cent_at_which_an_order_can_be_sent(case: Case) -> None:
    limits = addition_limits(case.snapshot, Decimal(5), case.rules, case.fees)
    tried = cents(Decimal(8))
    plans = {amount: plan_addition(case.snapshot, amount, case.rules, case.fees) for amount in tried}
    trading = [amount for amount, plan in plans.items() if plan.legs]
    assert limits.smallest == (trading[0] if trading else limits.smallest)
    assert limits.largest == 5
    if limits.full is not None:
        for amount in tried:
            if amount >= limits.full:
                assert plans[amount].skipped == ()
        before = limits.full - Decimal("0.01")
        if ZERO < before <= tried[-1]:
            bought = {leg.asset for leg in plans[before].buys}
            assert plans[before].skipped or bought != {row.asset for row in case.snapshot.holdings}


@given(cases(), shares)
def test_an_addition_is_the_rebalance_of_the_same_holdings_with_the_money_added(case: Case, share: Decimal) -> None:
    amount = amount_of(case, share)
    plan = plan_addition(case.snapshot, amount, case.rules, case.fees)
    quotes = {row.quote.symbol: row.quote for row in case.snapshot.holdings if row.quote is not None}
    weights = tuple(Target(row.asset, row.target) for row in case.snapshot.holdings)
    held = {row.asset: row.quantity for row in case.snapshot.holdings}
    assert plan.snapshot == snapshot(weights, held, case.snapshot.cash + amount, quotes)
    assert plan.snapshot == with_cash(case.snapshot, case.snapshot.cash + amount)
    assert figures_of(plan, case.fees).cash >= ZERO
