"""An auditor of a data folder whose program has ended: does its ledger agree with itself and with the paper venue's own file?

Reads with plain SQLite and plain Decimal arithmetic on copies of the files, so that neither the product's code nor an
unfinished write-ahead log of a killed program can hide anything, and nothing of the folder is changed.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from rebalancer_gui.domain.money import ZERO

Amounts = dict[str, Decimal]
_OUTSIDE = {"external", "market", "fees", "suspense"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OPEN = {"sending", "unknown", "quarantined", "reopened", "acked", "done"}
_TIMES = (
    ("intent", "sent_at"), ("order_event", "at"), ("fill", "at"), ("entry", "at"), ("journal", "last_at"),
    ("equity_sample", "at"), ("rebalance", "at"),
)  # fmt: skip
_NOTHING_HAPPENED = {"rejected", "absent"}
_WAYS = {
    "sending": {"unknown", "rejected", "absent", "acked", "done", "settled"},
    "unknown": {"quarantined", "absent", "acked", "done", "settled"},
    "quarantined": {"absent", "acked", "done", "settled"},
    "reopened": {"acked", "done", "settled"},
    "acked": {"done", "settled"},
    "done": {"settled"},
    "rejected": set[str](),
    "absent": {"reopened"},
    "settled": set[str](),
}
"""ORDERS.md section 3.1: which state may follow which."""


@dataclass(frozen=True)
class Audit:
    """What was found in order. ``unsent`` and ``unbooked`` count open orders that the venue does not know, or does."""

    orders: int
    trades: int
    unsent: int
    unbooked: int
    market_time: datetime
    states: Mapping[str, str]
    """State of each strategy by name."""
    rebalances: int
    counted: Mapping[str, int]
    """Orders by client order id's state."""

    @property
    def in_flight(self) -> int:
        """Orders between the commit of their intent and their settlement."""
        return self.unsent + self.unbooked


@dataclass(frozen=True)
class _Files:
    ledger: sqlite3.Connection
    venue: sqlite3.Connection


def audit(data_folder: Path, account: str = "paper", *, stopped_safely: bool) -> Audit:
    """AssertionError when anything is out of order. After a safe stop no order may be open; after a kill any moment is
    allowed, but every unit must still be where the open orders explain it.
    """
    with _copies(data_folder / "accounts" / account) as files:
        _assert_sound(files)
        _assert_ledger_balances(files.ledger)
        _assert_venue_balances(files.venue)
        _assert_only_real_deposits(files)
        _assert_events_tell_the_states(files.ledger)
        unsent, unbooked = _assert_every_order_once(files)
        _assert_nothing_lost(files)
        _assert_ended_hold_nothing(files.ledger)
        market_time = _assert_no_time_from_the_future(files)
        found = Audit(
            orders=_count(files.venue, "venue_order"),
            trades=_count(files.venue, "trade"),
            unsent=unsent,
            unbooked=unbooked,
            market_time=market_time,
            states=_states(files.ledger),
            rebalances=_count(files.ledger, "rebalance"),
            counted=dict(files.ledger.execute("SELECT state, count(*) FROM intent GROUP BY state")),
        )
    if stopped_safely:
        assert found.in_flight == 0, f"orders are still open after a safe stop: {found}"
    return found


@contextmanager
def _copies(folder: Path) -> Iterator[_Files]:
    """Both files with their logs, copied before SQLite folds a log into its file."""
    with tempfile.TemporaryDirectory(prefix="rebalancer-audit-") as place:
        for file in folder.iterdir():
            if file.is_file() and not file.name.endswith("-shm"):
                shutil.copy(file, place)
        with (
            closing(sqlite3.connect(Path(place) / "ledger.sqlite")) as ledger,
            closing(sqlite3.connect(Path(place) / "paper-venue.sqlite")) as venue,
        ):
            yield _Files(ledger, venue)


def _assert_sound(files: _Files) -> None:
    for connection in (files.ledger, files.venue):
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def _assert_ledger_balances(ledger: sqlite3.Connection) -> None:
    """Every entry adds up to zero per asset; the balances are the sums of the postings; nothing inside is negative."""
    of_entry: dict[int, Amounts] = defaultdict(lambda: defaultdict(lambda: ZERO))
    of_account: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for entry, account, asset, amount in ledger.execute("SELECT entry, account, asset, amount FROM posting"):
        of_entry[entry][asset] += Decimal(amount)
        of_account[account, asset] += Decimal(amount)
    crooked = {entry: dict(sums) for entry, sums in of_entry.items() if any(sums.values())}
    assert not crooked, f"entries that do not add up: {crooked}"
    assert {key: amount for key, amount in of_account.items() if amount} == _balances(ledger)
    negative = {key: amount for key, amount in _balances(ledger).items() if key[0] not in _OUTSIDE and amount < ZERO}
    assert not negative, f"negative balances: {negative}"


def _assert_venue_balances(venue: sqlite3.Connection) -> None:
    """The venue holds what was put in and what its trades made of it, all of it free."""
    assert {locked for (locked,) in venue.execute("SELECT locked FROM balance")} <= {"0"}
    expected = _deposited(venue)
    for trade in _venue_trades(venue).values():
        for asset, amount in _effect(trade).items():
            expected[asset] = expected.get(asset, ZERO) + amount
    assert _without_zeros(expected) == _held(venue)


def _assert_only_real_deposits(files: _Files) -> None:
    """Nothing came in or went out but what the venue says: a lost trade must not be explained away as a deposit."""
    sums: Amounts = defaultdict(lambda: ZERO)
    query = "SELECT p.asset, p.amount FROM posting p WHERE p.account = 'external'"
    for asset, amount in files.ledger.execute(query):
        sums[asset] -= Decimal(amount)
    rows = files.ledger.execute("SELECT kind, asset, amount FROM transfer WHERE strategy IS NULL").fetchall()
    shown: Amounts = defaultdict(lambda: ZERO)
    for kind, asset, amount in rows:
        shown[asset] += Decimal(amount) if kind == "deposit" else -Decimal(amount)
    if not rows and not sums:
        assert _count(files.ledger, "strategy") == 0  # killed before the very first reconciliation
        return
    assert _without_zeros(sums) == _without_zeros(shown) == _deposited(files.venue)
    assert [kind for kind, _, _ in rows] == ["deposit"] * len(rows)


def _assert_events_tell_the_states(ledger: sqlite3.Connection) -> None:
    """The appended events of each order start at its commit, follow the state machine and end at its state."""
    events: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for intent, state, at in ledger.execute("SELECT intent, state, at FROM order_event ORDER BY key"):
        events[intent].append((state, at))
    query = "SELECT key, client_order_id, state, sent_at, strategy, rebalance_id, symbol, attempt FROM intent"
    seen = set()
    for key, cid, state, sent_at, *leg in ledger.execute(query):
        course = events.pop(key, [])
        states = [word for word, _ in course]
        times = [at for _, at in course]
        assert course[:1] == [("sending", sent_at)], f"{cid} begins with {course[:1]}"
        assert states[-1] == state, f"{cid} is {state}, its events say {states}"
        assert times == sorted(times), f"the events of {cid} go back in time"
        for before, after in pairwise(states):
            assert after in _WAYS[before], f"{cid} went from {before} to {after}"
        assert tuple(leg) not in seen, f"{cid} is a second order for the same leg and attempt {leg}"
        if state not in _NOTHING_HAPPENED:
            # A removal that was cut short goes on under its name: what was proven not to have happened is sent anew.
            seen.add(tuple(leg))
    assert not events, f"events without an order: {dict(events)}"


def _assert_every_order_once(files: _Files) -> tuple[int, int]:
    """Every venue order has its intent, every order that happened is at the venue, fills are the venue's trades."""
    venue_orders = {
        row[0]: row[1:]
        for row in files.venue.execute(
            "SELECT client_order_id, symbol, side, type, quantity, limit_price, filled, order_id, at FROM venue_order"
        )
    }
    fills: dict[str, set[str]] = defaultdict(set)
    trades = _venue_trades(files.venue)
    for cid, fill in _fills(files.ledger):
        assert trades.get(fill[0]) == fill, f"the ledger booked {fill}, the venue traded {trades.get(fill[0])}"
        assert fill[1] == cid
        assert fill[0] not in fills[cid], f"the trade {fill[0]} is booked twice"
        fills[cid].add(fill[0])
    traded: dict[str, set[str]] = defaultdict(set)
    for trade in trades.values():
        traded[trade[1]].add(trade[0])
    unsent = unbooked = 0
    intents = files.ledger.execute(
        "SELECT i.client_order_id, y.name, i.side, i.type, i.quantity, i.limit_price, i.filled, i.venue_order_id, "
        "i.sent_at, i.state FROM intent i JOIN symbol y ON y.key = i.symbol"
    ).fetchall()
    for cid, *asked, filled, venue_order_id, sent_at, state in intents:
        order = venue_orders.pop(cid, None)
        assert state in _OPEN | _NOTHING_HAPPENED | {"settled"}
        if order is not None:
            assert list(order[:5]) == asked, f"{cid}: asked for {asked}, the venue took {order[:5]}"
            assert _time_of(order[7]) >= _EPOCH + timedelta(microseconds=sent_at)
        if state in _NOTHING_HAPPENED:
            assert order is None, f"{cid} is {state}, but the venue has it"
            assert not fills[cid]
        elif state == "settled":
            assert order is not None, f"{cid} is settled, but the venue does not know it"
            assert (filled, venue_order_id) == (order[5], str(order[6]))
            assert fills[cid] == traded[cid], f"trades of {cid} are missing in the ledger"
        elif order is None:
            unsent += 1
        else:
            unbooked += 1
            assert fills[cid] <= traded[cid]
    assert not venue_orders, f"the venue has orders that the ledger never sent: {sorted(venue_orders)}"
    return unsent, unbooked


def _assert_nothing_lost(files: _Files) -> None:
    """Inside balances plus the trades that are not booked yet are exactly what the venue holds."""
    inside: Amounts = defaultdict(lambda: ZERO)
    for (account, asset), amount in _balances(files.ledger).items():
        if account not in _OUTSIDE:
            inside[asset] += amount
    if not inside and _count(files.ledger, "entry") == 0:
        return  # killed before the very first reconciliation
    booked = {fill[0] for _, fill in _fills(files.ledger)}
    for trade in _venue_trades(files.venue).values():
        if trade[0] not in booked:
            for asset, amount in _effect(trade).items():
                inside[asset] += amount
    assert _without_zeros(inside) == _held(files.venue)
    held = {account.removeprefix("reserved:") for account, _ in _balances(files.ledger) if account.startswith("res")}
    unsettled = {
        cid for cid, state in files.ledger.execute("SELECT client_order_id, state FROM intent") if state in _OPEN
    }
    assert held == unsettled, f"reserved for {held}, open are {unsettled}"


def _assert_ended_hold_nothing(ledger: sqlite3.Connection) -> None:
    known = dict(ledger.execute("SELECT id, state FROM strategy"))
    for account, asset in _balances(ledger):
        if account.startswith("strategy:"):
            state = known[account.removeprefix("strategy:")]
            assert state != "Ended", f"{account} has ended and still holds {asset}"


def _assert_no_time_from_the_future(files: _Files) -> datetime:
    """Market time is committed before anything is done at it."""
    market_time = _time_of(files.venue.execute("SELECT at FROM market_time").fetchone()[0])
    micros = (market_time - _EPOCH) // timedelta(microseconds=1)
    for table, column in _TIMES:
        query = f"SELECT coalesce(max({column}), 0) FROM {table}"  # noqa: S608 -- names of this module
        newest = files.ledger.execute(query).fetchone()[0]
        assert newest <= micros, f"{table}.{column} lies after the market time {market_time}"
    return market_time


def _balances(ledger: sqlite3.Connection) -> dict[tuple[str, str], Decimal]:
    found = {
        (account, asset): Decimal(amount)
        for account, asset, amount in ledger.execute("SELECT account, asset, amount FROM balance")
    }
    assert all(found.values()), "an empty balance has no row"
    return found


def _fills(ledger: sqlite3.Connection) -> list[tuple[str, tuple[Any, ...]]]:
    """Client order id and the fill as ``_venue_trades`` writes a trade."""
    query = (
        "SELECT f.trade_id, i.client_order_id, y.name, f.side, f.quantity, f.price, f.fee, f.fee_asset, f.at "
        "FROM fill f JOIN intent i ON i.key = f.intent JOIN symbol y ON y.key = f.symbol"
    )
    return [(row[1], (*row[:8], _EPOCH + timedelta(microseconds=row[8]))) for row in ledger.execute(query)]


def _venue_trades(venue: sqlite3.Connection) -> dict[str, tuple[Any, ...]]:
    query = (
        "SELECT t.trade_id, o.client_order_id, o.symbol, o.side, t.quantity, t.price, t.fee, t.fee_asset, o.at "
        "FROM trade t JOIN venue_order o ON o.order_id = t.order_id"
    )
    return {str(row[0]): (str(row[0]), *row[1:8], _time_of(row[8])) for row in venue.execute(query)}


def _effect(trade: tuple[Any, ...]) -> Amounts:
    """What a trade does to the account's balances."""
    _, _, symbol, side, quantity, price, fee, fee_asset, _ = trade
    base, _, quote = symbol.partition("/")
    sign = 1 if side == "buy" else -1
    effect: Amounts = defaultdict(lambda: ZERO)
    effect[base] += sign * Decimal(quantity)
    effect[quote] -= sign * Decimal(quantity) * Decimal(price)
    effect[fee_asset] -= Decimal(fee)
    return effect


def _deposited(venue: sqlite3.Connection) -> Amounts:
    sums: Amounts = {}
    for asset, amount in venue.execute("SELECT asset, amount FROM transfer"):
        sums[asset] = sums.get(asset, ZERO) + Decimal(amount)
    return sums


def _held(venue: sqlite3.Connection) -> Amounts:
    rows = venue.execute("SELECT asset, free, locked FROM balance")
    return _without_zeros({asset: Decimal(free) + Decimal(locked) for asset, free, locked in rows})


def _states(ledger: sqlite3.Connection) -> dict[str, str]:
    query = (
        "SELECT json_extract(v.parameters, '$.name'), s.state FROM strategy s "
        "JOIN strategy_version v ON v.strategy = s.key AND v.version = s.version"
    )
    return dict(ledger.execute(query))


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 -- names of this module


def _without_zeros(amounts: Mapping[str, Decimal]) -> Amounts:
    return {asset: amount for asset, amount in amounts.items() if amount != ZERO}


def _time_of(text: str) -> datetime:
    return datetime.fromisoformat(text)
