"""Frozen records made as fast as open ones, for the few that are made for each coin at each batch of prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, field, fields, make_dataclass
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


def quickly(kind: Callable[P, T]) -> Callable[P, T]:
    """A maker of ``kind``, a frozen slotted dataclass: it takes what the class takes and gives the same frozen objects.

    A frozen dataclass sets each field by a call of ``object.__setattr__``, which is most of what making one costs. Here the
    fields are set on an open twin of equal layout, which then turns into a ``kind``; Python itself refuses that where the
    layouts differ. TypeError for a class that does more when it is made than setting its fields.
    """
    record: Any = kind
    if hasattr(record, "__post_init__") or not all(f.init for f in fields(record)):
        raise TypeError(f"{record.__name__} does more when it is made than setting its fields")

    def turn(made: object) -> None:
        made.__class__ = record

    shape = [(f.name, object, _like(f)) for f in fields(record)]
    twin = make_dataclass(record.__name__, shape, namespace={"__post_init__": turn}, slots=True, eq=False, repr=False)
    return cast("Callable[P, T]", twin)


def _like(known: Field[object]) -> object:
    """A field with the same default; one that is made anew each time stays so."""
    if known.default_factory is not MISSING:
        return field(default_factory=known.default_factory)
    return field(default=known.default)
