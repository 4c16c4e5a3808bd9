"""What somebody sees is whole, in the order of the eye, and can be reached without a mouse."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QPushButton,
    QTabBar,
    QTableView,
    QWidget,
)

from rebalancer_gui.domain.planning import MINIMUM_VALUE_MESSAGE
from rebalancer_gui.domain.risk import RISK_TEXT
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.widgets.labels import ElidedLabel
from tests.ui.sample_account import SampleAccount, demo_state, four_strategies

SIZES = ((1280, 800), (1024, 700))


def cut_texts(window: QWidget) -> list[str]:
    """Every text on screen that does not fit where it stands (texts made to give way with a tooltip left out)."""
    found: list[str] = []
    for part in window.findChildren(QWidget):
        if not part.isVisible():
            continue
        match part:
            case ElidedLabel():
                continue
            case QLabel():
                found += _cut_label(part)
            case QAbstractButton() | QComboBox():
                found += _cut_control(part)
            case QTabBar() if part.sizeHint().width() > part.width() + 1:
                found.append(f"tabs {part.objectName()}")
            case QTableView():
                found += _cut_headers(part)
    return found


def _cut_label(label: QLabel) -> Iterator[str]:
    if not label.text():
        return
    if label.wordWrap():
        if label.heightForWidth(label.width()) > label.height() + 1:
            yield f"label {label.objectName()} {label.text()!r}: too low"
    elif label.sizeHint().width() > label.width() + 1:
        yield f"label {label.objectName()} {label.text()!r}: too narrow"


def _cut_control(control: QAbstractButton | QComboBox) -> Iterator[str]:
    text = control.currentText() if isinstance(control, QComboBox) else control.text()
    lines = text.split("\n")
    wanted = max(control.fontMetrics().horizontalAdvance(line) for line in lines)
    # A combo box has its arrow; a check box or radio button its mark; a button with an icon the icon.
    beside = 34 if isinstance(control, QComboBox) else 20 if control.isCheckable() or not control.icon().isNull() else 4
    if text and wanted + beside > control.width():
        yield f"{control.objectName()} {text!r}"


def _cut_headers(table: QTableView) -> Iterator[str]:
    header, model = table.horizontalHeader(), table.model()
    for section in range(model.columnCount()):
        if not table.isColumnHidden(section):
            text = str(model.headerData(section, Qt.Orientation.Horizontal))
            if header.fontMetrics().horizontalAdvance(text) > header.sectionSize(section) - 14:
                yield f"header {text!r} of {table.objectName()}"
    if table.horizontalScrollBar().maximum() > 0:
        yield f"{table.objectName()} is wider than its room"


def full() -> SampleAccount:
    account = SampleAccount()
    account.strategies = four_strategies(account.prices)
    return account


def halted() -> SampleAccount:
    account = full()
    account.strategies[0].state, account.strategies[0].reason = State.HALTED, "the venue refused three orders in a row"
    return account


def too_small() -> SampleAccount:
    account = full()
    account.strategies[0].message = MINIMUM_VALUE_MESSAGE
    account.strategies[
        0
    ].message_advice = "Short of the smallest order: BTC 1.17 USDT, ETH 1.17 USDT. With a threshold of 2 %."
    return account


def replay_over() -> SampleAccount:
    account = full()
    account.demo = demo_state(ended=True)
    return account


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("make", (full, halted, too_small, replay_over, SampleAccount))
def test_no_text_is_cut_on_any_screen(open_desk, make, size):
    desk = open_desk(make(), size=size)
    desk.start()
    QApplication.processEvents()
    assert cut_texts(desk.window) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tab", ("orders", "rebalances", "fees", "transfers", "journal", "chart"))
def test_no_text_is_cut_on_any_tab(open_desk, tab, size):
    desk = open_desk(size=size)
    desk.start()
    desk.tab(tab)
    if tab == "rebalances":
        desk.find(QTableView, "rebalancesTable").selectRow(0)
    QApplication.processEvents()
    assert cut_texts(desk.window) == []


@pytest.mark.parametrize("button", ("stopButton", "stopAllButton"))
def test_no_text_is_cut_in_the_dialogs(desk, button):
    desk.press(button)
    desk.answer()
    if button == "stopAllButton":
        desk.press(button)
    dialog = desk.dialog()
    QApplication.processEvents()
    assert dialog is not None
    assert cut_texts(dialog) == []


def test_tab_follows_the_eye(desk):
    """The controls that somebody meets with the Tab key stand in the order of the window's map."""
    order = []
    at: QWidget = desk.find(QComboBox, "accountCombo")
    for _ in range(500):
        if at.isVisible() and at.focusPolicy() & Qt.FocusPolicy.TabFocus and at.objectName():
            order.append(at.objectName())
        following = at.nextInFocusChain()
        if following is None or following.objectName() == "accountCombo":
            break
        at = following
    expected = [
        "accountCombo", "stopAllButton", "menuButton", "demoSpeedCombo", "demoPauseButton", "demoStepButton",
        "demoJumpButton", "strategiesFilter", "newStrategyButton", "strategiesTable", "detailTabBar", "ratiosTable",
        "rebalanceNowButton", "addFundsButton", "removeFundsButton", "changeCoinsButton", "pauseButton", "stopButton", "createTabBar", "presetList",
    ]  # fmt: skip
    found = [name for name in order if name in expected]
    assert found == expected


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)  # Offscreen has no tray to connect to.
def test_with_a_tray_closing_offers_to_keep_running_there(desk, monkeypatch):
    monkeypatch.setattr(desk.window.tray, "_available", lambda: True)
    closed = []
    desk.window.closing.connect(lambda: closed.append(True))
    desk.window.close()
    desk.press("closeTrayButton")
    assert not desk.window.isVisible()
    assert not closed, "the engine runs on"
    desk.window.raise_to_front()
    assert desk.window.isVisible()


def test_without_a_tray_no_tray_is_offered(desk, monkeypatch):
    monkeypatch.setattr(desk.window.tray, "_available", lambda: False)
    desk.window.close()
    dialog = desk.dialog()
    assert dialog is not None
    assert dialog.findChild(QPushButton, "closeTrayButton") is None


@pytest.mark.rule("11a.1", "11a.4")
def test_help_has_the_keys_and_the_whole_text_about_risk(desk):
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F1)
    guide = desk.window.help.shown
    assert guide is not None
    assert guide.isVisible()
    guide.go_to("keyboard.md")
    keys = guide.view.toPlainText()
    assert "F5" in keys
    assert "Ctrl+K" in keys
    guide.go_to("../risk.md")
    assert RISK_TEXT in " ".join(guide.view.toPlainText().split())
    desk.window.help.close()
