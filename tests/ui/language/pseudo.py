"""The window in a language that nobody speaks: each translated text stands in marks and is 40 % longer.

    python tests/ui/language/pseudo.py pseudo [STOP]     # or `de` instead of `pseudo`; STOP: only those with this in the name

Walks through every window and dialog. Prints JSON: for each stop the texts that stand outside of marks ("escaped") and the
widgets whose text does not fit at 1280 x 800 or at 1024 x 700 ("cut"). A process of its own: texts in constants are
translated when the window's modules are imported.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QAbstractItemModel, QLocale, QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QRadioButton,
    QTabBar,
    QTableView,
    QWidget,
)

from rebalancer_gui.resources_path import resource_dir
from rebalancer_gui.ui.engine_texts import install_templates
from rebalancer_gui.ui.formatting import NumberMarks
from rebalancer_gui.ui.languages import install_language
from rebalancer_gui.ui.one_application import make_application
from rebalancer_gui.ui.translation import install_catalogue
from rebalancer_gui.ui.widgets.labels import ElidedLabel

OPEN, CLOSE = "\u27e6", "\u27e7"
_ROWS = 30
"""So many rows of each table are read."""
_PLACE = re.compile(r"(\{\w+\})")
_MARKED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_TAG = re.compile(r"<[^>]*>")
_EDGES = 6
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[A-Za-z]*[a-z]{2,}[A-Za-z]*")
"""Tickers and marks such as BTC, USDT, HODL, PAPER are the same in every language."""
_DATA = re.compile(
    r"Rebalancer|Paper - replayed prices|Core 4|BNB Chain( 3)?|DeFi( basket)?|Alt dip|Main Coins|Payments|"
    r"Smart-contract platforms|Binance( mai\w?)?|(wrong|right)\.json|/somewhere/[a-z/]*|"
    r"Ctrl\+|Scroll (Left|Right)|Export\.\.\.|\b(min|nbsp)\b|daily closes of 2020-09 to 2022-09 with a seeded "
    r"bridge between two days|A calmer core|rb[0-9a-z]{12,}|web_\w+|\bversion: "
)
"""What people named, what files and their fields are called, units, and what Qt and the plots say themselves."""
_SCRIPTED = re.compile(
    r"(Core 4|Alt dip) rebalanced \([^)]*\): \d orders worth [\d.]+|Core 4 proposes to rebalance|"
    r"The account's file is damaged: database disk image is malformed|The exchange holds 0.5 BTC, the ledger 0.6|"
    r"Money is missing that belongs to strategies|Nothing was overwritten\. Put a copy from the folder backups in its place, or "
    r"move the file away to begin with a new paper account\.|[Aa]n order that is not this program's holds 0\.01 BTC|"
    r"[Tt]he venue refused three orders of BTC/USDT in a row|First class|Proven on loopback: the whole wire suite and the "
    r"contract of all venues\. Not yet confirmed on the real exchange\."
)
"""Sentences that only the scripted account says, which stands for the engine here."""
_LISTS_OF_NAMES = frozenset({"exchangeCombo", "coinList", "logList", "accountCombo", "accountName0"})
"""Exchanges, coins and accounts by their names; and the log, which is English for whoever helps."""


def pseudo(_context: str, text: str, _comment: str, count: int) -> str:
    """The text in marks, 40 % longer; its places and outer blanks stay."""
    body = text.strip(" ")
    lead, tail = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
    longer = "\u00e9" * max(1, round(len(_PLACE.sub("", body)) * 0.4 - 2))
    return f"{lead}{OPEN}{body}{longer}{CLOSE}{tail}" if count < 0 else f"{OPEN}{text}{longer}{CLOSE}"


def outside_of_marks(text: str) -> list[str]:
    """Words of three letters and more that no translated text holds."""
    shown = _DATA.sub(" ", _SCRIPTED.sub(" ", _TAG.sub(" ", text)))
    while _MARKED.search(shown):
        shown = _MARKED.sub(" ", shown)
    return _WORD.findall(shown)


def texts_of(widget: QWidget) -> Iterator[tuple[str, str]]:
    """(what it is, text) of one widget."""
    yield "tooltip", widget.toolTip()
    yield "name", widget.accessibleName()
    yield "description", widget.accessibleDescription()
    if widget.isWindow():
        yield "title", widget.windowTitle()
    if isinstance(widget, (QLabel, QAbstractButton)):
        yield "text", widget.text()
    if isinstance(widget, QLineEdit):
        yield "placeholder", widget.placeholderText()
    if isinstance(widget, QTabBar):
        for tab in range(widget.count()):
            yield "tab", widget.tabText(tab)
            yield "tooltip", widget.tabToolTip(tab)
    if isinstance(widget, QComboBox):
        for item in range(min(widget.count(), _ROWS)):
            yield "item", widget.itemText(item)
    if isinstance(widget, QTableView):
        yield from _of_model(widget.model(), widget.horizontalHeader().count())
    elif isinstance(widget, QListView) and not isinstance(widget.window(), QComboBox):
        yield from _of_model(widget.model(), 1)


def _of_model(model: QAbstractItemModel, columns: int) -> Iterator[tuple[str, str]]:
    roles = (
        ("cell", Qt.ItemDataRole.DisplayRole),
        ("tooltip", Qt.ItemDataRole.ToolTipRole),
        ("name", Qt.ItemDataRole.AccessibleTextRole),
    )
    root = QModelIndex()
    for column in range(columns):
        for what, role in roles:
            yield f"header {what}", str(model.headerData(column, Qt.Orientation.Horizontal, role) or "")
        for row in range(min(model.rowCount(root), _ROWS)):
            for what, role in roles:
                found = model.index(row, column, root).data(role)
                yield what, found if isinstance(found, str) else ""


def escaped(tops: list[QWidget]) -> list[str]:
    """Texts outside of marks, with the widget they stand in."""
    found: dict[str, None] = {}
    for top in tops:
        for widget in [top, *top.findChildren(QWidget)]:
            if _is_list_of_names(widget):
                continue
            for what, text in texts_of(widget):
                words = outside_of_marks(text)
                if words:
                    found[f"{type(widget).__name__} {widget.objectName()} {what}: {text!r}"] = None
        for action in top.findChildren(QAction):
            if outside_of_marks(action.text()):
                found[f"QAction {action.objectName()} text: {action.text()!r}"] = None
    return list(found)


def _is_list_of_names(widget: QWidget) -> bool:
    above: QWidget | None = widget
    while above is not None and above.objectName() not in _LISTS_OF_NAMES:
        above = above.parentWidget()
    return above is not None


def cut(tops: list[QWidget]) -> list[str]:
    """Visible texts that have not the room they need; what gives way with an ellipsis says the whole in its tooltip."""
    shown = [widget for top in tops for widget in top.findChildren(QWidget) if widget.isVisible()]
    return [why for widget in shown if (why := _too_small(widget))]


def too_large(dialogs: list[QWidget]) -> list[str]:
    """Dialogs that do not fit on a screen of 1024 x 700."""
    width, height = 1024, 700
    return [
        f"{dialog.objectName()} is at least {dialog.minimumSizeHint().width()} x {dialog.minimumSizeHint().height()}"
        for dialog in dialogs
        if dialog.minimumSizeHint().width() > width or dialog.minimumSizeHint().height() > height
    ]


def _too_small(widget: QWidget) -> str:
    name = f"{type(widget).__name__} {widget.objectName()}"
    if isinstance(widget, ElidedLabel):
        is_cut = widget.fontMetrics().horizontalAdvance(widget.text()) > widget.contentsRect().width()
        return f"{name} {widget.text()[:60]!r} is cut without a tooltip" if is_cut and not widget.toolTip() else ""
    if isinstance(widget, QLabel) and widget.text():
        return "" if not widget.pixmap().isNull() else _label(name, widget)
    if isinstance(widget, QPushButton) and widget.text():
        if hasattr(widget, "is_cut"):
            return f"{name} {widget.text()!r} ends in an ellipsis at {widget.width()}" if widget.is_cut else ""
        needed = widget.fontMetrics().horizontalAdvance(widget.text()) + _EDGES
        return f"{name} {widget.text()[:60]!r} {widget.width()} needs {needed}" if needed > widget.width() else ""
    if isinstance(widget, (QCheckBox, QRadioButton)) and widget.text():
        needed = widget.sizeHint().width()
        return f"{name} {widget.text()[:60]!r} {widget.width()} needs {needed}" if needed > widget.width() + 1 else ""
    if isinstance(widget, QTabBar):
        return _tab_bar(name, widget)
    if isinstance(widget, QTableView):
        return _table(name, widget)
    return ""


def _label(name: str, widget: QLabel) -> str:
    shown = f"{name} {widget.text()[:60]!r} in {widget.width()}x{widget.height()}"
    if widget.wordWrap():
        needed = widget.heightForWidth(widget.width())
        return f"{shown} needs height {needed}" if needed > widget.height() + 1 else ""
    needed = widget.sizeHint().width()
    return f"{shown} needs width {needed}" if needed > widget.width() + 1 else ""


def _tab_bar(name: str, bar: QTabBar) -> str:
    for tab in range(bar.count()):
        room, needed = bar.tabRect(tab).width(), bar.fontMetrics().horizontalAdvance(bar.tabText(tab))
        is_out = bar.tabRect(tab).right() > bar.width() + 1 and not bar.usesScrollButtons()
        if needed > room or is_out:
            return f"{name} tab {bar.tabText(tab)!r} {room} needs {needed}, bar {bar.width()}"
    return ""


def _table(name: str, table: QTableView) -> str:
    """Titles of columns that are cut and say nothing in a tooltip; numbers (aligned right) that are cut at all."""
    header, model = table.horizontalHeader(), table.model()
    for column in range(header.count()):
        if table.isColumnHidden(column) or not header.sectionSize(column):
            continue
        title = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        tip = model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        needed = header.fontMetrics().horizontalAdvance(title)
        if header.isVisible() and needed > header.sectionSize(column) and not tip:
            return f"{name} header {title!r} {header.sectionSize(column)} needs {needed}"
        for row in range(min(model.rowCount(), _ROWS)):
            index = model.index(row, column)
            text = index.data()
            aligned = index.data(Qt.ItemDataRole.TextAlignmentRole)
            if isinstance(text, str) and aligned is not None and int(aligned) & Qt.AlignmentFlag.AlignRight.value:
                needed = table.fontMetrics().horizontalAdvance(text)
                if _DIGIT.search(text) and needed > header.sectionSize(column):
                    return f"{name} number {text!r} {header.sectionSize(column)} needs {needed}"
    return ""


def speak(language: str) -> None:
    """Install the pseudo-language, or a real one."""
    if language != "pseudo":
        install_language(language)
        return
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    install_catalogue(pseudo)
    sentences = (resource_dir() / "languages" / "engine.json").read_text(encoding="utf-8")
    install_templates(json.loads(sentences), pseudo, NumberMarks())


def main(language: str, word: str) -> None:
    app = make_application()
    speak(language)
    # Only now: the texts of these modules are read at their import.
    from tests.ui.language.walk import DENSEST, SIZES, walk

    report: dict[str, dict[str, list[str]]] = {}
    for stop, tops in walk(word, DENSEST if language == "en" else None):
        found = report[stop] = {"escaped": escaped(tops) if language == "pseudo" else [], "cut": []}
        for width, height in SIZES:
            tops[0].resize(width, height)
            # What is too narrow gives way in turns, some of them in the next turn of the loop.
            for _ in range(12):
                app.processEvents()
            found["cut"] += [f"{width}: {text}" for text in [*cut(tops), *too_large(tops[1:])]]
    print(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
    # What still runs behind a window that was put away is not waited for.
    sys.stdout.flush()
    os._exit(0)
