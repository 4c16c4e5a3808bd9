"""The long form: `python -m tests.protocol.run --runs 100000 --seed 1 --workers 2`, or `--replay SEED` for one run's trace.

Exit code 1 when an invariant was broken in a run; the seeds are printed, and each replays bit for bit.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial

from tests.protocol.naive import naive_engine
from tests.protocol.scenario import Report, play

CHUNK = 10
MOST_SHOWN = 40
PROGRESS_EVERY = 60.0


def one(seed: int, *, naive: bool = False) -> Report:
    """One run; a fault of the harness itself counts as broken."""
    with naive_engine() if naive else nullcontext():
        try:
            return play(seed)
        except Exception as error:  # noqa: BLE001 - a run that dies must not end the others
            return Report(seed, broken=[f"the harness failed: {error!r}"])


def reports(seeds: range, workers: int, work: Callable[[int], Report]) -> Iterator[Report]:
    """As they come."""
    if workers == 1:
        yield from map(work, seeds)
        return
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield from pool.imap_unordered(work, seeds, CHUNK)


def figures(seeds: range, workers: int, work: Callable[[int], Report]) -> int:
    """Run ``work`` on them all and print what came of it; the exit code."""
    faults: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    more: Counter[str] = Counter()
    failed: dict[int, str] = {}
    worst, worst_seed = 0.0, 0
    began = shown = time.monotonic()
    for report in reports(seeds, workers, work):
        sums["runs"] += 1
        sums["orders sent"] += report.orders
        sums["rebalances"] += report.rebalances
        sums["crashes"] += report.crashes
        sums["double orders"] += report.double_orders
        sums["lost fills"] += report.lost_fills
        sums["runs with a difference at the end"] += any(b.startswith("difference") for b in report.broken)
        faults += report.faults
        more += report.more
        if report.settled_after > worst:
            worst, worst_seed = report.settled_after, report.seed
        if report.broken:
            failed[report.seed] = report.broken[0]
            if len(failed) <= MOST_SHOWN:
                print(f"seed {report.seed}: {report.broken[0]}", flush=True)
        if time.monotonic() - shown > PROGRESS_EVERY:
            shown = time.monotonic()
            print(f"... {sums['runs']} of {len(seeds)} in {shown - began:.0f} s, {len(failed)} failed", flush=True)
    for name in ("runs", "orders sent", "rebalances", "crashes", "double orders", "lost fills"):
        print(f"{name}: {sums[name]:,}")
    for name, count in sorted(more.items()):
        print(f"{name}: {count:,}")
    print(f"runs with a difference at the end: {sums['runs with a difference at the end']}")
    print(f"worst time to settle: {worst:.2f} min (seed {worst_seed})")
    for name, count in faults.most_common():
        print(f"  {name}: {count:,}")
    print(f"failed: {len(failed)} {' '.join(map(str, sorted(failed)[:MOST_SHOWN]))}".rstrip())
    print(f"took {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.protocol.run", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--replay", type=int, help="run this seed alone and print its trace")
    parser.add_argument("--hash", action="store_true", help="with --replay: print the hash of the trace only")
    parser.add_argument("--naive", action="store_true", help="with the naive executor, which must fail")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if asked.replay is None:
        return figures(range(asked.seed, asked.seed + asked.runs), asked.workers, partial(one, naive=asked.naive))
    with naive_engine() if asked.naive else nullcontext():
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
