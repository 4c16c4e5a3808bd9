"""A disk of one megabyte, where the machine lets us mount one."""

import functools
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk() -> Iterator[Path]:
    """A freshly mounted empty disk; only where :func:`can_mount`."""
    folder = Path(tempfile.mkdtemp(prefix="rebalancer-disk-"))
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True, capture_output=True)
        try:
            yield folder
        finally:
            subprocess.run(["umount", folder], check=True, capture_output=True)
    finally:
        folder.rmdir()


@functools.cache
def can_mount() -> bool:
    """Whether this process may mount; root in a container often may not."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    try:
        with small_disk():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False
