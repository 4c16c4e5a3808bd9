"""Editing a strategy while it runs, and strategies as files: import, export, duplicate."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QMessageBox, QPushButton, QRadioButton, QTableView, QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.domain.strategy import Basis, Level, RatioRule, State, Trigger
from rebalancer_gui.domain.strategy_file import parse_strategy
from tests.ui.parts import found


def chosen(desk):
    return next(s for s in desk.account.strategies if s.id == desk.window.strategies.chosen())


def act(desk, name: str) -> None:
    action = desk.window.findChild(QAction, name)
    assert action is not None
    assert action.isEnabled()
    action.trigger()


@pytest.fixture
def dialog(desk):
    act(desk, "editStrategyAction")
    opened = desk.dialog()
    assert opened is not None
    assert opened.objectName() == "editStrategyDialog"
    return opened


def test_another_threshold_is_saved_as_the_strategy_s_parameters(desk, dialog):
    before = chosen(desk).parameters
    save = found(dialog, QPushButton, "confirmButton")
    assert not save.isEnabled()
    assert "changed" in save.toolTip()
    dialog.rule.threshold.set_value(Decimal(7))
    dialog.rule.edited.emit()
    desk.press("confirmButton")
    (command,) = desk.taken(c.EditStrategy)
    assert isinstance(command.parameters.rule, RatioRule)
    assert command.parameters.rule.threshold == Decimal(7)
    assert replace(command.parameters, rule=before.rule) == before
    desk.answer()
    assert desk.dialog() is None


def test_what_a_rule_leads_to_is_said_for_the_strategys_own_money_and_mended_by_one_press(desk, dialog):
    strategy = chosen(desk)
    outlook = dialog.expectation.outlook
    assert outlook.wish.targets == strategy.parameters.targets
    assert outlook.wish.worth == strategy.snapshot(1, desk.account.at, desk.account.quotes()).total
    before = found(dialog, QLabel, "expectedRebalances").text()
    dialog.rule.threshold.set_value(Decimal("0.1"))
    dialog.rule.edited.emit()
    assert found(dialog, QLabel, "expectedRebalances").text() != before
    button = found(dialog, QPushButton, "expectationBannerButton")
    assert button.text().startswith("Raise to"), "neither money nor coins are changed here"
    button.click()
    assert dialog.wanted().rule.threshold > Decimal("0.1")
    dialog.rule.threshold.setEditText("x")
    assert found(dialog, QLabel, "expectationSource").text() == "Known once the rule can be read."


def test_what_changes_is_listed_in_words_before_it_is_saved(desk, dialog):
    changes, save = found(dialog, QLabel, "editChangesLabel"), found(dialog, QPushButton, "confirmButton")
    assert changes.text() == "Nothing is changed yet."
    assert save.toolTip() == "Nothing is changed yet."
    name = chosen(desk).parameters.name
    found(dialog, QLineEdit, "editNameEdit").setText("Other")
    dialog.rule.threshold.set_value(Decimal("2.5"))
    dialog.rule.check_period.set_value(timedelta(minutes=5))
    dialog.rule.edited.emit()
    dialog.advanced.stop_loss.put("", Decimal(-20))
    dialog.advanced.sell_all.toggle()
    dialog.advanced.edited.emit()
    lines = changes.text().replace("\N{NO-BREAK SPACE}", " ").split("\n")
    assert lines[0] == f"Name: {name} \u2192 Other"
    assert lines[1].startswith("Threshold: ")
    assert lines[1].endswith("\u2192 2.5 %")
    assert lines[2].startswith("Check every: ")
    assert lines[2].endswith("\u2192 5 min")
    assert lines[3] == "Stop-loss: none \u2192 return \u2264 \u221220 %"
    assert lines[4].startswith("Sell all coins when it stops: ")
    assert save.isEnabled()
    found(dialog, QRadioButton, "byTimeRadio").setChecked(True)
    assert "\nRule: by coin ratio " in changes.text()


def test_what_is_put_back_is_no_change_and_save_is_blocked_again(desk, dialog):
    name, changes = found(dialog, QLineEdit, "editNameEdit"), found(dialog, QLabel, "editChangesLabel")
    before = name.text()
    name.setText("Other")
    assert changes.text() != "Nothing is changed yet."
    name.setText(before)
    assert changes.text() == "Nothing is changed yet."
    assert not found(dialog, QPushButton, "confirmButton").isEnabled()


def test_while_a_field_cannot_be_read_nothing_is_listed_and_save_says_what_is_wrong(desk, dialog):
    combo = dialog.rule.threshold
    combo.setEditText("five")
    assert "once every field can be read" in found(dialog, QLabel, "editChangesLabel").text()
    save = found(dialog, QPushButton, "confirmButton")
    assert not save.isEnabled()
    assert save.toolTip()


def test_the_dialog_has_no_section_numbers_of_the_create_form(desk, dialog):
    numbers = [label for label in dialog.findChildren(QLabel) if label.property("type") == "number"]
    assert numbers == []
    assert any(label.property("type") == "number" for label in desk.window.create_panel.findChildren(QLabel))


def test_the_button_edit_rule_opens_the_dialog_and_is_blocked_for_a_strategy_that_is_over(desk):
    button = desk.find(QPushButton, "editRuleButton")
    assert button.accessibleName() == "Edit rule"
    desk.press("editRuleButton")
    assert desk.dialog().objectName() == "editStrategyDialog"
    desk.dialog().reject()
    strategy = chosen(desk)
    strategy.state = State.ENDED
    desk.update()
    assert not button.isEnabled()
    assert "ended" in button.toolTip()
    desk.window.findChild(QAction, "editStrategyAction").trigger()
    assert desk.dialog() is None


@pytest.fixture
def untriggered(desk):
    """The dialog of a strategy that waits, its trigger emptied."""
    strategy = chosen(desk)
    strategy.state, strategy.cash, strategy.quantities = State.WAITING, Decimal(500), {}
    strategy.parameters = replace(strategy.parameters, trigger=Trigger("BTC/USDT", Decimal(1)))
    desk.update()
    desk.press("editRuleButton")
    dialog = desk.dialog()
    dialog.advanced.trigger.edit.clear()
    assert "Trigger: BTC/USDT" in found(dialog, QLabel, "editChangesLabel").text()
    return dialog


def start_preview(desk):
    return next((d for d in desk.window.findChildren(QDialog, "startPreviewDialog") if d.isVisible()), None)


def test_emptying_the_trigger_shows_the_orders_of_the_first_build_and_only_its_confirmation_saves(desk, untriggered):
    found(untriggered, QPushButton, "confirmButton").click()
    preview = start_preview(desk)
    assert preview is not None
    assert not desk.taken(c.EditStrategy)
    assert not found(preview, QPushButton, "confirmButton").isEnabled(), "before the orders are known"
    desk.answer()
    table = found(preview, QTableView, "planTable")
    assert table.model().rowCount() > 1
    assert "starts at once" in found(preview, QLabel, "startHint").text()
    assert "none" in found(preview, QLabel, "startChangesLabel").text()
    assert not found(preview, QPushButton, "confirmButton").hasFocus()
    found(preview, QPushButton, "confirmButton").click()
    (command,) = desk.taken(c.EditStrategy)
    assert command.parameters.trigger is None
    desk.answer()
    assert start_preview(desk) is None
    assert desk.dialog() is None


def test_a_preview_of_the_start_that_is_cancelled_saves_nothing_and_the_edit_goes_on(desk, untriggered):
    found(untriggered, QPushButton, "confirmButton").click()
    desk.answer()
    start_preview(desk).reject()
    assert not desk.taken(c.EditStrategy)
    assert desk.dialog() is untriggered
    found(untriggered, QPushButton, "confirmButton").click()
    assert start_preview(desk) is not None


def test_a_start_that_the_engine_refuses_is_said_in_its_preview(desk, untriggered):
    desk.engine._refuse[c.EditStrategy] = "Stop all is on: press Resume trading first."
    found(untriggered, QPushButton, "confirmButton").click()
    desk.answer()
    preview = start_preview(desk)
    found(preview, QPushButton, "confirmButton").click()
    desk.answer()
    assert start_preview(desk) is preview
    assert "Stop all is on" in preview.banner.notice.text


def test_a_stop_loss_that_would_fire_at_once_is_refused_beside_its_field(desk, dialog):
    dialog.advanced.stop_loss.put("", Decimal(50))
    dialog.advanced.edited.emit()
    assert not found(dialog, QPushButton, "confirmButton").isEnabled()
    assert "at once" in found(dialog, QPushButton, "confirmButton").toolTip()


def test_a_stop_loss_on_the_return_is_saved(desk, dialog):
    dialog.advanced.stop_loss.put("", Decimal(-30))
    dialog.advanced.edited.emit()
    desk.press("confirmButton")
    assert desk.taken(c.EditStrategy)[0].parameters.stop_loss == Level(Basis.RETURN, Decimal(-30))


def test_the_trigger_is_shown_only_while_the_strategy_waits(desk, dialog):
    assert not dialog.advanced.trigger.isVisibleTo(dialog)
    dialog.reject()
    strategy = chosen(desk)
    strategy.state = State.WAITING
    strategy.parameters = replace(strategy.parameters, trigger=Trigger("BTC/USDT", Decimal(1)))
    desk.update()
    act(desk, "editStrategyAction")
    opened = desk.dialog()
    assert opened is not None
    assert opened.findChild(QWidget, "triggerPriceEdit").isVisibleTo(opened)


def test_another_interval_announces_a_new_time_grid(desk, dialog):
    hint = found(dialog, QLabel, "editGridHint")
    assert not hint.isVisibleTo(dialog)
    found(dialog, QRadioButton, "byTimeRadio").setChecked(True)
    assert hint.isVisibleTo(dialog)


def test_an_empty_name_and_one_that_is_taken_are_refused(desk, dialog):
    name = found(dialog, QLineEdit, "editNameEdit")
    other = next(s for s in desk.account.strategies if s.id != chosen(desk).id and s.state is not State.ENDED)
    for text in ("", other.parameters.name):
        name.setText(text)
        assert not found(dialog, QPushButton, "confirmButton").isEnabled()


def test_what_the_engine_refuses_stands_in_the_dialog_that_stays_open(desk, dialog):
    desk.engine._refuse[c.EditStrategy] = "The price of BTC is not known now."
    found(dialog, QLineEdit, "editNameEdit").setText("Another name")
    desk.press("confirmButton")
    desk.answer()
    assert desk.dialog() is dialog
    assert "not known" in found(dialog, QLabel, "editMessage").text()


def test_a_strategy_is_written_to_a_file_and_read_back_into_the_form(desk, tmp_path):
    view = next(s for s in desk.feed.view.strategies if s.id == desk.window.strategies.chosen())
    place = tmp_path / "core.json"
    desk.window.files.write(view, place)
    assert parse_strategy(place.read_bytes()).parameters == view.parameters
    desk.window.files.read(place)
    draft = desk.window.create_panel.manual.draft
    assert draft.allocation.targets == view.parameters.targets
    assert draft.rule == view.parameters.rule
    assert draft.name != view.parameters.name, "its name is taken"


def test_a_file_that_is_wrong_is_refused_whole_with_every_problem_and_the_form_stays(desk, tmp_path):
    before = desk.window.create_panel.manual.draft
    place = tmp_path / "bad.json"
    place.write_text(
        '{"format": "rebalancer-strategy", "version": 1, "quote": "USDT", "investment": "NaN", "coins": []}'
    )
    desk.window.files.read(place)
    box = desk.window.findChild(QMessageBox, "importProblems")
    assert box is not None
    assert "coins" in box.text()
    assert "investment" in box.text()
    assert desk.window.create_panel.manual.draft == before
    box.close()


def test_a_duplicate_stands_in_the_form_under_a_free_name(desk):
    strategy = chosen(desk)
    act(desk, "duplicateStrategyAction")
    draft = desk.window.create_panel.manual.draft
    assert draft.allocation.targets == strategy.parameters.targets
    assert draft.name not in {s.parameters.name for s in desk.account.strategies}
    assert not desk.taken(c.CreateStrategy)


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing_behind(desk, tmp_path):
    desk.window.files.write(desk.feed.view.strategies[0], tmp_path / "no such folder" / "x.json")
    box = found(desk.window, QMessageBox, "exportProblem")
    assert box.isVisible()
    assert "not written" in box.text()
    assert list(tmp_path.iterdir()) == []
