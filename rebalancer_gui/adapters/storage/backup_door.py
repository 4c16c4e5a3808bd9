"""How the console gets a backup from the program that runs on the same data folder: window or ``rebalancer run``.

Whoever may write to the data folder may ask. The console puts ``ID.json`` into ``backups/asked``; the engine, which looks there once
a second, takes it by renaming it to ``ID.taken``, makes the verified backup ``ID.zip`` beside it and says so in ``ID.answer``. The
console then moves the backup to where it was asked for, by its own rights. Nothing of this outlives the next start.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_archive import digest_of
from rebalancer_gui.adapters.storage.folder_backup import Made, OpenFiles, back_up_folder, plain_errors
from rebalancer_gui.adapters.storage.folder_restore import manifest_in
from rebalancer_gui.adapters.storage.folder_swap import ASKED
from rebalancer_gui.adapters.storage.safe_files import replace_file, sync_file, sync_folder
from rebalancer_gui.application.beside import Note
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.domain.errors import AnotherInstance, EnvironmentProblem, InvalidInput, RebalancerError

LOOK_EVERY = 1.0
"""Seconds between two looks of the engine."""
TAKEN_WITHIN = 20.0
"""Seconds that the console waits for somebody to take up what it asks."""
_STALE = 60.0
"""Seconds after which nobody waits any more for what was asked."""
_ASK_AGAIN = 0.1
_GOES = 10.0
"""Seconds that a program has to end which gave a backup up because it ends."""
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]{6}-[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class _Place:
    """The files of one request, by its id."""

    folder: Path
    id: str

    def file(self, ending: str) -> Path:
        return self.folder / f"{self.id}.{ending}"

    def is_waited_for(self) -> bool:
        """Whether it was not answered and not given up."""
        return any(self.file(ending).exists() for ending in ("json", "taken", "answer"))

    def clear(self) -> None:
        for ending in ("json", "taken", "answer", "zip", "zip.part"):
            self.file(ending).unlink(missing_ok=True)


class BackupDoor:
    """A companion of the engine (``application.beside``) that makes the backups which the console asks for. ``folder`` is open;
    ``program`` is the program's version, ``files`` what the engine has open.
    """

    def __init__(self, folder: DataFolder, files: OpenFiles, clock: Clock, program: str) -> None:
        self._folder, self._files, self._clock, self._program = folder, files, clock, program
        self._asked = folder.backups / ASKED

    def take(self, event: object) -> None:
        """Nothing that happens matters here."""

    async def run(self, note: Note) -> None:
        """Until it is cancelled; a backup that is being made is given up then."""
        while True:
            await self._clock.sleep(LOOK_EVERY)
            for place in self._requests():
                if await self._serve(place):
                    note("", "A backup of everything was made for the console and checked.")

    async def finish(self) -> None:
        """Nothing is owed to anybody: the console notices when the program ends."""

    async def release(self) -> None:
        """Nothing is held."""

    def _requests(self) -> list[_Place]:
        if not self._asked.is_dir():
            return []
        with suppress(OSError):  # it goes away with the console that asked
            names = sorted(p.stem for p in self._asked.iterdir() if p.suffix == ".json")
            return [_Place(self._asked, name) for name in names if _ID.fullmatch(name)]
        return []

    async def _serve(self, place: _Place) -> bool:
        """Whether a backup was made."""
        try:
            age = self._clock.now().timestamp() - place.file("json").stat().st_mtime
            place.file("json").rename(place.file("taken"))
        except OSError:
            return False  # taken back
        if not -_STALE < age < _STALE:
            place.clear()
            return False
        stopping = threading.Event()
        making = asyncio.get_running_loop().run_in_executor(None, self._make, place.file("zip"), stopping)
        try:
            answer = await asyncio.shield(making)
            replace_file(place.file("answer"), f"{json.dumps(answer)}\n".encode())
        except asyncio.CancelledError:
            stopping.set()
            making.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise
        except OSError:
            return False  # the folder is gone, and with it whoever asked
        finally:
            place.file("taken").unlink(missing_ok=True)
        return bool(answer["made"])

    def _make(self, file: Path, stopping: threading.Event) -> dict[str, object]:
        try:
            made = back_up_folder(self._folder, file, self._clock.now(), self._program, self._files, stopping)
            with plain_errors(f"The backup {file} cannot be read"):
                return {"made": True, "sha256": digest_of(made.file)[1]}
        except RebalancerError as error:
            return {"made": False, "message": error.message, "advice": getattr(error, "advice", "")}


async def ask_running(folder: DataFolder, target: Path, clock: Clock) -> Made | None:
    """Let the program that has ``folder`` make the backup, and put it at ``target``. None: it ended meanwhile, and left nothing.

    InvalidInput (field ``file``) where ``target`` is there already; AnotherInstance when nobody takes it up; EnvironmentProblem with
    the words of the program that could not make it, or when ``target`` cannot be written. Then there is no ``target``.
    """
    _must_be_free(target)
    place = _Place(folder.backups / ASKED, f"{clock.now():%Y%m%d-%H%M%S-%f}-{os.getpid()}")
    with plain_errors(f"The backup {target} cannot be made"):
        place.folder.mkdir(mode=0o700, exist_ok=True)
        try:
            replace_file(place.file("json"), b'{"format": "rebalancer-backup-request", "version": 1}\n')
            answer = await _answer(folder, place, clock)
            if answer is None:
                return None
            if answer.get("made") is not True:
                said = str(answer.get("message")).replace(str(place.file("zip")), str(target))
                raise EnvironmentProblem(said, str(answer.get("advice", "")))
            return _moved(place.file("zip"), target, str(answer.get("sha256")))
        finally:
            place.clear()
            with suppress(OSError):  # somebody else asks too
                place.folder.rmdir()


def _must_be_free(target: Path) -> None:
    if target.exists():
        raise InvalidInput("file", f"{target} is there already: name a new file, or move that one away.")


async def _answer(folder: DataFolder, place: _Place, clock: Clock) -> dict[str, object] | None:
    begun = given_up = clock.monotonic()
    while not place.file("answer").exists():
        await clock.sleep(_ASK_AGAIN)
        if not folder.is_in_use():
            return None
        if place.is_waited_for():
            given_up = clock.monotonic()
        elif clock.monotonic() - given_up > _GOES:
            raise EnvironmentProblem("The program that runs gave the backup up.", "Its log says why; try again.")
        if clock.monotonic() - begun > TAKEN_WITHIN and _taken_back(place):
            raise AnotherInstance(
                f"Rebalancer runs with the data folder {folder.path}, but it does not take up the backup.",
                "It may be busy with its start, or of an older version: try again, make the backup in its window, or stop it first.",
            )
    found = json.loads(place.file("answer").read_bytes())
    return found if isinstance(found, dict) else {}


def _taken_back(place: _Place) -> bool:
    try:
        place.file("json").unlink()
    except FileNotFoundError:
        return False  # it was taken up: the backup of a large folder takes its time
    return True


def _moved(made: Path, target: Path, digest: str) -> Made:
    """Under its name, but never over a file that came meanwhile; on another disk it is copied and compared."""
    draft = target.with_name(f"{target.name}.part")
    draft.unlink(missing_ok=True)
    try:
        with (
            made.open("rb") as source,
            os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out,
        ):
            shutil.copyfileobj(source, out)
        sync_file(draft)
        size, found = digest_of(draft)
        if found != digest:
            raise EnvironmentProblem(f"The backup did not come whole to {target}: try again, or name another place.")
        if target.exists():
            raise InvalidInput("file", f"{target} came meanwhile: name another file.")
        draft.rename(target)
        sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)
    return Made(target, size, manifest_in(target))
