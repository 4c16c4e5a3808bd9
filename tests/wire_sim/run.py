"""The long form: `python -m tests.wire_sim.run --long` (2,000 runs), or `--runs N --seed S --workers W`, or `--replay SEED`.

Exit code 1 when an invariant was broken in a run; the seeds are printed, and each replays step by step.
"""

from __future__ import annotations

import argparse
import logging
import sys

from tests.protocol.run import figures
from tests.protocol.scenario import Report
from tests.wire_sim.scenario import play

LONG = 2_000


def one(seed: int) -> Report:
    """One run; a fault of the harness itself counts as broken."""
    try:
        return play(seed)
    except Exception as error:  # noqa: BLE001 - a run that dies must not end the others
        return Report(seed, broken=[f"the harness failed: {error!r}"])


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire_sim.run", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--long", action="store_true", help=f"{LONG:,} runs")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--replay", type=int, help="run this seed alone and print its trace")
    parser.add_argument("--hash", action="store_true", help="with --replay: print the hash of the trace only")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if asked.replay is None:
        runs = LONG if asked.long else asked.runs
        return figures(range(asked.seed, asked.seed + runs), asked.workers, one)
    report = play(asked.replay, trace=not asked.hash)
    if asked.hash:
        print(report.trace_hash)
        return 0
    for line in report.lines or []:
        print(line)
    for broken in report.broken:
        print(f"BROKEN {broken}")
    print(f"trace {report.trace_hash}")
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
