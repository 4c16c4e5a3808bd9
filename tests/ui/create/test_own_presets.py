"""Presets of one's own: saved from Manual, among the cards as yours, renamed, deleted; and where the market caps come from."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from shiboken6 import isValid

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.application.caps_port import CapsState
from rebalancer_gui.application.preset_commands import DeletePreset, RefreshMarketCaps, RenamePreset, SavePreset
from rebalancer_gui.domain.presets import Weighting
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.ui.create.preset_list import PresetList
from rebalancer_gui.ui.create.weights import Distribution
from tests.ui.create.conftest import Desk
from tests.ui.parts import found


def names(desk: Desk) -> list[str]:
    model = desk.find(PresetList, "presetList").model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def button(desk: Desk, name: str) -> QPushButton:
    return desk.find(QPushButton, name)


def confirm(dialog: QWidget) -> QPushButton:
    return found(dialog, QPushButton, "confirmButton")


def save_as(desk: Desk, name: str) -> QWidget:
    button(desk, "savePresetButton").click()
    dialog = desk.dialog("presetNameDialog")
    found(dialog, QLineEdit, "presetOwnNameEdit").setText(name)
    return dialog


def saved(desk: Desk, name: str = "Mine") -> None:
    desk.fill()
    confirm(save_as(desk, name)).click()
    desk.answer()
    desk.panel.show_presets()
    QApplication.processEvents()


def test_save_as_preset_is_there_with_coins_and_blocked_while_they_are_wrong(desk: Desk):
    assert not button(desk, "savePresetButton").isVisible()
    desk.add("BTC")
    assert button(desk, "savePresetButton").isVisible()
    assert not button(desk, "savePresetButton").isEnabled()
    assert "2 to 10" in button(desk, "savePresetButton").toolTip()
    desk.add("ETH")
    # No amount, no money is needed for a preset.
    assert button(desk, "savePresetButton").isEnabled()


def test_weights_that_were_typed_are_saved_as_they_are_and_the_card_is_there(desk: Desk):
    desk.add("BTC", "ETH")
    desk.type("weightEditBTC", "60")
    desk.type("weightEditETH", "40")
    dialog = save_as(desk, "Mine")
    assert found(dialog, QComboBox, "presetWeightingCombo").currentData() is Weighting.FIXED
    confirm(dialog).click()
    desk.answer()
    (command,) = desk.taken(SavePreset)
    assert (command.name, command.weighting) == ("Mine", Weighting.FIXED)
    assert command.targets == (Target("BTC", Decimal(60)), Target("ETH", Decimal(40)))
    assert command.rule == desk.manual.draft.rule
    assert desk.text("savePresetMessage") == "Saved among the cards."
    desk.panel.show_presets()
    assert "Mine" in names(desk)
    desk.panel.show_manual()
    desk.type("weightEditBTC", "70")
    assert desk.text("savePresetMessage") == ""


@pytest.mark.parametrize(
    ("distribution", "way"), ((Distribution.EQUAL, Weighting.EQUAL), (Distribution.MARKET_CAP, Weighting.CAP))
)
def test_the_form_says_how_the_weights_usually_come_about(desk: Desk, distribution: Distribution, way: Weighting):
    desk.fill()
    desk.combo("distributionCombo").setCurrentText(distribution.value)
    desk.answer()
    combo = found(save_as(desk, "Mine"), QComboBox, "presetWeightingCombo")
    assert combo.currentData() is way
    assert combo.count() == 4


def test_a_name_that_is_taken_or_empty_is_refused_while_typing(desk: Desk):
    desk.fill()
    dialog = save_as(desk, "main coins")
    assert not confirm(dialog).isEnabled()
    message = found(dialog, QLabel, "presetOwnNameEditMessage")
    assert "already" in message.text()
    found(dialog, QLineEdit, "presetOwnNameEdit").setText(" ")
    assert message.text() == "The preset needs a name."
    found(dialog, QLineEdit, "presetOwnNameEdit").setText("x" * 41)
    assert "at most 40" in message.text()
    assert not confirm(dialog).isEnabled()


def test_what_the_engine_refuses_stands_in_the_dialog(desk: Desk):
    saved(desk)
    desk.panel.show_manual()
    dialog = save_as(desk, "Another")
    desk.engine.presets.own["own-other"] = replace(desk.engine.presets.own["own-mine"], id="own-other", name="Another")
    confirm(dialog).click()
    desk.answer()
    assert "There is a preset named Another already" in found(dialog, QLabel, "presetOwnNameEditMessage").text()
    assert dialog.isVisible()


def test_only_a_preset_of_ones_own_can_be_renamed_and_deleted(desk: Desk):
    saved(desk)
    cards = desk.find(PresetList, "presetList")
    assert cards.choose("main-coins")
    assert not button(desk, "renamePresetButton").isVisible()
    assert cards.choose("own-mine")
    assert desk.text("ownPresetLabel") == "Your preset of 14 May 2021"
    chosen = cards.chosen()
    assert chosen is not None
    assert chosen.coins == "3 coins, yours"
    button(desk, "renamePresetButton").click()
    dialog = desk.dialog("presetNameDialog")
    found(dialog, QLineEdit, "presetOwnNameEdit").setText("Mine too")
    confirm(dialog).click()
    desk.answer()
    assert [command.name for command in desk.taken(RenamePreset)] == ["Mine too"]
    assert "Mine too" in names(desk)
    button(desk, "deletePresetButton").click()
    question = desk.dialog("deletePresetQuestion")
    confirm(question).click()
    desk.answer()
    assert [command.preset_id for command in desk.taken(DeletePreset)] == ["own-mine"]
    assert "Mine too" not in names(desk)
    assert not button(desk, "renamePresetButton").isVisible()


def test_enter_in_the_name_saves_and_esc_while_it_is_saved_waits_for_the_answer(desk: Desk):
    desk.fill()
    dialog = save_as(desk, "Mine")
    desk.qtbot.keyClick(found(dialog, QLineEdit, "presetOwnNameEdit"), Qt.Key.Key_Return)
    desk.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    desk.answer()
    assert [command.name for command in desk.taken(SavePreset)] == ["Mine"]
    assert not isValid(dialog) or not dialog.isVisible()


def test_a_card_of_ones_own_is_created_like_any_other(desk: Desk):
    saved(desk)
    assert desk.find(PresetList, "presetList").choose("own-mine")
    desk.type("presetInvestmentEdit", "500")
    button(desk, "presetCreateButton").click()
    desk.answer()
    confirm(desk.dialog("planPreviewDialog")).click()
    desk.answer()
    (command,) = desk.taken(c.CreateStrategy)
    assert [target.asset for target in command.parameters.targets] == ["BTC", "ETH", "SOL"]


READ = CapsState("Data provided by CoinGecko", date(2021, 5, 14), datetime(2021, 5, 14, 6, tzinfo=UTC))


def caps(desk: Desk, state: CapsState) -> None:
    desk.panel.show_presets()
    desk.engine.presets.caps = state
    desk.update()


@pytest.mark.rule("9.8")
def test_attribution_and_time_of_the_market_caps_are_always_visible(desk: Desk):
    caps(desk, READ)
    assert desk.text("presetSourceLabel") == "Data provided by CoinGecko, 14 May 06:00 UTC"
    assert desk.text("presetCapsMessage") == ""
    caps(desk, CapsState("Data provided by CoinPaprika", date(2021, 5, 13), None))
    assert desk.text("presetSourceLabel") == "Data provided by CoinPaprika, 13 May 2021"


@pytest.mark.rule("9.8")
def test_old_caps_and_a_network_that_is_not_there_are_said(desk: Desk):
    problem = "CoinGecko and CoinPaprika could not be reached. The newest known caps are used."
    caps(desk, CapsState("Data provided by CoinGecko", date(2020, 9, 10), problem=problem))
    assert desk.text("presetCapsMessage") == f"246 days old. {problem}"
    assert desk.text("presetSourceLabel") == "Data provided by CoinGecko, 10 Sep 2020"


def test_refresh_asks_the_engine_and_says_why_it_cannot(desk: Desk):
    caps(desk, READ)
    refresh = button(desk, "presetRefreshButton")
    assert refresh.isEnabled()
    refresh.click()
    desk.answer()
    assert len(desk.taken(RefreshMarketCaps)) == 1
    assert not refresh.isEnabled()
    assert refresh.toolTip() == "It is being read."
    assert desk.text("presetSourceLabel") == "Reading the market caps\u2026"
    caps(desk, replace(READ, why_no_refresh="Market data from the internet is switched off in Settings."))
    assert refresh.toolTip() == "Market data from the internet is switched off in Settings."


def test_cards_made_for_other_money_than_the_chosen_one_are_asked_for_again(desk: Desk):
    desk.panel.show_presets()
    asked = len(desk.taken(c.LoadPresets)) + len(desk.waiting)
    desk.feed.take(e.PresetsReady("", desk.engine.account.name, desk.feed.presets or (), "USDT"))
    assert len(desk.waiting) + len(desk.taken(c.LoadPresets)) == asked
    desk.feed.take(e.PresetsReady("", desk.engine.account.name, desk.feed.presets or (), "EUR"))
    assert [type(command) for command in desk.waiting] == [c.LoadPresets]


def test_the_distribution_by_market_cap_names_its_source_and_says_when_it_is_old(desk: Desk):
    desk.fill()
    desk.combo("distributionCombo").setCurrentText(Distribution.MARKET_CAP.value)
    desk.answer()
    assert desk.text("capsMessage") == "Market caps: CoinGecko, 13 May 2021"
    command = c.LoadMarketCaps("x", desk.engine.account.name, ("BTC", "ETH", "SOL"))
    desk.combo("distributionCombo").setCurrentText(Distribution.EQUAL.value)
    desk.combo("distributionCombo").setCurrentText(Distribution.MARKET_CAP.value)
    asked = desk.waiting.pop()
    assert isinstance(asked, c.LoadMarketCaps)
    known = {asset: Decimal(1000) for asset in command.assets}
    desk.feed.take(e.MarketCapsReady(asked.command_id, known, date(2020, 9, 10), "Data provided by CoinGecko"))
    assert desk.text("capsMessage") == "Market caps: Data provided by CoinGecko, 10 Sep 2020, 246 days old"
