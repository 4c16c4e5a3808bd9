"""The dialogs about a strategy that runs and about its paper account, by mouse and keyboard in the real window."""

import json
import re
from decimal import Decimal

import pytest

from tests.e2e.program import run_to_end
from tests.e2e.window.steps import number, ready, runs, state
from tests.e2e.window.window import open_window

pytestmark = [pytest.mark.window, pytest.mark.e2e]

STRATEGY = {
    "format": "rebalancer-strategy",
    "version": 1,
    "name": "Core",
    "quote": "USDT",
    "coins": [{"asset": "BTC", "weight": "50"}, {"asset": "ETH", "weight": "50"}],
    "investment": "1000",
    "rule": {"kind": "ratio", "threshold": "5", "check_seconds": 2},
    "sell_all_on_stop": False,
}


@pytest.fixture
def window(desktop, data_dir, tmp_path):
    """An account with one strategy, made from the console, which is quicker than by hand; the replay goes slowly, so that
    only what is pressed is traded.
    """
    file = tmp_path / "core.json"
    file.write_text(json.dumps(STRATEGY))
    ended = run_to_end("strategy", "create", file, "--data-dir", data_dir)
    assert ended.returncode == 0, ended.stderr
    with open_window(desktop, data_dir) as window:
        runs(window, "Core")
        window.choose("demoSpeedCombo", "1 min a second")
        window.open_tab("createTabs", "Manual")
        yield window


def test_money_goes_from_outside_into_the_account_into_a_strategy_and_back(window):
    assert free(window) == Decimal(9000)
    window.click("paperAccountButton")
    window.write("transferAmountEdit", "500")
    window.click("depositButton")
    window.says("paperMessage", r"^500(\.00)? USDT came in\.$")
    window.click("paperCloseButton")
    window.eventually(lambda: free(window) == Decimal(9500), "the deposit is not in the free pool")

    window.click("addFundsButton")
    window.write("amountEdit", "250")
    window.says("confirmButton", r"^Add 250\.00 USDT$")
    window.eventually(
        lambda: {row["Side"] for row in window.rows("planTable")[:-1]} == {"Buy"}, "no orders in the dialog"
    )
    window.click("confirmButton")
    window.gone("addFundsDialog")
    window.eventually(lambda: free(window) == Decimal(9250), "the money is still in the free pool")
    window.eventually(lambda: invested(window) == Decimal(1250), "it is not in the strategy")

    window.click("removeFundsButton")
    window.write("amountEdit", "9999")
    window.says("amountMessage", r"\d")
    assert not window.look("confirmButton").enabled, "more than there is"
    window.write("amountEdit", "200")
    window.click("confirmButton")
    window.gone("removeFundsDialog")
    window.eventually(lambda: Decimal(9440) < free(window) <= Decimal(9450), "the money does not come back")
    window.eventually(lambda: invested(window) < Decimal(1060), "it is still in the strategy")


def test_another_rule_is_said_in_words_saved_and_in_the_journal_and_the_strategy_is_stopped(window):
    window.click("editRuleButton")
    window.says("editChangesLabel", r"^Nothing is changed yet\.$")
    assert not window.look("confirmButton").enabled
    window.write("editNameEdit", "Calm")
    window.write("stopLossEdit", "-20")
    window.says("editChangesLabel", "^Name: Core \u2192 Calm\nStop-loss: none \u2192 return \u2264 -20 %$")
    window.click("confirmButton")
    window.gone("editStrategyDialog")
    runs(window, "Calm")
    window.open_tab("detailTabs", "Journal")
    window.eventually(
        lambda: any("name Core -> Calm" in " ".join(row.values()) for row in window.rows("journalTable")),
        "the journal does not have the change",
    )
    window.click("stopButton")
    window.click("stopSellRadio")
    window.click("confirmButton")
    window.eventually(lambda: state(window, "Calm") == "Ended", "the strategy does not end")
    assert not window.look("editRuleButton").enabled
    window.eventually(lambda: free(window) > Decimal(9900), "its money is not free again")


def test_a_coin_is_replaced_and_what_is_sold_and_bought_is_shown_first(window):
    window.click("changeCoinsButton")
    window.see("changeCoinsDialog")
    window.click("removeCoinButtonETH")
    window.click("addCoinsButton")
    window.write("coinSearchEdit", "SOL")
    window.click_item("coinList", "SOL")
    window.click("coinDialogOk")
    window.gone("coinDialogOk")
    window.write("weightEditBTC", "60")
    window.write("weightEditSOL", "40")
    window.eventually(
        lambda: {(row["Coin"], row["Side"]) for row in window.rows("planTable")} >= {("ETH", "Sell"), ("SOL", "Buy")},
        "the dialog does not show what is sold and bought",
    )
    window.click("confirmButton")
    window.gone("changeCoinsDialog")
    window.eventually(
        lambda: {row["Coin"] for row in window.rows("ratiosTable")} >= {"BTC", "SOL"}, "the new coin is not there"
    )
    window.open_tab("detailTabs", "Orders")
    window.eventually(
        lambda: {row["Order"] for row in window.rows("ordersTable", most=4)} >= {"Sell ETH/USDT", "Buy SOL/USDT"},
        "the orders of the dialog are not sent",
    )


def test_the_paper_account_begins_anew_without_a_restart_by_hand(window, data_dir):
    window.click("paperAccountButton")
    window.click("resetAccountButton")
    window.says("resetEndsLabel", "Core")
    assert not window.look("confirmButton").enabled
    window.click("resetAgreeCheck")
    window.click("confirmButton")
    window.see("resetOutcome")
    window.desktop.keys("Return")
    window.gone("resetOutcome")
    ready(window)
    window.see("strategiesEmpty")
    (kept,) = (data_dir / "backups").iterdir()
    assert re.fullmatch(r"paper-reset-\d{8}-\d{6}", kept.name)
    window.signal()
    assert window.end()[0] == 0, window.said()


def free(window) -> Decimal:
    """The free pool's money, in the Manual form."""
    return number(window.says("freeLabel", r"^free [\d,]"))


def invested(window) -> Decimal:
    return number(window.rows("strategiesTable")[0]["Invested"])
