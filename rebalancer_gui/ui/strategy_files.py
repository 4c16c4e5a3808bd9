"""Strategy files in the window: import into the Manual form, export, duplicate. Nothing is created by any of them."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.errors import InvalidFile, InvalidInput
from rebalancer_gui.domain.strategy import OCCUPYING, StrategyParameters
from rebalancer_gui.domain.strategy_file import parse_strategy, write_strategy
from rebalancer_gui.ui.create.drafts import draft_of
from rebalancer_gui.ui.dialogs.import_files import ImportFilesDialog, ReadFile
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.message_box import tell

_FILTER = tr("Strategy files (*.json)")
_MOST_PROBLEMS = 20
_MOST_BYTES = 2_000_000
"""Longer files are not read whole: a strategy file has at most 1 MB, and is then refused for its length."""


class StrategyFiles(QObject):
    """`drafted(object)` carries a Draft for the Manual form. `said(str)`: what came of an export. GUI thread only."""

    drafted = Signal(object)
    said = Signal(str)

    def __init__(self, feed: EngineFeed, window: QWidget, numbers: NumberFormat) -> None:
        super().__init__(window)
        self._feed, self._window, self._numbers = feed, window, numbers
        self._looking: ImportFilesDialog | None = None

    @Slot()
    def ask_import(self) -> None:
        """Choose a file and read it."""
        name, _ = QFileDialog.getOpenFileName(self._window, tr("Import strategy"), "", _FILTER)
        if name:
            self.read(Path(name))

    def read(self, path: Path) -> None:
        """Fill the form from a file, or say everything that is wrong with it; the form then stays as it was."""
        file = read_file(path)
        if file.parameters is None:
            self._warn(path, file.problems)
        else:
            self.draft(file.parameters)

    @Slot(object)
    def look_at(self, paths: tuple[Path, ...]) -> None:
        """Files that were dropped: what is in them is shown first, and one may go into the form."""
        if self._looking is not None:
            self._looking.close()
        dialog = ImportFilesDialog([read_file(path) for path in paths], self._numbers, self._window)
        dialog.chosen.connect(self.draft)
        dialog.finished.connect(self._looked)
        self._looking = dialog
        dialog.open()

    @Slot()
    def _looked(self) -> None:
        self._looking = None

    @Slot(str)
    def refuse(self, why: str) -> None:
        """What was dropped is no file."""
        tell(self._window, "dropRefused", tr("Import strategy"), why, bad=False)

    @Slot(object)
    def draft(self, parameters: StrategyParameters) -> None:
        """Into the form, under a name that is free."""
        self.drafted.emit(draft_of(parameters, self._names()))

    def duplicate(self, view: StrategyView) -> None:
        """The parameters of a strategy in the form, under another name."""
        self.drafted.emit(draft_of(view.parameters, self._names()))

    def ask_export(self, view: StrategyView) -> None:
        """Choose a place and write the strategy's file there."""
        plain = re.sub(r"[^\w-]+", "-", view.parameters.name).strip("-") or "strategy"
        name, _ = QFileDialog.getSaveFileName(self._window, tr("Export strategy"), f"{plain}.json", _FILTER)
        if name:
            self.write(view, Path(name))

    def write(self, view: StrategyView, path: Path) -> None:
        """Whole or not at all: a file that was there stays when the new one cannot be written."""
        draft = path.with_name(f"{path.name}.part")
        try:
            draft.write_text(write_strategy(view.parameters, view.score.net_invested), "utf-8")
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            why = tr("The file was not written: {value}.", value=error.strerror or error)
            tell(self._window, "exportProblem", tr("Export strategy"), why)
        else:
            self.said.emit(tr("{name} was written to {path}.", name=view.parameters.name, path=path.name))

    def _names(self) -> list[str]:
        view = self._feed.view
        return [s.parameters.name for s in view.strategies if s.state in OCCUPYING] if view is not None else []

    def _warn(self, path: Path, text: str) -> None:
        words = tr("{path} was not imported.\n\n{text}", path=path.name, text=text)
        tell(self._window, "importProblems", tr("Import strategy"), words)


def read_file(path: Path) -> ReadFile:
    """What is in a strategy file, or everything that is wrong with it."""
    name = path.name or str(path)
    if path.is_dir():
        return ReadFile(name, None, tr("This is a folder. Drop the strategy files that are in it."))
    try:
        with path.open("rb") as file:
            return ReadFile(name, parse_strategy(file.read(_MOST_BYTES)).parameters)
    except InvalidFile as refused:
        return ReadFile(
            name, None, "\n".join(f"{p.field}: {said(p.message)}" for p in refused.problems[:_MOST_PROBLEMS])
        )
    except InvalidInput as refused:
        return ReadFile(name, None, f"{refused.field}: {said(refused.message)}")
    except OSError as error:
        return ReadFile(name, None, tr("The file cannot be read: {value}.", value=error.strerror or error))
