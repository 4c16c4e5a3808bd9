"""What the screen of an order that is its owner's to decide says: the order, and exactly what each decision does. Pure: no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.application.views import QuarantineView
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.orders import OrderType, Side, VenueOrder, VenueOrderStatus
from rebalancer_gui.ui.formatting import NumberFormat, utc_stamp
from rebalancer_gui.ui.models.history_model import amount_text
from rebalancer_gui.ui.translation import tr

SIDES = {Side.BUY: tr("Buy"), Side.SELL: tr("Sell")}
_TYPES = {OrderType.LIMIT_IOC: tr("Limit IOC"), OrderType.MARKET: tr("Market")}
STATUS = {
    VenueOrderStatus.OPEN: tr("Still open"),
    VenueOrderStatus.FILLED: tr("Filled"),
    VenueOrderStatus.EXPIRED: tr("Expired"),
    VenueOrderStatus.CANCELED: tr("Cancelled"),
    VenueOrderStatus.REJECTED: tr("Rejected"),
}
NONE_CHOSEN = tr("Choose an order of the exchange in the table above.")
NOT_LISTED = tr("The exchange does not list its orders now.")
FACT_KEYS = {
    tr("Order"): "Order",
    tr("Price limit"): "PriceLimit",
    tr("Sent"): "Sent",
    tr("Order id"): "OrderId",
    tr("Set aside"): "SetAside",
    tr("Booked"): "Booked",
}
"""Part of the objectName of each fact, the same in every language."""
NO_CANDIDATES = tr("The exchange lists no order that could be this one.")
STILL_OPEN = tr("It is still open at the exchange: wait until it is over, or cancel it there; then press Ask again.")


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
            tr("Order"),
            tr(
                "{SIDES} {value} {base} on {symbol}, {TYPES}",
                SIDES=SIDES[row.side],
                value=amount_text(numbers, row.quantity),
                base=base,
                symbol=row.symbol,
                TYPES=_TYPES[row.type],
            ),
        ),
        (tr("Price limit"), _limit(view, numbers, quote)),
        (tr("Sent"), tr("{utc_stamp} UTC", utc_stamp=utc_stamp(row.at))),
        (tr("Order id"), row.client_order_id),
        (tr("Set aside"), tr("{reserved} of {name}", reserved=reserved_text(view, numbers), name=name)),
    ]
    if row.filled > ZERO:
        rows.append(
            (
                tr("Booked"),
                tr(
                    "{value} {base} of it are booked already and stay booked",
                    value=amount_text(numbers, row.filled),
                    base=base,
                ),
            )
        )
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
        return Decision(why, tr("Book the trades of the chosen order"), why)
    agree = tr(
        "Book what order {venue_order_id} traded as trades of {name}", venue_order_id=order.venue_order_id, name=name
    )
    if not order.is_final:
        return Decision(STILL_OPEN, agree, STILL_OPEN)
    if order.filled == ZERO:
        back, then, order_id = reserved_text(view, numbers), _then(name, goes_on=goes_on), order.venue_order_id
        text = (
            tr(
                "Order {order} traded nothing: nothing is booked, and {back} goes back to {name}.{then}",
                order=order_id,
                back=back,
                name=name,
                then=then,
            )
            if view.reserved == 1
            else tr(
                "Order {order} traded nothing: nothing is booked, and {back} go back to {name}.{then}",
                order=order_id,
                back=back,
                name=name,
                then=then,
            )
        )
        return Decision(
            text, tr("Take order {venue_order_id} for this one and book nothing", venue_order_id=order.venue_order_id)
        )
    said = [_trades(order, name, numbers), _fee(order, numbers), _rest(view, order, name, numbers)]
    if order.quantity != view.order.quantity:
        said.append(tr("Mind that its quantity is not the one that was sent."))
    return Decision(" ".join(part for part in said if part) + _then(name, goes_on=goes_on), agree)


def discarding(view: QuarantineView, name: str, numbers: NumberFormat, *, goes_on: bool) -> Decision:
    """What discarding does."""
    back = reserved_text(view, numbers)
    goes = (
        tr("{back} goes back to {name}, and nothing is booked.", back=back, name=name)
        if view.reserved == 1
        else tr("{back} go back to {name}, and nothing is booked.", back=back, name=name)
    )
    text = tr(
        "{goes}{then} If the order did trade after all, the comparison with the exchange will find the difference and say "
        "so; for a day it is also looked for now and then, and booked with an alarm if it turns up.",
        goes=goes,
        then=_then(name, goes_on=goes_on),
    )
    return Decision(text, tr("Give {back} back to {name}: this order never reached the exchange", back=back, name=name))


def whose_id(order: VenueOrder, client_order_id: str) -> str:
    """Under whose id the venue knows it."""
    if order.client_order_id == client_order_id:
        return tr("this order\u2019s own")
    return order.client_order_id or tr("none")


def _then(name: str, *, goes_on: bool) -> str:
    return tr(" {name} then goes on.", name=name) if goes_on else ""


def _limit(view: QuarantineView, numbers: NumberFormat, quote: str) -> str:
    row = view.order
    if row.price is None:
        return tr("none, it is a Market order")
    return tr(
        "at {part} {price}",
        part=tr("most") if row.side is Side.BUY else tr("least"),
        price=numbers.price(row.price, unit=quote),
    )


def _trades(order: VenueOrder, name: str, numbers: NumberFormat) -> str:
    base, _, quote = order.symbol.partition("/")
    coins, money = f"{amount_text(numbers, order.filled)} {base}", money_of(order)
    paid = (
        f"{amount_text(numbers, money)} {quote}"
        if money is not None
        else tr("the {quote} that its trades say", quote=quote)
    )
    if order.side is Side.BUY:
        return tr("Booked: {coins} bought for {name} and {paid} paid for them.", coins=coins, name=name, paid=paid)
    return tr("Booked: {coins} of {name} sold, and {paid} received for them.", coins=coins, name=name, paid=paid)


def _fee(order: VenueOrder, numbers: NumberFormat) -> str:
    if money_of(order) is None or not all(fill.fee_known for fill in order.fills):
        return tr("The fee is what the exchange says.")
    fees: dict[str, Decimal] = {}
    for fill in order.fills:
        fees[fill.fee_asset] = fees.get(fill.fee_asset, ZERO) + fill.fee
    said = " + ".join(f"{amount_text(numbers, fee)} {asset}" for asset, fee in sorted(fees.items()) if fee > ZERO)
    return tr("Fee: {said}.", said=said) if said else ""


def _rest(view: QuarantineView, order: VenueOrder, name: str, numbers: NumberFormat) -> str:
    """What becomes of what is set aside."""
    asset, money = view.reserved_asset, money_of(order)
    if money is None or view.order.filled > ZERO:
        return tr("What is left of what is set aside goes back to {name}.", name=name)
    taken = money if order.side is Side.BUY else order.filled
    taken += total(fill.fee for fill in order.fills if fill.fee_asset == asset)
    rest = view.reserved - taken
    if rest > ZERO:
        return tr(
            "The rest of what is set aside, {value} {asset}, goes back to {name}.",
            value=amount_text(numbers, rest),
            asset=asset,
            name=name,
        )
    if rest < ZERO:
        return tr(
            "That is {value} {asset} more than is set aside: it is taken from {name}, then from the free pool.",
            value=amount_text(numbers, -rest),
            asset=asset,
            name=name,
        )
    return ""
