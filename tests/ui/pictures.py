"""Pictures of every screen, by one command:

    python tests/ui/pictures.py FOLDER [--only WORD ...] [--theme light dark] [--size 1280x800 1024x700] [--scale 1 1.5 2]
                                       [--language de] [--country fr_FR]

Draws the real window and its dialogs over the scripted engine, offscreen unless QT_QPA_PLATFORM says otherwise, and writes
NAME-THEME-SIZE[-LANGUAGE][-COUNTRY][@SCALE].png and ``pictures.txt``, the list of them. ``--country`` is what the system says about
its user, as in LC_ALL: numbers are written that way. Each scale is a process of its own: Qt reads it at its start, as the window
its texts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QSystemTrayIcon, QWidget

from rebalancer_gui.ui.languages import LANGUAGES, install_language, install_qt_texts

LANGUAGE = os.environ.get("PICTURES_LANGUAGE", "en")
install_language(LANGUAGE)
# Only now: the texts of these modules are read at their import, hence E402 is off here.
from rebalancer_gui.ui.help.help_mark import ExplanationBox  # noqa: E402
from rebalancer_gui.ui.one_application import make_application  # noqa: E402
from rebalancer_gui.ui.theme import ColourScheme, current_theme  # noqa: E402
from tests.ui import account_pictures  # noqa: E402
from tests.ui.cockpit_screenshots import SCREENS_OF_COCKPIT  # noqa: E402
from tests.ui.live_screenshots import SCREENS_OF_LIVE  # noqa: E402
from tests.ui.more_screenshots import MORE_SCREENS  # noqa: E402
from tests.ui.picture_stage import spin, theme_of_pictures  # noqa: E402
from tests.ui.rule_screenshots import SCREENS_OF_RULES  # noqa: E402
from tests.ui.screenshots import SCREENS  # noqa: E402
from tests.ui.settings_screenshots import SCREENS_OF_SETTINGS  # noqa: E402

EVERY_SCREEN = {
    **SCREENS,
    **MORE_SCREENS,
    **SCREENS_OF_LIVE,
    **SCREENS_OF_COCKPIT,
    **SCREENS_OF_SETTINGS,
    **SCREENS_OF_RULES,
}
"""By name: what makes its stage, and what is done on it."""

ACCOUNTS = "accounts"
"""The two dialogs of accounts have no window behind them."""


def laid_over(window: QWidget) -> QPixmap:
    """The window that is in front, with every open dialog over its middle as the window system would lay it."""
    beside = [
        top
        for top in QApplication.topLevelWidgets()
        if top.isVisible() and top is not window and not isinstance(top, QDialog | ExplanationBox | QMenu)
    ]
    ground = beside[-1] if beside else window
    picture = ground.grab()
    for top in QApplication.topLevelWidgets():
        if top.isVisible() and isinstance(top, QDialog | ExplanationBox):
            where = QRect(QPoint(), top.size())
            where.moveCenter(ground.rect().center())
            _outlined(picture, where)
            top.render(picture, where.topLeft())
        elif top.isVisible() and isinstance(top, QMenu):
            top.render(picture, ground.mapFromGlobal(top.pos()))
    return picture


def _outlined(picture: QPixmap, where: QRect) -> None:
    """A frame, which the window system draws around a dialog."""
    painter = QPainter(picture)
    painter.setPen(QColor(current_theme().tokens.edge))
    painter.drawRect(where.adjusted(-1, -1, 0, 0))
    painter.end()


def take(
    folder: Path, names: list[str], schemes: list[ColourScheme], sizes: list[tuple[int, int]], ending: str
) -> Iterator[str]:
    """One PNG per screen, theme and size; yields the name of each file."""
    QSystemTrayIcon.isSystemTrayAvailable = staticmethod(lambda: True)  # type: ignore[method-assign]
    for name in names:
        make, act = EVERY_SCREEN[name]
        for size in sizes:
            stage = make()
            window = stage.open(schemes[0], size)
            act(stage)
            for scheme in schemes:
                current_theme().set_scheme(scheme)
                spin(lambda: True, 250)
                # What has changed in the last turn has its new place a turn later.
                QApplication.processEvents()
                QApplication.processEvents()
                file = f"{name}-{scheme.value}-{size[0]}{ending}.png"
                laid_over(window).save(str(folder / file))
                yield file
            stage.close()


def _accounts(folder: Path, schemes: list[ColourScheme], ending: str) -> Iterator[str]:
    for scheme in schemes:
        current_theme().set_scheme(scheme)
        account_pictures.draw(folder, scheme, ending)
        yield from (f"{name}-{scheme.value}{ending}.png" for name in ("account", "accounts"))


def _size(text: str) -> tuple[int, int]:
    width, height = text.split("x")
    return int(width), int(height)


def _wishes(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Takes a picture of every screen.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", default=[""], metavar="WORD", help="screens whose name contains a word")
    parser.add_argument(
        "--exactly", nargs="+", default=[], metavar="NAME", choices=[*EVERY_SCREEN, ACCOUNTS], help="these"
    )
    parser.add_argument("--theme", nargs="+", default=["light", "dark"], choices=("light", "dark"))
    parser.add_argument("--size", nargs="+", default=["1280x800", "1024x700"], metavar="WxH")
    parser.add_argument("--scale", nargs="+", type=float, default=[1, 1.5, 2])
    parser.add_argument("--language", default="en", choices=tuple(LANGUAGES))
    parser.add_argument(
        "--country", default="", metavar="LOCALE", help="such as fr_FR; where not given, en_US or de_DE"
    )
    return parser.parse_args(arguments)


def _child(arguments: list[str], wish: argparse.Namespace, scale: float) -> int:
    """Take the pictures of one scale, on an offscreen screen that has as much room at every scale."""
    with tempfile.TemporaryDirectory() as place:
        screens = Path(place) / "screens.json"
        screen = {"name": "picture", "x": 0, "y": 0, "width": round(1920 * scale), "height": round(1080 * scale)}
        screens.write_text(json.dumps({"screens": [screen | {"logicalDpi": 96, "dpr": 1}]}), encoding="utf-8")
        country = wish.country or {"en": "en_US", "de": "de_DE"}[wish.language]
        environment = os.environ | {"QT_SCALE_FACTOR": f"{scale:g}", "PICTURES_SCALE": f"{scale:g}"}
        environment |= {"PICTURES_LANGUAGE": wish.language, "LC_ALL": f"{country}.UTF-8", "LANGUAGE": ""}
        if environment["QT_QPA_PLATFORM"] == "offscreen":
            environment["QT_QPA_PLATFORM"] = f"offscreen:configfile={screens}"
        return subprocess.run([sys.executable, __file__, *arguments], env=environment, check=False).returncode


def main(arguments: list[str]) -> int:
    """A child for each scale; without scales the pictures of the scale that the environment names."""
    wish = _wishes(arguments)
    wish.folder.mkdir(parents=True, exist_ok=True)
    chosen = [name for name in (*EVERY_SCREEN, ACCOUNTS) if any(word in name for word in wish.only)]
    chosen = wish.exactly or chosen
    scale = os.environ.get("PICTURES_SCALE")
    if scale is None:
        return max(_child(arguments, wish, wanted) for wanted in wish.scale)
    spoken = [word for word in (wish.language if wish.language != "en" else "", wish.country) if word]
    ending = "".join(f"-{word}" for word in spoken) + ("" if scale == "1" else f"@{scale}")
    schemes = [ColourScheme(theme) for theme in wish.theme]
    theme_of_pictures()
    install_qt_texts(make_application(), LANGUAGE)
    with (wish.folder / "pictures.txt").open("a", encoding="utf-8") as listed:
        for file in take(wish.folder, [c for c in chosen if c != ACCOUNTS], schemes, [*map(_size, wish.size)], ending):
            print(file, file=listed, flush=True)
        if ACCOUNTS in chosen:
            for file in _accounts(wish.folder, schemes, ending):
                print(file, file=listed, flush=True)
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    # Windows that are still there take each other down in any order; the pictures are written.
    os._exit(code)
