"""Keys in a file locked with a passphrase."""

import itertools
import json
import stat
from pathlib import Path

import pytest

from rebalancer_gui.adapters.secrets.passphrase_vault import PassphraseVault
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.application.secrets import VaultLocked
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput

WORDS = "correct horse battery"
KEY = Credentials("vault-api-key-1", "vault-secret-value-1", "vp-1")
_numbers = itertools.count(1)


def chance(count: int) -> bytes:
    return next(_numbers).to_bytes(count, "big")


def vault_at(folder: Path, passphrase: str | None = WORDS) -> PassphraseVault:
    vault = PassphraseVault(folder / "keys.vault", chance)
    if passphrase is not None:
        vault.unlock(passphrase)
    return vault


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A vault with one key: locking takes a third of a second, so it is made once."""
    folder = tmp_path_factory.mktemp("vault")
    vault_at(folder).store("main", KEY)
    return (folder / "keys.vault").read_bytes()


@pytest.fixture
def folder(tmp_path: Path, sealed: bytes) -> Path:
    (tmp_path / "keys.vault").write_bytes(sealed)
    return tmp_path


def test_a_key_comes_back_with_the_passphrase(folder: Path):
    vault = vault_at(folder)
    assert vault.load("main") == KEY
    vault.store("second", Credentials("another-key", "another-secret"))
    vault.forget("main")
    vault.lock()
    again = vault_at(folder)
    assert again.load("main") is None
    assert again.load("second") == Credentials("another-key", "another-secret")


def test_a_wrong_passphrase_is_said_and_opens_nothing(folder: Path):
    vault = vault_at(folder, None)
    with pytest.raises(InvalidInput, match="does not open"):
        vault.unlock("wrong horse battery")
    with pytest.raises(VaultLocked):
        vault.load("main")
    with pytest.raises(VaultLocked):
        vault.store("main", KEY)


def test_a_short_passphrase_is_not_taken_for_a_new_vault(tmp_path: Path):
    with pytest.raises(InvalidInput, match="at least 8"):
        vault_at(tmp_path, "seven77")


@pytest.mark.failure(54)
def test_the_file_is_its_owners_alone_and_holds_nothing_that_can_be_read(folder: Path):
    file = folder / "keys.vault"
    file.chmod(0o644)
    vault_at(folder).store("main", KEY)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    assert not any(word in text for word in (*KEY.values, WORDS, "main"))
    assert json.loads(text)["kdf"]["n"] == 131072
    assert sorted(f.name for f in folder.iterdir()) == ["keys.vault"]


def test_each_time_it_is_written_with_a_nonce_of_its_own(folder: Path):
    vault, seen = vault_at(folder), set()
    for _ in range(3):
        vault.store("main", KEY)
        seen.add(json.loads((folder / "keys.vault").read_text())["cipher"]["nonce"])
    assert len(seen) == 3


@pytest.mark.parametrize(
    "change",
    (
        lambda head: head | {"version": 2},
        lambda head: head | {"format": "something else"},
        lambda head: head | {"kdf": head["kdf"] | {"n": 1 << 30}},
        lambda head: head | {"kdf": head["kdf"] | {"n": 1024}},
        lambda head: head | {"kdf": head["kdf"] | {"name": "md5"}},
        lambda head: head | {"sealed": "no base 64"},
        lambda head: {"format": head["format"], "version": 1},
        lambda head: [],
    ),
)
def test_a_file_that_this_version_cannot_open_is_refused_and_left_as_it_is(folder: Path, change):
    file = folder / "keys.vault"
    file.write_text(json.dumps(change(json.loads(file.read_text()))))
    before = file.read_bytes()
    with pytest.raises(EnvironmentProblem, match="cannot be used"):
        vault_at(folder)
    assert file.read_bytes() == before


def test_a_changed_head_does_not_open(folder: Path):
    file = folder / "keys.vault"
    head = json.loads(file.read_text())
    head["sealed"] = head["sealed"][:-8] + "AAAAAAA="
    file.write_text(json.dumps(head))
    with pytest.raises(InvalidInput, match="does not open"):
        vault_at(folder)


def test_without_a_file_nothing_is_kept_and_nothing_has_to_be_unlocked(tmp_path: Path):
    vault = vault_at(tmp_path, None)
    assert vault.load("main") is None
    vault.forget("main")
    assert "locked" in repr(vault)
