"""I1 to I12 of ORDERS.md 3.4, looked at after every committed transaction, at every arrival of an order, and at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.domain.ledger import EXTERNAL, is_inside
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import IntentState, OrderIntent, OrderRequest
from rebalancer_gui.domain.strategy import State
from tests.protocol.shadow import Amounts, Shadow, Transaction, booked_trades
from tests.protocol.sim_exchange import SimExchange, SimOrder, SimTrade

IN_DOUBT = frozenset({IntentState.SENDING, IntentState.UNKNOWN, IntentState.QUARANTINED, IntentState.REOPENED})
SENDS = frozenset({State.BUILDING, State.RUNNING, State.STOPPING})
ORPHAN_WINDOW = timedelta(hours=24)


class Invariants:
    """``broken`` collects what does not hold, in words that begin with the invariant's number."""

    def __init__(self, exchange: SimExchange, *, say: Callable[[str], None]) -> None:
        self.exchange = exchange
        self.shadow = Shadow()
        self.broken: list[str] = []
        self.double_orders = 0
        self.lost_fills = 0
        self.late_orders = False
        """Orders may arrive later than any margin allows for: what is proven absent may turn up, and must be booked then."""
        self._say = say
        self._executed: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        self._planned: dict[tuple[str, str], Decimal] = {}
        self._over: set[str] = set()
        """Orders that are final and booked to the last fee: looked at no more."""
        exchange.on_arrival, exchange.on_traded = self.arrives, self.traded

    def breaks(self, what: str) -> None:
        """Note it, once each."""
        if what not in self.broken:
            self.broken.append(what)
            self._say(f"BROKEN {what}")

    # -------------------------------------------------------------------------------------------------------- orders

    def posts(self, request: OrderRequest) -> None:
        """At the moment of a POST: it is stored, nothing forbids it (I2, I8)."""
        cid, shadow = request.client_order_id, self.shadow
        intent = shadow.intents.get(cid)
        if intent is None:
            self.breaks(f"I2: {cid} was sent before it was stored")
            return
        if intent.state is not IntentState.SENDING or intent.request.digest != request.digest:
            self.breaks(f"I2: {cid} was sent while its row says {intent.state.value}")
        if shadow.values.get("stop_all"):
            self.breaks(f"I8: {cid} was sent while Stop all was on")
        record = shadow.strategies[intent.strategy_id]
        if record.state not in SENDS:
            self.breaks(f"I8: {cid} was sent for a strategy that is {record.state.value}")
        touched = set(request.symbol.split("/"))
        for other in shadow.open.values():
            assets = other.request.symbol.split("/")
            if other.state is IntentState.QUARANTINED:
                # Days can pass until its owner decides: its money is set aside, its coin is blocked.
                del assets[1:]
            if other is not intent and other.state in IN_DOUBT and touched & set(assets):
                self.breaks(f"I8: {cid} was sent while {other.client_order_id} is {other.state.value}")

    def arrives(self, request: OrderRequest) -> None:
        """An order reaches the exchange: at most once each (I3)."""
        if self.exchange.arrivals[request.client_order_id] > 1:
            self.double_orders += 1
            self.breaks(f"I3: {request.client_order_id} reached the exchange twice")

    def _leg(self, intent: OrderIntent) -> tuple[str, str]:
        return intent.rebalance_id, intent.request.symbol

    def traded(self, order: SimOrder) -> None:
        """What was executed of one leg is never more than it was planned to be: no double order."""
        intent = self.shadow.intents.get(order.client_order_id)
        if intent is None:
            self.breaks(f"I2: the exchange has an order {order.client_order_id} that is not stored")
            return
        leg = self._leg(intent)
        self._executed[leg] += order.filled
        if self._executed[leg] > self._planned[leg]:
            self.double_orders += 1
            self.breaks(f"double: of leg {leg} {self._executed[leg]} was executed, planned was {self._planned[leg]}")

    # ------------------------------------------------------------------------------------------------- transactions

    def committed(self, done: Transaction) -> None:
        """After each commit."""
        self.shadow.take_in(done)
        if not done.moves_money:
            return
        for intent in done.inserted:
            leg = self._leg(intent)
            if intent.attempt == 1 or leg not in self._planned:
                self._planned[leg] = max(self._planned.get(leg, ZERO), intent.request.quantity)
        self.exchange.catch_up()
        self._i5(done)
        self._i4(done)
        self._i6_i7()
        self._i1()

    def _i5(self, done: Transaction) -> None:
        """Each new fill has one entry, of two or three kinds of postings; no trade is booked twice."""
        references = sorted(entry.reference for entry in booked_trades(done))
        if references != sorted(fill.trade_id for fill in done.fills):
            self.breaks(f"I5: trades {references} were posted, fills {[f.trade_id for f in done.fills]} stored")
        for entry in booked_trades(done):
            assets = {posting.asset for posting in entry.postings}
            if not 2 <= len(assets) <= 3:
                self.breaks(f"I5: the booking of {entry.reference} touches {sorted(assets)}")
        for fill in done.fills:
            order = self.exchange.by_client_id.get(fill.client_order_id)
            real = _trade(order, fill.trade_id)
            if real is None or (real.quantity, real.price, real.side) != (fill.quantity, fill.price, fill.side):
                self.breaks(f"I5: {fill.trade_id} of {fill.client_order_id} is booked and never was")
            elif fill.fee_known and (real.fee, real.fee_asset) != (fill.fee, fill.fee_asset):
                self.breaks(f"I5: the fee of {fill.trade_id} is booked as {fill.fee} {fill.fee_asset}")

    def _i4(self, done: Transaction) -> None:
        for cid in {fill.client_order_id for fill in done.fills}:
            total = sum((f.quantity for f in self.shadow.fills[cid].values()), ZERO)
            if total > self.shadow.intents[cid].request.quantity:
                self.breaks(f"I4: {total} is booked of {cid}")

    def _i6_i7(self) -> None:
        reserved: Amounts = {}
        for account, assets in self.shadow.balances.items():
            if not is_inside(account):
                continue
            for asset, amount in assets.items():
                if amount < ZERO and account != "suspense":
                    self.breaks(f"I7: {account} holds {amount} {asset}")
                if account.startswith("reserved:"):
                    cid = account.removeprefix("reserved:")
                    reserved[asset] = reserved.get(asset, ZERO) + amount
                    if cid not in self.shadow.open:
                        self.breaks(f"I6: {amount} {asset} stays reserved for {cid}, which is over")
        for asset, amount in reserved.items():
            flight = sum(
                (-n for t in self.unbooked() for a, n in t.effects() if a == asset and n < ZERO), ZERO
            )  # fmt: skip
            if amount > self.exchange.held.get(asset, ZERO) + flight + self._withdrawn(asset):
                self.breaks(f"I6: {amount} {asset} reserved, the exchange holds {self.exchange.held.get(asset, ZERO)}")

    def _withdrawn(self, asset: str) -> Decimal:
        """What was taken out outside and is not booked yet."""
        return max(-self.not_booked_from_outside().get(asset, ZERO), ZERO)

    def unbooked(self) -> list[SimTrade]:
        """Our trades at the exchange that the ledger does not have yet."""
        found = []
        for cid, order in self.exchange.by_client_id.items():
            if cid in self._over:
                continue
            booked = self.shadow.fills.get(cid, {})
            if len(booked) != len(order.trades):
                found += [t for t in order.trades if t.trade_id not in booked]
        return found

    def not_booked_from_outside(self) -> Amounts:
        """What came in (> 0) or went out and the ledger has not booked, by asset."""
        external = self.shadow.balances.get(EXTERNAL, {})
        assets = {*self.exchange.outside, *external}
        found = {a: self.exchange.outside.get(a, ZERO) + external.get(a, ZERO) for a in assets}
        return {asset: amount for asset, amount in found.items() if amount != ZERO}

    def _i1(self) -> None:
        """The ledger is the exchange, but for trades of open orders, fees that are not known, and what came from outside."""
        expected = self.shadow.inside()
        for asset, amount in (
            *self.not_booked_from_outside().items(),
            *self.shadow.balances.get("suspense", {}).items(),
        ):
            _add(expected, asset, amount)
        for cid, order in self.exchange.by_client_id.items():
            if cid in self._over:
                continue
            booked, clean = self.shadow.fills.get(cid, {}), order.is_over and cid not in self.shadow.open
            for trade in order.trades:
                fill = booked.get(trade.trade_id)
                if fill is None:
                    clean = False
                    if cid not in self.shadow.open and not (self.late_orders and cid in self.shadow.absent):
                        state = self.shadow.intents[cid].state.value
                        self.lost_fills += 1
                        self.breaks(f"I1: trade {trade.trade_id} of {cid} is not booked and the order is {state}")
                    for asset, amount in trade.effects():
                        _add(expected, asset, amount)
                elif (fill.fee, fill.fee_asset) != (trade.fee, trade.fee_asset):
                    clean = False
                    if self.shadow.intents[cid].state is IntentState.SETTLED:
                        self.breaks(f"fee: {cid} is settled, and trade {trade.trade_id} has an estimated fee still")
                    _add(expected, fill.fee_asset, fill.fee)
                    _add(expected, trade.fee_asset, -trade.fee)
            if clean:
                self._over.add(cid)
        left = {asset: amount for asset, amount in expected.items() if amount != ZERO}
        held = {asset: amount for asset, amount in self.exchange.held.items() if amount != ZERO}
        if left != held:
            wrong = {a: (left.get(a), held.get(a)) for a in {*left, *held} if left.get(a) != held.get(a)}
            self.breaks(f"I1: ledger and exchange differ: {wrong}")

    # ----------------------------------------------------------------------------------------------------------- end

    def difference(self) -> Amounts:
        """Exchange less ledger by asset, at this moment."""
        inside, held = self.shadow.inside(), self.exchange.held
        found = {a: held.get(a, ZERO) - inside.get(a, ZERO) for a in {*inside, *held}}
        return {asset: amount for asset, amount in found.items() if amount != ZERO}

    def at_the_end(self) -> None:
        """I9 to I12, no lost fill, difference exactly 0."""
        for cid, intent in self.shadow.absent.items():
            order = self.exchange.by_client_id.get(cid)
            if order is not None and order.trades:
                self.breaks(f"I9: {cid} is ABSENT and has traded {order.filled}")
            if self.shadow.fills.get(cid):
                self.breaks(f"I9: {cid} is ABSENT and has fills, sent {intent.sent_at}")
        for cid, intent in self.shadow.open.items():
            if intent.state is not IntentState.QUARANTINED:
                self.breaks(f"I12: {cid} is still {intent.state.value}")
        for trade in self.unbooked():
            self.lost_fills += 1
            self.breaks(f"lost: trade {trade.trade_id} {trade.symbol} is not booked")
        if self.not_booked_from_outside():
            self.breaks(f"outside: not booked {self.not_booked_from_outside()}")
        if self.difference():
            self.breaks(f"difference: {self.difference()}")


def _trade(order: SimOrder | None, trade_id: str) -> SimTrade | None:
    return next((t for t in order.trades if t.trade_id == trade_id), None) if order is not None else None


def _add(amounts: Amounts, asset: str, amount: Decimal) -> None:
    amounts[asset] = amounts.get(asset, ZERO) + amount
