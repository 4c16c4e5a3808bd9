"""The accounts of a data folder as they are registered: what kind, at which exchange, with which key; no secret in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from rebalancer_gui.application.connection import ConnectionReport, Credentials, Permissions, Tier, VenueSpec
from rebalancer_gui.application.records import Repair
from rebalancer_gui.application.secrets import Place, SecretVault
from rebalancer_gui.domain.rails import AccountKind

BUILT_IN = "paper"
"""The built-in paper account on the demo market: there without being registered."""
START_GRID, MOST_START_MONEY = Decimal("0.00000001"), Decimal(10) ** 12
"""Of the play money of a paper account: its grid and the most that is legal, in its own units; above 0."""
_TOLD = 4
_LONG_ENOUGH = 12


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a key without the vault. ``ends_with``: its last four characters, "" of a short one."""

    fingerprint: str
    ends_with: str
    place: Place


@dataclass(frozen=True, slots=True)
class KeyTest:
    """The newest test of the connection that went through."""

    at: datetime
    permissions: Permissions
    time_offset: timedelta | None = None
    """How far the venue's clock was ahead of ours (None: not told; records of before do not have it)."""


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """One account. ``venue`` None: the demo market; ``key`` None: no key, so it is a paper account on live prices, whose money
    is ``quote`` ("" on any other); ``start_money`` of it is what it begins with (None: about what 10,000 dollars are).
    """

    name: str
    kind: AccountKind
    venue: VenueSpec | None = None
    key: KeyRecord | None = None
    tested: KeyTest | None = None
    quote: str = ""
    start_money: Decimal | None = None


@dataclass(frozen=True, slots=True)
class VenueEntry:
    """An exchange that can be chosen. ``id`` is ccxt's. ``takes_key``: its keys consist of what can be given here.

    ``money``: what most of its markets are quoted in. ``tick``, ``leave_off``: rights of a key in the words of the exchange's own page ``page`` ("" = not known).
    """

    id: str
    name: str
    tier: Tier
    rests_on: str
    environments: tuple[str, ...] = ()
    needs_passphrase: bool = False
    takes_key: bool = True
    tick: tuple[str, ...] = ()
    leave_off: tuple[str, ...] = ()
    page: str = ""
    money: str = "USDT"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What its owner asks for. ``credentials`` None: a paper account on live prices, whose money is ``quote`` ("": the
    exchange's own) and which begins with ``start_money`` of it (None: about what 10,000 dollars are).
    """

    name: str
    venue: VenueSpec
    credentials: Credentials | None = None
    quote: str = ""
    start_money: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AddedAccount:
    """What came of it: ``warnings`` are whole sentences; ``report`` None when nothing was tested."""

    record: AccountRecord
    report: ConnectionReport | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptIn:
    """Where a new key would go, in words; ``why_no_keyring`` where that is not the keyring. ``vault_exists``: there is a
    locked file of keys, whose passphrase would be asked for.
    """

    place: Place
    described: str
    why_no_keyring: str = ""
    vault_exists: bool = False


class AccountFiles(Protocol):
    """Where the records are. Raises EnvironmentProblem for files that cannot be read or are of a newer version."""

    def names(self) -> Sequence[str]:
        """Every folder of an account, registered or not."""
        ...

    def read(self, name: str) -> AccountRecord | None:
        """None where nothing is registered under this name."""
        ...

    def write(self, record: AccountRecord) -> None: ...

    def remove(self, name: str, now: datetime) -> str:
        """Move the account's folder into the backups; answers the new place."""
        ...

    def standing(self, name: str) -> int:
        """How many strategies of its ledger are not over."""
        ...

    def ways_out(self, name: str, now: datetime) -> tuple[Repair, ...]:
        """What can be done for an account whose record cannot be read or whose files are damaged, the best first; nothing for
        one that is in order. Reads every page. EnvironmentProblem for what is no damage (a newer file, one in use).
        """
        ...

    def check_name(self, name: str) -> None:
        """InvalidInput for what cannot be the name of an account."""
        ...

    def against_live(self) -> str:
        """Why this data folder is no place for an account with real money; "" when it is one."""
        ...


class VaultChoice(Protocol):
    """The vaults of the data folder."""

    def best(self) -> SecretVault:
        """Where a new key goes. May take a minute. Raises VaultLocked."""
        ...

    def unlock(self, passphrase: str) -> None:
        """Open the passphrase vault, or choose the passphrase of a new one. Takes a moment. InvalidInput (``passphrase``)."""
        ...

    @property
    def is_locked(self) -> bool:
        """Whether there is a passphrase vault that nobody has unlocked."""
        ...

    @property
    def why_no_keyring(self) -> str:
        """Why the system's keyring is not used; "" when it is."""
        ...

    def at(self, place: Place) -> SecretVault:
        """The vault of a kind. Raises EnvironmentProblem where it cannot be used."""
        ...


def end_of(key: str) -> str:
    """The last four characters of a long key, by which its owner recognises it."""
    return key[-_TOLD:] if len(key) >= _LONG_ENOUGH else ""
