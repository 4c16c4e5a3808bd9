"""A look at a portfolio with other money or other targets is the look one would have taken anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rebalancer_gui.domain.market import STALE_AFTER, QuoteFault
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.valuation import Snapshot, take_snapshot, with_cash, with_targets
from tests.builders import NOON, d, quote, quotes, snapshot, targets

ONE = {"BTC": "1", "ETH": "1", "BNB": "1"}


def test_with_other_money_total_weights_and_drifts_follow() -> None:
    before = snapshot({"BTC": "450", "ETH": "550"}, ONE, {"BTC": 50, "ETH": 50}, cash=d(100))
    assert with_cash(before, d(1000)) == snapshot(
        {"BTC": "450", "ETH": "550"}, ONE, {"BTC": 50, "ETH": 50}, cash=d(1000)
    )
    assert with_cash(before, d(1000)).holding("BTC").weight == d("22.5")
    assert with_cash(with_cash(before, d(7)), d(100)) == before


def test_money_does_not_make_up_for_a_price_that_is_missing() -> None:
    unpriced = snapshot({"BTC": "450", "ETH": "550"}, {"BTC": "1"}, {"BTC": 50, "ETH": 50})
    assert with_cash(unpriced, d(1000)).total is None
    assert with_cash(unpriced, d(1000)).cash == 1000


def test_a_closed_market_leaves_the_part_that_has_prices_to_be_shown_and_nothing_to_be_decided() -> None:
    def look(closed: set[str], btc: int = 2) -> Snapshot:
        return take_snapshot(
            seq=1,
            at=NOON,
            quote_asset="USDT",
            targets=targets(BTC=50, ETH=50),
            quantities={"BTC": d(btc), "ETH": d(3)},
            cash=d(7),
            quotes=quotes({"ETH": "10"}) if closed else quotes({"BTC": "100"}),
            closed=frozenset(closed),
        )

    gone = look({"BTC/USDT"})
    assert (gone.priced_part, gone.unpriced, gone.total, gone.worst_drift) == (d(37), ("BTC",), None, None)
    assert gone.known_value is None
    empty = look({"BTC/USDT"}, btc=0)
    assert (empty.unpriced, empty.known_value, empty.total) == ((), d(37), None), "nothing is held that has no value"
    late = look(set())  # ETH has no price yet: that may come at any moment
    assert (late.priced_part, late.known_value, late.total) == (None, None, None)


@pytest.mark.rule("5.5")
def test_with_other_targets_what_left_is_kept_at_0_and_what_came_is_there_with_nothing() -> None:
    before = snapshot({"BTC": "450", "ETH": "550"}, ONE, {"BTC": 50, "ETH": 50}, cash=d(100))
    after = with_targets(before, targets(ETH=40, BNB=60), quotes({"BNB": "1"}))
    assert [(row.asset, row.quantity, row.target, row.drift) for row in after.holdings] == [
        ("ETH", d(550), d(40), d(10)),
        ("BNB", ZERO, d(60), d(-60)),
        ("BTC", d(450), ZERO, d(450) / 11),
    ]
    assert (after.total, after.cash, after.seq, after.at) == (d(1100), d(100), before.seq, before.at)


@pytest.mark.rule("5.5")
def test_a_coin_that_left_and_is_not_held_is_gone_at_once() -> None:
    before = snapshot({"BTC": "450"}, ONE, {"BTC": 50, "ETH": 50})
    assert [row.asset for row in with_targets(before, targets(BTC=60, BNB=40), quotes(ONE)).holdings] == ["BTC", "BNB"]


@pytest.mark.rule("5.5")
def test_prices_of_the_look_are_kept_though_newer_ones_are_at_hand() -> None:
    before = snapshot({"BTC": "450", "ETH": "550"}, ONE, {"BTC": 50, "ETH": 50})
    after = with_targets(before, targets(BTC=10, ETH=40, BNB=50), quotes({"BTC": "9", "ETH": "9", "BNB": "9"}))
    assert after.total == 1000
    assert after.holding("BNB").quote == quote("BNB", "9")


@pytest.mark.rule("3.4")
def test_what_was_wrong_with_a_price_stays_wrong_with_other_targets() -> None:
    old = quotes({"BTC": "1"}, at=NOON - timedelta(seconds=11)) | quotes({"ETH": "1", "BNB": "1"})
    for closed, fault in ((frozenset[str](), QuoteFault.STALE), (frozenset({"BTC/USDT"}), QuoteFault.CLOSED)):
        before = take_snapshot(
            seq=1,
            at=NOON,
            quote_asset="USDT",
            targets=targets(BTC=50, ETH=50),
            quantities={"BTC": d(450), "ETH": d(550)},
            cash=ZERO,
            quotes=old,
            closed=closed,
        )
        for chosen in (targets(BTC=60, ETH=40), targets(ETH=40, BNB=60)):
            after = with_targets(before, chosen, old)
            assert after.holding("BTC").fault is fault
            assert after.total is None


@pytest.mark.rule("3.4")
def test_the_price_of_a_coin_that_comes_must_be_good_too() -> None:
    before = snapshot({"BTC": "450", "ETH": "550"}, ONE, {"BTC": 50, "ETH": 50})
    chosen = targets(BTC=50, BNB=50)
    old = quotes({"BNB": "1"}, at=NOON - timedelta(seconds=11))
    assert with_targets(before, chosen, {}).holding("BNB").fault is QuoteFault.MISSING
    assert with_targets(before, chosen, old, STALE_AFTER).holding("BNB").fault is QuoteFault.STALE
    assert with_targets(before, chosen, old).total == 1000, "where prices do not grow old"
    shut = with_targets(before, chosen, quotes(ONE), STALE_AFTER, frozenset({"BNB/USDT"}))
    assert shut.holding("BNB").fault is QuoteFault.CLOSED
    assert shut.total is None
