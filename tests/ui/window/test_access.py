"""Every window and dialog for somebody who has no mouse, or hears instead of seeing: one walk through all of them."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from rebalancer_gui import ui
from rebalancer_gui.resources_path import guide_dir
from rebalancer_gui.ui.help.guide import Guide
from rebalancer_gui.ui.help.help_mark import HelpMark
from rebalancer_gui.ui.help.topics import TOPICS
from tests.ui.parts import settle, theme_of
from tests.ui.window.access_around import Around
from tests.ui.window.access_audit import (
    LEAST_PIXELS,
    against_the_eye,
    faults,
    kind_of,
    reachable,
    seen_pixels,
    spot,
    topmost,
    walked,
)
from tests.ui.window.access_colour import by_colour_alone
from tests.ui.window.access_help import BESIDE, NO_TOPIC, PAGES, outwards, words_around
from tests.ui.window.access_screens import screens
from tests.ui.window.conftest import opening_desks

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "raise\\(\\)", extend=True)


BOXES = re.compile(
    r"""\bQuestion\(\s*"(\w+)"|\btell\(\s*[\w.]+,\s*"(\w+)"|(?:box|asked)\.setObjectName\("(\w+)"\)""",
)
"""How questions and messages get their names in the source."""


@dataclass
class Walk:
    """What was found on the way, as sentences with the screen's name."""

    seen: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    reach: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    focus: list[str] = field(default_factory=list)
    start: list[str] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    marks: dict[str, set[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    around: Around = field(default_factory=Around)

    def look_at(self, screen: str, root: QWidget) -> None:
        """Everything that is asked of a screen."""
        self.seen.append(screen)
        root.activateWindow()
        settle()
        assert root.isActiveWindow(), screen
        self._look_at_start(screen, root)
        self.names += [f"{screen}: {fault}" for fault in faults(root)]
        wanted = reachable(root)
        self.strange += [f"{screen}: {spot(w)}" for w in wanted if not any(name in TOPICS for name in outwards(w))]
        self.colours += [f"{screen}: {wrong}" for wrong in by_colour_alone(root)]
        self._look_at_marks(screen, root)
        first = topmost(root, wanted) if wanted else root

        def met(before: QWidget | None, at: QWidget) -> None:
            if before is not None and at is not first:
                wrong = against_the_eye(root, before, at)
                self.order += [f"{screen}: {wrong}"] if wrong else []
            self._look_at_focus(screen, root, at)

        there = walked(root, met)
        self.reach += [f"{screen}: Tab does not come to {spot(w)}" for w in wanted if w not in there and w.isVisible()]
        back = set(walked(root, back=True))
        lacking = [w for w in wanted if w in there and w not in back]
        # An area that is not scrolled any more, because its window has grown meanwhile, is no stop any more.
        still = reachable(root) if lacking else []
        self.reach += [f"{screen}: Shift+Tab does not come to {spot(w)}" for w in lacking if w in still]

    def _look_at_start(self, screen: str, root: QWidget) -> None:
        at = cast("QWidget | None", root.focusWidget())
        if not isinstance(root, QDialog):
            return
        if at is None or at is root:
            self.start.append(f"{screen}: nothing has the focus")
        elif (
            isinstance(at, QAbstractButton)
            and at.property("kind") in {"main", "danger"}
            and "Close" not in at.objectName()
        ):
            self.start.append(f"{screen}: the focus begins on {spot(at)}")

    def _look_at_marks(self, screen: str, root: QWidget) -> None:
        """Beside which words each question mark stands."""
        for mark in root.findChildren(HelpMark):
            if mark.isVisible() and mark.window() is root:
                self.marks.setdefault(mark.objectName(), set()).add(words_around(mark))

    def _look_at_focus(self, screen: str, root: QWidget, at: QWidget) -> None:
        """One control of each kind."""
        kind = kind_of(at)
        if kind in self.kinds or not at.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return
        self.kinds[kind] = screen
        pixels = seen_pixels(root, at)
        if pixels < LEAST_PIXELS:
            self.focus.append(f"{screen}: the focus on {spot(at)} ({kind}) shows in {pixels} pixels")


@pytest.fixture(scope="module")
def walk(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walk]:
    """All screens, once."""
    qtbot = QtBot(request)
    made = Walk()
    with opening_desks(qtbot, qapp) as open_desk:
        for screen, root in screens(open_desk, qtbot, tmp_path_factory.mktemp("access"), made.around):
            made.look_at(screen, root)
    yield made
    theme_of(qapp)


def test_every_control_of_every_screen_has_a_name_of_its_own_and_says_why_when_it_cannot_be_used(walk: Walk):
    assert len(walk.seen) >= 50
    assert not walk.names, "\n".join(walk.names)


def test_every_dialog_and_every_question_that_the_program_has_is_on_the_walk(walk: Walk):
    for module in pkgutil.walk_packages(ui.__path__, f"{ui.__name__}."):
        importlib.import_module(module.name)
    met = set(walk.around.opened.values())
    assert {kind.__name__ for kind in program_dialogs(QDialog)} - {kind.__name__ for kind in met} == set()
    source = "".join(file.read_text(encoding="utf-8") for file in Path(ui.__path__[0]).rglob("*.py"))
    boxes = {name for found in BOXES.findall(source) for name in found if name}
    assert len(boxes) >= 15
    assert boxes - set(walk.around.opened) == set()


def program_dialogs(base: type[QDialog]) -> Iterator[type[QDialog]]:
    """Those of which the program opens windows: each class that no other one is made of."""
    for kind in base.__subclasses__():
        if kind.__subclasses__():
            yield from program_dialogs(kind)
        elif kind.__module__.startswith(ui.__name__):
            yield kind


def test_nothing_on_any_screen_is_said_by_the_colour_of_a_number_alone(walk: Walk):
    assert not walk.colours, "\n".join(walk.colours)


def test_f1_knows_a_place_of_the_guide_for_every_control_of_every_screen(walk: Walk):
    assert [where for where in walk.strange if not any(f" {name}" in where for name in NO_TOPIC)] == []


def test_f1_opens_the_guide_at_the_place_of_each_dialog(walk: Walk):
    guide = Guide(guide_dir())
    asked = walk.around.asked
    assert set(walk.around.opened) - set(asked) <= {"guideWindow", "testRuleWindow"}
    for dialog, place in asked.items():
        assert guide.find(place) is not None, f"{dialog}: {place}"
    pages = {dialog: place.partition("#")[0] for dialog, place in asked.items()}
    assert pages == PAGES


def test_every_question_mark_stands_at_its_term(walk: Walk):
    assert walk.marks.keys() == BESIDE.keys()
    for mark, words in walk.marks.items():
        assert any(all(part in one for part in BESIDE[mark]) for one in words), f"{mark}: {words}"


def test_tab_and_shift_tab_come_to_every_control_of_every_screen(walk: Walk):
    assert walk.reach == []


def test_tab_goes_down_and_to_the_right_on_every_screen(walk: Walk):
    assert walk.order == []


def test_no_dialog_begins_on_the_button_that_moves_money(walk: Walk):
    assert walk.start == []


def test_it_is_seen_which_control_of_any_kind_has_the_keyboard(walk: Walk):
    assert len(walk.kinds) >= 25
    assert walk.focus == []


def test_what_opened_a_dialog_has_the_keyboard_again_when_it_is_closed(walk: Walk):
    assert walk.around.lost == []


def test_enter_in_a_field_of_a_dialog_moves_nothing(walk: Walk):
    assert walk.around.entered == []


def test_escape_leaves_every_dialog_without_doing_anything(walk: Walk):
    assert walk.around.left == []
