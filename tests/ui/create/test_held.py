"""Start from coins I hold: chosen from the free pool, valued, sent, and only the difference is traded."""

from decimal import Decimal

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QFrame, QLabel, QLineEdit, QPushButton, QTableView, QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.domain.strategy import HeldCoin
from tests.ui.create.conftest import Desk
from tests.ui.create.test_plan_preview import rows
from tests.ui.parts import found


@pytest.fixture
def rich(desk: Desk) -> Desk:
    """0.01 BTC and 5 SOL are free, and a coin that does not trade here; BTC ETH SOL are in the form."""
    desk.engine.account.coins = {"BTC": Decimal("0.01"), "SOL": Decimal(5), "NEVER": Decimal(7)}
    desk.update()
    desk.fill("300")
    return desk


def check(desk: Desk) -> QCheckBox:
    return desk.find(QCheckBox, "useHeldCoinsCheck")


def tick(desk: Desk) -> None:
    check(desk).click()
    QApplication.processEvents()


def use_all(desk: Desk, asset: str) -> None:
    desk.find(QPushButton, f"heldAllButton{asset}").click()
    QApplication.processEvents()


def preview(desk: Desk) -> QWidget:
    desk.create.click()
    desk.answer()
    return desk.dialog("planPreviewDialog")


def test_without_free_coins_nothing_is_offered_and_the_tooltip_says_why(desk: Desk):
    desk.fill()
    assert not check(desk).isVisible()
    assert check(desk).toolTip() == "The free pool holds no coin that trades in USDT."


def test_a_coin_that_is_not_in_the_allocation_is_named_in_the_tooltip(desk: Desk):
    desk.engine.account.coins = {"DOGE": Decimal(100)}
    desk.update()
    desk.fill()
    assert check(desk).isVisible()
    assert not check(desk).isEnabled()
    assert "The free pool holds DOGE: add what you want to use" in check(desk).toolTip()
    desk.add("DOGE")
    assert check(desk).isEnabled()


@pytest.mark.rule("5.1b")
def test_coins_of_the_allocation_that_are_free_can_be_chosen(rich: Desk):
    tick(rich)
    assert rich.find(QLineEdit, "heldEditBTC").isVisible()
    assert rich.find(QLineEdit, "heldEditSOL").isVisible()
    assert rich.root.findChild(QLineEdit, "heldEditETH") is None
    assert rich.root.findChild(QLineEdit, "heldEditNEVER") is None
    assert rich.text("heldMessageBTC") == "free 0.01\u00a0BTC"
    assert rich.text("heldWorthLabel") == "choose how much of each"


def test_all_takes_what_is_free_and_the_worth_is_shown(rich: Desk):
    tick(rich)
    use_all(rich, "BTC")
    assert rich.find(QLineEdit, "heldEditBTC").text() == "0.01"
    assert rich.text("heldWorthLabel") == "worth 964.18\u00a0USDT"
    assert rich.text("allocationTotal") == "1,264.18\u00a0USDT"


def test_quantity_and_cost_are_sent_and_an_open_cost_is_not_known(rich: Desk):
    tick(rich)
    rich.type("heldEditBTC", "0.004")
    rich.type("heldCostEditBTC", "50000")
    use_all(rich, "SOL")
    rich.confirm()
    (command,) = rich.taken(c.CreateStrategy)
    assert command.held == (HeldCoin("BTC", Decimal("0.004"), Decimal(50_000)), HeldCoin("SOL", Decimal(5), None))
    assert command.build
    assert {question.held for question in rich.taken(c.PreviewStrategy)} == {command.held}


def test_with_held_coins_the_money_may_be_nothing(rich: Desk):
    rich.type("investmentEdit", "0")
    assert not rich.create.isEnabled()
    tick(rich)
    use_all(rich, "SOL")
    assert rich.create.isEnabled()
    assert rich.text("investmentMessage") == ""
    assert rich.text("smallestLabel") == "smallest legal 0.00"
    rich.confirm()
    assert rich.taken(c.CreateStrategy)[0].parameters.investment == 0


def test_an_empty_amount_says_that_it_may_be_nothing(rich: Desk):
    rich.type("investmentEdit", "")
    tick(rich)
    use_all(rich, "SOL")
    assert "it may be 0" in rich.text("formMessage")


def test_the_worth_counts_towards_the_smallest_investment(rich: Desk):
    rich.type("investmentEdit", "3")
    assert "the smallest that works is" in rich.text("investmentMessage")
    tick(rich)
    rich.type("heldEditSOL", "0.01")
    assert "held coins included" in rich.text("investmentMessage")
    rich.type("heldEditSOL", "1")
    assert rich.create.isEnabled()


def test_the_fix_asks_only_for_the_money_that_the_coins_do_not_bring(rich: Desk):
    rich.type("investmentEdit", "3")
    tick(rich)
    rich.type("heldEditSOL", "0.02")
    smallest = rich.manual.findings.smallest
    assert smallest is not None
    rich.find(QPushButton, "investFixButton").click()
    invested = rich.manual.draft.investment
    assert invested is not None
    assert smallest <= invested + Decimal("0.02") * Decimal("162.355") < smallest + Decimal("0.01")
    assert rich.create.isEnabled()


UNUSABLE = (
    ("0.02", "Free are 0.01\u00a0BTC"),
    ("0", "legal is more than 0"),
    ("-1", "legal is more than 0"),
    ("x", "not a number"),
)


def test_a_quantity_that_cannot_be_used_is_refused_in_place(rich: Desk):
    for typed, says in UNUSABLE:
        tick(rich)
        rich.type("heldEditBTC", typed)
        assert says in rich.text("heldMessageBTC"), typed
        assert not rich.create.isEnabled(), typed
        assert rich.create.toolTip().startswith("BTC: "), typed
        tick(rich)
        assert rich.create.isEnabled(), "what is not used cannot be wrong"


def test_what_is_spent_elsewhere_meanwhile_is_marked(rich: Desk):
    tick(rich)
    use_all(rich, "BTC")
    rich.engine.account.coins["BTC"] = Decimal("0.005")
    rich.update()
    assert "Free are 0.005\u00a0BTC" in rich.text("heldMessageBTC")
    assert rich.find(QLineEdit, "heldEditBTC").text() == "0.01"
    assert not rich.create.isEnabled()


def test_a_coin_that_is_taken_out_of_the_allocation_goes_out_of_the_held_ones_too(rich: Desk):
    tick(rich)
    use_all(rich, "BTC")
    use_all(rich, "SOL")
    rich.find(QWidget, "removeCoinButtonBTC").click()  # type: ignore[attr-defined]
    assert [coin.asset for coin in rich.manual.draft.held] == ["SOL"]


def test_unticked_no_coin_is_used(rich: Desk):
    tick(rich)
    use_all(rich, "BTC")
    tick(rich)
    rich.confirm()
    assert rich.taken(c.CreateStrategy)[0].held == ()


def test_after_create_nothing_is_ticked(rich: Desk):
    tick(rich)
    use_all(rich, "BTC")
    rich.confirm()
    assert not check(rich).isChecked()
    assert rich.manual.draft.held == ()


@pytest.mark.rule("5.1b")
def test_the_preview_shows_only_the_difference_that_is_traded(rich: Desk):
    tick(rich)
    use_all(rich, "BTC")
    dialog = preview(rich)
    orders = {row[0]: row[1] for row in rows(found(dialog, QTableView, "planTable"))}
    assert orders["BTC"] == "Sell"
    assert orders["ETH"] == orders["SOL"] == "Buy"
    assert found(dialog, QLabel, "planRuleLabel").text().startswith("300.00\u00a0USDT and 0.01\u00a0BTC, by coin ratio")
    assert found(dialog, QPushButton, "confirmButton").text() == "Create with 300.00\u00a0USDT and 1 coin"
    assert found(dialog, QLabel, "planHint").text().startswith("Sells 5")


def test_building_nothing_sends_no_orders_and_says_what_comes_next(rich: Desk):
    rich.combo("thresholdCombo").setEditText("50")
    tick(rich)
    use_all(rich, "BTC")
    dialog = preview(rich)
    box = found(dialog, QCheckBox, "buildNothingCheck")
    assert box.isVisible()
    box.click()
    rich.answer()
    assert not found(dialog, QTableView, "planTable").isVisible()
    assert "No order is sent now" in banner(dialog)
    assert "The rule trades when it exceeds 50\u00a0%" in banner(dialog)
    after = {row[0]: row[1] for row in rows(found(dialog, QTableView, "afterTable"))}
    assert after["BTC"] == "964.18"
    found(dialog, QPushButton, "confirmButton").click()
    rich.answer()
    (command,) = rich.taken(c.CreateStrategy)
    assert not command.build
    assert rich.engine.account.strategies[-1].quantities == {"BTC": Decimal("0.01")}


def test_building_nothing_warns_where_the_rule_trades_at_its_first_check_anyway(rich: Desk):
    tick(rich)
    use_all(rich, "BTC")
    dialog = preview(rich)
    found(dialog, QCheckBox, "buildNothingCheck").click()
    rich.answer()
    assert "exceeds 1\u00a0%: the rule sends these orders at its first check" in banner(dialog)


def test_without_held_coins_something_must_be_built(desk: Desk):
    desk.fill()
    assert not found(preview(desk), QCheckBox, "buildNothingCheck").isVisible()


def test_coins_that_stand_at_their_weights_can_be_taken_without_an_order(rich: Desk):
    rich.manual.allocating.put(rich.manual.draft.allocation.without("ETH"))
    rich.engine.account.coins = {"BTC": Decimal("0.162355"), "SOL": Decimal("96.418205")}
    rich.update()
    rich.type("investmentEdit", "0")
    tick(rich)
    use_all(rich, "BTC")
    use_all(rich, "SOL")
    dialog = preview(rich)
    assert "Nothing has to be traded" in banner(dialog)
    assert found(dialog, QPushButton, "confirmButton").isEnabled()
    assert found(dialog, QPushButton, "confirmButton").text() == "Create with 2 coins"


def banner(dialog: QWidget) -> str:
    """All that the banner says."""
    return " ".join(label.text() for label in found(dialog, QFrame, "planBanner").findChildren(QLabel))
