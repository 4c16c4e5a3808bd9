"""The task of one account: takes batches of quotes, lets the checker act, shows the result."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.approvals import approved
from rebalancer_gui.application.checker import Checker
from rebalancer_gui.application.events import AccountChanged, EndedPage, MarketsLoaded
from rebalancer_gui.application.following import Following
from rebalancer_gui.application.ports import QuoteBatch
from rebalancer_gui.application.presenter import Presenter
from rebalancer_gui.application.preset_closes import ClosesLoader
from rebalancer_gui.application.queries import answer_presets
from rebalancer_gui.application.strategy_commands import LoadEnded
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.application.warm_state import remember
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.strategy import TradingMode

_log = logging.getLogger(__name__)

TRY_AGAIN = 1.0
"""Seconds of wall time until a venue that gave no quotes is asked again."""
SHOW_EVERY = 0.1
"""Seconds of wall time between two pictures of the account, unless something happened."""


class AccountRunner:
    """Runs one account in the engine's loop."""

    def __init__(self, account: Account, until: datetime | None = None) -> None:
        self._until = until
        self.account = account
        self.checker = Checker(account)
        self.following = Following(account)
        self._presenter = Presenter(account)
        self._shown_at: float | None = None
        self._pending: asyncio.TimerHandle | None = None
        self._cards_of: tuple[date, int, int, int] | None = None
        self._closes = ClosesLoader(account)
        self._wants_end = self._in_batch = False
        self.held = False
        """The account's file cannot be written: memory may be behind what is stored, so nothing of it is written any more."""
        self.readable = True
        """What is stored can be read."""
        self._seen: datetime | None = None
        self._awake = asyncio.Event()
        self._shown_over: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Until the engine stops; a batch is asked for only when the one before is dealt with."""
        account = self.account
        account.emit(MarketsLoaded(account.name, account.rules))
        # What is stored is shown before any price has come; it must not hold up the picture of the first batch.
        self._emit_view()
        self._shown_at = None
        while not self._ends:
            try:
                await self._follow_quotes()
            except VenueUnavailable as error:
                said = f"{error.message} {error.advice}".strip()
                account.note(None, "prices", f"Prices do not come: {said} It is tried again.")
                self.show()
                await account.venue.clock.sleep(TRY_AGAIN)
                # Orders with an open outcome do not wait for prices.
                await self.checker.settling.look_up()

    async def _follow_quotes(self) -> None:
        batches = self.account.venue.batches()
        while (batch := await self._next_batch(batches)) is not None:
            if not self._ends:
                with self._turn():
                    await self.checker.on_batch(batch)
                    await self._send_approved()
                self._seen = batch.at
                self._put_away()
            if self._ends:
                return
            self._end_idle_jump()
            self._refresh_cards()
            # While the market stands still for an answer no later picture would come.
            self.show(urgent=self.account.paused_for_answer)

    async def _next_batch(self, batches: AsyncIterator[QuoteBatch]) -> QuoteBatch | None:
        """The next batch; meanwhile a proposal that is approved is sent. None when the feed has ended."""
        self.following.tell()
        if self.account.trading is not TradingMode.APPROVE:
            return await anext(batches, None)
        coming = asyncio.ensure_future(_next(batches))
        try:
            while True:
                self._awake.clear()
                woken = asyncio.ensure_future(self._awake.wait())
                await asyncio.wait({coming, woken}, return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
                if coming.done():
                    return coming.result()
                with self._turn():
                    await self._send_approved()
                self.show(urgent=True)
        finally:
            coming.cancel()

    async def _send_approved(self) -> None:
        for strategy in approved(self.account):
            if not self._ends:
                await self.checker.carry_out(strategy)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self._in_batch = True
        try:
            yield
        finally:
            self._in_batch = False

    def wake(self) -> None:
        """A proposal was approved: it is sent now, not at the next batch only."""
        self._awake.set()

    @property
    def _ends(self) -> bool:
        reached = self._until is not None and self._seen is not None and self._seen >= self._until
        return self.account.stopping or self._wants_end or reached

    def end_after_turn(self) -> bool:
        """No further batch is begun, and on the demo market no further strategy has its turn in this one. True while the
        turn of one is to be waited for there: the market stands still meanwhile, and the next start goes on with the
        strategy after it, so a run that was stopped is like one that was not (ADR 0004).
        """
        self._wants_end = True
        self.account.ending = self.account.setup.demo is not None
        return self._in_batch and self.account.setup.demo is not None

    def _end_idle_jump(self) -> None:
        """The last strategy was paused or stopped on the way: no rebalance will ever end the jump."""
        demo = self.account.setup.demo
        if demo is not None and demo.state().jumping and not self.account.may_trade:
            demo.jump()

    def show(self, *, urgent: bool = False) -> None:
        """Emit a picture now, or soon when one was emitted a moment ago."""
        clock = self.account.venue.clock
        now = clock.monotonic()
        if self.held and not self.readable:
            return
        if urgent or self._shown_at is None or now - self._shown_at >= SHOW_EVERY:
            self._emit_view()
        elif self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(SHOW_EVERY, self._emit_view)

    def hold(self, reason: str, advice: str) -> None:
        """Send nothing more and say why. Another runner takes over when the file can be written again."""
        account = self.account
        if not self.held or account.halted != reason:
            self.held, account.halted, account.halted_advice = True, reason, advice
            account.note(None, "storage", reason)
            self._emit_view()

    def store_all(self) -> None:
        """What is still only in memory, before the store is closed."""
        account = self.account
        if self._pending is not None:
            self._pending.cancel()
        if self.held:
            return
        with account.change():
            account.journal.write(account.venue.clock.now(), everything=True)
            remember(account)

    def picture(self) -> AccountView:
        """The account as it stands."""
        return self._presenter.view()

    def every_strategy(self) -> Iterator[StrategyView]:
        """Those that go on, then those that are over, read one after the other."""
        return self._presenter.every_strategy()

    def ended_page(self, command: LoadEnded) -> EndedPage:
        """Strategies that are over."""
        return self._presenter.ended_page(command)

    def _put_away(self) -> None:
        """Between two batches: what was shown as ended stays in the store only."""
        account = self.account
        for strategy_id in account.strategies.put_away(self._shown_over):
            account.journal.forget(strategy_id)
            account.rails.forget_one(strategy_id)
            account.valuing.forget(strategy_id)

    def _emit_view(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        self._shown_at = self.account.venue.clock.monotonic()
        view = self.picture()
        self._shown_over = frozenset(s.id for s in view.strategies if s.id in self.account.strategies and s.ended_at)
        self.account.emit(AccountChanged(view))

    def _refresh_cards(self) -> None:
        """A new market day has new closes and caps; caps can be read anew, and own presets change."""
        side = self.account.setup.preset_side
        caps = side.feed.revision if side.feed is not None else 0
        own = side.shelf.revision if side.shelf is not None else 0
        self._closes.look()
        state = (self.account.venue.clock.now().date(), caps, own, self._closes.revision)
        if state != self._cards_of and self.account.presets:
            self._cards_of = state
            self.account.emit(answer_presets(self.account, "", self.account.quote_asset))


async def _next(batches: AsyncIterator[QuoteBatch]) -> QuoteBatch | None:
    return await anext(batches, None)
