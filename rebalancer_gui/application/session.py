"""One command from the console: the account is opened and recovered, the command carried out, everything closed again.

No rule is looked at and the market stands still meanwhile: only what was asked for is done, until nothing of it is open.
"""

from __future__ import annotations

from collections.abc import Hashable
from types import TracebackType
from typing import Self

from rebalancer_gui.application.account import Account, AccountSetup
from rebalancer_gui.application.account_runner import AccountRunner
from rebalancer_gui.application.candle_desk import CandleDesk
from rebalancer_gui.application.command_desk import CommandDesk
from rebalancer_gui.application.commands import Command
from rebalancer_gui.application.events import RebalanceChanged
from rebalancer_gui.application.records import RebalanceRecord
from rebalancer_gui.application.recovery import open_account
from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.errors import EnvironmentProblem, OutcomeUnknown, VenueUnavailable
from rebalancer_gui.domain.strategy import State

LONGEST = 60.0
"""Seconds of wall time that a command is carried on until every order of it is final (FILES.md)."""
ASK_AGAIN = 1.0


class Session:
    """``async with Session(setup) as session``. Nothing is stored by a session in which no command was given, except what
    recovery had to do.
    """

    def __init__(self, setup: AccountSetup) -> None:
        self._setup = setup
        self.events: list[object] = []
        self._runner: AccountRunner | None = None
        self._acted = self._stops = False
        self._commands = 0

    @property
    def runner(self) -> AccountRunner:
        if self._runner is None:
            raise RuntimeError("the session is not open")
        return self._runner

    async def __aenter__(self) -> Self:
        """Open, recover, know the present prices. Raises RebalancerError; everything is closed then."""
        try:
            account = await open_account(self._setup, self.events.append)
            _refuse_locked(account)
            self._runner = AccountRunner(account)
            self._runner.following.tell()
            async for batch in self._setup.venue.batches():
                await self._runner.checker.take_in(batch)
                break
            account.stopping = self._stops
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._runner is not None and (self._acted or self._recovered):
                self._runner.store_all()
        finally:
            await self._close()

    async def _close(self) -> None:
        try:
            await self._setup.venue.close()
        finally:
            self._setup.store.close()

    @property
    def _recovered(self) -> bool:
        """Whether opening the account said something: what was found open, money that came in. It is not lost with us."""
        account = self.runner.account
        return account.journal.due(account.venue.clock.now())

    def request_stop(self) -> None:
        """Begin nothing more; what is on its way is booked, and the next start goes on with what was asked for."""
        self._stops = True
        if self._runner is not None:
            self._runner.account.stopping = True

    @property
    def interrupted(self) -> bool:
        """Whether it was asked to stop."""
        return self._stops

    def view(self) -> AccountView:
        """The account as it stands."""
        return self.runner.picture()

    def strategies(self) -> tuple[StrategyView, ...]:
        """Every one: those that go on, then those that are over, the last to end first."""
        return tuple(self.runner.every_strategy())

    def next_id(self) -> str:
        self._commands += 1
        return f"console-{self._commands}"

    async def ask(self, command: Command) -> list[object]:
        """Hand ``command`` in; answers the events that it gave. Raises InvalidInput, and EnvironmentProblem after
        :meth:`request_stop`, with nothing changed.
        """
        if self._stops:
            raise EnvironmentProblem("It was interrupted before anything was done.", "Nothing was changed.")
        # Today counts from before what is asked for now: its fees are of this day.
        self.runner.picture()
        self._acted = True
        return await self.read(command)

    async def read(self, command: Command) -> list[object]:
        """As :meth:`ask` for a command that only reads."""
        before = len(self.events)
        runners = {self._setup.name: self.runner}
        desk = CommandDesk(runners, self.events.append, CandleDesk((self._setup,), runners, self.events.append))
        await desk.handle(command)
        return self.events[before:]

    async def carry_out(self, strategy_id: str) -> tuple[RebalanceRecord, ...]:
        """Go on until nothing that was asked of the strategy is open, or nothing more can be done at the present prices.

        Answers the rebalances that came of it. Raises OutcomeUnknown, naming the order, when one is still open after a
        minute.
        """
        account = self.runner.account
        strategy, clock = account.strategy(strategy_id), account.venue.clock
        self._acted = True
        before, begun = len(self.events), clock.monotonic()
        while _is_open(strategy) and not account.stopping:
            was = _signature(strategy)
            await self.runner.checker.carry_out(strategy)
            account.value_one(strategy)
            if strategy.unresolved:
                if clock.monotonic() - begun > LONGEST:
                    intent = next(iter(strategy.unresolved.values()))
                    raise OutcomeUnknown(
                        f"The order {intent.client_order_id} ({intent.request.side.value} {intent.request.symbol}) has no "
                        "final answer yet.",
                        "It is looked up again at the next start; nothing is sent twice.",
                    )
                await clock.sleep(ASK_AGAIN)
            elif _signature(strategy) == was:
                break
        newest = {
            event.record.id: event.record
            for event in self.events[before:]
            if isinstance(event, RebalanceChanged) and event.record.strategy_id == strategy_id
        }
        return tuple(newest.values())


def _refuse_locked(account: Account) -> None:
    """Without its key nothing of the account is certain: a command would act on what was stored last."""
    if account.locked:
        raise VenueUnavailable(account.locked)


def _is_open(strategy: StrategyRuntime) -> bool:
    waits = strategy.removal is not None or strategy.open_removal is not None or bool(strategy.unresolved)
    asked = strategy.forced is not None and strategy.record.state in {State.BUILDING, State.RUNNING}
    return waits or asked or strategy.record.state is State.STOPPING


def _signature(strategy: StrategyRuntime) -> Hashable:
    """What changes when anything was done."""
    newest, snapshot = strategy.newest, strategy.snapshot
    held = tuple((h.asset, h.quantity) for h in snapshot.holdings) if snapshot is not None else ()
    return (
        strategy.record,
        strategy.forced,
        strategy.asked,
        strategy.removal,
        strategy.open_removal is None,
        tuple(strategy.unresolved),
        newest.id if newest is not None else "",
        held,
    )
