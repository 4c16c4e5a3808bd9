"""Where a paper venue takes orders: match, book, store, answer. The same on invented books and on those of a real exchange."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.adapters.storage.gate import Gate
from rebalancer_gui.adapters.venues.holdings import Holdings, settle_order
from rebalancer_gui.adapters.venues.matching import Match, fee_of, filled, levels_for, match_order
from rebalancer_gui.adapters.venues.order_filters import DUPLICATE, INSUFFICIENT_BALANCE, NO_RIGHT, refused_by_rules
from rebalancer_gui.adapters.venues.paper_controls import OpenAccount
from rebalancer_gui.adapters.venues.paper_ledger import BookedOrder, PaperLedger, StoredAccount
from rebalancer_gui.domain.errors import EnvironmentProblem, VenueUnavailable
from rebalancer_gui.domain.market import Balance, FeeSchedule, FeeSide, MarketRules, OrderBook
from rebalancer_gui.domain.money import ONE, ZERO
from rebalancer_gui.domain.orders import (
    Accepted,
    Fill,
    OrderRequest,
    Rejected,
    SubmitOutcome,
    Unknown,
    VenueOrder,
    VenueOrderStatus,
    VenueTrade,
)


@dataclass(frozen=True, slots=True)
class Counter:
    """What an order meets: the market's rules and book, the price that a Market order's value is judged by, the part of each
    level that can be had, and the venue's time.
    """

    rules: MarketRules
    book: OrderBook
    average: Decimal
    share: Decimal
    at: datetime


class PaperDesk:
    """The account side of a paper venue. Engine thread only; the venue opens and closes ``ledger``.

    A client order id is unique for ever, and an order is on disk with all its effects before it is answered, so a look-up
    that finds nothing proves that nothing was done. Fees are charged in the received asset or in quote, rounded up to 8
    decimals.
    """

    def __init__(self, ledger: PaperLedger, fees: FeeSchedule) -> None:
        self.ledger = ledger
        self.account = OpenAccount()
        self._fees = check_fees(fees)

    @property
    def fees(self) -> FeeSchedule:
        return self._fees

    def charge(self, fees: FeeSchedule) -> None:
        """From the next order on."""
        self._fees = check_fees(fees)

    def know(self, state: StoredAccount) -> None:
        """What the file says, just opened."""
        account = self.account
        account.holdings, account.may_trade = Holdings(state.balances), state.may_trade
        account.last_order_id, account.last_trade_id = state.last_order_id, state.last_trade_id

    # --------------------------------------------------------------------------------------------------------- questions

    def balances(self) -> Mapping[str, Balance]:
        return {asset: balance for asset, balance in self.account.holdings.balances().items() if balance.total > ZERO}

    def find_order(self, symbol: str, client_order_id: str) -> VenueOrder | None:
        """Raises VenueUnavailable when the file cannot be read."""
        try:
            booked = self.ledger.find_order(symbol, client_order_id)
        except EnvironmentProblem as problem:
            raise VenueUnavailable(problem.message, problem.advice) from problem
        return None if booked is None else booked.order

    def orders_since(self, symbol: str, since: datetime) -> tuple[VenueOrder, ...]:
        """Raises VenueUnavailable when the file cannot be read."""
        try:
            return tuple(booked.order for booked in self.ledger.orders_since(symbol, since))
        except EnvironmentProblem as problem:
            raise VenueUnavailable(problem.message, problem.advice) from problem

    def trades_since(self, symbol: str, since: datetime) -> tuple[VenueTrade, ...]:
        """Raises VenueUnavailable when the file cannot be read."""
        return tuple(
            VenueTrade(
                f.trade_id, order.venue_order_id, f.symbol, f.side, f.quantity, f.price, f.fee, f.fee_asset, f.at
            )
            for order in self.orders_since(symbol, since)
            for f in order.fills
        )

    @property
    def gate(self) -> Gate:
        """Held during each transaction of the venue's own file."""
        return self.ledger.gate

    def copy_to(
        self, target: sqlite3.Connection, pages: int = -1, pause: Callable[[int, int, int], object] | None = None
    ) -> None:
        """A consistent copy of the file; in steps it may be made in another thread. Raises sqlite3.Error."""
        self.ledger.copy_to(target, pages, pause)

    # ------------------------------------------------------------------------------------------------------------ orders

    @property
    def next_order_id(self) -> int:
        """The number of the next order that is taken."""
        return self.account.last_order_id + 1

    def stands_against(self, request: OrderRequest) -> Unknown | Rejected | None:
        """What is against any order: a client id that was used before is evidence that the first one exists (ORDERS.md rule
        5); without the right to trade nothing is taken. Raises EnvironmentProblem.
        """
        if self.ledger.has_order(request.client_order_id):
            return Unknown(DUPLICATE)
        return None if self.account.may_trade else NO_RIGHT

    def take(self, request: OrderRequest, counter: Counter) -> tuple[SubmitOutcome, tuple[Match, ...]]:
        """Match, book, store, answer, all in one piece; and what it took from the book. Raises EnvironmentProblem, after which
        only the file knows what is true.
        """
        refusal = refused_by_rules(request, counter.rules, counter.average)
        if refusal is not None:
            return refusal, ()
        matches = self.match(request, counter)
        order = self._order(request, counter, matches)
        holdings = self.account.holdings.copy()
        if not settle_order(holdings, request, counter.rules, order, self._fees):
            return INSUFFICIENT_BALANCE, ()
        self.ledger.add_order(BookedOrder(request, order), holdings.balances(), order.at)
        self.account.holdings = holdings
        self.account.last_order_id += 1
        self.account.last_trade_id += len(order.fills)
        return Accepted(order), matches

    def match(self, request: OrderRequest, counter: Counter) -> tuple[Match, ...]:
        """What the order gets of the book."""
        levels = levels_for(counter.book, request.side)
        return match_order(
            request.side, levels, request.quantity, request.limit_price, counter.share, counter.rules.step_size
        )

    def _order(self, request: OrderRequest, counter: Counter, matches: Sequence[Match]) -> VenueOrder:
        traded = [match for match in matches if match.quantity > ZERO]
        fills: list[Fill] = []
        for trade_id, match in enumerate(traded, start=self.account.last_trade_id + 1):
            fee, fee_asset = fee_of(match, request.side, counter.rules, self._fees)
            fills.append(
                Fill(
                    trade_id=str(trade_id),
                    client_order_id=request.client_order_id,
                    symbol=request.symbol,
                    side=request.side,
                    quantity=match.quantity,
                    price=match.price,
                    fee=fee,
                    fee_asset=fee_asset,
                    at=counter.at,
                )
            )
        got = filled(traded)
        return VenueOrder(
            client_order_id=request.client_order_id,
            venue_order_id=str(self.next_order_id),
            symbol=request.symbol,
            side=request.side,
            type=request.type,
            quantity=request.quantity,
            filled=got,
            status=VenueOrderStatus.FILLED if got == request.quantity else VenueOrderStatus.EXPIRED,
            at=counter.at,
            fills=tuple(fills),
        )


def check_fees(fees: FeeSchedule) -> FeeSchedule:
    """ValueError on fees that a paper venue cannot charge."""
    if fees.taken_in is FeeSide.THIRD or not ZERO <= fees.taker_rate < ONE:
        raise ValueError(f"The paper venue takes a fee under 100 % in the received asset or in quote, not {fees}.")
    return fees
