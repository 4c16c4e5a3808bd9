"""Permissions bind everybody but root; tests about them run as somebody else for a moment."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534


@contextmanager
def folder_of_somebody() -> Iterator[Path]:
    """A fresh folder whose permissions bind this process until the end, also when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="rebalancer-permissions-"))
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, _NOBODY, -1)
        os.setresuid(_NOBODY, _NOBODY, 0)
    try:
        yield folder
    finally:
        if is_root:
            os.setresuid(0, 0, 0)
        for place, _, files in os.walk(folder):
            Path(place).chmod(0o700)
            for name in files:
                (Path(place) / name).chmod(0o600)
        shutil.rmtree(folder)
