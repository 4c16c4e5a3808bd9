"""The estimate behind the rule cockpit, and the words for it."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from rebalancer_gui.domain.expectation import premium_of_two, rebalancing_premium, relative_volatilities
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.strategy import RatioRule, Target
from rebalancer_gui.ui.create.moves import Moves, moves_of
from rebalancer_gui.ui.create.outlook import Outlook, Wish, look_ahead
from rebalancer_gui.ui.create.outlook_words import count_text, drag_text, drift_text, money_text, source_text
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.formatting import NumberFormat
from tests.builders import d, quote, quotes, rules_for, targets

NUMBERS = NumberFormat()
TODAY = date(2021, 5, 14)
COINS = targets(BTC="50", ETH="30", SOL="20")
AROUND = Surroundings(
    "paper", "USDT", rules_for("BTC", "ETH", "SOL", min_notional="5", step="0.00001"),
    quotes({"BTC": "50000", "ETH": "2500", "SOL": "100"}), {"USDT": d(1000)}, fees=FeeSchedule(d("0.001")),
)  # fmt: skip


def closes(*assets: str, days: int = 181) -> dict[str, tuple[Decimal, ...]]:
    chance = Random(7)
    found = {}
    for asset in assets:
        price, path = 100.0, []
        for _ in range(days):
            price *= 1 + chance.gauss(0, 0.04)
            path.append(Decimal(f"{price:.6f}"))
        found[asset] = tuple(path)
    return found


def outlook(known: Moves, coins: tuple[Target, ...] = COINS, worth: str | None = "500") -> Outlook:
    wish = Wish(RatioRule(d(5)), coins, "USDT", d(worth) if worth else None, money=d(1000))
    found = look_ahead(wish, AROUND, known)
    assert found is not None
    return found


def test_the_quick_volatilities_are_those_of_the_domain() -> None:
    past = closes("BTC", "ETH", "SOL")
    exact = relative_volatilities(COINS, past, timedelta(days=1))
    quick = moves_of(past, TODAY).volatilities(COINS)
    assert set(quick) == {"BTC", "ETH", "SOL"}
    for asset, volatility in exact.items():
        assert abs(quick[asset] - volatility) < d("0.0001")


def test_a_coin_with_few_closes_or_one_that_is_no_price_is_not_known_and_spoils_nothing() -> None:
    past = closes("BTC", "ETH", "SOL", "NEW")
    whole = moves_of({"BTC": past["BTC"], "ETH": past["ETH"]}, TODAY)
    odd = moves_of(past | {"SOL": (*past["SOL"][:-1], d(0)), "NEW": past["NEW"][-20:]}, TODAY)
    coins = targets(BTC="30", ETH="30", SOL="20", NEW="20")
    assert odd.volatilities(coins) == whole.volatilities(coins)
    found = look_ahead(Wish(RatioRule(d(5)), targets(BTC="50", SOL="50"), "USDT"), AROUND, odd)
    assert found is not None
    assert (found.assumed, found.unknown) == (("BTC", "SOL"), ("SOL",))


def test_prices_that_never_move_expect_no_rebalance_and_no_cost() -> None:
    still = moves_of({"BTC": (d(5),) * 181, "ETH": (d(7),) * 181}, TODAY)
    found = outlook(still, targets(BTC="50", ETH="50"))
    assert found.expectation.rebalances == 0
    assert found.expectation.fee_drag == 0
    assert found.cost_of_one is None


def test_fee_and_half_spread_are_counted_on_each_side() -> None:
    wide = {f"{base}/USDT": quote(base, "0.99", "1.01") for base in ("BTC", "ETH", "SOL")}
    dear = Surroundings("paper", "USDT", AROUND.rules, wide, {})
    found = look_ahead(Wish(RatioRule(d(5)), COINS, "USDT"), dear, Moves())
    assert found is not None
    assert found.half_spread == d("0.01")
    assert found.cost == d("0.01")
    assert "half spread 1.00\u00a0%" in source_text(found, TODAY, NUMBERS)


def test_nothing_is_said_of_weights_that_do_not_add_up_or_a_rule_that_is_not_legal() -> None:
    assert look_ahead(Wish(RatioRule(d(5)), targets(BTC="50", ETH="40"), "USDT"), AROUND, Moves()) is None
    assert look_ahead(Wish(RatioRule(d(60)), COINS, "USDT"), AROUND, Moves()) is None
    assert look_ahead(Wish(None, COINS, "USDT"), AROUND, Moves()) is None
    assert look_ahead(Wish(RatioRule(d(5)), COINS, "USDT"), None, Moves()) is None


def test_an_amount_that_is_not_there_is_no_cure() -> None:
    kinds = {c.kind.value for w in outlook(Moves(), worth="50").warned for c in w.cures}
    assert kinds == {"amount", "limit"}
    wish = Wish(RatioRule(d(5)), COINS, "USDT", d(50), money=d(60))
    poor = look_ahead(wish, AROUND, Moves())
    assert poor is not None
    assert {c.kind.value for w in poor.warned for c in w.cures} == {"limit"}


def test_the_source_says_the_last_day_of_a_past_that_is_old() -> None:
    found = outlook(moves_of(closes("BTC", "ETH", "SOL"), TODAY))
    assert source_text(found, TODAY, NUMBERS).startswith("Estimated from the moves of 180 days, ")
    later = source_text(found, TODAY + timedelta(days=40), NUMBERS)
    assert later.startswith("Estimated from the moves of 180 days to 14 May 2021, ")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        ("0", "none"), ("0.01", "hardly any"), ("0.3", "about 0.3"), ("2.04", "about 2"), ("2.4", "about 2.4"), ("9.2", "about 9"),
        ("99.6", "about 100"), ("225", "about 220"), ("1234", "about 1,200"), ("90000", "about 90,000"),
    ],
)  # fmt: skip
def test_a_count_shows_no_more_digits_than_an_estimate_has(count: str, text: str) -> None:
    assert count_text(d(count), NUMBERS) == text


def test_figures_are_short_whatever_their_size() -> None:
    assert [drag_text(d(x), NUMBERS) for x in ("0", "0.00001", "0.0009", "0.124", "2.3")] == [
        "0.00", "<0.01", "0.09", "12.4", "230",
    ]  # fmt: skip
    assert [drift_text(d(x), NUMBERS) for x in ("0.001", "0.052", "2.08", "12.4", "250")] == [
        "<0.01", "0.05", "2.1", "12", ">100",
    ]  # fmt: skip
    assert money_text(d("0.00061"), "USDT", NUMBERS) == "0.00061\u00a0USDT"


@pytest.mark.rule("11.8")
def test_the_premium_of_several_coins_is_that_of_two_where_there_are_two() -> None:
    sixty = {"BTC": d("0.6"), "ETH": d("0.6")}
    for weights in (targets(BTC="50", ETH="50"), targets(BTC="80", ETH="20")):
        expected = premium_of_two(weights[0].weight / 100, d("0.6"))
        assert abs(rebalancing_premium(weights, sixty) - expected) < d("1e-12")
