"""The rows of export files as cells of text: plain decimal numbers, times in UTC, "unknown" where something is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rebalancer_gui.application.record_commands import Sheet
from rebalancer_gui.application.records import (
    FeeRow,
    FillRow,
    JournalEntry,
    OrderRow,
    RebalanceRecord,
    TransferKind,
    TransferRow,
)
from rebalancer_gui.application.tax_books import FEE, GONE, MOVED_OUT, SALE, Disposal, FeeParts
from rebalancer_gui.domain.money import plain
from rebalancer_gui.domain.orders import OrderType, Side
from rebalancer_gui.domain.tax_lots import LotMethod

UNKNOWN = "unknown"
Cells = tuple[str, ...]
Names = Callable[[str], str]
"""What the strategy of an id is called ("" for none)."""

HEADERS: Mapping[Sheet, Cells] = {
    Sheet.LOTS: (
        "method", "event", "coin", "quantity", "date_acquired", "date_sold", "proceeds", "cost", "gain", "currency",
        "holding_days", "fee_taken_off", "fee_treatment", "strategy", "trade_id", "note",
    ),
    Sheet.TRANSACTIONS: (
        "Date", "Sent Amount", "Sent Currency", "Received Amount", "Received Currency", "Fee Amount", "Fee Currency",
        "Net Worth Amount", "Net Worth Currency", "Label", "Description", "TxHash",
    ),
    # https://support.cointracker.io/hc/en-us/articles/4413071299729: exactly these columns, and dates as Americans write them.
    Sheet.COINTRACKER: (
        "Date", "Received Quantity", "Received Currency", "Sent Quantity", "Sent Currency", "Fee Amount", "Fee Currency", "Tag",
    ),
    Sheet.ORDERS: (
        "time", "strategy", "strategy_id", "client_order_id", "exchange_order_id", "symbol", "side", "type", "quantity", "limit",
        "filled", "average", "cost", "fees", "state", "reason",
    ),
    Sheet.FILLS: (
        "time", "strategy", "strategy_id", "client_order_id", "trade_id", "symbol", "side", "quantity", "price", "value",
        "fee_coin", "fee_amount",
    ),
    Sheet.FEES: (
        "time", "strategy", "strategy_id", "trade_id", "symbol", "fee_coin", "fee_amount", "refunded", "bnb_paid", "saved", "note",
    ),
    Sheet.REBALANCES: (
        "time", "strategy", "strategy_id", "rebalance_id", "reason", "outcome", "worst_drift", "orders", "skipped", "message",
    ),
    Sheet.TRANSFERS: ("time", "strategy", "strategy_id", "kind", "coin", "amount", "value"),
    Sheet.JOURNAL: ("time", "last_time", "count", "strategy", "strategy_id", "kind", "text"),
}  # fmt: skip

_TREATMENT = {
    SALE: "sale fee taken off the proceeds; purchase fees are in the cost",
    FEE: "spent as the fee of a trade, at its worth; that worth is in the trade's cost or taken off its proceeds",
    MOVED_OUT: "no sale: it left the account",
    GONE: "no sale: it left the account outside the program",
}
_TOOL_TIME = "%Y-%m-%d %H:%M:%S UTC"
_SHOWN = Decimal("0.000000000001")


def utc(at: datetime | None) -> str:
    """``2021-02-16T00:00:00Z``, without parts of a second; "" for None."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else ""


def figure(amount: Decimal | None, missing: str = "") -> str:
    """At most twelve decimals."""
    if amount is None:
        return missing
    return plain(amount if amount == amount.to_integral_value() else amount.quantize(_SHOWN))


def lot_cells(row: Disposal, method: LotMethod, names: Names) -> Cells:
    """One part of a lot that left."""
    taken, lot = row.taken, row.taken.lot
    sold = row.kind in {SALE, FEE}
    note = row.note
    if lot.cost is not None and sold and taken.proceeds is not None and lot.money != taken.money:
        note = f"bought for {lot.money}, sold for {taken.money}: not converted"
    elif lot.cost is None:
        note = "; ".join(part for part in ("what it had cost is not known", note) if part)
    held = (row.at - lot.acquired).days if lot.acquired is not None else None
    return (
        str(method),
        row.kind,
        row.asset,
        plain(lot.quantity),
        utc(lot.acquired) or UNKNOWN,
        utc(row.at),
        figure(taken.proceeds, UNKNOWN) if sold else "",
        figure(lot.cost, UNKNOWN),
        figure(taken.gain, UNKNOWN) if sold else "",
        taken.money if sold else lot.money,
        str(held) if held is not None else UNKNOWN,
        figure(row.fee) if sold else "",
        _TREATMENT[row.kind],
        names(row.strategy_id),
        row.trade_id,
        note,
    )


def trade_cells(row: FillRow, parts: FeeParts, names: Names) -> Cells:
    """A trade for a tax tool: what really left and what really came. A fee in one of the two is inside its amount already, so
    that no tool counts it twice; the fee columns are for a third coin.
    """
    fill = row.fill
    base, _, money = fill.symbol.partition("/")
    if fill.side is Side.BUY:
        sent, sent_in = fill.value + parts.in_money, money
        got, got_in = fill.quantity - parts.in_coin, base
    else:
        sent, sent_in = fill.quantity + parts.in_coin, base
        got, got_in = fill.value - parts.in_money, money
    inside = " ".join(
        f"fee {plain(amount)} {asset} inside;"
        for amount, asset in ((parts.in_coin, base), (parts.in_money, money))
        if amount
    )
    whose = names(row.strategy_id)
    return (
        _tool_time(fill.at), plain(sent), sent_in, plain(got), got_in,
        plain(parts.third_units) if parts.third_units else "", parts.third if parts.third_units else "",
        "", "", "", f"{inside} {whose}".strip(), fill.trade_id,
    )  # fmt: skip


def movement_cells(row: TransferRow) -> Cells | None:
    """A deposit or withdrawal for a tax tool; None for what stays inside the account."""
    amount = plain(row.amount)
    if row.kind == TransferKind.DEPOSIT:
        return (_tool_time(row.at), "", "", amount, row.asset, *[""] * 5, "deposit", "")
    if row.kind == TransferKind.WITHDRAWAL:
        return (_tool_time(row.at), amount, row.asset, *[""] * 7, "withdrawal", "")
    if row.kind == TransferKind.LOST:
        return (_tool_time(row.at), amount, row.asset, *[""] * 7, "left the account outside the program", "")
    return None


def rename_cells(at: datetime, old: str, new: str, units: Decimal) -> Cells:
    """A coin that got another name, for a tax tool: swapped one for one."""
    return (_tool_time(at), plain(units), old, plain(units), new, *[""] * 4, "swap", f"{old} was renamed {new}", "")


def _tool_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_TOOL_TIME)


def for_cointracker(cells: Cells) -> Cells:
    """A transaction of a tax tool in CoinTracker's columns. No tag: it has none for what only left the account, and none for a coin
    that got another name, which stands there as a trade of one for one.
    """
    date, sent, sent_in, got, got_in, fee, fee_in, *_ = cells
    at = datetime.strptime(date, _TOOL_TIME).replace(tzinfo=UTC)
    return (at.strftime("%m/%d/%Y %H:%M:%S"), got, got_in, sent, sent_in, fee, fee_in, "")


# ------------------------------------------------------------------------------------------------------ lists as they are


def _order(row: OrderRow, whose: str) -> Cells:
    return (
        utc(row.at), whose, row.strategy_id, row.client_order_id, row.venue_order_id, row.symbol, row.side.value,
        "market" if row.type is OrderType.MARKET else "limit", plain(row.quantity), figure(row.price), plain(row.filled),
        figure(row.average), plain(row.cost), " + ".join(f"{plain(n)} {a}" for a, n in row.fees), row.state.value, row.reason,
    )  # fmt: skip


def _fill(row: FillRow, whose: str) -> Cells:
    fill = row.fill
    return (
        utc(fill.at), whose, row.strategy_id, fill.client_order_id, fill.trade_id, fill.symbol, fill.side.value,
        plain(fill.quantity), plain(fill.price), plain(fill.value), fill.fee_asset, plain(fill.fee),
    )  # fmt: skip


def _fee(row: FeeRow, whose: str) -> Cells:
    amounts = (plain(row.fee), plain(row.refunded), plain(row.bnb_paid), figure(row.saved))
    return (utc(row.at), whose, row.strategy_id, row.trade_id, row.symbol, row.fee_asset, *amounts, row.note)


def _rebalance(row: RebalanceRecord, whose: str) -> Cells:
    orders = "; ".join(f"{leg.side.value} {plain(leg.filled)} {leg.asset}: {leg.outcome.value}" for leg in row.legs)
    skipped = "; ".join(f"{leg.asset}: {leg.reason.value}" for leg in row.skipped)
    told = (row.id, row.reason, row.outcome.value, figure(row.worst_drift))
    return (utc(row.at), whose, row.strategy_id, *told, orders, skipped, row.message)


def _transfer(row: TransferRow, whose: str) -> Cells:
    return (utc(row.at), whose, row.strategy_id, str(row.kind), row.asset, plain(row.amount), figure(row.value))


def _entry(row: JournalEntry, whose: str) -> Cells:
    return (utc(row.at), utc(row.last_at), str(row.count), whose, row.strategy_id, row.kind, row.text)


_LISTS: Mapping[Sheet, Callable[[Any, str], Cells]] = {
    Sheet.ORDERS: _order,
    Sheet.FILLS: _fill,
    Sheet.FEES: _fee,
    Sheet.REBALANCES: _rebalance,
    Sheet.TRANSFERS: _transfer,
    Sheet.JOURNAL: _entry,
}


def list_cells(sheet: Sheet, row: Any, names: Names) -> Cells:  # noqa: ANN401 - a row of the sheet's own kind
    """A row of a list as it is."""
    return _LISTS[sheet](row, names(row.strategy_id))
