"""The line of key figures, and what the ratios say of costs, frozen coins and coins that left."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.money_weighted import SEVERAL_RATES, MoneyWeighted
from rebalancer_gui.domain.strategy import Direction, State
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.ratios_model import RatiosModel
from rebalancer_gui.ui.monitor.key_figures import key_figures, meanings
from rebalancer_gui.ui.tokens import Ink
from tests.ui.fake_engine import FakeEngine
from tests.ui.paper_side import halt_market
from tests.ui.sample_account import wait_for_trigger
from tests.ui.sample_market import market_rules

NUMBERS = NumberFormat()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(lambda event: None)


@pytest.fixture
def view(engine):
    return engine.account.view().strategies[0]


def texts(view) -> list[str]:
    return [figure.text.replace("\u00a0", " ") for figure in key_figures(view, NUMBERS)]


@pytest.mark.rule("10.8", "10.9")
def test_the_figures_say_what_was_put_in_what_came_of_it_and_what_it_cost(view):
    assert texts(view) == [
        "Net invested 4,000.00",
        "Realised \u22126.29, unrealised +6.34",
        "vs HODL +2.56 %",
        "Time-weighted +4.28 %",
        "Annualised +46.57 %",
        "Money-weighted +51.02 %",
        "Fees 6.29, returned 1.57",
        "Rebalances 5, skipped 3",
    ]


@pytest.mark.rule("10.5")
def test_under_seven_days_the_annualised_return_is_left_out_and_the_tooltip_says_from_when_on(view):
    young = replace(
        view,
        score=replace(view.score, annualised=None),
        started_at=view.snapshot.at - timedelta(days=3, hours=5),
    )
    assert not any(text.startswith("Annualised") for text in texts(young))
    assert "Annualised: shown from 7 whole days on (now 3)." in meanings(young, NUMBERS)
    assert "shown from" not in meanings(view, NUMBERS)


@pytest.mark.rule("10.2")
def test_the_profit_is_told_in_two_parts_and_after_the_end_all_of_it_is_realised(view):
    ended = replace(view, state=State.ENDED, score=replace(view.score, realised=Decimal("-3.5"), unrealised=Decimal(0)))
    assert "Realised \u22123.50" in texts(ended)
    unknown = replace(view, score=replace(view.score, realised=None, unrealised=None))
    assert not any(text.startswith("Realised") for text in texts(unknown))


@pytest.mark.rule("10.2")
def test_each_coin_says_what_it_gained_on_paper_and_what_its_sales_realised(qapp, engine):
    strategy = engine.account.strategies[0]
    btc = next(row for row in engine.account.view().strategies[0].snapshot.holdings if row.asset == "BTC")
    strategy.results = {"BTC": CoinResult(btc.value - 12, Decimal("-3.5")), "ETH": CoinResult(None, None)}
    model = ratios(engine.account.view().strategies[0])
    assert cell(model, "BTC", "value").tip.replace("\u00a0", " ") == (
        "+12.00 since it was bought or put in, on paper\n\u22123.50 realised by its sales"
    )
    assert cell(model, "ETH", "value").tip is None


@pytest.mark.rule("10.4")
def test_the_money_weighted_return_is_shown_from_seven_days_on_and_where_there_is_none_it_says_why(view):
    young = replace(view, score=replace(view.score, annualised=None), started_at=view.snapshot.at - timedelta(days=3))
    assert not any(text.startswith("Money-weighted") for text in texts(young))
    assert "Money-weighted: shown from 7 whole days on (now 3)." in meanings(young, NUMBERS)
    several = replace(view, score=replace(view.score, money_weighted=MoneyWeighted(None, SEVERAL_RATES)))
    assert not any(text.startswith("Money-weighted") for text in texts(several))
    assert "Money-weighted: not shown, because more than one rate fits these flows." in meanings(several, NUMBERS)
    assert "Money-weighted: What the money earned a year" in meanings(view, NUMBERS)


def test_what_did_not_happen_is_not_told(view):
    plain = replace(view, fees_returned=Decimal(0), skipped=0)
    assert texts(plain)[-2:] == ["Fees 6.29", "Rebalances 5"]


def test_an_ended_strategy_tells_everything_that_was_put_in(view):
    ended = replace(view, state=State.ENDED, score=replace(view.score, net_invested=Decimal(-171)))
    assert texts(ended)[0] == "Invested 4,000.00"


def test_a_waiting_strategy_tells_what_is_reserved_and_nothing_else(engine):
    wait_for_trigger(engine.account.strategies[3], "SOL/USDT", "140", Direction.FALLING)
    waiting = engine.account.view().strategies[3]
    assert texts(waiting) == ["Reserved 600.00"]
    assert "Annualised" not in meanings(waiting, NUMBERS)


# -------------------------------------------------------------------------------------------------------------- ratios


def ratios(view) -> RatiosModel:
    model = RatiosModel(NUMBERS, CoinColours())
    model.show_view(view, market_rules())
    return model


def cell(model: RatiosModel, coin: str, column: str):
    row = next(i for i in range(model.rowCount()) if model.cell(i, 0).text == coin)
    return model.cell(row, model.column_of(column))


@pytest.mark.rule("10.10")
def test_each_coin_says_what_a_unit_cost_on_average(qapp, engine):
    costs = engine.account.strategies[0].average_costs
    costs.update({"BTC": Decimal("94489.836"), "ETH": None})
    del costs["SOL"]
    model = ratios(engine.account.view().strategies[0])
    assert cell(model, "BTC", "cost").text == "94,489.84"
    assert "94,489.836" in cell(model, "BTC", "cost").tip
    unknown = cell(model, "ETH", "cost")
    assert unknown.text == "not known"
    assert "without saying what they had cost" in unknown.tip
    assert cell(model, "SOL", "cost").text == "–"
    assert cell(model, "USDT", "cost").text == "–"


@pytest.mark.rule("4.3b")
def test_a_coin_whose_market_is_closed_is_marked_frozen_with_its_last_price_in_grey(qapp, engine):
    halt_market(engine.account.strategies[0], "SOL")
    model = ratios(engine.account.view().strategies[0])
    mark = cell(model, "SOL", "drift")
    assert (mark.text, mark.icon, mark.ink) == ("frozen: market closed", "lock", Ink.WARN)
    assert "neither bought nor sold" in mark.tip
    price = cell(model, "SOL", "price")
    assert (price.text, price.ink) == ("162.36", Ink.TEXT3)
    assert "the market is closed" in price.tip
    assert cell(model, "SOL", "value").text == "–", "nothing is ever valued at a price that nobody pays"
    assert "SOL" in cell(model, "BTC", "drift").text


def test_a_coin_that_left_the_portfolio_is_listed_with_the_target_zero(qapp, engine):
    strategy = engine.account.strategies[0]
    strategy.quantities["DOGE"], strategy.left = Decimal(12), ("DOGE",)
    model = ratios(engine.account.view().strategies[0])
    target = cell(model, "DOGE", "target")
    assert target.text == "0.00"
    assert "left the portfolio" in target.tip


def test_ten_coins_and_one_that_left_are_all_listed(qapp, engine):
    strategy = engine.account.strategies[0]
    targets = ("BTC", "ETH", "BNB", "SOL", "XRP", "ADA", "DOGE", "DOT", "LTC", "LINK")
    weight = strategy.parameters.targets[0]
    strategy.parameters = replace(
        strategy.parameters, targets=tuple(replace(weight, asset=asset, weight=Decimal(10)) for asset in targets)
    )
    strategy.quantities["UNI"], strategy.left = Decimal(1), ("UNI",)
    model = ratios(engine.account.view().strategies[0])
    assert model.rowCount() == 13
    assert cell(model, "UNI", "target").text == "0.00"


def test_a_waiting_strategy_has_no_drift_yet(qapp, engine):
    wait_for_trigger(engine.account.strategies[3], "SOL/USDT", "140", Direction.FALLING)
    model = ratios(engine.account.view().strategies[3])
    assert cell(model, "XRP", "drift").text == "– waits for its trigger"
    assert cell(model, "USDT", "drift").text == "reserved"
