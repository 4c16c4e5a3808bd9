"""``python -m tests.benchmarks.quotes [--seconds N]``: G11, the window while 1,000 quotes a second come (Linux with Xvfb).

The real program on a screen of its own, with an account on live prices: 20 strategies of 10 coins each. A server in a process of
its own pushes ticks in Binance's form through a WebSocket, twenty each 20 ms, and ccxt reads them as it does from the exchange.
Told is the processor time of each thread in percent of one core, what of it ccxt took to read the messages, and how late a
timer of the GUI thread came: at worst, and in 99 of 100 cases. On a machine that is busy with other things it comes later.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import display
from tests.benchmarks.idle import ROOT, console

COINS = tuple(f"C{number}" for number in range(20))
A_SECOND, EVERY = 1000, 0.02
LONGEST_MS, P99_MS, PERCENT = 50.0, 16.0, 25.0
"""The goals."""
_PATIENCE = 300.0


# ------------------------------------------------------------------------------------------------------------ the exchange


async def serve() -> None:
    """Tell the address; then push until it is ended."""
    from tests.wire.public_venue import Priced, public_venue, pushed

    chance = random.Random(11)
    async with public_venue() as venue:
        venue.markets = {
            f"{coin}USDT": Priced(f"{coin}USDT", coin, "USDT", "100.00", "100.01", "100.00") for coin in COINS
        }
        # Its own pushes are of each market at once: here they come one by one, in no order.
        venue.push_every = 5.0
        print(venue.url, flush=True)
        prices = dict.fromkeys(venue.markets, Decimal(100))
        due = time.monotonic()
        while True:
            messages = []
            for _ in range(round(A_SECOND * EVERY)):
                symbol = chance.choice(list(prices))
                # 80 % a year, in steps of 20 ms.
                price = prices[symbol] = round(prices[symbol] * Decimal(str(chance.gauss(1, 0.00009))), 2)
                market = venue.markets[symbol]
                market.bid, market.ask, market.last = str(price), str(price + Decimal("0.01")), str(price)
                messages.append(json.dumps(pushed(market)))
            with contextlib.suppress(ConnectionResetError):
                await venue.push_raw(*messages)
            due += EVERY
            await asyncio.sleep(max(0.0, due - time.monotonic()))


# ----------------------------------------------------------------------------------------------------------- measuring


def measured(environment: dict[str, str], folder: Path, seconds: float) -> dict[str, float]:
    """What :func:`watched` tells, with the exchange beside it."""
    command = [sys.executable, "-m", "tests.benchmarks.quotes", "--serve"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as exchange:
        try:
            assert exchange.stdout is not None
            url = exchange.stdout.readline().strip()
            account = ("account", "add", "--name", "Live", "--venue", "binance", "--api-url", url)
            console(folder / "data", environment, *account)
            program = [sys.executable, "-m", "tests.benchmarks.quotes_visit", str(folder / "data"), str(seconds)]
            done = subprocess.run(
                program,
                cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, timeout=_PATIENCE + 4 * seconds, check=True,
            )  # fmt: skip
        finally:
            exchange.kill()
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(found: dict[str, float]) -> str:
    """The figures beside the goals."""
    without = found["whole"] - found["ccxt"]
    lines = [
        f"quotes a second: {found['came']:.0f}, of which {found['read']:.0f} were the newest and read",
        f"G11 longest block of the GUI thread: {found['longest']:.0f} ms (goal: {LONGEST_MS:.0f})",
        f"G11 99 of 100 turns at most: {found['p99']:.1f} ms late (goal: {P99_MS:.0f})",
        f"    of it own work: {found['longest work']:.1f} ms, 99 of 100 {found['p99 work']:.1f} ms, load {found['load']:.1f}",
        f"G11 all of the program: {found['whole']:.1f} % of one core (goal: {PERCENT:.0f})",
        f"    without ccxt's reading of the messages ({found['ccxt']:.1f} %): {without:.1f} %",
    ]
    threads = {name: percent for name, percent in found.items() if name.startswith("thread") and percent >= 0.05}
    lines += [f"    {name}: {percent:.1f} %" for name, percent in sorted(threads.items())]
    return "\n".join(lines)


def start(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="how long each is watched")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        asyncio.run(serve())
        return 0
    with tempfile.TemporaryDirectory() as place, display.private_display(Path(place) / "display.log") as name:
        environment = os.environ | {"DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}
        print(report(measured(environment, Path(place), options.seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(start())
