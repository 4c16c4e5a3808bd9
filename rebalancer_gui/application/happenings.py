"""Which events of the engine a person is told of, each happening once. Pure of I/O: events in, notices out.

Most happenings are states that last (a halt, an order to decide, too little BNB). Such a one is told when it is first seen
and may be told again only after it was over: what was told is kept in ``told`` across restarts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from rebalancer_gui.application.events import (
    AccountChanged,
    AccountFailed,
    EngineFailed,
    EngineStarted,
    JournalChanged,
    OrderChanged,
    RebalanceChanged,
)
from rebalancer_gui.application.notices import Notice, Severity, TellOf
from rebalancer_gui.application.records import JournalEntry, OrderRow, Outcome, RebalanceRecord
from rebalancer_gui.application.telling_settings import TellSettings
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.bands import is_outside, most_outside
from rebalancer_gui.domain.market import FeeSide
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.orders import IntentState, order_words
from rebalancer_gui.domain.strategy import EndReason, HaltKind, State

RAIL = "rail"
"""Kind of the journal's sentences that say which rail holds a rebalance."""
QUIET = timedelta(hours=24)
"""The same refusal of the same order is told once in so long (wall time)."""
OVER = timedelta(hours=24)
"""What ended longer ago (account time) is no news: the program was not there when it happened."""
_DIGITS = re.compile(r"\d+")
_EXITS = {TellOf.STOP_LOSS: EndReason.STOP_LOSS, TellOf.TAKE_PROFIT: EndReason.TAKE_PROFIT}
_ENGINE = "engine|failed"


class Happenings:
    """``told`` and ``skipping`` are the state that is kept: keys with the moment they were told, and since when
    ``ACCOUNT|STRATEGY`` was due and not carried out (account time). ``changed`` says that they are to be kept.
    """

    def __init__(self, told: Mapping[str, str], skipping: Mapping[str, str]) -> None:
        self.told = dict(told)
        self.skipping = dict(skipping)
        self.changed = False
        self._waiting: set[str] = set()
        self._views: dict[str, AccountView] = {}

    def take(self, event: object, settings: TellSettings, now: datetime) -> tuple[Notice, ...]:
        """What is new in ``event``. ``now`` is wall time. A notice counts as told only after :meth:`mark`."""
        match event:
            case AccountChanged(view=view):
                self._views[view.account] = view
                found = self._look(view, settings)
            case OrderChanged(account=account, row=row):
                found = self._refused(account, row, now)
            case RebalanceChanged(account=account, record=record):
                found = self._attempt(account, record, settings)
            case JournalChanged(account=account, entry=entry):
                found = self._held_back(account, entry, settings)
            case EngineStarted():
                self._end(_ENGINE)
                found = iter(())
            case AccountFailed():
                found = iter((self._failed_alone(event),))
            case EngineFailed():
                found = iter((self._failed(event),))
            case _:
                found = iter(())
        return tuple(self._new(notice) for notice in found if self._is_new(notice, settings))

    def mark(self, key: str, now: datetime) -> None:
        """It was told (or nobody wants to be told): not again."""
        self._waiting.discard(key)
        self.told[key] = now.isoformat()
        self.changed = True

    # ------------------------------------------------------------------------------------------------------- one by one

    def _is_new(self, notice: Notice, settings: TellSettings) -> bool:
        view = self._views.get(notice.account)
        unwanted = not settings.paper and view is not None and view.mode.upper() == "PAPER"
        known = notice.key in self.told or notice.key in self._waiting
        return notice.of in settings.events and not unwanted and not known

    def _new(self, notice: Notice) -> Notice:
        self._waiting.add(notice.key)
        return notice

    def _end(self, key: str) -> None:
        if self.told.pop(key, None) is not None:
            self.changed = True

    def _look(self, view: AccountView, settings: TellSettings) -> Iterator[Notice]:
        now = list(self._standing(view, settings))
        keys = {notice.key for notice in now}
        lasting = tuple(
            f"{view.account}|{of}|" for of in ("halted", "quarantined", "low-bnb", "stop-loss", "take-profit")
        )
        for key in [k for k in self.told if k.startswith(lasting) and k not in keys]:
            if key != _key(view.account, TellOf.LOW_BNB) or _has_bnb_again(view, settings):
                self._end(key)
        self._look_at_skips(view)
        return iter(now)

    def _standing(self, view: AccountView, settings: TellSettings) -> Iterator[Notice]:
        """Everything that is the case now."""
        place = _place(view)
        if view.halted:
            key = _key(view.account, TellOf.HALTED, "", _shape(view.halted))
            yield Notice(
                key, TellOf.HALTED, Severity.ALARM, view.account, place, "the account is halted",
                view.halted, view.halted_advice or "Open the program: the journal says more.",
            )  # fmt: skip
        if view.stop_all:
            halted = sum(s.halt is HaltKind.STOP_ALL for s in view.strategies)
            many = f"{halted} strategies were halted" if halted != 1 else "1 strategy was halted"
            yield Notice(
                _key(view.account, TellOf.HALTED, "", "stop all"), TellOf.HALTED, Severity.WARNING, view.account, place,
                "Stop all is on", f"{many}: no new order is sent on this account.",
                "Press Resume trading when it shall go on.",
            )  # fmt: skip
        for strategy in view.strategies:
            yield from _of_strategy(view, strategy, place, settings)
        bnb = view.free.get("BNB", ZERO)
        if _pays_with_bnb(view) and bnb < settings.low_bnb:
            yield Notice(
                _key(view.account, TellOf.LOW_BNB), TellOf.LOW_BNB, Severity.WARNING, view.account, place,
                "BNB for fees runs low",
f"{plain(bnb)} BNB are left in the free pool, less than the {plain(settings.low_bnb)} BNB you want to be told at. "
                "When none is left, fees are taken in what is traded, or from a strategy that holds BNB.",
                "Buy or deposit BNB, or switch Pay fees with BNB off.",
            )  # fmt: skip

    def _refused(self, account: str, row: OrderRow, now: datetime) -> Iterator[Notice]:
        if row.state is not IntentState.REJECTED:
            return
        for key in [k for k, at in self.told.items() if "|rejected|" in k and now - _moment(at, now) > QUIET]:
            self._end(key)
        strategy = self._strategy(account, row.strategy_id)
        name = strategy.parameters.name if strategy is not None else row.strategy_id
        words = row.reason.rstrip(".") or "it gave no reason"
        order = order_words(row.side, row.quantity, row.symbol)
        yield Notice(
            _key(account, TellOf.REJECTED, row.strategy_id, f"{row.side.value} {row.symbol} {_shape(row.reason)}"),
            TellOf.REJECTED, Severity.WARNING, account, self._place(account), f"an order of {name} was rejected",
            f"The exchange refused to {order}: {words}. Nothing was traded by "
            "this order.",
            "Look at the strategy's orders; it plans anew at its next check.",
        )  # fmt: skip

    def _attempt(self, account: str, record: RebalanceRecord, settings: TellSettings) -> Iterator[Notice]:
        if record.outcome in {Outcome.DONE, Outcome.PARTLY}:
            self._skips_end(account, record.strategy_id)
        elif record.outcome is Outcome.SKIPPED:
            at, why = record.last_at or record.at, record.message or "nothing could be traded"
            yield from self._due(account, record.strategy_id, record.at, at, why, record.advice, settings)

    def _held_back(self, account: str, entry: JournalEntry, settings: TellSettings) -> Iterator[Notice]:
        if entry.kind == RAIL and entry.strategy_id:
            advice = "Look at the safety rails in Settings."
            yield from self._due(account, entry.strategy_id, entry.at, entry.last_at, entry.text, advice, settings)

    def _due(
        self, account: str, strategy_id: str, first: datetime, last: datetime, why: str, advice: str,
        settings: TellSettings,
    ) -> Iterator[Notice]:  # fmt: skip
        """A rebalance is due and was not carried out at ``last``. On a demo market a day may last a second: no news there."""
        view = self._views.get(account)
        if view is not None and view.demo is not None:
            return
        mark = f"{account}|{strategy_id}"
        if mark not in self.skipping:
            self.skipping[mark] = first.isoformat()
            self.changed = True
        since = _moment(self.skipping[mark], last)
        if last - since < settings.skipped_after:
            return
        strategy = self._strategy(account, strategy_id)
        name = strategy.parameters.name if strategy is not None else strategy_id
        yield Notice(
            _key(account, TellOf.SKIPPED, strategy_id), TellOf.SKIPPED, Severity.WARNING, account, self._place(account),
            f"{name} has not rebalanced for {_hours(last - since)}",
            f"A rebalance is due since {since:%Y-%m-%d %H:%M} UTC and was skipped each time: {why}", advice,
        )  # fmt: skip

    def _look_at_skips(self, view: AccountView) -> None:
        """A strategy that is within its limit again, or no longer runs, has nothing that is due."""
        for strategy in view.strategies:
            if f"{view.account}|{strategy.id}" in self.skipping:
                snapshot, bands = strategy.snapshot, strategy.bands
                worst = most_outside(snapshot, bands) if snapshot is not None else None
                within = worst is not None and not is_outside(worst, bands)
                if strategy.state not in {State.RUNNING, State.BUILDING} or within:
                    self._skips_end(view.account, strategy.id)

    def _skips_end(self, account: str, strategy_id: str) -> None:
        if self.skipping.pop(f"{account}|{strategy_id}", None) is not None:
            self.changed = True
        self._end(_key(account, TellOf.SKIPPED, strategy_id))

    def _failed_alone(self, event: AccountFailed) -> Notice:
        """Over when the account is shown again without a halt."""
        key = _key(event.account, TellOf.HALTED, "", _shape(event.message))
        return Notice(
            key, TellOf.HALTED, Severity.ALARM, event.account, self._place(event.account), "the account is halted",
            event.message, event.advice or "Open the program: the other accounts go on.",
        )  # fmt: skip

    def _failed(self, event: EngineFailed) -> Notice:
        modes = dict.fromkeys(view.mode.upper() for view in self._views.values())
        place = f"{' and '.join(modes)} Rebalancer" if modes else ""
        head = "the engine has stopped" if place else "Rebalancer has stopped"
        return Notice(_ENGINE, TellOf.HALTED, Severity.ALARM, "", place, head, event.message, event.advice)

    # -------------------------------------------------------------------------------------------------------- look-ups

    def _strategy(self, account: str, strategy_id: str) -> StrategyView | None:
        view = self._views.get(account)
        return next((s for s in view.strategies if s.id == strategy_id), None) if view is not None else None

    def _place(self, account: str) -> str:
        view = self._views.get(account)
        return _place(view) if view is not None else account


def _of_strategy(view: AccountView, strategy: StrategyView, place: str, settings: TellSettings) -> Iterator[Notice]:
    name, account = strategy.parameters.name, view.account
    undecided = strategy.quarantined if TellOf.QUARANTINED in settings.events else ()
    for client_order_id in strategy.quarantined:
        yield Notice(
            _key(account, TellOf.QUARANTINED, strategy.id, client_order_id), TellOf.QUARANTINED, Severity.ALARM, account,
            place, f"an order of {name} needs your decision",
            f"Nothing could be proven about the order {client_order_id}, so {name} sends nothing more.",
            "Open the strategy, look at the order, and adopt or discard it.",
        )  # fmt: skip
    # Stop all is told once for the account; a halt because of an order to decide is told with that order.
    told_elsewhere = strategy.halt is HaltKind.STOP_ALL or (strategy.halt is HaltKind.QUARANTINED and bool(undecided))
    if strategy.state is State.HALTED and not told_elsewhere:
        why = strategy.halt.value if strategy.halt is not None else _shape(strategy.reason)
        yield Notice(
            _key(account, TellOf.HALTED, strategy.id, why), TellOf.HALTED, Severity.ALARM, account, place,
            f"{name} is halted", strategy.reason, strategy.advice,
        )  # fmt: skip
    for of, reason in _EXITS.items():
        fresh = strategy.ended_at is None or view.at - strategy.ended_at <= OVER
        if strategy.state in {State.STOPPING, State.ENDED} and strategy.reason == reason.value and fresh:
            sold = "its coins are sold" if strategy.parameters.sell_all_on_stop else "its coins go to the free pool"
            yield Notice(
                _key(account, of, strategy.id), of, Severity.WARNING, account, place, f"{of.value} of {name}",
                f"The {of.value} of {name} was reached: the strategy ends, {sold}.",
                "The journal has the price and what was sold.",
            )  # fmt: skip


def _has_bnb_again(view: AccountView, settings: TellSettings) -> bool:
    """A fifth above the limit: an amount that swings around it is one happening. Switched off, it is none."""
    return not _pays_with_bnb(view) or view.free.get("BNB", ZERO) * 5 >= settings.low_bnb * 6


def _pays_with_bnb(view: AccountView) -> bool:
    """Chosen here, or so at the exchange itself."""
    return view.pay_fees_with_bnb or view.fees.taken_in is FeeSide.THIRD


def _key(account: str, of: TellOf, strategy_id: str = "", what: str = "") -> str:
    return f"{account}|{of.value}|{strategy_id}|{what}"


def _place(view: AccountView) -> str:
    return f"{view.mode.upper()} {view.title}"


def _shape(text: str) -> str:
    """A sentence without its figures: the same fault with another amount is the same."""
    return _DIGITS.sub("#", text)[:120]


def _moment(text: str, otherwise: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return otherwise
    return at if at.tzinfo is not None else otherwise


def _hours(span: timedelta) -> str:
    hours = int(span / timedelta(hours=1))
    return f"{hours} hours" if hours < 72 else f"{hours // 24} days"
