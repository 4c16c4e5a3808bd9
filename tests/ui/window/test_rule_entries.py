"""Test this rule is opened from the menu, the Manual form and Edit rule, and gives the chosen rule back to where it came from."""

from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QRadioButton

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.candle_commands import LoadCandles
from rebalancer_gui.domain.strategy import INTERVALS, RatioRule, Rule, State, TimeRule
from rebalancer_gui.ui.backtest.window import TestRuleWindow
from rebalancer_gui.ui.create.drafts import draft_of
from tests.ui.parts import found
from tests.ui.window.rule_tests import BARS, CELLS

RULE = TimeRule(INTERVALS[7], Decimal(2))


@pytest.fixture
def ready(desk):
    """The window, with what a test needs imported; few candles."""
    desk.engine.candles.most, desk.engine.candles.timeframes = BARS, (timedelta(days=1),)
    desk.window.loader.start()
    desk.window.loader.join()
    desk.qtbot.waitUntil(lambda: desk.window.loader.is_ready)
    return desk


def complete(desk) -> TestRuleWindow:
    """The window that was opened, once its map is complete."""
    window = desk.window.presses.tests.window
    assert isinstance(window, TestRuleWindow)
    desk.answer()
    desk.qtbot.waitUntil(lambda: len(window.results.sweep.model.cells) == CELLS and not window.session.is_busy)
    return window


def rule_of(window: TestRuleWindow) -> Rule | None:
    return window.results.run.rule if window.results.run is not None else None


def take(desk, window: TestRuleWindow) -> None:
    """Choose the cell of RULE and take it over."""
    window.results.sweep.choose((RULE.gate, RULE.interval))
    desk.qtbot.waitUntil(lambda: rule_of(window) == RULE)
    found(window, QPushButton, "useRuleButton").click()


def menu(desk, name: str) -> None:
    action = desk.window.findChild(QAction, name)
    assert action is not None
    action.trigger()


def test_the_menu_tests_the_chosen_strategy_and_the_rule_goes_into_edit_rule_unsaved(ready):
    strategy = next(s for s in ready.account.strategies if s.id == ready.window.strategies.chosen())
    menu(ready, "testStrategyAction")
    window = complete(ready)
    assert rule_of(window) == strategy.parameters.rule
    assert ready.taken(LoadCandles)[0].symbols == strategy.parameters.symbols
    take(ready, window)
    dialog = ready.dialog()
    assert dialog.objectName() == "editStrategyDialog"
    assert dialog.wanted().rule == RULE
    assert not ready.taken(c.EditStrategy)
    ready.press("confirmButton")
    assert ready.taken(c.EditStrategy)[0].parameters.rule == RULE


def test_the_rule_of_a_strategy_that_is_over_is_copied_into_the_manual_form_with_its_coins(ready):
    strategy = next(s for s in ready.account.strategies if s.id == ready.window.strategies.chosen())
    strategy.state = State.ENDED
    ready.update()
    menu(ready, "testStrategyAction")
    take(ready, complete(ready))
    assert ready.dialog() is None
    draft = ready.window.create_panel.manual.draft
    assert draft.rule == RULE
    assert draft.allocation.targets == strategy.parameters.targets


@pytest.mark.rule("11.9")
def test_the_manual_form_is_tested_and_gets_exactly_the_rule_of_the_cell(ready):
    manual = ready.window.create_panel.manual
    parameters = ready.account.strategies[0].parameters
    ready.window.create_panel.copy_to_manual(draft_of(parameters))
    ready.draw()
    ready.press("testRuleButton")
    window = complete(ready)
    take(ready, window)
    assert manual.draft.rule == RULE
    assert found(manual, QRadioButton, "byTimeRadio").isChecked()
    assert manual.draft.allocation.targets == parameters.targets
    assert not ready.taken(c.CreateStrategy)


def test_the_manual_button_says_what_is_missing_for_a_test(ready):
    button = found(ready.window, QPushButton, "testRuleButton")
    assert not button.isEnabled()
    assert button.toolTip() == "Add coins first: there is nothing to test yet."


def test_a_form_without_an_amount_is_tested_with_the_usual_one(ready):
    draft = draft_of(ready.account.strategies[0].parameters)
    ready.window.create_panel.copy_to_manual(draft)
    ready.window.create_panel.manual.investment.edit.set_value(None)
    ready.draw()
    ready.press("testRuleButton")
    window = complete(ready)
    assert window.head.amount.value() == Decimal(1000)
    window.close()


def test_edit_rule_is_tested_with_what_stands_in_it_and_gets_the_rule_back(ready):
    menu(ready, "editStrategyAction")
    dialog = ready.dialog()
    dialog.put_rule(RatioRule(Decimal(10), timedelta(seconds=2)))
    found(dialog, QPushButton, "editTestRuleButton").click()
    window = complete(ready)
    assert rule_of(window) == RatioRule(Decimal(10), timedelta(seconds=2))
    take(ready, window)
    assert dialog.isVisible()
    assert dialog.wanted().rule == RULE


def test_one_window_is_open_at_a_time(ready):
    menu(ready, "testStrategyAction")
    window = complete(ready)
    menu(ready, "testStrategyAction")
    assert ready.window.presses.tests.window is window
    window.close()
    ready.draw()
    assert ready.window.presses.tests.window is None


def test_before_the_plots_are_imported_the_window_comes_as_soon_as_they_are(desk):
    desk.engine.candles.most = BARS
    assert not desk.window.loader.is_ready
    menu(desk, "testStrategyAction")
    desk.qtbot.waitUntil(lambda: desk.window.presses.tests.window is not None)
    complete(desk).close()
