"""Keys and passphrases from terminals, pipes and systemd: read as they are, shown nowhere."""

import io
import os
from pathlib import Path

import pytest

from rebalancer_gui.adapters.secrets.redaction import HIDDEN, REDACTOR
from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.adapters.venues.catalogue import catalogue
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.console import registering, unlocking
from rebalancer_gui.domain.errors import InvalidInput

BINANCE = catalogue()[0]
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBlineOne\nlineTwo==\n-----END EC PRIVATE KEY-----\n"
WORDS = "a passphrase of a test"


def read(monkeypatch: pytest.MonkeyPatch, text: str) -> Credentials | None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    return registering.read_credentials(BINANCE)


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("key-1\nsecret-1\nphrase-1\n", Credentials("key-1", "secret-1", "phrase-1")),
        ("key-1\nsecret-1\n\n", Credentials("key-1", "secret-1")),
        ("key-1\nsecret-1", Credentials("key-1", "secret-1")),
        ("  key-1 \r\n secret-1\r\n", Credentials("key-1", "secret-1")),
        (f"key-1\n{PEM}phrase-1\n", Credentials("key-1", PEM, "phrase-1")),
        ("key-1\n" + PEM.strip().replace("\n", "\\n") + "\\n\n\n", Credentials("key-1", PEM)),
        ("\n", None),
        ("", None),
    ),
)
def test_a_key_is_three_lines_of_standard_input_and_a_pem_runs_to_its_end(monkeypatch, text, expected):
    assert read(monkeypatch, text) == expected


@pytest.mark.parametrize(
    "text", ("key-1\n-----BEGIN X-----\nabc\n", "key-1\n-----BEGIN X-----\n" + "a" * 30_000 + "\n")
)
def test_a_pem_without_its_end_is_refused(monkeypatch, text):
    with pytest.raises(InvalidInput, match="no END line"):
        read(monkeypatch, text)


@pytest.fixture
def vaults(tmp_path: Path) -> Vaults:
    return Vaults(tmp_path, "ab12", lambda count: b"7" * count)


def pipe(content: bytes) -> int:
    read_end, write_end = os.pipe()
    os.write(write_end, content)
    os.close(write_end)
    return read_end


def test_the_first_line_of_the_descriptor_unlocks_and_the_rest_is_left_for_others(vaults: Vaults):
    descriptor = pipe(f"{WORDS}\nwhat comes next".encode())
    assert unlocking.unlock(vaults, descriptor)
    assert vaults.passphrase.is_unlocked
    assert os.read(descriptor, 99) == b"what comes next"
    os.close(descriptor)
    assert REDACTOR(f"x {WORDS} x") == f"x {HIDDEN} x"


def test_a_systemd_credential_unlocks(vaults: Vaults, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert not unlocking.unlock(vaults, None)
    (tmp_path / unlocking.CREDENTIAL).write_text(f"{WORDS}\n")
    assert unlocking.unlock(vaults, None)


def test_without_a_passphrase_the_vault_stays_locked(vaults: Vaults, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert not unlocking.unlock(vaults, None)
    assert not vaults.passphrase.is_unlocked


@pytest.mark.parametrize(
    ("descriptor", "field"), ((99_999, "passphrase_fd"), (b"\xff\xfe\n", "passphrase"), (b"short\n", "passphrase"))
)
def test_what_is_no_passphrase_is_refused_with_its_field(vaults: Vaults, descriptor, field):
    number = descriptor if isinstance(descriptor, int) else pipe(descriptor)
    with pytest.raises(InvalidInput) as refused:
        unlocking.unlock(vaults, number)
    assert refused.value.field == field
