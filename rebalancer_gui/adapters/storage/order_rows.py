"""Rows of the tables intent and fill as values of the domain, and the statements that read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from rebalancer_gui.adapters.storage.codec import to_decimal, to_time
from rebalancer_gui.application.records import FillRow, OrderRow
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, IntentState, OrderIntent, OrderRequest, OrderType, Side

_INTENTS = """
    SELECT i.key, i.client_order_id, s.id, i.rebalance_id, i.attempt, y.name, i.side, i.type, i.quantity, i.limit_price,
        i.reserved_asset, i.reserved_amount, i.sent_at, i.state, i.venue_order_id, i.filled, i.reason, i.fence_at,
        i.app_version
    FROM intent i JOIN strategy s ON s.key = i.strategy JOIN symbol y ON y.key = i.symbol
"""
ONE_INTENT = _INTENTS + "WHERE i.client_order_id = ?"
OPEN_INTENTS = _INTENTS + "WHERE i.state NOT IN ('rejected', 'absent', 'settled') ORDER BY i.key"
ABSENT_INTENTS = _INTENTS + "WHERE i.state = 'absent' AND i.sent_at >= ? ORDER BY i.key"

_FILL = """
    SELECT f.trade_id, i.client_order_id, y.name, f.side, f.quantity, f.price, coalesce(u.fee, f.fee),
        coalesce(u.fee_asset, f.fee_asset), f.at, f.fee_known OR u.fill IS NOT NULL
"""
FILLS_OF_ORDER = (
    _FILL
    + """
    FROM intent i JOIN fill f ON f.intent = i.key JOIN symbol y ON y.key = f.symbol
        LEFT JOIN fee_true_up u ON u.fill = f.key
    WHERE i.client_order_id = ? ORDER BY f.key
"""
)

_FILL_OF_STRATEGY = (
    _FILL
    + """, f.key, s.id
    FROM PAGE p JOIN fill f ON f.key = p.key JOIN intent i ON i.key = f.intent JOIN strategy s ON s.key = i.strategy
        JOIN symbol y ON y.key = f.symbol LEFT JOIN fee_true_up u ON u.fill = f.key
"""
)
_ESTIMATED = _FILL_OF_STRATEGY.replace("PAGE", "(SELECT key FROM fill WHERE fee_known = 0)")
FEES_DUE = _ESTIMATED + "WHERE u.fill IS NULL ORDER BY p.key"
FILL_PAGE = _FILL_OF_STRATEGY + "ORDER BY p.key DESC"
"""PAGE stands for the keys of a page of fills, as ``key``."""
FILL_KEY = 10
"""Where a row of it has the fill's key."""

ORDER_PAGE = """
    SELECT i.key, i.sent_at, s.id, i.rebalance_id, i.client_order_id, i.venue_order_id, y.name, i.side, i.type,
        i.quantity, i.limit_price, i.state, i.reason, f.quantity, f.price, coalesce(u.fee, f.fee),
        coalesce(u.fee_asset, f.fee_asset)
    FROM PAGE i JOIN strategy s ON s.key = i.strategy JOIN symbol y ON y.key = i.symbol
        LEFT JOIN fill f ON f.intent = i.key LEFT JOIN fee_true_up u ON u.fill = f.key
    ORDER BY i.key DESC, f.key
"""
"""Orders with their fills in one statement: as many rows as an order has fills, at least one. PAGE stands for a page."""


def to_intent(row: tuple[Any, ...], account: str) -> tuple[int, OrderIntent]:
    """Key and intent from a row of ONE_INTENT or OPEN_INTENTS."""
    request = OrderRequest(
        client_order_id=row[1],
        symbol=row[5],
        side=Side(row[6]),
        type=OrderType(row[7]),
        quantity=to_decimal(row[8]),
        limit_price=to_decimal(row[9]) if row[9] is not None else None,
    )
    return row[0], OrderIntent(
        request=request,
        account=account,
        strategy_id=row[2],
        rebalance_id=row[3],
        attempt=row[4],
        reserved_asset=row[10],
        reserved_amount=to_decimal(row[11]),
        sent_at=to_time(row[12]),
        state=IntentState(row[13]),
        venue_order_id=row[14],
        filled=to_decimal(row[15]),
        reason=row[16],
        fence_at=to_time(row[17]) if row[17] is not None else None,
        app_version=row[18],
    )


def to_fill(row: tuple[Any, ...]) -> Fill:
    """From a row of FILLS_OF_ORDER or FILL_PAGE."""
    return Fill(
        trade_id=row[0],
        client_order_id=row[1],
        symbol=row[2],
        side=Side(row[3]),
        quantity=to_decimal(row[4]),
        price=to_decimal(row[5]),
        fee=to_decimal(row[6]),
        fee_asset=row[7],
        at=to_time(row[8]),
        fee_known=bool(row[9]),
    )


def to_fill_row(row: tuple[Any, ...]) -> FillRow:
    """From a row of FILL_PAGE."""
    return FillRow(key=row[FILL_KEY], strategy_id=row[11], fill=to_fill(row))


def to_orders(rows: Iterable[tuple[Any, ...]]) -> tuple[OrderRow, ...]:
    """From the rows of ORDER_PAGE; average, cost and fees are those of the fills."""
    return tuple(to_order(list(of_one)) for _, of_one in groupby(rows, key=lambda row: row[0]))


def to_order(rows: Sequence[tuple[Any, ...]]) -> OrderRow:
    """From the rows of ORDER_PAGE that are one order's."""
    filled, cost, fees = ZERO, ZERO, dict[str, Any]()
    for quantity, price, fee, fee_asset in (row[13:] for row in rows):
        if quantity is None:
            continue
        filled += to_decimal(quantity)
        cost += to_decimal(quantity) * to_decimal(price)
        if (paid := to_decimal(fee)) != ZERO:
            fees[fee_asset] = fees.get(fee_asset, ZERO) + paid
    row = rows[0]
    return OrderRow(
        key=row[0],
        at=to_time(row[1]),
        strategy_id=row[2],
        rebalance_id=row[3],
        client_order_id=row[4],
        venue_order_id=row[5],
        symbol=row[6],
        side=Side(row[7]),
        type=OrderType(row[8]),
        quantity=to_decimal(row[9]),
        price=to_decimal(row[10]) if row[10] is not None else None,
        filled=filled,
        average=cost / filled if filled != ZERO else None,
        cost=cost,
        fees=tuple(sorted(fees.items())),
        state=IntentState(row[11]),
        reason=row[12],
    )
