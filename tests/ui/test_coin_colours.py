from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.ui.coin_colours import CoinColours

ASSETS = st.lists(st.sampled_from(["BTC", "ETH", "BNB", "SOL", *"ABCDEFGHIJKLMN"]), unique=True, max_size=10)


def test_the_four_fixed_coins_have_their_slots_always():
    colours = CoinColours({"BTC": 9})
    assert [colours.preferred(asset) for asset in ("SOL", "BNB", "ETH", "BTC")] == [4, 3, 2, 1]
    assert colours.mapping == {}


def test_other_coins_get_five_to_ten_in_turn_and_keep_them():
    colours = CoinColours()
    assert [colours.preferred(asset) for asset in "ABCDEFG"] == [5, 6, 7, 8, 9, 10, 5]
    assert colours.preferred("C") == 7


def test_the_mapping_is_saved_when_a_coin_is_new_and_read_at_the_next_start():
    saved: list[Mapping[str, int]] = []
    colours = CoinColours({"XRP": 8}, saved.append)
    assert colours.preferred("XRP") == 8
    assert saved == []
    assert colours.preferred("ADA") == 6
    assert saved == [{"XRP": 8, "ADA": 6}]
    assert CoinColours(saved[-1]).preferred("ADA") == 6


def test_impossible_stored_slots_are_ignored():
    assert CoinColours({"XRP": 0, "ADA": 11, "DOT": 3}).mapping == {}


def test_in_a_conflict_the_later_coin_takes_the_nearest_free_slot_for_as_long_as_it_is_in_there():
    colours = CoinColours({"XRP": 6, "ADA": 6})
    assert colours.for_coins(["XRP", "ADA"]) == {"XRP": 6, "ADA": 5}
    assert colours.for_coins(["ADA", "BTC"]) == {"ADA": 6, "BTC": 1}
    assert colours.preferred("ADA") == 6


def test_nobody_loses_the_slot_it_prefers_to_one_who_evades():
    colours = CoinColours({"XRP": 6, "ADA": 6, "DOT": 5})
    assert colours.for_coins(["XRP", "ADA", "DOT"]) == {"XRP": 6, "ADA": 7, "DOT": 5}


def test_more_coins_than_slots_are_refused():
    with pytest.raises(ValueError, match="at most 10"):
        CoinColours().for_coins([f"C{i}" for i in range(11)])


@given(ASSETS)
def test_no_two_coins_of_a_strategy_share_a_colour(assets: list[str]):
    slots = CoinColours().for_coins(assets)
    assert list(slots) == assets
    assert len(set(slots.values())) == len(assets)
    assert all(1 <= slot <= 10 for slot in slots.values())


@given(ASSETS, ASSETS)
def test_a_coin_without_conflict_looks_the_same_in_every_strategy(one: list[str], other: list[str]):
    colours = CoinColours()
    for assets in (one, other):
        slots = colours.for_coins(assets)
        for asset in assets:
            rivals = [rival for rival in assets if colours.preferred(rival) == colours.preferred(asset)]
            if rivals[0] == asset:
                assert slots[asset] == colours.preferred(asset)
