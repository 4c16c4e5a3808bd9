"""``accounts/NAME/account.json``: what kind of account it is, in a file that holds no secret and is replaced whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.own_json import fault_in, parsed
from rebalancer_gui.adapters.storage.data_folder import DataFolder, check_account_name
from rebalancer_gui.adapters.storage.folder_kind import folder_fault
from rebalancer_gui.adapters.storage.inspection import states_in
from rebalancer_gui.adapters.storage.repair import ways_out
from rebalancer_gui.adapters.storage.safe_files import replace_file
from rebalancer_gui.application.accounts import MOST_START_MONEY, AccountRecord, KeyRecord, KeyTest
from rebalancer_gui.application.connection import Permissions, VenueSpec
from rebalancer_gui.application.records import Repair
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.hostile_json import plain_number
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.rails import AccountKind
from rebalancer_gui.domain.strategy import State

FILE_NAME = "account.json"
FORMAT, VERSION = "rebalancer-account", 1
_FORMER_MONEY = "USDT"
"""Of every paper account before it could be chosen."""
_MOST_SECONDS = 10**9
_MOST_BYTES = 64 * 1024
_WORDS = {AccountKind.DEMO: "demo", AccountKind.PAPER: "paper", AccountKind.LIVE: "exchange"}
_KINDS = {word: kind for kind, word in _WORDS.items()}


class JsonAccountFiles:
    """Implements ``AccountFiles`` in an open data folder."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    def names(self) -> Sequence[str]:
        return self._folder.account_names()

    def read(self, name: str) -> AccountRecord | None:
        path = self._folder.path / "accounts" / name / FILE_NAME
        try:
            if not path.is_file():
                return None
            raw = path.read_bytes()
        except OSError as error:
            raise EnvironmentProblem(f"The account {name} cannot be read: {error.strerror} ({path}).") from error
        try:
            return _record(name, raw)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise EnvironmentProblem(
                f"The file {path} cannot be understood: {fault_in(error)}.",
                "Put it back from a copy of the data folder, or use the version of the program that wrote it.",
            ) from error

    def write(self, record: AccountRecord) -> None:
        path = self._folder.account_folder(record.name) / FILE_NAME
        content = json.dumps(_json(record), indent=2, ensure_ascii=False)
        try:
            replace_file(path, f"{content}\n".encode())
        except OSError as error:
            raise EnvironmentProblem(
                f"The account {record.name} cannot be stored: {error.strerror} ({path})."
            ) from error

    def remove(self, name: str, now: datetime) -> str:
        return str(self._folder.set_account_aside(name, f"removed-{now:%Y%m%d-%H%M%S}"))

    def standing(self, name: str) -> int:
        ledger = self._folder.path / "accounts" / name / "ledger.sqlite"
        if not ledger.exists():
            return 0
        return sum(count for state, count in states_in(ledger).items() if state != State.ENDED.value)

    def ways_out(self, name: str, now: datetime) -> tuple[Repair, ...]:
        try:
            self.read(name)
        except EnvironmentProblem:
            return ways_out(self._folder, name, now, readable=False)
        return ways_out(self._folder, name, now, readable=True)

    def check_name(self, name: str) -> None:
        check_account_name(name)

    def against_live(self) -> str:
        return against_live(self._folder.path)


def against_live(folder: Path) -> str:
    """Why a data folder is no place for an account with real money; "" when it is one."""
    try:
        return folder_fault(folder, live=True)
    except EnvironmentProblem as error:
        return f"{error.message} {error.advice}".strip()


def _json(record: AccountRecord) -> dict[str, object]:
    venue, key, tested = record.venue, record.key, record.tested
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": _WORDS[record.kind],
        "venue": None if venue is None else venue.venue,
        "api_url": None if venue is None else venue.api_url,
        "environment": None if venue is None else venue.environment,
        "quote": record.quote or None,
        "start_money": None if record.start_money is None else plain(record.start_money),
        "key": None
        if key is None
        else {"fingerprint": key.fingerprint, "ends_with": key.ends_with, "kept": key.place.value},
        "tested": None
        if tested is None
        else {
            "at": tested.at.isoformat(),
            "may_trade": tested.permissions.may_trade,
            "may_withdraw": tested.permissions.may_withdraw,
            "ip_restricted": tested.permissions.ip_restricted,
            "others": list(tested.permissions.others),
            "note": tested.permissions.note,
            "time_offset": None if tested.time_offset is None else f"{tested.time_offset.total_seconds():.6f}",
        },
    }


def _record(name: str, raw: bytes) -> AccountRecord:
    """ValueError, KeyError or TypeError for anything that this version does not write."""
    if len(raw) > _MOST_BYTES:
        raise ValueError("it is far too large")
    found = parsed(raw)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError("it is no account of this program")
    version = found.get("version")
    if version != VERSION:
        newer = " by a newer version of the program" if isinstance(version, int) and version > VERSION else ""
        raise ValueError(f"it was written{newer} in version {version!r}; this program knows version {VERSION}")
    kind = _KINDS[_text(found, "kind")]
    venue = None
    if kind is not AccountKind.DEMO:
        venue = VenueSpec(_text(found, "venue"), _maybe_text(found, "api_url"), _maybe_text(found, "environment"))
    key = found.get("key")
    if (kind is AccountKind.LIVE) != isinstance(key, dict):
        raise ValueError("an account at an exchange has a key, and no other has one")
    quote = _maybe_text(found, "quote") or (_FORMER_MONEY if kind is AccountKind.PAPER else "")
    return AccountRecord(
        name,
        kind,
        venue,
        _key(key) if isinstance(key, dict) else None,
        _test(found.get("tested")),
        quote,
        _start_money(found),
    )


def _start_money(found: Mapping[str, object]) -> Decimal | None:
    """Records of before have none."""
    text = _maybe_text(found, "start_money")
    amount = None if text is None else plain_number(text)
    if text is not None and (amount is None or not ZERO < amount <= MOST_START_MONEY):
        raise ValueError(f"{text[:40]!r} is no money to start with")
    return amount


def _key(found: Mapping[str, object]) -> KeyRecord:
    return KeyRecord(_text(found, "fingerprint"), _text(found, "ends_with"), Place(_text(found, "kept")))


def _test(found: object) -> KeyTest | None:
    if found is None:
        return None
    if not isinstance(found, dict) or not isinstance(found["others"], list):
        raise ValueError("its last test is not as it should be")  # noqa: TRY004 -- every kind of wrong content is one kind of error
    permissions = Permissions(
        _maybe(found, "may_trade"),
        _maybe(found, "may_withdraw"),
        _maybe(found, "ip_restricted"),
        tuple(str(other) for other in found["others"]),
        _text(found, "note"),
    )
    at = datetime.fromisoformat(_text(found, "at"))
    if at.tzinfo is None:
        raise ValueError("the time of its last test has no zone")
    return KeyTest(at, permissions, _offset(_maybe_text(found, "time_offset")))


def _offset(text: str | None) -> timedelta | None:
    """Seconds; records of before have none."""
    seconds = None if text is None else plain_number(text)
    if text is not None and (seconds is None or abs(seconds) > _MOST_SECONDS):
        raise ValueError(f"{text[:40]!r} is no time offset")
    return None if seconds is None else timedelta(microseconds=int(seconds * 1_000_000))


def _text(found: Mapping[str, object], name: str) -> str:
    value = found[name]
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")  # noqa: TRY004 -- every kind of wrong content is one kind of error
    return value


def _maybe_text(found: Mapping[str, object], name: str) -> str | None:
    return None if found.get(name) is None else _text(found, name)


def _maybe(found: Mapping[str, object], name: str) -> bool | None:
    value = found.get(name)
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value
