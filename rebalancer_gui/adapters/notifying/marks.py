"""What was told already, in ``told.json`` of the data folder. A loss of it tells something twice, nothing worse."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from rebalancer_gui.adapters.storage.safe_files import replace_file

FILE_NAME = "told.json"
_FORMAT, _VERSION = "rebalancer-told", 1
_MOST_BYTES = 4 * 1024 * 1024
_log = logging.getLogger(__name__)


class FileMarks:
    """``MarkStore``."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    async def read(self) -> Mapping[str, Mapping[str, str]]:
        try:
            if not self.path.exists() or self.path.stat().st_size > _MOST_BYTES:
                return {}
            found = json.loads(self.path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            _log.info("what was told already cannot be read (%s): it may be told again", type(error).__name__)
            return {}
        if not isinstance(found, dict) or found.get("format") != _FORMAT or found.get("version") != _VERSION:
            return {}
        return {name: _texts(part) for name, part in found.items() if isinstance(part, dict)}

    async def write(self, marks: Mapping[str, Mapping[str, str]]) -> None:
        content = json.dumps({"format": _FORMAT, "version": _VERSION, **marks}, indent=1, sort_keys=True)
        try:
            replace_file(self.path, f"{content}\n".encode())
        except OSError as error:
            _log.info("what was told cannot be stored (%s): it may be told again", error.strerror)


def _texts(part: Mapping[object, object]) -> dict[str, str]:
    return {key: text for key, text in part.items() if isinstance(key, str) and isinstance(text, str)}
