"""Halts in the window: each banner's buttons send what they say, and nothing is a dead end."""

from decimal import Decimal

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.paper_port import PaperState
from rebalancer_gui.domain.strategy import HaltKind, State
from rebalancer_gui.ui.dialogs.change_coins import ChangeCoinsDialog
from tests.ui.paper_side import halt, halt_market, halt_renamed, halt_short
from tests.ui.sample_account import SampleAccount, four_strategies
from tests.ui.window.test_reading import SIZES, cut_texts


def text_of(desk, name: str) -> str:
    label: QLabel = desk.find(QLabel, name)
    return label.text()


@pytest.fixture
def core(desk):
    return desk.account.strategies[0]


@pytest.mark.rule("7.9")
@pytest.mark.parametrize("button", ("haltActionButton", "haltSecondButton"))
def test_replace_and_drop_open_the_dialog_of_other_coins(desk, core, button):
    halt_market(core, "SOL")
    desk.update()
    assert desk.find(QWidget, "haltBanner").isVisible()
    desk.press(button)
    assert isinstance(desk.dialog(), ChangeCoinsDialog)


def test_resume_becomes_possible_when_the_market_is_open_again(desk, core):
    halt_market(core, "SOL")
    desk.update()
    resume = desk.find(QPushButton, "resumeButton")
    assert (resume.isEnabled(), resume.toolTip()) == (False, core.resumable)
    core.frozen, core.resumable = (), ""
    desk.update()
    desk.press("resumeButton")
    assert [command.strategy_id for command in desk.taken(c.ResumeStrategy)] == ["s-core4"]


def test_the_loss_is_booked_after_a_question_that_names_the_amounts(desk, core):
    halt_short(core, "BTC", "0.004")
    desk.update()
    desk.press("haltActionButton")
    dialog = desk.dialog()
    assert dialog is not None
    assert "0.004 BTC (385.67\u00a0USDT)" in " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert not desk.taken(c.AcceptShortage)
    desk.press("confirmButton")
    assert [command.strategy_id for command in desk.taken(c.AcceptShortage)] == ["s-core4"]
    desk.answer()
    assert "Press Resume" in text_of(desk, "detailsMessage")
    assert desk.find(QPushButton, "haltActionButton").isHidden()
    desk.press("resumeButton")
    assert desk.taken(c.ResumeStrategy)


def test_a_loss_that_is_not_confirmed_is_not_booked(desk, core):
    halt_short(core, "BTC", "0.004")
    desk.update()
    desk.press("haltActionButton")
    desk.press("bookLossQuestionCancel")
    assert not desk.taken(c.AcceptShortage)


def test_while_something_is_missing_the_end_is_blocked_in_banner_and_row(desk, core):
    halt_short(core, "BTC", "0.004")
    desk.update()
    for name in ("haltEndButton", "stopButton"):
        button = desk.find(QPushButton, name)
        assert not button.isEnabled()
        assert "book the loss" in button.toolTip()


def test_a_new_name_is_taken_over_on_the_whole_account(desk, core):
    halt_renamed(core, "SOL", "SOLX")
    desk.update()
    desk.press("haltActionButton")
    (sent,) = desk.taken(c.AcceptRename)
    assert (sent.account, sent.old, sent.new) == ("paper", "SOL", "SOLX")


def test_a_refused_take_over_says_why(desk, core):
    desk.engine._refuse = {c.AcceptRename: "Core 4 holds SOLX already: drop SOL there first."}
    halt_renamed(core, "SOL", "SOLX")
    desk.update()
    desk.press("haltActionButton")
    desk.answer()
    assert text_of(desk, "detailsMessage") == "Core 4 holds SOLX already: drop SOL there first."


def test_the_right_to_trade_is_given_back_and_then_resume_works(desk, core):
    desk.account.paper = PaperState(may_trade=False, closed={}, renamed={})
    halt(core, HaltKind.NO_RIGHT, "The account or its key may no longer trade")
    desk.update()
    assert not desk.find(QPushButton, "resumeButton").isEnabled()
    desk.press("haltActionButton")
    assert [command.may_trade for command in desk.taken(c.SetPaperTradingRight)] == [True]
    desk.answer()
    desk.press("resumeButton")
    assert desk.taken(c.ResumeStrategy)


@pytest.mark.rule("7.9")
@pytest.mark.parametrize("kind", (HaltKind.REFUSED, HaltKind.FOREIGN_ORDER, HaltKind.NO_RIGHT, HaltKind.MARKET))
def test_every_halt_can_be_ended_from_the_banner(desk, core, kind):
    halt(core, kind, "Something happened")
    desk.update()
    desk.press("haltEndButton")
    dialog = desk.dialog()
    assert dialog is not None
    assert dialog.objectName() == "stopDialog"
    desk.press("confirmButton")
    assert [command.strategy_id for command in desk.taken(c.StopStrategy)] == ["s-core4"]


def test_an_account_that_trades_no_more_says_so_over_everything(desk):
    banner = desk.find(QWidget, "accountHaltBanner")
    assert not banner.isVisible()
    desk.account.halted = "The exchange holds 0.5 BTC, the ledger 0.6."
    desk.update()
    assert banner.isVisible()
    assert "The exchange holds 0.5 BTC, the ledger 0.6." in banner.accessibleName()
    assert "start the program again" in banner.accessibleName()
    desk.account.halted = ""
    desk.update()
    assert not banner.isVisible()


def stop_all(account: SampleAccount) -> None:
    account.stop_all = True
    halt(account.strategies[0], HaltKind.STOP_ALL, "Stop all")


def account_halted(account: SampleAccount) -> None:
    account.halted = "The exchange holds 0.5 BTC, the ledger 0.6."


def two_missing(account: SampleAccount) -> None:
    halt_short(account.strategies[0], "BTC", "0.00412345")
    account.strategies[0].missing += (("ETH", Decimal("0.12345678")), ("USDT", Decimal(1000)))


CASES = {
    "stop all": stop_all,
    "market": lambda account: halt_market(account.strategies[0], "SOL"),
    "short": two_missing,
    "renamed": lambda account: halt_renamed(account.strategies[0], "SOL", "SOLX"),
    "foreign": lambda account: halt(account.strategies[0], HaltKind.FOREIGN_ORDER, "A foreign order holds 0.1 BTC"),
    "account": account_halted,
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_no_banner_is_cut(open_desk, case, size):
    account = SampleAccount()
    account.strategies = four_strategies(account.prices)
    CASES[case](account)
    desk = open_desk(account, size=size)
    desk.start()
    QApplication.processEvents()
    assert cut_texts(desk.window) == []
    assert desk.find(QWidget, "haltBanner").isVisible() == (account.strategies[0].state is State.HALTED)
