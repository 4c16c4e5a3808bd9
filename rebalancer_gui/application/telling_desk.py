"""Where the settings of being told are read and changed, by the window and by the console. Blocking calls say so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from rebalancer_gui.application.notices import Message, Notifier, NotSent, Severity
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.application.telling_settings import (
    MAX_CHANNELS,
    Channel,
    TellSettings,
    checked_name,
    problems_with,
    tell_settings,
)
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput

DESKTOP = "desktop"
"""In the place of a channel's name."""


@dataclass(frozen=True, slots=True)
class CheckedAddress:
    """An address that can be used. ``unencrypted``: what is sent there travels in the open."""

    address: str = field(repr=False)
    kind: str
    masked: str
    unencrypted: bool


class Section(Protocol):
    """A part of settings.json. ``write`` raises EnvironmentProblem, and nothing was changed."""

    def read(self) -> Mapping[str, object]: ...

    def write(self, values: Mapping[str, object]) -> None: ...


class Addresses(Protocol):
    """The vault. Blocking; raise EnvironmentProblem."""

    def keep(self, channel_id: str, address: str) -> Place: ...

    def load(self, channel_id: str, place: Place) -> str | None: ...

    def forget(self, channel_id: str, place: Place) -> None: ...


class Autostart(Protocol):
    """Starting with the system. ``why_not``: why it cannot be offered here ("" = it can). ``set`` raises EnvironmentProblem."""

    @property
    def why_not(self) -> str: ...

    def is_on(self) -> bool: ...

    def set(self, *, on: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class TellingTools:
    """What bootstrap puts behind the desk."""

    section: Section
    addresses: Addresses
    check: Callable[[str], CheckedAddress]
    """Blocking; raises InvalidInput with field ``url``."""
    connect: Callable[[str, Callable[[], str]], Notifier]
    """(name, what loads its address) -> the channel."""
    desktop: Notifier | None
    """None where there is no desktop to notify."""
    new_id: Callable[[], str]
    autostart: Autostart | None = None


class TellingDesk:
    """``Chosen`` for the telling. Any thread may read; changes come from one thread at a time."""

    def __init__(self, tools: TellingTools) -> None:
        self._tools = tools
        stored = tell_settings(tools.section.read())
        # What was kept for one run only is gone.
        kept = tuple(c for c in stored.channels if c.place is not Place.MEMORY)
        self._settings = replace(stored, channels=kept)
        self._notifiers: dict[Channel, Notifier] = {}

    @property
    def settings(self) -> TellSettings:
        return self._settings

    def reload(self) -> None:
        """The settings were changed in the file (an import): what is chosen there counts from now on; channels stay."""
        self._settings = replace(tell_settings(self._tools.section.read()), channels=self._settings.channels)

    @property
    def autostart(self) -> Autostart | None:
        return self._tools.autostart

    @property
    def has_desktop(self) -> bool:
        return self._tools.desktop is not None

    def notifiers(self) -> tuple[Notifier, ...]:
        """Of all channels that are on; the same channel is the same object each time."""
        desktop = self._tools.desktop
        first = (desktop,) if desktop is not None and self._settings.desktop else ()
        return (*first, *(self._notifier(channel) for channel in self._settings.channels))

    def save(self, settings: TellSettings) -> None:
        """Keep everything of ``settings`` but its channels, which stay as they are. Raises InvalidInput, or
        EnvironmentProblem when it cannot be stored; then nothing is changed.
        """
        for where, message in problems_with(settings):
            raise InvalidInput(where, message)
        self._store(replace(settings, channels=self._settings.channels))

    def add(self, name: str, address: str, *, lasting: bool = False) -> tuple[Channel, CheckedAddress]:
        """Blocking. A new channel; its address goes into the vault. ``lasting``: only where it outlives the program. Raises
        InvalidInput or EnvironmentProblem, and nothing is kept.
        """
        tools, present = self._tools, self._settings.channels
        if len(present) >= MAX_CHANNELS:
            raise InvalidInput("name", f"There are {MAX_CHANNELS} channels already: remove one first.")
        checked = tools.check(address)
        named = checked_name(name, present, checked.kind)
        channel_id = tools.new_id()
        place = tools.addresses.keep(channel_id, checked.address)
        if lasting and place is Place.MEMORY:
            raise EnvironmentProblem(
                "There is no place to keep the address: this system has no keyring that can be used, and no passphrase vault "
                "is open.",
                "Open the vault with --passphrase-fd, or unlock the keyring of the desktop.",
            )
        channel = Channel(channel_id, named, checked.kind, checked.masked, place)
        try:
            self._store(replace(self._settings, channels=(*present, channel)))
        except EnvironmentProblem:
            tools.addresses.forget(channel_id, place)
            raise
        return channel, checked

    def remove(self, channel: Channel) -> None:
        """Blocking. First from the settings, then its address from the vault: a vault that is locked keeps nothing in use."""
        self._store(replace(self._settings, channels=tuple(c for c in self._settings.channels if c.id != channel.id)))
        self._notifiers.pop(channel, None)
        self._tools.addresses.forget(channel.id, channel.place)

    def channel(self, wanted: str) -> Channel:
        """By name or id. Raises InvalidInput."""
        for channel in self._settings.channels:
            if wanted == channel.id or wanted.casefold() == channel.name.casefold():
                return channel
        known = ", ".join(c.name for c in self._settings.channels) or "none"
        raise InvalidInput("channel", f"There is no channel of this name. There are: {known}.")

    def test(self, channel: Channel | None) -> None:
        """Blocking. Send a test message there (None: to the desktop). Raises NotSent."""
        desktop = self._tools.desktop
        if channel is None and desktop is None:
            raise NotSent("this session has no desktop that could show a notification.", again=False)
        notifier = self._notifier(channel) if channel is not None else desktop
        if notifier is not None:
            asyncio.run(notifier.send(TEST))

    def _notifier(self, channel: Channel) -> Notifier:
        if channel not in self._notifiers:
            self._notifiers[channel] = self._tools.connect(channel.name, lambda: self._load(channel))
        return self._notifiers[channel]

    def _load(self, channel: Channel) -> str:
        address = self._tools.addresses.load(channel.id, channel.place)
        if address is None:
            raise NotSent("its address is not in the vault: remove the channel and add it again.", again=False)
        return address

    def _store(self, settings: TellSettings) -> None:
        self._tools.section.write(settings.to_values())
        self._settings = settings


TEST = Message(
    "Rebalancer: a test",
    "This channel works. Here you will be told when a strategy halts, an order needs your decision, and what else you chose.",
    Severity.INFO,
)
