"""Which happenings a person is told of, and that each is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.events import (
    AccountChanged,
    AccountFailed,
    EngineFailed,
    EngineStarted,
    JournalChanged,
    OrderChanged,
    RebalanceChanged,
)
from rebalancer_gui.application.notices import Severity, TellOf
from rebalancer_gui.application.paper_port import DemoState
from rebalancer_gui.application.records import JournalEntry, OrderRow, Outcome
from rebalancer_gui.application.telling_settings import TellSettings
from rebalancer_gui.domain.market import FeeSchedule, FeeSide
from rebalancer_gui.domain.orders import IntentState, OrderType, Side
from rebalancer_gui.domain.strategy import EndReason, HaltKind, State
from tests.builders import NOON, snapshot
from tests.unit.notifying.told_bench import Watch, account, skipped, strategy

HALTED = strategy(
    state=State.HALTED, reason="The market of BTC is closed.", advice="Replace BTC.", halt=HaltKind.MARKET
)


def shown(*strategies, **more) -> AccountChanged:
    return AccountChanged(account(*strategies, **more))


def order(number: int = 1, reason: str = "insufficient balance 12.5", state=IntentState.REJECTED) -> OrderChanged:
    row = OrderRow(
        number, NOON, "s-Core 4", "r-1", f"rb{number}", "", "BTC/USDT", Side.BUY, OrderType.LIMIT_IOC, Decimal("0.01"), None,
        Decimal(0), None, Decimal(0), (), state, reason,
    )  # fmt: skip
    return OrderChanged("main", row)


def test_a_halt_is_told_once_with_mode_account_reason_and_what_to_do() -> None:
    watch = Watch()
    (notice,) = watch.see(shown(HALTED))
    assert (notice.place, notice.head) == ("LIVE Main", "Core 4 is halted")
    assert (notice.text, notice.advice) == ("The market of BTC is closed.", "Replace BTC.")
    assert (notice.of, notice.severity) == (TellOf.HALTED, Severity.ALARM)
    assert watch.see(shown(HALTED)) == []


def test_a_halt_that_was_told_before_a_restart_is_not_told_again_but_a_new_one_is() -> None:
    before = Watch()
    assert before.see(shown(HALTED))
    after = Watch(told=before.happenings.told)
    assert after.see(shown(HALTED)) == []
    assert after.see(shown(strategy())) == []
    assert len(after.see(shown(HALTED))) == 1


def test_a_halt_for_another_reason_is_another_happening_and_other_figures_are_not() -> None:
    watch = Watch()
    lacking = replace(HALTED, halt=None, reason="0.5 BTC are missing.")
    assert len(watch.see(shown(lacking))) == 1
    assert watch.see(shown(replace(lacking, reason="0.7 BTC are missing."))) == []
    assert len(watch.see(shown(replace(lacking, reason="The key was revoked.")))) == 1


def test_stop_all_with_twenty_strategies_is_one_happening() -> None:
    halted = [strategy(f"N{n}", state=State.HALTED, reason="Stop all", halt=HaltKind.STOP_ALL) for n in range(20)]
    notices = Watch().see(shown(*halted, stop_all=True))
    assert [notice.head for notice in notices] == ["Stop all is on"]
    assert "20 strategies" in notices[0].text


def test_an_order_to_decide_is_told_as_such_and_not_as_a_halt_too() -> None:
    undecided = strategy(state=State.HALTED, reason="?", halt=HaltKind.QUARANTINED, quarantined=("rb1", "rb2"))
    assert [n.of for n in Watch().see(shown(undecided))] == [TellOf.QUARANTINED, TellOf.QUARANTINED]


def test_who_wants_no_word_of_orders_to_decide_is_still_told_of_the_halt() -> None:
    undecided = strategy(state=State.HALTED, reason="?", halt=HaltKind.QUARANTINED, quarantined=("rb1",))
    watch = Watch(TellSettings(events=frozenset({TellOf.HALTED})))
    assert [n.of for n in watch.see(shown(undecided))] == [TellOf.HALTED]


@pytest.mark.parametrize(
    ("reason", "of"), [(EndReason.STOP_LOSS, TellOf.STOP_LOSS), (EndReason.TAKE_PROFIT, TellOf.TAKE_PROFIT)]
)
def test_an_exit_by_a_level_is_told_once_from_its_beginning_to_its_end(reason, of) -> None:
    watch = Watch()
    (notice,) = watch.see(shown(strategy(state=State.STOPPING, reason=reason.value)))
    assert (notice.of, notice.head) == (of, f"{reason.value} of Core 4")
    ended = strategy(state=State.ENDED, reason=reason.value, ended_at=NOON)
    assert watch.see(shown(ended)) == []


def test_an_exit_of_long_ago_is_no_news() -> None:
    ended = strategy(state=State.ENDED, reason=EndReason.STOP_LOSS.value, ended_at=NOON - timedelta(days=2))
    assert Watch().see(shown(ended)) == []


def test_a_stop_by_its_owner_is_not_told() -> None:
    assert Watch().see(shown(strategy(state=State.STOPPING, reason=EndReason.STOPPED.value))) == []


def test_a_rejected_order_is_told_with_the_exchanges_words_once_a_day() -> None:
    watch = Watch()
    watch.see(shown(strategy()))
    (notice,) = watch.see(order())
    assert notice.of is TellOf.REJECTED
    assert notice.place == "LIVE Main"
    assert "buy 0.01 BTC/USDT: insufficient balance 12.5" in notice.text
    assert watch.see(order(2, "insufficient balance 11.5")) == []
    assert len(watch.see(order(3, "unknown symbol"))) == 1
    watch.later(hours=25)
    assert len(watch.see(order(4))) == 1


def test_an_order_that_was_not_rejected_is_not_told() -> None:
    assert Watch().see(order(state=IntentState.SETTLED)) == []


def test_a_rebalance_that_is_skipped_for_a_day_is_told_once_until_one_is_done() -> None:
    watch = Watch()
    watch.see(shown(strategy()))
    assert watch.see(RebalanceChanged("main", skipped())) == []
    almost = skipped(last_at=NOON + timedelta(hours=23, minutes=59))
    assert watch.see(RebalanceChanged("main", almost)) == []
    (notice,) = watch.see(RebalanceChanged("main", skipped(last_at=NOON + timedelta(hours=24))))
    assert (notice.of, notice.head) == (TellOf.SKIPPED, "Core 4 has not rebalanced for 24 hours")
    assert watch.see(RebalanceChanged("main", skipped(last_at=NOON + timedelta(hours=30)))) == []
    watch.see(RebalanceChanged("main", skipped(outcome=Outcome.DONE)))
    at = NOON + timedelta(hours=31)
    assert watch.see(RebalanceChanged("main", skipped(at))) == []
    assert len(watch.see(RebalanceChanged("main", skipped(at, at + timedelta(hours=24))))) == 1


def test_the_time_until_skipping_is_told_is_chosen() -> None:
    watch = Watch(TellSettings(skipped_after=timedelta(hours=1)))
    assert len(watch.see(RebalanceChanged("main", skipped(last_at=NOON + timedelta(hours=1))))) == 1


def test_a_strategy_within_its_limit_again_has_skipped_nothing() -> None:
    watch = Watch()
    watch.see(RebalanceChanged("main", skipped()))
    even = snapshot({"BTC": "1", "ETH": "1"}, {"BTC": "100", "ETH": "100"}, {"BTC": 50, "ETH": 50})
    watch.see(shown(replace(strategy(snapshot=even), bands={"BTC": Decimal(5), "ETH": Decimal(5)})))
    assert watch.see(RebalanceChanged("main", skipped(NOON + timedelta(hours=25)))) == []


def test_a_rail_that_holds_a_rebalance_for_a_day_counts_as_skipping() -> None:
    watch = Watch()
    entry = JournalEntry("j-1", "s-Core 4", NOON, NOON, 1, "rail", "Core 4 holds: too many orders today.")
    assert watch.see(JournalChanged("main", entry)) == []
    (notice,) = watch.see(JournalChanged("main", replace(entry, last_at=NOON + timedelta(hours=24), count=99)))
    assert "too many orders today" in notice.text


def test_on_a_demo_market_whose_days_last_seconds_skipping_is_no_news() -> None:
    watch = Watch()
    demo = DemoState(
        NOON,
        86_400,
        timedelta(minutes=1),
        False,
        False,
        False,
        source="demo",
        seed=7,
        first_day=NOON.date(),
        last_day=None,
    )
    watch.see(shown(strategy(), mode="PAPER", demo=demo))
    assert watch.see(RebalanceChanged("main", skipped(last_at=NOON + timedelta(hours=30)))) == []


def test_how_long_is_skipped_already_survives_a_restart() -> None:
    before = Watch()
    before.see(RebalanceChanged("main", skipped()))
    after = Watch()
    after.happenings.skipping.update(before.happenings.skipping)
    assert len(after.see(RebalanceChanged("main", skipped(NOON + timedelta(hours=24))))) == 1


def test_little_bnb_is_told_once_until_there_is_clearly_more_again() -> None:
    watch = Watch()

    def bnb(amount: str) -> list[object]:
        return list(watch.see(shown(pay_fees_with_bnb=True, free={"BNB": Decimal(amount)})))

    assert bnb("0.01") == []
    assert len(bnb("0.009")) == 1
    assert bnb("0.011") == []
    assert bnb("0.009") == []
    assert bnb("0.012") == []
    assert len(bnb("0.009")) == 1


def test_an_exchange_that_takes_its_fees_in_bnb_is_looked_at_too() -> None:
    fees = FeeSchedule(Decimal("0.00075"), taken_in=FeeSide.THIRD)
    assert [n.of for n in Watch().see(shown(fees=fees))] == [TellOf.LOW_BNB]


def test_bnb_is_not_looked_at_while_fees_are_not_paid_with_it() -> None:
    assert Watch().see(shown(free={})) == []


def test_an_engine_that_stopped_by_itself_is_told_once_until_it_starts_again() -> None:
    watch = Watch()
    watch.see(shown())
    (notice,) = watch.see(EngineFailed("The ledger is damaged.", "Restore it."))
    assert (notice.place, notice.head) == ("LIVE Rebalancer", "the engine has stopped")
    assert watch.see(EngineFailed("The ledger is damaged.", "Restore it.")) == []
    watch.see(EngineStarted(("main",)))
    assert len(watch.see(EngineFailed("The ledger is damaged.", "Restore it."))) == 1


def test_an_account_that_is_halted_alone_is_told_once_until_it_is_shown_again() -> None:
    watch = Watch()
    (notice,) = watch.see(AccountFailed("main", "Its key is of another account.", "Use the former key."))
    assert (notice.account, notice.head, notice.advice) == ("main", "the account is halted", "Use the former key.")
    assert watch.see(AccountFailed("main", "Its key is of another account.", "Use the former key.")) == []
    watch.see(shown())
    assert len(watch.see(AccountFailed("main", "Its key is of another account."))) == 1


def test_a_halted_account_is_told_with_what_helps() -> None:
    (notice,) = Watch().see(shown(halted="The disk is full.", halted_advice="Make room."))
    assert (notice.head, notice.advice) == ("the account is halted", "Make room.")


def test_what_is_switched_off_is_not_told_and_paper_accounts_only_where_wanted() -> None:
    assert Watch(TellSettings(events=frozenset())).see(shown(HALTED)) == []
    assert Watch(TellSettings(paper=False)).see(shown(HALTED, mode="PAPER")) == []
    assert len(Watch(TellSettings(paper=False)).see(shown(HALTED))) == 1
