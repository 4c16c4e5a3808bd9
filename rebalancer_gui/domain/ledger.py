"""Double-entry bookkeeping: an exchange account is one pot, so the ledger *is* each strategy's wallet.

Every entry's postings add up to zero per asset. What the venue holds of an asset is therefore the sum over the *inside*
accounts (free pool, strategies, reservations); ``external``, ``market``, ``fees`` and ``suspense`` are the other sides.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, OrderIntent, Side

FREE = "free"
EXTERNAL = "external"
MARKET = "market"
FEES = "fees"
SUSPENSE = "suspense"
"""What an order took at the venue that neither its strategy nor the free pool has: somebody else's then, until the
comparison with the venue has found the shortage and its owner has decided (ORDERS.md section 4)."""
_OUTSIDE = frozenset({EXTERNAL, MARKET, FEES, SUSPENSE})


def strategy_account(strategy_id: str) -> str:
    """The ledger account of what one strategy can use."""
    return f"strategy:{strategy_id}"


def reserved_account(client_order_id: str) -> str:
    """The ledger account that holds one order's reservation."""
    return f"reserved:{client_order_id}"


def is_inside(account: str) -> bool:
    """Whether an account is part of what the venue holds for us."""
    return account not in _OUTSIDE


class EntryKind(enum.Enum):
    """Why money moved."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    ALLOCATE = "allocate"
    RELEASE = "release to free pool"
    RESERVE = "reserve"
    UNRESERVE = "unreserve"
    TRADE = "trade"
    TRUE_UP = "fee trued up"
    FEE_RETURN = "fee returned"
    RENAME = "renamed"


@dataclass(frozen=True, slots=True)
class Posting:
    """``amount`` (signed) of ``asset`` onto ``account``."""

    account: str
    asset: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """One balanced booking; ``reference`` is the trade id, client order id or strategy id that it belongs to."""

    kind: EntryKind
    at: datetime
    reference: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for posting in self.postings:
            sums[posting.asset] += posting.amount
        for asset, amount in sums.items():
            if amount != ZERO:
                raise InvariantBroken(
                    f"the booking {self.kind.value} {self.reference} is out of balance by {amount} {asset}"
                )


def move(kind: EntryKind, at: datetime, reference: str, source: str, target: str, asset: str, amount: Decimal) -> Entry:
    """``amount`` of ``asset`` from ``source`` to ``target``."""
    return Entry(kind, at, reference, (Posting(source, asset, -amount), Posting(target, asset, amount)))


def deposit(at: datetime, asset: str, amount: Decimal) -> Entry:
    """Money that came in from outside; a negative amount went out."""
    kind = EntryKind.DEPOSIT if amount >= ZERO else EntryKind.WITHDRAWAL
    return move(kind, at, asset, EXTERNAL, FREE, asset, amount)


def allocate(at: datetime, strategy_id: str, asset: str, amount: Decimal) -> Entry:
    """From the free pool to a strategy."""
    return move(EntryKind.ALLOCATE, at, strategy_id, FREE, strategy_account(strategy_id), asset, amount)


def release(at: datetime, strategy_id: str, asset: str, amount: Decimal) -> Entry:
    """From a strategy back to the free pool."""
    return move(EntryKind.RELEASE, at, strategy_id, strategy_account(strategy_id), FREE, asset, amount)


def lose(at: datetime, strategy_id: str, asset: str, amount: Decimal) -> Entry:
    """Units of a strategy that left the account outside the program."""
    return move(EntryKind.WITHDRAWAL, at, strategy_id, strategy_account(strategy_id), EXTERNAL, asset, amount)


def rename(at: datetime, old: str, new: str, held: Mapping[str, Decimal]) -> tuple[Entry, ...]:
    """The coin ``old`` is called ``new`` now: what each ledger account in ``held`` owns of it, one for one."""
    return tuple(
        Entry(
            EntryKind.RENAME,
            at,
            f"{old} {new}",
            (
                Posting(account, old, -amount),
                Posting(EXTERNAL, old, amount),
                Posting(EXTERNAL, new, -amount),
                Posting(account, new, amount),
            ),
        )
        for account, amount in held.items()
        if amount != ZERO
    )


def reserve(intent: OrderIntent) -> Entry:
    """What an order may use, set aside in the transaction that stores the intent."""
    source, target = strategy_account(intent.strategy_id), reserved_account(intent.client_order_id)
    amount = intent.reserved_amount
    return move(
        EntryKind.RESERVE, intent.sent_at, intent.client_order_id, source, target, intent.reserved_asset, amount
    )


def unreserve(intent: OrderIntent, at: datetime, amount: Decimal) -> Entry:
    """What is left of an order's reservation, back to its strategy."""
    source, target = reserved_account(intent.client_order_id), strategy_account(intent.strategy_id)
    return move(EntryKind.UNRESERVE, at, intent.client_order_id, source, target, intent.reserved_asset, amount)


@dataclass(frozen=True, slots=True)
class Cover:
    """What else there is of the asset that a trade gives, when its reservation does not suffice."""

    own: Decimal
    free: Decimal


def book_fill(
    fill: Fill,
    strategy_id: str,
    quote: str,
    left_in_reserve: Decimal,
    cover: Cover | None = None,
    fee_pool: Decimal | None = None,
) -> Entry:
    """The booking of one trade: what is given comes out of the reservation, what is received goes to the strategy.

    ``left_in_reserve`` is what the reservation still holds of the given asset; where the trade took more (a Market order
    that slipped, an order that turned up after its reservation was given back) the rest comes from the strategy itself,
    then out of the free pool as far as ``cover`` says they have it, and the last of it is in suspense. A fee in the received asset shortens what is received, one in
    the quote asset of a buy is paid like the price, one in a third asset comes out of the free pool (BEHAVIOUR.md
    section 8), as far as ``fee_pool`` says it has it: what the venue took beyond that is in suspense, and missing of those
    who hold that coin.
    """
    base = fill.symbol.removesuffix(f"/{quote}")
    own, held = strategy_account(strategy_id), reserved_account(fill.client_order_id)
    if fill.side is Side.BUY:
        given_asset, given, got_asset, got = quote, fill.value, base, fill.quantity
    else:
        given_asset, given, got_asset, got = base, fill.quantity, quote, fill.value
    postings = [Posting(MARKET, given_asset, given), Posting(MARKET, got_asset, -got)]
    taken, received = given, got
    if fill.fee != ZERO:
        postings.append(Posting(FEES, fill.fee_asset, fill.fee))
        if fill.fee_asset == got_asset:
            received -= fill.fee
        elif fill.fee_asset == given_asset:
            taken += fill.fee
        else:
            postings += _from_pool(fill.fee_asset, fill.fee, fee_pool)
    from_reserve = min(taken, left_in_reserve)
    postings.append(Posting(held, given_asset, -from_reserve))
    postings += _covered(own, given_asset, taken - from_reserve, cover)
    postings.append(Posting(own, got_asset, received))
    return Entry(EntryKind.TRADE, fill.at, fill.trade_id, tuple(postings))


def true_up(before: Fill, after: Fill, strategy_id: str, at: datetime, cover: Cover | None = None) -> Entry:
    """The estimated fee of ``before`` is taken back and the true one of ``after`` charged where it belongs; ``cover`` is of
    the true fee's asset, without what the estimate gives back.
    """
    postings: list[Posting] = []
    if before.fee != ZERO:
        payer = _fee_payer(before, strategy_id)
        postings += [Posting(FEES, before.fee_asset, -before.fee), Posting(payer, before.fee_asset, before.fee)]
    if after.fee != ZERO:
        payer = _fee_payer(after, strategy_id)
        if cover is not None and before.fee_asset == after.fee_asset:
            back = before.fee if payer == FREE else ZERO
            cover = Cover(cover.own + before.fee - back, cover.free + back)
        postings.append(Posting(FEES, after.fee_asset, after.fee))
        postings += (
            _from_pool(after.fee_asset, after.fee, cover.free if cover is not None else None)
            if payer == FREE
            else _covered(payer, after.fee_asset, after.fee, cover)
        )
    return Entry(EntryKind.TRUE_UP, at, before.trade_id, tuple(postings))


def _fee_payer(fill: Fill, strategy_id: str) -> str:
    """A fee in a third asset comes out of the free pool (BEHAVIOUR.md section 8)."""
    return strategy_account(strategy_id) if fill.fee_asset in fill.symbol.split("/") else FREE


def _from_pool(asset: str, amount: Decimal, free: Decimal | None) -> list[Posting]:
    """A fee in a third asset: out of the free pool as far as it has it (``free``; None: it has it all), then suspense."""
    paid = amount if free is None else min(amount, max(free, ZERO))
    return [Posting(a, asset, -part) for a, part in ((FREE, paid), (SUSPENSE, amount - paid)) if part != ZERO]


def _covered(own: str, asset: str, amount: Decimal, cover: Cover | None) -> list[Posting]:
    """``amount`` of ``asset`` out of ``own``, as far as it has it, then the free pool, then suspense."""
    if amount == ZERO:
        return []
    from_own = amount if cover is None else min(amount, max(cover.own, ZERO))
    from_free = ZERO if cover is None else min(amount - from_own, max(cover.free, ZERO))
    parts = ((own, from_own), (FREE, from_free), (SUSPENSE, amount - from_own - from_free))
    return [Posting(account, asset, -part) for account, part in parts if part != ZERO]
