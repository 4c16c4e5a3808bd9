"""Free and locked money of one account, as a venue keeps it, and what an order does to it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.market import Balance, FeeSchedule, FeeSide, MarketRules
from rebalancer_gui.domain.money import ONE, ZERO, total
from rebalancer_gui.domain.orders import Fill, OrderRequest, Side, VenueOrder


class Holdings:
    """Balances by asset. Amounts are >= 0 and in the asset's own units; no balance ever falls under zero."""

    def __init__(self, balances: Mapping[str, Balance]) -> None:
        self._balances = dict(balances)

    def copy(self) -> Holdings:
        """A second one to try an order on."""
        return Holdings(self._balances)

    def balances(self) -> Mapping[str, Balance]:
        """Every asset that was ever here, also at zero."""
        return dict(sorted(self._balances.items()))

    def free(self, asset: str) -> Decimal:
        return self._of(asset).free

    def lock(self, asset: str, amount: Decimal) -> None:
        """An order is accepted: what it may need is set aside."""
        self._set(asset, self._of(asset).free - amount, self._of(asset).locked + amount)

    def release(self, asset: str, amount: Decimal) -> None:
        """An order is over: what it did not need comes back."""
        self.lock(asset, -amount)

    def pay_locked(self, asset: str, amount: Decimal) -> None:
        """A trade takes what was set aside for it."""
        self._set(asset, self._of(asset).free, self._of(asset).locked - amount)

    def receive(self, asset: str, amount: Decimal) -> None:
        """A trade or a transfer brings this."""
        self._set(asset, self._of(asset).free + amount, self._of(asset).locked)

    def send_out(self, asset: str, amount: Decimal) -> None:
        """A transfer takes this of what is free."""
        self.receive(asset, -amount)

    def rename(self, old: str, new: str) -> Decimal:
        """All of ``old`` becomes ``new``, one for one; gives how much that is."""
        of_old, of_new = self._of(old), self._of(new)
        if of_old.total > ZERO:
            self._set(old, ZERO, ZERO)
            self._set(new, of_new.free + of_old.free, of_new.locked + of_old.locked)
        return of_old.total

    def _of(self, asset: str) -> Balance:
        return self._balances.get(asset) or Balance(asset, ZERO)

    def _set(self, asset: str, free: Decimal, locked: Decimal) -> None:
        if free < ZERO or locked < ZERO:
            raise InvariantBroken(f"The paper account's {asset} would fall under zero: free {free}, locked {locked}.")
        self._balances[asset] = Balance(asset, free, locked)


def settle_order(
    holdings: Holdings, request: OrderRequest, rules: MarketRules, order: VenueOrder, fees: FeeSchedule
) -> bool:
    """An order's whole life: lock what it may need, pay and receive trade by trade, release the rest.

    A sell may need its quantity, a Limit buy quantity x limit, a Market buy what the book asks for; a fee charged in
    quote on top of a buy comes with it. False, and nothing is changed, when that much is not free.
    """
    given, got_asset = (rules.quote, rules.base) if request.side is Side.BUY else (rules.base, rules.quote)
    need = request.quantity
    if request.side is Side.BUY:
        need = total(_paid(fill, given) for fill in order.fills)
        if request.limit_price is not None:
            with_fee = ONE + (fees.taker_rate if fees.taken_in is FeeSide.QUOTE else ZERO)
            need = max(need, request.quantity * request.limit_price * with_fee)
    if need > holdings.free(given):
        return False
    holdings.lock(given, need)
    for fill in order.fills:
        got = fill.quantity if fill.side is Side.BUY else fill.value
        holdings.pay_locked(given, _paid(fill, given))
        holdings.receive(got_asset, got if fill.fee_asset == given else got - fill.fee)
    holdings.release(given, need - total(_paid(fill, given) for fill in order.fills))
    return True


def _paid(fill: Fill, given: str) -> Decimal:
    """What one trade takes of the asset it gives away, a fee in that asset included."""
    paid = fill.value if fill.side is Side.BUY else fill.quantity
    return paid + (fill.fee if fill.fee_asset == given else ZERO)
