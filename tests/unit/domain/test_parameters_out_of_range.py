"""Parameters that no form lets through, but a file or another front end may: refused in words, never a fault."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from rebalancer_gui.domain.creation import problems_with
from rebalancer_gui.domain.market import MarketRules, MarketStatus
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.strategy import RatioRule, StrategyParameters, TimeRule
from tests.builders import d, parameters, quotes, rules_for

MARKETS = rules_for("BTC", "ETH")
NOT_LEGAL = ["1e60", "1e-60", "-1e60", "NaN", "Infinity"]


def problems(asked: StrategyParameters, markets: dict[str, MarketRules] = MARKETS) -> list[Problem]:
    known = quotes({"BTC": "100", "ETH": "100"})
    return problems_with(asked, taken_names=[], free={"USDT": d("10000")}, rules=markets, quotes=known)


@pytest.mark.parametrize("weight", NOT_LEGAL)
def test_a_weight_that_is_no_share_is_refused(weight: str) -> None:
    assert {p.field for p in problems(parameters(BTC=weight, ETH=50))} == {"weights"}


@pytest.mark.parametrize("amount", [*NOT_LEGAL, "1e999990"])
def test_an_investment_that_is_no_amount_is_refused(amount: str) -> None:
    assert {p.field for p in problems(parameters(investment=amount))} == {"investment"}


@pytest.mark.parametrize("value", NOT_LEGAL)
def test_a_threshold_or_gate_that_is_no_share_is_refused(value: str) -> None:
    assert [p.field for p in problems(parameters(rule=RatioRule(Decimal(value))))] == ["threshold"]
    assert [p.field for p in problems(parameters(rule=TimeRule(gate=Decimal(value))))] == ["gate"]


def test_a_coin_whose_market_is_closed_is_refused() -> None:
    closed = replace(MARKETS["ETH/USDT"], status=MarketStatus.HALTED)
    found = problems(parameters(), {**MARKETS, "ETH/USDT": closed})
    assert [(p.field, p.message) for p in found] == [("coins", "ETH/USDT does not trade on this account.")]
