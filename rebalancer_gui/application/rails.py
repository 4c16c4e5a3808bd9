"""The safety rails of one account at work: what they remember, and what they say just before each plan and each order.

The decisions themselves are pure (``domain.rail_checks``). On the demo market hardly any rail is on: nothing is remembered
there and nothing is asked of the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.application.look import Look
from rebalancer_gui.application.ports import Store
from rebalancer_gui.application.price_guard import PriceGuard
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.valuing import may_have_lost
from rebalancer_gui.domain import rail_checks as checks
from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import IntentState, OrderIntent
from rebalancer_gui.domain.planning import Plan
from rebalancer_gui.domain.protection import APART
from rebalancer_gui.domain.rail_checks import DAY, Purpose, Sent, purpose_of
from rebalancer_gui.domain.rails import AccountKind, Rail, RailSet
from rebalancer_gui.domain.valuation import Snapshot

PAGE = 500
"""Rows that are read at once when the last day is read back."""
FROZEN = "no price of the exchange has changed for a while: the prices stand still"
CONFIRMING = "its price jumped and is being confirmed"


@dataclass(slots=True)
class _Drop:
    """A portfolio that lost much between two checks: what it was before, and how often it was seen since."""

    before: Look
    first: datetime
    count: int = 1


class Rails:
    """Of one account. Engine thread only. ``quotes`` and ``strategies`` are the account's own, as they are at each moment."""

    def __init__(
        self,
        rails: RailSet,
        store: Store,
        guard: PriceGuard,
        quotes: Mapping[str, Quote],
        strategies: Mapping[str, StrategyRuntime],
    ) -> None:
        self._set = rails
        self._store = store
        self._guard = guard
        self._quotes = quotes
        self._strategies = strategies
        self._sent: list[Sent] | None = None
        self._posted: list[float] = []
        self._agreed: dict[str, int] = {}
        self._before: dict[str, Look] = {}
        self._drops: dict[str, _Drop] = {}
        self._changed_at: datetime | None = None
        self.rejected_quotes = 0
        """Quotes that were not finite, not positive or crossed, since the start."""
        guard.use(rails)

    @property
    def set(self) -> RailSet:
        """Which rails are on, with their values."""
        return self._set

    def change(self, rails: RailSet) -> None:
        """Other settings from now on; what is remembered stays."""
        self._set = rails
        self._guard.use(rails)

    @property
    def splits_exits(self) -> bool:
        """Whether an exit that would move the price too much is sent in parts."""
        return self._set.kind is not AccountKind.DEMO

    @property
    def exit_apart(self) -> timedelta:
        """How far apart the quotes must be that confirm a stop-loss or take-profit."""
        limit = self._set.limit(Rail.EXIT_APART)
        return timedelta(seconds=int(limit)) if limit is not None else APART

    # ------------------------------------------------------------------------------------------------ what it remembers

    def observe(self, quotes: Mapping[str, Quote], now: datetime) -> None:
        """One batch, before it becomes the account's quotes: is anything new in it, and what is wrong with it?"""
        if self._set.kind is AccountKind.DEMO:
            return
        for symbol, quote in quotes.items():
            if quote.fault(now, None) is not None:
                self.rejected_quotes += 1
                continue
            old = self._quotes.get(symbol)
            if (
                old is None
                or old.fault(now, None) is not None
                or (old.bid, old.ask, old.last) != (quote.bid, quote.ask, quote.last)
            ):
                self._changed_at = now

    def observe_value(self, strategy: StrategyRuntime) -> None:
        """The newest look at a strategy, once with each batch: has it lost much since the one before?"""
        limit, now = self._set.limit(Rail.PORTFOLIO), strategy.look
        if limit is None or now is None or not (now.inside is not None or now.snapshot.total is not None):
            return
        before, self._before[strategy.id] = self._before.get(strategy.id), now
        drop = self._drops.get(strategy.id)
        if drop is not None:
            if not checks.dropped(drop.before.snapshot, self._quotes, limit):
                del self._drops[strategy.id]
            else:
                drop.count += 1
                if checks.is_settled(drop.first, drop.count, now.at):
                    del self._drops[strategy.id]
            return
        step = before is not None and checks.is_step(before.at, now.at)
        if before is None or not step or not may_have_lost(before, now, limit):
            return
        if checks.dropped(before.snapshot, self._quotes, limit):
            self._drops[strategy.id] = _Drop(before, now.at)

    def forget(self) -> None:
        """The machine slept or the clock was set: what rests on the spacing of checks begins anew."""
        self._before.clear()
        self._drops.clear()
        self._agreed.clear()
        self._changed_at = None

    def forget_one(self, strategy_id: str) -> None:
        """It is over: nothing of it is compared any more. What it sent within the last day still counts."""
        for kept in (self._before, self._drops, self._agreed):
            kept.pop(strategy_id, None)

    def note_sent(self, strategy: StrategyRuntime, purpose: Purpose, intent: OrderIntent, price: Decimal) -> None:
        """An order left for the venue; while it is open what it wanted counts as traded."""
        if self._set.kind is AccountKind.DEMO or intent.state is IntentState.RELEASED:
            return
        quantity = intent.filled if intent.state.is_final else intent.request.quantity
        self._history(intent.sent_at).append(Sent(intent.sent_at, strategy.id, purpose, quantity * price))

    def note_posted(self, monotonic: float) -> None:
        """An order is about to leave, at this moment of wall time."""
        if self._set.is_on(Rail.PACE):
            self._posted = [at for at in self._posted if monotonic - 1 < at <= monotonic]
            self._posted.append(monotonic)

    def note_refusal(self, strategy: StrategyRuntime, words: str) -> str:
        """The venue refused an order (``words`` "": it took one); answers why the strategy is to be halted, or ""."""
        if not words:
            strategy.refusals = 0
            strategy.refused_words.clear()
            return ""
        strategy.refusals += 1
        strategy.refused_words.append(words)
        return checks.too_many_refusals(self._set, strategy.refusals, strategy.refused_words.count(words), words)

    # ---------------------------------------------------------------------------------------------------- what it says

    def agrees(self, strategy: StrategyRuntime, *, by_ratio: bool, triggered: bool) -> bool:
        """Count one check; whether a trigger has been seen often enough. Only by coin ratio more than once is needed."""
        count = self._agreed.get(strategy.id, 0) + 1 if triggered else 0
        self._agreed[strategy.id] = count
        return not (by_ratio and checks.needs_another_check(self._set, count))

    def against_plan(
        self, strategy: StrategyRuntime, purpose: Purpose, snapshot: Snapshot, plan: Plan, now: datetime
    ) -> str:
        """Why ``plan`` is not begun now; "" when nothing is against it."""
        rails = self._set
        if rails.kind is AccountKind.DEMO:
            return ""
        prices = self._against_prices(snapshot, now)
        if prices:
            return prices
        if strategy.id in self._drops:
            return "its value fell far within a minute and is being confirmed"
        money = checks.against_money(rails, snapshot.quote_asset, self._quotes)
        if money:
            return money
        sent = self._history(now)
        last = max((s.at for s in sent if s.strategy_id == strategy.id), default=None)
        more = sum((leg.notional for leg in plan.legs), ZERO)
        return (
            checks.against_interval(rails, purpose, last, now)
            or checks.against_rate(rails, purpose, sent, strategy.id, len(plan.legs), now)
            or checks.against_turnover(rails, purpose, sent, strategy.id, more, self._values(), now)
        )

    def against_order(
        self, strategy: StrategyRuntime, purpose: Purpose, value: Decimal, quote: Quote, now: datetime
    ) -> str:
        """Why an order worth ``value`` (quote units) at the fresh ``quote`` is not sent; "" when nothing is against it."""
        rails = self._set
        if rails.kind is AccountKind.DEMO:
            return ""
        leaves = purpose is Purpose.EXIT
        if not self._guard.believes(quote):
            return CONFIRMING
        if not leaves and checks.is_frozen(rails, self._changed_at, now):
            return FROZEN
        snapshot, sent = strategy.snapshot, self._history(now)
        worth = snapshot.total if snapshot is not None else None
        return (
            checks.against_quote(rails, quote, now, spread_only=leaves)
            or checks.against_size(rails, purpose, value, worth, quote.volume)
            or checks.against_rate(rails, purpose, sent, strategy.id, 1, now)
            or checks.against_turnover(rails, purpose, sent, strategy.id, value, self._values(), now)
        )

    def against_size(self, value: Decimal, worth: Decimal | None, volume: Decimal | None) -> str:
        """Why an order worth ``value`` is too large even when its owner confirms it, for a preview; "" when it is not.
        ``worth``: the strategy's value, ``volume``: the market's in 24 hours (None: not told), all in quote units.
        """
        if self._set.kind is AccountKind.DEMO:
            return ""
        return checks.against_size(self._set, Purpose.CONFIRMED, value, worth, volume)

    def pause(self, monotonic: float) -> float:
        """Seconds of wall time to wait before one more order."""
        return checks.pause_before_order(self._set, self._posted, monotonic)

    def _against_prices(self, snapshot: Snapshot, now: datetime) -> str:
        if checks.is_frozen(self._set, self._changed_at, now):
            return FROZEN
        for row in snapshot.holdings:
            against = checks.against_quote(self._set, row.quote, now) if row.quote is not None else ""
            if against:
                return against
        return ""

    def _values(self) -> dict[str, Decimal]:
        """Each strategy's newest value, in quote units."""
        found = {}
        for strategy in self._strategies.values():
            if strategy.final is None and strategy.snapshot is not None and strategy.snapshot.total is not None:
                found[strategy.id] = strategy.snapshot.total
        return found

    def _history(self, now: datetime) -> list[Sent]:
        """The orders of the last day; those of an earlier run are read back when they are asked for first."""
        if self._sent is None:
            self._sent = _read_back(self._store, now - DAY)
        self._sent = [s for s in self._sent if s.at > now - DAY]
        return self._sent


def _read_back(store: Store, since: datetime) -> list[Sent]:
    reasons: dict[str, str] = {}
    before: int | None = None
    while True:
        records = store.rebalances(None, before, PAGE)
        reasons |= {record.id: record.reason for record in records}
        # A record is as old as its beginning; its orders may be younger, so one more day is read.
        if len(records) < PAGE or records[-1].at < since - DAY:
            break
        before = records[-1].key
    sent: list[Sent] = []
    before = None
    while True:
        rows = store.orders(None, before, PAGE)
        for row in rows:
            price = row.average or row.price or ZERO
            value = row.cost if row.state.is_final else row.quantity * price
            if row.at > since:
                sent.append(Sent(row.at, row.strategy_id, purpose_of(reasons.get(row.rebalance_id, "")), value))
        if len(rows) < PAGE or rows[-1].at <= since:
            return sent
        before = rows[-1].key
