"""Watches trigger prices, stop-losses and take-profits with every batch of quotes (BEHAVIOUR.md section 6).

Nothing rests on the exchange. A level fires when three good quotes in a row, at least two seconds apart, have reached it;
one that was passed before the program looked for the first time needs the same and is called late.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.creation import enough_to_start, start
from rebalancer_gui.application.ending import begin_stop
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.protection import APART, WORDS, Confirmation, Watch, is_reached, last_price, level_words
from rebalancer_gui.domain.strategy import Basis, EndReason, Level, State, Trigger

_ENDS = {Watch.STOP_LOSS: EndReason.STOP_LOSS, Watch.TAKE_PROFIT: EndReason.TAKE_PROFIT}


class LevelWatch:
    """Engine thread only; the counts are kept with each strategy."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def look(self, strategy: StrategyRuntime, now: datetime) -> None:
        """Count this batch for each level that is watched now, and act when one has fired."""
        for watch, level in _watched(strategy):
            figure, at = self._figure(strategy, level, now)
            if figure is None or at is None:
                continue
            reached = is_reached(watch, level, figure)
            strategy.late[watch] = reached and strategy.late.get(watch, True)
            before = strategy.confirmations.get(watch, Confirmation())
            apart = APART if watch is Watch.TRIGGER else self._account.rails.exit_apart
            after = before.after(at, reached=reached, apart=apart)
            strategy.confirmations[watch] = after
            if after.is_confirmed and self._can_act(strategy, watch, level):
                self._fire(strategy, watch, level)
                return

    def _can_act(self, strategy: StrategyRuntime, watch: Watch, level: Level | Trigger) -> bool:
        """Not while a price that it rests on jumped and is being confirmed. A trigger starts a portfolio, and without a price
        of every coin nobody can say whether its money is enough.
        """
        symbols = (level.symbol,) if level.symbol else strategy.record.parameters.symbols
        if not all(self._account.guard.is_settled(symbol) for symbol in symbols):
            text = f"{strategy.name}: its {WORDS[watch]} was reached; a price that jumped is being confirmed first."
            self._account.note(strategy, "decision", text)
            return False
        if watch is not Watch.TRIGGER or (strategy.snapshot is not None and strategy.snapshot.total is not None):
            return True
        faults = strategy.snapshot.faults if strategy.snapshot is not None else ()
        why = ", ".join(f"{h.asset}: {h.fault.value}" for h in faults if h.fault is not None)
        text = f"{strategy.name}: its trigger was reached; it waits for prices ({why or 'no price yet'})."
        self._account.note(strategy, "decision", text)
        return False

    def _figure(
        self, strategy: StrategyRuntime, level: Level | Trigger, now: datetime
    ) -> tuple[Decimal | None, datetime | None]:
        """The last price or the return, and the time of the quote that it rests on; None when no good one is there."""
        account = self._account
        if isinstance(level, Level) and level.basis is Basis.RETURN:
            snapshot = strategy.snapshot
            if snapshot is None or snapshot.total is None:
                return None, None
            newest = max((h.quote.received_at for h in snapshot.holdings if h.quote is not None), default=now)
            return strategy.returned(), newest
        if not account.is_open(level.symbol):
            return None, None
        price = last_price(account.quotes, level.symbol, now, account.venue.stale_after)
        return price, account.quotes[level.symbol].received_at if price is not None else None

    def _fire(self, strategy: StrategyRuntime, watch: Watch, level: Level | Trigger) -> None:
        account, name = self._account, strategy.name
        late = strategy.late.get(watch, False)
        words = level_words(watch, level, strategy.record.parameters.quote)
        how = ", late: it was passed before the program looked" if late else ""
        strategy.watch_from_now()
        if watch is Watch.TRIGGER:
            account.note(strategy, "trigger", f"{name}: the trigger was reached ({words}){how}.")
            if enough_to_start(account, strategy):
                start(account, strategy, strategy.record)
            else:
                begin_stop(account, strategy, sell_all=False, reason=EndReason.NO_BALANCE)
            return
        account.note(strategy, "protect", f"{name}: {WORDS[watch]} reached ({words}){how}.")
        sell_all = strategy.record.parameters.sell_all_on_stop
        try:
            begin_stop(account, strategy, sell_all=sell_all, reason=_ENDS[watch], late=late)
        except InvalidInput as refused:
            account.note(strategy, "protect", f"{name}: {refused.message}")


def _watched(strategy: StrategyRuntime) -> list[tuple[Watch, Level | Trigger]]:
    """While waiting only the trigger; while running the two exits, the stop-loss first."""
    parameters, state = strategy.record.parameters, strategy.record.state
    if state is State.WAITING:
        return [(Watch.TRIGGER, parameters.trigger)] if parameters.trigger is not None else []
    if state is not State.RUNNING:
        return []
    levels = ((Watch.STOP_LOSS, parameters.stop_loss), (Watch.TAKE_PROFIT, parameters.take_profit))
    return [(watch, level) for watch, level in levels if level is not None]
