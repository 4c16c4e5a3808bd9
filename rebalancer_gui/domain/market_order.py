"""May what a Limit IOC left unfilled go as a Market order? (BEHAVIOUR.md section 4, ORDERS.md rule 11 and section 5)"""

from __future__ import annotations

from decimal import Decimal

from rebalancer_gui.domain.market import MarketRules, OrderBook
from rebalancer_gui.domain.money import ONE, ZERO, floor_to_step
from rebalancer_gui.domain.orders import Side

MAX_SPREAD = Decimal("0.01")
"""Widest spread, as a fraction of the mid, at which a Market order is sent."""
MAX_IMPACT = Decimal("0.005")
"""How far, as a fraction, the estimated average price may be from the best one."""
MAX_SLIP = Decimal("0.01")
"""What a Market buy reserves beyond the ask."""
NOTIONAL_MARGIN = Decimal("1.01")
"""A venue tests a Market order's notional on an average price: stay 1 % above its minimum (BEHAVIOUR.md section 2)."""


def market_quantity(
    left: Decimal, money: Decimal | None, price: Decimal, rules: MarketRules, quote_fee: Decimal
) -> Decimal:
    """Base quantity of the Market order for ``left`` base units; zero when it would not be a legal order.

    ``price`` is the present ask or bid; ``money`` (quote units) bounds a buy so that it fits with the largest slip and
    the fee where that is taken in quote; None for a sell.
    """
    quantity = min(left, rules.market_max_quantity or rules.max_quantity, rules.largest_quantity(price))
    if money is not None:
        quantity = min(quantity, money / (price * (ONE + MAX_SLIP + quote_fee)))
    quantity = floor_to_step(max(quantity, ZERO), rules.step_size)
    if rules.fault_of(quantity, price / NOTIONAL_MARGIN) is not None:
        return ZERO
    return quantity


def sane_part(book: OrderBook, side: Side, quantity: Decimal, price: Decimal, rules: MarketRules) -> Decimal:
    """The largest of 1/2, 1/4, ... 1/64 of ``quantity`` (base units, on the step) that is a legal order at ``price`` and
    passes :func:`reason_against`; zero when none does.
    """
    for halvings in range(1, 7):
        part = floor_to_step(quantity / 2**halvings, rules.step_size)
        if rules.fault_of(part, price / NOTIONAL_MARGIN) is not None:
            return ZERO
        if not reason_against(book, side, part):
            return part
    return ZERO


def reason_against(book: OrderBook, side: Side, quantity: Decimal) -> str:
    """Why a Market order of ``quantity`` base units is not sent now; "" when spread and depth are sane."""
    if not book.bids or not book.asks:
        return "the order book is empty"
    best_bid, best_ask = book.bids[0].price, book.asks[0].price
    if best_bid > best_ask:
        return "the order book is crossed"
    spread = (best_ask - best_bid) * 2 / (best_ask + best_bid)
    if spread > MAX_SPREAD:
        return f"the spread of {spread * 100:.2f} % is over {MAX_SPREAD * 100:.0f} %"
    levels = book.asks if side is Side.BUY else book.bids
    left, value = quantity, ZERO
    for level in levels:
        taken = min(left, level.quantity)
        value += taken * level.price
        left -= taken
        if left == ZERO:
            break
    if left > ZERO:
        return "the order book is too thin"
    best = levels[0].price
    impact = abs(value / quantity - best) / best
    if impact > MAX_IMPACT:
        return f"the order would move the price by {impact * 100:.2f} %"
    return ""
