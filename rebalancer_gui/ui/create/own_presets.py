"""Rename and Delete for a preset of one's own, shown while its card is chosen. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rebalancer_gui.application.commands import Command
from rebalancer_gui.application.events import CommandRejected
from rebalancer_gui.application.preset_commands import DeletePreset, RenamePreset
from rebalancer_gui.application.views import PresetCard
from rebalancer_gui.ui.create.texts import day_text
from rebalancer_gui.ui.dialogs.preset_name import PresetNameDialog
from rebalancer_gui.ui.dialogs.questions import Question
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import push_button
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextType


class OwnPresetRow(QWidget):
    """`failed(str)`: what the engine said against it."""

    failed = Signal(str)

    def __init__(self, feed: EngineFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._card: PresetCard | None = None
        self.words = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="ownPresetLabel")
        self.rename = push_button(
            tr("Rename"), "renamePresetButton", compact=True, accessible_name=tr("Rename this preset")
        )
        self.delete = push_button(
            tr("Delete"), "deletePresetButton", compact=True, accessible_name=tr("Delete this preset")
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.rename)
        row.addWidget(self.delete)
        self.rename.clicked.connect(self._rename)
        self.delete.clicked.connect(self._delete)
        self.hide()

    def show_card(self, card: PresetCard | None) -> bool:
        """The chosen card; the row is there for one's own only. True when it has come or gone."""
        was = self._card is not None
        self._card = card if card is not None and card.own else None
        self.setVisible(self._card is not None)
        if self._card is not None:
            self.words.setText(tr("Your preset of {day}", day=day_text(self._card.list_date)))
        return was != (self._card is not None)

    def _rename(self) -> None:
        card = self._card
        if card is None:
            return
        others = [other.name for other in self._feed.presets or () if other.id != card.id]
        dialog = PresetNameDialog(tr("Rename the preset"), tr("Rename"), others, self.window(), suggested=card.name)

        def send(name: str, _way: object) -> None:
            command = RenamePreset(self._feed.next_command_id(), self._feed.account, card.id, name)
            self._ask(command, dialog.finish, dialog.fail)

        dialog.confirmed.connect(send)
        dialog.open()

    def _delete(self) -> None:
        card = self._card
        if card is None:
            return
        question = Question(
            "deletePresetQuestion",
            tr("Delete the preset {card}?", card=card.name),
            tr("Strategies that were made from it stay as they are."),
            (("delete", tr("Delete"), "confirmButton"),),
            self.window(),
        )

        def send(_key: str) -> None:
            self._ask(
                DeletePreset(self._feed.next_command_id(), self._feed.account, card.id), _nothing, self.failed.emit
            )

        question.answered.connect(send)
        question.open()

    def _ask(self, command: Command, done: Callable[[], None], refused: Callable[[str], None]) -> None:
        def answered(answer: Answer) -> None:
            if isinstance(answer, CommandRejected):
                refused(answer.message)
            else:
                done()

        self._feed.ask(command, answered)


def _nothing() -> None:
    """The cards say it."""
