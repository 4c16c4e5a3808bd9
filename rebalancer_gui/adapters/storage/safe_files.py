"""Small files that are replaced whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write ``content`` beside ``path``, make it durable, put it in its place. OSError leaves the old file as it was."""
    draft = path.with_name(path.name + ".new")
    binary: int = getattr(os, "O_BINARY", 0)  # Windows would write line ends of its own
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | binary, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def keep_aside(path: Path) -> Path:
    """Copy a damaged file to ``NAME.damaged``, ``NAME.damaged-2`` ...; an equal copy is not made twice."""
    content = path.read_bytes()
    for number in range(1, 10_000):
        copy = path.with_name(f"{path.name}.damaged{f'-{number}' if number > 1 else ''}")
        if not copy.exists():
            replace_file(copy, content)
            return copy
        if copy.read_bytes() == content:
            return copy
    raise OSError(f"there are too many copies of {path}")


def sync_file(path: Path) -> None:
    """Make the content of ``path`` durable."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make a new name in ``folder`` durable; Windows has no such call and does it by itself."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
