"""``python -m tests.benchmarks.start [--times N]``: J8 the first window on the screen, J9 the memory after it (Linux with Xvfb).

J8: from the start of the process to the first painted window, beside an empty window with a table, taking turns; then to the
moment when a preset can be created. J9: what is resident then, with ccxt and the 3,000 markets of an exchange on this machine.
Compiled bytecode is there: a first turn makes it and does not count.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import display
from tests.wire.public_venue import Priced, public_venue

ROOT = Path(__file__).resolve().parents[2]
LIVE = "Live"
MARKETS = 3_000
MB = 1e6
_PATIENCE = 120


def started(environment: dict[str, str], *words: str) -> dict[str, float]:
    """What one start told, moments in seconds since it began."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.start_probe", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=True,
    )  # fmt: skip
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {name: value - begun if name in {"painted", "usable"} else value for name, value in told.items()}


@contextmanager
def exchange(markets: int) -> Iterator[str]:
    """The address of an exchange with so many markets, in a thread of its own."""
    up, loop, over = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    address: list[str] = []

    async def serve() -> None:
        async with public_venue() as venue:
            for number in range(markets - len(venue.markets)):
                name = f"C{number}"
                venue.markets[f"{name}USDT"] = Priced(f"{name}USDT", name, "USDT", "1.00", "1.01", "1.00", busy=False)
            address.append(venue.url)
            up.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="exchange", daemon=True)
    thread.start()
    if not up.wait(10):
        raise RuntimeError("the exchange on this machine did not start")
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()


def first_windows(environment: dict[str, str], folder: Path, times: int) -> list[str]:
    """J8 in lines."""
    peers, ours = [], []
    for turn in range(times + 1):
        peer, own = started(environment, "empty"), started(environment, "program", str(folder))
        if turn:
            peers.append(peer["painted"])
            ours.append(own)
    painted, usable = median(o["painted"] for o in ours), median(o["usable"] for o in ours)
    bare = median(peers)
    beside = f"{painted / bare:.1f} x   ({painted * 1e3:,.0f} ms : {bare * 1e3:,.0f} ms)"
    return [
        f"G10  J8, first paint : an empty window with a table: {beside}",
        f"G10  J8, a preset can be created after {usable:.2f} s (goal 1.5 s)",
        f"     resident then {median(o['resident'] for o in ours) / MB:,.0f} MB",
    ]


def memory(environment: dict[str, str], folder: Path, markets: int) -> list[str]:
    """J9 in lines."""
    with exchange(markets) as url:
        console = [sys.executable, "-m", "rebalancer_gui.cli", "--data-dir", str(folder)]
        adding = [*console, "account", "add", "--name", LIVE, "--venue", "binance", "--api-url", url]
        subprocess.run(adding, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=_PATIENCE)
        told = started(environment, "program", str(folder), LIVE)
    resident, own = told["resident"] / MB, told["own"] / MB
    there = f"{resident:,.0f} MB, of which {own:,.0f} MB are its own (goal 250 MB)"
    return [f"G10  J9, resident with ccxt and {told['markets']:,.0f} markets: {there}"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=7, help="turns that count")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with display.private_display(folder / "display.log") as name:
            environment = {
                k: v for k, v in os.environ.items() if k not in {"PYTHONDONTWRITEBYTECODE", "WAYLAND_DISPLAY"}
            }
            environment |= {"DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}
            lines = first_windows(environment, folder / "data", options.times)
            lines += memory(environment, folder / "data", MARKETS)
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
