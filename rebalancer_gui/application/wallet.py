"""The ledger's balances in memory: who owns what inside the one account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.ledger import FREE, Entry, is_inside, reserved_account, strategy_account
from rebalancer_gui.domain.money import ZERO


class Wallet:
    """Balances by (ledger account, asset); engine thread only. Always equal to the stored ones."""

    def __init__(self, balances: Mapping[tuple[str, str], Decimal]) -> None:
        self._balances: dict[str, dict[str, Decimal]] = defaultdict(dict)
        self.revision = 0
        """Grows with each booking: while it is the same nobody owns anything else."""
        for (account, asset), amount in balances.items():
            self._balances[account][asset] = amount

    def check(self, entries: Iterable[Entry]) -> None:
        """Raise InvariantBroken when ``entries`` would make a strategy, a reservation or the free pool negative."""
        after: dict[tuple[str, str], Decimal] = {}
        why: dict[tuple[str, str], str] = {}
        for entry in entries:
            for posting in entry.postings:
                key = (posting.account, posting.asset)
                after[key] = after.get(key, self.balance(*key)) + posting.amount
                why[key] = f"{entry.kind.value} {entry.reference}"
        for (account, asset), amount in after.items():
            if is_inside(account) and amount < ZERO:
                raise InvariantBroken(f"{why[account, asset]} would leave {amount} {asset} on {account}")

    def apply(self, entry: Entry) -> None:
        """Book ``entry``; call after it was stored."""
        self.revision += 1
        for posting in entry.postings:
            assets = self._balances[posting.account]
            assets[posting.asset] = assets.get(posting.asset, ZERO) + posting.amount
            if assets[posting.asset] == ZERO:
                del assets[posting.asset]
            if not assets:
                # Every order has a ledger account of its own: what is over must not stay for the life of the program.
                del self._balances[posting.account]

    def balance(self, account: str, asset: str) -> Decimal:
        """Units of ``asset`` on a ledger account."""
        assets = self._balances.get(account)
        return assets.get(asset, ZERO) if assets else ZERO

    def strategy(self, strategy_id: str, asset: str) -> Decimal:
        """What a strategy can use of ``asset``."""
        return self.balance(strategy_account(strategy_id), asset)

    def strategy_assets(self, strategy_id: str) -> Mapping[str, Decimal]:
        """All that a strategy can use, by asset."""
        return dict(self._balances.get(strategy_account(strategy_id), {}))

    def reserved(self, client_order_id: str, asset: str) -> Decimal:
        """What is still set aside for one order."""
        return self.balance(reserved_account(client_order_id), asset)

    def balances(self) -> Mapping[tuple[str, str], Decimal]:
        """Everything, by (ledger account, asset)."""
        return {(a, asset): n for a, assets in self._balances.items() for asset, n in assets.items()}

    def holders_of(self, asset: str) -> Mapping[str, Decimal]:
        """What each inside ledger account owns of ``asset``."""
        return {
            account: assets[asset]
            for account, assets in self._balances.items()
            if is_inside(account) and asset in assets
        }

    @property
    def free(self) -> Mapping[str, Decimal]:
        """The free pool by asset."""
        return dict(self._balances.get(FREE, {}))

    def inside_totals(self) -> dict[str, Decimal]:
        """Free pool + strategies + reservations by asset: what the venue must hold."""
        totals: dict[str, Decimal] = {}
        for account, assets in self._balances.items():
            if is_inside(account):
                for asset, amount in assets.items():
                    totals[asset] = totals.get(asset, ZERO) + amount
        return totals
