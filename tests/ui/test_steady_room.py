"""Room that comes and goes at the lower end of a form: it moves nothing that is under the mouse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from rebalancer_gui.ui.widgets import steady_room
from rebalancer_gui.ui.widgets.steady_room import SteadyRoom

HIGH = 60


class Form:
    """A field above, and below it a panel with a headline and the room; the mouse is where ``mouse`` says."""

    def __init__(self) -> None:
        self.mouse = QPoint(-1, -1)
        self.window = QWidget()
        self.window.resize(300, 400)
        self.field = QWidget()
        self.panel = QWidget()
        self.headline = QLabel("What to expect")
        self.content = QLabel("Too small to rebalance")
        self.content.setFixedHeight(HIGH)
        self.room = SteadyRoom(self.content, self.panel, air=4, pointer=lambda: self.mouse)
        inner = QVBoxLayout(self.panel)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.headline)
        inner.addWidget(self.room)
        outer = QVBoxLayout(self.window)
        outer.addWidget(self.field, 1)
        outer.addWidget(self.panel)
        self.settled: list[bool] = []
        self.room.settled.connect(lambda: self.settled.append(True))

    def point_at(self, widget: QWidget, up: int = 0) -> None:
        """The mouse goes to the middle of ``widget``, or so many pixels above its upper edge."""
        middle = QPoint(widget.width() // 2, widget.height() // 2)
        self.mouse = widget.mapToGlobal(QPoint(middle.x(), -up) if up else middle)

    def want(self, *, wanted: bool) -> None:
        self.room.look(wanted=wanted)
        self.lay_out()

    def lay_out(self) -> None:
        for part in (self.panel, self.window):
            layout = part.layout()
            assert layout is not None
            layout.activate()
        QApplication.processEvents()

    def is_held(self) -> bool:
        return self.room.is_held

    @property
    def top(self) -> int:
        self.lay_out()
        return self.panel.y()


@pytest.fixture
def form(qtbot: QtBot, qapp: QApplication) -> Iterator[Form]:
    made = Form()
    qtbot.addWidget(made.window)
    with qtbot.waitActive(made.window):
        made.window.show()
        made.window.activateWindow()
    QApplication.processEvents()
    yield made
    made.want(wanted=False)


def test_with_the_mouse_elsewhere_it_has_its_room_at_once_and_gives_it_back_at_once(form: Form) -> None:
    before = form.top
    form.want(wanted=True)
    assert form.content.isVisible()
    assert (form.room.height(), form.content.height(), form.content.y()) == (HIGH + 4, HIGH, 4)
    assert form.top == before - HIGH - 4
    form.want(wanted=False)
    assert not form.content.isVisible()
    assert form.top == before
    assert form.settled == []


@pytest.mark.parametrize("up", [0, 10], ids=["on the panel", "on what it would cover"])
def test_nothing_moves_under_the_mouse_and_it_comes_when_the_mouse_has_left(qtbot: QtBot, form: Form, up: int) -> None:
    form.point_at(form.headline, up)
    before = form.top
    form.want(wanted=True)
    assert form.is_held()
    assert form.top == before
    assert not form.content.isVisible()
    form.point_at(form.field)
    qtbot.waitUntil(form.content.isVisible)
    assert form.settled == [True]
    assert not form.is_held()
    assert form.top == before - HIGH - 4


def test_a_field_that_would_stay_where_it_is_holds_nothing_back(form: Form) -> None:
    form.point_at(form.panel, HIGH + 20)
    form.want(wanted=True)
    assert form.content.isVisible()


def test_what_goes_away_goes_at_once_and_its_room_only_when_the_mouse_has_left(qtbot: QtBot, form: Form) -> None:
    form.want(wanted=True)
    before = form.top
    form.point_at(form.field)
    form.want(wanted=False)
    assert not form.content.isVisible(), "what is not true any more is not shown"
    assert form.top == before
    assert not form.is_held()
    form.want(wanted=True)
    assert form.content.isVisible(), "its room is still there"
    form.want(wanted=False)
    form.mouse = QPoint(-1, -1)
    qtbot.waitUntil(lambda: form.top > before)
    assert form.room.height() == 0


def test_a_mouse_that_rests_holds_nothing_for_long(qtbot: QtBot, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady_room, "RESTS_MS", 30)
    form.point_at(form.headline)
    form.want(wanted=True)
    qtbot.waitUntil(form.content.isVisible)


def test_what_is_not_wanted_any_more_while_it_was_held_back_never_comes(form: Form) -> None:
    form.point_at(form.headline)
    form.want(wanted=True)
    form.want(wanted=False)
    assert form.settled == [True]
    form.point_at(form.field)
    form.room.look(wanted=False)
    assert not form.content.isVisible()
    assert form.room.height() == 0


def test_a_hidden_form_is_not_spared(form: Form) -> None:
    form.point_at(form.headline)
    form.window.hide()
    form.want(wanted=True)
    form.window.show()
    assert form.room.height() == HIGH + 4
