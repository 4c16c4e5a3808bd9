"""The engine without a window: a line per rebalance and per change of decision, a summary once a market day, until Ctrl+C.

For ``--json`` each line is one JSON object: ``{"event": "rebalance", ...}`` or ``{"event": "journal", ...}`` with the keys of
``rebalancer history`` (docs/files.md).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from rebalancer_gui.application.commands import CreateStrategy
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import (
    AccountChanged,
    AccountFailed,
    AccountWaits,
    CommandRejected,
    EngineFailed,
    JournalChanged,
    RebalanceChanged,
    StrategyCreated,
)
from rebalancer_gui.application.ports import EventSink
from rebalancer_gui.application.records import JournalEntry, Outcome, RebalanceRecord
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.console.answers import Json, journal_answer, rebalance_answer
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.strategy import OCCUPYING, RatioRule, State, StrategyParameters, Target

CENT = Decimal("0.01")
TOLD_OTHERWISE = "rebalance"
"""Sentences of the journal that the line of the rebalance itself says better."""
DEMO_STRATEGY = StrategyParameters(
    name="Demo BTC ETH",
    quote="USDT",
    targets=(Target("BTC", Decimal(50)), Target("ETH", Decimal(50))),
    investment=Decimal(1000),
    rule=RatioRule(Decimal(1)),
)


class Headless:
    """Listens to the engine and prints. ``exit_code`` is 0 unless the engine failed."""

    def __init__(self, *, create_demo: bool, quiet: bool, as_json: bool = False, until: datetime | None = None) -> None:
        self.exit_code = 0
        self._as_json = as_json
        self._until = until
        self._create_demo = create_demo
        self._quiet = quiet
        self._engine: Engine | None = None
        self._days: dict[str, date] = {}
        self._names: dict[str, str] = {}
        self._greeted: set[str] = set()
        self._halted: dict[str, str] = {}
        self._locked: dict[str, str] = {}
        self._waits: dict[str, str] = {}
        self._said: set[tuple[str, Outcome]] = set()

    def run(self, make_engine: Callable[[EventSink], Engine]) -> int:
        """Until SIGINT or SIGTERM, or until the engine fails."""
        asyncio.run(self._main(make_engine))
        return self.exit_code

    async def _main(self, make_engine: Callable[[EventSink], Engine]) -> None:
        # Before anything slow begins: a signal that comes while files are read is heard as soon as the loop turns.
        on_signals(asyncio.get_running_loop(), self._stop)
        self._engine = make_engine(self._take)
        self._engine.stop_at(self._until)
        await self._engine.main()
        if self.exit_code == 0:
            self._say("Stopped. Everything is stored; the next start goes on from here.")

    def _stop(self) -> None:
        if self._engine is not None:
            self._engine.request_stop()

    def _take(self, event: object) -> None:
        match event:
            case AccountChanged(view=view):
                self._picture(view)
            case RebalanceChanged(record=record):
                self._rebalance(record)
            case JournalChanged(entry=entry):
                self._journal(entry)
            case StrategyCreated(name=name):
                self._say(
                    f'There was no strategy: created "{name}" (BTC 50 %, ETH 50 %, by coin ratio 1 %, 1,000 USDT).'
                )
            case CommandRejected(message=message):
                self._complain(message)
            case AccountWaits(account=account, message=message):
                # Said once, not at each try, which come every few seconds.
                if self._waits.get(account) != message:
                    self._waits[account] = message
                    self._complain(f"The account {account} cannot be opened yet: {message} It is tried again.")
            case AccountFailed(account=account, message=message, advice=advice):
                self._complain(f"The account {account} is halted: {message} {advice}".strip() + " The others go on.")
            case EngineFailed(message=message, advice=advice):
                self.exit_code = 1
                self._complain(f"{message} {advice}".strip())
            case _:
                pass

    def _picture(self, view: AccountView) -> None:
        self._names |= {s.id: s.parameters.name for s in view.strategies}
        if view.halted != self._halted.get(view.account, ""):
            self._halted[view.account] = view.halted
            self._complain(f"{view.halted} {view.halted_advice}".strip() if view.halted else "It goes on.")
        if view.locked != self._locked.get(view.account, ""):
            self._locked[view.account] = view.locked
            self._complain(view.locked or f"The key of {view.account} is unlocked: the account goes on.")
        if view.account not in self._greeted:
            self._greeted.add(view.account)
            self._greet(view)
        self._maybe_create(view)
        day = view.at.date()
        if day != self._days.setdefault(view.account, day):
            self._summary(view)
        self._days[view.account] = day

    def _greet(self, view: AccountView) -> None:
        time = "Market time "
        if view.demo is not None:
            self._say(f"{view.title}. {view.demo.source}. Seed {view.demo.seed}, speed {view.demo.speed} x.")
        else:
            self._say(f"{view.title}.")
            time = ""
        running = [s for s in view.strategies if s.state in OCCUPYING]
        names = ", ".join(s.parameters.name for s in running) or "none"
        self._say(f"{time}{view.at:%Y-%m-%d %H:%M} UTC. Strategies: {names}. Ctrl+C stops safely.")

    def _maybe_create(self, view: AccountView) -> None:
        if not self._create_demo or self._engine is None or view.demo is None:
            return
        if any(s.state in OCCUPYING for s in view.strategies):
            self._create_demo = False
        elif all(symbol in view.quotes for symbol in DEMO_STRATEGY.symbols):
            self._create_demo = False
            self._engine.post(CreateStrategy("headless-demo", view.account, DEMO_STRATEGY))

    def _rebalance(self, record: RebalanceRecord) -> None:
        """One line when it is over; equal skipped attempts are said once."""
        mark = (record.id, record.outcome)
        if record.outcome is Outcome.RUNNING or mark in self._said:
            return
        self._said.add(mark)
        if self._as_json:
            self._print_json("rebalance", rebalance_answer(record))
            return
        name = self._names.get(record.strategy_id, record.strategy_id)
        drift = f"worst drift {_money(record.worst_drift)} pp"
        orders = ", ".join(
            f"{leg.side.value} {plain(leg.filled)} {leg.asset}" for leg in record.legs if leg.filled > ZERO
        )
        skipped = ", ".join(f"{leg.asset}: {leg.why}" for leg in record.skipped)
        what = "; ".join(part for part in (orders, f"skipped {skipped}" if skipped else "", record.message) if part)
        self._say(f"{record.at:%Y-%m-%d %H:%M} {name}: {record.reason}, {drift}, {record.outcome.value}: {what}")

    def _journal(self, entry: JournalEntry) -> None:
        """A change of decision, and what else happens; the same again is only counted in the journal."""
        if entry.count > 1:
            return
        if self._as_json:
            self._print_json("journal", journal_answer(entry))
        elif entry.kind != TOLD_OTHERWISE:
            self._say(f"{entry.at:%Y-%m-%d %H:%M} {entry.text}")

    def _print_json(self, event: str, row: Json) -> None:
        self._print(json.dumps({"event": event} | row))

    def _summary(self, view: AccountView) -> None:
        for strategy in view.strategies:
            if strategy.state is not State.ENDED:
                self._say(f"{view.at:%Y-%m-%d} {_line(strategy)}")

    def _say(self, text: str) -> None:
        if not self._as_json:
            self._print(text)

    def _print(self, text: str) -> None:
        if self._quiet:
            return
        try:
            print(text, flush=True)
        except BrokenPipeError:
            # Whoever read this is gone (``| head``): nothing can be said any more, so it is a wish to stop.
            self._quiet = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._stop()

    def _complain(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def _line(strategy: StrategyView) -> str:
    score, parameters = strategy.score, strategy.parameters
    profit = f"{_signed(score.profit_percent)} %" if score.profit_percent is not None else "unknown"
    hodl = f"{_signed(score.versus_hodl)} %" if score.versus_hodl is not None else "unknown"
    value = f"{_money(score.value)} {parameters.quote}" if score.value is not None else "unknown"
    drift = strategy.snapshot.worst_drift if strategy.snapshot is not None else None
    return (
        f"{parameters.name} ({strategy.state.value}): value {value}, profit {profit}, vs HODL {hodl}, "
        f"worst drift {_money(drift) if drift is not None else 'unknown'} pp, rebalances {strategy.rebalances}"
    )


def _money(amount: Decimal) -> str:
    return f"{amount.quantize(CENT):,f}"


def _signed(amount: Decimal) -> str:
    return f"{amount.quantize(CENT):+,f}"


def on_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    """SIGINT and SIGTERM stop safely; Windows has no loop handlers, so there the signal wakes the loop."""
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
