"""Where the keys of accounts are kept. The vaults are in ``adapters.secrets``; nothing of a key is stored anywhere else."""

from __future__ import annotations

import enum
from typing import Protocol

from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.domain.errors import EnvironmentProblem


class Place(enum.Enum):
    """Kinds of vaults; the value stands in account.json."""

    KEYRING = "keyring"
    """The keyring of the operating system."""
    PASSPHRASE = "passphrase"  # noqa: S105 -- the kind of a place
    """A file in the data folder, locked with a passphrase."""
    MEMORY = "memory"
    """Nowhere: gone when the program ends."""


class VaultLocked(EnvironmentProblem):
    """The vault is there and must be unlocked first. It may pass: the keyring is unlocked, the passphrase is given."""


class SecretVault(Protocol):
    """Keeps keys by the name of their account. Calls may take a minute (a keyring that asks to be unlocked): not for the
    GUI thread, not for a running loop. Raise VaultLocked, or EnvironmentProblem when the vault does not work.
    """

    @property
    def place(self) -> Place: ...

    @property
    def described(self) -> str:
        """Where that is, in words for the screen: "the Secret Service keyring"."""
        ...

    def store(self, account: str, credentials: Credentials) -> None:
        """Keep them in the place of those that were kept before; they were read back when this returns."""
        ...

    def load(self, account: str) -> Credentials | None:
        """None when nothing is kept under this name."""
        ...

    def forget(self, account: str) -> None:
        """Take them away; nothing happens where there are none."""
        ...
