"""What appears on the screen by itself is said to whoever hears it. GUI thread only.

announce(banner, "Blocked: Core 4 is halted. ...", urgent=True)
"""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, text: str, *, urgent: bool = False) -> None:
    """Have a screen reader say ``text``, which stands in ``widget``; what is ``urgent`` interrupts it. Nothing while nobody
    reads along, or while ``widget`` is not on the screen.
    """
    if not text or not QAccessible.isActive() or not widget.isVisible():
        return
    if urgent:
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))
    said = QAccessibleAnnouncementEvent(widget, text)
    politeness = QAccessible.AnnouncementPoliteness
    said.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
    QAccessible.updateAccessibility(said)
