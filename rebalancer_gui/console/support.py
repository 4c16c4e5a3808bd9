"""The support report: what helps those who help, and nothing that is nobody's business.

In it: versions, system, Qt's platform, of each account its kind, exchange, how its ledger is and how many strategies are in each
state, the declared settings, the last warnings. Not in it: keys, addresses of channels, names of accounts and strategies, amounts
(every number of a warning becomes ``#``), paths of the user.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rebalancer_gui.adapters.log_memory import LogMemory
from rebalancer_gui.adapters.logs import FILE_NAME
from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.adapters.storage.account_files import JsonAccountFiles
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.application.accounts import BUILT_IN
from rebalancer_gui.application.log_port import LogLine
from rebalancer_gui.application.settings import DECLARED
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.console import doctor
from rebalancer_gui.console.answers import Json, moment
from rebalancer_gui.console.output import lines
from rebalancer_gui.domain.errors import RebalancerError

_WARNINGS = 40
_LAST_WARNINGS = "Last warnings (every number is shown as #)"
_NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?\d[\d.,]*(?:[eE][-+]?\d+)?%?")
_SHORTEST_NAME = 2


class Reporter:
    """``application.log_port.SupportReport`` for a data folder, open or not. ``memory``: the log of this run (None: the file)."""

    def __init__(self, folder: DataFolder, memory: LogMemory | None = None) -> None:
        self._folder, self._memory = folder, memory

    def __call__(self, qt_platform: str = "", hidden: Sequence[str] = ()) -> str:
        found = doctor.findings(self._folder)
        system: Json = {k: found[k] for k in ("display", "keyring", "in_use", "stop_all")}
        system |= {k: [_NUMBER.sub("#", str(words)) for words in _list(found[k])] for k in ("warnings", "problems")}
        head: Json = {"made_at": moment(SystemClock().now()), "qt_platform": qt_platform or found["qt_platform"]}
        public = [
            ("Rebalancer support report", lines(head)),
            ("Versions", lines(_table(found["versions"]))),
            ("Program", lines({k: v for k, v in _table(found["program"]).items() if k != "place"})),
            ("Settings", self._settings()),
        ]
        private = [
            ("System", lines(system)),
            *((f"Account {n}", lines(self._account(row))) for n, row in enumerate(_rows(found["accounts"]), 1)),
            (_LAST_WARNINGS, "\n".join(_warning(line) for line in self._warnings()) or "none"),
        ]
        names = [name for name in self._names(hidden) if name != BUILT_IN]
        shown = [*public, *((title, hide(text, names)) for title, text in private)]
        text = REDACTOR("\n\n".join(f"{title}\n{content}" for title, content in shown) + "\n")
        return text.replace(str(self._folder.path), "(data folder)").replace(str(Path.home()), "~")

    def _names(self, hidden: Sequence[str]) -> list[str]:
        try:
            return [*hidden, *self._folder.account_names()]
        except RebalancerError:
            return [*hidden]

    def _account(self, row: Mapping[str, object]) -> Json:
        backup = row["backup"]
        shown: Json = {
            "kind": "unknown",
            "record": "sound" if row["record"] == "sound" else "damaged",
            "ledger": _ledger(str(row["ledger"])),
            "strategies": row["strategies"],
            "backup_at": backup["at"] if isinstance(backup, dict) else None,
        }
        try:
            record = JsonAccountFiles(self._folder).read(str(row["name"]))
        except RebalancerError:
            return shown
        shown["kind"] = record.kind.value if record is not None else "demo"
        if record is not None and record.venue is not None:
            shown["exchange"] = record.venue.venue
            shown["environment"] = record.venue.environment
            shown["own_address"] = bool(record.venue.api_url)
            shown["key_kept_in"] = record.key.place.value if record.key is not None else None
        return shown

    def _settings(self) -> str:
        desk = SettingsDesk(SettingsFile(self._folder))
        try:
            return "\n".join(f"{s.key} = {desk.fault(s) or s.kind.to_json(desk.value(s))}" for s in DECLARED)
        except RebalancerError as error:
            return error.message

    def _warnings(self) -> list[LogLine]:
        memory = self._memory
        if memory is None:
            file = self._folder.logs / FILE_NAME
            memory = LogMemory(file, logging.Formatter())
        try:
            found = [*memory.earlier(), *memory.since(0)]
        except RebalancerError:
            found = list(memory.since(0))
        return [line for line in found if line.level >= logging.WARNING][-_WARNINGS:]


def hide(text: str, names: Sequence[str]) -> str:
    """``text`` without these names; each is told from the others by its number."""
    for number, name in enumerate(sorted({n for n in names if len(n) >= _SHORTEST_NAME}, key=len, reverse=True), 1):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", f"(name {number})", text)
    return text


def _warning(line: LogLine) -> str:
    first, *more = line.text.splitlines() or [""]
    level = logging.getLevelName(line.level)
    return f"{line.at} {level} {line.name}: {_NUMBER.sub('#', first)}{f' (and {len(more)} lines)' if more else ''}"


def _ledger(words: str) -> str:
    """As the doctor says it; what is wrong may name amounts."""
    return words if words.startswith(("sound", "in use", "no ledger")) else _NUMBER.sub("#", words)


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def _rows(value: object) -> list[dict[str, object]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
