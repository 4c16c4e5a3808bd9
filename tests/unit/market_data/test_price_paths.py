"""Replay and random walk: the same at every speed, exact at midnight, no look-ahead, of the right size."""

import itertools
import math
import random
import statistics
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.market_data.bridge import CorrelatedBridges, bridge, hash_key, keyed_normal
from rebalancer_gui.adapters.market_data.history import DailyHistory
from rebalancer_gui.adapters.market_data.price_path import next_quote_at, quote_spacing
from rebalancer_gui.adapters.market_data.random_walk import RandomWalkPrices, walk_after
from rebalancer_gui.adapters.market_data.replay import CORRELATION, STABLE_VOLATILITY, ReplayPrices
from rebalancer_gui.domain.errors import InvalidInput

START = datetime(2021, 2, 16, tzinfo=UTC)
COINS = ("BTC", "ETH", "UNI", "USDC")
EXPECTED_AT_SEED_1 = {"BTC": Decimal("48566.2474261"), "ETH": Decimal("1799.09199263"), "SOL": Decimal("8.83942653034")}


def grid(start: datetime, step: timedelta, count: int) -> list[datetime]:
    return [start + k * step for k in range(count)]


def walk(seed: int = 7, **volatility: float) -> RandomWalkPrices:
    chosen = volatility or {"AAA": 0.04, "BBB": 0.05}
    return RandomWalkPrices(seed, START, dict.fromkeys(chosen, Decimal(100)), chosen, 0.7)


def returns(values: list[float]) -> list[float]:
    return [math.log(later / earlier) for earlier, later in itertools.pairwise(values)]


# ------------------------------------------------------------------------------------------------------- the replay


def test_the_replay_passes_through_every_daily_price(history):
    path = ReplayPrices(history, 1)
    for day in grid(START, timedelta(days=1), 40):
        for coin in COINS:
            assert path.price(coin, day) == history.price(coin, day.date())


def test_the_path_closes_on_the_daily_price_without_a_jump(history):
    path = ReplayPrices(history, 1)
    for midnight in grid(START, timedelta(days=1), 20):
        for moment in (midnight - timedelta(microseconds=1), midnight + timedelta(microseconds=1)):
            near, at = path.price("BTC", moment), path.price("BTC", midnight)
            assert near is not None
            assert at is not None
            assert abs(near / at - 1) < Decimal("0.00001")


@pytest.mark.rule("3a.2")
def test_the_order_of_asking_does_not_matter(history):
    questions = [(coin, t) for coin in COINS for t in grid(START, timedelta(minutes=37), 200)]
    forward = {q: ReplayPrices(history, 5).price(*q) for q in questions}
    path = ReplayPrices(history, 5)
    shuffled = list(questions)
    random.Random(3).shuffle(shuffled)
    assert {q: path.price(*q) for q in shuffled} == forward


@pytest.mark.rule("3a.2")
def test_a_slow_and_a_fast_feed_see_the_same_prices_where_they_meet(history):
    slow, fast = ReplayPrices(history, 5), ReplayPrices(history, 5)
    seen_slowly = {t: slow.price("ETH", t) for t in grid(START, timedelta(seconds=2), 43_200 // 4)}
    met = [t for t in grid(START, timedelta(minutes=90), 16) if t in seen_slowly]
    assert len(met) == 4
    assert all(fast.price("ETH", t) == seen_slowly[t] for t in met)


def test_other_seeds_make_other_days_between_the_same_midnights(history):
    noon = START + timedelta(hours=12)
    assert len({ReplayPrices(history, seed).price("BTC", noon) for seed in range(20)}) == 20


def test_the_price_of_one_seed_is_the_same_on_every_machine_and_in_every_release(history):
    # A changed number here means that running demos would jump after an update.
    path = ReplayPrices(history, 1)
    at = datetime(2021, 2, 16, 7, 30, 15, tzinfo=UTC)
    found = {coin: path.price(coin, at) for coin in ("BTC", "ETH", "SOL")}
    for coin, price in found.items():
        assert price is not None
        assert abs(price / EXPECTED_AT_SEED_1[coin] - 1) < Decimal("1e-10")


def test_later_rows_change_nothing_before_their_day(history, tmp_path):
    cut = date(2021, 3, 1)
    for name in ("daily_prices.csv", "daily_market_caps.csv"):
        lines = (history._folder / name).read_text(encoding="ascii").splitlines()
        changed = [_scrambled(line) if line[:10] > cut.isoformat() and line[0] == "2" else line for line in lines]
        (tmp_path / name).write_text("\n".join(changed) + "\n", encoding="ascii")
    other = DailyHistory(tmp_path)
    assert other.price("BTC", date(2021, 3, 2)) != history.price("BTC", date(2021, 3, 2))
    true_path, false_path = ReplayPrices(history, 1), ReplayPrices(other, 1)
    end = datetime(2021, 3, 1, tzinfo=UTC)
    for t in grid(end - timedelta(days=10), timedelta(minutes=90), 161):
        for coin in COINS:
            assert true_path.price(coin, t) == false_path.price(coin, t)


def _scrambled(line: str) -> str:
    day, *cells = line.split(",")
    return ",".join([day, *(str((n + 2) * Decimal(cell)) if cell else "" for n, cell in enumerate(cells))])


def test_the_replay_stops_at_the_last_common_day(history):
    path = ReplayPrices(history, 1)
    end = path.end(history.coins)
    assert end == datetime(2022, 9, 10, tzinfo=UTC)
    for coin in history.coins:
        assert path.price(coin, end) is not None
        assert path.price(coin, end + timedelta(seconds=1)) is None


@pytest.mark.rule("3.4d")
def test_there_is_no_price_inside_a_day_that_lacks_an_end(tmp_path):
    (tmp_path / "daily_prices.csv").write_text(
        "date,BTC,USDT\n2021-01-01,100,1\n2021-01-02,,1\n2021-01-03,110,1\n2021-01-04,111,1\n", encoding="ascii"
    )
    path = ReplayPrices(DailyHistory(tmp_path), 1)
    noon = timedelta(hours=12)
    first = datetime(2021, 1, 1, tzinfo=UTC)
    assert [path.price("BTC", first + timedelta(days=n)) is None for n in range(4)] == [False, True, False, False]
    assert [path.price("BTC", first + timedelta(days=n) + noon) is None for n in range(4)] == [True, True, False, True]


def test_moves_inside_a_day_are_as_large_as_the_daily_returns_say_and_correlated(history):
    moves: dict[str, list[float]] = {"BTC": [], "ETH": []}
    for seed in range(40):
        path = ReplayPrices(history, seed)
        for coin, found in moves.items():
            prices = [path.price(coin, t) for t in grid(START, timedelta(minutes=90), 17)]
            found.extend(returns([float(p) for p in prices if p is not None]))
    for coin, found in moves.items():
        expected = ReplayPrices(history, 0).volatility(coin, START.date()) / 4
        assert 0.85 * expected < statistics.pstdev(found) < 1.15 * expected
    assert abs(statistics.correlation(moves["BTC"], moves["ETH"]) - CORRELATION) < 0.08


def test_dollar_coins_hardly_move_inside_a_day(history):
    path = ReplayPrices(history, 1)
    assert path.volatility("USDC", START.date()) == STABLE_VOLATILITY
    prices = [path.price("USDC", t) for t in grid(START, timedelta(minutes=10), 145)]
    steps = [abs(step) for step in returns([float(p) for p in prices if p is not None])]
    assert max(steps) < 0.0005


def test_a_new_coin_starts_with_the_usual_volatility(history):
    assert ReplayPrices(history, 1).volatility("UNI", date(2020, 9, 18)) == pytest.approx(0.05)


# ------------------------------------------------------------------------------------------------------- the bridges


def test_a_bridge_is_zero_at_midnight_and_has_the_variance_of_a_brownian_bridge():
    keys = [hash_key(seed, "x") for seed in range(3000)]
    assert bridge(keys[0], 5, 0.0) == 0.0
    for fraction in (0.25, 0.5, 0.8):
        values = [bridge(key, 5, fraction) for key in keys]
        assert abs(statistics.fmean(values)) < 0.04
        assert abs(statistics.pvariance(values) / (fraction * (1 - fraction)) - 1) < 0.12


def test_neighbouring_points_of_a_bridge_are_near_and_increments_do_not_repeat():
    key = hash_key(1, "x")
    values = [bridge(key, 5, k / 4096) for k in range(4096)]
    steps = [later - earlier for earlier, later in itertools.pairwise(values)]
    assert abs(statistics.pvariance(steps) * 4096 - 1) < 0.1
    assert abs(statistics.correlation(steps[:-1], steps[1:])) < 0.06
    assert len(set(steps)) == len(steps)


def test_keyed_normals_are_standard():
    values = [keyed_normal(hash_key(1, "x"), n) for n in range(4000)]
    assert abs(statistics.fmean(values)) < 0.06
    assert abs(statistics.pstdev(values) - 1) < 0.05


@pytest.mark.parametrize("correlation", (-0.1, 1.1))
def test_an_impossible_correlation_is_refused(correlation):
    with pytest.raises(ValueError, match="between 0 and 1"):
        CorrelatedBridges(1, correlation)


# --------------------------------------------------------------------------------------------------- the random walk


def test_a_walk_starts_at_the_given_price_and_has_none_before():
    path = walk()
    assert path.price("AAA", START) == Decimal(100)
    assert path.price("AAA", START - timedelta(microseconds=1)) is None
    assert path.price("ZZZ", START) is None


def test_a_walk_does_not_depend_on_the_order_of_asking():
    moments = [START + timedelta(hours=7 * k) for k in range(300)]
    backward = walk()
    found = {t: backward.price("AAA", t) for t in reversed(moments)}
    forward = walk()
    assert {t: forward.price("AAA", t) for t in moments} == found


def test_a_walk_does_not_depend_on_which_other_coins_walk_along():
    alone, together = walk(AAA=0.04), walk(AAA=0.04, BBB=0.05, CCC=0.01)
    for t in grid(START, timedelta(hours=5), 60):
        assert alone.price("AAA", t) == together.price("AAA", t)


def test_a_walk_goes_on_for_years_and_stays_above_zero():
    price = walk().price("AAA", START + timedelta(days=3650, seconds=17))
    assert price is not None
    assert price > 0


def test_daily_moves_of_a_walk_have_the_given_size_and_correlation():
    path = walk()
    moves = {
        coin: returns([float(path.price(coin, t) or 0) for t in grid(START, timedelta(days=1), 1500)])
        for coin in ("AAA", "BBB")
    }
    assert abs(statistics.pstdev(moves["AAA"]) / 0.04 - 1) < 0.08
    assert abs(statistics.pstdev(moves["BBB"]) / 0.05 - 1) < 0.08
    assert abs(statistics.correlation(moves["AAA"], moves["BBB"]) - 0.7) < 0.06


def test_the_expected_price_of_a_walk_is_its_start_price():
    ends = [walk(seed).price("AAA", START + timedelta(days=30)) for seed in range(1500)]
    assert abs(statistics.fmean(float(end) for end in ends if end is not None) / 100 - 1) < 0.02


@pytest.mark.parametrize("price", ("0", "-1", "NaN", "Infinity"))
def test_a_walk_refuses_a_start_price_that_is_none(price):
    with pytest.raises(InvalidInput, match="AAA needs a start price"):
        RandomWalkPrices(1, START, {"AAA": Decimal(price)}, {"AAA": 0.1})


def test_a_walk_refuses_a_coin_without_volatility():
    with pytest.raises(InvalidInput, match="AAA needs a daily volatility"):
        RandomWalkPrices(1, START, {"AAA": Decimal(1)}, {})


def test_after_the_replay_a_walk_goes_on_from_its_last_prices(history):
    path = walk_after(history, ("BTC", "USDC"), 1)
    assert path is not None
    end = datetime(2022, 9, 10, tzinfo=UTC)
    assert path.start == end
    assert path.price("BTC", end) == history.price("BTC", end.date())
    later = path.price("USDC", end + timedelta(days=30))
    assert later is not None
    assert abs(later - 1) < Decimal("0.02")


def test_there_is_no_walk_after_a_replay_that_never_was(tmp_path: Path):
    (tmp_path / "daily_prices.csv").write_text("date,BTC,USDT\n2021-01-01,100,1\n", encoding="ascii")
    assert walk_after(DailyHistory(tmp_path), ("BTC", "ETH"), 1) is None


# -------------------------------------------------------------------------------------------------------- the spacing


@pytest.mark.parametrize(("speed", "seconds"), ((1, 2), (8, 2), (9, 2.25), (60, 15), (21_600, 5400), (86_400, 21_600)))
def test_quotes_are_a_quarter_of_a_second_apart_but_at_least_two_seconds_of_market_time(speed, seconds):
    assert quote_spacing(speed) == timedelta(seconds=seconds)


def test_quotes_lie_on_one_grid_whenever_a_run_begins():
    spacing = quote_spacing(21_600)
    assert next_quote_at(START, spacing) == START + timedelta(minutes=90)
    assert next_quote_at(START + timedelta(minutes=89, seconds=59), spacing) == START + timedelta(minutes=90)
    assert next_quote_at(START + timedelta(minutes=90), spacing) == START + timedelta(minutes=180)
