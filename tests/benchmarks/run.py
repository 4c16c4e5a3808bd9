"""``python -m tests.benchmarks.run``: how fast backtest, sweep and the live check are beside others, as ratios of this one run.

    --short            a hundredth of the bars
    --without-peers    only what is here: the plain loop of the tests and a pass in C

bt and vectorbt are installed into an environment of their own, ``.rebalancer-env/peers``, and calculate the same jobs from the
same arrays; what they give is compared. Absolute times prove nothing on a machine that does other things too.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.benchmarks import live_run, ours, records
from tests.benchmarks.jobs import INTERVALS, INVESTMENT, THRESHOLDS, WEIGHTS, Market, looks_of, market

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".rebalancer-env" / "peers"
WANTED = ("bt>=1.1,<2", "vectorbt>=1.2,<2")
J1_BARS, J2_BARS, DAILY_BARS = 259_200, 8_760, 730
_CLOSE = 1e-9


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all and print the table; 1 where a result differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--without-peers", action="store_true")
    options = parser.parse_args(arguments)
    size = 100 if options.short else 1
    j1, j2 = market(J1_BARS // size, 60), market(J2_BARS // min(size, 10), 3600)
    daily = market(DAILY_BARS // min(size, 10), 86_400)
    with tempfile.TemporaryDirectory() as folder:
        peers = {} if options.without_peers else ask_peers(j1, j2, Path(folder))
        report = Report()
        measure(report, j1, j2, daily, Path(folder), peers, times=2 if options.short else 7)
        records.measure(
            report, Path(folder), rows=2_000 if options.short else 1_000_000, times=3 if options.short else 15
        )
        live_run.measure(report, batches=50 if options.short else 2_000, tickers=3_000 // size, times=7)
    print("\n".join(report.lines))
    return 1 if report.differs else 0


class Report:
    """Lines to print, and whether any result differed from ours."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.differs = False

    def ratio(self, goal: str, what: str, theirs: float, own: float) -> None:
        self.lines.append(f"{goal}  {what}: {theirs / own:,.1f} x   ({theirs * 1e3:,.1f} ms : {own * 1e3:,.2f} ms)")

    def same(self, what: str, theirs: Sequence[float], own: Sequence[float]) -> int:
        """Note how many of ``theirs`` are not ours; answers that."""
        wrong = sum(not math.isclose(a, b, rel_tol=_CLOSE) for a, b in zip(theirs, own, strict=True))
        if wrong:
            self.lines.append(f"    {what}: {wrong} of {len(own)} results differ from ours by more than {_CLOSE:g}")
        return wrong


def measure(
    report: Report,
    j1: Market,
    j2: Market,
    daily: Market,
    folder: Path,
    peers: dict[str, dict[str, object]],
    *,
    times: int,
) -> None:
    """Every job on our side, and the ratios to ``peers``: what their programs printed, by name."""
    preparing, j1_bars = ours.fastest(lambda: ours.bars_of(j1), 2)
    j2_bars = ours.bars_of(j2)
    one = ours.one_run(j1_bars, 3 * times)
    in_c = ours.pass_in_c(j1, folder, 3 * times)
    one = min(one, ours.one_run(j1_bars, 3 * times), key=lambda t: t.seconds)
    hourly, _ = ours.grid(j2_bars, times)
    minutes, _ = ours.grid(j1_bars, times)
    plain = ours.plain_grid(j2)
    report.lines.append(
        f"J1 {len(j1.prices)} bars, J2 {len(j2.prices)} bars, 10 coins, no costs; bars made of J1's arrays in {preparing * 1e3:.1f} ms"
    )
    told = peers.get("bt")
    if told is not None:
        report.ratio("G1", f"J1, bt {told['version']} : ours", number(told["j1"]), one.seconds)
        report.same("bt, J1", [number(told["j1_final"])], one.figures[:1])
    told = peers.get("vectorbt")
    if told is not None:
        report.ratio("G2", f"J1, vectorbt {told['version']} (warm) : ours", number(told["j1"]), one.seconds)
        report.same("vectorbt, J1", [number(told["j1_final"])], one.figures[:1])
    if in_c is not None:
        report.ratio("G3", "J1, ours : one pass in C", one.seconds, in_c.seconds)
        report.differs |= bool(report.same("C, J1", in_c.figures, one.figures))
    if told is not None:
        report.ratio("G4", "J2, vectorbt in 80 calls : ours", number(told["j2_one_by_one"]), hourly.seconds)
        report.same("vectorbt in 80 calls", numbers(told["j2_finals"]), hourly.figures)
        report.ratio("G4", "J2, vectorbt in one call : ours", number(told["j2_at_once"]), hourly.seconds)
        report.same("vectorbt in one call", numbers(told["j2_finals_at_once"]), hourly.figures)
    report.ratio("G4", "J2, plain loop : ours", plain.seconds, hourly.seconds)
    report.differs |= bool(report.same("plain loop, J2", plain.figures, hourly.figures))
    report.ratio("G5", "J3 : J1, both ours", minutes.seconds, one.seconds)
    cells = [
        ours.slowest_cell(daily, (0.0, *THRESHOLDS), INTERVALS[5:], times),
        ours.slowest_cell(j2, THRESHOLDS, INTERVALS, 2),
    ]
    factor, where = min(cells)
    report.lines.append(f"G6  plain loop : ours in the cell where we gain least: {factor:.2f} x   ({where})")


def ask_peers(j1: Market, j2: Market, folder: Path) -> dict[str, dict[str, object]]:
    """Install the peers where they are not yet, and let each calculate the jobs."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        venv.create(PEERS, with_pip=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *WANTED], check=True)
    cells = [(threshold, seconds) for threshold in THRESHOLDS for seconds in INTERVALS]
    arrays = folder / "arrays.npz"
    np.savez(
        arrays, j1=j1.prices, j2=j2.prices, weights=np.array(WEIGHTS), investment=np.array(INVESTMENT),
        bands=np.array([threshold / 100 for threshold, _ in cells]),
        looks=np.stack([looks_of(j2.times, seconds) for _, seconds in cells], axis=1),
    )  # fmt: skip
    told: dict[str, dict[str, object]] = {}
    for name in ("vectorbt", "bt"):
        script = Path(__file__).parent / "peers" / f"{name}_job.py"
        print(f"{name} ...", file=sys.stderr, flush=True)
        answer = subprocess.run([str(python), str(script), str(arrays)], check=True, stdout=subprocess.PIPE, text=True)
        told[name] = json.loads(answer.stdout)
    return told


def number(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def numbers(value: object) -> list[float]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list of numbers")
    return [number(each) for each in value]


if __name__ == "__main__":
    raise SystemExit(main())
