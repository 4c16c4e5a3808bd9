"""The replay's controls, stopping one strategy and stopping all, in the real window."""

from datetime import timedelta

import pytest

from tests.e2e.window.steps import create_by_hand, market_time, number, ready, runs, state
from tests.e2e.window.window import open_window

pytestmark = [pytest.mark.window, pytest.mark.e2e]


def test_the_replay_can_be_paused_stepped_sped_up_and_sent_to_the_next_rebalance(desktop, data_dir):
    with open_window(desktop, data_dir) as window:
        ready(window)
        create_by_hand(window)
        window.open_tab("detailTabs", "Rebalances")

        window.click("demoPauseButton")
        window.says("priceAgeLabel", "^prices paused$")
        stopped_at = market_time(window)
        window.click("demoStepButton")
        window.eventually(lambda: market_time(window) > stopped_at, "one step does not move the date")
        assert market_time(window) - stopped_at == timedelta(minutes=90), "one price further"

        before = window.count("rebalancesTable")
        stepped_to = market_time(window)
        window.click("demoJumpButton")
        window.eventually(lambda: window.count("rebalancesTable") > before, "the jump does not reach a rebalance")
        newest = window.rows("rebalancesTable")[0]
        assert newest["Why"] == "By coin ratio"
        window.eventually(
            lambda: newest["Time, UTC"] == f"{market_time(window):%Y-%m-%d %H:%M:%S}",
            "it does not stand still at the rebalance",
        )
        assert market_time(window) > stepped_to

        window.choose("demoSpeedCombo", "1 min a second")
        window.says("demoSpacingLabel", "^a price every 15 s$")
        window.click("demoPauseButton")
        window.says("priceAgeLabel", r"^prices [\d.]+ s")
        jumped_to = market_time(window)
        window.eventually(lambda: market_time(window) > jumped_to, "the replay does not go on")
        assert market_time(window) - jumped_to < timedelta(minutes=10), "slower than before"


def test_stopping_a_strategy_sells_its_coins_or_keeps_them_as_chosen(desktop, data_dir):
    with open_window(desktop, data_dir) as window:
        ready(window)
        create_by_hand(window, ("BTC", "ETH"))
        create_by_hand(window, ("ADA", "SOL"))

        window.click_cell("strategiesTable", row_of(window, "BTC ETH"), "Name")
        window.says("detailsName", "^BTC ETH$")
        window.click("stopButton")
        window.click("stopSellRadio")
        planned = window.eventually(lambda: window.rows("planTable"), "no orders in the dialog")
        assert {(row["Coin"], row["Side"]) for row in planned[:-1]} == {("BTC", "Sell"), ("ETH", "Sell")}
        window.says("confirmButton", "^Stop and sell$")
        window.click("confirmButton")
        window.eventually(lambda: state(window, "BTC ETH") == "Ended", "the strategy does not end")
        window.open_tab("detailTabs", "Orders")
        assert {row["Order"] for row in window.rows("ordersTable", most=4)} >= {"Sell BTC/USDT", "Sell ETH/USDT"}
        # 9,000 less the other strategy, and what the coins brought.
        free = number(window.says("freeLabel", r"^free 8,[89]\d\d|^free 9,"))

        window.click_cell("strategiesTable", row_of(window, "ADA SOL"), "Name")
        window.says("detailsName", "^ADA SOL$")
        window.click("demoPauseButton")
        window.says("priceAgeLabel", "^prices paused$")
        before = window.count("ordersTable")
        window.click("stopButton")
        window.click("stopKeepRadio")
        window.says("stopKeepText", r"No order is sent\. .* ADA, .* SOL .* go to the free pool")
        window.says("confirmButton", "^Stop and keep the coins$")
        window.click("confirmButton")
        window.eventually(lambda: state(window, "ADA SOL") == "Ended", "the strategy does not end")
        assert window.count("ordersTable") == before, "nothing is sold"
        assert number(window.words("freeLabel")) < free + 10


def test_stop_all_halts_every_strategy_until_trading_is_resumed(desktop, data_dir):
    with open_window(desktop, data_dir) as window:
        ready(window)
        create_by_hand(window)
        window.desktop.keys("ctrl+k")
        window.eventually(lambda: state(window, "BTC ETH") == "Halted", "the strategy is not halted")
        window.says("haltBanner", "Stop all")
        window.says("engineStateLabel", "^trading stopped$")
        assert not window.look("rebalanceNowButton").enabled
        window.open_tab("createTabs", "Manual")
        window.says("formMessage", "^Stop all is on: press Resume trading first")

        window.says("stopAllButton", "^Resume trading$")
        window.click("stopAllButton")
        window.see("resumeTradingQuestion")
        window.click("confirmButton")
        runs(window, "BTC ETH")
        window.says("stopAllButton", "^Stop all$")
        window.gone("haltBanner")


def row_of(window, name):
    return [row["Name"] for row in window.rows("strategiesTable")].index(name)
