"""Makes the frozen pictures that the window draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.caps_port import CapsState
from rebalancer_gui.application.ended_total import EndedTotal, ended_totals
from rebalancer_gui.application.events import EndedPage
from rebalancer_gui.application.lifecycle import resume_blocked
from rebalancer_gui.application.liquidation import waiting_words
from rebalancer_gui.application.scoring import Scoring, all_together
from rebalancer_gui.application.strategy_commands import LoadEnded
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.bands import bands_of
from rebalancer_gui.domain.errors import StoreUnavailable
from rebalancer_gui.domain.money import HUNDRED, ZERO, plain, total
from rebalancer_gui.domain.orders import IntentState
from rebalancer_gui.domain.strategy import HaltKind, State, TradingMode

TODAY_KEY = "today"
OF_ITS_OWN_DAY = "The demo market has the market caps of its own day: there is nothing newer to read."

_ADVICE = {
    HaltKind.STOP_ALL: "Press Resume trading to put every strategy back into its former state, or stop this strategy.",
    HaltKind.MARKET: "Replace the coin, drop it and share its weight among the others, or wait: when its market opens "
    "again, press Resume. Or end the strategy: keep the coins, or sell what can be sold.",
    HaltKind.NO_RIGHT: "Give the account or its key the right to trade back, then press Resume; or end the strategy and "
    "keep its coins.",
    HaltKind.SHORT: "Deposit what is missing again and press Resume, or book the loss: then the strategy goes on with what "
    "is left.",
    HaltKind.NEW_UNITS: "Look at the exchange whether the coin was redenominated and how many you hold now. Then press "
    "Resume: it goes on with the new price. Or end the strategy and keep its coins.",
    HaltKind.RENAMED: "If that is so, take the coin over under its new name; then press Resume. Or end the strategy and "
    "keep its coins.",
    HaltKind.QUARANTINED: "Look at the order and decide: adopt an order of the exchange as this one, or discard it. Or wait: "
    "when the exchange tells what became of it, the strategy goes on by itself.",
    HaltKind.LATE_ORDER: "Look at its orders and coins. Then press Resume: it goes on with what it has now. Or end the "
    "strategy.",
    None: "Look at the orders and the journal for the cause, then press Resume; or stop the strategy and keep its coins.",
}


class Presenter:
    """Engine thread only. Remembers the profit at the start of the market day for *Today*."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._day, self._base = _stored_base(account.values.get(TODAY_KEY, ""))
        self._stored = True
        self._scoring = Scoring()
        self._over: tuple[StrategyView, ...] = ()
        self._over_of = -1

    def view(self) -> AccountView:
        """The account as it stands."""
        account = self._account
        now = account.venue.clock.now()
        strategies = tuple(self._strategy(s) for s in account.strategies.values())
        free = account.free_value()
        going = [s for s in strategies if s.state is not State.ENDED]
        values = [s.score.value if s.score.value is not None else s.priced_part for s in going]
        known = [v for v in values if v is not None]
        worth = free + sum(known, ZERO) if free is not None and len(known) == len(values) else None
        today = self._today(now, strategies)
        before = worth - today if worth is not None and today is not None else None
        checks = [s.next_check for s in strategies if s.next_check is not None]
        started = (s for s in strategies if s.started_at is not None or s.state is State.ENDED)
        own_money = (s.score for s in started if s.parameters.quote == account.quote_asset)
        realised, unrealised = all_together(own_money)
        if realised is not None:
            realised += total(
                t.profit for t in account.strategies.over.totals.values() if t.quote == account.quote_asset
            )
        return AccountView(
            account=account.name,
            title=account.setup.title,
            mode=account.setup.mode,
            quote=account.quote_asset,
            at=now,
            total=worth,
            today=today,
            today_percent=today * HUNDRED / before if today is not None and before else None,
            free=account.wallet.free,
            quotes=dict(account.quotes),
            fees=account.fees,
            strategies=(*strategies, *self._newest_over()),
            over=self._totals_of_over(strategies),
            demo=account.setup.demo.state() if account.setup.demo is not None else None,
            stop_all=account.stop_all,
            engine=self._engine_word(),
            next_check=min(checks) if checks else None,
            last=account.last_decision,
            halted=account.halted,
            halted_advice=account.halted_advice,
            pay_fees_with_bnb=account.pay_fees_with_bnb,
            paper=account.setup.paper.state() if account.setup.paper is not None else None,
            unpriced=tuple(sorted(account.unpriced.union(*(s.unpriced for s in going)))),
            rails=account.rails.set,
            trading=account.trading,
            locked=account.locked,
            caps=self._caps(),
            realised=realised,
            unrealised=unrealised,
        )

    def _newest_over(self) -> tuple[StrategyView, ...]:
        over = self._account.strategies.over
        if self._over_of != over.revision:
            self._over, self._over_of = tuple(map(self._strategy, over.newest())), over.revision
        return tuple(view for view in self._over if self._is_only_stored(view.id))

    def _totals_of_over(self, in_memory: tuple[StrategyView, ...]) -> tuple[EndedTotal, ...]:
        totals = dict(self._account.strategies.over.totals)
        for view in in_memory:
            if view.state is State.ENDED:
                ended_totals(totals, view.parameters.quote, view.score, 1, traded=view.started_at is not None)
        return tuple(totals.values())

    def _is_only_stored(self, strategy_id: str) -> bool:
        """One that has just ended stands in the store and for a moment in memory too."""
        return strategy_id not in self._account.strategies

    def every_strategy(self) -> Iterator[StrategyView]:
        """Those that go on, then those that are over, the last to end first."""
        yield from map(self._strategy, self._account.strategies.every())

    def ended_page(self, command: LoadEnded) -> EndedPage:
        """One more row than asked for tells whether there are older ones."""
        rows = self._account.strategies.over.page(command.before or None, command.limit + 1)
        views = tuple(self._strategy(row) for row in rows[: command.limit] if self._is_only_stored(row.id))
        return EndedPage(command.command_id, self._account.name, views, len(rows) > command.limit)

    def _caps(self) -> CapsState:
        setup = self._account.setup
        if setup.preset_side.feed is not None:
            return setup.preset_side.feed.state()
        if setup.caps is None:
            return CapsState(why_no_refresh="This account has no source of market caps.")
        as_of = setup.caps.as_of(self._account.venue.clock.now())
        return CapsState(setup.caps.attribution, as_of, why_no_refresh=OF_ITS_OWN_DAY)

    def _engine_word(self) -> str:
        account = self._account
        if account.halted:
            return "halted"
        if account.stopping:
            return "stopping"
        if account.stop_all:
            return "trading stopped"
        if account.locked:
            return "key locked"
        if account.trading is TradingMode.WATCH:
            return "watch only"
        if account.paused_for_answer:
            return "waits for your answer"
        demo = account.setup.demo
        return "paused" if demo is not None and demo.state().paused else "running"

    def _strategy(self, strategy: StrategyRuntime) -> StrategyView:
        account = self._account
        record, newest = strategy.record, strategy.newest
        message = newest.message if newest is not None and strategy.obstructed else ""
        advice = ""
        if record.state is State.HALTED:
            advice = _ADVICE.get(record.halt, _ADVICE[None])
        stands_still = record.state in {State.HALTED, State.PAUSED}
        score, snapshot = self._scoring.scored(strategy, account.venue.clock.now()), strategy.snapshot
        in_part = score.value is None and snapshot is not None
        over = record.state is State.ENDED
        own = {*record.parameters.assets, *account.wallet.strategy_assets(strategy.id)}
        return StrategyView(
            id=strategy.id,
            parameters=record.parameters,
            state=record.state,
            reason=record.reason,
            advice=advice,
            snapshot=snapshot,
            bands=self._bands(strategy),
            score=score,
            rebalances=strategy.rebalances,
            skipped=strategy.skipped,
            fees_paid=strategy.fees_paid,
            created_at=record.created_at,
            started_at=record.started_at,
            ended_at=record.ended_at,
            next_check=self._next_look(strategy.next_check()),
            decision=strategy.decision,
            checking_order=any(i.state is not IntentState.QUARANTINED for i in strategy.unresolved.values()),
            quarantined=tuple(cid for cid, i in strategy.unresolved.items() if i.state is IntentState.QUARANTINED),
            halt=record.halt,
            resumable=resume_blocked(account, strategy) if stands_still else "",
            frozen=account.frozen(strategy) if not over else (),
            missing=account.missing_of(strategy.id),
            renamed=tuple((old, new) for old, new in account.renames.items() if old in own and not over),
            average_costs=_average_costs(strategy),
            results=dict(strategy.results),
            fees_returned=-strategy.pool_cost,
            version=record.version,
            message=message,
            message_advice=newest.advice if newest is not None and message else "",
            waits=waiting_words(strategy),
            priced_part=snapshot.priced_part if in_part and snapshot is not None else None,
            unpriced=snapshot.unpriced if in_part and snapshot is not None else (),
            proposal=strategy.proposal if record.state is State.RUNNING else None,
        )

    def _bands(self, strategy: StrategyRuntime) -> Mapping[str, Decimal]:
        """What each coin may be off by: as at its last check, and where there was none since the start, as at one now."""
        account, snapshot = self._account, strategy.snapshot
        if strategy.final is not None or snapshot is None:
            return {}
        return strategy.bands or bands_of(
            strategy.record.parameters.rule, snapshot, account.rules, account.fees.taker_rate
        )

    def _next_look(self, due: datetime | None) -> datetime | None:
        """The first quote at or after ``due``: on the demo market nothing is looked at between two quotes."""
        demo = self._account.setup.demo
        if due is None or demo is None:
            return due
        now, spacing = self._account.venue.clock.now(), demo.state().spacing
        return now + spacing * max(1, -((now - due) // spacing))

    def _today(self, now: datetime, strategies: tuple[StrategyView, ...]) -> Decimal | None:
        """Profit of all strategies since the start of the day; flows are no profit, so they do not move it."""
        profits = [s.score.profit for s in strategies]
        if any(p is None for p in profits):
            return None
        profit = sum((p for p in profits if p is not None), self._account.strategies.over.profit)
        day = now.astimezone(UTC).date()
        if day != self._day:
            self._day, self._base, self._stored = day, profit, False
        if not self._stored and not self._account.halted:
            # A picture is shown whatever the disk says; the next one tries again.
            with suppress(StoreUnavailable):
                with self._account.change() as store:
                    store.set_value(TODAY_KEY, f"{day.isoformat()} {plain(self._base)}")
                self._stored = True
        return profit - self._base


def _average_costs(strategy: StrategyRuntime) -> dict[str, Decimal | None]:
    """Per coin that is held: what a unit cost on average, fees included; None where that is not known."""
    costs: dict[str, Decimal | None] = {}
    if strategy.final is not None:
        return costs  # it holds nothing any more
    for row in strategy.snapshot.holdings if strategy.snapshot is not None else ():
        if row.quantity > ZERO:
            cost = strategy.costs.get(row.asset)
            costs[row.asset] = cost / row.quantity if cost is not None else None
    return costs


def _stored_base(text: str) -> tuple[date | None, Decimal]:
    if not text:
        return None, ZERO
    day, _, amount = text.partition(" ")
    return date.fromisoformat(day), Decimal(amount)
