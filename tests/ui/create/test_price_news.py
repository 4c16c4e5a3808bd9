"""News of prices alone is judged once a second and paints what it changed; everything else is shown at once."""

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QApplication, QLabel

from rebalancer_gui.ui.create import preset_tab
from rebalancer_gui.ui.create.form_state import Findings, examine
from rebalancer_gui.ui.create.preset_delegate import PresetDelegate
from rebalancer_gui.ui.create.preset_faces import CardFace
from rebalancer_gui.ui.create.preset_list import ItemRole, PresetList
from rebalancer_gui.ui.create.price_news import PRICES_MS, PriceNews
from rebalancer_gui.ui.formatting import NumberFormat
from tests.ui.create.conftest import Desk

PAGES = {"AI Rebalance": lambda desk: desk.presets, "Manual": lambda desk: desk.manual}


class Painted(PresetDelegate):
    """Notes the names of the cards that are painted."""

    def __init__(self, numbers: NumberFormat, view: PresetList) -> None:
        super().__init__(numbers, view)
        self.names: list[str] = []

    def paint(self, painter, option, index) -> None:
        item = index.data(ItemRole)
        if isinstance(item, CardFace):
            self.names.append(item.card.name)
        super().paint(painter, option, index)


@pytest.fixture
def tab(desk: Desk) -> Desk:
    """The preset page, and somebody else in the account has stood still for long enough."""
    desk.panel.show_presets()
    desk.type("presetInvestmentEdit", "500")
    return desk


def timer_of(desk: Desk, page: str = "AI Rebalance") -> QTimer:
    pace = PAGES[page](desk).findChild(PriceNews)
    assert pace is not None
    timer: QTimer | None = pace.findChild(QTimer)
    assert timer is not None
    return timer


def least(desk: Desk) -> dict[str, str]:
    view = desk.find(PresetList, "presetList")
    return {face.card.name: face.least_text for face in view.cards.items if isinstance(face, CardFace)}


def prices_move(desk: Desk, **factors: str) -> None:
    """All of them, or those named."""
    for asset, factor in (factors or dict.fromkeys(desk.engine.account.prices, "1.05")).items():
        desk.engine.account.prices[asset] *= Decimal(factor)
    desk.update()


def a_second_passes(desk: Desk, page: str = "AI Rebalance") -> None:
    timer = timer_of(desk, page)
    assert timer.isActive()
    assert timer.interval() <= PRICES_MS
    timer.stop()
    timer.timeout.emit()
    QApplication.processEvents()


def test_prices_that_move_four_times_in_a_second_are_judged_once(tab: Desk, monkeypatch: pytest.MonkeyPatch):
    judged: list[object] = []

    def noted(*of: Any) -> Findings:
        judged.append(of)
        return examine(*of)

    monkeypatch.setattr(preset_tab, "examine", noted)
    prices_move(tab)
    before = least(tab)
    judged.clear()
    for _ in range(4):
        prices_move(tab)
    assert (judged, least(tab)) == ([], before)

    a_second_passes(tab)

    assert len(judged) == 1
    now = least(tab)
    assert all(now[name] != before[name] for name in ("Main Coins", "DeFi"))
    assert not timer_of(tab).isActive(), "nothing is due until prices move again"


def test_prices_that_move_after_a_quiet_second_are_judged_without_waiting_another(tab: Desk):
    a_second_passed(tab)
    before = least(tab)
    prices_move(tab)
    assert timer_of(tab).interval() == 0
    QApplication.processEvents()
    assert least(tab) != before


def a_second_passed(desk: Desk) -> None:
    """The page has judged last so long ago."""
    pace = desk.presets.findChild(PriceNews)
    assert pace is not None
    pace._since = QElapsedTimer()


def test_only_the_cards_whose_smallest_investment_changed_are_painted(tab: Desk):
    view = tab.find(PresetList, "presetList")
    painted = Painted(NumberFormat(), view)
    view.setItemDelegate(painted)
    prices_move(tab, SOL="1.01")
    a_second_passes(tab)
    tab.qtbot.wait(50)
    before = least(tab)
    painted.names.clear()

    prices_move(tab, SOL="1.5")
    a_second_passes(tab)
    tab.qtbot.waitUntil(lambda: bool(painted.names))
    tab.qtbot.wait(50)

    now = least(tab)
    changed = {name for name, text in now.items() if text != before[name]}
    assert set(painted.names) == changed == {"Main Coins"}, "a card that says the same is left alone"


def test_what_is_no_price_is_shown_at_once(tab: Desk):
    prices_move(tab)
    tab.engine.account.free = Decimal(321)
    tab.update()
    assert tab.find(QLabel, "presetFreeLabel").text() == "free 321.00"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_nobody_sees_has_no_timer_running(desk: Desk, page: str):
    other = {"AI Rebalance": desk.panel.show_manual, "Manual": desk.panel.show_presets}[page]
    {"AI Rebalance": desk.panel.show_presets, "Manual": desk.panel.show_manual}[page]()
    prices_move(desk)
    prices_move(desk)
    timer = timer_of(desk, page)
    assert timer.isActive()
    other()
    assert not timer.isActive()
    prices_move(desk)
    assert not timer.isActive()


def test_the_manual_form_judges_moving_prices_once_a_second(desk: Desk):
    desk.panel.show_manual()
    desk.fill()
    smallest = desk.manual.findings.smallest
    prices_move(desk)
    assert desk.manual.findings.smallest == smallest
    a_second_passes(desk, "Manual")
    assert desk.manual.findings.smallest != smallest
