"""The banner of a proposed rebalance, its whole plan, and what its buttons send."""

import pytest
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QTableView

from rebalancer_gui.application.safety_commands import ApproveProposal, DeclineProposal
from rebalancer_gui.domain.strategy import State, TradingMode
from rebalancer_gui.ui.dialogs.proposal_plan import ProposalDialog
from tests.ui.fake_safety import propose
from tests.ui.parts import found
from tests.ui.staged_accounts import proposing_account, selling_account
from tests.ui.window.test_reading import cut_texts


@pytest.fixture
def proposing(open_desk):
    desk = open_desk(proposing_account())
    desk.start()
    desk.choose("s-core4")
    return desk


def banner(desk) -> QFrame:
    return found(desk.window, QFrame, "proposalBanner")


def test_a_proposal_is_shown_with_its_orders_and_in_the_list_of_strategies(proposing):
    assert banner(proposing).isVisible()
    words = found(banner(proposing), QLabel, "proposalOrdersText").text().replace("\N{NO-BREAK SPACE}", " ")
    assert words.startswith("Sell ")
    assert " USDT of BTC, buy " in words
    assert "Fees about " in words
    assert found(banner(proposing), QLabel, "proposalHeadline").text().startswith("Rebalance now? (by coin ratio")
    assert "stands still until you answer" in found(banner(proposing), QLabel, "proposalStandsText").text()
    assert any("Approve?" in row for row in proposing.texts("strategiesTable"))
    assert cut_texts(banner(proposing)) == []


@pytest.mark.parametrize(("button", "kind"), [("approveButton", ApproveProposal), ("notNowButton", DeclineProposal)])
def test_approve_and_not_now_send_the_proposal_that_was_on_screen(proposing, button, kind):
    shown = proposing.account.find("s-core4").proposal.id
    found(banner(proposing), QPushButton, button).click()
    (command,) = proposing.taken(kind)
    assert (command.strategy_id, command.proposal_id) == ("s-core4", shown)
    proposing.answer()
    proposing.update()
    assert not banner(proposing).isVisible()


def test_an_answer_that_comes_too_late_is_said_beside_the_buttons(proposing):
    old = proposing.account.find("s-core4").proposal.id
    proposing.account.advance()
    propose(proposing.account, "s-core4")
    assert proposing.account.find("s-core4").proposal.id != old
    found(banner(proposing), QPushButton, "approveButton").click()
    proposing.answer()
    assert "over" in proposing.window.details.actions_row.findChild(QLabel, "detailsMessage").text()


def test_the_whole_plan_is_a_click_away_and_can_be_approved_there(proposing):
    proposing.press("proposalPlanButton")
    dialog = proposing.dialog()
    assert isinstance(dialog, ProposalDialog)
    model = found(dialog, QTableView, "planTable").model()
    assert [str(model.index(row, 0).data()) for row in range(2)] == ["BTC", "ETH"]
    assert dialog.focusWidget().objectName() == "proposalCloseButton"
    QApplication.processEvents()
    assert cut_texts(dialog) == []
    proposing.press("confirmButton")
    assert len(proposing.taken(ApproveProposal)) == 1
    assert proposing.dialog() is None


def test_a_plan_that_is_over_can_be_read_but_not_approved(proposing):
    proposing.press("proposalPlanButton")
    dialog = proposing.dialog()
    proposing.account.advance()
    propose(proposing.account, "s-core4")
    proposing.update()
    confirm = found(dialog, QPushButton, "confirmButton")
    assert not confirm.isEnabled()
    assert "over" in confirm.toolTip()
    assert not found(dialog, QPushButton, "proposalNotNowButton").isEnabled()


def test_on_watch_only_the_plan_is_shown_without_a_way_to_send_it(open_desk):
    desk = open_desk(proposing_account(only_shown=True))
    desk.start()
    desk.choose("s-core4")
    assert banner(desk).isVisible()
    for name in ("approveButton", "notNowButton"):
        assert not found(banner(desk), QPushButton, name).isVisible()
    assert "watch only" in found(banner(desk), QLabel, "proposalStandsText").text()
    rebalance = desk.find(QPushButton, "rebalanceNowButton")
    assert not rebalance.isEnabled()
    assert "Settings" in rebalance.toolTip()
    assert desk.find(QPushButton, "stopButton").isEnabled()
    desk.press("proposalPlanButton")
    assert not found(desk.dialog(), QPushButton, "confirmButton").isEnabled()


def test_the_banner_goes_with_its_proposal_and_shows_nothing_for_one_that_does_not_run(proposing):
    strategy = proposing.account.find("s-core4")
    strategy.state = State.PAUSED
    proposing.update()
    assert not banner(proposing).isVisible()
    strategy.state, strategy.proposal = State.RUNNING, None
    proposing.account.trading = TradingMode.AUTO
    proposing.update()
    assert not banner(proposing).isVisible()


def test_a_stop_that_cannot_sell_yet_says_what_waits_and_why(open_desk):
    desk = open_desk(selling_account())
    desk.start()
    desk.choose("s-core4")
    strip = desk.find(QFrame, "strategyBanner")
    assert strip.isVisible()
    words = " ".join(label.text() for label in strip.findChildren(QLabel))
    assert "Not everything could be sold yet" in words
    assert "the spread of SOL is 4.2 %" in words
