"""A backup that is damaged, newer or made to hurt is refused, and nothing is changed."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_backup import verify
from rebalancer_gui.adapters.storage.folder_restore import look_through, restore_folder
from rebalancer_gui.domain.errors import InvalidFile, InvalidInput, RebalancerError
from tests.support.backup_bench import NOW, picture


def rewritten(backup: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The backup with other content; ``change`` gets its files by name, the manifest among them."""
    with zipfile.ZipFile(backup) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    target = backup.with_name("changed.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def manifest(content: dict[str, bytes], **changes: object) -> None:
    """What the backup says of itself, changed."""
    content["manifest.json"] = json.dumps(json.loads(content["manifest.json"]) | changes).encode()


def swap_content(files: dict[str, bytes], path: str, content: bytes) -> None:
    """A file with other content and a manifest that agrees with it."""
    files[path] = content
    told = json.loads(files["manifest.json"])
    for row in told["files"]:
        if row["path"] == path:
            row |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    files["manifest.json"] = json.dumps(told).encode()


def drop(files: dict[str, bytes], path: str) -> None:
    del files[path]


LEDGER = "accounts/paper/ledger.sqlite"
EVIL = {"path": "../evil", "bytes": 1, "sha256": "0" * 64}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: drop(f, "manifest.json"), "no manifest"),
        (lambda f: drop(f, LEDGER), "not those of its manifest"),
        (lambda f: f.update({"../evil": b"x"}), "not those of its manifest"),
        (lambda f: manifest(f, files=[EVIL]), "does not belong there"),
        (lambda f: manifest(f, files=[EVIL | {"path": "accounts/../x/ledger.sqlite"}]), "does not belong there"),
        (lambda f: manifest(f, files=[EVIL | {"path": "keys.vault"}]), "does not belong there"),
        (lambda f: manifest(f, files=[EVIL | {"path": "install.json", "bytes": 10**14}]), "larger than any"),
        (lambda f: manifest(f, files=[]), "no install.json"),
        (lambda f: manifest(f, files=[{"path": "install.json"}]), "not understood"),
        (lambda f: manifest(f, version=2), "Use a newer program"),
        (lambda f: manifest(f, format="rebalancer-settings-export"), "no backup of a data folder"),
        (lambda f: manifest(f, made_at="yesterday"), "time in the manifest"),
        (lambda f: manifest(f, more=1), "Not known here"),
        (lambda f: manifest(f, ledger_schemas={"paper": -1}), "versions of the ledgers"),
        (lambda f: f.update({"settings.json": b"{}"}), "settings.json in the backup is damaged"),
        (lambda f: f.update({LEDGER: f[LEDGER] + b"x"}), "ledger.sqlite in the backup is damaged"),
        (lambda f: swap_content(f, LEDGER, b"SQLite format 3\0" + b"\xff" * 4096), "paper: "),
        (lambda f: swap_content(f, LEDGER, f[LEDGER][:60] + (99).to_bytes(4, "big") + f[LEDGER][64:]), "newer Rebalancer"),
        (lambda f: swap_content(f, LEDGER, f["accounts/paper/paper-venue.sqlite"]), "not one of Rebalancer's ledgers"),
    ],
)  # fmt: skip
def test_a_backup_that_is_damaged_newer_or_made_to_hurt_is_refused_and_nothing_is_changed(
    backup: Path, elsewhere: DataFolder, change: Callable[[dict[str, bytes]], None], said: str
) -> None:
    file, before = rewritten(backup, change), picture(elsewhere.path)
    with pytest.raises(RebalancerError) as refused:
        restore_folder(elsewhere, file, NOW)
    assert said in f"{refused.value.message} {refused.value.advice}"
    assert picture(elsewhere.path) == before
    assert list(elsewhere.backups.iterdir()) == []
    assert not (elsewhere.path.parent / "evil").exists()


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04" + b"\0" * 200])
def test_what_is_no_zip_is_no_backup(tmp_path: Path, elsewhere: DataFolder, content: bytes) -> None:
    file = tmp_path / "thing.zip"
    file.write_bytes(content)
    with pytest.raises(InvalidFile, match="no backup"):
        restore_folder(elsewhere, file, NOW)
    with pytest.raises(InvalidInput, match="There is no file"):
        look_through(tmp_path / "nothing.zip")


def test_a_half_of_a_backup_is_none(backup: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.zip"
    half.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    with pytest.raises(InvalidFile, match="damaged"):
        verify(half, tmp_path)


def test_an_archive_that_unpacks_to_more_than_it_says_is_cut_off(backup: Path, elsewhere: DataFolder) -> None:
    def bomb(files: dict[str, bytes]) -> None:
        files["settings.json"] = b" " * 50_000_000

    file = rewritten(backup, bomb)
    with pytest.raises(InvalidFile, match="damaged"):
        restore_folder(elsewhere, file, NOW)
