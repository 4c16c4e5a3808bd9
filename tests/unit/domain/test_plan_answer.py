"""`rebalancer plan`: the snapshot file, and the answer in the documented form, by the test vectors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.errors import InvalidFile, InvalidInput
from rebalancer_gui.domain.market import FeeSchedule, FeeSide, MarketStatus
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.plan_answer import plan_answer
from rebalancer_gui.domain.planning import MINIMUM_VALUE_MESSAGE
from rebalancer_gui.domain.snapshot_file import PlanSnapshot, parse_snapshot
from rebalancer_gui.domain.strategy_file import parse_strategy
from tests.builders import d
from tests.strategy_files import snapshot, snapshot_text, strategy_text

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "files.md"
KEYS = ["value", "drifts", "worst_drift", "triggers", "legs", "skipped", "message", "estimated_fees", "after"]
ONE = {"BTC": "1", "BNB": "1", "XRP": "1", "ETH": "1"}
HALVES = {"BTC": "50", "BNB": "50"}
BY_RATIO = {"kind": "ratio", "threshold": "1"}
BY_TIME = {"kind": "time", "interval_seconds": 604800, "gate": "0.5"}


def portfolio(holdings: Mapping[str, str], prices: Mapping[str, str] = ONE, **changed: Any) -> PlanSnapshot:
    return parse_snapshot(snapshot_text(prices, holdings, **changed))


def answer(
    weights: Mapping[str, str],
    given: PlanSnapshot,
    amount: str | None = None,
    method: RemovalMethod | None = None,
    rule: Mapping[str, object] = BY_RATIO,
) -> dict[str, Any]:
    asked = parse_strategy(strategy_text(weights, rule=rule)).parameters
    found = plan_answer(asked, given, None if amount is None else Decimal(amount), method)
    assert list(found) == KEYS
    return found


def legs(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(leg["side"], leg["asset"], leg["notional"]) for leg in found["legs"]]


# -------------------------------------------------------------------------------------------------------- test vectors


@pytest.mark.rule("12.1")
@pytest.mark.parametrize("rule", [BY_RATIO, BY_TIME], ids=["by coin ratio", "by time"])
def test_vector_1_buys_50_sells_50_and_ends_at_500_each(rule: Mapping[str, object]) -> None:
    found = answer(HALVES, portfolio({"BTC": "450", "BNB": "550"}), rule=rule)
    assert (found["value"], found["worst_drift"], found["triggers"]) == ("1000", "5", True)
    assert found["drifts"] == {"BTC": "-5", "BNB": "5"}
    assert found["legs"] == [
        {"asset": "BNB", "symbol": "BNB/USDT", "side": "sell", "quantity": "50", "limit_price": "1", "notional": "50"},
        {"asset": "BTC", "symbol": "BTC/USDT", "side": "buy", "quantity": "50", "limit_price": "1", "notional": "50"},
    ]
    assert (found["skipped"], found["message"], found["estimated_fees"]) == ([], "", "0")
    assert found["after"] == {
        "BTC": {"quantity": "500", "weight": "50"},
        "BNB": {"quantity": "500", "weight": "50"},
        "USDT": {"quantity": "0", "weight": "0"},
    }


@pytest.mark.rule("12.2")
@pytest.mark.parametrize(
    ("rule", "held"),
    [(BY_TIME, {"BTC": "495", "BNB": "505"}), (BY_RATIO, {"BTC": "490", "BNB": "510"})],
    ids=["by time at the gate", "by coin ratio at the threshold"],
)
def test_a_drift_of_exactly_the_limit_does_not_trigger_and_nothing_is_traded(
    rule: Mapping[str, object], held: Mapping[str, str]
) -> None:
    found = answer(HALVES, portfolio(held), rule=rule)
    assert (found["triggers"], found["legs"], found["skipped"], found["message"]) == (False, [], [], "")
    assert {asset: row["quantity"] for asset, row in found["after"].items()} == {**held, "USDT": "0"}


@pytest.mark.rule("12.3")
def test_vector_3_an_addition_buys_550_and_450_and_sells_nothing() -> None:
    found = answer(HALVES, portfolio({"BTC": "450", "BNB": "550"}), "1000")
    assert legs(found) == [("buy", "BTC", "550"), ("buy", "BNB", "450")]
    assert [found["after"][asset]["quantity"] for asset in ("BTC", "BNB", "USDT")] == ["1000", "1000", "0"]
    assert found["value"] == "1000", "the value is that of the portfolio as it stands"


@pytest.mark.rule("12.4")
def test_vector_4_a_removal_drops_the_leg_under_the_minimum_and_brings_47_50() -> None:
    weights = {"XRP": "5", "ETH": "25", "BNB": "70"}
    found = answer(weights, portfolio({"XRP": "10", "ETH": "100", "BNB": "280"}), "50", RemovalMethod.BY_WEIGHT)
    assert legs(found) == [("sell", "ETH", "12.5"), ("sell", "BNB", "35")]
    assert found["skipped"] == [{"asset": "XRP", "reason": "below minimum", "shortfall": "7.5"}]
    assert found["message"] == ""
    left = {asset: row["quantity"] for asset, row in found["after"].items()}
    assert left == {"XRP": "10", "ETH": "87.5", "BNB": "245", "USDT": "0"}


@pytest.mark.rule("12.5")
def test_vector_5_triggers_sends_nothing_and_says_the_sentence() -> None:
    found = answer(
        {"GAL": "50", "RDNT": "50"},
        portfolio({"GAL": "130", "RDNT": "500"}, {"GAL": "0.953", "RDNT": "0.2631"}),
    )
    assert (found["value"], found["triggers"], found["legs"]) == ("255.44", True, [])
    assert round(Decimal(found["worst_drift"]), 2) == d("1.50")
    assert [(leg["asset"], leg["reason"]) for leg in found["skipped"]] == [
        ("GAL", "below minimum"),
        ("RDNT", "below minimum"),
    ]
    assert [round(Decimal(leg["shortfall"]), 2) for leg in found["skipped"]] == [d("6.17"), d("6.17")]
    assert found["message"] == MINIMUM_VALUE_MESSAGE


# ------------------------------------------------------------------------------------------------------------- answers


def test_the_documented_answer_is_what_comes_of_the_documented_files() -> None:
    texts = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    strategy, _by_time, _preset, given, expected = texts
    assert plan_answer(parse_strategy(strategy).parameters, parse_snapshot(given)) == json.loads(expected)


@pytest.mark.rule("5.3d")
def test_the_most_overweight_first_takes_the_money_of_the_strategy_before_it_sells() -> None:
    given = portfolio({"BTC": "450", "BNB": "530"}, cash="20")
    found = answer(HALVES, given, "70", RemovalMethod.MOST_OVERWEIGHT)
    assert legs(found) == [("sell", "BNB", "50")]
    assert {asset: row["quantity"] for asset, row in found["after"].items()} == {
        "BTC": "450",
        "BNB": "480",
        "USDT": "0",
    }
    only_cash = answer(HALVES, given, "15", RemovalMethod.MOST_OVERWEIGHT)
    assert (only_cash["legs"], only_cash["message"]) == ([], "")
    assert only_cash["after"]["USDT"]["quantity"] == "5"


def test_the_fee_is_in_percent_and_taken_where_the_file_says() -> None:
    given = {
        side.value: portfolio({"BTC": "450", "BNB": "550"}, rate="0.1", fee={"rate": "0.1", "taken_in": side.value})
        for side in FeeSide
    }
    found = {side: answer(HALVES, taken) for side, taken in given.items()}
    # The sell of 50 brings 49.95; that buys 49.95 less its fee, or 49.95 / 1.001 cut to the step.
    assert found["received"]["after"]["BTC"]["quantity"] == "499.90005"
    assert found["quote"]["after"]["BTC"]["quantity"] == "499.9000999"
    assert found["third"]["after"]["BTC"]["quantity"] == "500"
    assert found["third"]["estimated_fees"] == "0.1"


@pytest.mark.rule("3.4")
@pytest.mark.parametrize("amount", [None, "100"])
@pytest.mark.parametrize("crossed", [True, False], ids=["bid above ask", "no quote"])
def test_without_a_good_price_for_every_coin_nothing_is_valued_and_nothing_is_traded(
    crossed: bool, amount: str | None
) -> None:
    content = snapshot(ONE, {"BTC": "450", "BNB": "550"})
    quotes: dict[str, Any] = content["quotes"]  # type: ignore[assignment]
    if crossed:
        quotes["BNB/USDT"] = {"bid": "1.1", "ask": "1", "last": "1"}
    else:
        del quotes["BNB/USDT"]
    found = answer(HALVES, parse_snapshot(json.dumps(content)), amount)
    assert (found["value"], found["worst_drift"], found["triggers"], found["legs"]) == (None, None, False, [])
    assert found["drifts"] == {"BTC": None, "BNB": None}
    assert found["skipped"] == [{"asset": "BNB", "reason": "no price", "shortfall": "0"}]
    assert found["message"] == ""
    assert found["after"]["BNB"] == {"quantity": "550", "weight": None}


def test_an_empty_portfolio_has_no_drifts_and_can_be_funded() -> None:
    nothing = answer(HALVES, portfolio({}))
    assert (nothing["value"], nothing["worst_drift"], nothing["triggers"]) == ("0", None, False)
    assert legs(answer(HALVES, portfolio({}), "100")) == [("buy", "BTC", "50"), ("buy", "BNB", "50")]


def test_a_coin_that_is_held_and_not_in_the_strategy_is_sold() -> None:
    found = answer(HALVES, portfolio({"BTC": "450", "BNB": "450", "XRP": "100", "ETH": "0"}))
    assert found["drifts"] == {"BTC": "-5", "BNB": "-5", "XRP": "10"}
    assert legs(found)[0] == ("sell", "XRP", "100")


@pytest.mark.parametrize(
    ("amount", "method", "says"),
    [
        ("0", None, "above 0 USDT"),
        ("-5", RemovalMethod.BY_WEIGHT, "above 0 USDT"),
        ("NaN", None, "above 0 USDT"),
        ("980.01", RemovalMethod.BY_WEIGHT, "at most 980 USDT can be removed"),
        ("980.01", RemovalMethod.MOST_OVERWEIGHT, "at most 980 USDT can be removed"),
    ],
)
def test_an_amount_that_is_not_legal_is_refused(amount: str, method: RemovalMethod | None, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        answer(HALVES, portfolio({"BTC": "450", "BNB": "550"}), amount, method)
    assert caught.value.field == "amount"
    assert says in caught.value.message


def test_from_the_smallest_portfolio_nothing_can_be_removed() -> None:
    with pytest.raises(InvalidInput, match="nothing can be removed; stop the strategy to take all"):
        answer(HALVES, portfolio({"BTC": "10", "BNB": "9"}), "1", RemovalMethod.BY_WEIGHT)


def test_money_among_the_coins_and_missing_market_rules_are_refused() -> None:
    with pytest.raises(InvalidFile) as caught:
        answer({"BTC": "50", "SOL": "50"}, portfolio({"USDT": "5"}))
    assert [(p.field, p.message) for p in caught.value.problems] == [
        ("holdings", "USDT is the strategy's money, not a coin: it must stand under cash."),
        ("rules", "The market rules of SOL/USDT are missing: each coin must have its own."),
    ]


# ---------------------------------------------------------------------------------------------------- snapshot files


def test_what_a_snapshot_leaves_out_takes_its_default() -> None:
    content = snapshot({"BTC": "5"}, {}, holdings=..., cash=..., fee=...)
    content["rules"] = {"BTC/USDT": {"step": "0.1", "min_notional": "5"}}
    found = parse_snapshot(json.dumps(content))
    assert dict(found.holdings) == {}
    assert (found.cash, found.fees) == (ZERO, FeeSchedule(d("0.001"), FeeSide.RECEIVED))
    market = found.rules["BTC/USDT"]
    assert (market.step_size, market.min_notional, market.min_quantity) == (d("0.1"), d(5), ZERO)
    assert market.max_quantity == 10**15 - 1
    assert (market.base, market.quote, market.status) == ("BTC", "USDT", MarketStatus.TRADING)


GOOD_QUOTE = {"bid": "5", "ask": "6", "last": "5.5"}
GOOD_RULES = {"step": "0.1", "tick": "0.01", "min_quantity": "1", "max_quantity": "9", "min_notional": "5"}


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"quotes": ...}, "quotes", '"quotes" is missing'),
        ({"quotes": []}, "quotes", "not an array"),
        ({"quotes": {"BTCUSDT": GOOD_QUOTE}}, "quotes", 'A key must be a symbol such as "BTC/USDT", not "BTCUSDT"'),
        ({"quotes": {"BTC/USDT": "5"}}, "quotes", '"BTC/USDT" must be an object, not the text "5"'),
        ({"quotes": {"BTC/USDT": GOOD_QUOTE | {"bid": "0"}}}, "quotes", 'BTC/USDT: "bid" must be above 0, not 0'),
        ({"quotes": {"BTC/USDT": GOOD_QUOTE | {"ask": "-1"}}}, "quotes", 'BTC/USDT: "ask" must be above 0, not -1'),
        ({"quotes": {"BTC/USDT": GOOD_QUOTE | {"last": "NaN"}}}, "quotes", 'BTC/USDT: "last" must be a number'),
        ({"quotes": {"BTC/USDT": {"bid": "5", "ask": "5"}}}, "quotes", 'BTC/USDT: "last" is missing'),
        ({"quotes": {"BTC/USDT": GOOD_QUOTE | {"at": "now"}}}, "quotes", 'BTC/USDT: Not known here: "at"'),
        ({"quotes": {"BTC/USDT": GOOD_QUOTE | {"bid": "1." + "0" * 16}}}, "quotes", "and 15 after the point"),
        ({"holdings": {"btc": "1"}}, "holdings", "A key must be the name of a coin"),
        ({"holdings": {"BTC": "-1"}}, "holdings", '"BTC" must be 0 or more, not the text "-1"'),
        ({"holdings": {"BTC": 1}}, "holdings", "not the number 1"),
        ({"holdings": {"B\u202e": "1"}}, "holdings", r"B\u202e"),
        ({"cash": "-0.01"}, "cash", '"cash" must be 0 or more'),
        ({"cash": 5}, "cash", "in quotation marks"),
        ({"rules": ...}, "rules", '"rules" is missing'),
        ({"rules": {"BTC/USDT": GOOD_RULES | {"step": None}}}, "rules", 'BTC/USDT: "step" is missing'),
        ({"rules": {"BTC/USDT": GOOD_RULES | {"min_notional": "-5"}}}, "rules", "must be 0 or more"),
        ({"rules": {"BTC/USDT": GOOD_RULES | {"max_quantity": "0.5"}}}, "rules", 'must be at least "min_quantity", 1'),
        ({"rules": {"BTC/USDT": GOOD_RULES | {"lot": "1"}}}, "rules", 'Not known here: "lot"'),
        ({"fee": {"rate": "100"}}, "fee", "in percent and must be under 100"),
        ({"fee": {"rate": "-0.1"}}, "fee", "0 or more"),
        ({"fee": {"taken_in": "bnb"}}, "fee", 'must be one of "received", "quote", "third", not "bnb"'),
        ({"fee": "0.1"}, "fee", "must be an object such as"),
        ({"time": "2024-01-01T00:00:00Z"}, "snapshot", 'Not known here: "time"'),
    ],
)
def test_a_snapshot_that_is_not_legal_is_refused_under_its_field(
    changed: dict[str, object], field: str, says: str
) -> None:
    content = {key: value for key, value in (snapshot({"BTC": "5"}, {}) | changed).items() if value is not ...}
    with pytest.raises(InvalidFile) as caught:
        parse_snapshot(json.dumps(content))
    [problem] = caught.value.problems
    assert problem.field == field
    assert says in problem.message
