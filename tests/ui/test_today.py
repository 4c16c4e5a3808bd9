"""Today's profit in the header: its figure, or a dash that says which coin has no price."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QMenu

from rebalancer_gui.ui.formatting import MISSING, NumberFormat
from rebalancer_gui.ui.header import HeaderBar
from tests.ui.parts import found
from tests.ui.sample_account import SampleAccount, four_strategies


@pytest.mark.rule("10.6")
def test_a_coin_without_a_price_makes_todays_profit_a_dash_with_its_reason(qtbot):
    account = SampleAccount()
    account.strategies = four_strategies(account.prices)
    header = HeaderBar(NumberFormat(), QMenu())
    qtbot.addWidget(header)
    known = account.view()
    header.show_view(known)
    label: QLabel = found(header, QLabel, "todayLabel")
    assert label.text() == "+12.30\u00a0USDT"
    first = replace(known.strategies[0], unpriced=("ADA",))
    header.show_view(replace(known, today=None, today_percent=None, strategies=(first, *known.strategies[1:])))
    assert label.text() == MISSING
    assert "not known: ADA of a strategy has no price, because its market is closed" in label.toolTip()
    header.show_view(replace(known, today=None, today_percent=None))
    assert "known when every coin has a good price" in label.toolTip()
