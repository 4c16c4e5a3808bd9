"""Properties that every plan has, whatever the portfolio, the prices and the venue's rules."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rebalancer_gui.domain.allocation import weights_by
from rebalancer_gui.domain.market import FeeSchedule, FeeSide, MarketRules, MarketStatus, Quote
from rebalancer_gui.domain.money import ONE, ZERO, ceil_to_step, floor_to_step, on_grid, total
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Leg, SkippedLeg, SkipReason, cost, plan_rebalance, proceeds, size_leg
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.domain.valuation import Snapshot, take_snapshot
from tests.builders import NOON

STEPS = tuple(Decimal(s) for s in ("0.00000001", "0.00001", "0.001", "0.1", "1", "10"))
NAMES = tuple(f"C{i}" for i in range(10))


@dataclass(frozen=True)
class Case:
    snapshot: Snapshot
    rules: dict[str, MarketRules]
    fees: FeeSchedule


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), allow_nan=False, allow_infinity=False, places=places)


@st.composite
def cases(draw: st.DrawFn, *, spread: bool = True, fee: bool = True) -> Case:
    count = draw(st.integers(2, 10))
    names = NAMES[:count]
    weights = weights_by({name: draw(decimals("0.01", "100", 2)) for name in names})
    rules, quotes, quantities = {}, {}, {}
    for name in names:
        symbol = f"{name}/USDT"
        step = draw(st.sampled_from(STEPS))
        rules[symbol] = MarketRules(
            name, "USDT", Decimal("0.0001"), step, step, step * 10**18, draw(decimals("0", "20", 1))
        )
        bid = draw(decimals("0.0001", "50000", 4).filter(lambda x: x > 0))
        ask = bid * (ONE + draw(decimals("0", "0.01", 4))) if spread else bid
        quotes[symbol] = Quote(symbol, bid, ask, bid, NOON, NOON)
        worth = draw(decimals("0", "5000", 2))
        quantities[name] = floor_to_step(worth / bid, Decimal("0.00000001"))
    cash = draw(decimals("0", "5000", 2))
    taken = snapshot(weights, quantities, cash, quotes)
    assume(taken.total is not None and taken.total > ZERO)
    rate = draw(st.sampled_from([ZERO, Decimal("0.001"), Decimal("0.006")])) if fee else ZERO
    side = draw(st.sampled_from([FeeSide.RECEIVED, FeeSide.QUOTE]))
    return Case(taken, rules, FeeSchedule(rate, side))


def snapshot(weights, quantities, cash, quotes) -> Snapshot:
    return take_snapshot(
        seq=1, at=NOON, quote_asset="USDT", targets=weights, quantities=quantities, cash=cash, quotes=quotes
    )


@pytest.mark.rule("4.2", "4.3c")
@given(cases())
def test_a_plan_never_spends_more_than_there_is(case: Case) -> None:
    plan = plan_rebalance(case.snapshot, case.rules, case.fees)
    money = case.snapshot.cash + total(proceeds(leg, case.fees) for leg in plan.sells)
    spent = total(cost(leg.quantity, leg.limit_price, case.fees) for leg in plan.buys)
    assert spent <= money
    for leg in plan.sells:
        assert leg.quantity <= case.snapshot.holding(leg.asset).quantity


@pytest.mark.rule("4.3")
@given(cases())
@pytest.mark.failure(22, 23)
def test_every_leg_is_on_the_grid_and_legal_or_skipped_with_a_reason(case: Case) -> None:
    plan = plan_rebalance(case.snapshot, case.rules, case.fees)
    for leg in plan.legs:
        market = case.rules[leg.symbol]
        assert on_grid(leg.quantity, market.step_size)
        assert market.fault_of(leg.quantity, leg.limit_price) is None
        assert leg.notional <= leg.wanted
    seen = [leg.asset for leg in plan.legs] + [leg.asset for leg in plan.skipped]
    assert len(seen) == len(set(seen))
    at_target = [h for h in case.snapshot.holdings if h.drift == ZERO]
    assert len(seen) + len(at_target) >= len(case.snapshot.holdings)
    assert all(isinstance(leg.reason, SkipReason) for leg in plan.skipped)


@pytest.mark.rule("4.3")
@given(cases(), decimals("1", "500", 2), decimals("0.1", "10", 1))
def test_no_leg_is_larger_than_one_order_may_be(case: Case, notional: Decimal, steps: Decimal) -> None:
    """What is wanted beyond it is left for the next check: no leg is refused for being too large."""
    rules = {
        symbol: replace(market, max_notional=market.min_notional + notional, max_quantity=market.step_size * steps * 10)
        for symbol, market in case.rules.items()
    }
    unbounded = plan_rebalance(case.snapshot, case.rules, case.fees)
    wanted = {leg.wanted for leg in unbounded.legs} | {leg.wanted for leg in unbounded.skipped}
    plan = plan_rebalance(case.snapshot, rules, case.fees)
    for leg in plan.legs:
        market = rules[leg.symbol]
        assert market.max_notional is not None
        assert leg.notional <= market.max_notional
        assert leg.quantity <= market.max_quantity
        assert leg.wanted in wanted


@given(cases(), decimals("0", "100", 2))
def test_a_leg_that_is_too_large_for_one_order_is_cut_and_not_skipped(case: Case, more: Decimal) -> None:
    """Where an order of the largest notional is surely legal: a step is worth less than the room above the minimum."""
    for row in case.snapshot.holdings:
        market = case.rules[f"{row.asset}/USDT"]
        assert row.quote is not None
        room = market.smallest_order_value(row.quote.ask) + market.step_size * row.quote.ask + more
        largest = replace(market, max_notional=room)
        for trade in (room * 3, -room * 3):
            held = replace(row, quantity=room * 4 / row.quote.bid)
            assert isinstance(size_leg(held, largest, row.quote, trade), Leg)


def plainly(case: Case) -> tuple[list[Leg], list[SkippedLeg], Decimal]:
    """BEHAVIOUR.md 4.1 to 4.3 one coin after the other, every rule asked in its own words: legs, skipped ones, fees."""
    sells: list[Leg] = []
    buys: list[Leg] = []
    skipped: list[SkippedLeg] = []
    taken, fees = case.snapshot, case.fees
    assert taken.total is not None
    for row in taken.holdings:
        assert row.value is not None
        assert row.quote is not None
        trade = row.target * taken.total / 100 - row.value
        if trade == ZERO:
            continue
        side, price = (Side.BUY, row.quote.ask) if trade > ZERO else (Side.SELL, row.quote.bid)
        symbol = f"{row.asset}/{taken.quote_asset}"
        market = case.rules.get(symbol)
        if market is None or market.status is not MarketStatus.TRADING:
            skipped.append(SkippedLeg(row.asset, side, abs(trade), SkipReason.MARKET_CLOSED))
            continue
        quantity = min(abs(trade) / price, market.largest_quantity(price))
        if side is Side.SELL:
            quantity = min(quantity, row.quantity)
        quantity = floor_to_step(quantity, market.step_size)
        if market.fault_of(quantity, price) is None:
            of_side = buys if side is Side.BUY else sells
            of_side.append(Leg(row.asset, symbol, side, abs(trade), quantity, price))
        else:
            least = ceil_to_step(max(market.min_notional / price, market.min_quantity), market.step_size) * price
            short = max(least - abs(trade), ZERO)
            skipped.append(SkippedLeg(row.asset, side, abs(trade), SkipReason.BELOW_MINIMUM, short))
    money = taken.cash + total(proceeds(leg, fees) for leg in sells)
    buys, dropped = cut_plainly(case, buys, money)
    estimated = total(leg.notional * fees.taker_rate for leg in (*sells, *buys))
    return [*sells, *buys], [*skipped, *dropped], estimated


def cut_plainly(case: Case, buys: list[Leg], money: Decimal) -> tuple[list[Leg], list[SkippedLeg]]:
    """What ``money`` allows of ``buys``."""
    if total(cost(leg.quantity, leg.limit_price, case.fees) for leg in buys) <= money:
        return buys, []
    wanted = total(leg.wanted for leg in buys)
    fitting, dropped = [], []
    for leg in buys:
        market, share = case.rules[leg.symbol], max(money, ZERO) * leg.wanted / wanted
        affordable = share / cost(ONE, leg.limit_price, case.fees)
        cut = replace(leg, quantity=floor_to_step(min(affordable, leg.quantity), market.step_size))
        if market.fault_of(cut.quantity, cut.limit_price) is None:
            fitting.append(cut)
        else:
            short = max(market.smallest_order_value(leg.limit_price) - share, ZERO)
            dropped.append(SkippedLeg(leg.asset, leg.side, leg.wanted, SkipReason.NO_MONEY, short))
    return fitting, dropped


@st.composite
def odd_cases(draw: st.DrawFn) -> Case:
    """Markets with all their limits, closed and unknown; fees taken anywhere; little held or left as money."""
    case, chance = draw(cases()), random.Random(draw(st.integers(0, 2**32)))
    rules = {}
    for symbol, market in case.rules.items():
        bounded = replace(
            market,
            step_size=chance.choice([market.step_size, market.step_size, Decimal("0.00025")]),
            min_quantity=chance.choice([ZERO, market.min_quantity, market.min_quantity * 7 / 2]),
            max_quantity=chance.choice([market.max_quantity, market.step_size * 40, Decimal("3.7")]),
            max_notional=chance.choice([None, None, Decimal(150), market.min_notional]),
            status=chance.choice([MarketStatus.TRADING] * 5 + [MarketStatus.HALTED]),
        )
        if chance.random() < 0.95:
            rules[symbol] = bounded
    held = {h.asset: h.quantity * chance.choice([1, 1, 0]) for h in case.snapshot.holdings}
    quotes = {h.quote.symbol: h.quote for h in case.snapshot.holdings if h.quote is not None}
    taken = snapshot(tuple_targets(case.snapshot), held, case.snapshot.cash * chance.choice([1, 0]), quotes)
    assume(taken.total is not None and taken.total > ZERO)
    rate, side = chance.choice([ZERO, Decimal("0.00075"), Decimal("0.01")]), chance.choice(list(FeeSide))
    return Case(taken, rules, FeeSchedule(rate, side))


@pytest.mark.rule("4.1", "4.2", "4.3")
@given(cases() | odd_cases())
def test_a_plan_is_what_the_rules_say_coin_by_coin(case: Case) -> None:
    legs, skipped, fees = plainly(case)
    plan = plan_rebalance(case.snapshot, case.rules, case.fees)
    assert list(plan.legs) == legs
    assert list(plan.skipped) == skipped
    assert plan.estimated_fees == fees
    for row in case.snapshot.holdings:
        assert row.quote is not None
        assert row.value is not None
        assert case.snapshot.total is not None
        trade = row.target * case.snapshot.total / 100 - row.value
        alone = size_leg(row, case.rules.get(row.quote.symbol), row.quote, trade)
        kept: tuple[Leg | SkippedLeg, ...] = (*plan.sells, *plan.skipped)
        in_plan = [leg for leg in kept if leg.asset == row.asset]
        if trade and in_plan and alone.side is Side.SELL:
            assert alone == in_plan[0]


def after_fills(case: Case) -> Snapshot:
    """The portfolio when every leg of its plan was filled at the quoted price."""
    plan = plan_rebalance(case.snapshot, case.rules, case.fees)
    quantities = {h.asset: h.quantity for h in case.snapshot.holdings}
    cash = case.snapshot.cash
    for leg in plan.legs:
        if leg.side is Side.SELL:
            quantities[leg.asset] -= leg.quantity
            cash += leg.notional
        else:
            quantities[leg.asset] += leg.quantity
            cash -= leg.notional
    quotes = {h.quote.symbol: h.quote for h in case.snapshot.holdings if h.quote is not None}
    weights = tuple_targets(case.snapshot)
    return snapshot(weights, quantities, cash, quotes)


def tuple_targets(taken: Snapshot):
    return tuple(Target(h.asset, h.target) for h in taken.holdings)


def off_bound(case: Case, taken: Snapshot) -> Decimal:
    """What steps and minimums can leave undone, summed over the coins, in quote units."""
    bound = ZERO
    for h in taken.holdings:
        market = case.rules[f"{h.asset}/USDT"]
        assert h.quote is not None
        bound += market.smallest_order_value(h.quote.ask) + market.step_size * h.quote.ask
    return bound


@pytest.mark.rule("4.1")
@given(cases(spread=False, fee=False))
def test_after_fills_at_the_quoted_price_the_drift_is_inside_the_bound_of_step_and_minimum(case: Case) -> None:
    after = after_fills(case)
    assert after.total == case.snapshot.total  # no fee, no spread: nothing is lost
    assert after.total is not None
    assert after.worst_drift is not None
    assert after.worst_drift * after.total / 100 <= off_bound(case, case.snapshot)


@given(cases(spread=False, fee=False))
@pytest.mark.failure(22)
def test_planning_again_after_the_fills_gives_nothing(case: Case) -> None:
    """Where no leg was cut for want of money: what a shared shortage leaves as cash is for the next plan to spend."""
    plan = plan_rebalance(case.snapshot, case.rules, case.fees)
    assume(not any(leg.reason is SkipReason.NO_MONEY for leg in plan.skipped))
    for leg in plan.buys:
        assume(leg.quantity == floor_to_step(leg.wanted / leg.limit_price, case.rules[leg.symbol].step_size))
    again = plan_rebalance(after_fills(case), case.rules, case.fees)
    assert again.legs == ()


@given(cases(), st.sampled_from([10, 1000]))
def test_a_portfolio_k_times_as_large_on_a_k_times_coarser_grid_gets_the_same_plan_k_times_as_large(
    case: Case, k: int
) -> None:
    weights = tuple_targets(case.snapshot)
    quotes = {h.quote.symbol: h.quote for h in case.snapshot.holdings if h.quote is not None}
    large = snapshot(weights, {h.asset: h.quantity * k for h in case.snapshot.holdings}, case.snapshot.cash * k, quotes)
    coarse = {
        symbol: MarketRules(
            r.base, r.quote, r.tick_size, r.step_size * k, r.min_quantity * k, r.max_quantity * k, r.min_notional * k
        )
        for symbol, r in case.rules.items()
    }
    small_plan = plan_rebalance(case.snapshot, case.rules, case.fees)
    large_plan = plan_rebalance(large, coarse, case.fees)
    assert [(leg.asset, leg.side, leg.quantity * k) for leg in small_plan.legs] == [
        (leg.asset, leg.side, leg.quantity) for leg in large_plan.legs
    ]
    assert [(s.asset, s.reason) for s in small_plan.skipped] == [(s.asset, s.reason) for s in large_plan.skipped]
