"""What its owner chose about market data from the internet. Read by the engine, changed by the window; any thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from rebalancer_gui.application.secrets import Place
from rebalancer_gui.application.settings import CAPS_ONLINE
from rebalancer_gui.domain.errors import InvalidInput

SECTION = "market_data"
MIN_KEY, MAX_KEY = 8, 200


@dataclass(frozen=True, slots=True)
class MarketDataSettings:
    """``online``: market caps may be read from the internet. ``key_place``: in which kind of vault the CoinGecko key is (None: there
    is no key).
    """

    online: bool = CAPS_ONLINE.default
    key_place: Place | None = None

    def to_values(self) -> dict[str, object]:
        """Plain JSON values."""
        return {"online": self.online, "coingecko_key": self.key_place.value if self.key_place is not None else None}


def market_data_settings(values: Mapping[str, object]) -> MarketDataSettings:
    """Read what :meth:`MarketDataSettings.to_values` wrote; what has another shape is left at its default."""
    places = {place.value: place for place in Place}
    place = values.get("coingecko_key")
    return MarketDataSettings(
        online=CAPS_ONLINE.of(values),
        # What was kept for one run only is gone.
        key_place=places.get(place) if isinstance(place, str) and place != Place.MEMORY.value else None,
    )


class Section(Protocol):
    """A part of settings.json. ``write`` raises EnvironmentProblem, and nothing was changed."""

    def read(self) -> Mapping[str, object]: ...

    def write(self, values: Mapping[str, object]) -> None: ...


class SourceKeys(Protocol):
    """The vault. Blocking; raise EnvironmentProblem."""

    def keep(self, source: str, key: str) -> Place: ...

    def load(self, source: str, place: Place) -> str | None: ...

    def forget(self, source: str, place: Place) -> None: ...


COINGECKO = "coingecko"


class MarketDataDesk:
    """Changes come from one thread at a time."""

    def __init__(self, section: Section, keys: SourceKeys) -> None:
        self._section, self._keys = section, keys
        self._settings = market_data_settings(section.read())
        self._watchers: tuple[Callable[[], None], ...] = ()

    @property
    def settings(self) -> MarketDataSettings:
        return self._settings

    def online(self) -> bool:
        """Whether the internet may be asked for market data."""
        return self._settings.online

    def reload(self) -> None:
        """It was changed in the file (an import): what is chosen there counts from now on; the key stays."""
        online = market_data_settings(self._section.read()).online
        if online != self._settings.online:
            self._settings = MarketDataSettings(online, self._settings.key_place)
            self._tell()

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed`` after every change, in the thread that made it, until what is given back is called."""
        self._watchers = (*self._watchers, changed)

        def end() -> None:
            self._watchers = tuple(watcher for watcher in self._watchers if watcher is not changed)

        return end

    def set_online(self, *, on: bool) -> None:
        """Blocking. Raises EnvironmentProblem, and nothing is changed."""
        self._store(MarketDataSettings(on, self._settings.key_place))

    def keep_key(self, key: str) -> Place:
        """Blocking. The CoinGecko key goes into the vault, in the place of the one before; gives the kind of vault. Raises InvalidInput
        (field ``key``) or EnvironmentProblem, and nothing is changed.
        """
        key = key.strip()
        if not MIN_KEY <= len(key) <= MAX_KEY or not key.isascii() or not key.isprintable() or " " in key:
            raise InvalidInput("key", f"A key has {MIN_KEY} to {MAX_KEY} letters, digits and signs, without blanks.")
        place = self._keys.keep(COINGECKO, key)
        self._store(MarketDataSettings(self._settings.online, place))
        return place

    def forget_key(self) -> None:
        """Blocking. Take the key away. Raises EnvironmentProblem when the vault does not let go of it; it is not used any more."""
        place = self._settings.key_place
        if place is not None:
            self._store(MarketDataSettings(self._settings.online, None))
            self._keys.forget(COINGECKO, place)

    def load_key(self) -> str:
        """Blocking; it may wait for a person who unlocks a vault. The CoinGecko key; "" where there is none. Raises
        EnvironmentProblem.
        """
        place = self._settings.key_place
        return (self._keys.load(COINGECKO, place) or "") if place is not None else ""

    def _store(self, settings: MarketDataSettings) -> None:
        self._section.write(settings.to_values())
        self._settings = settings
        self._tell()

    def _tell(self) -> None:
        for changed in self._watchers:
            # The loop of an engine that has just ended wants to know nothing more.
            with suppress(RuntimeError):
                changed()
