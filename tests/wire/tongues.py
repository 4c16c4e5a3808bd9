"""How each venue says things: its errors, its words for the end of an order, and how an order looks on the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from rebalancer_gui.domain.orders import VenueOrderStatus

Error = tuple[int, str]
"""HTTP status and body."""


@dataclass(frozen=True)
class OnWire:
    """An order as it was posted. ``unit``: what ``quantity`` counts, where the venue has a field for it."""

    cid: str
    kind: str
    quantity: str
    price: str
    unit: str = ""


@dataclass(frozen=True)
class Tongue:
    """One venue. ``error`` writes an error with a code; the tables hold codes."""

    read: Callable[[str], OnWire]
    error: Callable[[str, str], Error]
    limit: str
    """``kind`` of a limit order that works at once or never."""
    market: str
    refused: tuple[tuple[str, str], ...]
    no_right: tuple[tuple[str, str], ...]
    unclear: tuple[tuple[str, str], ...]
    pauses: tuple[tuple[str, str], ...]
    too_early: tuple[str, str] | None
    words: Mapping[str, VenueOrderStatus]
    """What the venue may call the end of an order that is over and had nothing filled, and what that is here."""
    lookups: tuple[str, ...] = ()
    """Paths of the look-up by our id."""
    base_unit: str = ""
    no_order: tuple[str, ...] = ()
    """Bodies of a look-up that is empty and says nothing."""
    private: str = ""
    """Path of the balances."""
    extra: Mapping[str, Any] = field(default_factory=dict)


def _binance_error(code: str, message: str) -> Error:
    status = 401 if code in {"-2015", "-2014"} else 418 if code == "-1003" else 400
    return status, json.dumps({"code": int(code), "msg": message})


def _binance_read(body: str) -> OnWire:
    fields = dict(parse_qsl(body, keep_blank_values=True))
    assert fields["newOrderRespType"] == "FULL"
    kind = " ".join(filter(None, (fields["type"], fields.get("timeInForce", ""))))
    return OnWire(fields["newClientOrderId"], kind, fields["quantity"], fields.get("price", ""))


FILTERS = ("LOT_SIZE", "MARKET_LOT_SIZE", "PRICE_FILTER", "PERCENT_PRICE_BY_SIDE", "NOTIONAL", "MAX_NUM_ORDERS")

TONGUES: dict[str, Tongue] = {
    "binance": Tongue(
        read=_binance_read,
        error=_binance_error,
        limit="LIMIT IOC",
        market="MARKET",
        refused=(
            *(("-1013", f"Filter failure: {name}") for name in FILTERS),
            ("-1013", "Market is closed."),
            ("-2010", "Account has insufficient balance for requested action."),
            ("-1121", "Invalid symbol."),
            ("-1111", "Parameter 'quantity' has too much precision."),
        ),
        no_right=(("-2015", "Invalid API-key, IP, or permissions for action."), ("-2014", "API-key format invalid.")),
        unclear=(
            ("-1006", "An unexpected response was received from the message bus. Execution status unknown."),
            ("-1007", "Timeout waiting for response from backend server. Send status unknown; execution status unknown."),
            ("-1001", "Internal error; unable to process your request. Please try again."),
            ("-1008", "Server is currently overloaded with other requests. Please try again in a few minutes."),
            ("-2010", "Duplicate order sent."),
            ("-9999", "A code that nobody has seen."),
        ),
        pauses=(("-1015", "Too many new orders; current limit is 50 orders per 10 SECOND."),
                ("-1003", "Way too much request weight used; IP banned until 1772445900000.")),
        too_early=("-1021", "Timestamp for this request is outside of the recvWindow."),
        words={
            "EXPIRED": VenueOrderStatus.EXPIRED, "CANCELED": VenueOrderStatus.EXPIRED,
            "REJECTED": VenueOrderStatus.REJECTED, "EXPIRED_IN_MATCH": VenueOrderStatus.EXPIRED,
            "PENDING_NEW": VenueOrderStatus.OPEN, "A_NEW_WORD": VenueOrderStatus.OPEN,
        },
        lookups=("/api/v3/order",),
        no_order=("{}", "[]", '{"symbol": "BTCUSDT"}'),
        private="/api/v3/account",
    ),
}  # fmt: skip
