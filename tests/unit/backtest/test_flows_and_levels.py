"""Money in and out during a backtest, and the levels that begin and end one (BEHAVIOUR.md sections 5 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.backtest.bars import make_bars
from rebalancer_gui.backtest.job import Costs, Flow, Job, MarketLimit
from rebalancer_gui.backtest.metrics import hodl_index
from rebalancer_gui.backtest.simulate import simulate
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.strategy import Basis, EndReason, Level, RatioRule, Trigger
from tests.unit.backtest.samples import BEGIN, bars_of, of

NEVER = RatioRule(Decimal(50))
SECONDS_A_DAY = 86_400


def close_of(bar: int) -> int:
    return BEGIN + SECONDS_A_DAY * (bar + 1)


def job_of(first: Sequence[float], second: Sequence[float], investment: float = 800.0, rule=NEVER, **more) -> Job:
    return Job(bars_of({"BTC": first, "BNB": second}), (50.0, 50.0), rule, investment, **more)


def refused(job: Job) -> InvalidInput:
    with pytest.raises(InvalidInput) as error:
        simulate(job)
    return error.value


@pytest.mark.rule("5.2", "12.3")
def test_an_addition_is_a_full_rebalance_on_what_is_there_then() -> None:
    job = job_of([1.0, 1.125], [1.0, 1.375], flows=(Flow(close_of(1), 1000.0),))

    run = simulate(job)

    # 450 and 550 plus 1,000: buys of 550 and 450, no sell.
    assert run.trades.rows.tolist() == [0, 0, 1, 1]
    assert run.trades.values[2:].tolist() == pytest.approx([550.0, 450.0])
    assert (run.trades.units[2:] > 0).all()
    assert run.equity.tolist() == pytest.approx([800.0, 2000.0])
    assert (run.added, run.removed, len(run.rebalances)) == (1800.0, 0.0, 0)


@pytest.mark.rule("5.3", "12.4")
def test_a_removal_sells_by_target_weights_and_drops_what_is_too_small() -> None:
    bars = bars_of({"XRP": [1.0, 10 / 19.5], "ETH": [1.0, 100 / 97.5], "BNB": [1.0, 280 / 273]})
    limits = (MarketLimit(min_notional=10.0),) * 3
    job = Job(bars, (5.0, 25.0, 70.0), NEVER, 390.0, limits=limits, flows=(Flow(close_of(1), -50.0),))

    run = simulate(job)

    # Holding 10 / 100 / 280: legs of 2.5 / 12.5 / 35, XRP dropped; 47.5 comes out.
    assert run.trades.coins[3:].tolist() == [1, 2]
    assert run.trades.values[3:].tolist() == pytest.approx([12.5, 35.0])
    assert run.removed == pytest.approx(47.5)
    assert run.final_value == pytest.approx(342.5)


@pytest.mark.rule("5.3b")
def test_a_removal_brings_its_money_net_of_fees_and_moves_no_profit() -> None:
    job = job_of([1.0, 1.0, 2.0], [1.0, 1.0, 2.0], costs=Costs(0.01), flows=(Flow(close_of(1), -100.0),))

    run = simulate(job)

    assert run.removed == pytest.approx(99.0)
    # The index falls by the fees only, then doubles.
    assert run.index[2] == pytest.approx(2 * run.index[1])
    assert run.index[1] == pytest.approx(792.0 / 800 * 791 / 792)
    assert run.max_drawdown < 0.2
    assert hodl_index(run)[2] == pytest.approx(2 * hodl_index(run)[1])


def test_the_hodl_line_has_the_same_flows() -> None:
    flows = (Flow(close_of(1), 300.0), Flow(close_of(2), -110.0))
    run = simulate(job_of([1.0, 2.0, 2.0], [1.0, 1.0, 1.0], flows=flows))

    # 400 + 400 units; 300 more buys 75 and 150; then as much as came out leaves, the same share of each coin.
    assert run.hodl[1] == pytest.approx(1500.0)
    assert run.hodl[2] == pytest.approx(1500.0 - run.removed)
    assert run.flows_so_far.tolist() == pytest.approx([800.0, 1100.0, 1100.0 - run.removed])


def test_a_flow_happens_at_the_first_bar_that_closes_then_or_later() -> None:
    run = simulate(job_of([1.0] * 4, [1.0] * 4, flows=(Flow(close_of(1) + 1, 100.0), Flow(close_of(3) + 1, 100.0))))

    assert run.equity.tolist() == pytest.approx([800.0, 800.0, 900.0, 900.0])
    assert any("after the last bar" in finding for finding in run.findings)


def test_money_put_in_before_the_first_bar_is_part_of_the_start() -> None:
    run = simulate(job_of([1.0, 1.0], [1.0, 1.0], flows=(Flow(BEGIN - 5, 200.0),)))

    assert run.equity.tolist() == pytest.approx([1000.0, 1000.0])
    assert (run.added, run.hodl_value) == pytest.approx((1000.0, 1000.0))
    assert len(run.trades) == 2


@pytest.mark.rule("5.4b")
def test_a_removal_that_leaves_too_little_is_refused() -> None:
    error = refused(
        job_of([1.0] * 2, [1.0] * 2, flows=(Flow(close_of(1), -790.0),), limits=(MarketLimit(0, 0, 10.0),) * 2)
    )

    assert error.field == "flows"
    assert "at most 780 can be" in error.message


def test_a_flow_of_nothing_is_refused() -> None:
    assert refused(job_of([1.0] * 2, [1.0] * 2, flows=(Flow(close_of(1), 0.0),))).field == "flows"


@pytest.mark.rule("6.3b", "6.2", "6.2c")
def test_one_bar_at_the_stop_loss_sells_all_and_ends_it() -> None:
    stop = Level(Basis.PRICE, Decimal("0.8"), "BTC/USDT")
    run = simulate(job_of([1.0, 0.9, 0.8, 5.0], [1.0] * 4, stop_loss=stop))

    assert run.end is EndReason.STOP_LOSS
    assert run.equity.tolist() == pytest.approx([800.0, 760.0, 720.0])
    assert run.trades.rows.tolist() == [0, 0, 2, 2]
    assert run.trades.units[2:].tolist() == pytest.approx([-400.0, -400.0])


def test_without_sell_all_the_coins_are_kept_and_it_ends_all_the_same() -> None:
    stop = Level(Basis.PRICE, Decimal("0.8"), "BTC/USDT")
    run = simulate(job_of([1.0, 0.9, 0.8, 5.0], [1.0] * 4, stop_loss=stop, sell_all=False))

    assert (run.end, len(run.trades), len(run.equity)) == (EndReason.STOP_LOSS, 2, 3)


@pytest.mark.rule("6.3b")
def test_bars_of_seconds_need_three_in_a_row() -> None:
    prices = [1.0, 0.7, 0.7, 0.9, 0.7, 0.7, 0.7, 0.9]
    bars = make_bars(of({"BTC": prices, "BNB": [1.0] * 8}, timedelta(seconds=5)), ("BTC/USDT", "BNB/USDT"))
    stop = Level(Basis.PRICE, Decimal("0.8"), "BTC/USDT")

    run = simulate(Job(bars, (50.0, 50.0), NEVER, 800.0, stop_loss=stop))

    assert (run.end, len(run.equity)) == (EndReason.STOP_LOSS, 7)


@pytest.mark.rule("6.2b")
def test_a_level_on_the_return_leaves_money_put_in_aside() -> None:
    take = Level(Basis.RETURN, Decimal(40))
    job = job_of(
        [1.0, 1.2, 1.2, 1.39, 1.41], [1.0, 1.2, 1.2, 1.39, 1.41], take_profit=take, flows=(Flow(close_of(2), 5000.0),)
    )

    run = simulate(job)

    assert (run.end, len(run.equity)) == (EndReason.TAKE_PROFIT, 5)
    assert run.final_value == pytest.approx((800 * 1.2 + 5000) * 1.41 / 1.2)


def test_the_level_is_looked_at_before_the_rule_trades_on_the_same_bar() -> None:
    stop = Level(Basis.PRICE, Decimal("0.8"), "BTC/USDT")
    run = simulate(job_of([1.0, 1.0, 0.5], [1.0] * 3, rule=RatioRule(Decimal(1)), stop_loss=stop))

    assert (len(run.rebalances), run.trades.rows.tolist()) == (0, [0, 0, 2, 2])


def test_a_level_between_two_checks_ends_it_before_the_second() -> None:
    stop = Level(Basis.RETURN, Decimal(-10))
    job = job_of([1.0, 0.7, 1.0, 1.5], [1.0] * 4, rule=RatioRule(Decimal(8)), stop_loss=stop)

    run = simulate(job)

    assert (run.end, len(run.equity), len(run.rebalances)) == (EndReason.STOP_LOSS, 2, 0)


@pytest.mark.rule("6.1")
def test_a_trigger_is_waited_for_from_the_side_it_was_on() -> None:
    rising = job_of([1.0, 1.1, 1.3, 2.6], [1.0] * 4, trigger=Trigger("BTC/USDT", Decimal("1.2")))
    falling = job_of([1.0, 1.1, 0.5, 1.0], [1.0] * 4, trigger=Trigger("BTC/USDT", Decimal("0.6")))

    run, other = simulate(rising), simulate(falling)

    assert (run.built, other.built) == (2, 2)
    assert run.equity.tolist() == pytest.approx([800.0, 800.0, 800.0, 1200.0])
    assert run.hodl.tolist() == pytest.approx([800.0, 800.0, 800.0, 1200.0])


def test_a_trigger_that_is_never_reached_leaves_the_money_where_it_is() -> None:
    run = simulate(
        job_of([1.0, 1.1], [1.0] * 2, trigger=Trigger("BTC/USDT", Decimal(5)), flows=(Flow(close_of(1), 50.0),))
    )

    assert (run.built, len(run.trades), run.final_value, run.hodl_value) == (-1, 0, 850.0, 850.0)
    assert any("never reached" in finding for finding in run.findings)


@pytest.mark.rule("6.5")
def test_a_level_that_would_fire_at_once_is_refused() -> None:
    job = job_of([1.0, 1.1], [1.0] * 2)
    for field, change in (
        ("trigger", {"trigger": Trigger("BTC/USDT", Decimal(1))}),
        ("stop_loss", {"stop_loss": Level(Basis.PRICE, Decimal(1), "BTC/USDT")}),
        ("take_profit", {"take_profit": Level(Basis.PRICE, Decimal("0.5"), "BTC/USDT")}),
        ("stop_loss", {"stop_loss": Level(Basis.RETURN, Decimal(0))}),
        ("take_profit", {"take_profit": Level(Basis.RETURN, Decimal(-1))}),
    ):
        assert refused(replace(job, **change)).field == field


def test_a_symbol_that_is_watched_needs_no_place_in_the_portfolio() -> None:
    found = of({"BTC": [1.0, 1.0, 1.0], "BNB": [1.0] * 3, "SOL": [9.0, 5.0, 9.0]})
    bars = make_bars(found, ("BTC/USDT", "BNB/USDT"), ("SOL/USDT",))
    stop = Level(Basis.PRICE, Decimal(6), "SOL/USDT")

    run = simulate(Job(bars, (50.0, 50.0), NEVER, 800.0, stop_loss=stop))

    assert (run.end, len(run.equity)) == (EndReason.STOP_LOSS, 2)
    with pytest.raises(InvalidInput) as error:
        Job(bars_of({"BTC": [1.0, 1.0], "BNB": [1.0, 1.0]}), (50.0, 50.0), NEVER, 800.0, stop_loss=stop)
    assert error.value.field == "stop_loss"


def test_checks_after_the_end_are_not_counted_as_blocked() -> None:
    # Over the threshold from the second bar on, with orders that are all too small; the stop-loss fires on the fourth.
    stop = Level(Basis.PRICE, Decimal("0.98"), "BNB/USDT")
    limits = (MarketLimit(min_notional=100.0),) * 2
    job = job_of(
        [1.0, 1.1, 1.1, 1.1, 1.1, 1.1], [1.0, 1.0, 1.0, 0.98, 1.0, 1.0], rule=RatioRule(Decimal(1)), limits=limits
    )

    assert simulate(job).blocked == 5
    assert simulate(replace(job, stop_loss=stop)).blocked == 2
