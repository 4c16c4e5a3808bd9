"""What a strategy's trades in one coin have brought, apart from what is only on paper (BEHAVIOUR.md section 10).

The basis is the strategy's own: what was paid for the coins it holds, fees in the coin or in the quote asset included, and
for coins that were put in what they were worth at that moment. So what is realised and what is not add up to the profit.
Average cost method: what leaves takes its share of the basis along.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, Side
from rebalancer_gui.domain.performance import COST_GRID


@dataclass(frozen=True, slots=True)
class CoinResult:
    """In quote units: the ``basis`` of what is held, and what was ``realised``; None = not known (records of an earlier
    version of the program did not keep it).
    """

    basis: Decimal | None = ZERO
    realised: Decimal | None = ZERO

    def unrealised(self, value: Decimal | None) -> Decimal | None:
        """What coins worth ``value`` have gained on paper; None where that or their basis is not known."""
        return value - self.basis if value is not None and self.basis is not None else None


NO_RESULT = CoinResult()


def after_fill(result: CoinResult, held: Decimal, fill: Fill, quote_asset: str) -> CoinResult:
    """``result`` after a trade of the coin, of which ``held`` units were there before it."""
    in_money = fill.fee if fill.fee_asset == quote_asset else ZERO
    if fill.side is Side.BUY:
        return came_in(result if held > ZERO else CoinResult(ZERO, result.realised), fill.value + in_money)
    in_coin = fill.fee if fill.symbol == f"{fill.fee_asset}/{quote_asset}" else ZERO
    return left(result, held, fill.quantity + in_coin, fill.value - in_money)


def came_in(result: CoinResult, worth: Decimal) -> CoinResult:
    """``result`` after coins came in that cost, or were worth, ``worth`` quote units."""
    basis = result.basis + worth if result.basis is not None else None
    return CoinResult(basis, result.realised)


def left(result: CoinResult, held: Decimal, quantity: Decimal, worth: Decimal) -> CoinResult:
    """``result`` after ``quantity`` of the ``held`` units was sold for ``worth`` quote units, or given back at that worth."""
    whole = quantity >= held or held <= ZERO
    if result.basis is None:
        return CoinResult(ZERO if whole else None, None)
    share = result.basis if whole else (result.basis * quantity / held).quantize(COST_GRID)
    realised = result.realised + worth - share if result.realised is not None else None
    return CoinResult(result.basis - share, realised)
