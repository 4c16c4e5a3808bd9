"""Adding, testing and removing accounts: what is refused, what is said, and that it is all or nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.connection import Credentials, Permissions, VenueSpec
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, VenueAuthError, VenueUnavailable
from rebalancer_gui.domain.rails import AccountKind
from tests.accounts_bench import GOOD, KEY, AccountsBench


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    with DataFolder(tmp_path, make_tag=lambda: "ab12") as made:
        yield made


@pytest.fixture
def bench(folder: DataFolder) -> AccountsBench:
    return AccountsBench(folder)


def test_without_anything_registered_there_is_the_built_in_paper_account(bench: AccountsBench):
    assert [(r.name, r.kind) for r in bench.book.records()] == [("paper", AccountKind.DEMO)]
    bench.folder.account_folder("paper")
    assert [(r.name, r.kind) for r in bench.book.records()] == [("paper", AccountKind.DEMO)]
    assert bench.book.find("paper").kind is AccountKind.DEMO


def test_an_account_at_an_exchange_keeps_its_key_in_the_vault_and_nothing_of_it_in_its_file(bench: AccountsBench):
    added = bench.add()
    assert (added.record.kind, added.warnings) == (AccountKind.LIVE, ())
    assert added.record.key is not None
    assert (added.record.key.place, added.record.key.ends_with) == (Place.KEYRING, "mW2x")
    assert bench.book.key_of(bench.book.find("Main")) == KEY
    text = (bench.folder.path / "accounts" / "Main" / "account.json").read_text()
    assert KEY.key not in text
    assert KEY.secret not in text


def test_without_a_key_it_is_a_paper_account_on_live_prices_and_nothing_is_asked(bench: AccountsBench):
    added = bench.add(key=None, venue="Kraken")
    assert (added.record.kind, added.record.venue) == (AccountKind.PAPER, VenueSpec("kraken"))
    assert bench.tested == []


def test_a_key_that_may_withdraw_is_saved_to_watch_and_said(bench: AccountsBench):
    bench.answer = replace(GOOD, permissions=Permissions(True, True, False, ("futures",)))
    added = bench.add()
    assert "may withdraw" in added.warnings[0]
    assert any("every address" in warning for warning in added.warnings)
    assert any("futures" in warning for warning in added.warnings)
    stored = bench.book.find("Main")
    assert stored.tested is not None
    assert stored.tested.permissions.may_withdraw is True


def test_a_key_that_the_exchange_refuses_is_not_stored(bench: AccountsBench):
    bench.answer = VenueAuthError("binance refuses the key: wrong")
    assert bench.refused().field == "key"
    assert bench.vaults.best().load("Main") is None


def test_an_exchange_that_does_not_answer_is_no_reason_to_refuse(bench: AccountsBench):
    bench.answer = VenueUnavailable("binance: it cannot be reached")
    added = bench.add()
    assert added.record.tested is None
    assert "could not be tested" in added.warnings[0]
    bench.answer = GOOD
    asyncio.run(bench.book.test_account("Main"))
    assert bench.book.find("Main").tested is not None


@pytest.mark.parametrize(
    ("arguments", "field", "said"),
    (
        ({"venue": "binanse"}, "venue", "binance"),
        ({"venue": "nowhere at all"}, "venue", "ccxt"),
        ({"venue": "binanceusdm"}, "venue", "There is no exchange"),
        ({"api_url": "http://example.test"}, "api_url", "encryption"),
        ({"api_url": "example.test"}, "api_url", "https://"),
        ({"api_url": "https://user:pass@example.test"}, "api_url", "user name"),
        ({"environment": "moon"}, "environment", "sandbox and demo"),
        ({"venue": "kraken", "environment": "sandbox"}, "environment", "none"),
        ({"name": "../up"}, "name", "cannot be the name"),
        ({"name": ""}, "name", "cannot be the name"),
        ({"name": "con"}, "name", "cannot be the name"),
        ({"name": "Paper"}, "name", "already"),
        ({"key": Credentials("", "x")}, "key", "missing"),
        ({"key": Credentials("key-of-a-test", "")}, "secret", "missing"),
        ({"venue": "okx"}, "passphrase", "passphrase"),
        ({"venue": "hyperliquid"}, "key", "paper accounts only"),
        ({"key": Credentials("key-\u202eof-a-test", "secret-of-a-test")}, "key", "characters"),
    ),
)
def test_bad_input_is_refused_with_its_field_and_what_is_legal(bench: AccountsBench, arguments, field, said):
    refusal = bench.refused(**arguments)
    assert refusal.field == field
    assert said in refusal.message
    assert "secret-of-a-test" not in refusal.message
    assert bench.tested == []


def test_a_name_is_taken_whatever_its_case(bench: AccountsBench):
    bench.add()
    assert bench.refused(name="MAIN").field == "name"


def test_without_any_keyring_the_key_is_in_memory_and_that_is_said(folder: DataFolder):
    bench = AccountsBench(folder, "keyrings.alt.file.PlaintextKeyring")
    added = bench.add()
    assert added.record.key is not None
    assert added.record.key.place is Place.MEMORY
    assert "memory" in added.warnings[0]
    assert "PlaintextKeyring" in added.warnings[0]


def test_a_data_folder_that_a_cloud_copies_takes_no_account_with_real_money(bench: AccountsBench, monkeypatch):
    monkeypatch.setattr(bench.files, "against_live", lambda: "The data folder is copied by Dropbox.")
    assert "Dropbox" in bench.refused().message
    assert bench.add(key=None).record.kind is AccountKind.PAPER


def test_a_record_that_cannot_be_written_leaves_no_key_behind(bench: AccountsBench, monkeypatch):
    def fail(_record: object) -> None:
        raise EnvironmentProblem("the disk is full")

    monkeypatch.setattr(bench.files, "write", fail)
    with pytest.raises(EnvironmentProblem, match="full"):
        bench.add()
    assert bench.vaults.best().load("Main") is None


def test_a_removed_account_leaves_no_key_and_its_files_among_the_backups(bench: AccountsBench):
    bench.add()
    kept = Path(bench.book.remove("Main"))
    assert (kept / "account.json").exists()
    assert bench.vaults.best().load("Main") is None
    with pytest.raises(InvalidInput, match="no account Main"):
        bench.book.find("Main")


def test_an_account_with_a_strategy_that_is_not_over_stays(bench: AccountsBench, monkeypatch):
    bench.add()
    monkeypatch.setattr(bench.files, "standing", lambda name: 2)
    with pytest.raises(InvalidInput, match="2 strategies that are not over"):
        bench.book.remove("Main")
    assert bench.book.key_of(bench.book.find("Main")) == KEY


def test_the_built_in_paper_account_stays(bench: AccountsBench):
    with pytest.raises(InvalidInput, match="stays"):
        bench.book.remove("paper")


def test_a_paper_account_has_no_key_to_test(bench: AccountsBench):
    with pytest.raises(InvalidInput, match="no key"):
        asyncio.run(bench.book.test_account("paper"))


def test_another_key_takes_the_place_of_the_former_one_and_the_account_stays(bench: AccountsBench):
    bench.add()
    new = Credentials("another-api-key-zz99", "another-secret-value")
    changed = asyncio.run(bench.book.change_key("Main", new))
    assert changed.record.key is not None
    assert changed.record.key.ends_with == "zz99"
    assert bench.book.key_of(bench.book.find("Main")) == new
    assert bench.book.find("Main").venue == VenueSpec("binance")


def test_a_key_that_was_in_memory_only_is_given_again_and_kept_where_it_is_possible_now(folder: DataFolder):
    AccountsBench(folder, "keyring.backends.fail.Keyring").add()
    next_run = AccountsBench(folder)
    assert next_run.book.key_of(next_run.book.find("Main")) is None
    changed = asyncio.run(next_run.book.change_key("Main", KEY))
    assert changed.record.key is not None
    assert changed.record.key.place is Place.KEYRING
    assert next_run.book.key_of(next_run.book.find("Main")) == KEY


def test_a_key_that_is_refused_leaves_the_former_one(bench: AccountsBench):
    bench.add()
    bench.answer = VenueAuthError("binance refuses the key: wrong")
    with pytest.raises(InvalidInput):
        asyncio.run(bench.book.change_key("Main", Credentials("another-api-key", "another-secret")))
    assert bench.book.key_of(bench.book.find("Main")) == KEY


def test_a_paper_account_takes_no_key(bench: AccountsBench):
    bench.add(key=None)
    with pytest.raises(InvalidInput, match="paper account"):
        asyncio.run(bench.book.change_key("Main", KEY))
