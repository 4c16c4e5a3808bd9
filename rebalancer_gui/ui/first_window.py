"""Before there is a window: the one QApplication, and whether another window runs on the same data.

No text is imported here: the root asks this first, then chooses the language, then imports the window.
"""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

from rebalancer_gui.ui.single_instance import SingleInstance


def make_application() -> QApplication:
    """The one QApplication of the process."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        return app
    app = QApplication(sys.argv[:1])
    app.setApplicationName("rebalancer")
    app.setApplicationDisplayName("")
    app.setDesktopFileName("rebalancer")
    return app


def is_first_window(data_dir_key: str) -> SingleInstance | None:
    """Who listens for later starts on the same data; None: another window runs and was asked to show itself.

    ``data_dir_key`` names the data folder. Makes the QApplication.
    """
    instance = SingleInstance(data_dir_key, make_application())
    return instance if instance.begin() else None
