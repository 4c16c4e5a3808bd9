"""Candles as they come: with gaps, spikes, zeros, of different lengths. A clear message or a right result, never a wrong one."""

from __future__ import annotations

import math
from array import array
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.backtest.bars import Bars, make_bars
from rebalancer_gui.backtest.job import Job
from rebalancer_gui.backtest.simulate import simulate
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.strategy import RatioRule
from tests.unit.backtest.samples import BEGIN, DAY, HOUR, of, series

PAIR = ("BTC/USDT", "ETH/USDT")
DAY_S = 86_400


def pair(btc: CandleSeries, eth: CandleSeries) -> dict[str, CandleSeries]:
    return {"BTC/USDT": btc, "ETH/USDT": eth}


def eth(closes: list[float], opened: list[int] | None = None, timeframe: timedelta = DAY) -> CandleSeries:
    return series(closes, "ETH/USDT", timeframe, opened)


def refused(found: dict[str, CandleSeries], start: datetime | None = None) -> str:
    with pytest.raises(InvalidInput) as error:
        make_bars(found, PAIR, start=start)
    assert error.value.field == "candles"
    return error.value.message


def days(bars: Bars) -> list[int]:
    """Days since the first candle opened, by the bars' closes."""
    return [(at - BEGIN) // DAY_S - 1 for at in bars.times.tolist()]


def test_a_bar_is_known_at_its_close() -> None:
    bars = make_bars(of({"BTC": [1.0, 2.0], "ETH": [3.0, 4.0]}), PAIR)

    assert bars.times.tolist() == [BEGIN + DAY_S, BEGIN + 2 * DAY_S]
    assert bars.prices.tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert (bars.findings, bars.missing) == ((), 0)
    assert bars.at(0) == datetime(2021, 1, 2, tzinfo=UTC)


def test_a_gap_of_one_coin_is_a_gap_of_all_and_is_said() -> None:
    opened = [BEGIN + DAY_S * day for day in (0, 1, 3, 4)]
    bars = make_bars(pair(series([1.0] * 5), eth([2.0] * 4, opened)), PAIR)

    assert days(bars) == [0, 1, 3, 4]
    assert bars.missing == 1
    assert [f for f in bars.findings if "ETH/USDT: 1 bar of 5 missing" in f]


def test_an_outage_of_the_exchange_is_a_gap_of_all() -> None:
    opened = [BEGIN + DAY_S * day for day in (0, 1, 5, 6)]
    bars = make_bars(pair(series([1.0] * 4, opened=opened), eth([2.0] * 4, opened)), PAIR)

    assert days(bars) == [0, 1, 5, 6]
    assert bars.missing == 3
    assert len(bars.findings) == 2


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf, -math.inf])
def test_a_close_that_is_no_price_is_a_gap_and_is_said(bad: float) -> None:
    bars = make_bars(pair(series([1.0, bad, 1.0]), eth([2.0] * 3)), PAIR)

    assert days(bars) == [0, 2]
    assert "BTC/USDT: 1 bar with a close that is zero, negative or no number" in bars.findings[0]


def test_a_coin_with_a_shorter_history_shortens_the_test_and_is_named() -> None:
    bars = make_bars(pair(series([1.0] * 9), eth([2.0] * 3, [BEGIN + DAY_S * day for day in (4, 5, 6)])), PAIR)

    assert days(bars) == [4, 5, 6]
    assert bars.findings == (
        "Bars before 2021-01-06 00:00 UTC are left out: ETH/USDT has none yet.",
        "Bars after 2021-01-08 00:00 UTC are left out: ETH/USDT has no more.",
    )


@pytest.mark.parametrize("factor", [100.0, 0.01])
def test_a_listing_spike_is_cut_off_and_said(factor: float) -> None:
    closes = [2.0 * factor, 2.0, 2.1, 2.05, 2.2]
    bars = make_bars(pair(series([1.0] * 5), eth(closes)), PAIR)

    assert days(bars) == [1, 2, 3, 4]
    assert any("ETH/USDT" in finding and "listing spike" in finding for finding in bars.findings)
    run = simulate(Job(bars, (50.0, 50.0), RatioRule(Decimal(50)), 100.0))
    assert run.final_value == pytest.approx(50.0 + 50.0 * 2.2 / 2.0)


def test_a_coin_that_really_moved_much_is_left_alone() -> None:
    bars = make_bars(pair(series([1.0] * 4), eth([2.0, 30.0, 1.9, 2.0])), PAIR)

    assert days(bars) == [0, 1, 2, 3]
    assert bars.findings == ()


def test_candles_out_of_order_or_twice_are_refused() -> None:
    late = [BEGIN, BEGIN + 2 * DAY_S, BEGIN + DAY_S]
    twice = [BEGIN, BEGIN + DAY_S, BEGIN + DAY_S]
    for opened in (late, twice):
        assert "not in the order of time" in refused(pair(series([1.0] * 3), eth([2.0] * 3, opened)))


def test_candles_of_another_time_zone_that_never_meet_are_refused() -> None:
    shifted = [BEGIN + DAY_S * day + 8 * 3600 for day in range(4)]
    said = refused(pair(series([1.0] * 4), eth([2.0] * 4, shifted)))

    assert "no bar at which every coin has a price" in said
    assert "time zones" in said


def test_candles_of_another_length_are_refused() -> None:
    hours = [BEGIN + 3600 * hour for hour in range(48)]
    said = refused(pair(series([1.0] * 4), eth([2.0] * 48, hours, HOUR)))

    assert "all coins need candles of the same length" in said


def test_one_bar_or_none_is_refused() -> None:
    assert "only 1 bar" in refused(of({"BTC": [1.0], "ETH": [2.0]}))
    assert "There are no candles of ETH/USDT" in refused(of({"BTC": [1.0, 2.0]}))
    assert "There are no candles of ETH/USDT" in refused(pair(series([1.0, 2.0]), eth([])))
    assert "no candle with a good price of ETH/USDT" in refused(of({"BTC": [1.0, 2.0], "ETH": [0.0, math.nan]}))


def test_coins_without_a_time_in_common_are_refused() -> None:
    later = [BEGIN + DAY_S * day for day in (10, 11, 12)]
    said = refused(pair(series([1.0] * 4), eth([2.0] * 3, later)))

    assert "no time in common: BTC/USDT ends" in said


def test_a_range_asked_for_bounds_the_openings() -> None:
    found = of({"BTC": [1.0, 2.0, 3.0, 4.0, 5.0], "ETH": [2.0] * 5})
    second, fourth = datetime(2021, 1, 2, tzinfo=UTC), datetime(2021, 1, 4, tzinfo=UTC)

    bars = make_bars(found, PAIR, start=second, end=fourth)

    assert bars.prices[:, 0].tolist() == [2.0, 3.0, 4.0]
    assert "in the range asked for" in refused(found, start=datetime(2030, 1, 1, tzinfo=UTC))


def test_two_coins_on_two_bars_are_enough() -> None:
    bars = make_bars(of({"BTC": [1.0, 3.0], "ETH": [1.0, 1.0]}), PAIR)
    run = simulate(Job(bars, (50.0, 50.0), RatioRule(Decimal(1)), 100.0))

    assert (run.final_value, run.rebalances.tolist()) == (200.0, [1])


def test_candles_of_other_symbols_are_no_matter() -> None:
    found = of({"BTC": [1.0, 2.0], "ETH": [2.0, 2.0], "SOL": [0.0, math.nan]})

    assert make_bars(found, PAIR).symbols == PAIR


def test_a_symbol_that_is_only_watched_may_have_gaps() -> None:
    found = of({"BTC": [1.0] * 4, "ETH": [2.0] * 4}) | {
        "SOL/USDT": series([7.0, 9.0], "SOL/USDT", opened=[BEGIN + DAY_S, BEGIN + 3 * DAY_S])
    }
    bars = make_bars(found, PAIR, ("SOL/USDT",))

    assert [None if math.isnan(p) else p for p in bars.watched["SOL/USDT"].tolist()] == [None, 7.0, None, 9.0]


def test_the_columns_of_the_candles_are_not_changed() -> None:
    btc = series([100.0, 1.0, 1.0, 1.0, 0.0])
    before = array("d", btc.closes)
    make_bars(pair(btc, eth([2.0] * 5)), PAIR)

    assert btc.closes == before
