"""Pay with BNB on the paper account, as Binance words it (BEHAVIOUR.md section 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.domain.ledger import FEES, FREE, Entry, EntryKind, Posting
from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.money import ceil_to_step
from rebalancer_gui.domain.orders import Fill
from rebalancer_gui.domain.performance import fee_value

BNB = "BNB"
PAID_SHARE = Decimal("0.75")
"""What is paid in BNB of a fee's value: 25 % off."""
_BNB_GRID = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class FeeReturn:
    """One row of Fees Return History. ``refunded`` in the fee's own asset, ``bnb_paid`` in BNB, ``saved`` in quote units;
    zero and a ``note`` when the free pool had not enough BNB.
    """

    trade_id: str
    refunded: Decimal
    bnb_paid: Decimal
    saved: Decimal
    note: str
    entry: Entry | None
    paid_value: Decimal = Decimal(0)
    """What the BNB were worth, in quote units."""
    refunded_value: Decimal = Decimal(0)


def return_fee(fill: Fill, quote_asset: str, free_bnb: Decimal, bnb: Quote | None, at: datetime) -> FeeReturn:
    """The strategy has paid the full fee in the asset received; where the free pool holds enough BNB it pays 75 % of the
    fee's value in BNB and gets the whole fee back. All or nothing per trade.
    """
    zero = Decimal(0)
    if bnb is None or bnb.fault(at, None) is not None:
        return FeeReturn(fill.trade_id, zero, zero, zero, "no refund: BNB has no good price", None)
    value = fee_value(fill, quote_asset)
    paid = ceil_to_step(value * PAID_SHARE / bnb.mid, _BNB_GRID)
    if fill.fee == zero or paid > free_bnb:
        note = "no fee to return" if fill.fee == zero else "no refund: not enough BNB in the free pool"
        return FeeReturn(fill.trade_id, zero, zero, zero, note, None)
    entry = Entry(
        EntryKind.FEE_RETURN,
        at,
        fill.trade_id,
        (
            Posting(FREE, BNB, -paid),
            Posting(FEES, BNB, paid),
            Posting(FEES, fill.fee_asset, -fill.fee),
            Posting(FREE, fill.fee_asset, fill.fee),
        ),
    )
    return FeeReturn(fill.trade_id, fill.fee, paid, value - paid * bnb.mid, "", entry, paid * bnb.mid, value)


def third_asset_fee(fill: Fill, price: Quote | None, standard_rate: Decimal | None, at: datetime) -> FeeReturn:
    """A fee that the venue itself took in a third asset: the free pool has paid it, the coin is whole. ``price`` is of that
    asset in quote units; without a good one its worth is not known and nothing is charged to the strategy's profit.

    ``saved`` is the standard fee of that trade less what was paid.
    """
    zero = Decimal(0)
    if price is None or price.fault(at, None) is not None:
        note = f"paid in {fill.fee_asset}; it has no good price, so its worth is not known"
        return FeeReturn(fill.trade_id, zero, fill.fee, zero, note, None)
    worth = fill.fee * price.mid
    saved = fill.value * standard_rate - worth if standard_rate is not None else zero
    return FeeReturn(fill.trade_id, zero, fill.fee, max(saved, zero), f"paid in {fill.fee_asset}", None, worth, zero)
