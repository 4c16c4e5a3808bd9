"""Stop all as a file: whoever may write to the data folder can stop trading, also while the program runs."""

from __future__ import annotations

import os
from pathlib import Path

from rebalancer_gui.adapters.storage.safe_files import replace_file, sync_folder
from rebalancer_gui.domain.errors import EnvironmentProblem

STOP_FILE = "STOP"
_CONTENT = b"Stop all is on: no order is begun. `rebalancer resume-all` or Resume trading in the window takes this file away.\n"


class StopFile:
    """Implements ``application.ports.StopSignal``. ``folder`` is the data folder, which exists."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / STOP_FILE

    def is_set(self) -> bool:
        """Whatever stands under that name, a link to nowhere too."""
        return os.path.lexists(self.path)

    def set(self) -> None:
        """On disk before it returns. Raises EnvironmentProblem."""
        try:
            replace_file(self.path, _CONTENT)
        except OSError as error:
            raise EnvironmentProblem(
                f"The file {self.path} cannot be written: {error.strerror}.",
                "Stop the program itself to be sure that nothing is traded.",
            ) from error

    def clear(self) -> None:
        """Raises EnvironmentProblem where the file cannot be taken away: trading then stays stopped."""
        try:
            self.path.unlink(missing_ok=True)
            if self.path.parent.is_dir():
                sync_folder(self.path.parent)
        except OSError as error:
            raise EnvironmentProblem(
                f"The file {self.path} cannot be removed: {error.strerror}.", "Remove it yourself to trade again."
            ) from error
