"""The header has room for one line: what gives way first, whenever a word in it gets longer."""

from datetime import timedelta

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QPushButton

from rebalancer_gui.ui import header as header_module
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.header import HeaderBar
from tests.ui.parts import found
from tests.ui.sample_account import SampleAccount, four_strategies


def test_prices_that_grow_old_take_the_room_of_the_accounts_name_and_not_that_of_stop_all(
    qtbot, monkeypatch: pytest.MonkeyPatch
):
    account = SampleAccount()
    account.strategies = four_strategies(account.prices)
    header = HeaderBar(NumberFormat(), QMenu())
    qtbot.addWidget(header)
    header.resize(900, header.height())
    header.show()
    header.show_view(account.view())
    qtbot.waitExposed(header)
    stop, combo = found(header, QPushButton, "stopAllButton"), found(header, QComboBox, "accountCombo")
    header.resize(header.width() + stop.sizeHint().width() - stop.width(), header.height())
    qtbot.waitUntil(lambda: stop.width() >= stop.sizeHint().width())
    before = combo.width()
    monkeypatch.setattr(header_module, "age", lambda _waited, _mark: "88 min 88 s")
    monkeypatch.setattr(header_module, "_OLD_AFTER", timedelta(0))
    header._age_timer.timeout.emit()
    qtbot.waitUntil(lambda: "88 min" in found(header, QLabel, "priceAgeLabel").text())
    qtbot.waitUntil(lambda: combo.width() < before)
    assert stop.width() >= stop.sizeHint().width()
