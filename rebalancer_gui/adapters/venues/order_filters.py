"""What the paper venue refuses before anything else happens, in the words and codes of Binance's spot API.

Codes and texts: Binance "Error codes" and "Filters" pages. -1013 a filter or the market says no, -1100 illegal
characters, -1102 a missing parameter, -1106 one too many, -1121 no such symbol, -2010 the new order is rejected, -2015
the key may not do this.
"""

from __future__ import annotations

import re
from decimal import Decimal

from rebalancer_gui.domain.market import MarketRules, MarketStatus
from rebalancer_gui.domain.money import ZERO, on_grid
from rebalancer_gui.domain.orders import OrderRequest, OrderType, Rejected

CLIENT_ORDER_ID = r"[\.A-Z\:/a-z0-9_-]{1,36}"
MAX_PRICE = Decimal(10) ** 12
"""The upper bound of every PRICE_FILTER here, in quote units."""
DUPLICATE = "Duplicate order sent."
INSUFFICIENT_BALANCE = Rejected("Account has insufficient balance for requested action.", "-2010")
MARKET_CLOSED = Rejected("Market is closed.", "-1013")
NO_RIGHT = Rejected("Invalid API-key, IP, or permissions for action.", "-2015", no_right=True)
UNKNOWN_SYMBOL = Rejected("Invalid symbol.", "-1121")


def _filter_failure(name: str) -> Rejected:
    return Rejected(f"Filter failure: {name}", "-1013", against_rules=True)


def malformed(request: OrderRequest) -> Rejected | None:
    """Why the request makes no sense on any market, or None."""
    if re.fullmatch(CLIENT_ORDER_ID, request.client_order_id) is None:
        legal = f"legal range is '^{CLIENT_ORDER_ID}$'."
        return Rejected(f"Illegal characters found in parameter 'newClientOrderId'; {legal}", "-1100")
    if not request.quantity.is_finite() or request.quantity <= ZERO:
        return Rejected("Invalid quantity.", "-1013")
    if request.type is OrderType.MARKET:
        if request.limit_price is not None:
            return Rejected("Parameter 'price' sent when not required.", "-1106")
        return None
    if request.limit_price is None:
        text = "Mandatory parameter 'price' was not sent, was empty/null, or malformed."
        return Rejected(text, "-1102")
    if not request.limit_price.is_finite() or request.limit_price <= ZERO:
        return Rejected("Invalid price.", "-1013")
    return None


def refused_by_rules(request: OrderRequest, rules: MarketRules, average_price: Decimal) -> Rejected | None:
    """Why this market refuses a well-formed request, or None.

    ``average_price`` is what the notional of a Market order is tested on; its upper bound does not hold for Market
    orders (applyMaxToMarket is false on every pair of the venue that is modelled).
    """
    if rules.status is not MarketStatus.TRADING:
        return MARKET_CLOSED
    price, quantity = request.limit_price, request.quantity
    if price is not None and not (price <= MAX_PRICE and on_grid(price, rules.tick_size)):
        return _filter_failure("PRICE_FILTER")
    if not (rules.min_quantity <= quantity <= rules.max_quantity and on_grid(quantity, rules.step_size)):
        return _filter_failure("LOT_SIZE")
    if price is None:
        if rules.market_max_quantity is not None and quantity > rules.market_max_quantity:
            return _filter_failure("MARKET_LOT_SIZE")
        return _filter_failure("NOTIONAL") if quantity * average_price < rules.min_notional else None
    notional = quantity * price
    if notional < rules.min_notional or (rules.max_notional is not None and notional > rules.max_notional):
        return _filter_failure("NOTIONAL")
    return None
