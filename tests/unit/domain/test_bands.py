"""The auto band: each coin has its own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rebalancer_gui.domain.bands import auto_band, bands_of, most_outside
from rebalancer_gui.domain.expectation import expect, usual_drift
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.rule_advice import Concern, advise_on_rule
from rebalancer_gui.domain.strategy import BandRule, RatioRule
from rebalancer_gui.domain.triggers import Hold, HoldReason, Rebalance, RebalanceReason, TickGrid, decide
from tests.builders import NOON, d, rules_for, snapshot, targets

GRID = TickGrid(NOON, 0)
FEE = d("0.001")


@pytest.mark.parametrize(
    ("weight", "cost", "smallest", "worth", "band"),
    [
        ("50", "0", "0", "1", "5"),  # 5/25: five points beat a quarter of 50
        ("10", "0", "0", "1", "2.5"),  # a quarter of 10
        # (1.5 x 0.001 x (0.1 x 0.9)^2)^(1/3) = 0.02299
        ("10", "0.001", "0", "1", "2.5"),
        # (1.5 x 0.01 x 0.0081)^(1/3) = 0.04953: dear trading widens it beyond the quarter
        ("10", "0.01", "0", "1", "4.9529"),
        ("50", "0.005", "0", "1", "7.7681"),
        ("50", "0.001", "10", "100", "12"),  # 1.2 orders of 10 in 100
        ("0", "0.001", "10", "1000", "1.2"),
        ("100", "0.001", "0", "1", "5"),
    ],
)
def test_a_band_is_the_widest_of_its_three_reasons(
    weight: str, cost: str, smallest: str, worth: str, band: str
) -> None:
    assert auto_band(d(weight), d(cost), d(smallest), d(worth)) == d(band)


def test_each_coin_is_held_to_its_own_band_and_the_comparison_is_strict() -> None:
    markets = rules_for("BTC", "XRP", min_notional="1")
    exact = snapshot({"BTC": "925", "XRP": "75"}, {"BTC": "1", "XRP": "1"}, {"BTC": "90", "XRP": "10"})
    bands = bands_of(BandRule(), exact, markets, FEE)
    assert bands == {"BTC": d(5), "XRP": d("2.5")}
    assert decide(exact, BandRule(), grid=GRID, now=NOON, bands=bands) == Hold(HoldReason.WITHIN, d("2.5"), "XRP")
    beyond = snapshot({"BTC": "926", "XRP": "74"}, {"BTC": "1", "XRP": "1"}, {"BTC": "90", "XRP": "10"})
    assert decide(beyond, BandRule(), grid=GRID, now=NOON, bands=bands) == Rebalance(RebalanceReason.BAND, d("2.6"))
    assert isinstance(decide(beyond, RatioRule(d(5)), grid=GRID, now=NOON), Hold)


def test_what_triggers_can_always_be_traded() -> None:
    """The band of the coin that triggers is wider than its smallest order, so at least its own leg is legal."""
    markets = rules_for("BTC", "XRP", min_notional="10")
    portfolio = snapshot({"BTC": "60", "XRP": "40"}, {"BTC": "1", "XRP": "1"}, {"BTC": "50", "XRP": "50"})
    assert bands_of(BandRule(), portfolio, markets, FEE) == {"BTC": d(12), "XRP": d(12)}


def test_without_a_known_value_there_is_no_band_and_nothing_is_decided() -> None:
    broken = snapshot({"BTC": "1", "XRP": "1"}, {"BTC": "1"}, {"BTC": "50", "XRP": "50"})
    bands = bands_of(BandRule(), broken, rules_for("BTC", "XRP"), FEE)
    assert bands == {}
    decision = decide(broken, BandRule(), grid=GRID, now=NOON, bands=bands)
    assert isinstance(decision, Hold)
    assert decision.reason is HoldReason.NO_PRICE


def test_by_ratio_and_time_every_coin_has_the_same_limit() -> None:
    portfolio = snapshot({"BTC": "60", "XRP": "40"}, {"BTC": "1", "XRP": "1"}, {"BTC": "50", "XRP": "50"})
    assert bands_of(RatioRule(d(3)), portfolio, {}, FEE) == {"BTC": d(3), "XRP": d(3)}


def test_a_coin_with_no_band_comes_first_as_soon_as_it_is_off() -> None:
    portfolio = snapshot({"BTC": "59", "XRP": "41"}, {"BTC": "1", "XRP": "1"}, {"BTC": "50", "XRP": "50"})
    worst = most_outside(portfolio, {"BTC": d(5), "XRP": ZERO})
    assert worst is not None
    assert worst.asset == "XRP"


def test_what_to_expect_of_it_goes_by_the_coin_that_leaves_its_band_first() -> None:
    coins = targets(BTC="90", XRP="10")
    volatilities = {"BTC": d("0.5"), "XRP": d("0.5")}
    found = expect(BandRule(), coins, volatilities, FEE)
    # s_w is 0.045 for both; XRP has the narrower band, 2.5 pp: (0.045 / 0.025)^2
    assert (found.first, found.rebalances) == ("XRP", d("3.24"))
    assert usual_drift(BandRule(), coins, volatilities, FEE) == d("2.5")
    wide = expect(BandRule(), coins, volatilities, FEE, {"BTC": d(5), "XRP": d(5)})
    assert wide.rebalances == (Decimal("0.045") / Decimal("0.06")) ** 2


def test_it_never_triggers_what_is_too_small_but_other_legs_may_be() -> None:
    coins = targets(BTC="50", ETH="46", XRP="4")
    drifts = {"BTC": d(1), "ETH": d(1), "XRP": d(1)}
    found = advise_on_rule(BandRule(), coins, drifts, d(1000), {}, FEE)
    assert Concern.TOO_SMALL not in {advice.concern for advice in found}
    assert all(advice.limit is None for advice in found)
