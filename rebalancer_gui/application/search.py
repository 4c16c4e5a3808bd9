"""How far the looking up of one order is; in memory only: a new start looks everything up anew."""

from __future__ import annotations

from dataclasses import dataclass, field

from rebalancer_gui.domain.absence import Round


@dataclass(slots=True)
class Search:
    """The look-ups of one order so far."""

    begun: float
    """Monotonic seconds: the machine's sleep does not count."""
    tries: int = 0
    next_at: float = 0.0
    rounds: list[Round] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    """The newest answer by source: only what is new becomes evidence."""
