"""How far the ledger once was, in a small file beside it: an older copy put in its place is noticed.

The ledger's own epoch grows with the first commit of each run, after each backup, and at the end of a run; the file follows
after the commit. So the file never knows more than the ledger, unless the ledger is an older one or a new one.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from rebalancer_gui.adapters.storage.safe_files import replace_file

_FORMAT = "rebalancer-epoch"
_LARGEST_FILE = 1000
"""Bytes; ours has about sixty."""
_log = logging.getLogger(__name__)


def epoch_file(ledger: Path) -> Path:
    """``ledger.epoch`` beside ``ledger.sqlite``."""
    return ledger.with_suffix(".epoch")


class EpochFile:
    """The epoch that is known beside the ledger at ``ledger``."""

    def __init__(self, ledger: Path) -> None:
        self.path = epoch_file(ledger)

    def read(self) -> int:
        """0 when there is none, or none that can be understood: then nothing is known, and nothing is claimed."""
        try:
            if self.path.stat().st_size > _LARGEST_FILE:
                return 0
            found = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return 0
        if not isinstance(found, dict) or found.get("format") != _FORMAT or found.get("version") != 1:
            return 0
        epoch = found.get("epoch")
        return epoch if isinstance(epoch, int) and not isinstance(epoch, bool) and epoch > 0 else 0

    def write(self, epoch: int) -> bool:
        """Durably; False where the disk refuses: what was committed stands all the same, and the next commit tries again."""
        content = json.dumps({"format": _FORMAT, "version": 1, "epoch": epoch})
        try:
            replace_file(self.path, f"{content}\n".encode())
        except OSError as error:
            _log.info("the epoch %d could not be written to %s: %s", epoch, self.path, error)
            return False
        return True
