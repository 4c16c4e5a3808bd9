"""What the screen of an order that is its owner's to decide says: the order, and exactly what each decision does. Pure: no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.application.views import QuarantineView
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.orders import OrderType, Side, VenueOrder, VenueOrderStatus
from rebalancer_gui.ui.formatting import NumberFormat, utc_stamp
from rebalancer_gui.ui.models.history_model import amount_text

SIDES = {Side.BUY: "Buy", Side.SELL: "Sell"}
_TYPES = {OrderType.LIMIT_IOC: "Limit IOC", OrderType.MARKET: "Market"}
STATUS = {
    VenueOrderStatus.OPEN: "Still open",
    VenueOrderStatus.FILLED: "Filled",
    VenueOrderStatus.EXPIRED: "Expired",
    VenueOrderStatus.CANCELED: "Cancelled",
    VenueOrderStatus.REJECTED: "Rejected",
}
NONE_CHOSEN = "Choose an order of the exchange in the table above."
NOT_LISTED = "The exchange does not list its orders now."
NO_CANDIDATES = "The exchange lists no order that could be this one."
STILL_OPEN = "It is still open at the exchange: wait until it is over, or cancel it there; then press Ask again."


@dataclass(frozen=True, slots=True)
class Decision:
    """``text``: what would be done; ``agree``: the sentence of the box that must be ticked; ``blocked``: why it cannot be
    done now, None where it can.
    """

    text: str
    agree: str
    blocked: str | None = None


def facts(view: QuarantineView, name: str, numbers: NumberFormat) -> tuple[tuple[str, str], ...]:
    """(name, value) of what was sent. ``name`` is the strategy's."""
    row = view.order
    base, _, quote = row.symbol.partition("/")
    rows = [
        (
            "Order",
            f"{SIDES[row.side]} {amount_text(numbers, row.quantity)} {base} on {row.symbol}, {_TYPES[row.type]}",
        ),
        ("Price limit", _limit(view, numbers, quote)),
        ("Sent", f"{utc_stamp(row.at)} UTC"),
        ("Order id", row.client_order_id),
        ("Set aside", f"{reserved_text(view, numbers)} of {name}"),
    ]
    if row.filled > ZERO:
        rows.append(("Booked", f"{amount_text(numbers, row.filled)} {base} of it are booked already and stay booked"))
    return tuple(rows)


def reserved_text(view: QuarantineView, numbers: NumberFormat) -> str:
    """`0.0415 BTC`: what is still set aside."""
    return f"{amount_text(numbers, view.reserved)} {view.reserved_asset}"


def money_of(order: VenueOrder) -> Decimal | None:
    """What its trades came to, in quote units; None where the venue's list does not carry all of them."""
    complete = total(fill.quantity for fill in order.fills) == order.filled
    return total(fill.value for fill in order.fills) if complete else None


def adopting(
    view: QuarantineView, order: VenueOrder | None, name: str, numbers: NumberFormat, *, goes_on: bool
) -> Decision:
    """What adopting ``order`` books (None: none is chosen). ``goes_on``: nothing else holds the strategy then."""
    if order is None:
        why = NONE_CHOSEN if view.candidates else NOT_LISTED if view.unlisted else NO_CANDIDATES
        return Decision(why, "Book the trades of the chosen order", why)
    agree = f"Book what order {order.venue_order_id} traded as trades of {name}"
    if not order.is_final:
        return Decision(STILL_OPEN, agree, STILL_OPEN)
    if order.filled == ZERO:
        back = f"{reserved_text(view, numbers)} {_go(view)} back to {name}"
        text = (
            f"Order {order.venue_order_id} traded nothing: nothing is booked, and {back}.{_then(name, goes_on=goes_on)}"
        )
        return Decision(text, f"Take order {order.venue_order_id} for this one and book nothing")
    said = [_trades(order, name, numbers), _fee(order, numbers), _rest(view, order, name, numbers)]
    if order.quantity != view.order.quantity:
        said.append("Mind that its quantity is not the one that was sent.")
    return Decision(" ".join(part for part in said if part) + _then(name, goes_on=goes_on), agree)


def discarding(view: QuarantineView, name: str, numbers: NumberFormat, *, goes_on: bool) -> Decision:
    """What discarding does."""
    back = reserved_text(view, numbers)
    text = (
        f"{back} {_go(view)} back to {name}, and nothing is booked.{_then(name, goes_on=goes_on)} If the order did trade after "
        "all, the comparison with the exchange will find the difference and say so; for a day it is also looked for now and "
        "then, and booked with an alarm if it turns up."
    )
    return Decision(text, f"Give {back} back to {name}: this order never reached the exchange")


def whose_id(order: VenueOrder, client_order_id: str) -> str:
    """Under whose id the venue knows it."""
    if order.client_order_id == client_order_id:
        return "this order\u2019s own"
    return order.client_order_id or "none"


def _then(name: str, *, goes_on: bool) -> str:
    return f" {name} then goes on." if goes_on else ""


def _go(view: QuarantineView) -> str:
    return "goes" if view.reserved == 1 else "go"


def _limit(view: QuarantineView, numbers: NumberFormat, quote: str) -> str:
    row = view.order
    if row.price is None:
        return "none, it is a Market order"
    return f"at {'most' if row.side is Side.BUY else 'least'} {numbers.price(row.price, unit=quote)}"


def _trades(order: VenueOrder, name: str, numbers: NumberFormat) -> str:
    base, _, quote = order.symbol.partition("/")
    coins, money = f"{amount_text(numbers, order.filled)} {base}", money_of(order)
    paid = f"{amount_text(numbers, money)} {quote}" if money is not None else f"the {quote} that its trades say"
    if order.side is Side.BUY:
        return f"Booked: {coins} bought for {name} and {paid} paid for them."
    return f"Booked: {coins} of {name} sold, and {paid} received for them."


def _fee(order: VenueOrder, numbers: NumberFormat) -> str:
    if money_of(order) is None or not all(fill.fee_known for fill in order.fills):
        return "The fee is what the exchange says."
    fees: dict[str, Decimal] = {}
    for fill in order.fills:
        fees[fill.fee_asset] = fees.get(fill.fee_asset, ZERO) + fill.fee
    said = " + ".join(f"{amount_text(numbers, fee)} {asset}" for asset, fee in sorted(fees.items()) if fee > ZERO)
    return f"Fee: {said}." if said else ""


def _rest(view: QuarantineView, order: VenueOrder, name: str, numbers: NumberFormat) -> str:
    """What becomes of what is set aside."""
    asset, money = view.reserved_asset, money_of(order)
    if money is None or view.order.filled > ZERO:
        return f"What is left of what is set aside goes back to {name}."
    taken = money if order.side is Side.BUY else order.filled
    taken += total(fill.fee for fill in order.fills if fill.fee_asset == asset)
    rest = view.reserved - taken
    if rest > ZERO:
        return f"The rest of what is set aside, {amount_text(numbers, rest)} {asset}, goes back to {name}."
    if rest < ZERO:
        return (
            f"That is {amount_text(numbers, -rest)} {asset} more than is set aside: it is taken from {name}, then from the "
            "free pool."
        )
    return ""
