"""What stands on the screen while the program is imported: at once, and only until the window is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from rebalancer_gui.ui.opening import Opening, show_opening
from rebalancer_gui.ui.tokens import DARK, LIGHT

ROOT = Path(__file__).resolve().parents[2]


def test_it_is_painted_when_it_is_given_back_and_goes_when_another_window_shows(qtbot):
    opening = show_opening()
    assert opening.isVisible()
    assert opening.painted
    assert opening.grab().toImage().pixelColor(8, 8).name().upper() in {LIGHT.surface.upper(), DARK.surface.upper()}
    qtbot.wait(100)
    assert opening.isVisible(), "there is no other window yet"

    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: not opening.isVisible())


def test_it_goes_by_itself_where_the_program_starts_in_the_tray_and_shows_no_window(qtbot):
    opening = show_opening()
    opening.leave_when_started()
    qtbot.wait(100)
    assert opening.isVisible(), "a window would have had this time to show"
    qtbot.waitUntil(lambda: not opening.isVisible(), timeout=5000)


def test_a_window_that_is_hidden_does_not_send_it_away(qtbot):
    hidden = QWidget()
    qtbot.addWidget(hidden)
    opening = Opening()
    qtbot.addWidget(opening)
    opening.show()
    qtbot.wait(100)
    assert opening.isVisible()
    assert all(w is opening or not w.isVisible() for w in QApplication.topLevelWidgets())


def test_nothing_of_the_program_is_imported_for_it():
    script = """
import sys
import rebalancer_gui.__main__, rebalancer_gui.ui.opening
print(*sorted(m for m in sys.modules if m.startswith("rebalancer_gui.")))
"""
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    light = {"__main__", "resources_path", "ui", "ui.module_sources", "ui.one_application", "ui.opening", "ui.tokens"}
    assert set(told.stdout.split()) == {f"rebalancer_gui.{name}" for name in light}
