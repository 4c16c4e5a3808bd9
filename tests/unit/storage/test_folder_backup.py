"""A backup of the whole data folder: consistent, verified, without keys; back in place whole, or nothing is changed."""

import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import folder_swap, safe_files
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_restore import look_through, restore_folder
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.adapters.storage.stop_file import StopFile
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, RebalancerError
from tests.secrets.canary import CANARY, CANARY_PASS, CANARY_SECRET, found_in
from tests.support.backup_bench import NOW, Bench, picture
from tests.support.stored_rows import ACCOUNT, with_strategies


def strategies(path: Path) -> tuple[list[str], str]:
    """The strategies of the ledger of a folder, and whether it knows that it is an older one."""
    store = SqliteStore(path / "accounts" / ACCOUNT / "ledger.sqlite", ACCOUNT)
    store.open()
    state = store.load()
    store.close()
    return [s.id for s in state.strategies], state.values.get("restored", "")


def test_a_backup_of_a_running_account_is_what_the_account_is_and_is_looked_through(
    bench: Bench, tmp_path: Path
) -> None:
    backup = bench.back_up(tmp_path / "all.zip")
    found = look_through(backup)
    assert (found.accounts, found.program, found.made_at, found.stop_all) == ((ACCOUNT,), "1.2.3", NOW, False)
    assert {e.path for e in found.entries} == {
        "install.json",
        "settings.json",
        "presets/own-mine.json",
        "accounts/paper/ledger.sqlite",
        "accounts/paper/paper-venue.sqlite",
    }
    assert found.schemas[ACCOUNT] >= 4
    assert backup.stat().st_mode & 0o077 == 0
    assert not [p for p in bench.folder.backups.iterdir() if "making" in p.name]
    # The account goes on: its file is still its own.
    with_strategies(bench.store, "s-2")
    with pytest.raises(RebalancerError):
        SqliteStore(bench.folder.ledger_file(ACCOUNT), ACCOUNT).open()


def test_an_account_that_is_closed_is_copied_with_its_log_and_not_a_byte_of_it_is_changed(
    bench: Bench, tmp_path: Path
) -> None:
    bench.close_account()
    before = picture(bench.folder.path)
    file = bench.back_up(tmp_path / "closed.zip")
    assert picture(bench.folder.path) == before
    assert look_through(file).accounts == (ACCOUNT,)
    bench.open_account()


def test_no_key_is_in_a_backup_wherever_one_stands(bench: Bench, tmp_path: Path) -> None:
    (bench.folder.path / "keys.vault").write_text(CANARY)
    (bench.folder.logs / "rebalancer.log").write_text(CANARY_SECRET)
    (bench.folder.backups / "old.json").write_text(CANARY)
    (bench.folder.path / "accounts" / ACCOUNT / "notes.txt").write_text(CANARY_PASS)
    (bench.folder.presets / "Not A Preset.txt").write_text(CANARY)
    bench.folder.cache.mkdir()
    (bench.folder.cache / "candles.sqlite").write_text(CANARY)
    file = bench.back_up(tmp_path / "all.zip")
    assert found_in(file.read_bytes()) == []
    with zipfile.ZipFile(file) as archive:
        assert [name for name in archive.namelist() if found_in(archive.read(name) + name.encode())] == []
        assert "keys.vault" in json.loads(archive.read("manifest.json"))["left_out"]


def test_a_ledger_that_is_not_sound_makes_no_backup_and_says_which(bench: Bench, tmp_path: Path) -> None:
    bench.close_account()
    ledger = bench.folder.ledger_file(ACCOUNT)
    sound = ledger.read_bytes()
    with closing(sqlite3.connect(ledger)) as sqlite, sqlite:
        sqlite.execute("INSERT OR REPLACE INTO balance (account, asset, amount) VALUES ('free', 'BTC', '5')")
    with pytest.raises(EnvironmentProblem, match=r"a file of paper is not sound: .*bookings add up"):
        bench.back_up(tmp_path / "all.zip")
    assert list(tmp_path.glob("all*")) == []
    ledger.write_bytes(sound)
    bench.open_account()


def test_nothing_is_written_over(bench: Bench, backup: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(InvalidInput, match="is there already"):
        bench.back_up(backup)
    assert backup.read_bytes() == before


# ------------------------------------------------------------------------------------------------------------ restoring


def test_a_backup_comes_back_into_a_new_folder_with_everything_it_held(
    backup: Path, made: Path, tmp_path: Path
) -> None:
    with DataFolder(tmp_path / "new") as folder:
        done = restore_folder(folder, backup, NOW)
        assert done.kept == folder.backups / "folder-replaced-20260314-150926"
    with DataFolder(tmp_path / "new") as folder:
        assert f'"{folder.tag}"' in (made.parent / "data" / "install.json").read_text()
        assert folder.read_settings().values["window"] == {"theme": "dark"}
        assert (folder.presets / "own-mine.json").exists()
    assert strategies(tmp_path / "new") == (["s-1"], "2")  # it knows that it is an older state
    assert not [p for p in (tmp_path / "new" / "backups").iterdir() if "restoring" in p.name or "making" in p.name]


def test_what_stood_there_is_kept_as_a_whole_and_keys_stay_where_they_are(backup: Path, elsewhere: DataFolder) -> None:
    before = picture(elsewhere.path)
    done = restore_folder(elsewhere, backup, NOW)
    assert picture(done.kept) == before
    assert (done.kept / "told.json").exists()
    assert not (elsewhere.path / "told.json").exists()
    assert elsewhere.account_names() == (ACCOUNT,)
    assert (elsewhere.path / "keys.vault").read_text() == "locked"
    assert restore_folder(elsewhere, backup, NOW).kept.name == "folder-replaced-20260314-150926-2"


def test_stop_all_comes_back_and_is_never_lifted_by_a_restore(
    bench: Bench, tmp_path: Path, elsewhere: DataFolder
) -> None:
    plain = bench.back_up(tmp_path / "plain.zip")
    StopFile(bench.folder.path).set()
    stopped = bench.back_up(tmp_path / "stopped.zip")
    restore_folder(elsewhere, stopped, NOW)
    assert StopFile(elsewhere.path).is_set()
    restore_folder(elsewhere, plain, NOW)
    assert StopFile(elsewhere.path).is_set()


STEPS = 40


class Crash(BaseException):
    """The power is gone: nobody cleans up."""


def crash_at(monkeypatch: pytest.MonkeyPatch, step: int) -> Callable[[], None]:
    """From the ``step``-th change of a name or a file on, nothing happens any more; gives what mends that."""
    left = [step]

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **more: object) -> object:
            if left[0] <= 0:
                raise Crash
            left[0] -= 1
            return real(*given, **more)

        return call

    monkeypatch.setattr(Path, "rename", counted(Path.rename))
    monkeypatch.setattr(Path, "unlink", counted(Path.unlink))
    monkeypatch.setattr(folder_swap, "replace_file", counted(safe_files.replace_file))
    monkeypatch.setattr(folder_swap, "sync_folder", counted(safe_files.sync_folder))
    monkeypatch.setattr(shutil, "rmtree", counted(shutil.rmtree))
    return monkeypatch.undo


@pytest.mark.parametrize("step", range(STEPS))
def test_a_crash_at_any_step_leaves_the_old_folder_or_the_new_one_and_loses_nothing(
    backup: Path, elsewhere: DataFolder, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    before = picture(elsewhere.path)
    mend = crash_at(monkeypatch, step)
    try:
        restore_folder(elsewhere, backup, NOW)
        crashed = False
    except Crash:
        crashed = True
    finally:
        mend()
    elsewhere.close()
    elsewhere.open()  # the next start
    after = picture(elsewhere.path)
    assert not (elsewhere.path / "restoring.json").exists()
    if after == before:
        assert crashed
        assert not list(elsewhere.backups.glob("folder-replaced-*/*"))
        return
    (kept,) = elsewhere.backups.glob("folder-replaced-*")
    assert picture(kept) == before
    assert strategies(elsewhere.path)[0] == ["s-1"]
    assert not list(elsewhere.backups.glob("restoring-*"))


def test_the_steps_of_that_test_are_all_steps_that_there_are(
    backup: Path, elsewhere: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    mend = crash_at(monkeypatch, STEPS)
    restore_folder(elsewhere, backup, NOW)
    mend()


def test_a_marker_that_is_not_understood_is_left_alone_and_told(elsewhere: DataFolder) -> None:
    elsewhere.close()
    marker = elsewhere.path / "restoring.json"
    marker.write_text('{"format": "rebalancer-restoring", "version": 1, "draft": "../..", "kept": "x", "coming": []}')
    before = picture(elsewhere.path)
    with pytest.raises(EnvironmentProblem, match="cut short"):
        elsewhere.open()
    assert picture(elsewhere.path) == before
    marker.unlink()


def test_a_full_disk_leaves_no_half_a_backup(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object) -> None:
        raise OSError(28, os.strerror(28), "all.zip.part")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentProblem, match="No space left"):
        bench.back_up(tmp_path / "all.zip")
    monkeypatch.undo()
    assert list(tmp_path.glob("all*")) == []
