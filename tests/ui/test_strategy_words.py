"""The sentences of the monitor side."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.domain.strategy import BandRule, RatioRule, State, TimeRule
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.monitor.actions import allowed
from rebalancer_gui.ui.strategy_words import drift_sentence, rule_text, speed_text, state_look, trigger_price
from tests.ui.fake_engine import FakeEngine

NUMBERS = NumberFormat()


@pytest.fixture
def view():
    return FakeEngine(lambda event: None).account.view().strategies[0]


@pytest.mark.parametrize(
    ("rule", "words"),
    (
        (RatioRule(Decimal(5), timedelta(seconds=2)), "By coin ratio 5\u00a0%, checked every 2 s"),
        (RatioRule(Decimal("0.5"), timedelta(minutes=15)), "By coin ratio 0.5\u00a0%, checked every 15 min"),
        (TimeRule(timedelta(hours=4), Decimal("0.5")), "By time, every 4 h if a drift is above 0.5\u00a0%"),
        (BandRule(timedelta(seconds=2)), "By auto band, checked every 2 s"),
        (TimeRule(timedelta(days=7), Decimal(0)), "By time, every 7 d at any drift"),
    ),
)
def test_a_rule_is_said_in_words(rule, words):
    assert rule_text(rule, NUMBERS) == words


def test_the_price_of_the_next_rebalance_brings_the_coin_exactly_to_the_threshold(view):
    snapshot = view.snapshot
    row = snapshot.worst
    reached = trigger_price(snapshot, row, Decimal(5))
    assert reached is not None
    weight, price = reached
    worth = row.quantity * price
    rest = snapshot.total - row.value
    assert weight == row.target + 5
    assert abs(worth * 100 / (worth + rest) - weight) < Decimal("1e-20")


def test_no_price_is_told_where_a_weight_cannot_be_reached(view):
    row = view.snapshot.worst
    assert trigger_price(view.snapshot, row, Decimal(70)) is None
    assert trigger_price(view.snapshot, replace(row, quantity=Decimal(0)), Decimal(5)) is None
    assert trigger_price(replace(view.snapshot, total=None), row, Decimal(5)) is None


def test_the_drift_sentence_says_how_far_and_when(view):
    sentence = drift_sentence(view, NUMBERS)
    assert sentence.strong.startswith("BTC +3.")
    assert "Next rebalance when BTC passes 45\u00a0%: near " in sentence.rest
    rule = BandRule()
    banded = replace(view, parameters=replace(view.parameters, rule=rule), bands={"BTC": Decimal("4.5")})
    assert " of its band 4.5. Next rebalance when BTC passes 44.5" in drift_sentence(banded, NUMBERS).rest
    ended = replace(view, state=State.ENDED, reason="stopped by the user")
    assert drift_sentence(ended, NUMBERS).rest == "Ended: stopped by the user."
    blind = replace(view, snapshot=None)
    assert "no prices yet" in drift_sentence(blind, NUMBERS).rest


def test_every_state_has_a_shape_and_a_word(view):
    looks = [state_look(replace(view, state=state)) for state in State]
    assert [look.word for look in looks] == [state.value for state in State]
    assert all(look.icon for look in looks)
    assert state_look(replace(view, state=State.HALTED, checking_order=True)).word == "Checking an order"


@pytest.mark.parametrize(
    ("state", "rebalance", "pause", "stop"),
    (
        (State.RUNNING, True, True, True),
        (State.PAUSED, False, True, True),
        (State.BUILDING, False, False, True),
        (State.HALTED, False, False, True),
        (State.STOPPING, False, False, False),
        (State.ENDED, False, False, False),
    ),
)
def test_what_may_be_done_follows_the_state_and_each_no_has_a_reason(view, state, rebalance, pause, stop):
    may = allowed(replace(view, state=state), stop_all=False)
    assert ((may.rebalance is None), (may.pause is None), (may.stop is None)) == (rebalance, pause, stop)
    assert all(reason is None or reason.endswith(".") for reason in (may.rebalance, may.pause, may.stop))


def test_with_stop_all_or_without_an_engine_nothing_trades(view):
    stopped = allowed(view, stop_all=True)
    assert "Resume trading" in (stopped.rebalance or "")
    assert stopped.stop is None, "ending a strategy and keeping its coins is always possible"
    gone = allowed(view, stop_all=False, engine_ended=True)
    assert (gone.rebalance, gone.pause, gone.stop) == ("The engine is not running.",) * 3


def test_an_unresolved_order_holds_a_rebalance_back(view):
    assert "looked up" in (allowed(replace(view, checking_order=True), stop_all=False).rebalance or "")


@pytest.mark.parametrize(
    ("speed", "words"),
    ((1, "1 x (real time)"), (7, "7 x"), (60, "1 min a second"), (3600, "1 h a second"), (21_600, "6 h a second"),
     (86_400, "1 day a second")),
)  # fmt: skip
def test_the_speed_of_the_replay_is_said_in_market_time(speed, words):
    assert speed_text(speed) == words
