"""Coins and weights of a draft: who keeps what when something changes."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.domain.money import HUNDRED
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.ui.create.weights import Allocation, Distribution, MarketCaps

CAPS = MarketCaps({"BTC": Decimal(700), "ETH": Decimal(200), "SOL": Decimal(100)}, date(2021, 5, 13), "CoinGecko")


def weights(allocation: Allocation) -> dict[str, str]:
    return {coin.asset: str(coin.weight) for coin in allocation.coins}


def test_three_equal_coins_add_up_to_exactly_one_hundred():
    allocation = Allocation().with_added(["BTC", "ETH", "SOL"])
    assert weights(allocation) == {"BTC": "33.34", "ETH": "33.33", "SOL": "33.33"}
    assert allocation.left == 0


def test_a_coin_that_is_in_already_is_not_added_twice():
    allocation = Allocation().with_added(["BTC", "ETH"])
    assert allocation.with_added(["ETH"]) == allocation
    assert allocation.with_added(["SOL", "SOL", "BTC"]).assets == ("BTC", "ETH", "SOL")


def test_typing_a_weight_makes_the_weights_the_users_own():
    allocation = Allocation().with_added(["BTC", "ETH"]).with_weight("BTC", Decimal(62))
    assert allocation.distribution is Distribution.CUSTOM
    assert weights(allocation)["ETH"] == "50.00"
    assert allocation.left == Decimal(-12)


def test_writing_the_same_weight_again_changes_nothing():
    allocation = Allocation().with_added(["BTC", "ETH"])
    assert allocation.with_weight("BTC", Decimal(50)) is allocation


def test_a_locked_weight_stays_when_the_others_are_shared_out():
    allocation = Allocation().with_added(["BTC", "ETH", "SOL"]).with_weight("BTC", Decimal(60))
    allocation = allocation.with_lock("BTC", locked=True).with_distribution(Distribution.EQUAL)
    assert weights(allocation) == {"BTC": "60", "ETH": "20.00", "SOL": "20.00"}
    assert weights(allocation.without("SOL")) == {"BTC": "60", "ETH": "40.00"}


def test_the_rest_is_shared_in_proportion_and_locks_hold():
    allocation = Allocation().with_targets(
        [Target("BTC", Decimal(50)), Target("ETH", Decimal(20)), Target("SOL", Decimal(10))]
    )
    shared = allocation.with_lock("BTC", locked=True).with_rest_shared()
    assert weights(shared) == {"BTC": "50", "ETH": "33.33", "SOL": "16.67"}


def test_the_rest_cannot_be_shared_when_everything_is_locked():
    allocation = Allocation().with_targets([Target("BTC", Decimal(50)), Target("ETH", Decimal(40))])
    for asset in ("BTC", "ETH"):
        allocation = allocation.with_lock(asset, locked=True)
    assert allocation.left == 10
    assert not allocation.can_share_rest


def test_too_much_is_brought_down_to_one_hundred():
    allocation = Allocation().with_targets([Target("BTC", Decimal(90)), Target("ETH", Decimal(60))])
    assert allocation.can_share_rest
    assert weights(allocation.with_rest_shared()) == {"BTC": "60.00", "ETH": "40.00"}


def test_removing_a_coin_leaves_its_custom_weight_to_give():
    allocation = Allocation().with_targets(
        [Target("BTC", Decimal(50)), Target("ETH", Decimal(38)), Target("SOL", Decimal(12))]
    )
    assert allocation.without("SOL").left == Decimal(12)


def test_removing_a_coin_from_equal_weights_gives_the_others_its_share():
    assert weights(Allocation().with_added(["BTC", "ETH", "SOL"]).without("ETH")) == {"BTC": "50.00", "SOL": "50.00"}


def test_custom_gives_new_coins_what_is_left():
    allocation = Allocation().with_targets([Target("BTC", Decimal(80))]).with_added(["ETH", "SOL"])
    assert weights(allocation) == {"BTC": "80", "ETH": "10.00", "SOL": "10.00"}


def test_by_market_cap_waits_for_the_answer_then_follows_it():
    allocation = Allocation().with_added(["BTC", "ETH", "SOL"]).with_distribution(Distribution.MARKET_CAP)
    assert allocation.waits_for_caps
    allocation = allocation.with_caps(CAPS)
    assert weights(allocation) == {"BTC": "70.00", "ETH": "20.00", "SOL": "10.00"}
    assert not allocation.waits_for_caps


def test_a_coin_without_market_cap_is_named_and_keeps_nothing():
    allocation = Allocation().with_added(["BTC", "ETH", "XYZ"]).with_distribution(Distribution.MARKET_CAP)
    allocation = allocation.with_caps(CAPS)
    assert weights(allocation) == {"BTC": "77.78", "ETH": "22.22", "XYZ": "0"}
    assert allocation.without_cap == ("XYZ",)


def test_a_very_small_coin_still_gets_the_smallest_weight():
    caps = MarketCaps({"BTC": Decimal(10_000_000), "DUST": Decimal(1)}, None, "test")
    allocation = Allocation().with_added(["BTC", "DUST"]).with_distribution(Distribution.MARKET_CAP).with_caps(caps)
    assert weights(allocation) == {"BTC": "99.99", "DUST": "0.01"}


def test_market_caps_that_come_too_late_change_nothing():
    allocation = Allocation().with_added(["BTC", "ETH"]).with_weight("BTC", Decimal(10))
    assert allocation.with_caps(CAPS) == allocation


def test_an_unreadable_weight_counts_as_nothing():
    allocation = Allocation().with_added(["BTC", "ETH"]).with_weight("BTC", None)
    assert not allocation.readable
    assert allocation.left == 50


@given(
    st.lists(st.decimals("0.01", "100", places=2), min_size=2, max_size=10),
    st.lists(st.booleans(), min_size=10, max_size=10),
)
def test_sharing_the_rest_adds_up_to_one_hundred_and_moves_no_lock(shares, locks):
    allocation = Allocation().with_targets([Target(f"C{i}", share) for i, share in enumerate(shares)])
    for coin, locked in zip(allocation.coins, locks, strict=False):
        allocation = allocation.with_lock(coin.asset, locked=locked)
    shared = allocation.with_rest_shared()
    if shared is not allocation:
        assert shared.given == HUNDRED
        assert all(coin.weight is not None and coin.weight > 0 for coin in shared.coins)
    before = {coin.asset: coin.weight for coin in allocation.coins if coin.locked}
    assert {coin.asset: coin.weight for coin in shared.coins if coin.locked} == before


@pytest.mark.parametrize("distribution", (Distribution.EQUAL, Distribution.MARKET_CAP))
def test_locks_worth_more_than_everything_leave_the_others_nothing(distribution):
    allocation = Allocation().with_targets(
        [Target("BTC", HUNDRED), Target("ETH", Decimal(20)), Target("SOL", Decimal(5))]
    )
    for asset in ("BTC", "ETH"):
        allocation = allocation.with_lock(asset, locked=True)
    allocation = allocation.with_distribution(distribution).with_caps(CAPS)
    assert weights(allocation) == {"BTC": "100", "ETH": "20", "SOL": "0.00"}
