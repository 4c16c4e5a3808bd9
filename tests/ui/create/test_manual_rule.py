"""The Manual page: the rule, and what happens at the end; the keyboard, the wheel, the two widths."""

from datetime import timedelta
from decimal import Decimal
from typing import cast

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QTableView,
    QWidget,
)

from rebalancer_gui.application import commands as c
from rebalancer_gui.domain.strategy import BandRule, RatioRule, Target, TimeRule
from tests.ui.create.conftest import Desk


@pytest.mark.rule("2.4", "2.6")
def test_a_custom_threshold_and_check_period_are_sent(desk: Desk):
    desk.fill()
    desk.combo("thresholdCombo").setEditText("2.5")
    desk.combo("checkPeriodCombo").setEditText("45 s")
    desk.confirm()
    assert desk.taken(c.CreateStrategy)[0].parameters.rule == RatioRule(Decimal("2.5"), timedelta(seconds=45))


def test_auto_is_chosen_or_typed_in_place_of_a_threshold_and_sends_the_auto_band(desk: Desk):
    desk.fill()
    desk.combo("thresholdCombo").setCurrentText("auto")
    desk.confirm()
    assert desk.taken(c.CreateStrategy)[0].parameters.rule == BandRule(timedelta(seconds=2))


@pytest.mark.rule("2.5", "2.7")
def test_by_time_sends_interval_and_gate_and_hides_the_threshold(desk: Desk):
    desk.fill()
    desk.find(QRadioButton, "byTimeRadio").click()
    assert not desk.combo("thresholdCombo").isVisible()
    desk.combo("intervalCombo").setEditText("36 h")
    desk.type("gateEdit", "0")
    desk.confirm()
    assert desk.taken(c.CreateStrategy)[0].parameters.rule == TimeRule(timedelta(hours=36), Decimal(0))


@pytest.mark.rule("2.4", "2.5", "2.9")
def test_the_lists_are_those_of_the_specification(desk: Desk):
    def texts(name: str) -> str:
        box = desk.combo(name)
        return ", ".join(box.itemText(i) for i in range(box.count()))

    assert (
        texts("thresholdCombo")
        == "0.5\u00a0%, 1\u00a0%, 2\u00a0%, 5\u00a0%, 10\u00a0%, 20\u00a0%, 30\u00a0%, 50\u00a0%, Auto"
    )
    assert texts("intervalCombo") == "30 min, 1 h, 4 h, 8 h, 12 h, 1 d, 3 d, 7 d, 14 d, 28 d"
    assert desk.combo("thresholdCombo").currentText() == "1\u00a0%"
    assert desk.combo("checkPeriodCombo").currentText() == "2 s"
    assert desk.combo("intervalCombo").currentText() == "1 d"
    assert desk.find(QLineEdit, "gateEdit").text() == "0.5"


def test_what_was_typed_is_written_out_when_the_field_is_left(desk: Desk):
    box = desk.combo("thresholdCombo")
    box.setFocus()
    box.setEditText("5")
    desk.find(QLineEdit, "investmentEdit").setFocus()
    assert box.currentText() == "5\u00a0%"


@pytest.mark.rule("2.4b")
def test_a_threshold_that_can_never_be_passed_is_warned_of(desk: Desk):
    desk.add("BTC", "ETH")
    desk.type("investmentEdit", "240")
    desk.combo("thresholdCombo").setEditText("50")
    assert "Never rebalances" in desk.text("ruleMessage")
    assert desk.create.isEnabled()
    desk.combo("thresholdCombo").setEditText("49.9")
    assert desk.text("ruleMessage") == ""


@pytest.mark.rule("5.6c")
def test_selling_all_on_stop_is_asked_in_the_form_and_again_in_the_preview(desk: Desk):
    desk.fill()
    desk.find(QCheckBox, "sellAllOnStopCheck").click()
    desk.create.click()
    desk.answer()
    dialog = desk.dialog("planPreviewDialog")
    again = dialog.findChild(QCheckBox, "planSellAllCheck")
    assert again is not None
    assert again.isChecked()
    again.click()
    confirm_button = dialog.findChild(QPushButton, "confirmButton")
    assert confirm_button is not None
    confirm_button.click()
    desk.answer()
    assert desk.taken(c.CreateStrategy)[0].parameters.sell_all_on_stop is False


def names_below(interface: QAccessibleInterface) -> set[str]:
    """The objectNames that a walk from here through the accessible tree meets."""
    met: set[str] = set()
    for number in range(interface.childCount()):
        child = interface.child(number)
        # The cells of a table have no widget, whatever the stub says.
        widget = cast("QObject | None", child.object())
        met |= names_below(child) | ({widget.objectName()} if widget is not None else set())
    return met


def test_a_screen_reader_that_walks_through_the_window_finds_each_rows_controls(desk: Desk):
    desk.fill()
    top = QAccessible.queryAccessibleInterface(desk.panel)
    assert {"allocationTable", "weightEditBTC", "lockButtonETH", "removeCoinButtonSOL"} <= names_below(top)


def test_the_tab_key_follows_the_eye(desk: Desk):
    desk.fill()
    names = ["strategyNameEdit", "quoteCombo", "distributionCombo", "addCoinsButton", "lockButtonBTC", "weightEditBTC"]
    names += ["removeCoinButtonBTC", "lockButtonETH", "weightEditETH", "removeCoinButtonETH", "lockButtonSOL"]
    names += ["weightEditSOL", "removeCoinButtonSOL", "investmentEdit", "investmentSlider"]
    names += ["byRatioRadio"]
    names += [
        "byTimeRadio",
        "thresholdCombo",
        "checkPeriodCombo",
        "advancedGroup",
        "expectationHowButton",
        "testRuleButton",
        "expectationBannerButton",
        "savePresetButton",
        "previewButton",
        "createButton",
    ]
    desk.find(QLineEdit, names[0]).setFocus()
    visited = []
    for _ in names:
        focus = desk.root.focusWidget()
        assert focus is not None
        visited.append(focus.objectName())
        desk.qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert visited == names


def test_the_wheel_over_a_combo_or_the_slider_scrolls_and_changes_nothing(desk: Desk):
    desk.fill()
    desk.find(QLineEdit, "strategyNameEdit").setFocus()
    for name in ("thresholdCombo", "distributionCombo", "investmentSlider"):
        widget = desk.find(QWidget, name)
        before = desk.manual.draft
        event = QWheelEvent(
            QPointF(5, 5), QPointF(widget.mapToGlobal(QPoint(5, 5))), QPoint(0, -120), QPoint(0, -120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)
        assert desk.manual.draft == before


@pytest.mark.parametrize("width", (360, 392))
def test_nothing_is_cut_in_the_panels_two_widths_with_ten_coins(desk: Desk, width: int):
    desk.root.resize(width, 620)
    desk.panel.setFixedWidth(width)
    desk.add("BTC", "ETH", "SOL", "BNB", "XRP", "ADA", "DOGE", "DOT", "LTC", "LINK")
    desk.type("investmentEdit", "1800")
    desk.update()
    content = desk.manual._scroll.widget()
    assert content is not None
    # The bar of the scroll area comes with the tenth coin; what it takes away the content gives in a later turn of the loop.
    desk.qtbot.waitUntil(lambda: content.width() <= desk.manual._scroll.viewport().width() + 2)
    table = desk.find(QTableView, "allocationTable")
    assert sum(table.columnWidth(i) for i in range(6)) <= table.viewport().width() + 1
    assert desk.manual.draft.allocation.targets[0] == Target("BTC", Decimal("10.00"))
