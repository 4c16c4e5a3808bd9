"""Frozen records made as fast as open ones, for the few that are made for each coin at each batch of prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


def quickly(kind: Callable[P, T]) -> Callable[P, T]:
    """A maker of ``kind``, a frozen slotted dataclass: it takes what the class takes and gives the same frozen objects.

    A frozen dataclass sets each field by a call of ``object.__setattr__``, which is most of what making one costs. Here the
    fields are set on an open twin of equal layout, which then turns into a ``kind``; Python itself refuses that where the
    layouts differ. The function that does it is written out field by field, as dataclasses write theirs. TypeError for a
    class that does more when it is made than setting its fields.
    """
    record: Any = kind
    shape = fields(record)
    if hasattr(record, "__post_init__") or not all(f.init and not f.kw_only for f in shape):
        raise TypeError(f"{record.__name__} does more when it is made than setting its fields")
    known = {"_new": object.__new__, "_twin": type(record.__name__, (), {"__slots__": tuple(f.name for f in shape)})}
    known |= {"_record": record, "_missing": MISSING}
    takes, sets = [], []
    for f in shape:
        value = f.name
        if f.default_factory is not MISSING:
            known[f"_make_{f.name}"] = f.default_factory
            takes.append(f"{f.name}=_missing")
            value = f"_make_{f.name}() if {f.name} is _missing else {f.name}"
        elif f.default is not MISSING:
            known[f"_default_{f.name}"] = f.default
            takes.append(f"{f.name}=_default_{f.name}")
        else:
            takes.append(f.name)
        sets.append(f"    _made.{f.name} = {value}\n")
    written = f"def make({', '.join(takes)}):\n    _made = _new(_twin)\n{''.join(sets)}    _made.__class__ = _record\n"
    exec(written + "    return _made\n", known)  # noqa: S102 - only names of fields that the program itself wrote
    return cast("Callable[P, T]", known["make"])
