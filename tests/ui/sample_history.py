"""Orders, rebalances, transfers and journal rows for tests of the window."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.application.records import (
    FeeRow,
    JournalEntry,
    LegOutcome,
    LegResult,
    OrderRow,
    Outcome,
    RebalanceRecord,
    TransferKind,
    TransferRow,
)
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.orders import IntentState, OrderType, Side
from rebalancer_gui.domain.outcome import Reached
from rebalancer_gui.domain.planning import MINIMUM_VALUE_MESSAGE, SkippedLeg, SkipReason
from rebalancer_gui.domain.triggers import RebalanceReason
from tests.ui.sample_account import SampleAccount, SampleStrategy


@dataclass
class History:
    """All rows of the account, newest first."""

    orders: list[OrderRow] = field(default_factory=list)
    rebalances: list[RebalanceRecord] = field(default_factory=list)
    transfers: list[TransferRow] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    fees: list[FeeRow] = field(default_factory=list)
    keys: int = 0

    def next_key(self) -> int:
        self.keys += 1
        return self.keys

    def add_rebalance(
        self, account: SampleAccount, strategy: SampleStrategy, reason: RebalanceReason, at: datetime | None = None
    ) -> tuple[RebalanceRecord, tuple[OrderRow, ...], JournalEntry]:
        """A rebalance that was done: every coin traded for about 1 % of the portfolio."""
        moment = at or account.at
        snapshot = strategy.snapshot(account.seq, moment, account.quotes())
        number = self.next_key()
        orders, legs = [], []
        for i, row in enumerate(snapshot.holdings):
            if row.quote is None:
                continue
            side = Side.SELL if i % 2 == 0 else Side.BUY
            price = row.quote.bid if side is Side.SELL else row.quote.ask
            quantity = (row.quantity / 100 or Decimal("0.01")).quantize(Decimal("0.00001"))
            fee = (row.asset, quantity / 1000) if side is Side.BUY else (snapshot.quote_asset, quantity * price / 1000)
            orders.append(
                OrderRow(
                    self.next_key(), moment, strategy.id, f"r-{number}", f"rbtest{number:06d}{i:06d}", str(10_000 + i),
                    row.quote.symbol, side, OrderType.LIMIT_IOC, quantity, price, quantity, price, quantity * price,
                    (fee,), IntentState.SETTLED, "",
                )
            )  # fmt: skip
            legs.append(
                LegResult(
                    row.asset, row.quote.symbol, side, quantity * price, quantity, price, quantity, LegOutcome.FILLED
                )
            )
        reached = tuple(Reached(t.asset, t.weight, t.weight, "") for t in strategy.parameters.targets)
        record = RebalanceRecord(
            f"r-{number}", strategy.id, moment, reason.value, snapshot.worst_drift or ZERO, snapshot.seq, tuple(legs),
            (), Outcome.DONE, reached=reached, finished_at=moment + timedelta(seconds=2), key=number,
        )  # fmt: skip
        worth = total(leg.wanted for leg in legs)
        entry = JournalEntry(
            f"j-{number}", strategy.id, moment, moment, 1, "rebalance",
            f"{strategy.parameters.name} rebalanced ({reason.value}): {len(legs)} orders worth {worth:.2f}",
            self.next_key(),
        )  # fmt: skip
        self.orders[:0] = reversed(orders)
        self.fees[:0] = [self.fee_of(order, returned=i % 2 == 0) for i, order in enumerate(reversed(orders))]
        self.rebalances.insert(0, record)
        self.journal.insert(0, entry)
        return record, tuple(orders), entry

    def fee_of(self, order: OrderRow, *, returned: bool) -> FeeRow:
        """The fee of one order's only trade: returned for BNB, or not for want of them."""
        asset, fee = order.fees[0]
        worth = order.cost / 1000
        paid = worth * Decimal("0.75")
        return FeeRow(
            self.next_key(), order.at, order.strategy_id, f"t{order.key}", order.symbol, asset, fee,
            fee if returned else ZERO,
            (paid / 885).quantize(Decimal("0.00000001")) if returned else ZERO,
            worth - paid if returned else ZERO,
            paid if returned else ZERO,
            worth if returned else ZERO,
            "" if returned else "no refund: not enough BNB in the free pool",
        )  # fmt: skip


def skipped_record(account: SampleAccount, strategy: SampleStrategy, key: int, at: datetime) -> RebalanceRecord:
    """A rebalance that triggered and could send nothing."""
    legs = tuple(
        SkippedLeg(t.asset, Side.SELL if i == 0 else Side.BUY, Decimal("3.83"), SkipReason.BELOW_MINIMUM,
                   Decimal("1.17"))
        for i, t in enumerate(strategy.parameters.targets)
    )  # fmt: skip
    return RebalanceRecord(
        f"r-skip{key}", strategy.id, at, RebalanceReason.RATIO.value, Decimal("1.50"), 17, (), legs, Outcome.SKIPPED,
        message=MINIMUM_VALUE_MESSAGE, advice="With a threshold of 2 % at least one order can be sent.", repeats=14,
        last_at=at + timedelta(hours=7), finished_at=at, key=key,
    )  # fmt: skip


def sample_history(account: SampleAccount) -> History:
    """A few rebalances of each strategy of ``account``, one of them skipped."""
    history = History()
    for strategy in account.strategies:
        p = strategy.parameters
        history.transfers.insert(
            0,
            TransferRow(
                history.next_key(), strategy.created_at, strategy.id, TransferKind.INVESTED, p.quote, p.investment,
                p.investment,
            ),
        )  # fmt: skip
        for days in (40, 33, 21, 16, 2):
            at = account.at - timedelta(days=days)
            reason = RebalanceReason.BUILD if days == 40 else RebalanceReason.RATIO
            history.add_rebalance(account, strategy, reason, at)
        record = skipped_record(account, strategy, history.next_key(), account.at - timedelta(days=1))
        history.rebalances.insert(0, record)
        history.journal.insert(
            0,
            JournalEntry(
                f"j-in-{strategy.id}", strategy.id, account.at - timedelta(hours=20), account.at, 9_431, "hold",
                f"{p.name} is within its threshold: nothing to do", history.next_key(),
            ),
        )  # fmt: skip
    return history
