"""Tables in memory with transactions that can be taken back, for stand-ins of a store."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from rebalancer_gui.domain.errors import InvariantBroken

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class UndoLog:
    """What the open transaction has changed, newest last; outside of one nothing may be changed."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] | None = None

    def begin(self) -> None:
        """Raises InvariantBroken inside another transaction."""
        if self._steps is not None:
            raise InvariantBroken("a transaction was begun inside another one")
        self._steps = []

    def end(self, *, keep: bool) -> None:
        """Keep what was changed since `begin`, or take it back."""
        steps, self._steps = self._steps or [], None
        if not keep:
            for take_back in reversed(steps):
                take_back()

    def put(self, mapping: dict[_K, _V], key: _K, value: _V) -> None:
        steps = self._open()
        if key in mapping:
            former = mapping[key]
            steps.append(lambda: mapping.update({key: former}))
        else:
            steps.append(lambda: mapping.pop(key))
        mapping[key] = value

    def drop(self, mapping: dict[_K, _V], key: _K) -> None:
        steps = self._open()
        if key in mapping:
            former = mapping.pop(key)
            steps.append(lambda: mapping.update({key: former}))

    def append(self, rows: list[_V], row: _V) -> None:
        self._open().append(rows.pop)
        rows.append(row)

    def must_be_open(self) -> None:
        """Raises InvariantBroken outside a transaction."""
        self._open()

    def _open(self) -> list[Callable[[], object]]:
        if self._steps is None:
            raise InvariantBroken("a write was tried outside a transaction")
        return self._steps
