"""What is wrong with a file of the program is said in German too, and in words for people instead of Python's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rebalancer_gui.adapters.own_json import fault_in, parsed
from rebalancer_gui.adapters.secrets.passphrase_vault import PassphraseVault
from rebalancer_gui.adapters.storage.account_files import JsonAccountFiles
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.ui.engine_texts import said
from tests.unit.ui_form.test_german_of_the_engine import _german, english_left  # noqa: F401 - speaks German for each test

_RECORD = b'{"format": "rebalancer-account", "version": 1, "kind": "paper"'
BROKEN = (
    b"", b"[]", b'{"a": 1,}', b"\xff\xfe\xfd", b"[" * 9000, b"[" + b"9" * 5000 + b"]", b" " * 2_000_000, _RECORD + b"}",
    _RECORD.replace(b'"version": 1', b'"version": 99') + b"}", _RECORD.replace(b"paper", b"moon") + b"}",
    _RECORD + b', "venue": 5, "key": {}, "started": []}',
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path):
    with DataFolder(tmp_path / "data", make_tag=lambda: "ab12") as made:
        yield made


def without_path(sentences: Sequence[str], folder: DataFolder) -> list[str]:
    """The folder of a test has English words in its name."""
    return [sentence.replace(str(folder.path), "/daten") for sentence in sentences]


def refusal(read: Callable[[], object]) -> list[str]:
    with pytest.raises(EnvironmentProblem) as refused:
        read()
    return [refused.value.message, refused.value.advice]


def test_a_damaged_account_file_and_a_damaged_vault_are_refused_in_german(folder: DataFolder):
    path, vault = folder.account_folder("Main") / "account.json", folder.path / "vault.json"
    told: list[str] = []
    for content in BROKEN:
        path.write_bytes(content)
        vault.write_bytes(content)
        told += refusal(lambda: JsonAccountFiles(folder).read("Main"))
        told += refusal(lambda: PassphraseVault(vault, bytes).unlock("a long enough passphrase"))
    assert english_left(without_path(told, folder)) == {}


def test_settings_that_cannot_be_read_are_reported_in_german(folder: DataFolder):
    told: list[str] = []
    for content in BROKEN[:5]:
        folder.settings_file.write_bytes(content)
        problem = folder.read_settings().problem
        assert problem is not None, content
        told += [problem.message, problem.advice]
    assert english_left(without_path(told, folder)) == {}


def test_where_the_json_breaks_is_said_by_line_and_column():
    with pytest.raises(ValueError, match=r"^it is not JSON: line 2, column 1$"):
        parsed(b'{"a":\n}')
    assert said("it is not JSON: line 2, column 1") == "sie ist kein JSON: Zeile 2, Spalte 1"


def test_what_python_says_of_a_missing_key_is_put_in_words():
    assert fault_in(KeyError("kind")) == "it has no \u201ckind\u201d"
    assert (
        fault_in(TypeError("string indices must be integers")) == "something in it is of another kind than it should be"
    )


def test_where_market_caps_and_lists_come_from_is_said_in_german():
    sources = ["Data provided by CoinGecko", "Data provided by CoinPaprika", "Chosen by you"]
    assert english_left(sources) == {}
