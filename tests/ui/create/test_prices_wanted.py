"""Where an exchange quotes only what is needed, the form asks for the prices of its coins."""

from decimal import Decimal

from PySide6.QtWidgets import QPushButton

from rebalancer_gui.application import commands as c
from tests.ui.create.conftest import Desk


def test_a_coin_without_a_price_is_asked_for_once_and_can_be_created_when_it_has_come(desk: Desk):
    price = desk.engine.account.prices.pop("SOL")
    desk.update()
    desk.fill()
    wishes = desk.taken(c.FollowPrices) + [w for w in desk.waiting if isinstance(w, c.FollowPrices)]
    assert {symbol for wish in wishes for symbol in wish.symbols} == {"SOL/USDT"}
    assert not desk.find(QPushButton, "previewButton").isEnabled()
    desk.answer()
    for _ in range(5):
        desk.update()
    assert len(desk.taken(c.FollowPrices)) == 1
    desk.engine.account.prices["SOL"] = price
    desk.update()
    assert desk.find(QPushButton, "previewButton").isEnabled()
    assert desk.waiting == []


def test_where_everything_is_quoted_nothing_is_asked_for(desk: Desk):
    desk.fill()
    desk.answer()
    assert desk.taken(c.FollowPrices) == []
    assert desk.manual.draft.investment == Decimal(240)
