"""Keys in the system's keyring: only in keyrings that lock them away, in pieces that fit, and read back."""

import threading

import pytest
from keyring.errors import InitError, KeyringError, KeyringLocked

from rebalancer_gui.adapters.secrets.keyring_vault import ALLOWED, KeyringVault, NoKeyring, choose_backend
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.application.secrets import VaultLocked
from rebalancer_gui.domain.errors import EnvironmentProblem
from tests.secrets.fake_keyrings import FakeKeyring, called

KEY = Credentials("the-api-key-of-a-test", "the-secret-of-a-test", "pass")
PEM = "-----BEGIN PRIVATE KEY-----\n" + "\n".join(["q7Kd" * 16] * 50) + "\n-----END PRIVATE KEY-----\n"
CHAIN = "keyring.backends.chainer.ChainerBackend"


def vault_in(backend: FakeKeyring, install: str = "ab12", patience: float = 5.0) -> KeyringVault:
    return KeyringVault(backend, "the test keyring", install, patience=patience)


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_keyrings_that_lock_keys_away_are_used(name):
    backend = called(name)
    assert choose_backend(backend) == (backend, ALLOWED[name])


@pytest.mark.failure(54)
@pytest.mark.parametrize(
    "name",
    (
        "keyrings.alt.file.PlaintextKeyring",
        "keyrings.alt.file.EncryptedKeyring",
        "keyring.backends.null.Keyring",
        "keyring_that_nobody_knows.Backend",
        "keyrings.alt.Windows.RegistryKeyring",
    ),
)
def test_any_other_keyring_is_refused_by_its_name(name):
    with pytest.raises(NoKeyring) as refused:
        choose_backend(called(name))
    assert name in refused.value.message


def test_without_a_keyring_it_is_said_what_is_missing():
    with pytest.raises(NoKeyring, match="has no keyring"):
        choose_backend(called("keyring.backends.fail.Keyring"))


@pytest.mark.failure(54)
def test_of_a_chain_the_first_keyring_that_is_allowed_is_used_by_itself():
    plain, safe = called("keyrings.alt.file.PlaintextKeyring"), called("keyring.backends.SecretService.Keyring")
    assert choose_backend(called(CHAIN, (plain, safe)))[0] is safe


def test_a_chain_of_refused_keyrings_is_refused_with_all_their_names():
    chain = called(CHAIN, (called("keyrings.alt.file.PlaintextKeyring"), called("keyring.backends.null.Keyring")))
    with pytest.raises(NoKeyring) as refused:
        choose_backend(chain)
    assert "PlaintextKeyring" in refused.value.message
    assert "null.Keyring" in refused.value.message


def test_a_key_comes_back_as_it_was_stored_and_is_gone_when_it_is_forgotten():
    backend = FakeKeyring()
    vault = vault_in(backend)
    assert vault.load("main") is None
    vault.store("main", KEY)
    assert vault.load("main") == KEY
    vault.forget("main")
    vault.forget("main")
    assert vault.load("main") is None
    assert backend.entries == {}


def test_a_long_pem_is_kept_in_pieces_that_windows_takes():
    backend = FakeKeyring(longest=1280)
    vault = vault_in(backend)
    vault.store("main", Credentials("organizations/x/apiKeys/y", PEM))
    assert vault.load("main") == Credentials("organizations/x/apiKeys/y", PEM)
    assert sum("/secret/" in name for _, name in backend.entries) == 4


def test_a_shorter_key_leaves_nothing_of_the_longer_one_before_it():
    backend = FakeKeyring()
    vault = vault_in(backend)
    vault.store("main", Credentials("key-before", PEM))
    vault.store("main", KEY)
    assert vault.load("main") == KEY
    assert len(backend.entries) == 3


def test_two_accounts_and_two_data_folders_do_not_see_each_others_keys():
    backend = FakeKeyring()
    vault_in(backend).store("main", KEY)
    assert vault_in(backend).load("second") is None
    assert vault_in(backend, install="zz99").load("main") is None


def test_a_mixture_of_two_keys_is_never_taken_for_one():
    backend = FakeKeyring()
    vault = vault_in(backend)
    vault.store("main", Credentials("key-before", PEM))
    first = dict(backend.entries)
    vault.store("main", Credentials("key-before", PEM.replace("q7Kd", "XXXX")))
    name = next(n for n in backend.entries if n[1].endswith("/secret/2"))
    backend.entries[name] = first[name]
    with pytest.raises(EnvironmentProblem, match="not whole"):
        vault.load("main")


def test_a_keyring_that_does_not_keep_what_is_written_is_noticed():
    backend = FakeKeyring()
    backend.forgets_what_is_written = True
    with pytest.raises(EnvironmentProblem, match="something else was read back"):
        vault_in(backend).store("main", KEY)


@pytest.mark.parametrize("error", (KeyringLocked("dismissed"), InitError("Prompt dismissed")))
def test_a_locked_keyring_asks_to_be_unlocked(error):
    with pytest.raises(VaultLocked, match="is locked") as locked:
        vault_in(FakeKeyring(error)).load("main")
    assert "Unlock it" in locked.value.advice


@pytest.mark.failure(54)
@pytest.mark.parametrize("error", (KeyringError("no the-secret-of-a-test today"), OSError("gone"), ValueError("x")))
def test_a_keyring_that_fails_is_a_sentence_without_the_key(error):
    backend = FakeKeyring()
    vault = vault_in(backend)
    vault.store("main", KEY)
    backend.fails = error
    with pytest.raises(EnvironmentProblem) as failed:
        vault.store("main", KEY)
    assert "the-secret-of-a-test" not in failed.value.message


def test_a_keyring_that_waits_for_ever_does_not_hold_up_the_program():
    answer = threading.Event()

    class Waiting(FakeKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            answer.wait(30)
            return None

    with pytest.raises(VaultLocked, match="did not answer"):
        vault_in(Waiting(), patience=0.02).load("main")
    answer.set()
