"""The tables of an undecided order: what each look-up said, and the exchange's orders that could be it. GUI thread only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from rebalancer_gui.application.records import Evidence
from rebalancer_gui.domain.orders import VenueOrder
from rebalancer_gui.ui.dialogs.quarantine_words import STATUS, money_of, whose_id
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat, utc_stamp
from rebalancer_gui.ui.models.cells import Align, Cell, Column, number_cell, text_cell
from rebalancer_gui.ui.models.history_model import amount_text
from rebalancer_gui.ui.models.keyed_table_model import KeyedTableModel
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.tables import DENSE_ROW_HEIGHT, HEADER_HEIGHT, DataTable, fixed, stretch

_CANDIDATE_ROWS = 4
"""So many rows are shown; more scroll."""


@dataclass(frozen=True, slots=True)
class _Said:
    number: int
    evidence: Evidence


class EvidenceTable(DataTable):
    """`evidenceTable`: time, what was asked, what it said; oldest first."""

    def __init__(self, most_rows: int, parent: QWidget | None = None) -> None:
        """``most_rows`` are shown; more scroll."""
        self._most_rows = most_rows
        self._model: KeyedTableModel[_Said] = KeyedTableModel(_EVIDENCE, key=lambda row: row.number)
        widths = {"time": fixed(168), "asked": fixed(184), "said": stretch(240)}
        super().__init__(
            "evidenceTable", tr("What was found out"), self._model, widths, row_height=DENSE_ROW_HEIGHT, parent=parent
        )
        self._model.setParent(self)
        self.show_evidence(())

    def show_evidence(self, evidence: Sequence[Evidence]) -> None:
        """What each look-up said, oldest first; the newest is in sight."""
        self._model.set_rows(_Said(number, one) for number, one in enumerate(evidence))
        _fit(self, self._most_rows)
        self.scrollToBottom()


class CandidateTable(DataTable):
    """`candidateTable`: the exchange's orders; `candidateChosen` tells that another one, or none, is chosen."""

    candidateChosen = Signal()

    def __init__(self, quote: str, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        """``quote``: the money that its orders are traded for."""
        self._client_order_id = ""
        self._model: KeyedTableModel[VenueOrder] = KeyedTableModel(
            self._columns(quote, numbers), key=lambda row: row.venue_order_id
        )
        widths = {
            "id": stretch(152),
            "time": fixed(164),
            "quantity": fixed(84),
            "filled": fixed(80),
            "money": fixed(128),
            "status": fixed(88),
            "client": stretch(136),
        }
        super().__init__(
            "candidateTable",
            tr("Orders of the exchange that could be it"),
            self._model,
            widths,
            row_height=DENSE_ROW_HEIGHT,
            parent=parent,
        )
        self._model.setParent(self)
        self.selectionModel().selectionChanged.connect(self.candidateChosen)

    def show_candidates(self, orders: Iterable[VenueOrder], client_order_id: str) -> None:
        """Show them; the one that was chosen stays chosen while it is listed."""
        self._client_order_id = client_order_id
        self._model.set_rows({order.venue_order_id: order for order in orders}.values())
        _fit(self, _CANDIDATE_ROWS)

    def chosen(self) -> VenueOrder | None:
        """The selected one. A row that only has the keyboard's mark is not chosen: Space chooses it."""
        rows = self.selectionModel().selectedRows()
        return self._model.row_at(rows[0].row()) if rows else None

    def _columns(self, quote: str, numbers: NumberFormat) -> tuple[Column[VenueOrder], ...]:
        def amount(order: VenueOrder, *, filled: bool) -> Cell:
            value = order.filled if filled else order.quantity
            return Cell(amount_text(numbers, value), raw=value)

        def money(order: VenueOrder) -> Cell:
            return number_cell(numbers, money_of(order), missing=tr("the list of orders does not say"))

        def client(order: VenueOrder) -> Cell:
            words = whose_id(order, self._client_order_id)
            return text_cell(words, tip=order.client_order_id or tr("It has no client id"), ink=Ink.TEXT2)

        return (
            Column("id", tr("Exchange order"), lambda o: text_cell(o.venue_order_id, bold=True, tip=o.venue_order_id)),
            Column("time", tr("Time, UTC"), lambda o: Cell(utc_stamp(o.at), raw=o.at)),
            Column("quantity", tr("Quantity"), lambda o: amount(o, filled=False), align=Align.RIGHT),
            Column("filled", tr("Filled"), lambda o: amount(o, filled=True), align=Align.RIGHT),
            Column("money", tr("Traded for, {quote}", quote=quote), money, align=Align.RIGHT),
            Column("status", tr("Status"), lambda o: text_cell(STATUS[o.status])),
            Column("client", tr("Its client id"), client),
        )


def _fit(table: DataTable, most_rows: int) -> None:
    """As high as its rows, ``most_rows`` at most."""
    rows = max(1, min(table.keyed_model.rowCount(), most_rows))
    table.setFixedHeight(HEADER_HEIGHT + DENSE_ROW_HEIGHT * rows + 2)


_EVIDENCE: tuple[Column[_Said], ...] = (
    Column("time", tr("Time, UTC"), lambda row: Cell(utc_stamp(row.evidence.at), raw=row.evidence.at)),
    Column("asked", tr("What was asked"), lambda row: _capital(said(row.evidence.source))),
    Column("said", tr("What it said"), lambda row: _capital(said(row.evidence.said))),
)


def _capital(words: str) -> Cell:
    sentence = words[:1].upper() + words[1:]
    return text_cell(sentence, tip=sentence)
