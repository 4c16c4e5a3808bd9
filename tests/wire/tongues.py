"""How each venue says things: its errors, its words for the end of an order, and how an order looks on the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    rule_words: tuple[str, ...] = ()
    """What is said when a market's filter forbids an order."""


def _binance_error(code: str, message: str) -> Error:
    status = 401 if code in {"-2015", "-2014"} else 418 if code == "-1003" else 400
    return status, json.dumps({"code": int(code), "msg": message})


def _binance_read(body: str) -> OnWire:
    fields = dict(parse_qsl(body, keep_blank_values=True))
    assert fields["newOrderRespType"] == "FULL"
    kind = " ".join(filter(None, (fields["type"], fields.get("timeInForce", ""))))
    return OnWire(fields["newClientOrderId"], kind, fields["quantity"], fields.get("price", ""))


def _bybit_error(code: str, message: str) -> Error:
    return 200, json.dumps({"retCode": int(code), "retMsg": message, "result": {}, "retExtInfo": {}, "time": 1})


def _bybit_read(body: str) -> OnWire:
    fields = json.loads(body)
    assert fields["category"] == "spot"
    kind = " ".join(filter(None, (fields["orderType"], fields.get("timeInForce", ""))))
    return OnWire(fields["orderLinkId"], kind, fields["qty"], fields.get("price", ""), fields.get("marketUnit", ""))


def _okx_error(code: str, message: str) -> Error:
    if code.startswith("50"):
        status = 401 if code in {"50111", "50113", "50105"} else 429 if code == "50011" else 200
        return status, json.dumps({"code": code, "msg": message, "data": []})
    row = {"clOrdId": "", "ordId": "", "tag": "", "sCode": code, "sMsg": message}
    return 200, json.dumps({"code": "1", "msg": "All operations failed", "data": [row]})


def _okx_read(body: str) -> OnWire:
    fields = json.loads(body)
    assert fields["tdMode"] == "cash"
    return OnWire(fields["clOrdId"], fields["ordType"], fields["sz"], fields.get("px", ""), fields.get("tgtCcy", ""))


def _kraken_error(code: str, message: str) -> Error:
    return 200, json.dumps({"error": [code]})


def _kraken_read(body: str) -> OnWire:
    fields = dict(parse_qsl(body, keep_blank_values=True))
    assert fields["oflags"] == "fciq"
    assert fields["deadline"]
    kind = " ".join(filter(None, (fields["ordertype"], fields.get("timeinforce", ""))))
    return OnWire(fields["cl_ord_id"], kind, fields["volume"], fields.get("price", ""))


def _coinbase_error(code: str, message: str) -> Error:
    if code == "401":
        return 401, "Unauthorized\n"
    if code in {"PERMISSION_DENIED", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "UNAUTHENTICATED", "INTERNAL"}:
        status = {"PERMISSION_DENIED": 403, "RESOURCE_EXHAUSTED": 429, "UNAUTHENTICATED": 401}.get(code, 400)
        return status, json.dumps({"error": code, "message": message, "error_details": message})
    said = {
        "error": code,
        "message": message,
        "error_details": "",
        "preview_failure_reason": "UNKNOWN_PREVIEW_FAILURE_REASON",
    }
    if code.startswith("PREVIEW_"):
        said |= {"error": "UNKNOWN_FAILURE_REASON", "preview_failure_reason": code}
    return 200, json.dumps({"success": False, "failure_reason": "UNKNOWN_FAILURE_REASON", "error_response": said})


def _coinbase_read(body: str) -> OnWire:
    fields = json.loads(body)
    ((how, config),) = fields["order_configuration"].items()
    return OnWire(fields["client_order_id"], how, config["base_size"], config.get("limit_price", ""))


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
        rule_words=("LOT_SIZE", "PRICE_FILTER", "NOTIONAL", "precision"),
    ),
    "bybit": Tongue(
        read=_bybit_read,
        error=_bybit_error,
        limit="Limit IOC",
        market="Market",
        base_unit="baseCoin",
        refused=(
            ("170131", "Insufficient balance."), ("170121", "Invalid symbol."), ("170134", "Order price has too many decimals."),
            ("170135", "Order quantity exceeded upper limit."), ("170136", "Order quantity exceeded lower limit."),
            ("170137", "Order quantity has too many decimals."), ("170140", "Order value exceeded lower limit."),
            ("170193", "Buy order price cannot be higher than 60000."), ("10001", "params error"),
        ),
        no_right=(
            ("10003", "API key is invalid."), ("10005", "Permission denied, please check your API key permissions."),
            ("10010", "Unmatched IP, please check your API key's bound IP addresses."), ("33004", "Your api key has expired."),
            ("10024", "The product or service you are seeking to access is not available to you."),
        ),
        unclear=(
            ("10016", "Server error."), ("170007", "Timeout waiting for response from backend server."),
            ("170001", "Internal error."), ("170141", "Duplicate clientOrderId"), ("170149", "Create order failed"),
            ("170146", "Order creation timeout"), ("99999", "A code that nobody has seen."),
        ),
        pauses=(("170005", "Too many new orders; current limit is 20 orders per 1 second."),
                ("10006", "Too many visits. Exceeded the API Rate Limit.")),
        too_early=("10002", "invalid request, please check your server timestamp or recv_window param"),
        words={
            "Cancelled": VenueOrderStatus.EXPIRED, "PartiallyFilledCanceled": VenueOrderStatus.EXPIRED,
            "Rejected": VenueOrderStatus.REJECTED, "Deactivated": VenueOrderStatus.EXPIRED,
            "New": VenueOrderStatus.OPEN, "ANewWord": VenueOrderStatus.OPEN,
        },
        lookups=("/v5/order/realtime", "/v5/order/history"),
        no_order=("{}", "[]", '{"retCode": 0, "result": {}}', '{"retCode": 0, "result": {"list": [{}]}}'),
        private="/v5/account/wallet-balance",
        rule_words=("decimals", "limit."),
    ),
    "okx": Tongue(
        read=_okx_read,
        error=_okx_error,
        limit="ioc",
        market="market",
        base_unit="base_ccy",
        refused=(
            ("51008", "Order failed. Insufficient USDT balance in account."), ("51001", "Instrument ID doesn't exist."),
            ("51020", "Your order should meet or exceed the minimum order amount."), ("51000", "Parameter px error"),
            ("51121", "Order quantity must be a multiple of the lot size."), ("51006", "Order price is not within the price limit."),
            ("51131", "Insufficient balance."), ("51202", "Market order amount exceeds the maximum amount."),
            ("51155", "You can't trade this pair due to local compliance restrictions."),
        ),
        no_right=(
            ("50111", "Invalid OK-ACCESS-KEY"), ("50113", "Invalid Sign"), ("50110", "Your IP is not included in your API key's list."),
            ("50120", "This API key doesn't have permission to use this function"), ("51009", "Order blocked."),
        ),
        unclear=(
            ("51149", "Order timed out. Please try again later."), ("50004", "API endpoint request timeout."),
            ("50013", "Systems are busy. Please try again later."), ("50026", "System error. Try again later."),
            ("51016", "Client order ID already exists."), ("50001", "Service temporarily unavailable."),
            ("59999", "A code that nobody has seen."),
        ),
        pauses=(("50061", "You've reached the maximum order rate limit for this account."), ("50011", "Rate limit reached.")),
        too_early=("50102", "Timestamp request expired"),
        words={
            "canceled": VenueOrderStatus.EXPIRED, "mmp_canceled": VenueOrderStatus.EXPIRED, "live": VenueOrderStatus.OPEN,
            "a_new_word": VenueOrderStatus.OPEN,
        },
        lookups=("/api/v5/trade/order",),
        no_order=("{}", "[]", '{"code": "0", "msg": "", "data": []}', '{"code": "0", "msg": "", "data": [{}]}'),
        private="/api/v5/account/balance",
        rule_words=("minimum", "lot size", "maximum amount"),
    ),
    "kraken": Tongue(
        read=_kraken_read,
        error=_kraken_error,
        limit="limit IOC",
        market="market",
        refused=tuple(
            (words, words)
            for words in (
                "EOrder:Insufficient funds", "EOrder:Order minimum not met", "EOrder:Cost minimum not met",
                "EOrder:Tick size check failed", "EOrder:Invalid price:Invalid price argument", "EQuery:Unknown asset pair",
                "EGeneral:Invalid arguments:volume", "EService:Market in cancel_only mode", "EService:Deadline elapsed",
                "EAPI:Invalid nonce",
            )
        ),
        no_right=tuple((words, words) for words in ("EAPI:Invalid key", "EAPI:Invalid signature", "EGeneral:Permission denied")),
        unclear=tuple(
            (words, words)
            for words in (
                "EService:Unavailable", "EService:Busy", "EService:Timeout", "EGeneral:Internal error",
                "EDatabase:Internal error", "EOrder:Unknown error", "EOrder:Duplicate cl_ord_id", "ENew:A code that nobody has seen",
            )
        ),
        pauses=(("EOrder:Rate limit exceeded", "EOrder:Rate limit exceeded"), ("EAPI:Rate limit exceeded", "EAPI:Rate limit exceeded")),
        too_early=None,
        words={
            "canceled": VenueOrderStatus.EXPIRED, "expired": VenueOrderStatus.EXPIRED, "closed": VenueOrderStatus.EXPIRED,
            "open": VenueOrderStatus.OPEN, "pending": VenueOrderStatus.OPEN, "a new word": VenueOrderStatus.OPEN,
        },
        lookups=("/0/private/ClosedOrders", "/0/private/OpenOrders"),
        no_order=("{}", "[]", '{"error": [], "result": {}}', '{"error": [], "result": {"closed": [], "open": []}}'),
        private="/0/private/BalanceEx",
        rule_words=("minimum", "Tick size", "Invalid price", "volume"),
    ),
    "coinbase": Tongue(
        read=_coinbase_read,
        error=_coinbase_error,
        limit="sor_limit_ioc",
        market="market_market_ioc",
        refused=(
            ("INSUFFICIENT_FUND", "Insufficient balance in source account"), ("INVALID_PRODUCT_ID", "Invalid product"),
            ("INVALID_SIZE_PRECISION", "Too many decimals"), ("INVALID_PRICE_PRECISION", "Too many decimals"),
            ("PREVIEW_INSUFFICIENT_FUND", "Insufficient balance in source account"),
            ("PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL", "Order size too small"), ("INVALID_ARGUMENT", "product_id is required"),
            ("UNSUPPORTED_ORDER_CONFIGURATION", "order configuration is not supported"),
        ),
        no_right=(
            ("401", "Unauthorized"), ("PERMISSION_DENIED", "Missing required scopes"), ("UNAUTHENTICATED", "invalid token"),
        ),
        unclear=(
            ("UNKNOWN_FAILURE_REASON", "it failed for reasons unknown"), ("INTERNAL", "something went wrong"),
            ("A_NEW_REASON", "A code that nobody has seen."),
        ),
        pauses=(("RESOURCE_EXHAUSTED", "Too many requests"),),
        too_early=None,
        words={
            "CANCELLED": VenueOrderStatus.EXPIRED, "EXPIRED": VenueOrderStatus.EXPIRED, "FAILED": VenueOrderStatus.REJECTED,
            "OPEN": VenueOrderStatus.OPEN, "PENDING": VenueOrderStatus.OPEN, "QUEUED": VenueOrderStatus.OPEN,
            "A_NEW_WORD": VenueOrderStatus.OPEN,
        },
        lookups=("/api/v3/brokerage/orders/historical/batch",),
        no_order=("{}", "[]", '{"orders": 5}', '{"orders": [[]]}'),
        private="/api/v3/brokerage/accounts",
        rule_words=("PRECISION", "TOO_SMALL"),
    ),
}  # fmt: skip
