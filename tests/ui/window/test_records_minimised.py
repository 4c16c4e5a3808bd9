"""The window of records reads nothing while it is minimised, and shows what came as soon as it is back."""

from __future__ import annotations

from dataclasses import replace

from rebalancer_gui.application import events as e
from tests.ui.window.test_records import many_orders, opened


def test_rows_that_come_while_it_is_minimised_are_read_when_it_is_back(desk, qtbot):
    many_orders(desk, 20)
    window = opened(desk)
    window._fresh.setInterval(0)
    window.showMinimized()
    row = replace(desk.engine.history.orders[0], key=21, client_order_id="rbnew")
    desk.engine.history.orders.insert(0, row)
    desk.feed.take(e.OrderChanged(desk.account.name, row))
    desk.draw()
    qtbot.waitUntil(lambda: not window._fresh.isActive(), timeout=5000)
    desk.answer()
    assert window.model.rowCount() == 20

    window.showNormal()
    qtbot.waitUntil(lambda: not window._fresh.isActive(), timeout=5000)
    desk.answer()
    assert window.model.rowCount() == 21
