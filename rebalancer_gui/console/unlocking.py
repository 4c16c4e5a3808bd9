"""The passphrase of the vault without anybody at a terminal: from a file descriptor or a systemd credential, never from the
command line or the environment, which other programs can read.
"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput

CREDENTIAL = "rebalancer-passphrase"
"""Its name in the unit: ``LoadCredential=rebalancer-passphrase:/path`` (systemd puts it into a folder of its own)."""
_LONGEST = 4096


def unlock(vaults: Vaults, descriptor: int | None) -> bool:
    """Unlock the passphrase vault where a passphrase is given. False where none is: keys in the vault stay locked then.

    Raises InvalidInput (``passphrase``, ``passphrase_fd``) for a wrong one or a descriptor that is not open.
    """
    given = _from_descriptor(descriptor) if descriptor is not None else _from_systemd()
    if given is None:
        return False
    vaults.passphrase.unlock(given)
    return True


def ask_to_unlock(vaults: Vaults) -> None:
    """Ask at the terminal; nothing happens where there is none. InvalidInput (``passphrase``) for a wrong one."""
    if not vaults.passphrase.is_unlocked and sys.stdin.isatty():
        vaults.passphrase.unlock(hidden_line("Passphrase of the vault:"))


def hidden_line(question: str) -> str:
    """What is typed at the terminal and not shown there; it is taken out of every text from now on."""
    try:
        typed = getpass.getpass(f"{question} ").strip()
    except (EOFError, OSError) as error:
        raise EnvironmentProblem(f"The terminal cannot be read: {error}.") from error
    REDACTOR.hide([typed])
    return typed


def _from_descriptor(descriptor: int) -> str:
    """Its first line, byte by byte: what comes after it belongs to others (0 is standard input)."""
    line = bytearray()
    try:
        while len(line) < _LONGEST and (letter := os.read(descriptor, 1)) not in {b"", b"\n"}:
            line += letter
    except OSError as error:
        raise InvalidInput(
            "passphrase_fd", f"File descriptor {descriptor} cannot be read: {error.strerror}."
        ) from error
    return _text(bytes(line))


def _from_systemd() -> str | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    file = Path(folder) / CREDENTIAL
    try:
        return _text(file.read_bytes().split(b"\n", 1)[0]) if file.is_file() else None
    except OSError as error:
        raise EnvironmentProblem(f"The credential {CREDENTIAL} cannot be read: {error.strerror}.") from error


def _text(raw: bytes) -> str:
    try:
        text = raw.decode().rstrip("\r")
    except UnicodeDecodeError as error:
        raise InvalidInput("passphrase", "The passphrase is no text in UTF-8.") from error
    REDACTOR.hide([text])
    return text
