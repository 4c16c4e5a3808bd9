"""The venue's orders that could be one of ours about which nothing is proven. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rebalancer_gui.domain.money import total
from rebalancer_gui.domain.orders import OrderIntent, VenueOrder, VenueOrderStatus, VenueTrade


def could_be(order: VenueOrder, intent: OrderIntent) -> bool:
    """Whether an order without an id of ours is of the side and quantity that were sent."""
    request = intent.request
    return order.side is request.side and order.quantity == request.quantity


def from_trades(
    intent: OrderIntent, orders: Sequence[VenueOrder], trades: Sequence[VenueTrade]
) -> tuple[VenueOrder, ...]:
    """Orders that the venue does not list any more, put together from their trades, where those could be of this one."""
    request, listed = intent.request, {order.venue_order_id for order in orders}
    found = []
    for order_id in dict.fromkeys(t.venue_order_id for t in trades if t.venue_order_id not in listed):
        own = [t for t in trades if t.venue_order_id == order_id]
        filled = total(t.quantity for t in own)
        if filled <= request.quantity:
            status = VenueOrderStatus.FILLED if filled == request.quantity else VenueOrderStatus.EXPIRED
            found.append(
                VenueOrder(
                    "",
                    order_id,
                    request.symbol,
                    request.side,
                    request.type,
                    request.quantity,
                    filled,
                    status,
                    own[0].at,
                )
            )
    return tuple(found)


def as_ours(order: VenueOrder, client_order_id: str) -> VenueOrder:
    """The venue's order and its trades under the id of our intent."""
    fills = tuple(replace(fill, client_order_id=client_order_id) for fill in order.fills)
    return replace(order, client_order_id=client_order_id, fills=fills)
