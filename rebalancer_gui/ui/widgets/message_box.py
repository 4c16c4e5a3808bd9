"""What has to be said and only asks to be read: one box for all of it. GUI thread only.

tell(window, "accountProblem", tr("The keys stay locked"), "The passphrase is not right.")
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def tell(parent: QWidget, object_name: str, title: str, text: str, *, bad: bool = True, more: str = "") -> QMessageBox:
    """Show ``text`` (plain, no markup) over the window of ``parent`` with an OK, and go on at once; ``more`` stands smaller below.

    ``bad``: something went wrong. The box is gone when it is closed; it has this objectName, its button the name with `Ok`.
    """
    icon = QMessageBox.Icon.Warning if bad else QMessageBox.Icon.Information
    box = QMessageBox(icon, title, text, QMessageBox.StandardButton.Ok, parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(more)
    box.setObjectName(object_name)
    box.button(QMessageBox.StandardButton.Ok).setObjectName(f"{object_name}Ok")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box
