"""``rebalancer backtest`` and ``sweep``: what they answer and how they refuse, in this process."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rebalancer_gui.backtest.job import Costs, Flow, Job, MarketLimit
from rebalancer_gui.backtest.simulate import simulate
from rebalancer_gui.backtest.sweep import sweep
from rebalancer_gui.console.arguments import build_parser
from rebalancer_gui.console.backtesting import backtest, number, run_sweep
from rebalancer_gui.console.flow_file import read_flows
from rebalancer_gui.console.output import Printer
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.market import FeeSide
from rebalancer_gui.domain.strategy import RatioRule
from tests.unit.backtest.samples import BEGIN, HOUR, walked_bars

BARS = walked_bars(9, 800, 2, HOUR)
FIGURES = {"final_value", "hodl_value", "rebalances", "blocked", "fees", "turnover", "max_drawdown", "vs_hodl"}
STRATEGY = {
    "format": "rebalancer-strategy", "version": 1, "name": "Core", "quote": "USDT",
    "coins": [{"asset": "BTC", "weight": "60"}, {"asset": "ETH", "weight": "40"}], "investment": "1000",
    "rule": {"kind": "ratio", "threshold": "1", "check_seconds": 2},
}  # fmt: skip


@pytest.fixture
def candles(tmp_path: Path) -> Path:
    path = tmp_path / "candles.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "symbol", "open", "high", "low", "close"))
        for at, row in zip(BARS.times.tolist(), BARS.prices.tolist(), strict=True):
            for symbol, close in zip(BARS.symbols, row, strict=True):
                writer.writerow((at - 3600, symbol, close, close, close, close))
    return path


def strategy_file(folder: Path, **changes: Any) -> Path:
    path = folder / "strategy.json"
    path.write_text(json.dumps(STRATEGY | changes))
    return path


def run(candles: Path, *words: object, command: str = "backtest", **changes) -> None:
    place = strategy_file(candles.parent, **changes)
    options = build_parser().parse_args([command, str(place), "--candles", str(candles), *map(str, words)])
    printer = Printer(as_json=options.json, quiet=options.quiet)
    (backtest if command == "backtest" else run_sweep)(options, printer)


def answer(
    capsys: pytest.CaptureFixture[str], candles: Path, *words: object, command: str = "backtest", **changes: Any
):
    run(candles, "--json", *words, command=command, **changes)
    return json.loads(capsys.readouterr().out)


def refused(candles: Path, *words: object, **changes: Any) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as error:
        run(candles, *words, **changes)
    return error.value.field, error.value.message


def job(fee: float = 0.001, minimum: float = 10.0, side: FeeSide = FeeSide.RECEIVED, flows: Sequence[Flow] = ()) -> Job:
    limits = (MarketLimit(min_notional=minimum),) * 2
    return Job(BARS, (60.0, 40.0), RatioRule(Decimal(1)), 1000.0, Costs(fee, side), limits, tuple(flows))


def test_the_answer_has_the_figures_and_every_trade_as_plain_texts(capsys, candles) -> None:
    found = answer(capsys, candles)
    expected = simulate(job())

    assert found.keys() >= FIGURES | {"trades"}
    assert float(found["final_value"]) == expected.final_value
    assert float(found["hodl_value"]) == expected.hodl_value
    assert float(found["vs_hodl"]) == expected.versus_hodl
    assert float(found["max_drawdown"]) == expected.max_drawdown
    assert (found["rebalances"], found["blocked"]) == (str(len(expected.rebalances)), str(expected.blocked))
    assert len(found["trades"]) == len(expected.trades) > 10
    for row in found["trades"]:
        assert list(row) == ["time", "asset", "side", "quantity", "price", "value", "fee"]
        assert all("e" not in row[key].lower() for key in ("quantity", "price", "value", "fee"))
    assert sum(float(row["fee"]) for row in found["trades"]) == pytest.approx(float(found["fees"]))
    assert sum(float(row["value"]) for row in found["trades"]) == pytest.approx(float(found["turnover"]))
    first = found["trades"][0]
    assert (first["time"], first["asset"], first["side"]) == ("2021-01-01T01:00:00Z", "BTC", "buy")


def test_fee_side_and_minimum_are_those_that_were_given(capsys, candles) -> None:
    found = answer(capsys, candles, "--fee", "0.25", "--fee-side", "quote", "--min-notional", "40")
    expected = simulate(job(0.0025, 40.0, FeeSide.QUOTE))

    assert float(found["final_value"]) == expected.final_value
    assert int(found["blocked"]) == expected.blocked > 0
    free = answer(capsys, candles, "--fee", "0", "--min-notional", "0")
    assert (float(free["final_value"]), free["fees"]) == (simulate(job(0.0, 0.0)).final_value, "0")


def test_the_curve_is_written_as_csv(capsys, candles, tmp_path) -> None:
    run(candles, "--equity", tmp_path / "curve.csv", "--quiet")

    assert capsys.readouterr() == ("", "")
    rows = list(csv.reader((tmp_path / "curve.csv").read_text().splitlines()))
    assert rows[0] == ["time", "value", "hodl_value"]
    assert [float(row[1]) for row in rows[1:]] == simulate(job()).equity.tolist()
    assert rows[1][0] == "2021-01-01T01:00:00Z"
    assert refused(candles, "--equity", tmp_path / "none" / "curve.csv")[0] == "equity"


def test_flows_come_from_a_csv_file(capsys, candles, tmp_path) -> None:
    flows = tmp_path / "flows.csv"
    flows.write_text("time,amount\n2021-01-05,500\n2021-01-10T12:00:00Z,-120.5\n1610668800000,10\n")
    found = answer(capsys, candles, "--flows", flows)

    at = (BEGIN + 4 * 86_400, int(datetime(2021, 1, 10, 12, tzinfo=UTC).timestamp()), BEGIN + 14 * 86_400)
    expected = simulate(job(flows=[Flow(at[0], 500.0), Flow(at[1], -120.5), Flow(at[2], 10.0)]))
    assert float(found["final_value"]) == expected.final_value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The first line"),
        ("2021-01-05,500\n", "The first line"),
        ("time,amount\nyesterday,500\n", "Line 2: a time must be"),
        ("time,amount\n2021-01-05,0\n2021-01-06,1e3\n", "Line 3: an amount must be"),
        ("time,amount\n2021-01-05,500,EUR\n", "3 columns"),
    ],
)
def test_a_flow_that_cannot_be_read_is_refused_with_its_line(tmp_path, text, said) -> None:
    path = tmp_path / "flows.csv"
    path.write_text(text)
    with pytest.raises(InvalidInput) as error:
        read_flows(path)
    assert error.value.field == "flows"
    assert said in error.value.message


def test_from_and_to_bound_the_candles_and_a_day_is_meant_whole(capsys, candles) -> None:
    found = answer(capsys, candles, "--from", "2021-01-03", "--to", "2021-01-04")
    hours = answer(capsys, candles, "--from", "2021-01-03T06:00", "--to", "2021-01-03T08:00")

    assert (found["bars"], found["from"], found["to"]) == ("48", "2021-01-03T01:00:00Z", "2021-01-05T00:00:00Z")
    assert hours["bars"] == "3"
    assert refused(candles, "--from", "2021-01-04", "--to", "2021-01-03")[0] == "to"
    assert refused(candles, "--from", "2031-01-04")[0] == "candles"


def test_bad_input_is_refused_with_its_field(candles, tmp_path) -> None:
    assert refused(candles, coins=[{"asset": "BTC", "weight": "60"}, {"asset": "SOL", "weight": "40"}])[0] == "candles"
    assert refused(candles, coins=[{"asset": "BTC", "weight": "60"}])[0] == "coins"
    assert refused(candles, investment="0")[0] == "investment"
    assert refused(candles, stop_loss={"basis": "return", "level": "5"})[0] == "stop_loss"
    assert refused(candles, trigger={"symbol": "SOL/USDT", "price": "5"})[0] == "candles"
    assert refused(tmp_path / "none.csv")[0] == "candles"
    assert refused(candles, "--flows", tmp_path / "none.csv")[0] == "flows"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--fee", "100"), "fee: "), (("--fee", "-1"), "fee: "), (("--fee", "1e-3"), "fee: "),
        (("--fee-side", "third"), "fee_side: "), (("--min-notional", "-5"), "min_notional: "),
        (("--from", "soon"), "from: "), (("--to", "2021-13-01"), "to: "),
    ],
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_refused_with_its_name(capsys, candles, words, said) -> None:
    with pytest.raises(SystemExit) as end:
        run(candles, *words)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith(said)


def test_what_was_found_in_the_candles_is_said_on_stderr(capsys, candles) -> None:
    lines = candles.read_text().splitlines()
    candles.write_text("\n".join([*lines[:101], *lines[102:]]) + "\n")
    found = answer(capsys, candles)
    run(candles)
    said = capsys.readouterr()

    assert found["bars"] == "799"
    assert "1 bar of 800 missing" in said.err
    assert "final value" in said.out


@pytest.mark.rule("11.9", "11.10")
def test_a_sweep_answers_80_cells_and_the_column_by_ratio(capsys, candles) -> None:
    found = answer(capsys, candles, command="sweep")
    table = sweep(job())

    assert (len(found["cells"]), len(found["by_ratio"])) == (80, 8)
    for row in (*found["cells"], *found["by_ratio"]):
        assert row.keys() == FIGURES | {"threshold", "interval_seconds"}
        interval = next(i for i in table.intervals if (i and int(i.total_seconds())) == row["interval_seconds"])
        cell = table.cell(Decimal(row["threshold"]), interval)
        assert (float(row["final_value"]), row["rebalances"]) == (cell.final_value, str(cell.rebalances))
    run(candles, command="sweep")
    assert "mostly luck" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("amount", "text"),
    [(1e-7, "0.0000001"), (1e22, "10000000000000000000000"), (0.1, "0.1"), (1000.0, "1000"), (-0.0, "0")],
)
def test_numbers_are_printed_without_exponent(amount, text) -> None:
    assert number(amount) == text
