"""What happens to a paper account outside the program: money in and out, market events, its right to trade, fees with BNB.

On a real exchange others do these things; here buttons do them, and the engine notices them as it would there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rebalancer_gui.application import commands as c
from rebalancer_gui.application.events import CommandRejected
from rebalancer_gui.application.paper_port import MarketEvent, PaperState
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.models.history_model import amount_text
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit, Limits
from rebalancer_gui.ui.widgets.form import MessageLine, combo_box, line_edit
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot, hairline
from rebalancer_gui.ui.widgets.search_combo import SearchCombo

_WIDTH = 520
_NAMED = 3
"""So many strategies are named before the rest is counted."""
_GRID = Decimal("0.00000001")
_MOST = Decimal(10) ** 12
_EVENTS = (
    (tr("Halt its market"), MarketEvent.HALT),
    (tr("Reopen its market"), MarketEvent.REOPEN),
    (tr("Delist it"), MarketEvent.DELIST),
    (tr("Rename it"), MarketEvent.RENAME),
)
_SAID = {
    MarketEvent.HALT: tr("takes no orders now"),
    MarketEvent.REOPEN: tr("trades again"),
    MarketEvent.DELIST: tr("was delisted"),
    MarketEvent.RENAME: tr("was renamed"),
}
_REAL_MARKETS = tr("The markets are those of a real exchange: only it can halt, delist or rename a coin.")
_BNB_WORDS = tr(
    "Off by default. On: a strategy pays its whole fee; if the free pool holds enough BNB, the free pool pays 75 % of the "
    "fee's value in BNB and gets the whole fee back."
)


class PaperAccountDialog(QDialog):
    """Stays open over several presses; each is answered in the line at its foot. GUI thread only.

    `resetAsked()`: the account is to begin anew; whoever opened the dialog closes it and asks.
    """

    resetAsked = Signal()

    def __init__(self, feed: EngineFeed, numbers: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed, self._numbers = feed, numbers
        self._account = feed.account
        self._events_here = True
        self.setObjectName("paperAccountDialog")
        self.setWindowTitle(tr("Paper account"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.asset = SearchCombo("transferAssetCombo", tr("Asset to move"))
        self.amount = DecimalEdit(
            "transferAmountEdit",
            tr("Amount"),
            limits=Limits(minimum=ZERO, maximum=_MOST, grid=_GRID, above_minimum=True),
            numbers=numbers,
            tall=True,
        )
        self.deposit = push_button(tr("Deposit"), "depositButton", icon="add-funds", tip=tr("Bring play money in"))
        self.withdraw = push_button(
            tr("Withdraw"), "withdrawButton", icon="remove-funds", tip=tr("Take play money out")
        )
        self._held = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="transferHint", wrap=True)
        self.coin = SearchCombo("paperCoinCombo", tr("Coin"))
        self.happening = combo_box("paperEventCombo", tr("What happens to it"), _EVENTS, tall=True)
        self.new_name = line_edit("paperNewNameEdit", tr("New name of the coin"), tall=True, placeholder=tr("new name"))
        self.make = push_button(tr("Make it happen"), "paperMarketButton", tip=tr("As if the exchange did it"))
        self._closed = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="paperMarketHint", wrap=True)
        self.right = QCheckBox(tr("The account may trade"))
        self.right.setObjectName("paperTradingRightCheck")
        self.right.setAccessibleName(self.right.text())
        self.bnb = QCheckBox(tr("Pay fees with BNB (25 % off)"))
        self.bnb.setObjectName("payFeesWithBnbCheck")
        self.bnb.setAccessibleName(self.bnb.text())
        self._bnb_hint = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="payFeesHint", wrap=True)
        self._said = MessageLine("paperMessage")
        self.reset = push_button(
            tr("Reset paper account\u2026"),
            "resetAccountButton",
            tip=tr("Begin anew; you are asked first, and a backup is kept"),
        )
        self.close_button = push_button(tr("Close"), "paperCloseButton", kind=ButtonKind.MAIN)
        self._build()
        self._connect()
        view = feed.view
        if view is not None:
            self._fill_assets(view)
            self.show_view(view)
        self.amount.setFocus()

    def _build(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(8)
        column.addWidget(TextLabel(tr("Money in and out"), TextType.TITLE))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.asset)
        row.addWidget(self.amount, 1)
        row.addWidget(self.deposit)
        row.addWidget(self.withdraw)
        column.addLayout(row)
        column.addWidget(self._held)
        column.addWidget(hairline())
        column.addWidget(TextLabel(tr("Market events"), TextType.TITLE))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.coin)
        row.addWidget(self.happening)
        row.addWidget(self.new_name, 1)
        row.addWidget(self.make)
        column.addLayout(row)
        column.addWidget(self._closed)
        column.addWidget(self.right)
        column.addWidget(hairline())
        column.addWidget(TextLabel(tr("Fees"), TextType.TITLE))
        column.addWidget(self.bnb)
        column.addWidget(self._bnb_hint)
        column.addWidget(hairline())
        row = QHBoxLayout()
        row.addWidget(TextLabel(tr("Begin anew"), TextType.TITLE))
        row.addStretch(1)
        row.addWidget(self.reset)
        column.addLayout(row)
        column.addStretch(1)
        foot = ActionRow(56)
        self._said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        foot.left.addWidget(self._said, 1)
        foot.right.addWidget(self.close_button)
        above_foot(self, column, foot)
        self.setFixedWidth(_WIDTH)
        self._event_chosen()

    def _connect(self) -> None:
        self._feed.accountChanged.connect(self.show_view)
        self.asset.chosen.connect(self._news)
        self.coin.chosen.connect(self._news)
        self.happening.currentIndexChanged.connect(self._event_chosen)
        self.new_name.textChanged.connect(self._news)
        self.amount.valueChanged.connect(self._news)
        self.amount.stateShown.connect(self._show_amount_problem)
        self.deposit.clicked.connect(lambda: self._move(sign=1))
        self.withdraw.clicked.connect(lambda: self._move(sign=-1))
        self.make.clicked.connect(self._make_happen)
        self.right.clicked.connect(self._set_right)
        self.bnb.clicked.connect(self._set_bnb)
        self.reset.clicked.connect(self.resetAsked)
        self.close_button.clicked.connect(self.accept)

    # ---------------------------------------------------------------------------------------------------------- showing

    def _fill_assets(self, view: AccountView) -> None:
        """Moneys first, then the coins of every market in alphabetical order."""
        rules = self._feed.rules.values()
        moneys = sorted({market.quote for market in rules}, key=lambda asset: (asset != view.quote, asset))
        coins = sorted({market.base for market in rules} - set(moneys))
        self.asset.set_names([*moneys, *coins, *sorted(set(view.free) - {*moneys, *coins})])
        self.coin.set_names(coins)

    def propose(self, asset: str, amount: Decimal) -> None:
        """Put what is to be moved into the fields; nothing is moved before a button is pressed."""
        self.asset.choose(asset)
        self.amount.set_value(amount)
        self.deposit.setFocus()

    @Slot()
    def _news(self) -> None:
        view = self._feed.view
        if view is not None:
            self.show_view(view)

    @Slot(object)
    def show_view(self, view: AccountView) -> None:
        """The newest picture of the account."""
        if view.account != self._account or view.paper is None:
            return
        self._fill_assets(view)
        self._show_money(view)
        closed = [f"{coin} {_SAID[event]}" for coin, event in sorted(view.paper.closed.items())]
        closed += [tr("{old} is called {new} now", old=old, new=new) for old, new in sorted(view.paper.renamed.items())]
        self._show_markets(view.paper, closed)
        self.right.setChecked(view.paper.may_trade)
        self.bnb.setChecked(view.pay_fees_with_bnb)
        bnb = amount_text(self._numbers, view.free.get(BNB, ZERO))
        self._bnb_hint.setText(
            tr("{BNB_WORDS} The free pool holds {bnb} {BNB}.", BNB_WORDS=_BNB_WORDS, bnb=bnb, BNB=BNB)
        )
        self._make_room()

    def _show_markets(self, paper: PaperState, closed: list[str]) -> None:
        """Where the markets are a real exchange's nothing can happen to them here."""
        self._events_here = paper.changes_markets
        for control in (self.coin, self.happening, self.make):
            control.setVisible(paper.changes_markets)
        self._show_new_name()
        if paper.changes_markets:
            self._closed.setText(f"{', '.join(closed)}." if closed else tr("Every market is open."))
            block(self.make, self._against_event(paper))
        else:
            self._closed.setText(_REAL_MARKETS)

    def _show_new_name(self) -> None:
        renames = self.happening.currentData() is MarketEvent.RENAME
        self.new_name.setVisible(self._events_here and renames)

    def _make_room(self) -> None:
        """Higher where a sentence got longer; never lower, so that no button moves away under the mouse."""
        layout = self.layout()
        if layout is None:
            return
        # The inner layouts hear of new texts only now.
        layout.activate()
        self.resize(_WIDTH, max(self.height(), layout.totalHeightForWidth(_WIDTH)))

    def _show_money(self, view: AccountView) -> None:
        asset, numbers = self.asset.choice(), self._numbers
        self.amount.set_unit(asset)
        if not asset:
            self._held.setText("")
            for button in (self.deposit, self.withdraw):
                block(button, tr("Choose an asset of the list first."))
            return
        free, owners = view.free.get(asset, ZERO), _owners(view, asset)
        owned = total(owners.values())
        amount = self.amount.value()
        self._held.setText(held_words(asset, free, owners, amount, numbers))
        nothing = self.amount.problem() or tr("Type an amount first.") if amount is None else None
        block(self.deposit, nothing)
        too_much = tr("The account holds {value} {asset}.", value=amount_text(numbers, free + owned), asset=asset)
        block(self.withdraw, nothing or (too_much if amount is not None and amount > free + owned else None))

    def _against_event(self, paper: PaperState) -> str | None:
        """Why what is chosen cannot happen to the coin, or None."""
        coin, event = self.coin.choice(), MarketEvent(self.happening.currentData())
        if not coin:
            return tr("Choose a coin of the list first.")
        state = paper.closed.get(coin)
        if state is MarketEvent.DELIST:
            return tr("{coin} was delisted: its market is gone for good.", coin=coin)
        if event is MarketEvent.REOPEN and state is None:
            return tr("The market of {coin} is open.", coin=coin)
        if event is MarketEvent.HALT and state is not None:
            return tr("The market of {coin} is halted already.", coin=coin)
        if event is MarketEvent.RENAME:
            return self._against_name(self.new_name.text().strip().upper())
        return None

    def _against_name(self, name: str) -> str | None:
        if not name:
            return tr("Type the new name first.")
        if not (name.isascii() and name.isalnum()):
            return tr("A name has letters and digits only.")
        if self.asset.findText(name, Qt.MatchFlag.MatchFixedString) >= 0:
            return tr("There is a coin called {name} already: choose another name.", name=name)
        return None

    @Slot()
    def _show_amount_problem(self) -> None:
        problem = self.amount.shown_problem()
        if problem:
            self._said.show_problem(problem)
        else:
            self._said.show_hint("")

    @Slot()
    def _event_chosen(self) -> None:
        self._show_new_name()
        self._news()

    # ---------------------------------------------------------------------------------------------------------- pressing

    def _move(self, *, sign: int) -> None:
        amount, asset = self.amount.value(), self.asset.choice()
        if amount is None or not asset:
            return
        words = f"{amount_text(self._numbers, amount)} {asset} {tr('came in') if sign > 0 else tr('went out')}."
        self._ask(lambda i: c.PaperTransfer(i, self._account, asset, amount * sign), words)

    @Slot()
    def _make_happen(self) -> None:
        coin, event = self.coin.choice(), MarketEvent(self.happening.currentData())
        new_name = self.new_name.text().strip().upper() if event is MarketEvent.RENAME else ""
        words = f"{coin} {_SAID[event]}."
        self._ask(lambda i: c.ChangePaperMarket(i, self._account, event, coin, new_name), words)

    @Slot()
    def _set_right(self) -> None:
        may = self.right.isChecked()
        words = tr("The account may trade again.") if may else tr("The account may not trade any more.")
        self._ask(lambda i: c.SetPaperTradingRight(i, self._account, may), words)

    @Slot()
    def _set_bnb(self) -> None:
        on = self.bnb.isChecked()
        self._ask(
            lambda i: c.SetPayFeesWithBnb(i, self._account, on),
            tr("Pay fees with BNB is {part}.", part=tr("on") if on else tr("off")),
        )

    def _ask(self, make: Callable[[str], c.Command], done: str) -> None:
        def answered(answer: Answer) -> None:
            if isinstance(answer, CommandRejected):
                self._said.show_problem(answer.message, aloud=True)
            else:
                self._said.show_good(done, aloud=True)
            self._news()

        self._feed.ask(make(self._feed.next_command_id()), answered)


def _owners(view: AccountView, asset: str) -> dict[str, Decimal]:
    """Units of ``asset`` by the name of each strategy that is not over and holds some."""
    owners: dict[str, Decimal] = {}
    for strategy in view.strategies:
        snapshot = strategy.snapshot
        if snapshot is None or strategy.state is State.ENDED:
            continue
        owned = snapshot.cash if asset == snapshot.quote_asset else ZERO
        owned += total(h.quantity for h in snapshot.holdings if h.asset == asset)
        if owned > ZERO:
            owners[strategy.parameters.name] = owned
    return owners


def held_words(
    asset: str, free: Decimal, owners: Mapping[str, Decimal], amount: Decimal | None, numbers: NumberFormat
) -> str:
    """What the free pool and the strategies have of ``asset``, and whose it would be that a withdrawal takes."""
    words = tr("Free pool: {value} {asset}.", value=amount_text(numbers, free), asset=asset)
    if owners:
        shares = [f"{name} ({amount_text(numbers, owned)})" for name, owned in owners.items()]
        more = tr(" and {count} more", count=len(shares) - _NAMED) if len(shares) > _NAMED else ""
        words += tr(" In strategies: {names}{more}.", names=", ".join(shares[:_NAMED]), more=more)
    if amount is not None and free < amount <= free + total(owners.values()):
        short = amount_text(numbers, amount - free)
        who = next(iter(owners)) if len(owners) == 1 else tr("whoever is short")
        words += tr(
            " A withdrawal takes {short} {asset} that belong to strategies: {who} is halted until you book the loss or "
            "deposit it again.",
            short=short,
            asset=asset,
            who=who,
        )
    return words
