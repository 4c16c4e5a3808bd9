"""Exact decimal arithmetic for money, quantities and percentages.

Importing this module sets the decimal context of every thread that starts afterwards and of the importing thread:
50 digits, and mixing a float into money is an error instead of a silent rounding.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Sequence
from decimal import Decimal

MONEY_CONTEXT = decimal.Context(
    prec=50,
    rounding=decimal.ROUND_HALF_EVEN,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow, decimal.FloatOperation],
)

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)


def install_money_context() -> None:
    """Make the money context the default of new threads and of this one."""
    decimal.DefaultContext.prec = MONEY_CONTEXT.prec
    decimal.DefaultContext.rounding = MONEY_CONTEXT.rounding
    for signal, trapped in MONEY_CONTEXT.traps.items():
        decimal.DefaultContext.traps[signal] = trapped
    decimal.setcontext(MONEY_CONTEXT.copy())


install_money_context()


def floor_to_step(amount: Decimal, step: Decimal) -> Decimal:
    """Cut ``amount`` (>= 0) down to the grid ``step``; a step of zero means no grid (Binance's MARKET_LOT_SIZE)."""
    if step == ZERO:
        return amount
    return (amount // step) * step


def ceil_to_step(amount: Decimal, step: Decimal) -> Decimal:
    """The smallest point of the grid ``step`` that is not under ``amount`` (>= 0)."""
    cut = floor_to_step(amount, step)
    return cut if cut == amount else cut + step


def on_grid(amount: Decimal, step: Decimal) -> bool:
    """Whether ``amount`` is a whole multiple of ``step``."""
    return (amount if step == ZERO else amount // step * step) == amount


def floor_quotient(money: Decimal, price: Decimal, step: Decimal) -> Decimal:
    """How much ``money`` (>= 0) buys at ``price`` (> 0), cut down to the grid ``step``: one division, and that to whole steps."""
    return money / price if step == ZERO else money // (price * step) * step


def plain(amount: Decimal) -> str:
    """Plain decimal notation without exponent and without trailing zeros: the one form that is stored and sent."""
    if amount == ZERO:
        return "0"
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Sum of ``amounts``, exact within 50 digits; zero for none."""
    return sum(amounts, ZERO)


def largest_remainder(shares: Sequence[Decimal], whole: Decimal, grid: Decimal) -> list[Decimal]:
    """Split ``whole`` in proportion to ``shares`` on ``grid`` so that the parts add up to ``whole`` exactly.

    Hamilton's method: each part is cut to the grid, what is left goes one grid step at a time to the largest
    remainders; equal remainders are served in the order of the larger share, then of the list.
    ``shares`` are >= 0 with a positive sum; ``whole`` lies on ``grid``.
    """
    sum_of_shares = total(shares)
    exact = [whole * share / sum_of_shares for share in shares]
    parts = [floor_to_step(value, grid) for value in exact]
    missing = int((whole - total(parts)) / grid)
    order = sorted(range(len(shares)), key=lambda i: (parts[i] - exact[i], -shares[i], i))
    for i in order[:missing]:
        parts[i] += grid
    return parts
