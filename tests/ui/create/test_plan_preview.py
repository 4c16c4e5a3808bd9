"""The preview: what would be sent, renewed each second, confirmed once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QTableView

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.application.views import Preview
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Plan, SkippedLeg, SkipReason
from rebalancer_gui.domain.strategy import HeldCoin, StrategyParameters
from rebalancer_gui.ui.dialogs.plan_preview import PlanPreviewDialog
from tests.ui.create.conftest import Desk
from tests.ui.parts import found


@pytest.fixture
def preview(desk: Desk) -> PlanPreviewDialog:
    """The preview of BTC ETH SOL with 240 USDT, before the engine answered."""
    desk.add("BTC", "ETH", "SOL")
    desk.type("investmentEdit", "240")
    desk.find(QPushButton, "createButton").click()
    dialog = desk.dialog("planPreviewDialog")
    assert isinstance(dialog, PlanPreviewDialog)
    return dialog


def rows(table: QTableView) -> list[list[str]]:
    model = table.model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def confirm_of(dialog: PlanPreviewDialog) -> QPushButton:
    return found(dialog, QPushButton, "confirmButton")


def answer_with(desk: Desk, change: Callable[[Plan], Plan]) -> None:
    """Let the engine's plans be changed before they are told."""
    build = desk.engine._build_plan

    def changed(parameters: StrategyParameters, held: tuple[HeldCoin, ...] = ()) -> Plan:
        return change(build(parameters, held))

    desk.engine._build_plan = changed  # type: ignore[method-assign, assignment]


def skip_last(plan: Plan) -> Plan:
    leg = plan.legs[-1]
    skipped = SkippedLeg(leg.asset, Side.BUY, Decimal("4.00"), SkipReason.BELOW_MINIMUM, Decimal("1.00"))
    return replace(plan, legs=plan.legs[:-1], skipped=(skipped,))


def test_nothing_can_be_confirmed_before_the_orders_are_known(preview: PlanPreviewDialog):
    assert not confirm_of(preview).isEnabled()
    assert confirm_of(preview).toolTip() == "The orders are being planned."


def test_every_order_is_shown_with_its_numbers(desk: Desk, preview: PlanPreviewDialog):
    desk.answer()
    table = rows(found(preview, QTableView, "planTable"))
    assert table[0] == ["BTC", "Buy", "0.00082", "96,418.21", "79.06", "0.079"]
    assert [row[0] for row in table] == ["BTC", "ETH", "SOL", "Total of 3 orders"]
    assert table[3][4:] == ["238.73", "0.239"]
    assert confirm_of(preview).isEnabled()
    assert confirm_of(preview).text() == "Create with 240.00\u00a0USDT"


def test_the_portfolio_after_the_orders_stands_against_its_target(desk: Desk, preview: PlanPreviewDialog):
    desk.answer()
    table = rows(found(preview, QTableView, "afterTable"))
    assert [row[0] for row in table] == ["BTC", "ETH", "SOL", "USDT", "Total"]
    assert table[0][3] == "33.34"
    assert table[3][1] == "1.27"
    assert table[3][3] == "\u2013"
    assert table[4][2:] == ["100.00", "100.00"]
    assert "1.27\u00a0USDT stay as cash" in found(preview, QLabel, "planHint").text()


def test_a_skipped_leg_spans_its_row_with_reason_and_shortfall(desk: Desk, preview: PlanPreviewDialog):
    answer_with(desk, skip_last)
    desk.answer()
    table = found(preview, QTableView, "planTable")
    assert table.columnSpan(2, 1) == 5
    assert rows(table)[2][1] == "Skipped 4.00\u00a0USDT is under the 5.00\u00a0USDT minimum of SOL/USDT"
    banner = found(preview, QFrame, "planBanner")
    assert "SOL will not be bought now" in banner.accessibleName()
    assert "1.00\u00a0USDT are missing" in banner.accessibleName()
    assert confirm_of(preview).isEnabled()


def test_it_is_asked_again_each_second_and_shows_the_time_of_its_prices(desk: Desk, preview: PlanPreviewDialog):
    desk.answer()
    assert "14:32:08" in found(preview, QLabel, "planTimeLabel").text()
    asked = len(desk.taken(c.PreviewStrategy))
    desk.engine.account.at += timedelta(seconds=1)
    desk.qtbot.waitUntil(lambda: bool(questions(desk)), timeout=3000)
    desk.answer()
    assert len(desk.taken(c.PreviewStrategy)) == asked + 1
    assert "14:32:09" in found(preview, QLabel, "planTimeLabel").text()


def questions(desk: Desk) -> list[c.Command]:
    """Those of the preview: the cockpit of the form behind may ask for candles meanwhile."""
    return [command for command in desk.waiting if isinstance(command, c.PreviewStrategy)]


def test_an_unanswered_question_is_not_asked_twice(desk: Desk, preview: PlanPreviewDialog):
    preview.asker.ask()
    preview.asker.ask()
    assert len(questions(desk)) == 1


@pytest.mark.failure(53)
def test_a_double_click_on_confirm_creates_once(desk: Desk, preview: PlanPreviewDialog):
    desk.answer()
    desk.qtbot.mouseDClick(confirm_of(preview), Qt.MouseButton.LeftButton)
    desk.qtbot.mouseClick(confirm_of(preview), Qt.MouseButton.LeftButton)
    confirm_of(preview).click()
    desk.answer()
    assert len(desk.taken(c.CreateStrategy)) == 1


@pytest.mark.failure(53)
def test_while_it_is_being_created_the_dialog_stays(desk: Desk, preview: PlanPreviewDialog):
    desk.answer()
    confirm_of(preview).click()
    desk.qtbot.keyClick(preview, Qt.Key.Key_Escape)
    assert preview.isVisible()
    assert not confirm_of(preview).isEnabled()
    desk.answer()
    assert desk.manual.flow.dialog is None


def test_problems_that_the_engine_sees_block_confirm(desk: Desk, preview: PlanPreviewDialog):
    (command,) = desk.waiting
    desk.waiting.clear()
    assert isinstance(command, c.PreviewStrategy)
    plan = desk.engine._build_plan(command.parameters)
    desk.feed.take(e.PreviewReady(command.command_id, Preview(plan, (("investment", "Only 5 USDT are free."),))))
    assert not confirm_of(preview).isEnabled()
    assert confirm_of(preview).toolTip() == "Only 5 USDT are free."
    assert "Only 5 USDT are free." in found(preview, QFrame, "planBanner").accessibleName()


def test_a_plan_that_cannot_be_made_is_said_and_tried_again(desk: Desk, preview: PlanPreviewDialog):
    (command,) = desk.waiting
    desk.waiting.clear()
    desk.feed.take(e.CommandRejected(command.command_id, "There is no good price for SOL now.", "coins"))
    assert confirm_of(preview).toolTip() == "There is no good price for SOL now."
    preview.asker.ask()
    desk.answer()
    assert confirm_of(preview).isEnabled()
    assert not found(preview, QFrame, "planBanner").isVisible()


def test_a_plan_without_orders_cannot_be_confirmed(desk: Desk, preview: PlanPreviewDialog):
    answer_with(desk, lambda plan: replace(plan, legs=(), skipped=skip_last(plan).skipped))
    desk.answer()
    assert not confirm_of(preview).isEnabled()
    assert "less than the minimum value" in confirm_of(preview).toolTip()


def test_cancel_creates_nothing_and_keeps_the_form(desk: Desk, preview: PlanPreviewDialog):
    desk.answer()
    found(preview, QPushButton, "planCancelButton").click()
    QApplication.processEvents()
    assert desk.taken(c.CreateStrategy) == []
    assert desk.manual.draft.investment == Decimal(240)
    assert desk.manual.flow.dialog is None


def test_an_answer_after_the_dialog_was_closed_does_no_harm(desk: Desk, preview: PlanPreviewDialog):
    found(preview, QPushButton, "planCancelButton").click()
    desk.answer()
    assert desk.manual.flow.dialog is None


def test_preview_and_create_open_one_dialog(desk: Desk, preview: PlanPreviewDialog):
    desk.find(QPushButton, "previewButton").click()
    assert desk.manual.flow.dialog is preview


def test_an_engine_that_ends_meanwhile_is_told_in_the_form(desk: Desk, preview: PlanPreviewDialog):
    desk.answer()
    confirm_of(preview).click()
    desk.feed.take(e.EngineStopped())
    QApplication.processEvents()
    assert "engine is not running" in desk.find(QLabel, "formMessage").text()
    assert desk.manual.draft.investment == Decimal(240)


def test_levels_stand_in_the_preview_and_a_trigger_says_that_nothing_is_sent_now(desk: Desk):
    desk.fill()
    desk.manual.advanced.set_open(True)
    desk.type("triggerPriceEdit", "100000")
    desk.type("stopLossEdit", "-20")
    desk.create.click()
    desk.answer()
    dialog = desk.dialog("planPreviewDialog")
    assert found(dialog, QLabel, "planLevelsLabel").text() == (
        "Trigger BTC/USDT \u2265\u00a0100,000.00\u00a0USDT; stop-loss return \u2264\u00a0\u221220\u00a0%"
    )
    said = " ".join(label.text() for label in found(dialog, QFrame, "planBanner").findChildren(QLabel))
    assert "These orders are not sent now" in said
    assert "It waits for its trigger price, its money reserved" in said
