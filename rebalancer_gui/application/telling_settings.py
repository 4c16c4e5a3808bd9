"""What its owner chose about being told, as it stands in settings.json: typed, and whatever is wrong there is a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.application.notices import TellOf
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.hostile_json import plain_number
from rebalancer_gui.domain.money import ZERO, plain

SECTION = "notifications"
MIN_SKIPPED, MAX_SKIPPED = 1, 24 * 30
"""Hours."""
MAX_CHANNELS = 20
MAX_NAME = 40
MAX_LOW_BNB = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel without its address: that is a secret, kept in the vault of ``place`` under ``id``.

    ``kind`` is the service in words (``ntfy``), ``masked`` the address as it may be shown (``ntfys://…/…``).
    """

    id: str
    name: str
    kind: str
    masked: str
    place: Place


@dataclass(frozen=True, slots=True)
class TellSettings:
    """``skipped_after``: a rebalance that was due for so long and not carried out is told. ``low_bnb`` in BNB. ``paper``:
    paper accounts are told of too. ``keep_awake``: the computer does not sleep while a live strategy runs.
    """

    events: frozenset[TellOf] = frozenset(TellOf)
    skipped_after: timedelta = timedelta(hours=24)
    low_bnb: Decimal = Decimal("0.01")
    paper: bool = True
    desktop: bool = True
    keep_awake: bool = True
    channels: tuple[Channel, ...] = ()

    def to_values(self) -> dict[str, object]:
        """Plain JSON values."""
        return {
            "events": {of.value: of in self.events for of in TellOf},
            "skipped_after_hours": int(self.skipped_after / timedelta(hours=1)),
            "low_bnb": plain(self.low_bnb),
            "paper": self.paper,
            "desktop": self.desktop,
            "keep_awake": self.keep_awake,
            "channels": [
                {"id": c.id, "name": c.name, "kind": c.kind, "masked": c.masked, "place": c.place.value}
                for c in self.channels
            ],
        }


def tell_settings(values: Mapping[str, object]) -> TellSettings:
    """Read what :meth:`TellSettings.to_values` wrote; what has another shape is left at its default."""
    usual = TellSettings()
    events = values.get("events")
    chosen = events if isinstance(events, Mapping) else {}
    hours, bnb = values.get("skipped_after_hours"), values.get("low_bnb")
    limit = plain_number(bnb) if isinstance(bnb, str) else None
    return TellSettings(
        events=frozenset(of for of in TellOf if chosen.get(of.value) is not False),
        skipped_after=timedelta(hours=hours) if _is_hours(hours) and isinstance(hours, int) else usual.skipped_after,
        low_bnb=limit if limit is not None and ZERO <= limit <= MAX_LOW_BNB else usual.low_bnb,
        paper=values.get("paper") is not False,
        desktop=values.get("desktop") is not False,
        keep_awake=values.get("keep_awake") is not False,
        channels=_channels(values.get("channels")),
    )


def problems_with(settings: TellSettings) -> tuple[tuple[str, str], ...]:
    """(field, message) for what is outside its bounds."""
    found: list[tuple[str, str]] = []
    if not _is_hours(int(settings.skipped_after / timedelta(hours=1))):
        found.append(("skipped_after_hours", f"{MIN_SKIPPED} to {MAX_SKIPPED} hours."))
    if not ZERO <= settings.low_bnb <= MAX_LOW_BNB:
        found.append(("low_bnb", f"0 to {plain(MAX_LOW_BNB)} BNB."))
    return tuple(found)


def checked_name(name: str, others: tuple[Channel, ...], fallback: str) -> str:
    """The name of a new channel; ``fallback`` (with a number where it is taken) where none was given. Raises InvalidInput."""
    wanted = name.strip()
    taken = {c.name.casefold() for c in others}
    if not wanted:
        numbered = [fallback, *(f"{fallback} {n}" for n in range(2, MAX_CHANNELS + 2))]
        return next(free for free in numbered if free.casefold() not in taken)
    if len(wanted) > MAX_NAME or not wanted.isprintable():
        raise InvalidInput("name", f"A channel's name has at most {MAX_NAME} printable characters.")
    if "://" in wanted:
        raise InvalidInput("name", "This looks like an address: an address is a secret, so it cannot be a name.")
    if wanted.casefold() in taken:
        raise InvalidInput("name", f"There is a channel {wanted} already.")
    return wanted


def _is_hours(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and MIN_SKIPPED <= value <= MAX_SKIPPED


def _channels(value: object) -> tuple[Channel, ...]:
    rows = value if isinstance(value, list) else []
    found: dict[str, Channel] = {}
    for row in rows[:MAX_CHANNELS]:
        if not isinstance(row, Mapping):
            continue
        texts = [row.get(name) for name in ("id", "name", "kind", "masked", "place")]
        places = {place.value: place for place in Place}
        if all(isinstance(text, str) and text for text in texts) and texts[4] in places:
            channel_id, name, kind, masked, place = map(str, texts)
            found[channel_id] = Channel(channel_id, name, kind, masked, places[place])
    return tuple(found.values())
