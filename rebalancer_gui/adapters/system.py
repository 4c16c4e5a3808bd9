"""The real clock and real chance. No other module of the program may ask for either."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import UTC, datetime

from rebalancer_gui.adapters.seeded_ids import CLIENT_ID_LENGTH, ID_ALPHABET, NAME_LENGTH, TAG_LENGTH, checked_tag


class SystemClock:
    """``application.ports.Clock`` of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class RandomIdSource:
    """``application.ports.IdSource`` from the machine's own randomness: nothing to remember, ``position`` stays 0."""

    def __init__(self, tag: str) -> None:
        self.position = 0
        self._tag = checked_tag(tag)

    def seek(self, position: int) -> None:
        """Nothing to do: no id comes twice."""

    def new_id(self, prefix: str) -> str:
        return f"{prefix}-{_random_text(NAME_LENGTH)}"

    def client_order_id(self) -> str:
        return f"rb{self._tag}{_random_text(CLIENT_ID_LENGTH)}"


def new_install_tag() -> str:
    """Marks the orders of one installation; made once and kept in the data folder."""
    return _random_text(TAG_LENGTH)


def random_bytes(count: int) -> bytes:
    """Chance that nobody can guess: for locks."""
    return secrets.token_bytes(count)


def _random_text(length: int) -> str:
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(length))
