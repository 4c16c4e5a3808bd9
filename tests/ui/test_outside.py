"""Links that a program of the system opens: without what a package set for itself, and it is said where nothing opens them."""

import os
import sys

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from rebalancer_gui.ui.outside import open_outside
from tests.ui.parts import found

NAMES = ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "LD_LIBRARY_PATH")


class Browser(QObject):
    """Sees what a program sees that is started for a link."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str]]] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.seen.append((url.toString(), {name: os.environ[name] for name in NAMES if name in os.environ}))


@pytest.fixture
def browser(qapp):
    made = Browser()
    QDesktopServices.setUrlHandler("https", made, "take")  # type: ignore[arg-type]  # Its stubs are wrong.
    yield made
    QDesktopServices.unsetUrlHandler("https")


@pytest.fixture
def parent(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def test_a_link_from_a_package_is_opened_without_the_qt_of_the_package(browser, parent, monkeypatch):
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/rebalancer/_internal", raising=False)
    monkeypatch.setenv("QT_PLUGIN_PATH", "/opt/rebalancer/_internal/PySide6/Qt/plugins")
    monkeypatch.setenv("QML2_IMPORT_PATH", "/srv/own/qml")
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    assert open_outside(QUrl("https://example.org/x"), parent)
    assert browser.seen == [("https://example.org/x", {"QML2_IMPORT_PATH": "/srv/own/qml"})]
    assert os.environ["QT_PLUGIN_PATH"].startswith("/opt/rebalancer")  # the program itself goes on as it was


def test_a_link_from_an_installation_is_opened_with_the_surroundings_as_they_are(browser, parent, monkeypatch):
    monkeypatch.setenv("QT_PLUGIN_PATH", "/usr/lib/qt6/plugins")
    open_outside(QUrl("https://example.org/x"), parent)
    assert browser.seen[0][1]["QT_PLUGIN_PATH"] == "/usr/lib/qt6/plugins"


def test_where_no_program_opens_it_the_address_can_be_copied(parent):
    assert not open_outside(QUrl("https://example.org/x"), parent)
    box = found(parent, QMessageBox, "notOpenedBox")
    assert "https://example.org/x" in box.text()
    box.close()
