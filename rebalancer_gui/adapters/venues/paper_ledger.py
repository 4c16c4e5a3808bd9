"""The paper venue's own truth in one SQLite file: balances, orders, trades, market events, market time.

Owned by the engine thread. An order with all its effects is one transaction, on disk before anybody hears of it. Every
method raises EnvironmentProblem when the file cannot be read or written; after a failed write nobody knows what the file
says until it has been opened again (``failed``).
"""

from __future__ import annotations

import decimal
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.storage.gate import Gate
from rebalancer_gui.adapters.venues.coin_life import CoinLife, Happening, lived
from rebalancer_gui.adapters.venues.paper_file import (
    damaged_content,
    make_file,
    memory_database,
    open_file,
    upgraded,
)
from rebalancer_gui.adapters.venues.price_script import MarketSettings, WalkStart
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.market import Balance
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.orders import Fill, OrderRequest, OrderType, Side, VenueOrder, VenueOrderStatus

_INSERT_ORDER = (
    "INSERT INTO venue_order (order_id, client_order_id, symbol, side, type, quantity, limit_price, filled, status, at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_TRADE = "INSERT INTO trade (trade_id, order_id, price, quantity, fee, fee_asset) VALUES (?, ?, ?, ?, ?, ?)"
_SELECT_ORDERS = (
    "SELECT order_id, client_order_id, symbol, side, type, quantity, limit_price, filled, status, at FROM venue_order "
)
_ORDER_BY_CLIENT_ID = _SELECT_ORDERS + "WHERE client_order_id = ? AND symbol = ?"
_ORDERS_AT = _SELECT_ORDERS + "WHERE at = ? ORDER BY order_id"
_ORDERS_SINCE = _SELECT_ORDERS + "WHERE at >= ? AND symbol = ? ORDER BY order_id"
_ALL_TRADES = (
    "SELECT symbol, side, price, trade.quantity, fee, fee_asset FROM trade JOIN venue_order USING (order_id) "
    "ORDER BY trade_id"
)
_FEE_OF_TRADE = (
    "SELECT fee, fee_asset, fee_return.trade_id IS NOT NULL FROM trade LEFT JOIN fee_return USING (trade_id) "
    "WHERE trade_id = ?"
)
_NEWEST_RIGHT = "SELECT may_trade FROM trading_right ORDER BY right_id DESC LIMIT 1"
_COPY_AGAIN = 0.002
"""Seconds until a copy goes on that met a transaction of the venue."""
Transfers = Sequence[tuple[str, Decimal]]
"""Assets with signed amounts in their own units."""


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """What a paper account knows when it opens. The ids are the last ones used, 0 for none."""

    settings: MarketSettings
    speed: int
    market_time: datetime
    balances: Mapping[str, Balance]
    last_order_id: int
    last_trade_id: int
    life: CoinLife = field(default_factory=CoinLife)
    may_trade: bool = True


@dataclass(frozen=True, slots=True)
class TradeFee:
    """The fee of one trade, in units of ``asset``, and whether it was given back."""

    fee: Decimal
    asset: str
    returned: bool


@dataclass(frozen=True, slots=True)
class BookedOrder:
    """An order as the venue took it, with what was asked for."""

    request: OrderRequest
    order: VenueOrder


class PaperLedger:
    """``path`` None keeps everything in memory only."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self.failed = False
        self.gate = Gate()

    def open(self, new: StoredAccount) -> StoredAccount:
        """Open the account, or make it as ``new`` says where there is none yet; gives what is stored."""
        if self._path is None:
            if self._connection is None:
                self._connection = memory_database()
                _found(self._connection, new)
            state = self._load()
        else:
            self.close()
            if not self._path.exists():
                make_file(self._path, lambda connection: _found(connection, new))
            self._connection, self.gate = open_file(self._path), Gate()
            with upgraded(self._connection, self._path):
                state = self._load()  # An older file with something in it that cannot be stays as it is.
        self.failed = False
        return state

    def close(self) -> None:
        """Safe to call twice. A ledger in memory is gone after it."""
        if self._connection is not None:
            self.gate.close()
            self._connection.close()
            self._connection = None

    def copy_to(self, target: sqlite3.Connection, pages: int, pause: Callable[[int, int, int], object] | None) -> None:
        """A consistent copy in steps, possibly in another thread. Raises sqlite3.Error."""
        with self.gate.copying():
            self._db.backup(target, pages=pages, progress=pause, sleep=_COPY_AGAIN)

    def set_market_time(self, at: datetime, *, to_disk: bool) -> None:
        """Stored before the batch of ``at`` is published. Without ``to_disk`` it outlives the process, not a power cut."""
        # WAL with synchronous = NORMAL hands the commit to the operating system and does not wait for the disk; the next
        # commit in FULL (any order, or one second later) takes it along.
        if not to_disk:
            self._db.execute("PRAGMA synchronous = NORMAL")
        try:
            with self._writing() as db:
                db.execute("UPDATE market_time SET at = ?", (_text(at),))
        finally:
            if not to_disk:
                self._db.execute("PRAGMA synchronous = FULL")

    def set_speed(self, speed: int) -> None:
        with self._writing() as db:
            db.execute("UPDATE market SET speed = ?", (speed,))

    def set_walk(self, walk: WalkStart) -> None:
        """From now on the prices are a random walk from here."""
        with self._writing() as db:
            _insert_walk(db, walk)

    def add_order(self, booked: BookedOrder, balances: Mapping[str, Balance], market_time: datetime) -> None:
        """The order, its trades, the balances after it and the market time, all or nothing."""
        request, order = booked.request, booked.order
        order_id = int(order.venue_order_id)
        limit = None if request.limit_price is None else plain(request.limit_price)
        with self._writing() as db:
            db.execute(
                _INSERT_ORDER,
                (
                    order_id, order.client_order_id, order.symbol, order.side.value, order.type.value,
                    plain(order.quantity), limit, plain(order.filled), order.status.value, _text(order.at),
                ),
            )  # fmt: skip
            db.executemany(
                _INSERT_TRADE,
                [
                    (int(f.trade_id), order_id, plain(f.price), plain(f.quantity), plain(f.fee), f.fee_asset)
                    for f in order.fills
                ],
            )
            _write_balances(db, balances)
            db.execute("UPDATE market_time SET at = ?", (_text(market_time),))

    def add_transfers(self, transfers: Transfers, balances: Mapping[str, Balance], at: datetime) -> None:
        """What came from outside (> 0) or went there (< 0), and the balances after it, all or nothing."""
        with self._writing() as db:
            _move(db, transfers, balances, at)

    def add_happening(
        self, happening: Happening, transfers: Transfers, balances: Mapping[str, Balance], at: datetime
    ) -> None:
        """A market event with what it does to the balances, all or nothing."""
        row = (_text(at), happening.event.value, happening.asset, happening.new_name or None)
        with self._writing() as db:
            db.execute("INSERT INTO market_event (at, event, asset, new_name) VALUES (?, ?, ?, ?)", row)
            _move(db, transfers, balances, at)

    def add_fee_return(
        self, trade_id: int, bnb: Decimal, transfers: Transfers, balances: Mapping[str, Balance], at: datetime
    ) -> None:
        """The fee of a trade goes back against ``bnb``, with what that does to the balances, all or nothing."""
        with self._writing() as db:
            row = (trade_id, _text(at), plain(bnb))
            db.execute("INSERT INTO fee_return (trade_id, at, bnb) VALUES (?, ?, ?)", row)
            _move(db, transfers, balances, at)

    def fee_of(self, trade_id: int) -> TradeFee | None:
        """What a trade cost; None when there is no such trade."""
        with self._reading() as db:
            row = db.execute(_FEE_OF_TRADE, (trade_id,)).fetchone()
            return None if row is None else TradeFee(_amount(row[0]), row[1], returned=bool(row[2]))

    def add_trading_right(self, at: datetime, *, may_trade: bool) -> None:
        """From now on the account may trade, or may not."""
        with self._writing() as db:
            db.execute("INSERT INTO trading_right (at, may_trade) VALUES (?, ?)", (_text(at), int(may_trade)))

    def has_order(self, client_order_id: str) -> bool:
        """Whether the id was ever used."""
        with self._reading() as db:
            query = "SELECT 1 FROM venue_order WHERE client_order_id = ?"
            return db.execute(query, (client_order_id,)).fetchone() is not None

    def find_order(self, symbol: str, client_order_id: str) -> BookedOrder | None:
        with self._reading() as db:
            row = db.execute(_ORDER_BY_CLIENT_ID, (client_order_id, symbol)).fetchone()
            return None if row is None else self._order(row)

    def orders_at(self, at: datetime) -> tuple[BookedOrder, ...]:
        """The orders of one moment, in the order in which they came."""
        with self._reading() as db:
            return tuple(self._order(row) for row in db.execute(_ORDERS_AT, (_text(at),)).fetchall())

    def orders_since(self, symbol: str, since: datetime) -> tuple[BookedOrder, ...]:
        """The orders of a market from ``since`` on, in the order in which they came."""
        with self._reading() as db:
            rows = db.execute(_ORDERS_SINCE, (_text(since), symbol)).fetchall()
            return tuple(self._order(row) for row in rows)

    def totals(self) -> Mapping[str, Decimal]:
        """What the account must hold of each asset: all transfers and trades from the beginning, added up."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        with self._reading() as db:
            for asset, amount in db.execute("SELECT asset, amount FROM transfer"):
                sums[asset] += Decimal(amount)
            for symbol, side, price, quantity, fee, fee_asset in db.execute(_ALL_TRADES):
                base, quote = symbol.split("/")
                got = _amount(quantity) if side == Side.BUY.value else -_amount(quantity)
                sums[base] += got
                sums[quote] -= got * _amount(price)
                sums[fee_asset] -= _amount(fee)
        return sums

    def _load(self) -> StoredAccount:
        with self._reading() as db:
            seed, start, speed, walk_at = db.execute("SELECT seed, start, speed, walk_at FROM market").fetchone()
            walk = None
            if walk_at is not None:
                rows = db.execute("SELECT asset, price FROM walk_price ORDER BY asset")
                walk = WalkStart(_time(walk_at), {asset: _amount(price) for asset, price in rows})
            (at,) = db.execute("SELECT at FROM market_time").fetchone()
            balances = {
                asset: Balance(asset, _amount(free), _amount(locked))
                for asset, free, locked in db.execute("SELECT asset, free, locked FROM balance ORDER BY asset")
            }
            (last_order,) = db.execute("SELECT coalesce(max(order_id), 0) FROM venue_order").fetchone()
            (last_trade,) = db.execute("SELECT coalesce(max(trade_id), 0) FROM trade").fetchone()
            settings = MarketSettings(seed, _time(start), walk)
            must_be = self.totals()
            wrong = [a for a in {*must_be, *balances} if must_be.get(a, ZERO) != _total(balances.get(a))]
            if wrong:
                raise ValueError(f"the balance of {', '.join(sorted(wrong))} is not the sum of its trades")
            life, may_trade = self._life(db), db.execute(_NEWEST_RIGHT).fetchone()
            return StoredAccount(
                settings=settings,
                speed=speed,
                market_time=_time(at),
                balances=balances,
                last_order_id=last_order,
                last_trade_id=last_trade,
                life=life,
                may_trade=may_trade is None or bool(may_trade[0]),
            )

    @staticmethod
    def _life(db: sqlite3.Connection) -> CoinLife:
        rows = db.execute("SELECT event, asset, new_name FROM market_event ORDER BY event_id")
        return lived(Happening(MarketEvent(event), asset, new_name or "") for event, asset, new_name in rows)

    def _order(self, row: tuple[int, str, str, str, str, str, str | None, str, str, str]) -> BookedOrder:
        order_id, client_id, symbol, side_text, type_text, quantity_text, limit, filled, status, at_text = row
        side, order_type, quantity, at = Side(side_text), OrderType(type_text), _amount(quantity_text), _time(at_text)
        query = "SELECT trade_id, price, quantity, fee, fee_asset FROM trade WHERE order_id = ? ORDER BY trade_id"
        fills = tuple(
            Fill(str(trade_id), client_id, symbol, side, _amount(got), _amount(price), _amount(fee), fee_asset, at)
            for trade_id, price, got, fee, fee_asset in self._db.execute(query, (order_id,))
        )
        request = OrderRequest(client_id, symbol, side, order_type, quantity, None if limit is None else _amount(limit))
        order = VenueOrder(
            client_order_id=client_id,
            venue_order_id=str(order_id),
            symbol=symbol,
            side=side,
            type=order_type,
            quantity=quantity,
            filled=_amount(filled),
            status=VenueOrderStatus(status),
            at=at,
            fills=fills,
        )
        return BookedOrder(request, order)

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise EnvironmentProblem("The paper account is closed.")
        return self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        db = self._db
        with self.gate.held():
            try:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            except sqlite3.Error as error:
                self.failed = True
                if db.in_transaction:
                    db.rollback()
                raise EnvironmentProblem(
                    f"The paper account's file {self._path or ':memory:'} cannot be written: {error}.",
                    "Make room on the disk or check its rights; the account goes on by itself.",
                ) from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._db
        except sqlite3.Error as error:
            self.failed = True
            raise EnvironmentProblem(
                f"The paper account's file {self._path or ':memory:'} cannot be read: {error}."
            ) from error
        except (ValueError, TypeError, decimal.InvalidOperation) as error:
            # TypeError: a row that must be there is missing and None cannot be unpacked.
            raise damaged_content(self._path, f"it holds something that cannot be: {error}") from error


def _found(db: sqlite3.Connection, new: StoredAccount) -> None:
    settings = new.settings
    db.execute(
        "INSERT INTO market (id, seed, start, speed) VALUES (1, ?, ?, ?)",
        (settings.seed, _text(settings.start), new.speed),
    )
    if settings.walk is not None:
        _insert_walk(db, settings.walk)
    db.execute("INSERT INTO market_time (id, at) VALUES (1, ?)", (_text(new.market_time),))
    _insert_transfers(db, [(asset, balance.free) for asset, balance in new.balances.items()], new.market_time)
    _write_balances(db, new.balances)


def _insert_walk(db: sqlite3.Connection, walk: WalkStart) -> None:
    db.execute("UPDATE market SET walk_at = ?", (_text(walk.at),))
    db.execute("DELETE FROM walk_price")
    rows = [(asset, plain(price)) for asset, price in walk.prices.items()]
    db.executemany("INSERT INTO walk_price (asset, price) VALUES (?, ?)", rows)


def _insert_transfers(db: sqlite3.Connection, transfers: Transfers, at: datetime) -> None:
    rows = [(_text(at), asset, plain(amount)) for asset, amount in transfers]
    db.executemany("INSERT INTO transfer (at, asset, amount) VALUES (?, ?, ?)", rows)


def _move(db: sqlite3.Connection, transfers: Transfers, balances: Mapping[str, Balance], at: datetime) -> None:
    _insert_transfers(db, transfers, at)
    _write_balances(db, balances)


def _write_balances(db: sqlite3.Connection, balances: Mapping[str, Balance]) -> None:
    db.executemany(
        "INSERT INTO balance (asset, free, locked) VALUES (?, ?, ?) "
        "ON CONFLICT (asset) DO UPDATE SET free = excluded.free, locked = excluded.locked",
        [(b.asset, plain(b.free), plain(b.locked)) for b in balances.values()],
    )


def _amount(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite() or amount < ZERO:
        raise ValueError(f"{text!r} is not an amount")
    return amount


def _total(balance: Balance | None) -> Decimal:
    return ZERO if balance is None else balance.total


def _text(at: datetime) -> str:
    """UTC with microseconds always, so that texts sort like times."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
