"""The fee pool: the free pool's BNB, where the exchange takes its fees in it (ORDERS.md section 4).

The exchange does not know whose BNB it takes: when the free pool has none left it eats those of a strategy that holds BNB as
a coin. So such a strategy is taken on only while the pool pays for 30 days of fees.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.market import FeeSide
from rebalancer_gui.domain.money import ONE, ZERO, plain, total

DAYS = 30
TURNOVER = Decimal("0.02")
"""Of its value a portfolio trades about so much a day (fraction); twice what a threshold of 1 % does in a lively market."""


def fee_pool(account: Account) -> dict[str, Decimal]:
    """What is set apart for fees, by asset; {} where the exchange takes them in what is traded."""
    if account.fees.taken_in is not FeeSide.THIRD:
        return {}
    return {BNB: account.wallet.free.get(BNB, ZERO)}


def needed(account: Account, money: str, more: Decimal = ZERO) -> Decimal:
    """Estimated fees of 30 days in units of ``money``, ``more`` being built now: what strategies in it are worth, traded at
    :data:`TURNOVER` a day.
    """
    standing = (s for s in account.strategies.values() if s.final is None and s.record.parameters.quote == money)
    worth = total(account.fair_value(s) for s in standing) + more
    return account.fees.taker_rate * (more + worth * TURNOVER * DAYS)


def against_holding(account: Account, money: str, more: Decimal, taken: Decimal = ZERO) -> str:
    """Why a strategy that holds BNB cannot be taken on; "" when it can. ``more``: what is to be built for it, quote units;
    ``taken``: BNB that it gets out of the free pool.
    """
    if account.fees.taken_in is not FeeSide.THIRD:
        return ""
    price = account.worth(BNB, ONE, money)
    left = fee_pool(account)[BNB] - taken
    asked = needed(account, money, more)
    if price is not None and price > ZERO and left * price >= asked:
        return ""
    amount = "" if not price else f" (about {plain((asked / price).quantize(Decimal('0.0001'), ROUND_CEILING))} {BNB})"
    return (
        f"This exchange takes its fees in {BNB}, and would take them from a strategy that holds {BNB} when the free pool has "
        f"none left. Keep {BNB} for {DAYS} days of fees in the free pool{amount}; it has {plain(max(left, ZERO))}. Or switch "
        f"the payment of fees with {BNB} off at the exchange, or leave {BNB} out."
    )
