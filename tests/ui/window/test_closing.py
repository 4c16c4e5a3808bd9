"""What is asked when the window is closed while levels are watched."""

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QLabel

from rebalancer_gui.domain.strategy import Basis, Direction, Level, State, StrategyParameters, Trigger
from tests.ui.parts import found
from tests.ui.window.conftest import Desk


def set_levels(desk: Desk, number: int, **changes: object) -> None:
    strategy = desk.account.strategies[number]
    changed: StrategyParameters = replace(strategy.parameters, **changes)  # type: ignore[arg-type]
    strategy.parameters = changed


def asked(desk: Desk) -> str:
    """The question's text."""
    desk.update()
    desk.window.close()
    dialog = desk.dialog()
    assert dialog is not None
    return found(dialog, QLabel, "closeQuestionText").text()


def test_without_levels_the_question_does_not_speak_of_them(desk: Desk):
    assert "trigger" not in asked(desk)


@pytest.mark.rule("6.4")
def test_the_question_counts_the_strategies_whose_levels_do_not_fire_while_it_is_closed(desk: Desk):
    set_levels(desk, 0, stop_loss=Level(Basis.RETURN, Decimal(-20)), take_profit=Level(Basis.RETURN, Decimal(50)))
    set_levels(desk, 1, take_profit=Level(Basis.PRICE, Decimal(5000), "BNB/USDT"))
    set_levels(desk, 2, trigger=Trigger("UNI/USDT", Decimal(9), Direction.FALLING))
    desk.account.strategies[2].state = State.WAITING
    words = asked(desk)
    assert "3 strategies have a trigger, stop-loss or take-profit" in words
    assert "nothing rests on the exchange, so these do not fire while the program is closed" in words


def test_a_trigger_that_was_reached_and_levels_of_what_is_over_do_not_count(desk: Desk):
    set_levels(desk, 0, trigger=Trigger("BTC/USDT", Decimal(9), Direction.FALLING))
    set_levels(desk, 1, stop_loss=Level(Basis.RETURN, Decimal(-20)))
    desk.account.strategies[1].state = State.ENDED
    assert "trigger" not in asked(desk)


@pytest.mark.rule("6.4")
def test_one_strategy_is_told_as_one(desk: Desk):
    set_levels(desk, 0, stop_loss=Level(Basis.RETURN, Decimal(-20)))
    assert "1 strategy has a trigger, stop-loss or take-profit" in asked(desk)
