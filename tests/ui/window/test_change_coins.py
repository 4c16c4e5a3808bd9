"""Other coins and weights for a strategy that lives, also out of a halt for a closed market."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton, QToolButton

from rebalancer_gui.application import commands as c
from rebalancer_gui.domain.strategy import HaltKind, State, Target
from tests.ui.parts import found
from tests.ui.window.money_dialog import NBSP, banner_of, click_often, confirm_of, rows


def opened(desk, button: str = "changeCoinsButton"):
    desk.press(button)
    desk.answer()
    return shown(desk)


def shown(desk):
    dialog = desk.window.flows.dialog
    assert dialog is not None
    assert dialog.objectName() == "changeCoinsDialog"
    return dialog


def put_weight(desk, dialog, asset: str, text: str) -> None:
    edit = found(dialog, QLineEdit, f"weightEdit{asset}")
    edit.selectAll()
    desk.qtbot.keyClick(edit, Qt.Key.Key_Backspace)
    desk.qtbot.keyClicks(edit, text)
    desk.answer()


def add_coins(desk, dialog, *assets: str, button: str = "addCoinsButton") -> None:
    """Through the dialog in which coins are chosen."""
    found(dialog, QPushButton, button).click()
    chooser = found(dialog, QDialog, "addCoinsDialog")
    search = found(chooser, QLineEdit, "coinSearchEdit")
    search.setText(" ".join(assets))
    desk.qtbot.keyClick(search, Qt.Key.Key_Return)
    found(chooser, QPushButton, "coinDialogOk").click()
    desk.answer()


def weights(targets: tuple[Target, ...]) -> dict[str, Decimal]:
    return {t.asset: t.weight for t in targets}


@pytest.fixture
def dialog(desk):
    return opened(desk)


def test_it_begins_with_the_coins_and_weights_as_they_are_and_nothing_to_confirm(desk, dialog):
    assert dialog.windowTitle() == "Change coins - Core 4"
    values = [found(dialog, QLineEdit, f"weightEdit{asset}").text() for asset in ("BTC", "ETH", "BNB", "SOL")]
    assert values == ["40.00", "30.00", "20.00", "10.00"]
    assert not confirm_of(dialog).isEnabled()
    assert "change something first" in confirm_of(dialog).toolTip()
    assert not desk.taken(c.PreviewChange)
    assert rows(dialog, "planTable")[0][0] == "No orders: see the coins above."
    assert [row[1] for row in rows(dialog, "afterTable")] == [row[2] for row in rows(dialog, "afterTable")]


@pytest.mark.rule("5.5b")
def test_other_weights_are_shown_as_orders_with_before_and_after_and_sent_once(desk, dialog):
    put_weight(desk, dialog, "BTC", "30")
    assert not confirm_of(dialog).isEnabled(), "10 % are left to give"
    assert f"10.00{NBSP}% left to give" in found(dialog, QLabel, "weightsMessage").text()
    put_weight(desk, dialog, "SOL", "20")
    table = rows(dialog, "planTable")
    assert table[0][:2] == ["BTC", "Sell"]
    assert ["SOL", "Buy"] in [row[:2] for row in table]
    after = {row[0]: row for row in rows(dialog, "afterTable")}
    assert after["SOL"][5] == "20.00"
    assert abs(Decimal(after["BTC"][4]) - 30) < Decimal("0.1")
    click_often(desk, confirm_of(dialog))
    desk.answer()
    (command,) = desk.taken(c.ChangeCoins)
    assert weights(command.targets) == {
        "BTC": Decimal(30), "ETH": Decimal(30), "BNB": Decimal(20), "SOL": Decimal(20),
    }  # fmt: skip
    assert desk.window.flows.dialog is None
    assert "new weights" in desk.find(QLabel, "detailsMessage").text()


@pytest.mark.rule("5.5")
def test_a_coin_that_leaves_is_sold_and_one_that_comes_is_bought(desk, dialog):
    found(dialog, QToolButton, "removeCoinButtonSOL").click()
    add_coins(desk, dialog, "ADA")
    assert found(dialog, QLineEdit, "weightEditADA").text() == "10.00", "what was left to give"
    table = [row[:2] for row in rows(dialog, "planTable")]
    assert ["SOL", "Sell"] in table
    assert ["ADA", "Buy"] in table
    after = {row[0]: row for row in rows(dialog, "afterTable")}
    assert after["ADA"][1] == "\u2013"
    assert after["SOL"][5] == "0.00"
    confirm_of(dialog).click()
    desk.answer()
    assert desk.account.find("s-core4").parameters.assets == ("BTC", "ETH", "BNB", "ADA")


NO_WEIGHT = (
    ("abc", "not a number"), ("0", "not a weight"), ("-5", "Too small"), ("101", "Too large"), ("40.001", "Too fine"), ("4,0", "4,0"),
)  # fmt: skip


def test_what_is_no_weight_is_told_and_never_planned(desk, dialog):
    for typed, said in NO_WEIGHT:
        put_weight(desk, dialog, "BTC", typed)
        told = found(dialog, QLabel, "weightsMessage").text() + confirm_of(dialog).toolTip()
        assert said in told, typed
        assert not confirm_of(dialog).isEnabled(), typed
        confirm_of(dialog).click()
        assert not desk.taken(c.PreviewChange), typed
        assert not desk.taken(c.ChangeCoins), typed


def test_back_to_the_old_weights_there_is_nothing_to_confirm_again(desk, dialog):
    put_weight(desk, dialog, "BTC", "30")
    put_weight(desk, dialog, "SOL", "20")
    assert confirm_of(dialog).isEnabled()
    put_weight(desk, dialog, "BTC", "40")
    put_weight(desk, dialog, "SOL", "10")
    assert not confirm_of(dialog).isEnabled()
    assert "change something first" in confirm_of(dialog).toolTip()


def test_a_refusal_is_shown_in_the_dialog(desk, dialog):
    put_weight(desk, dialog, "BTC", "30")
    put_weight(desk, dialog, "SOL", "20")
    desk.engine._refuse = {c.ChangeCoins: "An order of Core 4 is on its way: change its coins when it is done."}
    confirm_of(dialog).click()
    desk.answer()
    assert "on its way" in banner_of(dialog)
    assert dialog.isVisible()


@pytest.fixture
def frozen_desk(desk):
    strategy = desk.account.find("s-core4")
    strategy.state, strategy.halt, strategy.frozen = State.HALTED, HaltKind.MARKET, ("SOL",)
    strategy.reason = "the market of SOL/USDT is closed"
    desk.update()
    return desk


@pytest.mark.rule("7.9")
def test_out_of_a_halt_a_closed_coin_is_marked_and_another_takes_its_place_and_weight(frozen_desk):
    desk = frozen_desk
    dialog = opened(desk)
    assert "The market of SOL is closed" in banner_of(dialog, "frozenBanner")
    assert "cannot be traded" in found(dialog, QLabel, "coinsMessage").text()
    assert not confirm_of(dialog).isEnabled()
    add_coins(desk, dialog, "ADA", button="frozenBannerButton")
    assert banner_of(dialog, "frozenBanner") == ""
    assert found(dialog, QLineEdit, "weightEditADA").text() == "10.00"
    assert "SOL go back to the free pool" in banner_of(dialog)
    assert not any(row[0] == "SOL" for row in rows(dialog, "planTable"))
    confirm_of(dialog).click()
    desk.answer()
    (command,) = desk.taken(c.ChangeCoins)
    assert weights(command.targets)["ADA"] == Decimal(10)
    assert desk.account.coins["SOL"] > 0


@pytest.mark.rule("7.9")
def test_drop_and_redistribute_begins_with_the_others_in_their_proportions(frozen_desk):
    desk = frozen_desk
    desk.window.flows.drop_coins("s-core4")
    desk.answer()
    dialog = shown(desk)
    assert confirm_of(dialog).isEnabled()
    confirm_of(dialog).click()
    desk.answer()
    (command,) = desk.taken(c.ChangeCoins)
    assert weights(command.targets) == {"BTC": Decimal("44.45"), "ETH": Decimal("33.33"), "BNB": Decimal("22.22")}


def test_a_market_that_closes_while_the_dialog_is_open_blocks_it(desk, dialog):
    put_weight(desk, dialog, "BTC", "30")
    put_weight(desk, dialog, "SOL", "20")
    assert confirm_of(dialog).isEnabled()
    desk.account.find("s-core4").frozen = ("SOL",)
    desk.update()
    assert not confirm_of(dialog).isEnabled()
    assert "The market of SOL is closed" in banner_of(dialog, "frozenBanner")


@pytest.mark.parametrize(
    ("state", "said"), ((State.PAUSED, "after Resume"), (State.WAITING, "it starts with these coins"))
)
def test_one_that_does_not_trade_now_says_when_it_will(desk, state, said):
    desk.account.find("s-core4").state = state
    desk.update()
    dialog = opened(desk)
    assert said in found(dialog, QLabel, "planHint").text()


@pytest.mark.parametrize("state", (State.BUILDING, State.HALTED, State.STOPPING, State.ENDED))
def test_coins_cannot_be_changed_while_it_is_built_halted_or_over(desk, state):
    desk.account.find("s-core4").state = state
    desk.update()
    assert not desk.find(QPushButton, "changeCoinsButton").isEnabled()
    assert desk.find(QPushButton, "changeCoinsButton").toolTip()
