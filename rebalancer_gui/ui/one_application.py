"""The one QApplication of the process. As light as can be: it stands before everything that is shown at a start."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

from rebalancer_gui.ui.module_sources import leave_sources_alone

# Before all the modules that are imported next.
leave_sources_alone()


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
