"""Where everything that the program stores lives, and who may use it."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs

from rebalancer_gui.adapters.own_json import parsed
from rebalancer_gui.adapters.seeded_ids import checked_tag
from rebalancer_gui.adapters.storage import reset_intent
from rebalancer_gui.adapters.storage.folder_lock import FolderLock
from rebalancer_gui.adapters.storage.folder_swap import MARKER, finish_swap, sweep
from rebalancer_gui.adapters.storage.safe_files import keep_aside, replace_file, sync_folder
from rebalancer_gui.adapters.system import new_install_tag
from rebalancer_gui.domain.errors import AnotherInstance, EnvironmentProblem, InvalidInput, InvariantBroken

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _.-]{0,38}[A-Za-z0-9_-])?")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""
_MAX_JSON_BYTES = 1024 * 1024
_INSTALL_FORMAT = "rebalancer-install"


def default_data_folder() -> Path:
    """The place that the operating system has for a program's data."""
    return platformdirs.user_data_path("rebalancer", appauthor=False)


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """What stands in settings.json; empty with ``problem`` when it cannot be understood (a copy was kept)."""

    values: Mapping[str, object]
    problem: EnvironmentProblem | None = None


class DataFolder:
    """The folder of one installation. ``open`` makes it, takes its lock and reads its tag; used by one run at a time.

    ``make_tag`` gives a new installation its tag.
    """

    def __init__(self, path: Path | None = None, *, make_tag: Callable[[], str] = new_install_tag) -> None:
        self.path = path if path is not None else default_data_folder()
        self._make_tag = make_tag
        self._lock = FolderLock(self.path / "lock")
        self._tag: str | None = None

    @property
    def install_file(self) -> Path:
        return self.path / "install.json"

    @property
    def settings_file(self) -> Path:
        return self.path / "settings.json"

    @property
    def backups(self) -> Path:
        return self.path / "backups"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def cache(self) -> Path:
        """What can be had again; made by who first keeps something there."""
        return self.path / "cache"

    @property
    def presets(self) -> Path:
        """The presets that the owner made; made with the first one."""
        return self.path / "presets"

    @property
    def tag(self) -> str:
        """The installation's four characters in every client order id."""
        if self._tag is None:
            raise InvariantBroken("the data folder is not open")
        return self._tag

    def open(self) -> None:
        """AnotherInstance when another run has the folder; EnvironmentProblem when it cannot be made or written. A reset that was
        cut off is finished or taken back.
        """
        with self._plain_os_errors():
            if not self.path.exists():
                # Only the last part gets the mode; what is above belongs to the system or to the user.
                self.path.mkdir(mode=0o700, parents=True)
            self._lock.acquire()
        try:
            with self._plain_os_errors():
                self._finish_restore()
                for folder in (self.backups, self.logs):
                    folder.mkdir(mode=0o700, exist_ok=True)
                self._tag = self._read_or_make_tag()
                reset_intent.settle(self.path / "accounts")
        except BaseException:
            self._lock.release()
            raise

    def _finish_restore(self) -> None:
        """A restore that a crash cut short goes on before anything else is read; what was only begun is taken away."""
        try:
            finish_swap(self.path)
        except ValueError as error:
            raise EnvironmentProblem(
                f"The file {self.path / MARKER} tells of a restore that was cut short, but it cannot be understood ({error}).",
                "Nothing was changed. Its backups folder holds all files: move them back by hand, or restore into a new folder.",
            ) from error
        sweep(self.path)

    def close(self) -> None:
        """Give the folder free; safe to call twice."""
        self._tag = None
        self._lock.release()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def is_in_use(self) -> bool:
        """Whether another run has the folder at this moment; nothing is made. EnvironmentProblem when that cannot be found out."""
        if not self._lock.path.exists():
            return False
        with self._plain_os_errors():
            try:
                self._lock.acquire()
            except AnotherInstance:
                return True
        self._lock.release()
        return False

    def account_folder(self, name: str) -> Path:
        """``accounts/NAME``, made if need be. InvalidInput for a name that is no plain folder name."""
        check_account_name(name)
        folder = self.path / "accounts" / name
        with self._plain_os_errors():
            folder.parent.mkdir(mode=0o700, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def ledger_file(self, name: str) -> Path:
        """The ledger of an account, which ``SqliteStore`` opens."""
        return self.account_folder(name) / "ledger.sqlite"

    def paper_venue_file(self, name: str) -> Path:
        """The paper venue's own truth for a paper account."""
        return self.account_folder(name) / "paper-venue.sqlite"

    def account_names(self) -> tuple[str, ...]:
        """The accounts that have a folder, by name."""
        accounts = self.path / "accounts"
        with self._plain_os_errors():
            if not accounts.is_dir():
                return ()
            return tuple(sorted(f.name for f in accounts.iterdir() if f.is_dir() and is_account_name(f.name)))

    def set_account_aside(self, name: str, label: str) -> Path:
        """Move ``accounts/NAME`` with all that is in it to ``backups/NAME-LABEL`` (``-2``, ``-3`` ... where that is taken) in
        one step; gives the new place. Only while nobody has the account open. InvalidInput where there is none.
        """
        check_account_name(name)
        if self._tag is None:
            raise InvariantBroken("the data folder is not open")
        old = self.path / "accounts" / name
        with self._plain_os_errors():
            if not old.is_dir():
                raise InvalidInput("account", f"There is no account {name} in this data folder.")
            # Our lock on the data folder keeps everybody else from taking the name meanwhile.
            new = next(p for n in itertools.count(1) if not os.path.lexists(p := self._aside(name, label, n)))
            old.rename(new)
            sync_folder(new.parent)
            sync_folder(old.parent)
        return new

    def _aside(self, name: str, label: str, number: int) -> Path:
        return self.backups / f"{name}-{label}{f'-{number}' if number > 1 else ''}"

    def read_settings(self) -> StoredSettings:
        """Empty when there are none yet. A file that cannot be understood is copied aside and reported."""
        with self._plain_os_errors():
            if not self.settings_file.exists():
                return StoredSettings({})
            try:
                return StoredSettings(_read_object(self.settings_file))
            except ValueError as error:
                copy = keep_aside(self.settings_file)
                return StoredSettings(
                    {},
                    EnvironmentProblem(
                        f"The settings in {self.settings_file} cannot be understood ({error}), so the defaults are used.",
                        f"The file was copied to {copy.name}: mend it and put it back, or choose your settings again.",
                    ),
                )

    def write_settings(self, values: Mapping[str, object]) -> None:
        """Replace the settings as a whole; on an error the old ones stay."""
        content = json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
        with self._plain_os_errors():
            replace_file(self.settings_file, f"{content}\n".encode())

    def keep_settings_copy(self) -> Path:
        """A copy of the settings beside them, for what is wrong in them; gives its place. EnvironmentProblem."""
        with self._plain_os_errors():
            return keep_aside(self.settings_file)

    def _read_or_make_tag(self) -> str:
        if not self.install_file.exists():
            tag = checked_tag(self._make_tag())
            content = json.dumps({"format": _INSTALL_FORMAT, "version": 1, "tag": tag})
            replace_file(self.install_file, f"{content}\n".encode())
            return tag
        try:
            return _tag_of(_read_object(self.install_file))
        except (ValueError, InvariantBroken) as error:
            raise EnvironmentProblem(
                f"The file {self.install_file} cannot be understood ({error}).",
                "It tells your own orders from others. Put it back from a copy of the data folder, or start with another "
                "data folder.",
            ) from error

    @contextmanager
    def _plain_os_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = error.filename if error.filename is not None else self.path
            why = os.strerror(error.errno) if error.errno is not None else str(error)
            raise EnvironmentProblem(
                f"The data folder {self.path} cannot be used: {why} ({where}).",
                "Make sure that you may write there and that the disk has room, or choose another folder (--data-dir).",
            ) from error


def is_account_name(name: str) -> bool:
    """1 to 40 letters, digits, spaces and ``_ . -``, beginning with a letter or digit and no device of Windows."""
    return _NAME.fullmatch(name) is not None and _RESERVED.fullmatch(name) is None


def check_account_name(name: str) -> None:
    """InvalidInput for what cannot be the name of an account."""
    if not is_account_name(name):
        raise InvalidInput(
            "name",
            f"{name!r} cannot be the name of an account: use 1 to 40 letters, digits, spaces, '_', '-' or '.', beginning "
            "with a letter or digit and not ending with a space or '.'.",
        )


def _tag_of(install: Mapping[str, object]) -> str:
    if install.get("format") != _INSTALL_FORMAT or install.get("version") != 1:
        raise ValueError("it is not an install file of version 1")
    return checked_tag(str(install.get("tag")))


def _read_object(path: Path) -> dict[str, object]:
    """A JSON object; ValueError for anything else in words for people."""
    content = path.read_bytes()
    if len(content) > _MAX_JSON_BYTES:
        raise ValueError("it is larger than 1 MB")
    found = parsed(content)
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 -- every kind of wrong content is one kind of error
    return found
