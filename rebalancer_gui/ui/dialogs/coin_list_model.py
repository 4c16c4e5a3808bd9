"""The coins that can be added, as a list that can be ticked. GUI thread only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from rebalancer_gui.ui.create.coin_search import matches
from rebalancer_gui.ui.translation import tr

Index = QModelIndex | QPersistentModelIndex
CoinRole = Qt.ItemDataRole.UserRole + 1
_NO_PARENT = QModelIndex()


@dataclass(frozen=True, slots=True)
class CoinOffer:
    """One coin: its texts as shown, and whether the strategy has it already.

    `slot` is its colour, None as long as no strategy or preset of this install had it.
    """

    asset: str
    name: str
    price: str
    minimum: str
    slot: int | None
    already: bool

    @property
    def spoken(self) -> str:
        parts = [
            f"{self.asset} {self.name}".strip(),
            tr("price {price}", price=self.price),
            tr("smallest order {minimum}", minimum=self.minimum),
        ]
        return ", ".join([*parts, tr("in the strategy already")] if self.already else parts)


class CoinListModel(QAbstractListModel):
    """Offers that match the search, each with a check box; `chosenChanged` tells of ticks.

    DisplayRole is the ticker, `CoinRole` the `CoinOffer`. A coin that is in already is ticked and cannot be changed.
    """

    chosenChanged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[CoinOffer, ...] = ()
        self._shown: list[CoinOffer] = []
        self._search = ""
        self._chosen: list[str] = []

    @property
    def chosen(self) -> tuple[str, ...]:
        """The coins that were ticked, in that order."""
        return tuple(self._chosen)

    @property
    def offers(self) -> tuple[CoinOffer, ...]:
        """All coins, also those that the search does not find."""
        return self._all

    @property
    def shown(self) -> tuple[CoinOffer, ...]:
        return tuple(self._shown)

    def set_offers(self, offers: Iterable[CoinOffer]) -> None:
        """The same coins with new prices change in place; other coins replace the list."""
        new = tuple(offers)
        if [offer.asset for offer in new] != [offer.asset for offer in self._all]:
            self._all = new
            self._filter()
            return
        self._all = new
        by_asset = {offer.asset: offer for offer in new}
        for number, offer in enumerate(self._shown):
            if by_asset[offer.asset] != offer:
                self._shown[number] = by_asset[offer.asset]
                self.dataChanged.emit(self.index(number), self.index(number))

    def search(self, text: str) -> None:
        """Show the coins that `text` finds."""
        if text != self._search:
            self._search = text
            self._filter()

    def tick(self, assets: Collection[str]) -> None:
        """Choose these too."""
        fresh = [asset for asset in assets if asset not in self._chosen]
        if fresh:
            self._chosen += fresh
            self._announce(fresh)

    def row_of(self, asset: str) -> int:
        """The row in which `asset` is shown, -1 where it is not."""
        return next((number for number, offer in enumerate(self._shown) if offer.asset == asset), -1)

    def _filter(self) -> None:
        self.beginResetModel()
        self._shown = [offer for offer in self._all if matches(offer.asset, self._search)]
        self.endResetModel()

    def _announce(self, assets: Sequence[str]) -> None:
        for asset in assets:
            row = self.row_of(asset)
            if row >= 0:
                self.dataChanged.emit(self.index(row), self.index(row), [Qt.ItemDataRole.CheckStateRole])
        self.chosenChanged.emit()

    # ------------------------------------------------------------------------------------------------- Qt's questions

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        usual = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        return usual if self._shown[index.row()].already else usual | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        offer = self._shown[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return offer.asset
            case Qt.ItemDataRole.CheckStateRole:
                ticked = offer.already or offer.asset in self._chosen
                return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.AccessibleTextRole:
                return offer.asset
            case Qt.ItemDataRole.AccessibleDescriptionRole | Qt.ItemDataRole.ToolTipRole:
                return offer.spoken
            case role if role == CoinRole:
                return offer
            case _:
                return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        asset = self._shown[index.row()].asset
        if not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        wanted = value in {Qt.CheckState.Checked, Qt.CheckState.Checked.value}
        if wanted and asset not in self._chosen:
            self._chosen.append(asset)
        elif not wanted and asset in self._chosen:
            self._chosen.remove(asset)
        self._announce([asset])
        return True
