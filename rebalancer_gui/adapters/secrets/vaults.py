"""Which vault a key goes into: the system's keyring, else the passphrase vault, else memory for this run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rebalancer_gui.adapters.secrets.keyring_vault import KeyringVault, choose_backend, system_backend
from rebalancer_gui.adapters.secrets.passphrase_vault import FILE_NAME, PassphraseVault
from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.application.secrets import Place, SecretVault, VaultLocked
from rebalancer_gui.domain.errors import EnvironmentProblem


class MemoryVault:
    """``SecretVault`` that forgets with the process."""

    place = Place.MEMORY
    described = "this program's memory, until it ends"

    def __init__(self) -> None:
        self._kept: dict[str, Credentials] = {}

    def __repr__(self) -> str:
        return f"<vault in memory, {len(self._kept)} keys>"

    def store(self, account: str, credentials: Credentials) -> None:
        self._kept[account] = REDACTOR.hide_key(credentials)

    def load(self, account: str) -> Credentials | None:
        return self._kept.get(account)

    def forget(self, account: str) -> None:
        self._kept.pop(account, None)


class Vaults:
    """The vaults of one data folder. ``find_backend`` gives what ``keyring`` would use; ``random`` so many bytes of chance."""

    def __init__(
        self,
        folder: Path,
        install: str,
        random: Callable[[int], bytes],
        find_backend: Callable[[], object] = system_backend,
    ) -> None:
        self._install = install
        self._find_backend = find_backend
        self._keyring: KeyringVault | None = None
        self.why_no_keyring = ""
        """Why the system's keyring is not used ("" = it is, or was not asked yet)."""
        self.passphrase = PassphraseVault(folder / FILE_NAME, random)
        self.memory = MemoryVault()

    def keyring(self) -> KeyringVault:
        """Raises NoKeyring (why there is none that may be used) or VaultLocked."""
        if self._keyring is None:
            try:
                backend, described = choose_backend(self._find_backend())
            except EnvironmentProblem as error:
                self.why_no_keyring = error.message
                raise
            self._keyring = KeyringVault(backend, described, self._install)
        self.why_no_keyring = ""
        return self._keyring

    def best(self) -> SecretVault:
        """Where a new key goes: the keyring, else the passphrase vault where it is unlocked, else memory."""
        try:
            return self.keyring()
        except VaultLocked:
            raise
        except EnvironmentProblem:
            return self.passphrase if self.passphrase.is_unlocked else self.memory

    def unlock(self, passphrase: str) -> None:
        """Open the passphrase vault. InvalidInput (``passphrase``) for a wrong or a too short one."""
        self.passphrase.unlock(passphrase)

    @property
    def is_locked(self) -> bool:
        """Whether there is a passphrase vault that nobody has unlocked."""
        return self.passphrase.exists and not self.passphrase.is_unlocked

    def at(self, place: Place) -> SecretVault:
        """The vault of a kind. Raises EnvironmentProblem when the keyring cannot be used."""
        match place:
            case Place.KEYRING:
                return self.keyring()
            case Place.PASSPHRASE:
                return self.passphrase
            case Place.MEMORY:
                return self.memory
