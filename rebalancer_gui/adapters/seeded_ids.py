"""Ids that a seed gives: the same ones again on every run of the demo."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cached_property

from rebalancer_gui.domain.errors import InvariantBroken

ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
"""Base32 of RFC 4648 in lower case: no capital letters, no 0, 1, 8, 9 to be misread."""
TAG_LENGTH = 4
CLIENT_ID_LENGTH = 12
NAME_LENGTH = 10
"""50 bits: a million ids of one kind meet twice with a chance of 1 in 2,000."""


class SeededIdSource:
    """``application.ports.IdSource``: id number ``position`` is a pure function of (seed, tag, position).

    Without ``tag`` the seed gives that too. A ``seed`` that only an open account knows is asked for at the first id.
    """

    def __init__(self, seed: int | Callable[[], int], tag: str | None = None) -> None:
        self.position = 0
        self._seed = seed
        self._tag = checked_tag(tag) if tag is not None else None

    @cached_property
    def _roots(self) -> tuple[int, str]:
        """Seed and tag."""
        seed = self._seed() if callable(self._seed) else self._seed
        return seed, self._tag or _text(f"tag {seed}", TAG_LENGTH)

    def seek(self, position: int) -> None:
        """Go on after ``position`` ids; InvariantBroken for a negative one."""
        if position < 0:
            raise InvariantBroken(f"{position} is not a position in a sequence of ids")
        self.position = position

    def new_id(self, prefix: str) -> str:
        return f"{prefix}-{self._next(NAME_LENGTH)}"

    def client_order_id(self) -> str:
        return f"rb{self._roots[1]}{self._next(CLIENT_ID_LENGTH)}"

    def _next(self, length: int) -> str:
        seed, tag = self._roots
        text = _text(f"id {seed} {tag} {self.position}", length)
        self.position += 1
        return text


def checked_tag(tag: str) -> str:
    """``tag`` when it is 4 characters of [a-z0-9], else InvariantBroken."""
    if len(tag) != TAG_LENGTH or not (tag.isascii() and tag.isalnum() and tag == tag.lower()):
        raise InvariantBroken(f"{tag!r} is not an install tag: {TAG_LENGTH} characters of a-z and 0-9")
    return tag


def _text(of: str, length: int) -> str:
    digest = hashlib.sha256(of.encode()).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:length]
