"""Choosing coins for a strategy: search by ticker or name, tick, add. GUI thread only.

    dialog = AddCoinsDialog(feed, quote, assets_in_the_draft, colours, numbers, parent)
    dialog.chosen.connect(self._add)            # tuple of tickers, in the order in which they were ticked
    dialog.open()

Keys: typing filters, Enter in the search field ticks what is named, Down goes to the list, Space ticks there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionButton,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.strategy import MAX_COINS
from rebalancer_gui.ui.coin_colours import FIXED_SLOTS, CoinColours
from rebalancer_gui.ui.create.coin_names import coin_name
from rebalancer_gui.ui.create.coin_search import quote_refused, take, tickers
from rebalancer_gui.ui.create.price_wish import PriceWish
from rebalancer_gui.ui.create.surroundings import Surroundings, surroundings_of
from rebalancer_gui.ui.dialogs.coin_list_model import CoinListModel, CoinOffer, CoinRole, Index
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.formatting import MISSING, NumberFormat
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.coin_chips import NAME_SQUARE, paint_square
from rebalancer_gui.ui.widgets.form import MessageLine, make_clearable
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, Panel, above_foot

_ROW = 32
_CHECK = 16
_NUMBER_WIDTH = 112
_MINIMUM_WIDTH = 96
_WIDTH, _HEIGHT = 480, 520
_ACTION_HEIGHT = 56


class AddCoinsDialog(QDialog):
    """`chosen(object)` carries the tickers when the dialog was confirmed."""

    chosen = Signal(object)

    def __init__(
        self,
        feed: EngineFeed,
        quote: str,
        already: Sequence[str],
        colours: CoinColours,
        numbers: NumberFormat,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._feed, self._quote, self._already = feed, quote, tuple(already)
        self._colours, self._numbers = colours, numbers
        self._prices = PriceWish(feed, self)
        self.setObjectName("addCoinsDialog")
        self.setWindowTitle(tr("Add coins"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.model = CoinListModel(self)
        self.search = QLineEdit()
        self.search.setObjectName("coinSearchEdit")
        self.search.setAccessibleName(tr("Search coins by ticker or name"))
        self.search.setPlaceholderText(tr("Ticker or name, or several tickers"))
        self.search.setProperty("tall", "true")
        make_clearable(self.search)
        self.search.setMaxLength(200)
        self.list = QListView()
        self.list.setObjectName("coinList")
        self.list.setAccessibleName(tr("Coins that trade on this account"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(_CoinDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.message = MessageLine("coinDialogMessage")
        self._count = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="coinDialogCount")
        self.cancel = push_button(tr("Cancel"), "coinDialogCancel")
        self.ok = push_button(tr("Add coins"), "coinDialogOk", kind=ButtonKind.MAIN)
        self._build()
        self.search.textChanged.connect(self._searched)
        self.search.returnPressed.connect(self._take)
        self.search.installEventFilter(self)
        self.list.activated.connect(self._toggle)
        self.model.chosenChanged.connect(self._show_count)
        self.cancel.clicked.connect(self.reject)
        self.ok.clicked.connect(self._confirm)
        feed.accountChanged.connect(self._refresh)
        self._refresh()
        self._show_count()
        self.search.setFocus()

    def _build(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.message)
        frame = Panel()
        frame.body.addWidget(self.list)
        column.addWidget(frame, 1)
        row = ActionRow(_ACTION_HEIGHT)
        row.left.addWidget(self._count)
        row.right.addWidget(self.cancel)
        row.right.addWidget(self.ok)
        above_foot(self, column, row)
        self.resize(_WIDTH, _HEIGHT)
        self.message.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down in the search field goes to the list."""
        down = event.type() == QEvent.Type.KeyPress and cast("QKeyEvent", event).key() == Qt.Key.Key_Down
        if watched is self.search and down and self.model.rowCount():
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
            if not self.list.currentIndex().isValid():
                self.list.setCurrentIndex(self.model.index(0))
            return True
        return super().eventFilter(watched, event)

    # --------------------------------------------------------------------------------------------------------- showing

    def _refresh(self) -> None:
        view = self._feed.view
        if view is None:
            return
        around = surroundings_of(view, self._feed.rules)
        self.model.set_offers(self._offer(asset, around) for asset in around.tradable(self._quote))
        self._prices.want(symbol_of(offer.asset, self._quote) for offer in self._on_screen())

    def _on_screen(self) -> Sequence[CoinOffer]:
        """The rows that can be seen now: of a long list only their prices are asked for."""
        view = self.list.viewport().rect()
        first, last = (self.list.indexAt(place).row() for place in (view.topLeft(), view.bottomLeft()))
        return self.model.shown[max(first, 0) : last + 1 if last >= 0 else None]

    def _offer(self, asset: str, around: Surroundings) -> CoinOffer:
        quote, numbers = around.price(asset, self._quote), self._numbers
        market = around.rules[f"{asset}/{self._quote}"]
        least = around.minimum_order(asset, self._quote)
        return CoinOffer(
            asset=asset,
            name=coin_name(asset),
            price=MISSING if quote is None else numbers.price(quote.mid, market.tick_size),
            minimum=MISSING if least is None else numbers.fixed(least),
            slot=FIXED_SLOTS.get(asset) or self._colours.mapping.get(asset),
            already=asset in self._already,
        )

    def _searched(self, text: str) -> None:
        self.model.search(text)
        words = tickers(text)
        if self._quote in words:
            self._say(quote_refused(self._quote))
        elif not self.model.rowCount():
            shown = text.strip() if len(text.strip()) <= 24 else text.strip()[:23] + "\u2026"
            self._say(
                tr(
                    "No coin that trades in {quote} on this account is called \u201c{shown}\u201d.",
                    quote=self._quote,
                    shown=shown,
                )
            )
        else:
            self._say("")

    def _say(self, text: str) -> None:
        self.message.show_problem(text)
        self.message.setVisible(bool(text))

    def _show_count(self) -> None:
        fresh = len(self.model.chosen)
        whole = len(self._already) + fresh
        self._count.setText(tr("{whole} of {MAX_COINS} coins", whole=whole, MAX_COINS=MAX_COINS))
        self._count.set_ink(Ink.LOSS if whole > MAX_COINS else Ink.TEXT2)
        self.ok.setText(
            tr("Add coins") if not fresh else tr("Add 1 coin") if fresh == 1 else tr("Add {count} coins", count=fresh)
        )
        self.ok.setAccessibleName(self.ok.text())
        if not fresh:
            block(self.ok, tr("Tick the coins to add."))
        elif whole > MAX_COINS:
            block(
                self.ok,
                tr(
                    "{whole} coins: a strategy holds at most {MAX_COINS}. Untick {whole2}.",
                    whole=whole,
                    MAX_COINS=MAX_COINS,
                    whole2=whole - MAX_COINS,
                ),
            )
        else:
            block(self.ok, None)

    # --------------------------------------------------------------------------------------------------------- choosing

    def _take(self) -> None:
        text = self.search.text()
        if not text.strip():
            return
        offered = [offer.asset for offer in self.model.offers]
        taken = take(text, offered, self._already, self._quote)
        self.model.tick(taken.coins)
        if taken.coins and not taken.message:
            self.search.clear()
        elif taken.message:
            self._say(taken.message)
        else:
            self._say(tr("Several coins match: type the whole ticker, or tick one in the list."))

    def _toggle(self, index: Index) -> None:
        """Enter on a row."""
        toggle(self.model, index)

    def _confirm(self) -> None:
        chosen = self.model.chosen
        self.accept()
        self.chosen.emit(chosen)


def toggle(model: QAbstractItemModel, index: Index) -> None:
    """Tick a coin or take its tick away."""
    ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    state = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
    model.setData(index, state, Qt.ItemDataRole.CheckStateRole)


class _CoinDelegate(QStyledItemDelegate):
    """Check box, colour, ticker, name, price, smallest order; a coin that is in already says so."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(320, _ROW)

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        """A click anywhere in the row ticks it; the second click of a double click is a click like any other."""
        if event.type() == QEvent.Type.MouseButtonDblClick:
            return True
        if event.type() == QEvent.Type.MouseButtonRelease:
            if cast("QMouseEvent", event).button() == Qt.MouseButton.LeftButton:
                toggle(model, index)
            return True
        return super().editorEvent(event, model, option, index)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        offer = index.data(CoinRole)
        if not isinstance(offer, CoinOffer):
            return
        theme, rect = current_theme(), option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(rect, QColor(theme.tokens.select if selected else theme.tokens.surface))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(theme.tokens.grid))
        self._paint_check(painter, rect, option, index)
        middle = rect.top() + rect.height() // 2
        left = rect.left() + 12 + _CHECK + 10
        if offer.slot is not None:
            paint_square(painter, left, middle, NAME_SQUARE, theme.tokens.coin(offer.slot).fill)
        left += NAME_SQUARE + 8
        ends = rect.right() - 12
        centre = Qt.AlignmentFlag.AlignVCenter
        small, faint = theme.font(Size.SMALL), theme.colour(Ink.TEXT2 if selected else Ink.TEXT3)
        painter.setFont(theme.font(Size.BODY, Weight.SEMIBOLD))
        painter.setPen(theme.colour(Ink.TEXT))
        ticker = max(56, painter.fontMetrics().horizontalAdvance(offer.asset) + 8)
        painter.drawText(QRect(left, rect.top(), ticker, rect.height()), centre, offer.asset)
        painter.setFont(small)
        painter.setPen(faint)
        name_room = ends - _MINIMUM_WIDTH - _NUMBER_WIDTH - left - ticker
        words = tr("in already") if offer.already else offer.name
        name = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, name_room)
        painter.drawText(QRect(left + ticker, rect.top(), name_room, rect.height()), centre, name)
        right = centre | Qt.AlignmentFlag.AlignRight
        painter.drawText(
            QRect(ends - _MINIMUM_WIDTH, rect.top(), _MINIMUM_WIDTH, rect.height()),
            right,
            tr("min. {minimum}", minimum=offer.minimum),
        )
        painter.setFont(theme.font())
        painter.setPen(theme.colour(Ink.TEXT))
        price = QRect(ends - _MINIMUM_WIDTH - _NUMBER_WIDTH, rect.top(), _NUMBER_WIDTH, rect.height())
        painter.drawText(price, right, offer.price)
        painter.restore()

    @staticmethod
    def _paint_check(painter: QPainter, rect: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        box = QStyleOptionButton()
        box.rect = QRect(rect.left() + 12, rect.top() + (rect.height() - _CHECK) // 2, _CHECK, _CHECK)
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        box.state = QStyle.StateFlag.State_On if ticked else QStyle.StateFlag.State_Off
        if index.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            box.state |= QStyle.StateFlag.State_Enabled
        widget = option.widget
        widget.style().drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck, box, painter, widget)
