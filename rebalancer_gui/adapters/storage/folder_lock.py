"""One run of the program per data folder: a lock of the operating system, gone with the process that held it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rebalancer_gui.domain.errors import AnotherInstance

if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 1 << 30
    """Far behind the text, because Windows lets nobody read a locked byte."""

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class FolderLock:
    """Held from ``acquire`` to ``release``; after a crash the system gives it up, whatever is left in the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """AnotherInstance when somebody has it; OSError when the file cannot be opened or locked at all."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._lock_or_refuse(descriptor)
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Safe to call twice. The file stays: removing it could remove the lock of whoever comes next."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _lock_or_refuse(self, descriptor: int) -> None:
        if _try_lock(descriptor):
            return
        holder = self.path.read_text("ascii", errors="replace").strip()
        who = f" (process {holder})" if holder.isdecimal() else ""
        raise AnotherInstance(
            f"Rebalancer is already running with the data folder {self.path.parent}{who}.",
            "Use the window that is open, close it first, or start with another data folder (--data-dir).",
        )
