"""What the engine needs at start, and the proof that the ledger in the file agrees with itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rebalancer_gui.adapters.storage import codec, order_rows
from rebalancer_gui.adapters.storage.base import StoreBase
from rebalancer_gui.adapters.storage.codec import to_decimal, to_decimal_or_none, to_time, to_time_or_none
from rebalancer_gui.adapters.storage.history_pages import JOURNAL, REBALANCES, to_journal_entry, to_rebalance
from rebalancer_gui.adapters.storage.sqlite_errors import damaged, readable_rows
from rebalancer_gui.application.ports import StoredState
from rebalancer_gui.application.records import FLOWS_IN, FLOWS_OUT, JournalEntry, Outcome, RebalanceRecord
from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.money_weighted import Flow
from rebalancer_gui.domain.strategy import HaltKind, State, StrategyRecord

STRATEGY = """
    SELECT s.id, v.parameters, s.version, s.state, s.created_at, s.started_at, s.ended_at, s.reason, s.former_state,
        s.last_tick, s.halt, s.grid_from, s.pending, s.growth, s.growth_base
    FROM strategy s LEFT JOIN strategy_version v ON v.strategy = s.key AND v.version = s.version
"""
"""One row as :func:`to_strategy` takes it; a condition and an order follow."""
_STRATEGIES = f"{STRATEGY} WHERE s.state <> 'Ended' ORDER BY s.key"
_RUNNING = REBALANCES.replace("PAGE", "(SELECT * FROM rebalance WHERE outcome = 'running')")
_TAILS = JOURNAL.replace(
    "PAGE",
    """(SELECT * FROM journal WHERE key IN (
        SELECT max(key) FROM journal WHERE strategy IS NULL
        UNION ALL SELECT (SELECT max(key) FROM journal WHERE strategy = s.key) FROM strategy s WHERE s.state <> 'Ended'
    ))""",
)

Balances = dict[tuple[str, str], Decimal]


class Loading(StoreBase):
    """The start of ``application.ports.Store``: nothing of strategies that are over, however many there were."""

    def load(self) -> StoredState:
        """EnvironmentProblem when a row cannot be understood or a balance is not the sum of its postings."""
        with readable_rows(self.path):
            fees, fees_value = self._fees()
            flows, dated_flows = self._flows()
            return StoredState(
                strategies=tuple(to_strategy(row, self.account) for row in self._db.rows(_STRATEGIES)),
                open_intents=tuple(
                    order_rows.to_intent(row, self.account)[1] for row in self._db.rows(order_rows.OPEN_INTENTS)
                ),
                balances=self._proven_balances(),
                hodl=self._hodl(),
                counters=self._counters(),
                flows=flows,
                dated_flows=dated_flows,
                results=self._results(),
                fees=fees,
                fees_value=fees_value,
                open_rebalances=self._open_rebalances(),
                journal_tail=self._journal_tail(),
                costs=self._costs(),
                pool_fees=self._pool_fees(),
                values=dict(self._db.rows("SELECT name, value FROM engine_state WHERE name NOT LIKE 'file.%'")),
            )

    def _proven_balances(self) -> Balances:
        stored: Balances = {
            (account, asset): to_decimal(amount)
            for account, asset, amount in self._db.rows("SELECT account, asset, amount FROM balance")
        }
        sums: Balances = {}
        for account, asset, amount in self._db.stream("SELECT account, asset, amount FROM posting"):
            after = sums.pop((account, asset), ZERO) + to_decimal(amount)
            if after != ZERO:
                sums[account, asset] = after
        for key in stored.keys() | sums.keys():
            booked, balance = sums.get(key, ZERO), stored.get(key, ZERO)
            if booked != balance:
                account, asset = key
                raise damaged(
                    self.path,
                    f"the balance of {account} is {plain(balance)} {asset}, but its bookings add up to {plain(booked)}",
                )
        return stored

    def _hodl(self) -> dict[str, dict[str, Decimal]]:
        found: dict[str, dict[str, Decimal]] = {}
        sql = "SELECT s.id, h.asset, h.units FROM hodl h JOIN strategy s ON s.key = h.strategy WHERE s.state <> 'Ended'"
        for strategy_id, asset, units in self._db.rows(sql):
            found.setdefault(strategy_id, {})[asset] = to_decimal(units)
        return found

    def _counters(self) -> dict[str, tuple[int, int]]:
        counted: dict[str, tuple[int, int]] = {}
        sql = """
            SELECT s.id, r.outcome, r.repeats, count(*) FROM rebalance r JOIN strategy s ON s.key = r.strategy
            WHERE s.state <> 'Ended' GROUP BY r.strategy, r.outcome, r.repeats
        """
        for strategy_id, word, repeats, rows in self._db.rows(sql):
            done, skipped = counted.get(strategy_id, (0, 0))
            outcome = Outcome(word)
            if outcome is Outcome.SKIPPED:
                counted[strategy_id] = (done, skipped + repeats * rows)
            elif outcome is not Outcome.RUNNING:
                counted[strategy_id] = (done + rows, skipped)
        return counted

    def _flows(self) -> tuple[dict[str, tuple[Decimal, Decimal]], dict[str, tuple[Flow, ...]]]:
        """Per strategy: the sums of what went in and came out, and each flow at its moment, oldest first."""
        sums: dict[str, tuple[Decimal, Decimal]] = {}
        dated: dict[str, list[Flow]] = {}
        sql = """
            SELECT s.id, t.kind, t.value, t.at FROM transfer t JOIN strategy s ON s.key = t.strategy
            WHERE s.state <> 'Ended' ORDER BY t.key
        """
        for strategy_id, kind, value, at in self._db.stream(sql):
            added, removed = sums.get(strategy_id, (ZERO, ZERO))
            worth = to_decimal(value)
            if kind in FLOWS_IN:
                sums[strategy_id] = (added + worth, removed)
            elif kind in FLOWS_OUT:
                sums[strategy_id] = (added, removed + worth)
                worth = -worth
            else:
                continue
            dated.setdefault(strategy_id, []).append(Flow(to_time(at), worth))
        return sums, {strategy_id: tuple(flows) for strategy_id, flows in dated.items()}

    def _fees(self) -> tuple[dict[str, dict[str, Decimal]], dict[str, Decimal]]:
        amounts: dict[str, dict[str, Decimal]] = {}
        values: dict[str, Decimal] = {}
        sql = """
            SELECT s.id, f.asset, f.amount, f.value FROM fee_paid f JOIN strategy s ON s.key = f.strategy WHERE s.state <> 'Ended'
        """
        for strategy_id, asset, amount, value in self._db.rows(sql):
            amounts.setdefault(strategy_id, {})[asset] = to_decimal(amount)
            values[strategy_id] = values.get(strategy_id, ZERO) + to_decimal(value)
        return amounts, {strategy_id: value for strategy_id, value in values.items() if value != ZERO}

    def _costs(self) -> dict[str, dict[str, Decimal | None]]:
        found: dict[str, dict[str, Decimal | None]] = {}
        sql = "SELECT s.id, c.asset, c.cost FROM cost_basis c JOIN strategy s ON s.key = c.strategy WHERE s.state <> 'Ended'"
        for strategy_id, asset, cost in self._db.rows(sql):
            found.setdefault(strategy_id, {})[asset] = to_decimal_or_none(cost)
        return found

    def _results(self) -> dict[str, dict[str, CoinResult]]:
        found: dict[str, dict[str, CoinResult]] = {}
        sql = """
            SELECT s.id, c.asset, c.basis, c.realised FROM coin_result c JOIN strategy s ON s.key = c.strategy
            WHERE s.state <> 'Ended'
        """
        for strategy_id, asset, basis, realised in self._db.rows(sql):
            result = CoinResult(to_decimal_or_none(basis), to_decimal_or_none(realised))
            found.setdefault(strategy_id, {})[asset] = result
        return found

    def _pool_fees(self) -> dict[str, tuple[Decimal, Decimal]]:
        sums: dict[str, tuple[Decimal, Decimal]] = {}
        sql = """
            SELECT s.id, f.paid_value, f.refunded_value FROM fee_return f JOIN strategy s ON s.key = f.strategy
            WHERE s.state <> 'Ended'
        """
        for strategy_id, paid, refunded in self._db.stream(sql):
            so_far = sums.get(strategy_id, (ZERO, ZERO))
            sums[strategy_id] = (so_far[0] + to_decimal(paid), so_far[1] + to_decimal(refunded))
        return sums

    def _open_rebalances(self) -> tuple[RebalanceRecord, ...]:
        return tuple(reversed([to_rebalance(row) for row in self._db.rows(_RUNNING)]))

    def _journal_tail(self) -> dict[str, JournalEntry]:
        return {entry.strategy_id: entry for entry in map(to_journal_entry, self._db.rows(_TAILS))}


def to_strategy(row: tuple[Any, ...], account: str) -> StrategyRecord:
    """A row of :data:`STRATEGY`."""
    return StrategyRecord(
        id=row[0],
        account=account,
        parameters=codec.parameters_from_json(row[1]),
        version=row[2],
        state=State(row[3]),
        created_at=to_time(row[4]),
        started_at=to_time_or_none(row[5]),
        ended_at=to_time_or_none(row[6]),
        reason=row[7],
        former_state=State(row[8]) if row[8] is not None else None,
        last_tick=row[9],
        halt=HaltKind(row[10]) if row[10] is not None else None,
        grid_from=to_time_or_none(row[11]),
        pending=row[12],
        growth=to_decimal(row[13]),
        growth_base=to_decimal(row[14]),
    )
