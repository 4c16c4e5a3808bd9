"""Creating a strategy in the real window, by hand and from a preset, and seeing it rebalance."""

import re
from decimal import Decimal

import pytest

from tests.e2e.window.steps import fill_in_by_hand, market_time, number, ready, runs
from tests.e2e.window.window import open_window

pytestmark = [pytest.mark.window, pytest.mark.e2e]

# From outside a freeze can be seen, but not how long the GUI thread itself works: on a busy machine these times are mostly
# the waiting for a processor. The exact limit is held by the stall test in tests/ui.
USUAL_MS, FREEZE_MS = 25, 1000


def test_a_strategy_made_by_hand_rebalances_on_screen_and_its_orders_are_in_the_history(desktop, data_dir):
    with open_window(desktop, data_dir) as window:
        ready(window)
        began = market_time(window)
        fill_in_by_hand(window, ("BTC", "ETH"), "1000")

        window.click("previewButton")
        window.see("planTable")
        planned = window.eventually(lambda: window.rows("planTable"), "no orders in the preview")
        assert [(row["Coin"], row["Side"]) for row in planned[:2]] == [("BTC", "Buy"), ("ETH", "Buy")]
        assert all(Decimal(499) < number(row["Value, USDT"]) <= 500 for row in planned[:2])
        assert not window.rows_if_shown("strategiesTable"), "a preview creates nothing"
        window.click("confirmButton")

        runs(window, "BTC ETH")
        after_build = [
            row for row in window.eventually(lambda: its_ratios(window), "no ratios") if row["Coin"] in ("BTC", "ETH")
        ]
        assert [Decimal(row["Target %"]) for row in after_build] == [50, 50]
        assert all(abs(Decimal(row["Current %"]) - 50) < 2 for row in after_build)

        window.open_tab("detailTabs", "Journal")
        rebalanced = r"^BTC ETH rebalanced \(by coin ratio, worst drift [\d.]+ pp\): 2 coins traded\.$"
        window.eventually(
            lambda: any(re.search(rebalanced, row["What happened"]) for row in window.rows("journalTable")[1:]),
            "the journal does not tell of a rebalance and what came after it",
            within=30,
        )
        told_at = [row["Time, UTC"] for row in window.rows("journalTable")]
        assert told_at == sorted(told_at, reverse=True), "the newest sentence stands first"

        window.open_tab("detailTabs", "Rebalances")
        rebalance = window.eventually(
            lambda: next((row for row in window.rows("rebalancesTable") if row["Why"] == "By coin ratio"), None),
            "no rebalance on screen",
        )
        assert rebalance["Outcome"] == "Done"
        assert Decimal(rebalance["Worst drift, pp"]) >= 1
        assert window.rows("rebalancesTable", most=40)[-1]["Why"] == "First build"

        window.open_tab("detailTabs", "Orders")
        orders = window.eventually(
            lambda: [row for row in window.rows("ordersTable") if row["Time, UTC"] == rebalance["Time, UTC"]],
            "its orders are not in the history",
        )
        assert {row["Order"].split()[0] for row in orders} == {"Buy", "Sell"}
        assert all(number(row["Filled"]) > 0 for row in orders)

        assert market_time(window) > began


@pytest.mark.isolated
def test_a_preset_becomes_a_strategy_while_the_window_answers_and_its_parameters_a_draft(desktop, data_dir):
    with open_window(desktop, data_dir) as window:
        ready(window)
        card = window.eventually(lambda: window.parts("presetList"), "no cards")[0]
        coins = re.findall(r"([A-Z]+) [\d.]+ percent", card.description)
        assert len(coins) >= 2
        window.click_item("presetList", card.name)
        assert window.words("presetNameEdit") == card.name
        window.write("presetInvestmentEdit", "1000")
        window.says("presetMessage", f"^Enough for {len(coins)} coins$")

        window.click("presetCreateButton")
        window.see("planTable")
        planned = [row["Coin"] for row in window.eventually(lambda: window.rows("planTable"), "no orders")]
        assert set(planned[:-1]) == set(coins)
        window.click("confirmButton")
        runs(window, card.name)
        # A table that changes four times a second is hardly ever read twice alike: the market stands still meanwhile.
        window.click("demoPauseButton")
        held = [row["Coin"] for row in its_ratios(window)]
        window.click("demoPauseButton")
        assert set(coins) <= set(held)

        answered = sorted(window.round_trips("totalLabel", seconds=4))
        assert answered[len(answered) // 2] < USUAL_MS
        assert answered[-1] < FREEZE_MS, answered[-20:]

        window.click("copyToManualButton")
        window.eventually(lambda: window.opened_tab("createTabs") == "Manual", "the Manual page does not open")
        assert [row["Coin"] for row in window.rows("allocationTable")]
        assert sum(percent(row["Weight, %"]) for row in window.rows("allocationTable")) == 100
        assert window.words("strategyNameEdit") == f"{card.name} 2"
        assert window.look("byRatioRadio").checked
        assert window.words("thresholdCombo") == "1 %"
        assert not window.look("createButton").enabled, "the amount is still to be said"
        window.write("investmentEdit", "2000")
        window.says("formMessage", "^Ready to preview$")
        assert window.look("createButton").enabled


def its_ratios(window):
    return window.rows("ratiosTable")


def percent(spoken):
    """Of a cell that says `50.00 percent`."""
    return Decimal(spoken.removesuffix(" percent"))
