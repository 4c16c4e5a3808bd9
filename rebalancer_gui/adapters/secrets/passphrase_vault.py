"""Keys in one file, locked with a passphrase: scrypt and AES-256-GCM (FAILURES.md, section 6).

The file is JSON: a readable head (format, version, how the lock is made) and ``sealed``, in which nothing can be read or
changed without the passphrase, the head included. It is replaced whole, and only its owner may read it.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rebalancer_gui.adapters.own_json import fault_in, parsed
from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.adapters.storage.safe_files import replace_file
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.application.secrets import Place, VaultLocked
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput

FILE_NAME = "keys.vault"
FORMAT, VERSION = "rebalancer-vault", 1
SHORTEST_PASSPHRASE = 8
N, R, P = 1 << 17, 8, 1
_MOST_N = 1 << 20
"""A file that asks for more is not made by this program: it would take gigabytes to open."""
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32
_MOST_BYTES = 1_000_000
_ADVICE = "Put the file back from a copy, or remove it and add the accounts' keys again: the exchanges have not lost anything."


@dataclass(frozen=True, slots=True)
class _Lock:
    salt: bytes
    n: int = N
    r: int = R
    p: int = P

    def key(self, passphrase: str) -> bytes:
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        return Scrypt(salt=self.salt, length=_KEY_BYTES, n=self.n, r=self.r, p=self.p).derive(passphrase.encode())

    def head(self, nonce: bytes) -> dict[str, object]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "kdf": {"name": "scrypt", "n": self.n, "r": self.r, "p": self.p, "salt": _text(self.salt)},
            "cipher": {"name": "AES-256-GCM", "nonce": _text(nonce)},
        }


class PassphraseVault:
    """``SecretVault`` in the file ``path``. ``unlock`` first; ``random`` gives so many bytes of chance."""

    place = Place.PASSPHRASE
    described = "a file locked with your passphrase"

    def __init__(self, path: Path, random: Callable[[int], bytes]) -> None:
        self.path = path
        self._random = random
        self._lock: _Lock | None = None
        self._key = b""
        self._kept: dict[str, Credentials] = {}

    def __repr__(self) -> str:
        return f"<vault {self.path.name}, {'locked' if self._lock is None else 'unlocked'}>"

    @property
    def exists(self) -> bool:
        """Whether there is a file to be unlocked; else ``unlock`` chooses the passphrase of a new one."""
        return self.path.exists()

    @property
    def is_unlocked(self) -> bool:
        return self._lock is not None

    def unlock(self, passphrase: str) -> None:
        """InvalidInput (``passphrase``) when it is wrong, or too short for a new vault; EnvironmentProblem for the file."""
        REDACTOR.hide([passphrase])
        if not self.exists:
            if len(passphrase) < SHORTEST_PASSPHRASE:
                raise InvalidInput("passphrase", f"A passphrase has at least {SHORTEST_PASSPHRASE} characters.")
            lock = _Lock(self._random(_SALT_BYTES))
            self._lock, self._key, self._kept = lock, lock.key(passphrase), {}
            return
        lock, nonce, sealed, head = self._read()
        key = lock.key(passphrase)
        kept = _opened(key, nonce, sealed, head)
        if kept is None:
            raise InvalidInput("passphrase", "This passphrase does not open the vault (or its file was changed).")
        self._lock, self._key = lock, key
        self._kept = {name: REDACTOR.hide_key(credentials) for name, credentials in kept.items()}

    def lock(self) -> None:
        """Forget the passphrase and every key."""
        self._lock, self._key, self._kept = None, b"", {}

    def store(self, account: str, credentials: Credentials) -> None:
        REDACTOR.hide_key(credentials)
        self._write({**self._open(), account: credentials})

    def load(self, account: str) -> Credentials | None:
        if not self.exists:
            return None
        return self._open().get(account)

    def forget(self, account: str) -> None:
        if self.exists and account in (kept := self._open()):
            self._write({name: credentials for name, credentials in kept.items() if name != account})

    def _open(self) -> dict[str, Credentials]:
        if self._lock is None:
            raise VaultLocked(
                f"The vault {self.path.name} is locked.",
                "Give its passphrase: in the window, with --passphrase-fd, or as a systemd credential.",
            )
        return self._kept

    def _write(self, kept: Mapping[str, Credentials]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        lock = self._lock
        if lock is None:
            self._open()
            return
        nonce = self._random(_NONCE_BYTES)
        head = lock.head(nonce)
        inside = {n: {"key": c.key, "secret": c.secret, "passphrase": c.passphrase} for n, c in kept.items()}
        sealed = AESGCM(self._key).encrypt(nonce, json.dumps(inside).encode(), _bound(head))
        content = json.dumps({**head, "sealed": _text(sealed)}, indent=2)
        try:
            replace_file(self.path, f"{content}\n".encode())
            _, nonce, sealed, head = self._read()
        except OSError as error:
            raise EnvironmentProblem(f"The vault {self.path} cannot be written: {error.strerror}.") from error
        if _opened(self._key, nonce, sealed, head) != dict(kept):
            raise EnvironmentProblem(f"The vault {self.path} was written, and something else was read back.", _ADVICE)
        self._kept = dict(kept)

    def _read(self) -> tuple[_Lock, bytes, bytes, dict[str, object]]:
        """EnvironmentProblem for a file that this version cannot open. The owner alone may read it: put right where it is not so."""
        try:
            if os.name == "posix" and self.path.stat().st_mode & 0o077:
                self.path.chmod(0o600)
            raw = self.path.read_bytes()
        except OSError as error:
            raise EnvironmentProblem(f"The vault {self.path} cannot be read: {error.strerror}.") from error
        try:
            return _parsed(raw)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise EnvironmentProblem(f"The vault {self.path} cannot be used: {fault_in(error)}.", _ADVICE) from error


def _parsed(raw: bytes) -> tuple[_Lock, bytes, bytes, dict[str, object]]:
    """ValueError, KeyError or TypeError for what is no vault of this version."""
    if len(raw) > _MOST_BYTES:
        raise ValueError("it is larger than 1 MB")
    found = parsed(raw)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError("it is no vault of this program")
    if found.get("version") != VERSION:
        raise ValueError(f"it is of version {found.get('version')!r}; this program knows version {VERSION}")
    kdf, cipher = found["kdf"], found["cipher"]
    lock = _Lock(_bytes(kdf["salt"]), int(kdf["n"]), int(kdf["r"]), int(kdf["p"]))
    if kdf["name"] != "scrypt" or cipher["name"] != "AES-256-GCM":
        raise ValueError("it is locked in a way that this program does not know")
    if not (N <= lock.n <= _MOST_N and lock.n & (lock.n - 1) == 0 and 1 <= lock.r <= R and 1 <= lock.p <= 4):
        raise ValueError("its lock asks for something senseless")
    nonce = _bytes(cipher["nonce"])
    return lock, nonce, _bytes(found["sealed"]), lock.head(nonce)


def _opened(key: bytes, nonce: bytes, sealed: bytes, head: Mapping[str, object]) -> dict[str, Credentials] | None:
    """None for another key, or a changed file."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        inside = json.loads(AESGCM(key).decrypt(nonce, sealed, _bound(head)))
    except (InvalidTag, ValueError):
        return None
    return {name: Credentials(part["key"], part["secret"], part["passphrase"]) for name, part in inside.items()}


def _bound(head: Mapping[str, object]) -> bytes:
    """The head as it is sealed together with the keys."""
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("a part of it is no base64") from error
