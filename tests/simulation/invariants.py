"""What must hold after every single transaction of the store (ORDERS.md 3.4), checked while the engine runs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.ledger import EXTERNAL, is_inside
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, IntentState, OrderIntent, Side
from tests.fakes import FakeStore
from tests.simulation.bench import WithAwaits, World

WHOLE_CHECK_EVERY = 500
"""Commits between two checks of everything; the others look at what one order can have changed."""


class Watch:
    """Hangs on the store's commits. ``commits`` counts them; ``also`` is called after each."""

    def __init__(self, world: World) -> None:
        assert isinstance(world.store, FakeStore)
        self._store = world.store
        self._world = world
        self._venue: WithAwaits | None = None
        self._final: set[str] = set()
        self._outside = _FromOutside()
        self.commits = 0
        self.also: Callable[[], None] = lambda: None

    def follow(self, venue: WithAwaits) -> None:
        """From now on the ledger is compared with this venue."""
        self._venue = venue
        if self._world.path is None:
            self._outside = _FromOutside()  # a venue in memory begins anew with each engine

    def __call__(self) -> None:
        self.commits += 1
        self.check(whole=self.commits % WHOLE_CHECK_EVERY == 0)
        self.also()

    def check(self, *, whole: bool = True) -> None:
        """AssertionError when an invariant is broken."""
        store, venue = self._store, self._venue
        if venue is None or not store._balances:
            return  # before the first reconciliation
        negative = {key: amount for key, amount in store._balances.items() if is_inside(key[0]) and amount < ZERO}
        assert not negative, f"I7: {negative}"
        self._assert_conserved(venue)
        self._assert_reservations()
        if whole:
            self._assert_orders(venue)
            self._assert_returned_fees(venue)
            store.load()  # balances are the sums of the postings

    def _assert_conserved(self, venue: WithAwaits) -> None:
        """I1, exactly, at any moment: what is inside, plus the trades, the returned fees and the money from outside that
        only one side has booked yet, is what the venue holds.
        """
        expected = self.inside()
        for intent in self._open_intents():
            booked = venue._ledger.find_order(intent.request.symbol, intent.client_order_id)
            known = {fill.trade_id for fill in self._store.fills(intent.client_order_id)}
            for fill in booked.order.fills if booked is not None else ():
                if fill.trade_id not in known:
                    _apply(fill, expected)
        self._outside.read(venue, self._store)
        for asset, amount in self._outside.sums.items():
            _add(expected, asset, amount)
        for (account, asset), amount in self._store._balances.items():
            if account == EXTERNAL:
                _add(expected, asset, amount)
        assert {asset: amount for asset, amount in expected.items() if amount} == held_at(venue), "I1"

    def inside(self) -> dict[str, Decimal]:
        """Free pool, strategies and reservations, by asset."""
        found: dict[str, Decimal] = {}
        for (account, asset), amount in self._store._balances.items():
            if is_inside(account):
                _add(found, asset, amount)
        return {asset: amount for asset, amount in found.items() if amount}

    def _assert_returned_fees(self, venue: WithAwaits) -> None:
        """The venue has given back what the ledger says, each trade once; only what was booked last may still be untold."""
        told = {str(trade_id) for (trade_id,) in venue._ledger._db.execute("SELECT trade_id FROM fee_return")}
        rows = [row for row in self._store._fee_returns if row.refunded]
        assert told <= {row.trade_id for row in rows}
        untold = [row for row in rows if row.trade_id not in told]
        assert untold == rows[len(rows) - len(untold) :]

    def _assert_reservations(self) -> None:
        """I6: what is reserved is reserved for an open order."""
        reserved = {account.removeprefix("reserved:") for account, _ in self._store._balances if account[:4] == "rese"}
        still_open = {intent.client_order_id for intent in self._open_intents()}
        assert reserved <= still_open, f"I6: {reserved - still_open}"

    def _open_intents(self) -> list[OrderIntent]:
        """What was final once stays final, so only the others are looked at again."""
        found = []
        for cid in self._store._intents.keys() - self._final:
            intent = self._store._intents[cid]
            if intent.state.is_final:
                self._final.add(cid)
            else:
                found.append(intent)
        return found

    def _assert_orders(self, venue: WithAwaits) -> None:
        """I2 to I5: every venue order has its intent, each was sent at most once, fills are the venue's trades."""
        sent = [post.client_order_id for post in self._world.posts]
        assert len(sent) == len(set(sent)), "I3"
        intents = self._store._intents
        orders = {cid for (cid,) in venue._ledger._db.execute("SELECT client_order_id FROM venue_order")}
        assert orders <= intents.keys(), f"I2: {orders - intents.keys()}"
        assert set(sent) <= intents.keys(), "I2: sent before it was stored"
        assert len(self._store._fills) == sum(len(self._store.fills(cid)) for cid in intents), "I5"
        for cid, intent in intents.items():
            fills = self._store.fills(cid)
            booked = venue._ledger.find_order(intent.request.symbol, cid)
            traded = booked.order.fills if booked is not None else ()
            assert sum((fill.quantity for fill in fills), ZERO) <= intent.request.quantity, "I4"
            assert set(fills) <= set(traded), "I5"
            if intent.state is IntentState.SETTLED:
                assert len(fills) == len(traded), "I5"
                assert booked is not None
            elif intent.state in {IntentState.ABSENT, IntentState.REJECTED}:
                assert booked is None, "I9"


class _FromOutside:
    """What the venue says came from outside, less the fees that were given back: rows are only ever appended."""

    def __init__(self) -> None:
        self.sums: dict[str, Decimal] = {}
        self._transfers = self._returns = 0

    def read(self, venue: WithAwaits, store: FakeStore) -> None:
        query = "SELECT transfer_id, asset, amount FROM transfer WHERE transfer_id > ? ORDER BY transfer_id"
        for key, asset, amount in venue._ledger._db.execute(query, (self._transfers,)).fetchall():
            self._transfers = key
            _add(self.sums, asset, Decimal(amount))
        for row in store._fee_returns[self._returns :]:
            self._returns += 1
            _add(self.sums, BNB, row.bnb_paid)
            _add(self.sums, row.fee_asset, -row.refunded)


def held_at(venue: WithAwaits) -> dict[str, Decimal]:
    """What the venue holds by asset, without zeros."""
    balances = venue._desk.account.holdings.balances()
    return {asset: balance.total for asset, balance in balances.items() if balance.total}


def _add(amounts: dict[str, Decimal], asset: str, amount: Decimal) -> None:
    amounts[asset] = amounts.get(asset, ZERO) + amount


def _apply(fill: Fill, amounts: dict[str, Decimal]) -> None:
    base, _, quote = fill.symbol.partition("/")
    sign = 1 if fill.side is Side.BUY else -1
    for asset, amount in ((base, sign * fill.quantity), (quote, -sign * fill.value), (fill.fee_asset, -fill.fee)):
        _add(amounts, asset, amount)


def watch(world: World) -> Watch:
    """Check the invariants after every commit of ``world``'s store, over all its engines."""
    watcher = Watch(world)
    assert isinstance(world.store, FakeStore)
    world.store.on_commit = watcher
    world.on_venue = watcher.follow
    return watcher
