"""Keys in the keyring of the operating system, through the library ``keyring``; only in keyrings that really lock them away.

One entry for each part of a key, a long part (a PEM) in several: Windows takes 1,280 characters in one. Each entry says how
many belong together and of which value they are, so that a mixture of two keys is never taken for one.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from rebalancer_gui.adapters.secrets.calls import PATIENCE, within
from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.application.secrets import Place, VaultLocked
from rebalancer_gui.domain.errors import EnvironmentProblem

T = TypeVar("T")
SERVICE = "Rebalancer"
CHUNK = 1000
"""Characters of a value in one entry; with its head far below what Windows takes."""
_MOST_CHUNKS = 32
_FIELDS = ("key", "secret", "passphrase")
ALLOWED = {
    "keyring.backends.macOS.Keyring": "the macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "the Windows Credential Manager",
    "keyring.backends.SecretService.Keyring": "the Secret Service keyring",
    "keyring.backends.libsecret.Keyring": "the Secret Service keyring (libsecret)",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet 4",
}
"""Everything else is refused by its name: some keep keys in plain text, some throw them away, some are unknown."""
_CHAINER = "keyring.backends.chainer.ChainerBackend"
_NONE = "keyring.backends.fail.Keyring"


class Backend(Protocol):
    """What is used of ``keyring.backend.KeyringBackend``."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class NoKeyring(EnvironmentProblem):
    """There is no keyring here that may be used; the message says which there is and why not."""


def name_of(backend: object) -> str:
    """Module and class, as in ``ALLOWED``."""
    kind = type(backend)
    return f"{kind.__module__}.{kind.__qualname__}"


def system_backend() -> object:
    """What ``keyring`` would use on this machine. Asks it in a thread, since looking for keyrings may take its time."""
    return within(PATIENCE, _get_keyring, "The keyring")


def _get_keyring() -> object:
    keyring = importlib.import_module("keyring")
    try:
        return keyring.get_keyring()
    except _errors() as error:
        raise NoKeyring(f"The keyring of this system cannot be used: {_words(error)}.") from None


def choose_backend(found: object) -> tuple[Backend, str]:
    """A keyring that may be used, and its words for the screen. NoKeyring names what was found and refused.

    A chain of keyrings is looked through: the first one that is allowed is used by itself, never the chain, which would
    write wherever writing works.
    """
    name = name_of(found)
    if name == _CHAINER:
        links = list(getattr(found, "backends", ()))
        for link in links:
            if name_of(link) in ALLOWED:
                return link, ALLOWED[name_of(link)]
        refused = ", ".join(name_of(link) for link in links) or "an empty chain"
        raise NoKeyring(f"None of the keyrings of this system keeps a key safe: {refused}.")
    if name in ALLOWED:
        return found, ALLOWED[name]  # type: ignore[return-value]
    if name == _NONE:
        raise NoKeyring(
            "This system has no keyring (on Linux: no Secret Service and no KWallet answers on the session bus)."
        )
    raise NoKeyring(f"The keyring {name} is not used: it is none of those that are known to lock keys away.")


class KeyringVault:
    """``SecretVault`` in ``backend``. ``install`` (the tag of the data folder) keeps two data folders apart."""

    place = Place.KEYRING

    def __init__(self, backend: Backend, described: str, install: str, *, patience: float = PATIENCE) -> None:
        self._backend = backend
        self.described = described
        self._install = install
        self._patience = patience

    def store(self, account: str, credentials: Credentials) -> None:
        """EnvironmentProblem when what is read back is not what was written: then nothing is kept."""
        REDACTOR.hide_key(credentials)
        self._call(lambda: self._store(account, credentials))

    def load(self, account: str) -> Credentials | None:
        return self._call(lambda: self._load(account))

    def forget(self, account: str) -> None:
        self._call(lambda: self._forget(account))

    # ------------------------------------------------------------------------------------------- in the keyring's thread

    def _store(self, account: str, credentials: Credentials) -> None:
        for field in _FIELDS:
            self._write(account, field, getattr(credentials, field))
        if self._load(account) != credentials:
            self._forget(account)
            raise EnvironmentProblem(
                f"The key was written to {self.described}, and something else was read back. It was taken away again.",
                "Try it again, or choose a file locked with a passphrase.",
            )

    def _load(self, account: str) -> Credentials | None:
        parts = [self._read(account, field) for field in _FIELDS]
        if parts[0] is None or parts[1] is None:
            return None
        return REDACTOR.hide_key(Credentials(parts[0], parts[1], parts[2] or ""))

    def _forget(self, account: str) -> None:
        for field in _FIELDS:
            self._delete_from(account, field, 1)

    def _write(self, account: str, field: str, value: str) -> None:
        entries = list(_entries(value))
        if len(entries) > _MOST_CHUNKS:
            raise EnvironmentProblem(f"A {field} of {len(value)} characters is too long for a keyring.")
        for number, entry in enumerate(entries, 1):
            self._backend.set_password(SERVICE, self._entry(account, field, number), entry)
        self._delete_from(account, field, len(entries) + 1)

    def _read(self, account: str, field: str) -> str | None:
        """None where nothing is kept. EnvironmentProblem for entries that do not belong together."""
        first = self._backend.get_password(SERVICE, self._entry(account, field, 1))
        if first is None:
            return None
        value, head, count = "", "", 1
        number = 0
        while number < count:
            number += 1
            entry = first if number == 1 else self._backend.get_password(SERVICE, self._entry(account, field, number))
            place, _colon, text = (entry or "").partition(":")
            index, _, rest = place.partition("/")
            if number == 1:
                head = rest
                of, _, _mark = rest.partition("/")
                count = int(of) if of.isdecimal() and len(of) < 4 else 0
            if index != str(number) or rest != head or not 1 <= count <= _MOST_CHUNKS:
                raise self._mixed(account)
            value += text
        if head != _head(value, count):
            raise self._mixed(account)
        return value

    def _mixed(self, account: str) -> EnvironmentProblem:
        return EnvironmentProblem(
            f"What {self.described} keeps for the account {account} is not whole.",
            "Remove the account and add it again with its key.",
        )

    def _delete_from(self, account: str, field: str, number: int) -> None:
        while number <= _MOST_CHUNKS:
            name = self._entry(account, field, number)
            if self._backend.get_password(SERVICE, name) is None:
                return
            self._backend.delete_password(SERVICE, name)
            number += 1

    def _entry(self, account: str, field: str, number: int) -> str:
        return f"{self._install}/{account}/{field}/{number}"

    def _call(self, do: Callable[[], T]) -> T:
        def safely() -> T:
            try:
                return do()
            except _locked() as error:
                raise VaultLocked(
                    f"{self.described[0].upper()}{self.described[1:]} is locked: {_words(error)}.",
                    "Unlock it (log in to the desktop, or open its own program), then try again.",
                ) from None
            except _errors() as error:
                raise EnvironmentProblem(
                    f"{self.described[0].upper()}{self.described[1:]} failed: {_words(error)}."
                ) from None

        return within(self._patience, safely, self.described[0].upper() + self.described[1:])


def _entries(value: str) -> Iterator[str]:
    """``NUMBER/COUNT/MARK:TEXT``, at least one."""
    chunks = [value[i : i + CHUNK] for i in range(0, len(value), CHUNK)] or [""]
    head = _head(value, len(chunks))
    for number, chunk in enumerate(chunks, 1):
        yield f"{number}/{head}:{chunk}"


def _head(value: str, count: int) -> str:
    return f"{count}/{hashlib.sha256(value.encode()).hexdigest()[:16]}"


def _locked() -> tuple[type[BaseException], ...]:
    errors = importlib.import_module("keyring.errors")
    return (errors.KeyringLocked, errors.InitError)


def _errors() -> tuple[type[BaseException], ...]:
    """What keyrings fail with; each system has kinds of its own, which are not all KeyringErrors."""
    found: list[type[BaseException]] = [
        importlib.import_module("keyring.errors").KeyringError,
        OSError,
        RuntimeError,
        ValueError,
    ]
    for module, name in (
        ("secretstorage.exceptions", "SecretStorageException"),
        ("jeepney.wrappers", "DBusErrorResponse"),
        ("pywintypes", "error"),
        ("dbus.exceptions", "DBusException"),
        ("gi.repository.GLib", "Error"),
    ):
        try:
            found.append(getattr(importlib.import_module(module), name))
        except (ImportError, AttributeError):
            continue
    return tuple(found)


def _words(error: BaseException) -> str:
    return REDACTOR(str(error)).strip().rstrip(".!") or type(error).__name__
