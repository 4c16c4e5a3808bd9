"""Where an exchange quotes only what is needed, the form asks for the prices of its coins."""

from dataclasses import replace
from decimal import Decimal

from PySide6.QtWidgets import QApplication, QListView, QPushButton

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from tests.ui.create.conftest import Desk
from tests.ui.parts import found


def test_a_coin_without_a_price_is_asked_for_once_and_can_be_created_when_it_has_come(desk: Desk):
    price = desk.engine.account.prices.pop("SOL")
    desk.update()
    desk.fill()
    wishes = desk.taken(c.FollowPrices) + [w for w in desk.waiting if isinstance(w, c.FollowPrices)]
    assert {symbol for wish in wishes for symbol in wish.symbols} == {"SOL/USDT"}
    assert not desk.find(QPushButton, "previewButton").isEnabled()
    desk.answer()
    asked = len(desk.taken(c.FollowPrices))
    for _ in range(5):
        desk.update()
    desk.answer()
    assert len(desk.taken(c.FollowPrices)) == asked
    desk.engine.account.prices["SOL"] = price
    desk.update()
    assert desk.find(QPushButton, "previewButton").isEnabled()
    assert desk.waiting == []


def test_where_everything_is_quoted_nothing_is_asked_for(desk: Desk):
    desk.fill()
    desk.answer()
    assert desk.taken(c.FollowPrices) == []
    assert desk.manual.draft.investment == Decimal(240)


def test_of_a_long_list_of_coins_only_the_prices_on_screen_are_asked_for(desk: Desk):
    account, rules = desk.engine.account, dict(desk.engine.rules)
    for number in range(300):
        rules[f"C{number:03}/USDT"] = replace(rules["BTC/USDT"], base=f"C{number:03}")
    desk.feed.take(e.MarketsLoaded(account.name, rules))
    desk.update()
    desk.manual.coins.add.click()
    dialog = desk.dialog("addCoinsDialog")
    QApplication.processEvents()
    desk.update()
    desk.answer()
    asked = {symbol for wish in desk.taken(c.FollowPrices) for symbol in wish.symbols}
    assert "C000/USDT" in asked
    assert len(asked) < 30
    coins = found(dialog, QListView, "coinList")
    place = next(row for row in range(300) if coins.model().index(row, 0).data() == "C250")
    coins.scrollTo(coins.model().index(place, 0))
    desk.update()
    desk.answer()
    asked = {symbol for wish in desk.taken(c.FollowPrices) for symbol in wish.symbols}
    assert "C250/USDT" in asked
    assert "C150/USDT" not in asked
    found(dialog, QPushButton, "coinDialogCancel").click()
