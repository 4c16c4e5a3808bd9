"""What the halted banner says and offers for each kind of halt (BEHAVIOUR.md section 7)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from rebalancer_gui.application.paper_port import PaperState
from rebalancer_gui.domain.strategy import HaltKind, State
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.monitor.actions import allowed
from rebalancer_gui.ui.monitor.halts import halt_of, missing_text
from rebalancer_gui.ui.widgets.halt_banner import Halt, HaltAction
from tests.ui.fake_engine import FakeEngine
from tests.ui.paper_side import halt, halt_market, halt_renamed, halt_short

NUMBERS = NumberFormat()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(lambda event: None)


@pytest.fixture
def core(engine):
    return engine.account.strategies[0]


def shown(engine: FakeEngine) -> Halt:
    account = engine.account.view()
    banner = halt_of(account.strategies[0], account, NUMBERS)
    assert banner is not None
    return banner


def actions(banner: Halt) -> list[HaltAction]:
    return [offer.action for offer in banner.helps]


def test_a_strategy_that_is_not_halted_has_no_banner(engine):
    account = engine.account.view()
    assert halt_of(account.strategies[0], account, NUMBERS) is None


@pytest.mark.rule("7.8")
@pytest.mark.parametrize("kind", [*HaltKind, None])
def test_every_halt_says_where_the_money_is_and_what_to_do(engine, core, kind):
    halt(core, kind, "The venue said something")
    banner = shown(engine)
    assert banner.headline.startswith("Halted: ")
    assert "stay where they are" in banner.what_happened
    assert banner.what_to_do
    assert "end " in banner.what_to_do.lower(), "there is always a way out"
    assert banner.end_blocked is None


@pytest.mark.rule("7.7", "7.10")
def test_stop_all_is_lifted_for_all_first(engine, core):
    halt(core, HaltKind.STOP_ALL, "Stop all")
    engine.account.stop_all = True
    banner = shown(engine)
    assert actions(banner) == [HaltAction.RESUME_TRADING]
    assert banner.resume_blocked == "Resume trading lifts Stop all for every strategy first."


@pytest.mark.rule("7.5", "7.9")
def test_a_closed_market_offers_replace_drop_and_waiting(engine, core):
    halt_market(core, "SOL")
    banner = shown(engine)
    assert banner.headline == "Halted: the market of SOL is closed"
    assert actions(banner) == [HaltAction.REPLACE, HaltAction.DROP]
    assert [offer.blocked for offer in banner.helps] == [None, None]
    assert "Resume works when its market is open again" in banner.what_to_do
    assert banner.resume_blocked == core.resumable
    core.frozen, core.resumable = (), ""
    again = shown(engine)
    assert again.helps == ()
    assert again.resume_blocked is None
    assert "open again" in again.what_to_do


def test_a_coin_cannot_be_dropped_where_one_would_be_left(engine):
    strategy = engine.account.strategies[3]
    halt_market(strategy, "ADA")
    account = engine.account.view()
    banner = halt_of(account.strategies[3], account, NUMBERS)
    assert banner is not None
    replace_it, drop = banner.helps
    assert replace_it.blocked is None
    assert drop.blocked == "A strategy needs at least 2 coins: replace what does not trade instead."


def test_two_closed_markets_are_named_together(engine, core):
    halt_market(core, "SOL")
    core.frozen = ("BNB", "SOL")
    banner = shown(engine)
    assert [offer.text for offer in banner.helps] == ["Replace the coins", "Drop them and share their weight"]
    assert "BNB and SOL" in banner.what_to_do
    assert "their markets are open again" in banner.what_to_do


@pytest.mark.rule("7.8")
def test_what_is_missing_is_named_with_its_worth_and_has_to_be_settled_before_the_end(engine, core):
    halt_short(core, "BTC", "0.004")
    banner = shown(engine)
    assert banner.headline == "Halted: 0.004 BTC are missing at the exchange"
    assert "0.004 BTC (385.67\u00a0USDT)" in banner.what_happened
    assert "nothing is bought back" in banner.what_happened
    assert actions(banner) == [HaltAction.BOOK_LOSS, HaltAction.DEPOSIT]
    engine.account.paper = None
    assert actions(shown(engine)) == [HaltAction.BOOK_LOSS], "elsewhere it is deposited at the exchange"
    assert banner.resume_blocked
    assert "book the loss" in (banner.end_blocked or "")
    view = engine.account.view().strategies[0]
    assert "book the loss" in (allowed(view, stop_all=False).stop or ""), "the row's Stop says the same"
    core.missing, core.resumable = (), ""
    settled = shown(engine)
    assert settled.helps == ()
    assert (settled.resume_blocked, settled.end_blocked) == (None, None)


def test_missing_money_and_coins_are_listed(engine, core):
    core.missing = (("BTC", Decimal("0.01")), ("DOGE", Decimal(3)), ("USDT", Decimal("1.5")))
    view = engine.account.view().strategies[0]
    assert missing_text(view, NUMBERS) == "0.01 BTC (964.18\u00a0USDT), 3 DOGE and 1.5 USDT"


def test_coins_that_go_missing_while_a_market_is_closed_are_told_first(engine, core):
    halt_market(core, "SOL")
    core.missing = (("BTC", Decimal("0.01")),)
    assert actions(shown(engine))[0] is HaltAction.BOOK_LOSS


def test_a_new_name_is_taken_over_with_one_button(engine, core):
    halt_renamed(core, "SOL", "SOLX")
    banner = shown(engine)
    assert banner.headline == "Halted: SOL is called SOLX now"
    assert [(offer.text, offer.action) for offer in banner.helps] == [("Take it over as SOLX", HaltAction.TAKE_OVER)]
    assert banner.resume_blocked
    core.renamed, core.frozen, core.resumable = (), (), ""
    assert shown(engine).resume_blocked is None


@pytest.mark.rule("7.6")
def test_a_lost_right_is_given_back_on_the_paper_account_and_elsewhere_at_the_exchange(engine, core):
    halt(core, HaltKind.NO_RIGHT, "The account or its key may no longer trade")
    engine.account.paper = PaperState(may_trade=False, closed={}, renamed={})
    taken = shown(engine)
    assert actions(taken) == [HaltAction.GIVE_RIGHT]
    assert taken.resume_blocked == "The account may not trade: give the right back first."
    engine.account.paper = PaperState(may_trade=True, closed={}, renamed={})
    assert shown(engine).helps == ()
    assert shown(engine).resume_blocked is None
    engine.account.paper = None
    live = shown(engine)
    assert live.helps == ()
    assert "at the exchange" in live.what_to_do


def test_a_long_reason_is_no_headline_and_a_coins_name_keeps_its_capitals(engine, core):
    halt(core, HaltKind.REFUSED, "SOL was delisted. Coins and cash stay where they are; nothing is sold.")
    assert shown(engine).headline == "Halted: SOL was delisted"
    core.reason = "The exchange said a very long sentence about an order that it did not like at all, three times"
    assert shown(engine).headline == "Halted: nothing is sent"


def test_only_halted_strategies_have_the_banner(engine, core):
    halt_market(core, "SOL")
    account = engine.account.view()
    for state in set(State) - {State.HALTED}:
        assert halt_of(replace(account.strategies[0], state=state), account, NUMBERS) is None
