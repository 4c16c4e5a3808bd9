"""A signal that comes while a command runs reaches the session, whichever of the two is there first."""

from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.session import Session
from rebalancer_gui.console.doing import Interruption
from tests.builders import rules_for
from tests.engine_bench import CountingIds
from tests.fakes import FakeStore
from tests.scripted_venue import ScriptedVenue


def a_session() -> Session:
    return Session(AccountSetup("paper", "Paper", "PAPER", ScriptedVenue(rules_for("BTC")), FakeStore(), CountingIds()))


def test_a_session_that_runs_is_told():
    interruption, session = Interruption(), a_session()
    interruption.watch(session)
    assert not session.interrupted

    interruption.come()

    assert interruption.came
    assert session.interrupted


def test_a_session_that_begins_after_the_signal_is_told_too():
    interruption, session = Interruption(), a_session()
    interruption.come()

    interruption.watch(session)

    assert session.interrupted
