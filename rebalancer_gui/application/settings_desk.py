"""Where the declared settings are read, changed, exported and imported, by the window and by the console.

An export holds every declared setting and nothing else of settings.json: no channel, no address, no key, no account.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from rebalancer_gui.application.setting_kinds import NotLegal, T
from rebalancer_gui.application.settings import ALL, DECLARED, Setting
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.hostile_json import JsonNumber, JsonObject, named, read_object, refuse_if
from rebalancer_gui.domain.problems import Problem

FORMAT, VERSION = "rebalancer-settings-export", 1


class SettingsStore(Protocol):
    """settings.json. ``put`` changes what stands at each path, all at once; EnvironmentProblem, and nothing was changed."""

    def section(self, name: str) -> Mapping[str, object]: ...

    def put(self, values: Mapping[tuple[str, ...], object]) -> None: ...


@dataclass(frozen=True, slots=True)
class Change:
    """What an import would change of one setting, from ``before`` to ``after``."""

    setting: Setting[Any]
    before: object
    after: object

    @property
    def words(self) -> tuple[str, str, str]:
        """Title, what it is, what it becomes."""
        kind = self.setting.kind
        return self.setting.title, kind.words(self.before), kind.words(self.after)


class SettingsDesk:
    """Any thread may read. ``followers`` are called after a change that did not go through their own desks."""

    def __init__(self, store: SettingsStore, followers: tuple[Callable[[], None], ...] = ()) -> None:
        self._store, self._followers = store, followers

    def value(self, setting: Setting[T]) -> T:
        """As it stands in the file now; the default where nothing legal stands there."""
        return setting.of(self._store.section(setting.section))

    def fault(self, setting: Setting[Any]) -> str:
        """What is wrong with what stands in the file for it; "" where nothing is."""
        return setting.fault_of(self._store.section(setting.section))

    def faults(self) -> tuple[str, ...]:
        """A sentence for each setting whose value in the file is not legal: what is, and that the default is used."""
        return tuple(fault for setting in DECLARED if (fault := self.fault(setting)))

    def set(self, setting: Setting[T], value: T) -> None:
        """Blocking. Raises InvalidInput (field: its key) or EnvironmentProblem, and nothing is changed."""
        try:
            checked = setting.kind.checked(value)
        except NotLegal as wrong:
            raise InvalidInput(setting.key, f"{wrong}.") from wrong
        self._store.put({setting.path: setting.kind.to_json(checked)})
        self._tell()

    def set_text(self, key: str, text: str) -> None:
        """Blocking. As :meth:`set`, with what was typed. InvalidInput (field ``key``) where there is no such setting."""
        setting = ALL.get(key)
        if setting is None:
            raise InvalidInput("key", f"There is no such setting. There are: {', '.join(ALL)}.")
        try:
            value = setting.kind.parse(text)
        except NotLegal as wrong:
            raise InvalidInput(setting.key, f"{wrong}.") from wrong
        self.set(setting, value)

    def export(self) -> str:
        """The text of an export file: every declared setting, and nothing else."""
        values = {s.key: s.kind.to_json(self.value(s)) for s in DECLARED}
        return (
            json.dumps({"format": FORMAT, "version": VERSION, "settings": values}, indent=2, ensure_ascii=False) + "\n"
        )

    def preview(self, text: str | bytes) -> tuple[Change, ...]:
        """What an import of this file would change; nothing is changed. InvalidFile with all that is wrong in it."""
        wanted = read_export(text)
        found = ((s, self.value(s), wanted[s.key]) for s in DECLARED if s.key in wanted)
        return tuple(Change(setting, before, after) for setting, before, after in found if before != after)

    def take(self, changes: tuple[Change, ...]) -> None:
        """Blocking. Carry out what :meth:`preview` gave, all of it or nothing (EnvironmentProblem)."""
        if changes:
            self._store.put({c.setting.path: c.setting.kind.to_json(c.after) for c in changes})
            self._tell()

    def _tell(self) -> None:
        for follower in self._followers:
            follower()


def read_export(text: str | bytes) -> dict[str, object]:
    """The values of an export file by key; what is not in it is not changed. InvalidFile with every fault of the file."""
    noted: list[Problem] = []
    table = read_object(text, "format", noted)
    kind = table.text("format", "format", f'"{FORMAT}"')
    if kind is not None and kind != FORMAT:
        table.note("format", f'The file is no export of settings: its format must be "{FORMAT}".')
    refuse_if(noted)
    version = table.whole("version", "version", str(VERSION))
    if version is not None and version != VERSION:
        table.note("version", f"The file is of version {version}; this program reads version {VERSION}.")
    inner = table.nested("settings", "settings", "an object of keys and values")
    table.finish()
    refuse_if(noted)
    values = _values(inner, noted) if inner is not None else {}
    refuse_if(noted)
    return values


def _values(inner: JsonObject, noted: list[Problem]) -> dict[str, object]:
    unknown = [key for key in inner.keys if key not in ALL]
    if unknown:
        noted.append(Problem("settings", f"There are no such settings: {named(unknown)}. Legal are: {', '.join(ALL)}."))
    values: dict[str, object] = {}
    for setting in DECLARED:
        if setting.key in inner.keys:
            try:
                values[setting.key] = setting.kind.read(_bare(inner.raw(setting.key)))
            except NotLegal as wrong:
                noted.append(Problem(setting.key, f"{wrong}."))
    return values


def _bare(raw: object) -> object:
    """A whole number that stands without quotation marks, as one; other numbers are none of ours."""
    if isinstance(raw, JsonNumber):
        short = raw.text.lstrip("-").isdigit() and len(raw.text) <= 10
        return int(raw.text) if short else 0.0
    return raw
