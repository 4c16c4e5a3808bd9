"""The rule cockpit on candles: a backtest beside the window replaces the estimate, and the source says so."""

from datetime import timedelta
from threading import current_thread, main_thread

import pytest

from rebalancer_gui.application.candle_commands import LoadCandles
from rebalancer_gui.ui.create import trial_desk
from rebalancer_gui.ui.create.trial import Trial, TrialWish, try_rule
from tests.ui.create.conftest import Desk

PATIENCE_MS = 20_000


def says(desk: Desk) -> str:
    return desk.text("expectationSource").replace("\u00a0", " ")


def until(desk: Desk, words: str) -> None:
    """Wait for the work beside the window."""

    def said() -> bool:
        desk.answer()
        return says(desk).startswith(words)

    desk.qtbot.waitUntil(said, timeout=PATIENCE_MS)


def loads(desk: Desk) -> list[LoadCandles]:
    """What the Manual form has asked and nobody has answered; the chosen preset asks for its own coins."""

    def asked() -> list[LoadCandles]:
        own = desk.manual.draft.symbols
        return [c for c in desk.past_asked if isinstance(c, LoadCandles) and c.symbols == own]

    desk.qtbot.waitUntil(lambda: bool(asked()), timeout=PATIENCE_MS)
    return asked()


@pytest.fixture
def form(desk: Desk) -> Desk:
    """Three coins in equal parts, 1,500 USDT, threshold 5 %; candles are there when they are asked for."""
    return filled(desk)


def filled(desk: Desk) -> Desk:
    desk.candles = True
    desk.fill("1500")
    desk.type("thresholdComboEdit", "5")
    return desk


@pytest.fixture
def elsewhere(desk: Desk) -> Desk:
    """The same on an account that is not the demo."""
    desk.engine.account.demo = None
    desk.update()
    return filled(desk)


@pytest.mark.rule("11.1")
def test_a_backtest_on_the_demos_days_replaces_the_estimate_and_the_source_says_so(form: Desk) -> None:
    form.candles = False
    form.answer()
    assert says(form).startswith("Estimated from the moves of 180 days")
    (asked,) = loads(form)
    form.candles = True
    assert (asked.timeframe, asked.cached_only) == (timedelta(days=1), False)
    assert asked.symbols == ("BTC/USDT", "ETH/USDT", "SOL/USDT")
    until(form, "Backtest on 1 year of 1 d candles, fee 0.1 % a side.")
    form.type("thresholdComboEdit", "2")
    until(form, "Backtest on")
    outlook = form.manual.expectation.outlook
    assert outlook is not None
    assert outlook.backtested
    trial = outlook.trial
    assert trial is not None
    assert outlook.expectation.rebalances == trial.rebalances
    assert outlook.expectation.fee_drag > 0
    assert outlook.expectation.fee_drag == 2 * outlook.cost * (trial.turnover or 0)


def test_elsewhere_stored_hours_are_taken_before_days_are_fetched(elsewhere: Desk) -> None:
    (asked,) = loads(elsewhere)
    assert (asked.timeframe, asked.cached_only) == (timedelta(hours=1), True)
    until(elsewhere, "Backtest on 1 year of 1 h candles")


def test_where_no_hours_are_stored_days_are_asked_for(elsewhere: Desk) -> None:
    loads(elsewhere)
    elsewhere.engine._refuse = {LoadCandles: "no candle is stored"}
    elsewhere.answer()
    (asked,) = loads(elsewhere)
    assert (asked.timeframe, asked.cached_only) == (timedelta(days=1), False)
    elsewhere.engine._refuse = {}
    until(elsewhere, "Backtest on 1 year of 1 d candles")


def test_without_candles_the_formulas_stay_and_nothing_is_asked_again(form: Desk) -> None:
    loads(form)
    form.engine._refuse = {LoadCandles: "no candle"}
    form.answer()
    form.candles = False
    form.type("thresholdComboEdit", "2")
    form.qtbot.wait(trial_desk.LOAD_AFTER_MS + 200)
    assert not [c for c in form.past_asked if isinstance(c, LoadCandles) and c.symbols == form.manual.draft.symbols]
    assert says(form).startswith("Estimated from the moves of 180 days")


def test_a_keystroke_is_answered_by_the_formula_at_once_and_then_by_the_backtest(form: Desk) -> None:
    until(form, "Backtest on")
    form.type("thresholdComboEdit", "3")
    assert says(form).startswith("Estimated from 1 year of 1 d candles")
    until(form, "Backtest on")
    form.type("thresholdComboEdit", "5")
    assert says(form).startswith("Backtest on"), "what was tried before is known still"


def test_a_rule_that_trades_too_often_for_the_bars_is_estimated_from_what_they_moved(form: Desk) -> None:
    form.type("thresholdComboEdit", "0.1")
    until(form, "Estimated from 1 year of 1 d candles")
    outlook = form.manual.expectation.outlook
    assert outlook is not None
    assert outlook.trial is not None
    assert outlook.volatilities == outlook.trial.volatilities


def test_the_backtest_never_runs_in_the_thread_of_the_window(form: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def watched(bars: object, wish: TrialWish) -> Trial:
        threads.append(current_thread())
        return try_rule(bars, wish)  # type: ignore[arg-type]

    monkeypatch.setattr(trial_desk, "try_rule", watched)
    until(form, "Backtest on")
    assert threads
    assert main_thread() not in threads


def test_other_coins_forget_the_candles_of_those_before(form: Desk) -> None:
    until(form, "Backtest on")
    form.candles = False
    form.add("XRP")
    form.answer()
    assert "candles" not in says(form)
    form.candles = True
    until(form, "Backtest on")
    outlook = form.manual.expectation.outlook
    assert outlook is not None
    assert set(outlook.volatilities) == {"BTC", "ETH", "SOL", "XRP"}


def test_candles_of_a_month_ago_are_dated(form: Desk) -> None:
    until(form, "Backtest on 1 year of 1 d candles, ")
    form.engine.account.at += timedelta(days=40)
    form.update()
    assert says(form).startswith("Backtest on 1 year of 1 d candles to 14 May 2021, ")
