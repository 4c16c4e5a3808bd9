"""What a backtest trades, bar by bar: the rules of BEHAVIOUR.md sections 3, 4 and 8 by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from rebalancer_gui.backtest.bars import make_bars
from rebalancer_gui.backtest.job import Costs, Job, MarketLimit
from rebalancer_gui.backtest.looks import look_rows
from rebalancer_gui.backtest.loops import Loop
from rebalancer_gui.backtest.simulate import Run, simulate
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.market import FeeSide
from rebalancer_gui.domain.strategy import BandRule, RatioRule, TimeRule
from tests.unit.backtest.reference import Terms, play
from tests.unit.backtest.samples import BEGIN, DAY, HOUR, MINUTE, bars_of, of, series, walked_bars, weights_of

ONE_PERCENT = RatioRule(Decimal(1))
WEEKLY = TimeRule(timedelta(days=7), Decimal("0.5"))
MIN_10 = (MarketLimit(min_notional=10.0),) * 2


def job_of(first: Sequence[float], second: Sequence[float], rule=ONE_PERCENT, investment: float = 800.0, **more) -> Job:
    """BTC and BNB at 50/50 on daily bars, without fee and minimum unless ``more`` says so."""
    return Job(bars_of({"BTC": first, "BNB": second}), (50.0, 50.0), rule, investment, **more)


def trades(run: Run) -> list[tuple[int, str, float]]:
    """(bar, coin, units) of each trade."""
    names = [symbol.partition("/")[0] for symbol in run.job.bars.symbols]
    rows, coins = run.trades.rows.tolist(), run.trades.coins.tolist()
    return [(row, names[coin], units) for row, coin, units in zip(rows, coins, run.trades.units.tolist(), strict=True)]


@pytest.mark.rule("12.1")
def test_45_to_55_percent_trades_back_to_500_each() -> None:
    # 400 units each at 1; then 450 and 550.
    run = simulate(job_of([1.0, 1.125], [1.0, 1.375]))

    assert trades(run)[:2] == [(0, "BTC", 400.0), (0, "BNB", 400.0)]
    assert [(row, coin) for row, coin, _ in trades(run)[2:]] == [(1, "BNB"), (1, "BTC")]
    assert run.trades.units[2:].tolist() == pytest.approx([-50 / 1.375, 50 / 1.125])
    assert run.rebalances.tolist() == [1]
    assert run.equity.tolist() == [800.0, pytest.approx(1000.0)]


@pytest.mark.rule("12.2")
def test_by_time_nothing_is_traded_before_the_seventh_day() -> None:
    run = simulate(job_of([1.0, *[1.125] * 8], [1.0, *[1.375] * 8], WEEKLY))

    assert run.rebalances.tolist() == [7]


@pytest.mark.rule("12.2", "3.2")
def test_a_drift_of_exactly_the_gate_or_threshold_is_not_traded() -> None:
    exactly = job_of([1.0, *[1.01] * 8], [1.0, *[0.99] * 8], WEEKLY)
    more = job_of([1.0, *[1.0101] * 8], [1.0, *[0.9899] * 8], WEEKLY)

    assert (len(simulate(exactly).rebalances), simulate(exactly).blocked) == (0, 0)
    assert simulate(more).rebalances.tolist() == [7]
    assert len(simulate(replace(exactly, rule=RatioRule(Decimal("0.5")))).rebalances) == 0


def test_equality_is_seen_through_the_rounding_of_floats() -> None:
    # 0.505 and 0.495 of the value, from prices whose quotients have no end.
    for scale in (3.0, 7.0, 0.1, 1e-7, 12345.678):
        run = simulate(job_of([scale, 1.01 * scale], [scale, 0.99 * scale], RatioRule(Decimal("0.5"))))
        assert (len(run.rebalances), run.blocked) == (0, 0), scale


@pytest.mark.rule("12.5")
def test_a_check_whose_orders_are_all_too_small_is_blocked_and_tried_again() -> None:
    gal, rdnt = [123.89 / 130, 0.953, 0.953, 0.953], [131.55 / 500, 0.2631, 0.2631, 0.2631]
    bars = bars_of({"GAL": gal, "RDNT": rdnt})
    shares = (123.89 / 255.44 * 100, 131.55 / 255.44 * 100)
    held = simulate(Job(bars, shares, ONE_PERCENT, 255.44, limits=MIN_10))
    assert (len(held.rebalances), held.blocked) == (0, 0)

    run = simulate(job_of([1.0, 1.03, 1.03, 1.2], [1.0, 0.97, 0.97, 0.8], investment=255.44, limits=MIN_10))

    assert (run.rebalances.tolist(), run.blocked) == ([3], 2)


def test_a_leg_under_the_minimum_is_skipped_while_the_others_are_traded() -> None:
    bars = bars_of({"BTC": [1.0, 1.3], "ETH": [1.0, 1.0], "XRP": [1.0, 1.0]})
    run = simulate(Job(bars, (47.0, 47.0, 6.0), ONE_PERCENT, 1000.0, limits=(MarketLimit(min_notional=10.0),) * 3))

    assert [(coin, units < 0) for row, coin, units in trades(run) if row == 1] == [("BTC", True), ("ETH", False)]


@pytest.mark.rule("3.1d")
def test_a_jump_of_more_than_ten_percent_is_traded_on_the_bar_that_brings_it() -> None:
    run = simulate(job_of([1.0, 1.0, 3.0, 1.0], [1.0, 1.0, 1.0, 1.0]))

    assert run.rebalances.tolist() == [2, 3]


def test_a_check_period_longer_than_the_bars_skips_bars_and_a_shorter_one_none() -> None:
    prices = [1.0 + 0.1 * (i % 2) for i in range(13)]
    bars = make_bars(of({"BTC": prices, "BNB": [1.0] * 13}, MINUTE), ("BTC/USDT", "BNB/USDT"))

    def rows(period: timedelta) -> list[int]:
        return [int(row) for row in simulate(Job(bars, (50.0, 50.0), RatioRule(Decimal(1), period), 800.0)).rebalances]

    assert rows(timedelta(seconds=2)) == list(range(1, 13))
    # The first bar after the build, then every fifth.
    assert rows(timedelta(minutes=5)) == [1, 6, 11]


def test_the_rule_does_not_look_at_the_bar_on_which_it_begins() -> None:
    bars = walked_bars(3, 20, 2, HOUR)

    assert look_rows(TimeRule(timedelta(hours=4), Decimal(1)), bars, 3).tolist() == [7, 11, 15, 19]
    assert look_rows(TimeRule(timedelta(minutes=30), Decimal(1)), bars, 3).tolist() == list(range(4, 20))
    assert look_rows(RatioRule(Decimal(1)), bars, 17).tolist() == [18, 19]
    assert look_rows(RatioRule(Decimal(1)), bars, 19).tolist() == []
    assert look_rows(TimeRule(timedelta(days=1), Decimal(1)), bars, 3).tolist() == []


@pytest.mark.rule("3.2b")
def test_ticks_in_a_gap_are_one_check_at_the_next_bar_and_the_grid_stays() -> None:
    days = [0, 1, 2, 6, 7, 8, 9]
    opened = [BEGIN + 86_400 * day for day in days]
    btc, bnb = [1.0, 1.2, 1.4, 1.8, 1.8, 1.9, 2.2], [1.0] * 7
    found = {
        "BTC/USDT": series(btc, "BTC/USDT", opened=opened),
        "BNB/USDT": series(bnb, "BNB/USDT", opened=opened),
    }
    bars = make_bars(found, ("BTC/USDT", "BNB/USDT"))

    run = simulate(Job(bars, (50.0, 50.0), TimeRule(timedelta(days=3), Decimal("0.5")), 800.0))

    # Ticks on days 3, 6 and 9: the first two are one check on day 6; the third is where it was.
    assert [days[row] for row in run.rebalances.tolist()] == [6, 9]


@pytest.mark.rule("8.1")
@pytest.mark.parametrize("side", [FeeSide.RECEIVED, FeeSide.QUOTE])
def test_the_fee_is_taken_in_the_asset_received_or_in_the_quote_asset(side: FeeSide) -> None:
    run = simulate(job_of([1.0, 1.125], [1.0, 1.375], costs=Costs(0.001, side)))

    bought = 400.0 if side is FeeSide.RECEIVED else 400.0 / 1.001
    kept = bought * 0.999 if side is FeeSide.RECEIVED else bought
    assert run.trades.units[:2].tolist() == pytest.approx([bought, bought])
    assert run.equity[0] == pytest.approx(2 * kept)
    assert run.trades.fees.tolist() == pytest.approx((run.trades.values * 0.001).tolist())
    assert run.fees == pytest.approx(run.trades.fees.sum())
    assert run.turnover == pytest.approx(run.trades.values.sum())


def test_half_the_spread_is_paid_on_each_side() -> None:
    run = simulate(job_of([1.0, 1.125], [1.0, 1.375], costs=Costs(half_spread=0.01)))

    bought, sold = run.trades.prices[2:].tolist()[::-1]
    assert run.trades.prices[:2].tolist() == pytest.approx([1.01, 1.01])
    assert (bought, sold) == (pytest.approx(1.125 * 1.01), pytest.approx(1.375 * 0.99))


def test_quantities_are_cut_down_to_the_step_and_what_is_left_is_spent_by_the_next_rebalance() -> None:
    limits = (MarketLimit(step=0.1), MarketLimit(step=1.0))
    run = simulate(job_of([3.0, 3.0, 4.5], [7.0, 7.0, 7.0], investment=100.0, limits=limits))

    # 50 / 3 = 16.66, 50 / 7 = 7.14: 49.8 and 49 are bought, 1.2 stays.
    assert trades(run)[:2] == [(0, "BTC", pytest.approx(16.6)), (0, "BNB", 7.0)]
    assert run.equity.tolist()[:2] == pytest.approx([100.0, 100.0])
    # 74.7 + 49 + 1.2 = 124.9: BTC is 12.25 over, BNB 13.45 under.
    assert trades(run)[2:] == [(2, "BTC", pytest.approx(-2.7)), (2, "BNB", 1.0)]


def test_a_quantity_on_the_grid_is_not_cut_by_the_rounding_of_floats() -> None:
    # 0.3 / 0.1 is 2.9999999999999996 in floats.
    run = simulate(job_of([100.0, 100.0], [100.0, 100.0], investment=60.0, limits=(MarketLimit(step=0.1),) * 2))

    assert [units for _, _, units in trades(run)] == pytest.approx([0.3, 0.3])


def test_a_coin_under_the_minimum_at_the_start_stays_cash_that_counts() -> None:
    bars = bars_of({"BTC": [1.0, 2.0], "XRP": [1.0, 1.0]})
    run = simulate(Job(bars, (95.0, 5.0), RatioRule(Decimal(50)), 100.0, limits=MIN_10))

    assert trades(run) == [(0, "BTC", 95.0)]
    assert run.equity.tolist() == [100.0, 195.0]
    assert run.hodl.tolist() == [100.0, 195.0]


@pytest.mark.rule("1.7")
def test_the_hodl_line_is_bought_at_target_weights_and_never_traded() -> None:
    run = simulate(job_of([1.0, 2.0, 4.0], [1.0, 1.0, 1.0], costs=Costs(0.001)))

    assert run.hodl.tolist() == pytest.approx([799.2, 399.6 * 3, 399.6 * 5])
    assert run.versus_hodl == pytest.approx((run.final_value / run.hodl_value - 1) * 100)
    assert run.hodl_before_costs == pytest.approx(2000.0)


def test_the_drawdown_is_the_largest_fall_from_a_peak() -> None:
    run = simulate(job_of([1.0, 2.0, 1.0, 4.0], [1.0, 2.0, 1.0, 4.0]))

    assert run.max_drawdown == pytest.approx(50.0)


@pytest.mark.parametrize("loop", list(Loop))
@pytest.mark.parametrize("fee_in_quote", [False, True])
@pytest.mark.parametrize(("minimum", "step"), [(0.0, 0.0), (10.0, 0.0), (5.0, 0.013), (30.0, 0.05)])
def test_every_loop_does_what_the_plain_reference_does(
    loop: Loop, fee_in_quote: bool, minimum: float, step: float
) -> None:
    bars = walked_bars(3, 700, 5, HOUR)
    weights = (40.0, 25.0, 20.0, 10.0, 5.0)
    side = FeeSide.QUOTE if fee_in_quote else FeeSide.RECEIVED
    limits = (MarketLimit(step=step, min_notional=minimum),) * 5
    run = simulate(Job(bars, weights, ONE_PERCENT, 5000.0, Costs(0.002, side), limits), loop)

    terms = Terms(weights, 1.0, None, 5000.0, 0.002, fee_in_quote, minimum, step)
    expected = play(bars.times.tolist(), bars.prices.tolist(), terms)

    assert expected.rebalances > 10
    assert (len(run.rebalances), run.blocked) == (expected.rebalances, expected.blocked)
    assert run.final_value == pytest.approx(expected.final_value, rel=1e-9)
    assert run.fees == pytest.approx(expected.fees, rel=1e-9)


@pytest.mark.parametrize("limit", [MarketLimit(), MarketLimit(min_notional=25.0), MarketLimit(0.0001, 0.0004, 25.0)])
def test_by_auto_band_each_coin_has_its_own_band_and_every_loop_sees_the_same(limit: MarketLimit) -> None:
    bars = walked_bars(5, 3000, 4, HOUR)
    job = Job(bars, (60.0, 25.0, 10.0, 5.0), BandRule(), 900.0, Costs(0.001), (limit,) * 4)

    runs = [simulate(job, loop) for loop in Loop]

    assert len(runs[0].rebalances) > 3
    for run in runs[1:]:
        assert run.rebalances.tolist() == runs[0].rebalances.tolist()
    # 5/25: 1.25 pp for the coin of 5 %. Just before each rebalance some coin was outside, on the bars between none was.
    assert len(simulate(replace(job, rule=RatioRule(Decimal("1.25")))).rebalances) > len(runs[0].rebalances)


def test_an_auto_band_is_never_narrower_than_what_can_be_traded() -> None:
    prices = [1.0, 1.3, 1.3]
    job = job_of(prices, [1.0] * 3, BandRule(), investment=100.0)

    # 30 of 215 moved: the drift is 6.5 pp, over the 5 pp of 5/25; with orders of at least 60 nothing can be done about it.
    assert simulate(job).rebalances.tolist() == [1]
    wide = simulate(replace(job, limits=(MarketLimit(min_notional=20.0),) * 2))
    assert (len(wide.rebalances), wide.blocked) == (0, 0)


def test_prices_that_stand_still_are_not_traded_with_a_gate_of_nothing() -> None:
    rule = TimeRule(DAY, Decimal(0))
    run = simulate(job_of([1.1, 1.1, 1.1, 1.2], [3.3, 3.3, 3.3, 3.3], rule, investment=1234.567))

    assert run.rebalances.tolist() == [3]


def test_a_job_that_makes_no_sense_is_refused_with_its_field() -> None:
    good = job_of([1.0, 1.0], [1.0, 1.0])
    for field, change in (
        ("weights", {"weights": (50.0, 40.0)}),
        ("weights", {"weights": (100.0,)}),
        ("weights", {"weights": (150.0, -50.0)}),
        ("investment", {"investment": 0.0}),
        ("investment", {"investment": float("nan")}),
        ("fee", {"costs": Costs(1.0)}),
        ("fee_side", {"costs": Costs(0.001, FeeSide.THIRD)}),
        ("min_notional", {"limits": (MarketLimit(),)}),
    ):
        with pytest.raises(InvalidInput) as refused:
            replace(good, **change)
        assert refused.value.field == field


def test_ten_coins_give_an_equity_at_every_bar() -> None:
    bars = walked_bars(11, 2000, 10, HOUR)
    run = simulate(Job(bars, weights_of(10), RatioRule(Decimal("0.5")), 10_000.0, Costs(0.001)))

    assert len(run.rebalances) > 5
    # Valued the slow way, from the trades.
    units, cash = np.zeros(10), 10_000.0
    worth = []
    for bar in range(len(bars)):
        for place in np.flatnonzero(run.trades.rows == bar).tolist():
            bought, price = float(run.trades.units[place]), float(run.trades.prices[place])
            units[run.trades.coins[place]] += bought * (0.999 if bought > 0 else 1)
            cash -= bought * price * (1 if bought > 0 else 0.999)
        worth.append(float(bars.prices[bar] @ units) + cash)
    assert run.equity.tolist() == pytest.approx(worth, rel=1e-12)
