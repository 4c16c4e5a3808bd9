"""What is wrong with what somebody asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: ``field`` as named in FILES.md, ``message`` says what is wrong and what is legal."""

    field: str
    message: str
