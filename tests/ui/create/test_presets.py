"""The AI Rebalance page: cards, amount, fixes, copy, create."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QRadioButton,
    QStyleOptionViewItem,
    QToolTip,
)

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.domain.strategy import TimeRule
from rebalancer_gui.ui.create.preset_list import Fold, PresetList
from tests.ui.create.conftest import Desk
from tests.ui.sample_account import preset_cards


@pytest.fixture
def tab(desk: Desk) -> Desk:
    desk.panel.show_presets()
    return desk


def text(desk: Desk, name: str) -> str:
    label = desk.find(QLabel, name)
    return label.text() if label.isVisible() else ""


def cards(desk: Desk) -> PresetList:
    return desk.find(PresetList, "presetList")


def names(desk: Desk) -> list[str]:
    model = cards(desk).model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def create(desk: Desk) -> QPushButton:
    return desk.find(QPushButton, "presetCreateButton")


def test_the_cards_are_asked_for_once_and_usable_ones_come_first(tab: Desk):
    assert len(tab.taken(c.LoadPresets)) == 1
    assert names(tab) == [
        "Main Coins", "BNB Chain", "DeFi", "Payments", "Smart-contract platforms", "Not on this market (1)",
    ]  # fmt: skip


@pytest.mark.rule("9.15")
def test_the_fold_opens_by_mouse_and_by_key_and_says_why(tab: Desk):
    view = cards(tab)
    row = view.model().rowCount() - 1
    view.scrollToBottom()
    fold = view.model().index(row, 0)
    assert fold.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "under 2 coins trade in USDT"
    tab.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(fold).center())
    assert names(tab)[-1] == "Metaverse"
    view.setCurrentIndex(view.model().index(row, 0))
    tab.qtbot.keyClick(view, Qt.Key.Key_Left)
    assert names(tab)[-1] == "Not on this market (1)"
    tab.qtbot.keyClick(view, Qt.Key.Key_Space)
    assert names(tab)[-1] == "Metaverse"


def test_a_card_that_cannot_be_used_is_not_chosen(tab: Desk):
    view = cards(tab)
    view.cards.set_open(opened=True)
    view.setCurrentIndex(view.model().index(view.model().rowCount() - 1, 0))
    chosen = view.chosen()
    assert chosen is not None
    assert chosen.card.id == "main-coins"


def test_keys_walk_through_the_cards_and_the_terms_follow(tab: Desk):
    view = cards(tab)
    tab.qtbot.keyClick(view, Qt.Key.Key_Down)
    assert tab.find(QLineEdit, "presetNameEdit").text() == "BNB Chain"
    assert text(tab, "presetRuleLabel") == "by coin ratio 5\u00a0%,"
    assert text(tab, "presetMinimumLabel") == "from 507.36\u00a0USDT"


@pytest.mark.rule("9.7", "9.12")
def test_a_card_with_enough_money_creates_what_it_shows(tab: Desk):
    tab.type("presetInvestmentEdit", "500")
    assert text(tab, "presetMessage") == "Enough for 5 coins"
    create(tab).click()
    tab.answer()
    dialog = tab.dialog("planPreviewDialog")
    confirm = dialog.findChild(QPushButton, "confirmButton")
    assert confirm is not None
    confirm.click()
    tab.answer()
    (command,) = tab.taken(c.CreateStrategy)
    card = preset_cards(tab.engine.account.quotes())[0]
    assert command.parameters.targets == card.targets
    assert command.parameters.rule == card.rule
    assert (command.parameters.name, command.parameters.investment) == ("Main Coins", Decimal(500))
    assert tab.find(QLineEdit, "presetInvestmentEdit").text() == ""
    assert tab.find(QLineEdit, "presetNameEdit").text() == "Main Coins 2"


BAD_AMOUNTS = (
    ("abc", "not a number"),
    ("2000", "Free are 1,900.00"),
    ("0.5", "the smallest that works is 170.62"),
    ("1e2", "exponent"),
    ("99999999999999999999", "Free are"),
)


def test_a_bad_amount_is_refused_in_place(tab: Desk):
    for typed, says in BAD_AMOUNTS:
        tab.type("presetInvestmentEdit", "240")
        assert create(tab).isEnabled(), typed
        tab.type("presetInvestmentEdit", typed)
        assert says in text(tab, "presetMessage"), typed
        assert tab.find(QLineEdit, "presetInvestmentEdit").property("state") == "error", typed
        assert not create(tab).isEnabled(), typed
        assert says in create(tab).toolTip(), typed


def test_an_amount_that_nobody_typed_yet_is_not_red(tab: Desk):
    assert text(tab, "presetMessage") == "How much?"
    assert tab.find(QLineEdit, "presetInvestmentEdit").property("state") == "ok"
    assert not create(tab).isEnabled()


def test_the_name_of_another_strategy_is_refused(tab: Desk):
    tab.type("presetInvestmentEdit", "500")
    tab.type("presetNameEdit", "Core 4")
    assert "already" in text(tab, "presetMessage")
    assert not create(tab).isEnabled()


@pytest.mark.rule("9.13")
@pytest.mark.parametrize("name", ("presetLeaveOutButton", "presetLiftButton", "presetInvestFixButton"))
def test_a_small_amount_offers_the_fixes_with_their_result(tab: Desk, name: str):
    tab.type("presetInvestmentEdit", "60")
    assert "Too little for BNB, XRP, SOL" in text(tab, "presetMessage")
    assert text(tab, f"{name}Result")
    tab.find(QPushButton, name).click()
    assert create(tab).isEnabled(), create(tab).toolTip()


@pytest.mark.rule("9.13")
def test_a_fix_shows_what_it_did_and_can_be_undone(tab: Desk):
    tab.type("presetInvestmentEdit", "60")
    assert tab.find(QPushButton, "presetLeaveOutButton").text() == "Leave out 3 coins"
    tab.find(QPushButton, "presetLeaveOutButton").click()
    assert text(tab, "presetMessage") == "Enough for 2 coins"
    assert text(tab, "presetFixedLabel") == "Leave out 3 coins: BTC 82.73, ETH 17.27 %"
    assert tab.presets.findings.parameters is not None
    assert tab.presets.findings.parameters.assets == ("BTC", "ETH")
    tab.find(QPushButton, "presetUndoFixButton").click()
    assert not create(tab).isEnabled()
    assert text(tab, "presetFixedLabel") == ""


def test_another_card_forgets_the_fix(tab: Desk):
    tab.type("presetInvestmentEdit", "60")
    tab.find(QPushButton, "presetLeaveOutButton").click()
    cards(tab).choose("payments")
    assert text(tab, "presetFixedLabel") == ""
    assert len(tab.presets.findings.fixes) > 0


@pytest.mark.rule("9.7")
def test_copy_fills_the_manual_page_with_all_parameters(tab: Desk):
    engine_cards = preset_cards(tab.engine.account.quotes())
    by_time = replace(engine_cards[0], rule=TimeRule(), sell_all_on_stop=True)
    tab.feed.take(e.PresetsReady("", tab.engine.account.name, (by_time, *engine_cards[1:])))
    tab.type("presetInvestmentEdit", "500")
    tab.find(QPushButton, "copyToManualButton").click()
    assert tab.panel.tabs.currentWidget() is tab.manual
    assert tab.find(QLineEdit, "strategyNameEdit").text() == "Main Coins"
    assert tab.find(QLineEdit, "investmentEdit").text() == "500.00"
    assert tab.find(QComboBox, "distributionCombo").currentText() == "Custom"
    assert tab.find(QRadioButton, "byTimeRadio").isChecked()
    draft = tab.manual.draft
    assert draft.allocation.targets == by_time.targets
    assert (draft.rule, draft.sell_all_on_stop) == (TimeRule(), True)
    assert tab.manual.findings.parameters is not None


def test_copying_an_unreadable_amount_leaves_it_out(tab: Desk):
    tab.type("presetInvestmentEdit", "5oo")
    tab.find(QPushButton, "copyToManualButton").click()
    assert tab.find(QLineEdit, "investmentEdit").text() == ""


def test_new_cards_of_a_new_day_keep_choice_amount_and_scroll(tab: Desk):
    view = cards(tab)
    view.choose("defi")
    tab.type("presetInvestmentEdit", "120")
    at = view.verticalScrollBar().value()
    newer = tuple(replace(card, as_of=date(2021, 5, 14)) for card in preset_cards(tab.engine.account.quotes()))
    tab.feed.take(e.PresetsReady("", tab.engine.account.name, newer))
    chosen = view.chosen()
    assert chosen is not None
    assert (chosen.card.id, chosen.card.as_of) == ("defi", date(2021, 5, 14))
    assert tab.find(QLineEdit, "presetInvestmentEdit").text() == "120"
    assert view.verticalScrollBar().value() == at


def test_another_quote_asks_for_its_cards(tab: Desk):
    rules = dict(tab.engine.rules)
    rules["BTC/USDC"] = replace(rules["BTC/USDT"], quote="USDC")
    tab.feed.take(e.MarketsLoaded(tab.engine.account.name, rules))
    tab.find(QComboBox, "presetQuoteCombo").setCurrentText("USDC")
    (command,) = tab.waiting
    assert isinstance(command, c.LoadPresets)
    assert command.quote == "USDC"


def test_presets_that_cannot_be_read_say_so(cold_desk: Desk):
    cold_desk.engine._refuse = {c.LoadPresets: "no preset files"}
    cold_desk.panel.show_presets()
    cold_desk.feed.take(e.MarketsLoaded("paper", cold_desk.engine.rules))
    cold_desk.update()
    cold_desk.answer()
    assert "no preset files" in text(cold_desk, "presetListMessage")
    assert "no preset files" in create(cold_desk).toolTip()


def test_coming_back_to_the_page_asks_again_for_presets_that_failed(tab: Desk):
    tab.presets._failure = "no preset files"
    tab.panel.show_manual()
    tab.panel.show_presets()
    tab.answer()
    assert len(tab.taken(c.LoadPresets)) == 2
    assert text(tab, "presetListMessage") == ""


def test_a_refusal_of_the_engine_stands_on_the_page_until_something_changes(tab: Desk):
    tab.type("presetInvestmentEdit", "500")
    create(tab).click()
    tab.answer()
    confirm = tab.dialog("planPreviewDialog").findChild(QPushButton, "confirmButton")
    assert confirm is not None
    confirm.click()
    (command,) = tab.waiting
    tab.waiting.clear()
    tab.feed.take(e.CommandRejected(command.command_id, "There is a strategy named Main Coins already.", "name"))
    QApplication.processEvents()
    assert text(tab, "presetMessage") == "There is a strategy named Main Coins already."
    assert tab.find(QLineEdit, "presetNameEdit").property("state") == "error"
    tab.type("presetNameEdit", "Others")
    assert text(tab, "presetMessage") == "Enough for 5 coins"


def test_a_hidden_page_hears_the_news_when_it_is_shown(tab: Desk):
    tab.type("presetInvestmentEdit", "500")
    tab.panel.show_manual()
    tab.engine.account.free = Decimal(300)
    tab.update()
    assert create(tab).isEnabled()
    tab.panel.show_presets()
    assert not create(tab).isEnabled()
    assert text(tab, "presetFreeLabel") == "free 300.00"


@pytest.mark.rule("11a.1", "11a.2", "11a.3")
def test_the_risk_is_always_on_the_page(tab: Desk):
    label = tab.find(QLabel, "presetRiskLabel")
    assert label.isVisible()
    assert "No promise of profit" in label.text()
    assert "Losses are yours" in label.text()
    assert "Returns and estimates are examples from the past" in label.text()


@pytest.mark.rule("9.6")
def test_a_tooltip_over_a_return_tells_days_and_formula(tab: Desk):
    view = cards(tab)
    index = view.model().index(0, 0)
    rect = view.visualRect(index)
    option = QStyleOptionViewItem()
    option.rect = rect
    delegate = view.itemDelegate()
    at = rect.topLeft() + QPoint(20, 100)
    event = QHelpEvent(QHelpEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at))
    assert delegate.helpEvent(event, view, option, index)
    assert "last 7 days" in QToolTip.text()
    assert "(1 + R)^(365/n)" in QToolTip.text()
    QToolTip.hideText()


def test_the_whole_card_can_be_heard(tab: Desk):
    spoken = cards(tab).model().index(2, 0).data(Qt.ItemDataRole.AccessibleDescriptionRole)
    for part in ("DeFi, 4 coins", "LINK", "percent", "7 D p.a.", "by coin ratio 5", "from"):
        assert part in spoken


@pytest.mark.parametrize("width", (360, 392))
def test_cards_are_painted_in_both_widths_with_the_fold_open(tab: Desk, width: int):
    tab.panel.setFixedWidth(width)
    cards(tab).cards.set_open(opened=True)
    QApplication.processEvents()
    picture = cards(tab).viewport().grab().toImage()
    colours = {picture.pixel(x, 66) for x in range(20, picture.width() - 20)}
    assert len(colours) > 5


def test_the_card_model_keeps_qts_rules(tab: Desk):
    view = cards(tab)
    QAbstractItemModelTester(view.model(), QAbstractItemModelTester.FailureReportingMode.Fatal, tab.root)
    view.cards.set_open(opened=True)
    view.choose("payments")
    tab.engine.account.advance()
    tab.update()
    view.show_faces(())
    assert view.chosen() is None
    assert not any(isinstance(item, Fold) for item in view.cards.items)


def test_the_list_is_a_list_to_qt(tab: Desk):
    assert isinstance(cards(tab), QListView)
    assert cards(tab).accessibleName() == "Presets"


def test_without_any_card_the_free_money_is_shown_all_the_same(tab: Desk):
    tab.feed.take(e.PresetsReady("", tab.engine.account.name, ()))
    tab.update()
    assert tab.find(QLabel, "presetFreeLabel").text() == "free 1,900.00"
