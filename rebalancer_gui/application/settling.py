"""The one way from "anything may have happened" to trading: start-up, waking up, and the hourly round (ORDERS.md rule 12).

The venue's time is measured, open orders are looked up, absent ones are looked for once more, fees that were not told are
asked for, and the ledger is compared with what the venue holds. Only then is trading on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.executor import Executor
from rebalancer_gui.application.fees_due import FeesDue
from rebalancer_gui.application.reconciler import Reconciler
from rebalancer_gui.domain.absence import SWEEP_EVERY
from rebalancer_gui.domain.spans import words_of_span


class Settling:
    """Of one account. Engine thread only."""

    def __init__(self, account: Account, executor: Executor, reconciler: Reconciler) -> None:
        self._account = account
        self._executor = executor
        self._reconciler = reconciler
        self._fees = FeesDue(account, executor.books)
        self._swept: datetime | None = None
        self._warned = ""
        reconciler.explain = self._sweep

    async def begin(self) -> None:
        """Everything at once, before the first order: at a start and after the machine slept."""
        account = self._account
        await account.time.measure(force=True)
        account.searches.clear()
        await self.look_up()
        await self._sweep()
        await self._reconciler.compare(certain=True)

    async def look_up(self) -> None:
        """Ask again for every order whose outcome is open, whoever's it is."""
        for strategy in list(self._account.strategies.values()):
            for intent in list(strategy.unresolved.values()):
                await self._executor.resolver.resolve(strategy, intent)

    async def round(self) -> None:
        """What is due between two batches of quotes."""
        account = self._account
        jump = account.time.jumped()
        if jump:
            await self._woke(jump)
        else:
            await account.time.measure()
        self._warn()
        await self._fees.look()
        if self._swept is None or account.now() - self._swept >= SWEEP_EVERY:
            await self._sweep()

    async def _woke(self, jump: timedelta) -> None:
        """The machine slept, or somebody set the clock: what was counted in wall time begins anew, and all is settled."""
        account = self._account
        if jump > timedelta(0):
            text = f"{words_of_span(jump)} went by unseen (sleep, or the clock was set): everything is checked before trading."
        else:
            text = f"The clock was set back by {words_of_span(-jump)}: everything is checked before trading."
        account.note(None, "clock", text)
        self._swept = account.sampled_at = None
        account.guard.turned_to(account.now())
        account.rails.forget()
        self._reconciler.forget_samples()
        for strategy in account.strategies.values():
            strategy.last_check = None
            strategy.confirmations.clear()
        await self.begin()

    async def _sweep(self) -> None:
        self._swept = self._account.now()
        if not self._account.venue.lookup_is_authoritative:
            await self._executor.resolver.sweep()

    def _warn(self) -> None:
        warning = self._account.time.hold() or self._account.time.warning()
        if warning and not self._warned:
            self._account.note(None, "clock", warning[:1].upper() + warning[1:])
        self._warned = warning
