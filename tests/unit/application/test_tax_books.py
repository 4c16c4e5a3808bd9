"""An account's records as purchases and sales: fees wherever they were taken, renames, losses, and what tax tools get."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.application.record_sheets import lot_cells, movement_cells, rename_cells, trade_cells
from rebalancer_gui.application.records import FeeRow, FillRow, TransferKind, TransferRow
from rebalancer_gui.application.tax_books import FEE, GONE, SALE, Disposal, TaxBooks, fee_parts
from rebalancer_gui.application.told_costs import TOLD_COST, told_cost_text, told_costs
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.orders import Fill, Side
from rebalancer_gui.domain.strategy import HeldCoin
from rebalancer_gui.domain.tax_lots import LotMethod
from tests.builders import NOON, d

HOUR = timedelta(hours=1)


def books(method: LotMethod = LotMethod.FIFO, told: dict[tuple[str, str], Decimal] | None = None) -> TaxBooks:
    return TaxBooks(method, {"USDT"}, told or {}, lambda _id: "USDT")


def trade(
    number: int, side: Side, quantity: str, price: str, fee: str = "0", fee_asset: str = "USDT", coin: str = "BTC"
) -> FillRow:
    at = NOON + number * HOUR
    fill = Fill(f"t{number}", "c", f"{coin}/USDT", side, d(quantity), d(price), d(fee), fee_asset, at)
    return FillRow(number, "s-1", fill)


def fee_row(row: FillRow, refunded: str = "0", bnb: str = "0", paid: str = "0") -> FeeRow:
    fill = row.fill
    return FeeRow(
        row.key, fill.at, row.strategy_id, fill.trade_id, fill.symbol, fill.fee_asset, fill.fee, d(refunded), d(bnb), ZERO,
        d(paid), ZERO,
    )  # fmt: skip


def transfer(kind: TransferKind, asset: str, amount: str, strategy_id: str = "") -> TransferRow:
    return TransferRow(1, NOON, strategy_id, kind, asset, d(amount), d(amount))


def told(
    disposals: Iterable[Disposal],
) -> list[tuple[str, str, Decimal, Decimal | None, Decimal | None, Decimal | None]]:
    return [
        (one.kind, one.asset, one.taken.lot.quantity, one.taken.proceeds, one.taken.lot.cost, one.taken.gain)
        for one in disposals
    ]


def test_fees_in_the_coin_or_the_money_are_in_cost_and_proceeds() -> None:
    own = books()
    assert told(own.take_fill(trade(1, Side.BUY, "2", "100", "0.01", "BTC"), None)) == []
    assert own.book("BTC").lots[0].quantity == d("1.99")
    assert own.book("BTC").lots[0].cost == 200
    list(own.take_fill(trade(2, Side.BUY, "1", "100", "0.5"), None))
    assert own.book("BTC").lots[1].cost == d("100.5")
    (sale,) = own.take_fill(trade(3, Side.SELL, "1.99", "150", "0.3"), None)
    assert (sale.kind, sale.fee, sale.taken.proceeds, sale.taken.gain) == (SALE, d("0.3"), d("298.2"), d("98.2"))


def test_a_fee_that_the_exchange_took_in_bnb_is_a_sale_of_bnb_and_counts_as_the_trades_cost() -> None:
    own = books()
    list(own.take_fill(trade(1, Side.BUY, "1", "300", coin="BNB"), None))
    buy = trade(2, Side.BUY, "1", "100", "0.001", "BNB")
    assert told(own.take_fill(buy, fee_row(buy, bnb="0.001", paid="0.4"))) == [
        (FEE, "BNB", d("0.001"), d("0.4"), d("0.3"), d("0.1"))
    ]
    assert own.book("BTC").lots[0].cost == d("100.4")
    assert own.book("BTC").lots[0].quantity == 1
    sell = trade(3, Side.SELL, "1", "120", "0.001", "BNB")
    spent, sale = told(own.take_fill(sell, fee_row(sell, bnb="0.001", paid="0.5")))
    assert spent == (FEE, "BNB", d("0.001"), d("0.5"), d("0.3"), d("0.2"))
    assert sale == (SALE, "BTC", d(1), d("119.5"), d("100.4"), d("19.1"))


def test_bnb_of_unknown_worth_or_cost_is_said_and_not_reckoned_as_nothing() -> None:
    own = books()
    sell = trade(1, Side.SELL, "1", "120", "0.001", "BNB")
    spent, sale = own.take_fill(sell, fee_row(sell, bnb="0.001"))
    assert (spent.taken.proceeds, spent.taken.lot.cost, spent.taken.gain) == (None, None, None)
    cells = lot_cells(spent, LotMethod.FIFO, lambda _id: "Core")
    assert (cells[6], cells[7], cells[8]) == ("unknown", "unknown", "unknown")
    assert "what that was worth is not known" in sale.note
    assert sale.taken.proceeds == 120


def test_what_pay_fees_with_bnb_gave_back_is_no_fee_and_the_bnb_is_spent() -> None:
    own = books()
    list(own.take_transfer(transfer(TransferKind.DEPOSIT, "BNB", "1")))
    buy = trade(1, Side.BUY, "2", "100", "0.002", "BTC")
    assert told(own.take_fill(buy, fee_row(buy, refunded="0.002", bnb="0.0005", paid="0.15"))) == [
        (FEE, "BNB", d("0.0005"), d("0.15"), None, None)
    ]
    lot = own.book("BTC").lots[0]
    assert (lot.quantity, lot.cost) == (d(2), d("200.15"))


def test_a_renamed_coin_goes_on_with_its_lots_and_coins_gone_outside_take_theirs_along() -> None:
    own = books()
    list(own.take_fill(trade(1, Side.BUY, "2", "10", coin="MATIC"), None))
    assert own.take_rename("MATIC", "POL") == 2
    gone = told(own.take_transfer(transfer(TransferKind.LOST, "POL", "0.5", "s-1")))
    assert gone == [(GONE, "POL", d("0.5"), None, d(5), None)]
    (sale,) = own.take_fill(trade(2, Side.SELL, "1.5", "20", coin="POL"), None)
    assert sale.taken.gain == 15
    assert rename_cells(NOON, "MATIC", "POL", d(2))[1:5] == ("2", "MATIC", "2", "POL")


def test_money_is_no_coin_and_moving_inside_the_account_is_nothing() -> None:
    own = books()
    for kind in TransferKind:
        assert told(own.take_transfer(transfer(kind, "USDT", "100", "s-1"))) == []
        if kind not in {TransferKind.DEPOSIT, TransferKind.WITHDRAWAL, TransferKind.LOST}:
            assert told(own.take_transfer(transfer(kind, "BTC", "1", "s-1"))) == []
            assert movement_cells(transfer(kind, "BTC", "1", "s-1")) is None
    assert own.book("BTC").quantity == 0


def test_a_cost_that_the_owner_told_belongs_to_the_coins_of_that_strategy() -> None:
    held = (HeldCoin("BTC", d(2), d("40.5")), HeldCoin("ETH", d(1), None))
    values = {TOLD_COST + "s-1": told_cost_text(held), "today": "x"}
    assert told_costs(values) == {("s-1", "BTC"): d("40.5")}
    assert told_cost_text((HeldCoin("ETH", d(1), None),)) == ""
    own = books(told=told_costs(values))
    list(own.take_transfer(transfer(TransferKind.DEPOSIT, "BTC", "3")))
    list(own.take_transfer(transfer(TransferKind.INVESTED, "BTC", "2", "s-1")))
    costs = [one.cost for one in own.book("BTC").lots]
    assert sorted(costs, key=lambda c: c is None) == [d(81), None]


amounts = st.decimals(Decimal("0.01"), Decimal(100), places=2)
fees = st.sampled_from(("BTC", "USDT", "BNB"))


@given(st.lists(st.tuples(st.sampled_from(Side), amounts, amounts, fees), max_size=15), st.sampled_from(LotMethod))
def test_lots_and_transactions_hold_what_the_trades_left(
    moves: list[tuple[Side, Decimal, Decimal, str]], method: LotMethod
) -> None:
    own, held, gone = books(method), {"BTC": ZERO, "BNB": ZERO, "USDT": ZERO}, {"BTC": ZERO, "BNB": ZERO}
    listed = dict.fromkeys(held, ZERO)
    beyond = dict.fromkeys(gone, ZERO)
    for number, (side, quantity, price, fee_asset) in enumerate(moves):
        row = trade(number, side, str(quantity), str(price), "0.001", fee_asset)
        fee = fee_row(row, bnb="0.001", paid="0.2") if fee_asset == "BNB" else None
        sign = 1 if side is Side.BUY else -1
        held["BTC"] += sign * quantity
        held["USDT"] -= sign * quantity * price
        held[fee_asset] -= d("0.001")
        for one in own.take_fill(row, fee):
            gone[one.asset] += one.taken.lot.quantity
            beyond[one.asset] += one.taken.lot.quantity if one.taken.lot.acquired is None else ZERO
        cells = trade_cells(row, fee_parts(row, fee), lambda _id: "Core")
        for sign, at in ((-1, 1), (1, 3), (-1, 5)):
            if cells[at]:
                listed[cells[at + 1]] += sign * d(cells[at])
    assert listed == held
    if method is not LotMethod.AVERAGE:  # which does not keep when its parts were bought
        for coin in gone:
            assert own.book(coin).quantity == held[coin] + beyond[coin]
    assert all(one.quantity > ZERO for one in own.book("BTC").lots)
    assert total(one.quantity for one in own.book("BTC").lots) == own.book("BTC").quantity
