"""``rebalancer strategy create FILE --hold COIN=QUANTITY[@COST]``: start from coins that are held (BEHAVIOUR.md section 5)."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.hostile_json import is_asset, plain_number
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import HeldCoin

ALL = "all"
_LEGAL = "COIN=QUANTITY or COIN=QUANTITY@COST, such as BTC=0.25@31000 or BTC=all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One ``--hold``: ``quantity`` None = all that is free, ``unit_cost`` None = not known; cost in quote units per unit."""

    asset: str
    quantity: Decimal | None
    unit_cost: Decimal | None


def add_options(create: argparse.ArgumentParser) -> None:
    """Of ``strategy create``."""
    create.add_argument(
        "--hold", action="append", default=[], type=_wanted, metavar="COIN=QUANTITY[@COST]",
        help="start with coins of the free pool (or COIN=all); COST is what one cost, without it that is unknown. For each coin once",
    )  # fmt: skip
    create.add_argument(
        "--investment", type=_money, metavar="AMOUNT", help="instead of the file's; with --hold it may be 0"
    )
    how = create.add_mutually_exclusive_group()
    how.add_argument(
        "--build-nothing", action="store_true", help="with --hold: no order now, the rule's first trigger begins"
    )
    how.add_argument("--preview", action="store_true", help="print the orders of the start and create nothing")


def held_coins(wanted: Sequence[Wanted], free: Mapping[str, Decimal]) -> tuple[HeldCoin, ...]:
    """With the quantities that ``all`` stands for; ``free`` is the free pool. Raises InvalidInput (``coins``)."""
    found = []
    for one in wanted:
        quantity = one.quantity if one.quantity is not None else free.get(one.asset, ZERO)
        if one.quantity is None and quantity <= ZERO:
            raise InvalidInput("coins", f"{one.asset}: nothing of it is free, so all of it is nothing.")
        found.append(HeldCoin(one.asset, quantity, one.unit_cost))
    return tuple(found)


def _wanted(text: str) -> Wanted:
    asset, equals, rest = text.partition("=")
    amount, at, cost = rest.partition("@")
    quantity, unit_cost = plain_number(amount), plain_number(cost)
    if not equals or not is_asset(asset) or (quantity is None and amount != ALL) or (at and unit_cost is None):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not {_LEGAL}")
    return Wanted(asset, quantity, unit_cost)


def _money(text: str) -> Decimal:
    amount = plain_number(text)
    if amount is None or amount < ZERO:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no amount of 0 or more, such as 250 or 12.5")
    return amount
