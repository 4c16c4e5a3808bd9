"""Which vault a key goes into, and what a key shows of itself."""

import copy
import pickle
from pathlib import Path

import pytest

from rebalancer_gui.adapters.secrets.redaction import HIDDEN, Redactor
from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.application.secrets import Place
from tests.secrets.canary import CANARY, encodings
from tests.secrets.fake_keyrings import called

KEY = Credentials("vaults-api-key", "vaults-secret-value")


def vaults(folder: Path, keyring: str) -> Vaults:
    return Vaults(folder, "ab12", lambda count: b"7" * count, find_backend=lambda: called(keyring))


def test_the_keyring_is_the_first_choice(tmp_path: Path):
    chosen = vaults(tmp_path, "keyring.backends.SecretService.Keyring").best()
    assert chosen.place is Place.KEYRING
    assert chosen.described == "the Secret Service keyring"


def test_without_a_keyring_it_is_the_vault_that_is_unlocked_else_memory(tmp_path: Path):
    there = vaults(tmp_path, "keyrings.alt.file.PlaintextKeyring")
    assert there.best().place is Place.MEMORY
    assert "PlaintextKeyring" in there.why_no_keyring
    there.passphrase.unlock("a long passphrase")
    assert there.best().place is Place.PASSPHRASE


def test_memory_forgets_and_shows_nothing(tmp_path: Path):
    memory = vaults(tmp_path, "keyring.backends.fail.Keyring").at(Place.MEMORY)
    memory.store("main", KEY)
    assert memory.load("main") == KEY
    assert "vaults-secret-value" not in repr(memory)
    memory.forget("main")
    assert memory.load("main") is None


@pytest.mark.failure(54)
def test_a_key_shows_nothing_of_itself_and_is_not_pickled():
    for text in (repr(KEY), str(KEY), f"{KEY}", f"{[KEY]!r}"):
        assert "vaults" not in text
    for store in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            store(KEY)


@pytest.mark.failure(54)
@pytest.mark.parametrize("name", encodings(CANARY))
def test_a_hidden_value_is_taken_out_in_every_usual_writing(name):
    redact = Redactor()
    redact.hide([CANARY])
    form = encodings(CANARY)[name]
    assert form not in redact(f"before {form} after")
    assert redact(f"before {form} after").startswith("before ")


@pytest.mark.failure(54)
@pytest.mark.parametrize(
    "text",
    (
        "GET /api/v3/account?timestamp=1&signature=SECRETVALUE",
        "{'X-MBX-APIKEY': 'SECRETVALUE', 'other': 1}",
        '{"OK-ACCESS-SIGN": "SECRETVALUE"}',
        "OK-ACCESS-PASSPHRASE: SECRETVALUE",
        "KC-API-KEY=SECRETVALUE",
        "API-Key: SECRETVALUE",
        "Authorization: Bearer SECRETVALUE",
        "authorization: 'Bearer SECRETVALUE'",
        "apiKey=SECRETVALUE&x=1",
        'secret: "SECRETVALUE"',
        "X-BAPI-SIGN: SECRETVALUE",
        "jwt eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJTRUNSRVRWQUxVRSJ9.SECRETVALUE",
        "-----BEGIN EC PRIVATE KEY-----\nSECRETVALUE\n-----END EC PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nSECRETVALUE",
    ),
)
def test_what_looks_like_a_key_is_taken_out_though_nobody_told_of_it(text):
    assert "SECRETVALUE" not in Redactor()(text)
    assert HIDDEN in Redactor()(text)


@pytest.mark.parametrize(
    "text",
    (
        "The exchange refuses the key: it has no right to trade.",
        "Strategy Core 4 created, secret sauce: none",
        "signature of a function(x)",
        "password",
    ),
)
def test_ordinary_sentences_stay_as_they_are(text):
    redact = Redactor()
    redact.hide(["abc", ""])
    assert redact(text).split()[0] == text.split()[0]
    assert redact("abc stays, it is too short to be hidden") == "abc stays, it is too short to be hidden"


def test_a_key_in_the_middle_of_base64_is_taken_out_wherever_it_stands():
    import base64

    redact = Redactor()
    redact.hide([CANARY])
    for before in range(4):
        encoded = base64.b64encode(b"u" * before + CANARY.encode() + b" more").decode()
        assert encoded not in redact(encoded)
        middle = base64.b64encode(CANARY.encode()).decode()[4:-8]
        assert middle not in redact(encoded)
