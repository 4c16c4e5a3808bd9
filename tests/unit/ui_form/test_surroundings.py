"""What a draft is judged against, made from the newest picture of an account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.ui.create.surroundings import Surroundings
from tests.builders import d, quote, quotes, rules, rules_for

MARKETS = (
    rules_for("BTC", "ETH")
    | {market.symbol: market for market in (rules("BTC", quote="EUR"), rules("ETH", quote="BTC"))}
    | {"XRP/GBP": replace(rules("XRP", quote="GBP"), status=MarketStatus.HALTED)}
)


@pytest.mark.rule("2.9b")
@pytest.mark.parametrize("main", ["USDT", "EUR", "BTC"])
def test_the_accounts_main_money_is_offered_first_and_money_without_a_market_not_at_all(main: str):
    around = Surroundings("paper", main, MARKETS, {}, {})

    assert around.quote_assets[0] == main
    assert set(around.quote_assets) == {"USDT", "EUR", "BTC"}


def test_coins_are_those_whose_market_against_the_money_takes_orders():
    around = Surroundings("paper", "USDT", MARKETS, {}, {})

    assert around.tradable("USDT") == ("BTC", "ETH")
    assert around.tradable("EUR") == ("BTC",)
    assert around.tradable("GBP") == ()


@pytest.mark.rule("2.8")
def test_the_smallest_order_is_the_markets_own_at_its_price():
    markets = rules_for("BTC", step="0.001", min_notional="5") | rules_for("ETH", min_notional="12")
    around = Surroundings("paper", "USDT", markets, quotes({"BTC": "30000", "ETH": "1500"}), {})

    assert around.minimum_order("BTC", "USDT") == d(30)  # one step is worth more than the minimum
    assert around.minimum_order("ETH", "USDT") == d(12)
    assert around.minimum_order("XRP", "USDT") is None


def test_a_price_that_cannot_be_traded_on_is_none():
    crossed = {"BTC/USDT": quote("BTC", "101", "100")}
    around = Surroundings("paper", "USDT", MARKETS, crossed, {})

    assert around.price("BTC", "USDT") is None
    assert around.minimum_order("BTC", "USDT") is None
