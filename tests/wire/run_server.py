"""The loopback server as a process of its own: ``python -m tests.wire.run_server binance [port]``.

It prints its address and serves one fresh account until it is ended. Orders that others should find after a crash of the
program stay, because the exchange is not the program.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from tests.wire.bench import FACES, KEY, KEYS, SETUPS
from tests.wire.core import TurnedClock, core
from tests.wire.server import serving


class TrueClock(TurnedClock):
    """Of this machine."""

    def true(self) -> datetime:
        return datetime.now(UTC)


async def main(name: str, port: int) -> None:
    """Serve for ever."""
    async with (
        core(KEYS.get(name, KEY), SETUPS.get(name), TrueClock()) as there,
        serving(there, FACES[name], port) as wire,
    ):
        print(wire.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0))
