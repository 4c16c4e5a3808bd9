"""What its owner chose about being told, as it stands in settings.json: typed, and whatever is wrong there is a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.application.notices import TellOf
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.application.setting_kinds import NotLegal
from rebalancer_gui.application.settings import KEEP_AWAKE, LOW_BNB, SKIPPED_HOURS, TELL_DESKTOP, TELL_PAPER, TOLD
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.money import plain

SECTION = "notifications"
MAX_CHANNELS = 20
MAX_NAME = 40
_HOUR = timedelta(hours=1)


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

    events: frozenset[TellOf] = frozenset(of for of, setting in TOLD.items() if setting.default)
    skipped_after: timedelta = SKIPPED_HOURS.default * _HOUR
    low_bnb: Decimal = LOW_BNB.default
    paper: bool = TELL_PAPER.default
    desktop: bool = TELL_DESKTOP.default
    keep_awake: bool = KEEP_AWAKE.default
    channels: tuple[Channel, ...] = ()

    def to_values(self) -> dict[str, object]:
        """Plain JSON values."""
        return {
            "events": {of.value: of in self.events for of in TellOf},
            "skipped_after_hours": int(self.skipped_after / _HOUR),
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
    return TellSettings(
        events=frozenset(of for of, setting in TOLD.items() if setting.of(values)),
        skipped_after=SKIPPED_HOURS.of(values) * _HOUR,
        low_bnb=LOW_BNB.of(values),
        paper=TELL_PAPER.of(values),
        desktop=TELL_DESKTOP.of(values),
        keep_awake=KEEP_AWAKE.of(values),
        channels=_channels(values.get("channels")),
    )


def problems_with(settings: TellSettings) -> tuple[tuple[str, str], ...]:
    """(field, message) for what is outside its bounds."""
    found: list[tuple[str, str]] = []
    try:
        SKIPPED_HOURS.kind.checked(int(settings.skipped_after / _HOUR))
    except NotLegal as wrong:
        found.append((SKIPPED_HOURS.path[-1], f"{wrong}."))
    try:
        LOW_BNB.kind.checked(settings.low_bnb)
    except NotLegal as wrong:
        found.append((LOW_BNB.path[-1], f"{wrong}."))
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
