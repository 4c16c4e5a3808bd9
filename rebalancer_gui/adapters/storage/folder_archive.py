"""The one file of a backup of the data folder: a zip with a manifest of every file's size and hash, written and looked through.

``manifest.json`` comes first. What else stands there is what it names, and nothing else: ``install.json``, ``settings.json``,
``told.json``, ``presets/ID.json`` and of each account ``account.json``, ``ledger.sqlite``, ``paper-venue.sqlite``. No key: neither
the vault of keys nor anything of the keyring is in it. Reading believes nothing: names, sizes and hashes are looked at first.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import NoReturn

from rebalancer_gui.adapters.storage.backups import LEDGER, VENUE
from rebalancer_gui.adapters.storage.data_folder import is_account_name
from rebalancer_gui.adapters.storage.safe_files import sync_folder
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidFile, InvalidInput
from rebalancer_gui.domain.hostile_json import JsonNumber, JsonObject, read_object, refuse_if
from rebalancer_gui.domain.problems import Problem

FORMAT, VERSION = "rebalancer-backup", 1
MANIFEST = "manifest.json"
RECORD = "account.json"
LEFT_OUT = ("keys.vault", "logs", "cache", "backups")
"""Of the data folder; keys in the system's keyring are not in the folder at all."""
_PLAIN = re.compile(r"install\.json|settings\.json|told\.json|presets/[a-z0-9][a-z0-9-]{0,80}\.json")
_HASH = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1024 * 1024
_MOST_FILES = 10_000
_MOST_BYTES = 200 * 1024**3
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the backup by its path in the data folder, with its size in bytes and its SHA-256 in hex."""

    path: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``schemas``: of each account that has a ledger, the version of its tables."""

    made_at: datetime
    program: str
    schemas: Mapping[str, int]
    stop_all: bool
    entries: tuple[Entry, ...]

    @property
    def accounts(self) -> tuple[str, ...]:
        """Every account of which anything is in it."""
        parts = (entry.path.split("/") for entry in self.entries)
        return tuple(sorted({part[1] for part in parts if part[0] == "accounts"}))

    def to_text(self) -> str:
        return json.dumps(
            {
                "format": FORMAT,
                "version": VERSION,
                "made_at": self.made_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "program": self.program,
                "stop_all": self.stop_all,
                "ledger_schemas": dict(sorted(self.schemas.items())),
                "left_out": list(LEFT_OUT),
                "files": [{"path": e.path, "bytes": e.size, "sha256": e.digest} for e in self.entries],
            },
            indent=1,
        )


def is_of_a_backup(path: str) -> bool:
    """Whether a file of the data folder may stand in a backup; ``path`` has ``/`` between its parts."""
    if _PLAIN.fullmatch(path):
        return True
    parts = path.split("/")
    return (
        len(parts) == 3 and parts[0] == "accounts" and is_account_name(parts[1]) and parts[2] in {RECORD, LEDGER, VENUE}
    )


def digest_of(path: Path) -> tuple[int, str]:
    """Size and SHA-256. OSError."""
    sum_, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            sum_.update(part)
            size += len(part)
    return size, sum_.hexdigest()


def write_archive(target: Path, root: Path, manifest: Manifest) -> None:
    """Write what ``manifest`` names below ``root`` to ``target``, durably. OSError, and what is half written is taken away."""
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(zipfile.ZipInfo(MANIFEST, _DATE), manifest.to_text(), zipfile.ZIP_DEFLATED)
                for entry in manifest.entries:
                    archive.write(root / entry.path, entry.path)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(target.parent)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


@contextmanager
def opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The archive with a manifest that fits it. InvalidFile (field ``file``) for anything that is none of this program's backups,
    is damaged or of a newer program; EnvironmentProblem when it cannot be read.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive, _manifest_of(archive)
    except FileNotFoundError as error:
        raise InvalidInput("file", f"There is no file {file}.") from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise _refused(f"{file} is no backup of a data folder, or it is damaged ({error}).") from error
    except OSError as error:
        raise EnvironmentProblem(f"{file} cannot be read: {error.strerror or error}.") from error


def extract(archive: zipfile.ZipFile, manifest: Manifest, root: Path) -> None:
    """Every file of the backup below ``root``, which is new and empty, each with the size and hash that the manifest says.
    InvalidFile where one has not; OSError.
    """
    for entry in manifest.entries:
        target = root / PurePosixPath(entry.path)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        sum_, size = hashlib.sha256(), 0
        descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as out, archive.open(entry.path) as source:
            # Not a byte more than the manifest says is unpacked, whatever the archive's own table claims.
            while part := source.read(min(_CHUNK, entry.size - size + 1)):
                size += len(part)
                if size > entry.size:
                    break
                sum_.update(part)
                out.write(part)
            out.flush()
            os.fsync(out.fileno())
        if (size, sum_.hexdigest()) != (entry.size, entry.digest):
            raise _refused(f"{entry.path} in the backup is damaged: it is not what was backed up.")
    for folder in (root, *(p for p in root.rglob("*") if p.is_dir())):
        sync_folder(folder)


def _manifest_of(archive: zipfile.ZipFile) -> Manifest:
    names = [info.filename for info in archive.infolist()]
    if MANIFEST not in names:
        raise _refused("The file is a zip, but no backup of a data folder: it has no manifest.json.")
    if any(info.flag_bits & 1 for info in archive.infolist()):
        raise _refused("The file is locked with a password; a backup of this program never is.")
    with archive.open(MANIFEST) as file:
        manifest = read_manifest(file.read(_CHUNK * 4 + 1)[: _CHUNK * 4])
    wanted = [entry.path for entry in manifest.entries]
    if sorted(names) != sorted([MANIFEST, *wanted]):
        odd = sorted(set(names) ^ {MANIFEST, *wanted}) or ["a name that stands there twice"]
        raise _refused(f"The files of the backup are not those of its manifest: {odd[0][:80]!r}.")
    return manifest


def read_manifest(text: bytes) -> Manifest:
    """InvalidFile (field ``file``) for everything that is no manifest of this version."""
    noted: list[Problem] = []
    table = read_object(text, "file", noted)
    if table.text("format", "file", f'"{FORMAT}"') != FORMAT:
        raise _refused(f'The file is no backup of a data folder: its format is not "{FORMAT}".')
    version = table.whole("version", "file", str(VERSION))
    if version is None or version != VERSION:
        raise _refused(
            f"The backup is of version {version}; this program reads version {VERSION}. Use a newer program."
        )
    made = table.text("made_at", "file", "a time")
    program = table.text("program", "file", "a version")
    stop_all = table.flag("stop_all", "file")
    table.raw("left_out")
    schemas = table.nested("ledger_schemas", "file", "an object")
    rows = table.entries("files", "file", "a list of files")
    table.finish()
    refuse_if(noted)
    entries = tuple(_entry(row) for row in rows or ())
    _check_entries(entries)
    return Manifest(_time(made or ""), (program or "")[:100], _schemas(schemas), bool(stop_all), entries)


def _entry(row: object) -> Entry:
    if isinstance(row, dict) and set(row) == {"path", "bytes", "sha256"}:
        path, size, digest = row["path"], row["bytes"], row["sha256"]
        whole = isinstance(size, JsonNumber) and size.text.isdigit() and len(size.text) < 16
        if isinstance(path, str) and isinstance(digest, str) and isinstance(size, JsonNumber) and whole:
            return Entry(path, int(size.text), digest)
    raise _refused("The manifest of the backup names a file in a way that is not understood.")


def _check_entries(entries: Sequence[Entry]) -> None:
    odd = next((e for e in entries if not is_of_a_backup(e.path) or not _HASH.fullmatch(e.digest)), None)
    if odd is not None:
        raise _refused(f"The backup names a file that does not belong there: {odd.path[:80]!r}.")
    # Names that differ in large and small letters only would be one file on some systems.
    if len({e.path.casefold() for e in entries}) != len(entries):
        raise _refused("The manifest of the backup names a file twice.")
    if len(entries) > _MOST_FILES or sum(e.size for e in entries) > _MOST_BYTES:
        raise _refused("The backup claims to be larger than any data folder can be.")
    if "install.json" not in {e.path for e in entries}:
        raise _refused("The backup has no install.json, which marks an installation's own orders.")


def _schemas(table: JsonObject | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in table.keys if table is not None else ():
        raw = table.raw(name) if table is not None else None
        if not is_account_name(name) or not isinstance(raw, JsonNumber) or not re.fullmatch(r"\d{1,6}", raw.text):
            raise _refused("The versions of the ledgers in the manifest of the backup are not understood.")
        found[name] = int(raw.text)
    return found


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo is not None else _no_time()
    except (ValueError, OverflowError):
        return _no_time()


def _no_time() -> NoReturn:
    raise _refused("The time in the manifest of the backup is not understood.")


def _refused(message: str) -> InvalidFile:
    return InvalidFile((Problem("file", message),))
