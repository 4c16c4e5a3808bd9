"""Adding, testing and removing accounts: the same for the console and the window. Nothing here runs in the engine.

Calls may take a minute (a keyring that asks to be unlocked) and are made while no other run has the data folder.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath

from rebalancer_gui.application.accounts import (
    BUILT_IN,
    MOST_START_MONEY,
    START_GRID,
    AccountFiles,
    AccountRecord,
    AddedAccount,
    KeptIn,
    KeyRecord,
    KeyTest,
    NewAccount,
    VaultChoice,
    VenueEntry,
    end_of,
)
from rebalancer_gui.application.connection import ConnectionReport, Credentials, Tier, VenueSpec
from rebalancer_gui.application.records import Repair, RepairKind
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, VenueAuthError, VenueUnavailable
from rebalancer_gui.domain.money import ZERO, on_grid
from rebalancer_gui.domain.rails import AccountKind

Probe = Callable[[VenueSpec, Credentials], Awaitable[ConnectionReport]]
MAY_WITHDRAW = (
    "The key may withdraw. The account is saved and only watches; trading is refused until the right is taken away at the "
    "exchange or another key is given."
)
NO_IP_LIST = "The key works from every address. Restrict it at the exchange to this computer's address."
_MONEY = re.compile(r"[A-Z0-9]{2,10}")
_MEMORY_ONLY = "The key is kept in memory and is gone when the program ends: {why}"


class AccountBook:
    """The accounts of one data folder. ``check_url`` raises InvalidInput (``api_url``) and answers the address as stored;
    ``fingerprint`` gives 8 hexadecimal digits of a key.
    """

    def __init__(
        self,
        files: AccountFiles,
        vaults: VaultChoice,
        probe: Probe,
        now: Callable[[], datetime],
        venues: Sequence[VenueEntry],
        *,
        check_url: Callable[[str], str],
        fingerprint: Callable[[Credentials], str],
    ) -> None:
        self._files = files
        self._vaults = vaults
        self._probe = probe
        self._now = now
        self.venues = tuple(venues)
        self._check_url = check_url
        self._fingerprint = fingerprint

    # ----------------------------------------------------------------------------------------------------------- reading

    def records(self) -> tuple[AccountRecord, ...]:
        """The built-in paper account first, then by name; without those whose record cannot be read (``unreadable``)."""
        records, _problems = self._read_all()
        return records

    def unreadable(self) -> Mapping[str, EnvironmentProblem]:
        """Accounts whose record cannot be read, by name, and why: they halt alone."""
        _records, problems = self._read_all()
        return problems

    def _read_all(self) -> tuple[tuple[AccountRecord, ...], dict[str, EnvironmentProblem]]:
        found, problems = list[AccountRecord](), dict[str, EnvironmentProblem]()
        for name in self._files.names():
            try:
                record = self._files.read(name)
            except EnvironmentProblem as problem:
                problems[name] = problem
            else:
                found += [record] if record is not None else []
        if BUILT_IN not in {*problems, *(record.name for record in found)}:
            found.append(AccountRecord(BUILT_IN, AccountKind.DEMO))
        return tuple(sorted(found, key=lambda record: record.name != BUILT_IN)), problems

    def find(self, name: str) -> AccountRecord:
        """InvalidInput (``account``) for one that there is not."""
        if name == BUILT_IN:
            return self._files.read(name) or AccountRecord(BUILT_IN, AccountKind.DEMO)
        self._check_known(name)
        record = self._files.read(name)
        if record is None:
            raise self._unknown(name)
        return record

    def venue(self, venue: str) -> VenueEntry:
        """By id or name, in any case. InvalidInput (``venue``) names the nearest ones."""
        wanted = venue.strip().casefold()
        for entry in self.venues:
            if wanted in {entry.id.casefold(), entry.name.casefold()}:
                return entry
        known = {e.id: e.id for e in self.venues} | {e.name.casefold(): e.id for e in self.venues}
        near = dict.fromkeys(known[word] for word in difflib.get_close_matches(wanted, known, n=5, cutoff=0.6))
        hint = (
            f"Did you mean {' or '.join(list(near)[:3])}?"
            if near
            else "Names are those of ccxt, such as binance or kraken."
        )
        raise InvalidInput("venue", f"There is no exchange {venue!r} here. {hint}")

    def key_of(self, record: AccountRecord) -> Credentials | None:
        """From its vault; None where it is gone. Raises VaultLocked, EnvironmentProblem."""
        return self._vaults.at(record.key.place).load(record.name) if record.key is not None else None

    def kept_in(self) -> KeptIn:
        """Where a new key would go now. May take a minute. Raises VaultLocked."""
        vault = self._vaults.best()
        return KeptIn(vault.place, vault.described, self._vaults.why_no_keyring, vault_exists=self._vaults.is_locked)

    def unlock(self, passphrase: str) -> None:
        """Open the passphrase vault, or choose the passphrase of a new one. InvalidInput (``passphrase``)."""
        self._vaults.unlock(passphrase)

    @property
    def is_locked(self) -> bool:
        """Whether keys wait in a vault that nobody has unlocked."""
        return self._vaults.is_locked

    # ---------------------------------------------------------------------------------------------------------- checking

    def check(self, new: NewAccount) -> NewAccount:
        """``new`` as it would be stored. InvalidInput (``name``, ``venue``, ``api_url``, ``environment``, ``key``, ``secret``,
        ``passphrase``, ``quote``, ``start_money``) for what cannot be.
        """
        self.check_name(new.name)
        entry = self.venue(new.venue.venue)
        url = self._check_url(new.venue.api_url) if new.venue.api_url else None
        environment = new.venue.environment
        if environment is not None and environment not in entry.environments:
            there = " and ".join(entry.environments) or "none"
            raise InvalidInput(
                "environment", f"{entry.name} has no environment {environment!r} to practise in; it has: {there}."
            )
        self._check_key(entry, new.credentials)
        self._check_start(new)
        return replace(new, venue=VenueSpec(entry.id, url, environment), quote=self._money(entry, new))

    @staticmethod
    def _money(entry: VenueEntry, new: NewAccount) -> str:
        """Of a paper account; one at the exchange has whatever it holds there."""
        if new.credentials is not None:
            if new.quote:
                raise InvalidInput(
                    "quote", "Only a paper account has a money to choose: it holds what the exchange says."
                )
            return ""
        quote = new.quote.strip().upper() or entry.money
        if _MONEY.fullmatch(quote) is None:
            raise InvalidInput("quote", f"{new.quote!r} is no money: give its short name, such as USDT, USD or EUR.")
        return quote

    @staticmethod
    def _check_start(new: NewAccount) -> None:
        amount = new.start_money
        if amount is None:
            return
        if new.credentials is not None:
            text = "Only a paper account has money to start with: an account with a key holds what the exchange says."
            raise InvalidInput("start_money", text)
        if not amount.is_finite() or not (ZERO < amount <= MOST_START_MONEY and on_grid(amount, START_GRID)):
            text = f"The starting money must be above 0 and at most {MOST_START_MONEY:,}, with at most 8 decimals."
            raise InvalidInput("start_money", text)

    def check_name(self, name: str) -> None:
        """InvalidInput (``name``) for one that is illegal or taken, whatever its case."""
        self._files.check_name(name)
        taken = {there.casefold() for there in (BUILT_IN, *self._files.names())}
        if name.casefold() in taken:
            raise InvalidInput("name", f"There is an account {name} already: choose another name.")

    def _check_key(self, entry: VenueEntry, key: Credentials | None) -> None:
        if key is None:
            return
        if not entry.takes_key:
            raise InvalidInput(
                "key", f"Keys of {entry.name} are of a kind that cannot be given here: it has paper accounts only."
            )
        for field, value in (("key", key.key), ("secret", key.secret)):
            if not value:
                raise InvalidInput(field, f"{entry.name} needs a key and a secret; the {field} is missing.")
        if entry.needs_passphrase and not key.passphrase:
            raise InvalidInput(
                "passphrase", f"A key of {entry.name} has a passphrase, which you chose when you made the key."
            )
        if any(not c.isprintable() for c in f"{key.key}{key.passphrase}{''.join(key.secret.splitlines())}"):
            raise InvalidInput("key", "The key holds characters that no key has: copy it anew.")
        fault = self._files.against_live()
        if fault:
            raise InvalidInput("data_dir", fault)

    # ------------------------------------------------------------------------------------------------------------ acting

    async def test(self, spec: VenueSpec, credentials: Credentials) -> ConnectionReport:
        """Read-only questions. Raises InvalidInput (also when the key is refused), VenueUnavailable."""
        try:
            return await self._probe(spec, credentials)
        except VenueAuthError as error:
            raise InvalidInput("key", f"{error.message}") from None

    async def test_account(self, name: str) -> ConnectionReport:
        """The same with the key of an account that is there; what it found about the key is stored."""
        record = self.find(name)
        if record.venue is None or record.key is None:
            raise InvalidInput("account", f"{name} is a paper account: it has no key that could be tested.")
        credentials = self.key_of(record)
        if credentials is None:
            raise EnvironmentProblem(f"The key of {name} is not kept any more.", "Remove the account and add it again.")
        report = await self.test(record.venue, credentials)
        self._files.write(replace(record, tested=KeyTest(self._now(), report.permissions, report.time_offset)))
        return report

    async def add(self, new: NewAccount, report: ConnectionReport | None = None) -> AddedAccount:
        """Check, test (unless ``report`` is of a test just made), keep the key, write the record: all or nothing.

        An exchange that does not answer is no reason to refuse: the account only watches until a test goes through.
        """
        new = self.check(new)
        if new.credentials is None:
            record = AccountRecord(new.name, AccountKind.PAPER, new.venue, quote=new.quote, start_money=new.start_money)
            self._files.write(record)
            return AddedAccount(record, None, ())
        return await self._keep(new.name, new.venue, new.credentials, report)

    async def change_key(
        self, name: str, credentials: Credentials, report: ConnectionReport | None = None
    ) -> AddedAccount:
        """Another key for an account at an exchange, or the same one again after it was only in memory. It must be a key of
        the same account there: the ledger is only opened with that. With another key the account only watches again.
        """
        record = self.check_new_key(name, credentials)
        if record.venue is None:
            raise InvalidInput("account", f"{name} has no key.")
        before = record.key.place if record.key is not None else None
        done = await self._keep(name, record.venue, credentials, report)
        if done.record.key is not None and before not in {None, done.record.key.place}:
            self._forget(name, before)
        return done

    def check_new_key(self, name: str, credentials: Credentials) -> AccountRecord:
        """The account whose key would change. InvalidInput as of ``check``, and for a paper account."""
        record = self.find(name)
        if record.kind is not AccountKind.LIVE or record.venue is None:
            raise InvalidInput("account", f"{name} is a paper account: it has no key. Add another account for one.")
        self._check_key(self.venue(record.venue.venue), credentials)
        return record

    async def _keep(
        self, name: str, venue: VenueSpec, credentials: Credentials, report: ConnectionReport | None
    ) -> AddedAccount:
        warnings: list[str] = []
        if report is None:
            try:
                report = await self.test(venue, credentials)
            except VenueUnavailable as error:
                warnings.append(
                    f"The connection could not be tested: {error.message} The account only watches until it is."
                )
        vault = self._vaults.best()
        if vault.place is Place.MEMORY:
            warnings.append(_MEMORY_ONLY.format(why=self._vaults.why_no_keyring).strip())
        former = vault.load(name)
        vault.store(name, credentials)
        key = KeyRecord(self._fingerprint(credentials), end_of(credentials.key), vault.place)
        tested = KeyTest(self._now(), report.permissions, report.time_offset) if report is not None else None
        record = AccountRecord(name, AccountKind.LIVE, venue, key, tested)
        try:
            self._files.write(record)
        except EnvironmentProblem:
            if former is not None:
                vault.store(name, former)
            else:
                vault.forget(name)
            raise
        if report is not None:
            warnings += warnings_of(report)
        return AddedAccount(record, report, tuple(warnings))

    def _forget(self, name: str, place: Place | None) -> None:
        """A key that is not used any more; where its vault is locked it stays there, and is of no use."""
        if place is not None:
            with suppress(EnvironmentProblem):
                self._vaults.at(place).forget(name)

    def remove(self, name: str) -> str:
        """Take an account away: its key is forgotten, its folder moves into the backups; answers the new place. InvalidInput
        (``account``) for the built-in one and while a strategy is not over.
        """
        record = self.find(name)
        if name == BUILT_IN:
            raise InvalidInput("account", "The built-in paper account stays. `account reset` begins it anew.")
        standing = self._files.standing(name)
        if standing:
            strategies = "a strategy that is" if standing == 1 else f"{standing} strategies that are"
            raise InvalidInput("account", f"{name} has {strategies} not over. Stop first, then remove the account.")
        if record.key is not None:
            self._vaults.at(record.key.place).forget(name)
        return PurePath(self._files.remove(name, self._now())).as_posix()

    def ways_out(self, name: str) -> tuple[Repair, ...]:
        """What can be done for a halted account whose record or files are damaged, the best first; nothing where they are in
        order. May take a while. EnvironmentProblem for what is no damage (a newer file, one in use).
        """
        if name != BUILT_IN:
            self._check_known(name)
        return self._files.ways_out(name, self._now())

    def set_aside(self, name: str) -> str:
        """Take a damaged account off the list, whatever its strategies are: its folder moves into the backups as a whole, its key
        is forgotten where that can be done; answers the new place. InvalidInput (``account``) for one that is in order.
        """
        if not any(way.kind is RepairKind.SET_ASIDE for way in self.ways_out(name)):
            raise InvalidInput("account", f"The files of {name} are in order: there is no need to set it aside.")
        with suppress(EnvironmentProblem):
            record = self._files.read(name)
            if record is not None and record.key is not None:
                self._forget(name, record.key.place)
        return PurePath(self._files.remove(name, self._now())).as_posix()

    # -------------------------------------------------------------------------------------------------------------- parts

    def _check_known(self, name: str) -> None:
        if name not in self._files.names():
            raise self._unknown(name)

    def _unknown(self, name: str) -> InvalidInput:
        records, problems = self._read_all()
        there = ", ".join(dict.fromkeys((BUILT_IN, *(record.name for record in records), *sorted(problems))))
        return InvalidInput("account", f"There is no account {name}; there is: {there}.")


def warnings_of(report: ConnectionReport) -> tuple[str, ...]:
    """What its owner has to know about a key, the gravest first, whole sentences."""
    rights, found = report.permissions, list[str]()
    if rights.may_withdraw:
        found.append(MAY_WITHDRAW)
    if rights.may_trade is False:
        found.append("The key may not trade: plans are shown, nothing can be sent.")
    if rights.ip_restricted is False:
        found.append(NO_IP_LIST)
    if rights.others:
        found.append(f"The key has rights that are never needed here: {', '.join(rights.others)}. Take them away.")
    if rights.note:
        found.append(rights.note)
    if report.tier is Tier.WATCH_ONLY:
        found.append(f"This exchange is watch only here. {report.tier_reason}")
    return (*found, *report.problems)
