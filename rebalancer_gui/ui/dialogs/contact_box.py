"""The first contact on screen: in what it can be made, how far it is, what it proved. GUI thread only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.events import ConnectionShown
from rebalancer_gui.application.go_live import against_report
from rebalancer_gui.application.live_port import Quotation
from rebalancer_gui.application.records import OrderRow
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.ui.dialogs.contact_words import (
    NO_OFFERS,
    WHAT_IT_IS,
    cost_text,
    evidence_text,
    offer_text,
    order_text,
    progress,
)
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner
from rebalancer_gui.ui.widgets.buttons import block, push_button
from rebalancer_gui.ui.widgets.form import Field, MessageLine, SectionHeader, combo_box
from rebalancer_gui.ui.widgets.labels import StatusLabel, TextLabel, TextType

_NOT_ASKED = tr("The connection was not checked yet.")
_RUNS = tr("It is under way.")
_SENT = tr("It is being begun.")


class ContactBox(QWidget):
    """`beginAsked(object)`: the Quotation of the offer that is chosen; whoever opened the dialog asks first, then sends it.
    `goOnAsked(str)`: one that was cut short, in this symbol, is to go on with the key that was put in since.
    """

    beginAsked = Signal(object)
    goOnAsked = Signal(str)

    def __init__(self, numbers: NumberFormat, number: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._offers: tuple[Quotation, ...] = ()
        self._why_not: str | None = _NOT_ASKED
        self._against_key: str | None = _NOT_ASKED
        self._waits = False
        self._failed = ""
        self._contact: StrategyView | None = None
        self._orders: dict[int, OrderRow] = {}
        self._sending = False
        self.offers = combo_box("contactOfferCombo", tr("What is bought and sold back"), tall=True)
        self.offers.currentIndexChanged.connect(self._judge)
        self.begin = push_button(tr("Make the first contact"), "beginContactButton")
        self.begin.clicked.connect(self._ask)
        self.go_on = push_button(tr("Go on with this key"), "contactGoOnButton")
        self.go_on.clicked.connect(self._ask_to_go_on)
        self.message = MessageLine("contactMessage")
        self.proof = StatusLabel("check", tr("First contact made"), Ink.GAIN, object_name="contactProof")
        self.proof_text = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="contactProofText", wrap=True)
        self.progress = Banner("contactProgress")
        self.orders = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="contactOrders", wrap=True)
        self._field = Field(tr("Buy and sell back"), self.offers)
        self._choice = QWidget()
        self._build(number)
        self.proof.hide()
        self.proof_text.hide()
        self._show()

    def _build(self, number: int) -> None:
        row = QHBoxLayout(self._choice)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(SectionHeader(number, tr("First contact")))
        column.addWidget(TextLabel(WHAT_IT_IS, TextType.BODY, Ink.TEXT2, wrap=True))
        for part in (self.proof, self.proof_text, self._choice):
            column.addWidget(part)
        # Under the choice, at the left: its text carries an amount, and grows with it.
        foot = QHBoxLayout()
        foot.addWidget(self.begin)
        foot.addWidget(self.go_on)
        foot.addStretch(1)
        column.addLayout(foot)
        for part in (self.message, self.progress, self.orders):
            column.addWidget(part)

    # -------------------------------------------------------------------------------------------------- what is shown

    def show_unknown(self) -> None:
        """The exchange could not be asked."""
        self._put_offers(())
        self._why_not = self._against_key = _NOT_ASKED
        self._show()

    def show_answer(self, answer: ConnectionShown, lacking: str | None = None) -> None:
        """What was proven already, and what is offered. ``lacking`` is what its owner has to do first."""
        evidence = answer.evidence
        self.proof.setVisible(evidence is not None)
        self.proof_text.setVisible(evidence is not None)
        if evidence is not None:
            self.proof_text.setText(evidence_text(evidence, self._numbers))
        self._put_offers(answer.offers)
        self._against_key = against_report(answer.report) or lacking
        self._why_not = self._against_key or (None if answer.offers else NO_OFFERS)
        self._sending, self._failed = False, ""
        self._show()

    def show_contact(self, contact: StrategyView | None, *, waits: bool = False) -> None:
        """The first contact that is under way; None: none is. ``waits``: it was cut short and another key was put in."""
        if contact is None or self._contact is None or contact.id != self._contact.id:
            self._orders = {}
        self._contact, self._waits = contact, waits
        self._sending = self._sending and (contact is None or waits)
        self._show()

    def show_orders(self, rows: Iterable[OrderRow]) -> None:
        """Newer states of orders; those of other strategies are passed over."""
        contact = self._contact
        if contact is not None:
            self._orders |= {row.key: row for row in rows if row.strategy_id == contact.id}
            self._show()

    def hold(self) -> None:
        """It was sent; nothing can be begun until the answer is there."""
        self._sending, self._failed = True, ""
        self._show()

    def fail(self, message: str) -> None:
        """The engine refused it."""
        self._sending, self._failed = False, message
        self._show()

    # -------------------------------------------------------------------------------------------------------- pressing

    @property
    def chosen(self) -> Quotation | None:
        """The offer that is chosen."""
        index = self.offers.currentIndex()
        return self._offers[index] if 0 <= index < len(self._offers) else None

    @Slot()
    def _ask(self) -> None:
        if self.chosen is not None:
            self.beginAsked.emit(self.chosen)

    @Slot()
    def _ask_to_go_on(self) -> None:
        if self._contact is not None:
            p = self._contact.parameters
            self.goOnAsked.emit(f"{p.assets[0]}/{p.quote}")

    def _put_offers(self, offers: Sequence[Quotation]) -> None:
        before = self.chosen
        if tuple(offers) == self._offers:
            return
        self._offers = tuple(offers)
        self.offers.blockSignals(True)
        self.offers.clear()
        self.offers.addItems([offer_text(offer, self._numbers) for offer in offers])
        symbols = [offer.symbol for offer in offers]
        if before is not None and before.symbol in symbols:
            self.offers.setCurrentIndex(symbols.index(before.symbol))
        self.offers.blockSignals(False)

    def _show(self) -> None:
        contact = self._contact
        self.progress.show_notice(None if contact is None else progress(contact, waits=self._waits))
        self.orders.setVisible(contact is not None and bool(self._orders))
        if contact is not None:
            rows = sorted(self._orders.values(), key=lambda row: row.key)
            self.orders.setText("\n".join(order_text(row, self._numbers) for row in rows))
        self._choice.setVisible(contact is None and bool(self._offers))
        self.begin.setVisible(contact is None)
        self.go_on.setVisible(self._waits)
        self._judge()

    @Slot()
    def _judge(self) -> None:
        offer = self.chosen
        word = tr("Make it again") if not self.proof.isHidden() else tr("Make the first contact")
        text = (
            word
            if offer is None
            else tr("{word}, for about {cost}\u2026", word=word, cost=cost_text(offer, self._numbers))
        )
        if self.begin.text() != text:
            self.begin.setText(text)
            self.begin.setAccessibleName(text)
        why = _RUNS if self._contact is not None else _SENT if self._sending else self._why_not
        block(self.begin, why)
        block(self.go_on, _SENT if self._sending else self._against_key)
        if self._waits:
            why = self._against_key
        shown = why if why not in {None, _RUNS, _SENT, _NOT_ASKED} and (self._contact is None or self._waits) else ""
        if self._failed:
            self.message.show_problem(self._failed)
        else:
            self.message.show_hint(said(shown or ""))
        self.message.setVisible(bool(shown or self._failed))
