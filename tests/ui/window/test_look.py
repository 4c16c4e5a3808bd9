"""What gives way when the window gets narrower, also while no new prices come."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.ui.language.pseudo import cut


def test_the_headers_of_the_ratios_get_shorter_with_the_window_and_longer_with_it(desk):
    window = desk.window
    ratios = window.details.tabs.ratios
    column = ratios.model.column_of("drift")

    def title() -> str:
        QApplication.processEvents()
        return str(ratios.model.headerData(column, Qt.Orientation.Horizontal))

    window.resize(1280, 800)
    assert title() == "Drift, pp (marks: threshold \u00b15)"
    window.resize(1024, 700)
    assert title() == "Drift, pp (\u00b15)"
    assert [text for text in cut([ratios.table]) if " header " in text] == []
    window.resize(1280, 800)
    assert title() == "Drift, pp (marks: threshold \u00b15)"
