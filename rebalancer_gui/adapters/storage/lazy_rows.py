"""Rows of a page that are made when somebody looks at them: of five hundred that are read, a screen shows thirty."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from rebalancer_gui.adapters.storage.sqlite_errors import readable_rows
from rebalancer_gui.application.records import Record

Raw = tuple[Any, ...]


class LazyRows(Sequence[Record]):
    """``groups`` are the file's rows of each record (an order has one for each of its trades); ``read`` makes the record.

    Raises EnvironmentProblem when a record that is looked at cannot be understood. Equal to any sequence of equal records.
    """

    __slots__ = ("_groups", "_made", "_path", "_read")

    def __init__(self, path: Path, groups: Sequence[Sequence[Raw]], read: Callable[[Sequence[Raw]], Record]) -> None:
        self._path, self._groups, self._read = path, groups, read
        self._made: dict[int, Record] = {}

    def __len__(self) -> int:
        return len(self._groups)

    @overload
    def __getitem__(self, place: int) -> Record: ...

    @overload
    def __getitem__(self, place: slice) -> LazyRows: ...

    def __getitem__(self, place: int | slice) -> Record | LazyRows:
        if isinstance(place, slice):
            return LazyRows(self._path, self._groups[place], self._read)
        number = range(len(self._groups))[place]
        if number not in self._made:
            with readable_rows(self._path):
                self._made[number] = self._read(self._groups[number])
        return self._made[number]

    def __iter__(self) -> Iterator[Record]:
        return map(self.__getitem__, range(len(self._groups)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Sequence)
            and len(other) == len(self)
            and all(a == b for a, b in zip(self, other, strict=True))
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"LazyRows({list(self)!r})"


def grouped(rows: Sequence[Raw], key: int) -> list[Sequence[Raw]]:
    """Rows side by side with the same value at ``key`` belong to one record."""
    groups: list[Sequence[Raw]] = []
    begin = 0
    for place in range(1, len(rows) + 1):
        if place == len(rows) or rows[place][key] != rows[begin][key]:
            groups.append(rows[begin:place])
            begin = place
    return groups
