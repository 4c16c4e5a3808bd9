"""Strategies that ended long ago: told of when they are asked for, then as any other that is over."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QTableView

from rebalancer_gui.application.strategy_commands import LoadEnded
from rebalancer_gui.domain.strategy import State
from tests.ui.sample_account import four_strategies

pytestmark = pytest.mark.rule("7.1")
OLD = 3


@pytest.fixture
def old_desk(open_desk):
    """Three go on, one has just ended, three ended long ago; the picture has the first four."""
    desk = open_desk()
    account = desk.account
    account.strategies = four_strategies(account.prices)
    account.strategies[3].state = State.ENDED
    account.strategies[3].ended_at = account.at
    last = account.view().strategies[3]
    account.older = [
        replace(
            last,
            id=f"s-old{number}",
            parameters=replace(last.parameters, name=f"Old {number}"),
            reason="take-profit",
            score=replace(last.score, value=Decimal(100 + number), added=Decimal(100), profit=Decimal(number)),
        )
        for number in range(OLD)
    ]
    desk.start()
    return desk


def names(desk) -> list[str]:
    model = desk.find(QTableView, "strategiesTable").model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def older_button(desk) -> QPushButton:
    button: QPushButton = desk.find(QPushButton, "olderStrategiesButton")
    return button


def show(desk, choice: str) -> None:
    desk.find(QComboBox, "strategiesFilter").setCurrentText(choice)
    desk.answer()


def test_those_that_ended_long_ago_are_listed_when_they_are_asked_for_and_have_their_details(old_desk):
    desk = old_desk
    assert older_button(desk).isVisible()
    assert older_button(desk).text() == "Show 3 older"
    assert not any(name.startswith("Old") for name in names(desk))
    older_button(desk).click()
    desk.answer()
    assert [command.before for command in desk.taken(LoadEnded)] == ["s-alt"]
    assert names(desk)[3:7] == ["Alt dip", "Old 0", "Old 1", "Old 2"]
    assert not older_button(desk).isVisible()
    desk.window.strategies.choose("s-old1")
    desk.answer()
    assert desk.find(QLabel, "detailsName").text() == "Old 1"
    desk.engine.tell()
    desk.answer()
    assert names(desk)[4:7] == ["Old 0", "Old 1", "Old 2"], "they stay in the next pictures"


def test_they_are_let_go_when_the_filter_lists_what_goes_on(old_desk):
    desk = old_desk
    older_button(desk).click()
    desk.answer()
    show(desk, "Running")
    assert not older_button(desk).isVisible()
    desk.engine.tell()
    desk.answer()
    assert len(desk.feed.view.strategies) == 4
    show(desk, "Ended")
    assert older_button(desk).isVisible()


def test_the_total_of_those_that_are_over_counts_those_that_are_not_listed(old_desk):
    desk = old_desk
    show(desk, "Ended")
    model = desk.find(QTableView, "strategiesTable").model()
    total = [model.index(model.rowCount() - 1, column).data() for column in range(model.columnCount())]
    assert total[:2] == ["Total", "4 strategies"]
    assert names(desk) == ["Alt dip", "Total"]
    one = desk.account.view().strategies[3].score
    assert total[model.column_of("value")] == f"{one.value + 303:,.2f}"
