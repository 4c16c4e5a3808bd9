"""The list of preset cards: usable ones, then a fold with those this market cannot serve. GUI thread only.

cards = PresetList()
cards.cardChosen.connect(self._show_card)        # CardFace
cards.show_faces(faces)                          # the chosen card stays chosen
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from rebalancer_gui.ui.create.preset_faces import CardFace
from rebalancer_gui.ui.translation import tr

Index = QModelIndex | QPersistentModelIndex
ItemRole = Qt.ItemDataRole.UserRole + 1
_NO_PARENT = QModelIndex()
_UNFOLD = {Qt.Key.Key_Right, Qt.Key.Key_Plus}
_FOLD = {Qt.Key.Key_Left, Qt.Key.Key_Minus}
_PRESS = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}


@dataclass(frozen=True, slots=True)
class Fold:
    """The heading over the cards that cannot be used, and why they cannot."""

    count: int
    reason: str
    opened: bool

    @property
    def text(self) -> str:
        return tr("Not on this market ({count})", count=self.count)


Item = CardFace | Fold


class PresetListModel(QAbstractListModel):
    """DisplayRole is the card's name, `ItemRole` the `CardFace` or `Fold`; `chosen` the id of the chosen card."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._faces: tuple[CardFace, ...] = ()
        self._items: list[Item] = []
        self._opened = False
        self._chosen = ""

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(self._items)

    @property
    def chosen(self) -> CardFace | None:
        return next((face for face in self._faces if face.card.id == self._chosen and face.usable), None)

    @property
    def opened(self) -> bool:
        return self._opened

    def set_faces(self, faces: Sequence[CardFace]) -> None:
        """Show these; the first usable one is chosen where none was, or the chosen one is gone."""
        self._faces = tuple(faces)
        if self.chosen is None:
            self._chosen = next((face.card.id for face in self._faces if face.usable), "")
        self._lay_out()

    def set_open(self, *, opened: bool) -> None:
        if opened != self._opened:
            self._opened = opened
            self._lay_out()

    def choose(self, card_id: str) -> bool:
        """Choose a usable card; False where there is no such one."""
        if not any(face.card.id == card_id and face.usable for face in self._faces):
            return False
        before, self._chosen = self._chosen, card_id
        for row in {self.row_of(before), self.row_of(card_id)} - {-1}:
            self.dataChanged.emit(self.index(row), self.index(row))
        return True

    def is_chosen(self, item: Item) -> bool:
        return isinstance(item, CardFace) and item.card.id == self._chosen and item.usable

    def row_of(self, card_id: str) -> int:
        """The row of a card, -1 where it is not shown."""
        rows = (n for n, item in enumerate(self._items) if isinstance(item, CardFace) and item.card.id == card_id)
        return next(rows, -1)

    def _lay_out(self) -> None:
        usable: list[Item] = [face for face in self._faces if face.usable]
        useless = [face for face in self._faces if not face.usable]
        items = usable
        if useless:
            reasons = {face.card.unusable for face in useless}
            reason = reasons.pop() if len(reasons) == 1 else tr("see each")
            items = [*usable, Fold(len(useless), reason, self._opened), *(useless if self._opened else ())]
        if [_identity(item) for item in items] != [_identity(item) for item in self._items]:
            self.beginResetModel()
            self._items = items
            self.endResetModel()
            return
        for number, (old, new) in enumerate(zip(self._items, items, strict=True)):
            if old is not new and old != new:
                self._items[number] = new
                self.dataChanged.emit(self.index(number), self.index(number))

    # ------------------------------------------------------------------------------------------------- Qt's questions

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        item = self._items[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return item.text if isinstance(item, Fold) else item.card.name
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return item.reason if isinstance(item, Fold) else item.spoken
            case role if role == ItemRole:
                return item
            case _:
                return None


def _identity(item: Item) -> tuple[str, str]:
    """What a row is about: rows that keep it change in place."""
    return ("fold", str(item.opened)) if isinstance(item, Fold) else (item.card.id, str(item.usable))


class PresetList(QListView):
    """`cardChosen(object)` carries the `CardFace` whenever another card is chosen or the chosen one changed."""

    cardChosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presetList")
        self.setAccessibleName(tr("Presets"))
        self._cards = PresetListModel(self)
        self._told: CardFace | None = None
        self.setModel(self._cards)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(32)
        self.selectionModel().currentChanged.connect(self._moved)
        self.clicked.connect(self._clicked)

    @property
    def cards(self) -> PresetListModel:
        return self._cards

    def chosen(self) -> CardFace | None:
        return self._cards.chosen

    def show_faces(self, faces: Sequence[CardFace]) -> None:
        """Show these cards; scroll position, current row and choice live on while their cards do."""
        at = self.verticalScrollBar().value()
        current = self._item(self.currentIndex())
        self._cards.set_faces(faces)
        if not self.currentIndex().isValid():
            row = self._cards.row_of(current.card.id) if isinstance(current, CardFace) else -1
            if row < 0 and self._cards.chosen is not None:
                row = self._cards.row_of(self._cards.chosen.card.id)
            if row >= 0:
                self.setCurrentIndex(self._cards.index(row))
            self.verticalScrollBar().setValue(at)
        self._tell()

    def dataChanged(self, top_left: Index, bottom_right: Index, roles: Sequence[int] = ()) -> None:
        """Paints the cards that changed. `QListView` would lay all of them out anew and paint each; their heights stay."""
        QAbstractItemView.dataChanged(self, top_left, bottom_right, list(roles))

    def choose(self, card_id: str) -> bool:
        """Choose a card as if it was clicked; False where it cannot be used."""
        row = self._cards.row_of(card_id)
        if row < 0 or not self._cards.choose(card_id):
            return False
        self.setCurrentIndex(self._cards.index(row))
        self._tell()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self._item(self.currentIndex())
        key = event.key()
        if isinstance(item, Fold) and (key in _PRESS or ((key in _UNFOLD) != item.opened and key in _UNFOLD | _FOLD)):
            self._toggle(item)
            return
        super().keyPressEvent(event)

    @staticmethod
    def _item(index: Index) -> Item | None:
        return cast("Item | None", index.data(ItemRole)) if index.isValid() else None

    def _toggle(self, fold: Fold) -> None:
        at = self.verticalScrollBar().value()
        self._cards.set_open(opened=not fold.opened)
        row = next(n for n, item in enumerate(self._cards.items) if isinstance(item, Fold))
        self.setCurrentIndex(self._cards.index(row))
        self.verticalScrollBar().setValue(at)

    def _moved(self, current: QModelIndex) -> None:
        item = self._item(current)
        if isinstance(item, CardFace) and item.usable:
            self._cards.choose(item.card.id)
            self._tell()

    def _clicked(self, index: QModelIndex) -> None:
        item = self._item(index)
        if isinstance(item, Fold):
            self._toggle(item)

    def _tell(self) -> None:
        chosen = self._cards.chosen
        if chosen != self._told:
            self._told = chosen
            self.cardChosen.emit(chosen)
