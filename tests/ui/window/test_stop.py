"""Stopping a strategy: the choice, and what it does with the money, before it is done."""

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QRadioButton

from rebalancer_gui.application import commands as c
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.planning import SkipReason
from rebalancer_gui.domain.strategy import Direction, HaltKind, State, Trigger
from rebalancer_gui.ui.dialogs.stop_plan import coins_back, money_back, sell_all_plan
from tests.ui.parts import found
from tests.ui.sample_account import SampleStrategy, parameters
from tests.ui.sample_market import NOW, make_quotes, market_rules
from tests.ui.window.money_dialog import rows

PRICES = {"BTC": Decimal(50_000), "ETH": Decimal(2_000)}
FEES = FeeSchedule(Decimal("0.001"))


def snapshot(btc: str, eth: str, cash: str, prices=PRICES):
    strategy = SampleStrategy(
        "s",
        parameters("S", {"BTC": 50, "ETH": 50}, 1000),
        {"BTC": Decimal(btc), "ETH": Decimal(eth)},
        Decimal(cash),
        {},
    )
    return strategy.snapshot(1, NOW, make_quotes(prices))


def test_sell_all_sells_every_coin_whole_and_says_what_comes_back():
    plan = sell_all_plan(snapshot("0.01", "0.25", "3.5"), market_rules(), FEES)
    assert [(leg.asset, leg.quantity) for leg in plan.legs] == [("BTC", Decimal("0.01")), ("ETH", Decimal("0.25"))]
    assert not plan.skipped
    assert money_back(plan, FEES) == Decimal("3.5") + (Decimal(500) + Decimal(500)) * Decimal("0.999")


def test_dust_and_a_coin_without_a_price_go_back_as_coins():
    plan = sell_all_plan(snapshot("0.00001", "0.25", "0"), market_rules(), FEES)
    assert [leg.asset for leg in plan.legs] == ["ETH"]
    assert [(leg.asset, leg.reason) for leg in plan.skipped] == [("BTC", SkipReason.BELOW_MINIMUM)]
    unknown = sell_all_plan(snapshot("0.01", "0.25", "0", {"ETH": Decimal(2_000)}), market_rules(), FEES)
    assert [(leg.asset, leg.reason) for leg in unknown.skipped] == [("BTC", SkipReason.NO_PRICE)]


def test_nothing_held_is_nothing_sold_and_nothing_given_back():
    empty = snapshot("0", "0", "12")
    assert coins_back(empty) == ()
    plan = sell_all_plan(empty, market_rules(), FEES)
    assert (plan.legs, plan.skipped, plan.estimated_fees) == ((), (), ZERO)


@pytest.fixture
def dialog(desk):
    desk.press("stopButton")
    shown = desk.dialog()
    assert shown is not None
    return shown


@pytest.mark.rule("5.6c")
def test_what_was_chosen_at_create_is_offered_and_the_other_choice_is_one_click_away(desk, dialog):
    assert found(dialog, QRadioButton, "stopKeepRadio").isChecked()
    words = found(dialog, QLabel, "stopKeepText").text()
    assert "BTC" in words
    assert "go to the free pool" in words
    assert not found(dialog, type(dialog.table), "planTable").isVisible()
    found(dialog, QRadioButton, "stopSellRadio").click()
    assert found(dialog, type(dialog.table), "planTable").isVisible()
    assert "after fees of about" in found(dialog, QLabel, "stopSellText").text()
    assert found(dialog, QPushButton, "confirmButton").text() == "Stop and sell"


@pytest.mark.failure(53)
def test_confirm_sends_the_choice_once_and_cancel_sends_nothing(desk, dialog):
    desk.press("stopCancelButton")
    assert not desk.taken(c.StopStrategy)
    desk.press("stopButton")
    again = desk.dialog()
    found(again, QRadioButton, "stopSellRadio").click()
    desk.press("confirmButton")
    assert [(command.strategy_id, command.sell_all) for command in desk.taken(c.StopStrategy)] == [("s-core4", True)]
    desk.answer()
    assert desk.texts("strategiesTable")[3][:3:2] == ["Core 4", "Ended"]


def test_while_trading_is_stopped_coins_can_only_be_kept(desk):
    desk.press("stopAllButton")
    desk.answer()
    desk.press("stopButton")
    dialog = desk.dialog()
    assert not found(dialog, QRadioButton, "stopSellRadio").isEnabled()
    assert "Resume trading" in found(dialog, QLabel, "stopSellText").text()
    assert found(dialog, QPushButton, "confirmButton").isEnabled()


def test_the_figures_follow_the_prices_while_the_dialog_is_open(desk, dialog):
    found(dialog, QRadioButton, "stopSellRadio").click()
    before = found(dialog, QLabel, "stopSellText").text()
    desk.account.prices["BTC"] *= 2
    desk.update()
    assert found(dialog, QLabel, "stopSellText").text() != before


# ------------------------------------------------------------------------------------------- one that waits, one that is halted


def halt(desk, kind: HaltKind, *frozen: str):
    """Core 4 is halted, and its stop dialog open."""
    strategy = desk.account.find("s-core4")
    strategy.state, strategy.halt, strategy.frozen = State.HALTED, kind, frozen
    strategy.reason = kind.value
    desk.update()
    desk.press("stopButton")
    dialog = desk.dialog()
    assert dialog is not None
    return dialog


@pytest.mark.rule("7.3")
def test_for_one_that_waits_the_trigger_is_cancelled_and_its_money_goes_back(desk):
    waiting = desk.account.find("s-core4")
    waiting.state, waiting.quantities, waiting.cash = State.WAITING, {}, Decimal(4000)
    trigger = Trigger("SOL/USDT", Decimal(140), Direction.FALLING)
    waiting.parameters = replace(waiting.parameters, trigger=trigger)
    desk.update()
    desk.press("stopButton")
    dialog = desk.dialog()
    assert found(dialog, QLabel, "stopTitle").text() == "Cancel the trigger of Core 4?"
    words = found(dialog, QLabel, "stopKeepText").text()
    assert "SOL \u2264 140.00" in words
    assert "4,000.00\u00a0USDT go to the free pool" in words
    assert "trigger cancelled" in found(dialog, QLabel, "stopEndText").text()
    for name in ("stopSellRadio", "stopKeepRadio"):
        assert not found(dialog, QRadioButton, name).isVisible()
    assert found(dialog, QPushButton, "stopCancelButton").text() == "Keep waiting"
    assert found(dialog, QPushButton, "confirmButton").text() == "Cancel the trigger"
    desk.press("confirmButton")
    assert [command.sell_all for command in desk.taken(c.StopStrategy)] == [False]
    desk.answer()
    assert "trigger is cancelled" in desk.find(QLabel, "detailsMessage").text()


def test_that_its_coins_are_being_sold_is_not_said_any_more_once_it_has_ended(desk):
    said = desk.find(QLabel, "detailsMessage")
    desk.press("stopButton")
    found(desk.dialog(), QRadioButton, "stopSellRadio").setChecked(True)
    desk.press("confirmButton")
    desk.engine.selling = True
    desk.answer()
    assert desk.account.find("s-core4").state is State.STOPPING
    assert "being sold" in said.text()
    desk.account.find("s-core4").state = State.ENDED
    desk.update()
    assert said.text() == ""
    assert not said.isVisible()
    # What is said of something else stays its time.
    desk.window.page.say("The file was saved.")
    desk.update()
    assert said.text() == "The file was saved."


def test_when_the_trigger_fires_while_it_is_asked_the_question_is_another_one(desk):
    waiting = desk.account.find("s-core4")
    quantities = waiting.quantities
    waiting.state, waiting.quantities = State.WAITING, {}
    desk.update()
    desk.press("stopButton")
    dialog = desk.dialog()
    waiting.state, waiting.quantities = State.RUNNING, quantities
    desk.update()
    assert found(dialog, QRadioButton, "stopKeepRadio").isVisible()
    assert found(dialog, QLabel, "stopTitle").text() == "What shall happen with the coins of Core 4?"


@pytest.mark.rule("7.5")
def test_out_of_a_halt_for_a_closed_market_it_ends_with_that_reason_and_the_coin_goes_back(desk):
    dialog = halt(desk, HaltKind.MARKET, "SOL")
    assert "a coin was delisted or its market closed" in found(dialog, QLabel, "stopEndText").text()
    found(dialog, QRadioButton, "stopSellRadio").click()
    words = found(dialog, QLabel, "stopSellText").text()
    assert "SOL cannot be sold (its market is closed) and goes back as coins" in words
    table = rows(dialog, "planTable")
    assert ["SOL", "Skipped its market is closed"] in [row[:2] for row in table]
    assert [row[1] for row in table if row[0] == "BTC"] == ["Sell"]


@pytest.mark.rule("7.6")
def test_without_the_right_to_trade_nothing_can_be_sold_and_it_ends_with_that_reason(desk):
    dialog = halt(desk, HaltKind.NO_RIGHT)
    assert "the account or key may no longer trade" in found(dialog, QLabel, "stopEndText").text()
    assert not found(dialog, QRadioButton, "stopSellRadio").isEnabled()
    assert "may no longer trade" in found(dialog, QLabel, "stopSellText").text()
    desk.press("confirmButton")
    assert [command.sell_all for command in desk.taken(c.StopStrategy)] == [False]


@pytest.mark.rule("7.7")
def test_out_of_stop_all_it_ends_with_that_reason(desk):
    desk.press("stopAllButton")
    desk.answer()
    desk.press("stopButton")
    dialog = desk.dialog()
    assert "Stop all" in found(dialog, QLabel, "stopEndText").text()


def test_while_something_is_missing_at_the_exchange_it_cannot_be_stopped(desk):
    dialog = halt(desk, HaltKind.SHORT)
    desk.account.find("s-core4").missing = (("BTC", Decimal("0.001")),)
    desk.update()
    assert not found(dialog, QPushButton, "confirmButton").isEnabled()
    assert "missing at the exchange" in found(dialog, QPushButton, "confirmButton").toolTip()


@pytest.mark.rule("5.6b")
def test_dust_is_named_with_its_quantity(desk):
    desk.account.find("s-core4").quantities["SOL"] = Decimal("0.001")
    desk.update()
    desk.press("stopButton")
    dialog = desk.dialog()
    words = found(dialog, QLabel, "stopSellText").text()
    assert "0.001 SOL cannot be sold (too little for an order) and goes back as coins" in words
