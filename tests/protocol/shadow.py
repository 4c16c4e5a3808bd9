"""What the store has durably said, kept a second time in memory: each committed transaction is taken in as a whole."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from rebalancer_gui.domain.ledger import Entry, EntryKind, is_inside
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, IntentState, OrderIntent
from rebalancer_gui.domain.strategy import StrategyRecord

Amounts = dict[str, Decimal]


@dataclass
class Transaction:
    """The writes of one transaction, in order."""

    entries: list[Entry] = field(default_factory=list)
    inserted: list[OrderIntent] = field(default_factory=list)
    updated: list[OrderIntent] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    trued_up: list[Fill] = field(default_factory=list)
    strategies: list[StrategyRecord] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)

    @property
    def moves_money(self) -> bool:
        """Whether it touches orders or the ledger."""
        return bool(self.entries or self.inserted or self.updated or self.fills or self.trued_up)


class Shadow:
    """All committed transactions together."""

    def __init__(self) -> None:
        self.balances: dict[str, Amounts] = defaultdict(dict)
        self.intents: dict[str, OrderIntent] = {}
        self.open: dict[str, OrderIntent] = {}
        """Those that are not in a final state."""
        self.absent: dict[str, OrderIntent] = {}
        self.fills: dict[str, dict[str, Fill]] = defaultdict(dict)
        """By client order id and trade id."""
        self.trades: set[tuple[str, str]] = set()
        """(symbol, trade id) of everything that is booked."""
        self.strategies: dict[str, StrategyRecord] = {}
        self.values: dict[str, str] = {}
        self.commits = 0

    def take_in(self, done: Transaction) -> None:
        """It was committed."""
        self.commits += 1
        for entry in done.entries:
            for posting in entry.postings:
                assets = self.balances[posting.account]
                after = assets.get(posting.asset, ZERO) + posting.amount
                if after == ZERO:
                    assets.pop(posting.asset, None)
                else:
                    assets[posting.asset] = after
        for intent in (*done.inserted, *done.updated):
            cid = intent.client_order_id
            self.intents[cid] = intent
            self.open.pop(cid, None)
            self.absent.pop(cid, None)
            if intent.state is IntentState.ABSENT:
                self.absent[cid] = intent
            if not intent.state.is_final:
                self.open[cid] = intent
        for fill in (*done.fills, *done.trued_up):
            self.fills[fill.client_order_id][fill.trade_id] = fill
            self.trades.add((fill.symbol, fill.trade_id))
        for record in done.strategies:
            self.strategies[record.id] = record
        self.values |= done.values

    def inside(self) -> Amounts:
        """Everything the account owns by the ledger."""
        found: Amounts = {}
        for account, assets in self.balances.items():
            if is_inside(account):
                for asset, amount in assets.items():
                    found[asset] = found.get(asset, ZERO) + amount
        return found

    def flat(self) -> dict[tuple[str, str], Decimal]:
        """Balances as the store loads them."""
        return {(a, asset): n for a, assets in self.balances.items() for asset, n in assets.items()}


def booked_trades(done: Transaction) -> list[Entry]:
    """The entries that book a trade."""
    return [entry for entry in done.entries if entry.kind is EntryKind.TRADE]
