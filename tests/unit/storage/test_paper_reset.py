"""A paper account begins anew; the old one is kept as a whole."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.paper_reset import reset_paper_account
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, InvariantBroken
from tests.paper_bench import Setup
from tests.support.unprivileged import folder_of_somebody

AT = datetime(2024, 2, 29, 23, 5, 9, 999_999, UTC)
FILES = (
    "ledger.sqlite",
    "ledger.sqlite-wal",
    "paper-venue.sqlite",
    "paper-venue.sqlite-wal",
    "paper-venue.sqlite-v1.bak",
)


def fill(folder: DataFolder, account: str, word: str = "") -> dict[str, bytes]:
    """Files as a killed run leaves them."""
    place = folder.account_folder(account)
    for name in FILES:
        (place / name).write_bytes(f"{account} {name} {word}".encode())
    return contents(place)


def contents(place: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in place.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def test_everything_of_the_account_moves_to_the_backups_and_nothing_else_does(folder: DataFolder) -> None:
    with folder:
        files, others = fill(folder, "paper"), fill(folder, "paper 2")
        kept = reset_paper_account(folder, "paper", AT)
        assert kept == folder.backups / "paper-reset-20240229-230509"
        assert contents(kept) == files
        assert not (folder.path / "accounts" / "paper").exists()
        assert contents(folder.path / "accounts" / "paper 2") == others
        assert folder.account_names() == ("paper 2",)


def test_the_name_tells_the_time_in_utc(folder: DataFolder) -> None:
    with folder:
        fill(folder, "paper")
        kept = reset_paper_account(folder, "paper", AT.astimezone(timezone(timedelta(hours=9))))
    assert kept.name == "paper-reset-20240229-230509"


def test_resets_within_one_second_are_all_kept(folder: DataFolder) -> None:
    with folder:
        files, places = [], []
        for word in ("one", "two", "three"):
            files.append(fill(folder, "paper", word))
            places.append(reset_paper_account(folder, "paper", AT))
        assert [place.name.removeprefix("paper-reset-20240229-230509") for place in places] == ["", "-2", "-3"]
        assert [contents(place) for place in places] == files


@pytest.mark.parametrize("in_the_way", ["file", "empty folder", "broken link"])
def test_nothing_that_is_in_the_way_is_overwritten(folder: DataFolder, in_the_way: str) -> None:
    with folder:
        files = fill(folder, "paper")
        place = folder.backups / "paper-reset-20240229-230509"
        if in_the_way == "file":
            place.write_bytes(b"mine")
        elif in_the_way == "empty folder":
            place.mkdir()
        else:
            place.symlink_to("nowhere")
        kept = reset_paper_account(folder, "paper", AT)
        assert kept.name == "paper-reset-20240229-230509-2"
        assert contents(kept) == files
        if in_the_way == "file":
            assert place.read_bytes() == b"mine"
        elif in_the_way == "empty folder":
            assert list(place.iterdir()) == []
        else:
            assert place.is_symlink()


def test_the_next_start_makes_a_new_account_and_the_old_one_still_opens_where_it_is_kept(folder: DataFolder) -> None:
    async def opened(path: Path, seed: int) -> int:
        async with Setup(path=path, seed=seed).opened() as venue:
            return venue.demo.state().seed

    with folder:
        assert asyncio.run(opened(folder.paper_venue_file("paper"), 1)) == 1
        kept = reset_paper_account(folder, "paper", AT)
        assert asyncio.run(opened(folder.paper_venue_file("paper"), 2)) == 2
        assert asyncio.run(opened(kept / "paper-venue.sqlite", 3)) == 1


def test_an_account_whose_venue_file_is_lost_can_begin_anew_too(folder: DataFolder) -> None:
    with folder:
        (folder.account_folder("paper") / "paper-venue.sqlite-wal").write_bytes(b"the rest")
        kept = reset_paper_account(folder, "paper", AT)
        assert contents(kept) == {"paper-venue.sqlite-wal": b"the rest"}


@pytest.mark.parametrize("kind", ["none", "empty", "of an exchange"])
def test_what_is_no_paper_account_stays_where_it_is(folder: DataFolder, kind: str) -> None:
    with folder:
        if kind != "none":
            place = folder.account_folder("Kraken")
            if kind == "of an exchange":
                (place / "ledger.sqlite").write_bytes(b"real money")
        before = sorted(folder.path.rglob("*"))
        with pytest.raises(InvalidInput, match="no paper account Kraken") as refused:
            reset_paper_account(folder, "Kraken", AT)
        assert refused.value.field == "account"
        assert sorted(folder.path.rglob("*")) == before


@pytest.mark.parametrize("name", ["", "..", "../accounts/paper", "a/b", ".hidden"])
def test_a_name_that_leads_elsewhere_is_refused(folder: DataFolder, name: str) -> None:
    with folder:
        files = fill(folder, "paper")
        with pytest.raises(InvalidInput, match="cannot be the name of an account"):
            reset_paper_account(folder, name, AT)
        assert contents(folder.account_folder("paper")) == files


def test_a_folder_that_somebody_else_may_be_using_is_not_touched(folder: DataFolder) -> None:
    with folder:
        files = fill(folder, "paper")
    with pytest.raises(InvariantBroken, match="not open"):
        reset_paper_account(folder, "paper", AT)
    assert contents(folder.path / "accounts" / "paper") == files


def test_an_account_that_cannot_be_moved_stays_whole_and_the_reason_is_told() -> None:
    with folder_of_somebody() as base, DataFolder(base / "data") as folder:
        files = fill(folder, "paper")
        folder.backups.chmod(0o500)
        with pytest.raises(EnvironmentProblem, match="Permission denied"):
            reset_paper_account(folder, "paper", AT)
        folder.backups.chmod(0o700)
        assert contents(folder.path / "accounts" / "paper") == files
