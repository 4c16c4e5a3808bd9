"""Links and folders that a program of the system opens: browser, mail, file manager. GUI thread only."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.message_box import tell

_OF_THE_PACKAGE = ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "QML_IMPORT_PATH")
"""What a package that brings its own Qt sets for itself. Another program with a Qt of its own ends at once with these plugins.
``LD_LIBRARY_PATH`` is put right at the start (packaging/bundle/surroundings.py); SSL_CERT_FILE stays, for the engine's thread may ask
for it at this moment, and it names certificates that are good for anybody.
"""


def open_outside(url: QUrl, parent: QWidget) -> bool:
    """Hand it to the system. Where nothing takes it that is said over ``parent``, with the address to copy; False then."""
    with _surroundings_of_the_system():
        if QDesktopServices.openUrl(url):
            return True
    place = url.toLocalFile() if url.isLocalFile() else url.toString()
    words = tr("No program of this computer opens {place}. You can copy it from here.", place=place)
    box = tell(parent, "notOpenedBox", tr("Nothing opened it"), words, bad=False)
    box.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return False


@contextmanager
def _surroundings_of_the_system() -> Iterator[None]:
    """For what is started inside: without what belongs to the package. Qt itself has read its places long before."""
    package = getattr(sys, "_MEIPASS", None)
    ours = {n: v for n in _OF_THE_PACKAGE if package and (v := os.environ.get(n, "")).startswith(str(package))}
    for name in ours:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(ours)
