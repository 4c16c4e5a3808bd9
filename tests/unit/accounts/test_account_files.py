"""account.json: what stands in it, and what is refused."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.account_files import JsonAccountFiles
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.accounts import AccountRecord, KeyRecord, KeyTest
from rebalancer_gui.application.connection import Permissions, VenueSpec
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.rails import AccountKind

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
EXCHANGE = AccountRecord(
    "Main",
    AccountKind.LIVE,
    VenueSpec("binance", None, "sandbox"),
    KeyRecord("0a1b2c3d", "mW2x", Place.KEYRING),
    KeyTest(AT, Permissions(True, False, None, ("futures",), "a note")),
)
PAPER = AccountRecord("Prices", AccountKind.PAPER, VenueSpec("kraken", "https://example.test/api"), quote="EUR")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    with DataFolder(tmp_path, make_tag=lambda: "ab12") as made:
        yield made


@pytest.mark.parametrize("record", (EXCHANGE, PAPER, AccountRecord("paper", AccountKind.DEMO)))
def test_a_record_comes_back_as_it_was_written(folder: DataFolder, record: AccountRecord):
    files = JsonAccountFiles(folder)
    files.write(record)
    assert files.read(record.name) == record
    assert record.name in files.names()


def test_a_paper_account_of_before_its_money_could_be_chosen_keeps_its_dollars(folder: DataFolder):
    files = JsonAccountFiles(folder)
    files.write(PAPER)
    path = folder.path / "accounts" / "Prices" / "account.json"
    former = json.loads(path.read_text())
    del former["quote"]
    path.write_text(json.dumps(former))
    record = files.read("Prices")
    assert record is not None
    assert record.quote == "USDT"


def test_an_old_folder_without_a_record_is_no_registered_account(folder: DataFolder):
    folder.account_folder("paper")
    assert JsonAccountFiles(folder).read("paper") is None
    assert JsonAccountFiles(folder).read("nobody") is None


@pytest.mark.parametrize(
    ("change", "said"),
    (
        ({"version": 2}, "newer version"),
        ({"version": "1"}, "version '1'"),
        ({"format": "x"}, "no account"),
        ({"kind": "margin"}, "cannot be understood"),
        ({"venue": None}, "venue is no text"),
        ({"key": None}, "has a key"),
        ({"key": {"fingerprint": "x", "ends_with": "", "kept": "a sticky note"}}, "cannot be understood"),
        ({"tested": {"at": "2026-05-01T12:00:00", "others": [], "note": ""}}, "no zone"),
        ({"tested": 7}, "last test"),
    ),
)
def test_what_this_version_does_not_write_is_refused_and_left_as_it_is(folder: DataFolder, change, said):
    files = JsonAccountFiles(folder)
    files.write(EXCHANGE)
    path = folder.path / "accounts" / "Main" / "account.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    before = path.read_bytes()
    with pytest.raises(EnvironmentProblem) as refused:
        files.read("Main")
    assert said in refused.value.message
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", (b"", b"[]", b"{", b"[" * 9000, b"{}" + b" " * 70000))
def test_a_damaged_record_is_a_sentence(folder: DataFolder, content):
    path = folder.account_folder("Main") / "account.json"
    path.write_bytes(content)
    with pytest.raises(EnvironmentProblem, match="cannot be understood"):
        JsonAccountFiles(folder).read("Main")


def test_a_removed_account_is_kept_whole_among_the_backups(folder: DataFolder):
    files = JsonAccountFiles(folder)
    files.write(PAPER)
    kept = Path(files.remove("Prices", AT))
    assert (kept / "account.json").exists()
    assert kept.parent == folder.backups
    assert files.read("Prices") is None
