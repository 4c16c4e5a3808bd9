"""What became of an order whose outcome is open: looked up until it is found, proven absent, or its owner's to decide.

The same path at start-up, after sleep and in the middle of running (ORDERS.md rules 7, 8, 12). A round of look-ups asks for
our own id, then reads the account's lists of orders and trades; what each of them said is kept as evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.booking import Bookkeeper, fault_of, order_row
from rebalancer_gui.application.candidates import as_ours, could_be, from_trades
from rebalancer_gui.application.lifecycle import halt_when_free, lift_quarantine
from rebalancer_gui.application.records import Evidence, OrderRow
from rebalancer_gui.application.search import Search
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.views import QuarantineView
from rebalancer_gui.domain.absence import (
    LOOK_BACK,
    ORPHAN_WINDOW,
    QUARANTINE_AFTER,
    Round,
    Verdict,
    is_absent,
    next_look,
)
from rebalancer_gui.domain.errors import InvalidInput, VenueUnavailable
from rebalancer_gui.domain.money import total
from rebalancer_gui.domain.orders import IntentState, OrderIntent, VenueOrder, VenueTrade, order_words
from rebalancer_gui.domain.strategy import HaltKind

NEWEST, PAGE = 200, 20
"""Among so many newest orders are all those whose trades can stand in a list that is read back to an open order."""
BY_ID, LISTS, TRADES, CONTROL = "look-up by our id", "list of orders", "list of trades", "look-up of a known order"


@dataclass(slots=True)
class _Answers:
    """What one round said, as it is read."""

    verdict: Verdict = Verdict.UNCLEAR
    order: VenueOrder | None = None
    controlled: bool = False
    at: datetime | None = None
    """The venue's own time of a negative round."""
    said: dict[str, str] = field(default_factory=dict)


class Resolver:
    """Of one account. Engine thread only."""

    def __init__(self, account: Account, books: Bookkeeper) -> None:
        self._account = account
        self._books = books

    async def resolve(self, strategy: StrategyRuntime, intent: OrderIntent) -> OrderIntent:
        """One round of look-ups when one is due; what cannot be settled now comes back open and is asked for again."""
        account = self._account
        search = self._search(intent)
        now = account.venue.clock.monotonic()
        if account.locked or now < search.next_at:
            return intent
        answers = await self._look(strategy, intent)
        search.tries += 1
        if answers.verdict is Verdict.FOUND and answers.order is not None:
            intent = await self._book_found(strategy, intent, answers.order)
            if intent.client_order_id not in strategy.unresolved:
                return intent
        elif answers.verdict is Verdict.NEGATIVE:
            search.rounds.append(Round(answers.at or account.venue_now(), answers.controlled))
            proven = account.venue.lookup_is_authoritative
            if proven or is_absent(intent.sent_at, intent.fence_at, search.rounds):
                return self._absent(strategy, intent, "the order never arrived")
        else:
            search.rounds.clear()
        return self._still_open(strategy, intent, search, answers.said)

    async def sweep(self) -> None:
        """Orders that were proven absent are looked for once more: one that turns up is booked, and that is an alarm."""
        account = self._account
        if account.locked:
            return
        for intent in account.store.absent_since(account.venue_now() - ORPHAN_WINDOW):
            try:
                order = await account.venue.find_order(intent.request.symbol, intent.client_order_id)
            except VenueUnavailable:
                return
            if order is None or fault_of(order, intent.request):
                continue
            what, strategy = _words(intent), account.strategies.take(intent.strategy_id)
            reopened = replace(intent, state=IntentState.REOPENED, reason="it turned up after all")
            self._books.mark(strategy, reopened, Evidence(intent.client_order_id, account.now(), BY_ID, "it is there"))
            await self._books.book(strategy, reopened, order)
            reason = (
                f"An order that was proven absent turned up at the exchange ({what}). What it traded is booked. Look at the "
                "orders before it goes on."
            )
            account.note(None, "alarm", f"{strategy.name}: {reason}")
            halt_when_free(account, strategy, reason, HaltKind.LATE_ORDER)

    async def quarantine(self, strategy: StrategyRuntime, client_order_id: str) -> QuarantineView:
        """What its owner needs to decide about an order. Raises InvalidInput."""
        intent, account = self._undecided(strategy, client_order_id), self._account
        candidates: tuple[VenueOrder, ...] = ()
        unlisted = ""
        try:
            candidates = await self.candidates(intent)
        except VenueUnavailable as error:
            unlisted = error.message
        asset = intent.reserved_asset
        return QuarantineView(
            order_row(intent, account.store.fills(client_order_id), 0),
            account.store.evidence(client_order_id),
            candidates,
            unlisted,
            asset,
            account.wallet.reserved(client_order_id, asset),
        )

    async def candidates(self, intent: OrderIntent) -> tuple[VenueOrder, ...]:
        """The venue's orders that could be this one, for its owner to choose from; an order that the venue lists no longer is
        known by its trades. Raises VenueUnavailable.
        """
        request, since = intent.request, intent.sent_at - LOOK_BACK
        orders = await self._account.venue.orders_since(request.symbol, since)
        trades = await self._account.venue.trades_since(request.symbol, since)
        known = {row.venue_order_id for row in self._newest() if row.client_order_id != intent.client_order_id}
        forgotten = from_trades(intent, orders, self._unexplained(intent, orders, trades))
        return forgotten + tuple(
            order
            for order in orders
            if order.side is request.side
            and order.venue_order_id not in known
            and order.filled <= request.quantity
            and (order.client_order_id == request.client_order_id or not self._is_ours(order.client_order_id))
        )

    async def adopt(self, strategy: StrategyRuntime, client_order_id: str, venue_order_id: str) -> None:
        """Its owner says that the venue's order is this one. Raises InvalidInput when it cannot be, VenueUnavailable."""
        intent = self._undecided(strategy, client_order_id)
        try:
            found = [o for o in await self.candidates(intent) if o.venue_order_id == venue_order_id]
        except VenueUnavailable as error:
            raise InvalidInput("", f"The exchange does not list its orders now: {error.message}") from error
        if not found:
            raise InvalidInput("", f"The exchange lists no order {venue_order_id} that could be this one.")
        if not found[0].is_final:
            raise InvalidInput(
                "",
                f"The order {venue_order_id} is still open at the exchange: wait until it is over, or cancel it there.",
            )
        order = await self._books.with_all_fills(intent, as_ours(found[0], client_order_id))
        if order.venue_order_id != venue_order_id or total(f.quantity for f in order.fills) != order.filled:
            # Nobody looks for the rest later: look-ups go by our own id, which a strange order does not have.
            raise InvalidInput(
                "", f"The exchange does not list every trade of the order {venue_order_id} now: ask again."
            )
        # The look-ups went on meanwhile: what they have settled is not decided again.
        intent = self._undecided(strategy, client_order_id)
        said = Evidence(client_order_id, self._account.now(), "owner", f"it is the order {venue_order_id}")
        intent = self._books.mark(strategy, replace(intent, state=IntentState.ACKED, reason=""), said)
        await self._book_found(strategy, intent, order)

    def discard(self, strategy: StrategyRuntime, client_order_id: str) -> None:
        """Its owner says that it never was: the reservation goes back. Raises InvalidInput."""
        intent = self._undecided(strategy, client_order_id)
        said = Evidence(client_order_id, self._account.now(), "owner", "it never was")
        self._books.mark(strategy, intent, said)
        self._absent(strategy, intent, "its owner decided that it never was")

    def discard_foreign(self, strategy: StrategyRuntime) -> None:
        """The owner ends a strategy that is halted for a foreign order: ours never was, so its reservation goes back. What the
        foreign order did to the account is seen as money from outside.
        """
        keys = {row.client_order_id: row.key for row in self._account.store.orders(strategy.id, None, NEWEST)}
        for cid in sorted(strategy.foreign & strategy.unresolved.keys()):
            self._books.know_key(strategy.unresolved[cid], keys.get(cid, 0))
            reason = "its owner ended the strategy; it is not ours"
            self._books.release(strategy, replace(strategy.unresolved[cid], state=IntentState.ABSENT, reason=reason))
        strategy.foreign.clear()

    # ------------------------------------------------------------------------------------------------- what came of it

    async def _book_found(self, strategy: StrategyRuntime, intent: OrderIntent, order: VenueOrder) -> OrderIntent:
        booked = await self._books.book(strategy, intent, order)
        if intent.client_order_id not in strategy.unresolved:
            self._account.searches.pop(intent.client_order_id, None)
            lift_quarantine(self._account, strategy)
        return booked

    def _absent(self, strategy: StrategyRuntime, intent: OrderIntent, reason: str) -> OrderIntent:
        released = self._books.release(strategy, replace(intent, state=IntentState.ABSENT, reason=reason))
        self._account.searches.pop(intent.client_order_id, None)
        lift_quarantine(self._account, strategy)
        return released

    def _still_open(
        self, strategy: StrategyRuntime, intent: OrderIntent, search: Search, said: dict[str, str]
    ) -> OrderIntent:
        account, now = self._account, self._account.venue.clock.monotonic()
        new = [
            Evidence(intent.client_order_id, account.now(), source, words)
            for source, words in said.items()
            if search.said.get(source) != words
        ]
        search.said |= said
        state = intent.state
        if state in {IntentState.SENDING, IntentState.REOPENED}:
            state = IntentState.UNKNOWN
        too_long = now - search.begun >= QUARANTINE_AFTER.total_seconds()
        quarantined = state is IntentState.QUARANTINED
        if too_long and not quarantined:
            state, quarantined = IntentState.QUARANTINED, True
            halt_when_free(account, strategy, _quarantine_sentence(intent), HaltKind.QUARANTINED)
        search.next_at = now + next_look(search.tries, quarantined=quarantined).total_seconds()
        if state is not intent.state or new:
            intent = self._books.mark(strategy, replace(intent, state=state), *new)
        return intent

    # -------------------------------------------------------------------------------------------------------- look-ups

    async def _look(self, strategy: StrategyRuntime, intent: OrderIntent) -> _Answers:
        """One round: by our id, then the lists, then the control."""
        answers, request, venue = _Answers(), intent.request, self._account.venue
        try:
            order = await venue.find_order(request.symbol, request.client_order_id)
        except VenueUnavailable as error:
            answers.said[BY_ID] = f"no answer: {error.message}"
        else:
            if order is not None:
                self._judge(strategy, intent, order, answers)
                return answers
            answers.said[BY_ID] = "it does not know the order"
            if venue.lookup_is_authoritative:
                answers.verdict = Verdict.NEGATIVE
                return answers
        await self._look_into_lists(intent, answers)
        return answers

    def _judge(self, strategy: StrategyRuntime, intent: OrderIntent, order: VenueOrder, answers: _Answers) -> None:
        fault = fault_of(order, intent.request)
        if not fault:
            answers.verdict, answers.order = Verdict.FOUND, order
            return
        answers.said[BY_ID] = f"it answered with something else: {fault}"
        if order.venue_order_id and order.client_order_id == intent.client_order_id:
            # Somebody else's order under our id (a lost ledger, a foreign program): booking it would invent money.
            strategy.foreign.add(intent.client_order_id)
            reason = (
                f"The exchange knows another order under the id {intent.client_order_id} ({fault}). "
                "Nothing is booked and nothing is sent until that is cleared up."
            )
            halt_when_free(self._account, strategy, reason, HaltKind.FOREIGN_ORDER)

    async def _look_into_lists(self, intent: OrderIntent, answers: _Answers) -> None:
        venue, request, since = self._account.venue, intent.request, intent.sent_at - LOOK_BACK
        missed = answers.said[BY_ID] != "it does not know the order"
        try:
            orders = await venue.orders_since(request.symbol, since)
        except VenueUnavailable as error:
            answers.said[LISTS] = f"no answer: {error.message}"
            return
        own = [order for order in orders if order.client_order_id == request.client_order_id]
        if own and not fault_of(own[0], request):
            answers.verdict, answers.order = Verdict.FOUND, own[0]
            return
        nameless = [o for o in orders if not o.client_order_id and could_be(o, intent)]
        answers.said[LISTS] = (
            f"an order without our id that could be it: {', '.join(o.venue_order_id for o in nameless)}"
            if nameless
            else "it is not among the account's orders"
        )
        try:
            trades = await venue.trades_since(request.symbol, since)
        except VenueUnavailable as error:
            answers.said[TRADES] = f"no answer: {error.message}"
            return
        strange = self._unexplained(intent, orders, trades)
        answers.said[TRADES] = (
            f"trades of no order that we know: {', '.join(t.trade_id for t in strange)}"
            if strange
            else "no trade that could be its"
        )
        works = await self._control(answers)
        answers.controlled = bool(works)
        if missed or own or nameless or strange or works is False:
            return
        try:
            answers.at = await venue.server_time()
        except VenueUnavailable:
            return
        answers.verdict = Verdict.NEGATIVE

    def _unexplained(
        self, intent: OrderIntent, orders: Sequence[VenueOrder], trades: Sequence[VenueTrade]
    ) -> list[VenueTrade]:
        """Trades that could be of this order: of no other order that is listed or booked."""
        listed = {
            o.venue_order_id for o in orders if o.client_order_id != intent.client_order_id and not could_be(o, intent)
        }
        listed |= {o.venue_order_id for o in orders if o.client_order_id not in {"", intent.client_order_id}}
        strange = [
            trade
            for trade in trades
            if trade.side is intent.request.side
            and trade.quantity <= intent.request.quantity
            and trade.venue_order_id not in listed
        ]
        if strange:
            ids = {r.venue_order_id for r in self._newest() if r.client_order_id != intent.client_order_id}
            strange = [trade for trade in strange if trade.venue_order_id not in ids]
        return strange

    async def _control(self, answers: _Answers) -> bool | None:
        """Whether the same look-up finds an order of this account that is known to be there; None without such an order. A
        look-up that fails here proves nothing about the other order either.
        """
        since: datetime = self._account.venue_now() - ORPHAN_WINDOW
        known = next(
            (
                row
                for row in self._newest()
                if row.state is IntentState.SETTLED and row.at >= since and row.venue_order_id
            ),
            None,
        )
        if known is None:
            answers.said[CONTROL] = "there is no order yet that is known to exist"
            return None
        try:
            order = await self._account.venue.find_order(known.symbol, known.client_order_id)
        except VenueUnavailable as error:
            answers.said[CONTROL] = f"no answer: {error.message}"
            return False
        found = order is not None and order.client_order_id == known.client_order_id
        answers.said[CONTROL] = "it works" if found else "it does not find an order that exists"
        return found

    # ---------------------------------------------------------------------------------------------------------- small

    def _search(self, intent: OrderIntent) -> Search:
        searches = self._account.searches
        if intent.client_order_id not in searches:
            searches[intent.client_order_id] = Search(self._account.venue.clock.monotonic())
        return searches[intent.client_order_id]

    def _undecided(self, strategy: StrategyRuntime, client_order_id: str) -> OrderIntent:
        intent = strategy.unresolved.get(client_order_id)
        if intent is None or intent.state is not IntentState.QUARANTINED:
            raise InvalidInput("", f"The order {client_order_id} is not waiting for a decision.")
        return intent

    def _newest(self) -> Iterator[OrderRow]:
        """The newest orders of the account, newest first, read only as far as they are looked at."""
        before, left = None, NEWEST
        while left > 0:
            rows = self._account.store.orders(None, before, PAGE)
            yield from rows
            if len(rows) < PAGE:
                return
            before, left = rows[-1].key, left - PAGE

    def _is_ours(self, client_order_id: str) -> bool:
        if not client_order_id:
            return False
        return any(row.client_order_id == client_order_id for row in self._newest())


def _words(intent: OrderIntent) -> str:
    return order_words(intent.request.side, intent.request.quantity, intent.request.symbol)


def _quarantine_sentence(intent: OrderIntent) -> str:
    return (
        f"For {int(QUARANTINE_AFTER.total_seconds() // 60)} minutes nothing could be proven about an order "
        f"({_words(intent)}, {intent.client_order_id}). What it may have used stays set aside, it is looked up once a minute. "
        "Look at what was found out, and decide: adopt an order of the exchange as this one, or discard it."
    )
