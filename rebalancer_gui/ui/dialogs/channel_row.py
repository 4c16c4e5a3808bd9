"""One channel in Settings: its name, its service and where its address is kept; Test and Remove. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from rebalancer_gui.application.secrets import Place
from rebalancer_gui.application.telling_settings import Channel
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import block, push_button
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel, TextType

_PLACES = {
    Place.KEYRING: tr("its address is in the system's keyring"),
    Place.PASSPHRASE: tr("its address is in the vault locked with your passphrase"),
    Place.MEMORY: tr("its address is kept until the program ends: there is no keyring"),
}
BUSY = tr("Wait until the step before is over.")


class ChannelRow(QWidget):
    """`testPressed(object)` and `removePressed(object)` carry the Channel."""

    testPressed = Signal(object)
    removePressed = Signal(object)

    def __init__(self, channel: Channel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.channel = channel
        self.setObjectName(f"channelRow_{channel.id}")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 6, 0, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        name = ElidedLabel(channel.name, TextType.STRONG, object_name=f"channelName_{channel.id}")
        about = tr(
            "{kind}  {masked}  \N{MIDDLE DOT}  {PLACES}",
            kind=channel.kind,
            masked=channel.masked,
            PLACES=_PLACES[channel.place],
        )
        self.test = push_button(
            tr("Test"),
            f"channelTestButton_{channel.id}",
            compact=True,
            accessible_name=tr("Test {channel}", channel=channel.name),
        )
        self.remove = push_button(
            tr("Remove"),
            f"channelRemoveButton_{channel.id}",
            compact=True,
            accessible_name=tr("Remove {channel}", channel=channel.name),
        )
        self.test.clicked.connect(lambda: self.testPressed.emit(self.channel))
        self.remove.clicked.connect(lambda: self.removePressed.emit(self.channel))
        self.message = MessageLine(f"channelMessage_{channel.id}")
        self.message.hide()
        grid.addWidget(name, 0, 0)
        grid.addWidget(TextLabel(about, TextType.SMALL, Ink.TEXT2, wrap=True), 1, 0)
        grid.addWidget(self.test, 0, 1, 2, 1)
        grid.addWidget(self.remove, 0, 2, 2, 1)
        grid.addWidget(self.message, 2, 0, 1, 3)

    def set_busy(self, *, busy: bool) -> None:
        """Nothing can be pressed meanwhile."""
        for button in (self.test, self.remove):
            block(button, BUSY if busy else None)

    def say(self, text: str, *, good: bool) -> None:
        """What came of the last step."""
        if good:
            self.message.show_good(text, aloud=True)
        else:
            self.message.show_problem(text, aloud=True)
        self.message.show()
