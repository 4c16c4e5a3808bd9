"""An account's records as purchases and sales of coins, for cost basis by lots.

A trade's fee is where it was taken: in the coin that was bought it lessens the units, in the money it raises the cost or lowers
the proceeds, in a third coin it is a sale of that coin at its worth, which counts as the trade's cost. What Pay fees with BNB
gave back is no fee. Moving coins between the free pool and a strategy is neither.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.application.records import FeeRow, FillRow, TransferKind, TransferRow
from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.tax_lots import Lot, LotBook, LotMethod, Taken

SALE, FEE, MOVED_OUT, GONE = "sale", "fee", "moved out", "gone outside"


@dataclass(frozen=True, slots=True)
class FeeParts:
    """Where a trade's fee went: units of its coin, its money, and of a third coin with its worth (None: not known)."""

    in_coin: Decimal = ZERO
    in_money: Decimal = ZERO
    third: str = ""
    third_units: Decimal = ZERO
    third_worth: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Disposal:
    """A part of a lot that left the account, or was sold. ``fee`` in units of ``taken.money``: its share of what was taken off
    the proceeds. ``kind`` is one of the words above; ``note`` says what is not as usual.
    """

    at: datetime
    kind: str
    asset: str
    taken: Taken
    fee: Decimal
    strategy_id: str
    trade_id: str
    note: str = ""


def fee_parts(row: FillRow, returned: FeeRow | None) -> FeeParts:
    """Of one trade, with its row of Fees Return History where it has one."""
    fill = row.fill
    base, _, money = fill.symbol.partition("/")
    if fill.fee_asset not in {base, money}:
        worth = returned.paid_value if returned is not None and returned.paid_value > ZERO else None
        return (
            FeeParts(third=fill.fee_asset, third_units=fill.fee, third_worth=worth) if fill.fee > ZERO else FeeParts()
        )
    kept = fill.fee - (returned.refunded if returned is not None else ZERO)
    paid = returned.bnb_paid if returned is not None else ZERO
    return FeeParts(
        in_coin=kept if fill.fee_asset == base else ZERO,
        in_money=kept if fill.fee_asset == money else ZERO,
        third=BNB if paid > ZERO else "",
        third_units=paid,
        third_worth=returned.paid_value if returned is not None and paid > ZERO else None,
    )


class TaxBooks:
    """The lots of every coin of one account. Rows are taken in the order in which they happened. Not thread-safe.

    ``money`` names what is money and no coin; ``told`` has by (strategy, coin) what its owner said a unit of the coins had
    cost that the strategy was started with; ``quote_of`` the money of a strategy.
    """

    def __init__(
        self,
        method: LotMethod,
        money: Collection[str],
        told: Mapping[tuple[str, str], Decimal],
        quote_of: Callable[[str], str],
    ) -> None:
        self._method = method
        self._money = frozenset(money)
        self._told = told
        self._quote_of = quote_of
        self._books: dict[str, LotBook] = {}

    def book(self, asset: str) -> LotBook:
        """The lots of one coin."""
        if asset not in self._books:
            self._books[asset] = LotBook(self._method)
        return self._books[asset]

    def take_transfer(self, row: TransferRow) -> Iterator[Disposal]:
        """Coins that came into the account or left it; what was told of their cost."""
        if row.asset in self._money:
            return
        book = self.book(row.asset)
        match row.kind:
            case TransferKind.DEPOSIT:
                book.acquire(Lot(None, row.amount, None, ""))
            case TransferKind.INVESTED:
                cost = self._told.get((row.strategy_id, row.asset))
                if cost is not None:
                    book.tell_cost(row.amount, cost, self._quote_of(row.strategy_id))
            case TransferKind.WITHDRAWAL | TransferKind.LOST:
                kind = GONE if row.kind == TransferKind.LOST else MOVED_OUT
                for taken in book.take(row.amount, None, ""):
                    yield Disposal(row.at, kind, row.asset, taken, ZERO, row.strategy_id, "")
            case _:
                pass

    def take_rename(self, old: str, new: str) -> Decimal:
        """A coin got another name: its lots go on. Answers how many units."""
        units = self.book(old).quantity
        self.book(new).take_over(self.book(old))
        return units

    def take_fill(self, row: FillRow, returned: FeeRow | None) -> Iterator[Disposal]:
        """One trade: a purchase makes a lot, a sale takes lots; a fee in a third coin is a sale of that one."""
        fill, parts = row.fill, fee_parts(row, returned)
        base, _, money = fill.symbol.partition("/")
        note = ""
        if parts.third and parts.third_units > ZERO:
            for taken in self.book(parts.third).take(parts.third_units, parts.third_worth, money):
                yield Disposal(fill.at, FEE, parts.third, taken, ZERO, row.strategy_id, fill.trade_id)
            if parts.third_worth is None:
                note = f"its fee of {parts.third_units} {parts.third} is not in it: what that was worth is not known"
        fees = parts.in_money + (parts.third_worth or ZERO)
        if fill.side is Side.BUY:
            self.book(base).acquire(Lot(fill.at, fill.quantity - parts.in_coin, fill.value + fees, money))
            return
        units, proceeds = fill.quantity + parts.in_coin, fill.value - fees
        for taken in self.book(base).take(units, proceeds, money):
            fee = fees * taken.lot.quantity / units
            yield Disposal(fill.at, SALE, base, taken, fee, row.strategy_id, fill.trade_id, note)
