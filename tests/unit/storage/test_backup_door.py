"""A backup that the console asks of the program which runs on the same data folder."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import backup_door
from rebalancer_gui.adapters.storage.backup_door import BackupDoor, ask_running
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_restore import look_through
from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.domain.errors import AnotherInstance, EnvironmentProblem, InvalidInput
from tests.fake_clock import FakeClock
from tests.support.backup_bench import NOW, Bench
from tests.support.stored_rows import ACCOUNT


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_door, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(backup_door, "_ASK_AGAIN", 0.01)


def asked_beside_the_program(bench: Bench, target: Path, noted: list[str] | None = None) -> object:
    """As the console does it, while the engine of ``bench`` runs with its door."""

    async def story() -> object:
        door = BackupDoor(bench.folder, bench.files, SystemClock(), "1.2.3")
        said = noted if noted is not None else []
        running = asyncio.create_task(door.run(lambda _account, text: said.append(text)))
        try:
            return await ask_running(DataFolder(bench.folder.path), target, SystemClock())
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    return asyncio.run(story())


def asked(path: Path, target: Path, meanwhile: Callable[[], None] = lambda: None) -> object:
    """As the console does it, where no door is."""

    async def story() -> object:
        asking = asyncio.create_task(ask_running(DataFolder(path), target, FakeClock(NOW, auto=True)))
        await asyncio.sleep(0)
        meanwhile()
        return await asking

    return asyncio.run(story())


def test_the_program_that_has_the_folder_makes_the_backup_which_comes_to_where_it_was_wanted(
    bench: Bench, tmp_path: Path
) -> None:
    noted = list[str]()
    asked_beside_the_program(bench, tmp_path / "all.zip", noted)
    assert look_through(tmp_path / "all.zip").accounts == (ACCOUNT,)
    assert (tmp_path / "all.zip").stat().st_mode & 0o077 == 0
    assert noted == ["A backup of everything was made for the console and checked."]
    assert list(bench.folder.backups.iterdir()) == []


def test_what_the_program_says_against_the_backup_reaches_the_console(bench: Bench, tmp_path: Path) -> None:
    (bench.folder.path / "accounts" / "Other").mkdir()
    (bench.folder.path / "accounts" / "Other" / "ledger.sqlite").write_bytes(b"no ledger")
    with pytest.raises(EnvironmentProblem, match=rf"The backup {tmp_path}/all.zip cannot be made: .*not a database"):
        asked_beside_the_program(bench, tmp_path / "all.zip")
    assert not list(tmp_path.glob("all*"))
    assert list(bench.folder.backups.iterdir()) == []


def test_a_file_that_is_there_is_not_written_over_and_nobody_is_asked(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_text("mine")
    with pytest.raises(InvalidInput, match="is there already"):
        asked(bench.folder.path, tmp_path / "all.zip")
    assert (tmp_path / "all.zip").read_text() == "mine"


def test_where_nobody_takes_it_up_the_console_takes_it_back_and_says_so(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(AnotherInstance, match="does not take up the backup"):
        asked(bench.folder.path, tmp_path / "all.zip")
    assert list(bench.folder.backups.iterdir()) == []


def test_where_the_program_ends_meanwhile_the_console_hears_that_the_folder_is_free(
    bench: Bench, tmp_path: Path
) -> None:
    assert asked(bench.folder.path, tmp_path / "all.zip", bench.folder.close) is None
    bench.folder.open()
    assert list(bench.folder.backups.iterdir()) == []


def test_a_backup_that_was_given_up_is_not_waited_for_for_ever(bench: Bench, tmp_path: Path) -> None:
    def give_up() -> None:
        (request,) = (bench.folder.backups / "asked").glob("*.json")
        request.unlink()

    with pytest.raises(EnvironmentProblem, match="gave the backup up"):
        asked(bench.folder.path, tmp_path / "all.zip", give_up)


def test_what_a_killed_console_asked_long_ago_is_not_done(bench: Bench) -> None:
    place = bench.folder.backups / "asked"
    place.mkdir()
    (place / "20200101-000000-000000-1.json").write_text("{}")
    (place / "../../elsewhere.json").resolve().write_text("{}")

    async def story() -> None:
        clock = FakeClock(NOW)
        door = BackupDoor(bench.folder, bench.files, clock, "1.2.3")
        running = asyncio.create_task(door.run(lambda _account, _text: pytest.fail("a backup was made")))
        await clock.advance(2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
    assert list(place.iterdir()) == []


def test_an_answer_that_does_not_come_whole_is_no_backup(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = itertools.count()
    monkeypatch.setattr(backup_door, "digest_of", lambda _file: (1, str(next(digests))))
    with pytest.raises(EnvironmentProblem, match="did not come whole"):
        asked_beside_the_program(bench, tmp_path / "all.zip")
    assert not list(tmp_path.glob("all*"))
