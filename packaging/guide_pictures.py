"""The pictures of the user guide: the real program on its demo market, driven through its own window.

    python packaging/guide_pictures.py docs/pictures

Begins in an empty throw-away data folder like a first start, goes through what the guide tells, and grabs window and dialogs
in the light and the dark theme. Needs the window's packages; draws offscreen unless QT_QPA_PLATFORM says otherwise. The
pictures of the README are made by readme_pictures.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QWidget

from readme_pictures import STRATEGIES, running, spin
from rebalancer_gui.application.commands import ChangePaperMarket, CreateStrategy, SetDemoPaused
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.bootstrap import PAPER_ACCOUNT
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.engine_thread import EngineThread
from rebalancer_gui.ui.main_window import MainWindow
from rebalancer_gui.ui.theme import ColourScheme, Theme

_RUN_MS = 15_000
_ANSWER_MS = 1500


WidgetT = TypeVar("WidgetT", bound=QWidget)


@dataclass
class Scene:
    """The running program."""

    window: MainWindow
    feed: EngineFeed
    thread: EngineThread
    theme: Theme
    folder: Path

    def find(self, name: str, kind: type[WidgetT]) -> WidgetT:
        """The visible widget of this objectName and kind; LookupError where there is none."""
        for widget in (
            *self.window.findChildren(kind, name),
            *(dialog.findChild(kind, name) for dialog in self.dialogs()),
        ):
            if widget is not None and widget.isVisible():
                return widget
        raise LookupError(f"no {name} is to be seen")

    def dialogs(self) -> list[QDialog]:
        return [dialog for dialog in self.window.findChildren(QDialog) if dialog.isVisible()]

    def press(self, name: str) -> None:
        button = self.find(name, QPushButton)
        if not button.isEnabled():
            raise LookupError(f"{name} cannot be pressed: {button.toolTip()}")
        button.click()
        spin(lambda: False, _ANSWER_MS)

    def write(self, name: str, text: str) -> None:
        edit = self.find(name, QLineEdit)
        edit.setText(text)
        edit.textEdited.emit(text)
        spin(lambda: False, _ANSWER_MS)

    def take(self, name: str, part: Callable[[], QWidget] | None = None) -> None:
        """One picture per theme: the window with the dialog in its middle, or only a part of it."""
        for scheme in (ColourScheme.LIGHT, ColourScheme.DARK):
            self.theme.set_scheme(scheme)
            spin(lambda: False, 700)
            picture = self._grab() if part is None else part().grab()
            image = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
            image.save(str(self.folder / f"{name}-{scheme.value}.png"), None, 0)
        self.theme.set_scheme(ColourScheme.LIGHT)

    def _grab(self) -> QPixmap:
        picture = self.window.grab()
        for dialog in self.dialogs():
            where = QRect(QPoint(0, 0), dialog.size())
            where.moveCenter(self.window.rect().center())
            dialog.render(picture, where.topLeft())
            painter = QPainter(picture)
            painter.setPen(QColor(self.theme.tokens.edge))
            painter.drawRect(where.adjusted(-1, -1, 0, 0))
            painter.end()
        return picture

    def close_dialogs(self) -> None:
        for dialog in self.dialogs():
            dialog.reject()
        spin(lambda: False, 300)


def take_all(scene: Scene) -> None:
    """In the order in which a newcomer meets them."""
    feed, window, thread = scene.feed, scene.window, scene.thread
    scene.take("welcome")
    scene.press("welcomeDemoButton")
    scene.write("presetInvestmentEdit", "1000")
    scene.take("presets", lambda: window.create_panel)
    scene.press("presetCreateButton")
    scene.take("preview")
    scene.close_dialogs()
    scene.press("copyToManualButton")
    scene.write("investmentEdit", "1000")
    scene.take("manual", lambda: window.create_panel)
    window.create_panel.manual.advanced.set_open(True)
    scene.write("stopLossEdit", "-20")
    spin(lambda: False, _ANSWER_MS)
    scene.take("advanced", lambda: window.create_panel)
    window.create_panel.manual.clear()
    for number, parameters in enumerate(STRATEGIES):
        thread.post(CreateStrategy(f"picture-{number}", PAPER_ACCOUNT, parameters))
    spin(lambda: False, _RUN_MS)
    thread.post(SetDemoPaused("picture-pause", PAPER_ACCOUNT, paused=True))
    spin(lambda: False, _ANSWER_MS)
    window.strategies.table.choose(feed.view.strategies[0].id if feed.view else "")
    for tab in ("orders", "rebalances", "journal"):
        window.details.show_tab(tab)
        spin(lambda: False, _ANSWER_MS)
        scene.take(tab)
    window.details.show_tab("ratios")
    scene.press("addFundsButton")
    scene.write("amountEdit", "500")
    scene.take("add-funds")
    scene.close_dialogs()
    scene.press("stopButton")
    scene.take("stop")
    scene.close_dialogs()
    thread.post(SetDemoPaused("picture-on", PAPER_ACCOUNT, paused=False))
    thread.post(ChangePaperMarket("picture-delist", PAPER_ACCOUNT, MarketEvent.DELIST, "SOL"))
    spin(lambda: bool(feed.view and feed.view.strategies[0].state is State.HALTED), 20_000)
    spin(lambda: False, _ANSWER_MS)
    scene.take("halted")


def main(folder: Path) -> int:
    """Write one PNG per scene and theme."""
    folder.mkdir(parents=True, exist_ok=True)
    with running() as (window, feed, thread, theme):
        spin(lambda: False, 2 * _ANSWER_MS)
        take_all(Scene(window, feed, thread, theme, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")))
