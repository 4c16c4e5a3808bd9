"""Test this rule: candles on their way, what cannot be tested, files, and what is written out."""

import csv
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit, QMessageBox, QProgressBar, QPushButton

from rebalancer_gui.application.candle_commands import CancelCandles, LoadCandles, LoadTimeframes, ReadCandleFiles
from rebalancer_gui.application.candle_port import FileAnswer
from rebalancer_gui.application.events import CandlesReady
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.strategy import Basis, Level, TimeRule, Trigger
from tests.ui.fake_candles import wavy_candles
from tests.ui.parts import theme_of
from tests.ui.window.rule_tests import open_bench

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FILE = "File\N{HORIZONTAL ELLIPSIS}"
START = 1_600_000_000 // 86_400 * 86_400


@pytest.fixture
def make(qtbot, qapp):
    theme_of(qapp)
    opened = []

    def open_one(**wishes):
        opened.append(open_bench(qtbot, **wishes))
        return opened[-1]

    yield open_one
    for bench in opened:
        bench.close()


def waiting(engine) -> None:
    engine.candles.waits = True


def two_coins(days: int = 60, timeframe: timedelta = DAY, start: int = START) -> dict[str, CandleSeries]:
    return {
        f"{coin}/USDT": wavy_candles(f"{coin}/USDT", timeframe, start, days) for coin in ("BTC", "ETH", "BNB", "SOL")
    }


# ------------------------------------------------------------------------------------------------ candles on their way


def test_while_candles_are_loaded_their_number_is_shown_and_it_can_be_cancelled(make):
    bench = make(prepare=waiting)
    bench.answer()
    assert bench.find(QProgressBar, "testProgress").isVisible()
    assert bench.text("testFootLabel") == "Candles are being loaded: 0 of 1,000"
    assert bench.text("testMessageTitle") == "The candles are on their way"
    assert not bench.find(QPushButton, "useRuleButton").isEnabled()
    bench.find(QPushButton, "testCancelButton").click()
    (load,) = bench.taken(LoadCandles)
    (cancel,) = bench.taken(CancelCandles)
    assert cancel.load_id == load.command_id
    bench.answer()
    assert not bench.find(QProgressBar, "testProgress").isVisible()
    assert bench.text("testMessageTitle") == "The test was cancelled"


def test_closing_the_window_cancels_what_it_was_loading(make):
    bench = make(prepare=waiting)
    bench.answer()
    bench.window.reject()
    assert len(bench.taken(CancelCandles)) == 1


def test_run_again_asks_for_other_days_and_the_older_answer_is_not_shown(make):
    bench = make(prepare=waiting)
    bench.answer()
    bench.find(QLineEdit, "testFromEdit").setText("2021-01-01")
    bench.find(QPushButton, "testRunButton").click()
    bench.answer()
    first, second = bench.taken(LoadCandles)
    assert bench.taken(CancelCandles)[0].load_id == first.command_id
    assert second.since.date().isoformat() == "2021-01-01"
    assert bench.text("testMessageTitle") == "The candles are on their way"
    bench.engine.candles.finish()
    bench.wait()
    assert bench.window.results.run is not None
    assert bench.text("testFootLabel").startswith("133 candles of 1 d per coin")


def test_a_live_account_is_asked_for_hours_and_offers_what_its_exchange_has(make):
    bench = make(demo=False)
    bench.wait()
    assert [load.timeframe for load in bench.taken(LoadCandles)] == [HOUR]
    combo = bench.find(QComboBox, "testCandlesCombo")
    assert [combo.itemText(i) for i in range(combo.count())] == [
        *["1 min", "5 min", "15 min", "1 h", "4 h", "1 d"],
        FILE,
    ]
    assert combo.currentText() == "1 h"
    combo.setCurrentText("4 h")
    combo.activated.emit(combo.currentIndex())
    assert bench.taken(LoadCandles)[-1].timeframe == timedelta(hours=4)


# ------------------------------------------------------------------------------------------------ what cannot be tested


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("testFromEdit", "2021-06-01", "From: It is 2021-05-14 now"),
        ("testFromEdit", "2021-05-10", "From: Too short: 10 candles are needed"),
        ("testToEdit", "2019-01-01", "From: The test would begin after it ends"),
        ("testToEdit", "soon", "To: Write a day as 2024-11-22."),
        ("testAmountEdit", "0", "Amount: "),
        ("testAmountEdit", "", "Amount: "),
    ],
)
def test_bad_input_is_said_under_the_fields_while_typing_and_nothing_runs(make, field, text, said):
    bench = make(prepare=waiting)
    bench.answer()
    bench.find(QLineEdit, field).setText(text)
    assert bench.text("testHeadMessage").startswith(said)
    button = bench.find(QPushButton, "testRunButton")
    assert not button.isEnabled()
    assert button.toolTip()


def test_a_refusal_of_the_engine_is_shown_with_what_still_works(make):
    why = "The exchange does not answer: there is no network."
    bench = make(
        demo=False,
        prepare=lambda engine: setattr(engine, "_refuse", {LoadCandles: why}),
    )
    bench.answer()
    assert bench.text("testMessageTitle") == "This cannot be tested"
    assert bench.text("testMessageText") == why
    assert bench.text("testMessageMore").startswith("A candle file of your own still works: choose ")
    assert "Candles that were loaded before" in bench.text("testMessageMore")
    assert not bench.find(QPushButton, "useRuleButton").isEnabled()
    assert bench.find(QPushButton, "testRunButton").isEnabled()


def test_an_account_without_candles_says_so_and_run_again_asks_anew(make):
    bench = make(prepare=lambda engine: setattr(engine, "_refuse", {LoadTimeframes: "It has no candles."}))
    bench.answer()
    assert bench.text("testMessageText") == "It has no candles."
    assert not bench.taken(LoadCandles)
    bench.engine._refuse = {}
    bench.find(QPushButton, "testRunButton").click()
    bench.wait()
    assert len(bench.taken(LoadCandles)) == 1


def test_a_coin_without_candles_is_named(make):
    bench = make(prepare=waiting)
    bench.answer()
    load = bench.window.session._loader._load_id
    series = two_coins()
    del series["SOL/USDT"]
    _take(bench, load, series)
    bench.qtbot.waitUntil(lambda: bench.text("testMessageTitle") == "This cannot be tested")
    assert "SOL/USDT" in bench.text("testMessageText")


def test_one_coin_shorter_than_the_others_is_tested_over_what_all_have_and_said(make):
    bench = make(prepare=waiting)
    bench.answer()
    series = two_coins()
    series["SOL/USDT"] = wavy_candles("SOL/USDT", DAY, START + 20 * 86_400, 40)
    _take(bench, bench.window.session._loader._load_id, series)
    bench.wait()
    assert bench.text("testFootLabel").startswith("40 candles of 1 d per coin, no gaps")
    assert "SOL/USDT has none yet" in bench.text("testNotesText")


def test_bundled_days_that_stand_in_for_other_candles_are_tested_over_their_own_days_and_said(make):
    bench = make(demo=False, prepare=waiting)
    bench.answer()
    assert bench.taken(LoadCandles)[0].timeframe == HOUR
    said = ("There is no network: bundled daily prices stand in.",)
    long_ago = two_coins(start=START - 1000 * 86_400)
    account, load = bench.engine.account.name, bench.window.session._loader._load_id
    bench.window._feed.take(CandlesReady(load, account, long_ago, "bundled daily prices", said, (HOUR, DAY)))
    bench.wait()
    assert bench.text("testFootLabel").startswith("60 candles of 1 d per coin, no gaps")
    assert said[0] in bench.text("testNotesText")


def test_gaps_are_counted_in_the_foot_and_told_in_the_notes(make):
    bench = make(prepare=waiting)
    bench.answer()
    series = two_coins()
    for column in ("opened", "opens", "highs", "lows", "closes", "volumes"):
        values = getattr(series["ETH/USDT"], column)
        del values[30:33]
    _take(bench, bench.window.session._loader._load_id, series)
    bench.wait()
    assert bench.text("testFootLabel").startswith("57 candles of 1 d per coin, 3 missing")
    assert bench.text("testFootLabel").endswith("See Notes.")
    assert "ETH/USDT: 3 bars of 60 missing" in bench.text("testNotesText")


def test_a_few_candles_are_refused_with_their_number(make):
    bench = make(prepare=waiting)
    bench.answer()
    _take(bench, bench.window.session._loader._load_id, two_coins(5))
    bench.qtbot.waitUntil(lambda: bench.text("testMessageTitle") == "This cannot be tested")
    assert bench.text("testMessageText") == "Only 5 candles are there of every coin; a test needs at least 10."


def test_levels_on_today_s_prices_are_left_out_and_said_those_on_the_return_count(make):
    def prepare(engine) -> None:
        first = engine.account.strategies[0]
        first.parameters = replace(
            first.parameters,
            rule=TimeRule(DAY * 7, Decimal(5)),
            trigger=Trigger("BTC/USDT", Decimal(1)),
            stop_loss=Level(Basis.PRICE, Decimal(1), "BTC/USDT"),
            take_profit=Level(Basis.RETURN, Decimal(5)),
        )

    bench = make(prepare=prepare)
    bench.wait()
    notes = bench.text("testNotesText")
    assert "Left out, because set for today's prices: the trigger price and the stop-loss price." in notes
    assert "The take-profit ended it there" in notes


def _take(bench, load_id, series) -> None:
    account = bench.engine.account.name
    bench.window._feed.take(CandlesReady(load_id, account, series, "the test", (), (DAY,)))


# -------------------------------------------------------------------------------------------------------------- files


MAPPED = "The column close is taken for the close."


def holding(series):
    """The engine reads these candles from any file."""

    def prepare(engine) -> None:
        engine.candles.waits = True
        engine.candles.file = FileAnswer(series, (MAPPED,), ("Line 9 has no price: left out.",))

    return prepare


def test_candles_of_a_file_are_tested_over_its_own_days_and_how_it_was_read_is_noted(make, tmp_path):
    bench = make(prepare=holding(two_coins(48, HOUR)))
    bench.answer()
    bench.window.read_files([tmp_path / "mine.csv"])
    bench.answer()
    assert bench.text("testFootLabel") == "The file is being read: 0 %"
    (asked,) = bench.taken(ReadCandleFiles)
    assert asked.paths == (tmp_path / "mine.csv",)
    assert asked.wanted == ("BTC/USDT", "ETH/USDT", "BNB/USDT", "SOL/USDT")
    bench.engine.candles.finish()
    bench.wait()
    assert bench.text("testFootLabel").startswith("48 candles of 1 h per coin, no gaps")
    assert bench.find(QLineEdit, "testFromEdit").text() == "2020-09-13"
    assert bench.find(QLineEdit, "testToEdit").text() == "2020-09-14"
    for note in ("mine.csv", MAPPED, "Line 9 has no price: left out."):
        assert note in bench.text("testNotesText")
    assert bench.find(QComboBox, "testCandlesCombo").currentText() == FILE


def test_after_a_file_the_account_s_candles_can_be_chosen_again(make):
    bench = make(prepare=holding(two_coins(48, HOUR)))
    bench.answer()
    bench.window.read_files([Path("mine.csv")])
    bench.answer()
    bench.engine.candles.waits = False
    bench.engine.candles.finish()
    bench.wait()
    combo = bench.find(QComboBox, "testCandlesCombo")
    combo.setCurrentText("1 d")
    bench.window.head.put_days(bench.window._now().date() - DAY * 90, bench.window._now().date())
    combo.activated.emit(combo.currentIndex())
    bench.wait()
    assert bench.text("testFootLabel").startswith("90 candles of 1 d per coin")


def test_a_file_that_cannot_be_read_surely_is_refused_with_its_line(make):
    why = "bad.csv, line 7: close: a price cannot be negative."
    bench = make(prepare=lambda engine: setattr(engine, "_refuse", {ReadCandleFiles: why}))
    bench.window.read_files([Path("bad.csv")])
    bench.answer()
    assert bench.text("testMessageTitle") == "This cannot be tested"
    assert bench.text("testMessageText") == why


def test_a_file_without_one_of_the_coins_is_refused_with_what_it_has(make):
    series = two_coins()
    del series["BNB/USDT"]
    bench = make(prepare=holding(series))
    bench.answer()
    bench.window.read_files([Path("three.csv")])
    bench.answer()
    bench.engine.candles.finish()
    assert bench.text("testMessageText") == (
        "three.csv has no candles of BNB/USDT; it has BTC/USDT, ETH/USDT, SOL/USDT."
    )


# ----------------------------------------------------------------------------------------------------------- written out


def test_map_lines_and_trades_are_written_as_plain_numbers(make, tmp_path):
    bench = make()
    bench.wait()
    tables = {}
    for what in ("map", "lines", "trades"):
        bench.window.export(what, tmp_path / f"{what}.csv")
        with (tmp_path / f"{what}.csv").open(newline="", encoding="utf-8") as file:
            tables[what] = list(csv.DictReader(file))
    assert len(tables["map"]) == 88
    assert {row["interval_seconds"] for row in tables["map"]} >= {"", "1800", "2419200"}
    assert float(tables["lines"][-1]["value"]) == pytest.approx(bench.run.figures.rule.final_value)
    assert {row["asset"] for row in tables["trades"]} == {"BTC", "ETH", "BNB", "SOL"}
    assert all("e" not in row["quantity"] for row in tables["trades"])


def test_a_file_that_cannot_be_written_is_said(make, tmp_path):
    bench = make()
    bench.wait()
    bench.window.export("map", tmp_path / "nowhere" / "map.csv")
    box = bench.find(QMessageBox, "exportProblem")
    assert box.isVisible()
    assert box.text().startswith("The file was not written: ")
    box.close()
