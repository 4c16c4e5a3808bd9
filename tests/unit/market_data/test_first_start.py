"""The first start that the program offers really shows a rebalance soon, whoever is slow with the mouse."""

from datetime import timedelta

import pytest

import first_start_table
from rebalancer_gui.adapters.market_data.first_start import read_first_start
from rebalancer_gui.adapters.market_data.price_path import quote_spacing
from rebalancer_gui.adapters.market_data.replay import ReplayPrices, midnight
from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.errors import EnvironmentProblem

SHOWN_WITHIN = timedelta(seconds=12)
"""Wall time left for the market: the specification allows 30 s in all."""


@pytest.fixture(scope="module")
def first(resources):
    return read_first_start(resources / "demo" / "first_start.toml")


def course(history, first, targets, start, seed):
    spacing = quote_spacing(first.speed)
    return first_start_table.follow(ReplayPrices(history, seed), targets, start, first.threshold, spacing=spacing)


@pytest.mark.rule("3a.8")
def test_the_default_speed_is_six_hours_a_second(first):
    assert first.speed == 6 * 3600


@pytest.mark.rule("3a.9")
def test_the_first_start_breaches_within_three_days_and_goes_on_rebalancing(first, resources, history):
    start = midnight(first.start_date)
    targets = first_start_table.preset_targets(resources, history, first.preset, start)
    assert 2 <= len(targets) <= 10
    for seed in (first.seed, 2, 3, 4, 5):
        found = course(history, first, targets, start, seed)
        assert found.first is not None
        assert found.first <= SHOWN_WITHIN * first.speed
        assert found.breaches >= 8


def test_whoever_creates_it_later_in_the_next_twenty_days_waits_no_longer(first, resources, history):
    for hours in range(0, 20 * 24, 30):
        start = midnight(first.start_date) + timedelta(hours=hours)
        targets = first_start_table.preset_targets(resources, history, first.preset, start)
        found = course(history, first, targets, start, first.seed)
        assert found.first is not None
        assert found.first <= SHOWN_WITHIN * first.speed, start


def test_a_half_and_half_portfolio_of_bitcoin_and_ether_breaches_soon_too(first, history):
    # What the program creates when it runs without a window and there is no strategy.
    found = course(history, first, equal_weights(["BTC", "ETH"]), midnight(first.start_date), first.seed)
    assert found.first is not None
    assert found.first <= SHOWN_WITHIN * first.speed


def test_history_for_half_a_year_of_returns_lies_before_the_start(first, resources, history):
    targets = first_start_table.preset_targets(resources, history, first.preset, midnight(first.start_date))
    assert all(len(history.closes(t.asset, first.start_date, 181)) == 181 for t in targets)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    (
        ('threshold = "1"', 'threshold = "0"', "threshold: must be above 0"),
        ('threshold = "1"', 'threshold = "51"', "threshold: A threshold of 51 % is not legal"),
        ("speed = 21600", "speed = 0", "speed: must be a whole number from 1 to 86400"),
        ("seed = 1", "seed = -1", "seed: must be"),
        ("seed = 1", "seed = 1\nsed = 2", "sed: is not a known key"),
    ),
)
def test_a_fault_in_the_file_is_named(resources, tmp_path, old, new, told):
    text = (resources / "demo" / "first_start.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "first_start.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(EnvironmentProblem) as caught:
        read_first_start(path)
    assert told in caught.value.message
