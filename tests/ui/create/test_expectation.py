"""The rule cockpit in the Manual form: figures, where they come from, warnings and what mends them, the page behind it."""

from decimal import Decimal
from time import perf_counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QToolButton, QWidget

from rebalancer_gui.application.market_commands import LoadCloses
from rebalancer_gui.ui.widgets.banner import Banner
from tests.ui.create.conftest import Desk
from tests.ui.parts import found

SLOWEST_SECONDS = 0.05


@pytest.fixture
def form(desk: Desk) -> Desk:
    """Three coins in equal parts, 240 USDT, the default rule; the past of the coins is known."""
    desk.fill()
    desk.answer()
    return desk


def plain(text: str) -> str:
    """With ordinary spaces where the screen has some that do not break."""
    return text.replace("\u00a0", " ")


def says(desk: Desk, name: str) -> str:
    """What a label says."""
    return plain(desk.text(name))


def banner(desk: Desk) -> str:
    """Headline and text of the warning on screen; empty where there is none."""
    shown = desk.find(Banner, "expectationBanner")
    if not shown.isVisible() or shown.notice is None:
        return ""
    return plain(f"{shown.notice.headline}. {shown.notice.text}")


def test_an_empty_form_expects_nothing_and_says_what_is_missing(desk: Desk) -> None:
    assert desk.text("expectedRebalances") == "\u2013"
    assert desk.text("expectedFees") == "\u2013"
    assert says(desk, "expectationSource") == "Known once there are coins, and their weights add up to 100 %."
    assert banner(desk) == ""
    assert not desk.find(QToolButton, "expectationHowButton").isEnabled()


def test_while_weights_do_not_add_up_that_is_said_in_place_of_an_estimate(form: Desk) -> None:
    form.type("weightEditBTC", "50")
    assert form.text("expectedRebalances") == "\u2013"
    assert "add up to" in says(form, "expectationSource")


def test_every_keystroke_in_the_threshold_changes_the_figures(form: Desk) -> None:
    seen = []
    for threshold in ("1", "2", "5", "10"):
        form.type("thresholdComboEdit", threshold)
        seen.append((form.text("expectedRebalances"), form.text("expectedFees")))
    assert len(set(seen)) == 4
    form.type("thresholdComboEdit", "x")
    assert form.text("expectedRebalances") == "\u2013"


def test_the_past_of_the_coins_is_asked_for_once_and_the_source_says_what_the_figures_rest_on(desk: Desk) -> None:
    desk.fill()
    (asked,) = [c for c in desk.past_asked if isinstance(c, LoadCloses)][-1:]
    assert asked.assets == ("BTC", "ETH", "SOL")
    assert says(desk, "expectationSource").startswith("Estimated with 60 % a year, the past is being read")
    before = desk.text("expectedRebalances")
    desk.answer()
    assert says(desk, "expectationSource") == "Estimated from the moves of 180 days, fee 0.1 % a side."
    assert desk.text("expectedRebalances") != before
    desk.type("thresholdComboEdit", "3")
    desk.update()
    assert not any(isinstance(command, LoadCloses) for command in desk.past_asked)


def test_a_coin_of_which_nothing_is_known_is_named_with_what_is_assumed(desk: Desk) -> None:
    desk.add("BTC", "ETH", "XVS")
    desk.type("investmentEdit", "900")
    desk.answer()
    assert "XVS: not known, 60 % assumed." in says(desk, "expectationSource")


def test_without_any_past_the_source_says_that_60_percent_are_assumed(desk: Desk) -> None:
    desk.add("USDC", "XVS")
    desk.answer()
    assert says(desk, "expectationSource").startswith("Estimated with 60 % a year, nothing is known of USDC and XVS")


def test_a_refused_question_for_the_past_leaves_an_estimate_that_says_so(desk: Desk) -> None:
    desk.engine._refuse = {LoadCloses: "no"}
    desk.fill()
    desk.answer()
    assert "60 % a year, nothing is known of BTC, ETH and SOL" in says(desk, "expectationSource")


@pytest.mark.rule("11.7")
def test_a_portfolio_too_small_to_rebalance_is_mended_by_one_press(form: Desk) -> None:
    assert banner(form) == "Too small to rebalance. No coin can trade less than 2.1 pp."
    button = form.find(QPushButton, "expectationBannerButton")
    assert button.text() == "Invest 510.00"
    button.click()
    assert form.find(QWidget, "investmentEdit").property("text") == "510.00"
    assert form.manual.draft.investment == Decimal(510)
    assert "Too small" not in banner(form)


@pytest.mark.rule("11.7")
def test_without_the_money_the_press_raises_the_threshold(form: Desk) -> None:
    form.engine.account.free = Decimal(300)
    form.update()
    button = form.find(QPushButton, "expectationBannerButton")
    assert plain(button.text()) == "Raise to 2.1 %"
    button.click()
    assert form.manual.draft.threshold == Decimal("2.1")
    assert form.find(QWidget, "thresholdComboEdit").property("text") == "2.1\u00a0%"
    assert "Too small" not in banner(form)


@pytest.mark.rule("11.7")
def test_by_time_the_press_raises_the_gate(form: Desk) -> None:
    form.engine.account.free = Decimal(300)
    form.update()
    form.find(QAbstractButton, "byTimeRadio").click()
    form.type("intervalComboEdit", "30 min")
    form.type("gateEdit", "0.1")
    assert banner(form).startswith("Too small to rebalance")
    form.find(QPushButton, "expectationBannerButton").click()
    gate = form.manual.draft.gate
    assert gate is not None
    assert gate > 2


@pytest.mark.rule("11.7")
def test_a_coin_whose_legs_are_too_small_can_be_dropped_from_the_page_behind_the_figures(desk: Desk) -> None:
    desk.add("BTC", "ETH", "XRP")
    for name, weight in (("BTC", "48"), ("ETH", "48"), ("XRP", "4")):
        desk.type(f"weightEdit{name}", weight)
    desk.type("investmentEdit", "400")
    desk.type("thresholdComboEdit", "5")
    desk.answer()
    assert banner(desk).startswith("Small legs will be skipped")
    assert "of XRP" in banner(desk)
    desk.find(QToolButton, "expectationHowButton").click()
    page = desk.dialog("expectationDetailsDialog")
    drop = found(page, QPushButton, "expectationCureSkippedDrop")
    assert drop.text() == "Drop XRP"
    assert drop.accessibleName().startswith("Drop XRP; the others share")
    drop.click()
    assert desk.manual.draft.allocation.assets == ("BTC", "ETH")
    assert found(page, QLabel, "expectationWarningSkippedText").isVisible() is ("XRP" in banner(desk))


@pytest.mark.rule("11.7")
def test_two_equal_coins_with_a_threshold_of_50_never_rebalance(desk: Desk) -> None:
    desk.add("BTC", "ETH")
    desk.type("investmentEdit", "1000")
    desk.type("thresholdComboEdit", "50")
    desk.answer()
    assert banner(desk) == "It never rebalances. No drift can pass 50 % with these weights."
    assert desk.text("expectedRebalances") == "none"
    assert desk.text("expectedFees") == "0.00"
    button = desk.find(QPushButton, "expectationBannerButton")
    assert plain(button.text()) == "Lower to 30 %"
    button.click()
    assert banner(desk) == ""
    assert desk.text("expectedRebalances") != "none"


@pytest.mark.rule("11.7")
def test_dear_fees_and_small_orders_are_both_told_the_worse_one_first(form: Desk) -> None:
    form.type("thresholdComboEdit", "0.3")
    assert banner(form).startswith("Too small to rebalance")
    more = form.find(QToolButton, "expectationBannerMore")
    assert more.text() == "1 more"
    more.click()
    assert banner(form).startswith("Fees take")
    form.find(QPushButton, "expectationBannerButton").click()
    assert form.manual.draft.threshold in {Decimal(1), Decimal(2)}
    assert "Fees take" not in banner(form)


def test_an_auto_band_is_estimated_too_and_explained_coin_by_coin(form: Desk) -> None:
    form.type("investmentEdit", "1500")
    before = form.text("expectedRebalances")
    form.type("thresholdComboEdit", "Auto")
    assert form.text("expectedRebalances") not in {before, "\u2013"}
    form.find(QToolButton, "expectationHowButton").click()
    page = form.dialog("expectationDetailsDialog")
    assert plain(found(page, QLabel, "expectationFact5").text()) == "BTC 5.00, ETH 5.00, SOL 5.00 pp"
    assert "a band of its own" in found(page, QLabel, "expectationMethod").text()
    form.type("thresholdComboEdit", "5")
    assert not found(page, QLabel, "expectationFact5").isVisible()


def test_the_smallest_tradable_drift_is_known_with_an_amount_only(desk: Desk) -> None:
    desk.add("BTC", "ETH", "SOL")
    desk.answer()
    assert desk.text("expectedDrift") == "\u2013"
    assert desk.text("expectedRebalances") != "\u2013"
    desk.type("investmentEdit", "240")
    assert desk.text("expectedDrift") == "2.1\u20132.4"
    assert desk.find(QLabel, "expectedDrift").accessibleName() == "Smallest tradable drift: 2.1 to 2.4 points"
    assert "ETH 2.2" in desk.find(QLabel, "expectedDrift").toolTip()


def test_coins_that_go_in_count_for_what_can_be_traded(desk: Desk) -> None:
    desk.engine.account.coins["BTC"] = Decimal("0.01")
    desk.update()
    desk.fill()
    desk.answer()
    without = desk.manual.expectation.outlook
    desk.find(QAbstractButton, "useHeldCoinsCheck").click()
    desk.find(QPushButton, "heldAllButtonBTC").click()
    within = desk.manual.expectation.outlook
    assert without is not None
    assert within is not None
    assert within.drifts["ETH"] < without.drifts["ETH"]


@pytest.mark.rule("11.8")
def test_the_page_behind_the_figures_says_honestly_what_the_premium_is_and_when_it_fails(desk: Desk) -> None:
    desk.add("USDC", "XVS")
    desk.type("investmentEdit", "1000")
    desk.type("thresholdComboEdit", "5")
    desk.answer()
    desk.find(QToolButton, "expectationHowButton").click()
    page = desk.dialog("expectationDetailsDialog")
    words = plain(found(page, QLabel, "expectationPremium").text())
    assert "move 60 % a year against each other gain about 4.50 % a year" in words
    assert "HODL wins when, over a year, one coin grows more than 1.83 times as much as the other" in words
    assert "no profit by itself" in words


def test_the_page_opens_and_closes_by_the_keyboard_and_names_money_per_rebalance(form: Desk) -> None:
    how = form.find(QToolButton, "expectationHowButton")
    how.setFocus()
    form.qtbot.keyClick(how, Qt.Key.Key_Space)
    page = form.dialog("expectationDetailsDialog")
    assert found(page, QLabel, "expectationFact2").accessibleName().startswith("One typical rebalance costs: 0.")
    assert plain(found(page, QLabel, "expectationFact4").text()) == says(form, "smallestLabel").split()[-1] + " USDT"
    assert page.focusWidget() is found(page, QPushButton, "expectationCloseButton")
    form.qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible()


@pytest.mark.rule("11.7")
def test_the_chosen_preset_says_in_one_line_what_it_leads_to_and_mends_what_is_wrong(desk: Desk) -> None:
    desk.engine.account.free = Decimal(50_000)
    desk.panel.show_presets()
    desk.answer()
    assert says(desk, "presetExpectationLabel").endswith("% fees a year.")
    assert not desk.find(QPushButton, "presetExpectationButton").isVisible()
    desk.type("presetInvestmentEdit", "180")
    assert says(desk, "presetExpectationLabel") == "Small legs will be skipped"
    mend = desk.find(QPushButton, "presetExpectationButton")
    assert mend.text().startswith("Invest "), "the rule of a preset is changed in Manual"
    assert mend.isVisible()
    mend.click()
    assert (desk.presets.terms.amount.value() or 0) > 180
    assert "smallest drift" in says(desk, "presetExpectationLabel")


def test_the_line_under_the_cards_opens_the_page_behind_its_figures(desk: Desk) -> None:
    desk.panel.show_presets()
    desk.answer()
    desk.find(QToolButton, "presetExpectationHowButton").click()
    page = desk.dialog("expectationDetailsDialog")
    assert "HODL wins" in found(page, QLabel, "expectationPremium").text()


def test_ten_coins_are_judged_within_50_ms_of_a_keystroke(desk: Desk) -> None:
    desk.add("BTC", "ETH", "BNB", "SOL", "XRP", "ADA", "DOGE", "DOT", "LTC", "LINK")
    desk.type("investmentEdit", "1500")
    desk.answer()
    edit = desk.find(QWidget, "weightEditBTC")
    edit.setFocus()
    took = []
    for key in (Qt.Key.Key_Backspace, Qt.Key.Key_1, Qt.Key.Key_Backspace, Qt.Key.Key_0):
        started = perf_counter()
        desk.qtbot.keyClick(edit, key)
        took.append(perf_counter() - started)
    combo = desk.find(QWidget, "thresholdComboEdit")
    combo.setFocus()
    for key in (Qt.Key.Key_End, Qt.Key.Key_Backspace, Qt.Key.Key_Backspace, Qt.Key.Key_Backspace, Qt.Key.Key_3):
        started = perf_counter()
        desk.qtbot.keyClick(combo, key)
        took.append(perf_counter() - started)
    assert desk.manual.expectation.outlook is not None
    assert sorted(took)[len(took) // 2] < SLOWEST_SECONDS, took


def test_a_warning_that_comes_while_the_mouse_is_on_the_form_moves_nothing_and_is_said_in_words(form: Desk) -> None:
    panel, source = form.manual.expectation, form.find(QLabel, "expectationSource")
    form.type("investmentEdit", "1900")
    assert banner(form) == ""
    with form.qtbot.waitActive(form.root):
        form.root.activateWindow()
    threshold = form.find(QWidget, "thresholdComboEdit")
    panel.room.pointer = lambda: threshold.mapToGlobal(threshold.rect().center())
    before = panel.y(), panel.height()
    calm = says(form, "expectationSource")
    form.type("thresholdComboEdit", "0.1")
    assert banner(form) == ""
    assert (panel.y(), panel.height()) == before
    assert says(form, "expectationSource").startswith("Too small to rebalance. No coin can trade less than")
    assert source.property("ink") == "warn"
    panel.room.pointer = lambda: form.manual.create_button.mapToGlobal(form.manual.create_button.rect().center())
    form.qtbot.waitUntil(lambda: banner(form).startswith("Too small to rebalance"))
    assert says(form, "expectationSource") == calm
    assert source.property("ink") == "text2"


def test_whatever_the_figures_rest_on_the_panel_keeps_its_height(form: Desk) -> None:
    form.type("investmentEdit", "1900")
    height = form.manual.expectation.height()
    form.type("weightEditBTC", "10")
    assert banner(form) == ""
    assert form.manual.expectation.height() == height
