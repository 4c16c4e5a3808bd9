"""The lines of the chart: samples by moment, thinned when they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from rebalancer_gui.adapters.storage.base import StoreBase
from rebalancer_gui.adapters.storage.codec import to_decimal, to_micros, to_sample, to_time
from rebalancer_gui.adapters.storage.sqlite_errors import readable_rows
from rebalancer_gui.application.records import EquitySample

_FROM_THE_BEGINNING = -(2**63)


class _Line:
    """The statements of one table of samples: whole line, ends, and the first sample from a moment on."""

    def __init__(self, columns: str, table: str, owner: str) -> None:
        def statement(sql: str) -> str:
            return sql.replace("COLUMNS", columns).replace("TABLE", table).replace("OWNER", owner)

        self.some = statement("SELECT COLUMNS FROM TABLE WHERE OWNER = ? AND at >= ? ORDER BY at LIMIT ?")
        self.last = statement("SELECT COLUMNS FROM TABLE WHERE OWNER = ? AND at >= ? ORDER BY at DESC LIMIT 1")


_EQUITY = _Line("at, value, hodl", "equity_sample", "strategy")
_PRICES = _Line("at, price", "price_sample", "symbol")


class Samples(StoreBase):
    """The samples of ``application.ports.Store``."""

    def add_equity(self, samples: Sequence[EquitySample]) -> None:
        self._db.write_many(
            """
            INSERT INTO equity_sample (strategy, at, value, hodl) VALUES (?, ?, ?, ?)
            ON CONFLICT (strategy, at) DO UPDATE SET value = excluded.value, hodl = excluded.hodl
            """,
            [
                (self._keys.strategy(s.strategy_id), to_micros(s.at), to_sample(s.value), to_sample(s.hodl))
                for s in samples
            ],
        )

    def add_prices(self, at: datetime, prices: Mapping[str, Decimal]) -> None:
        moment = to_micros(at)
        self._db.write_many(
            """
            INSERT INTO price_sample (symbol, at, price) VALUES (?, ?, ?)
            ON CONFLICT (symbol, at) DO UPDATE SET price = excluded.price
            """,
            [(self._keys.symbol(symbol), moment, to_sample(price)) for symbol, price in prices.items()],
        )

    def equity(self, strategy_id: str, since: datetime | None, limit: int) -> tuple[EquitySample, ...]:
        rows = self._thinned(_EQUITY, self._keys.find_strategy(strategy_id), since, limit)
        with readable_rows(self.path):
            return tuple(
                EquitySample(strategy_id, to_time(at), to_decimal(value), to_decimal(hodl)) for at, value, hodl in rows
            )

    def price_samples(self, symbol: str, since: datetime | None, limit: int) -> tuple[tuple[datetime, Decimal], ...]:
        rows = self._thinned(_PRICES, self._keys.find_symbol(symbol), since, limit)
        with readable_rows(self.path):
            return tuple((to_time(at), to_decimal(price)) for at, price in rows)

    def _thinned(self, line: _Line, key: int | None, since: datetime | None, limit: int) -> list[tuple[Any, ...]]:
        """The whole line when it is short; else ``limit`` equal stretches of time, the first sample of each, and the
        last one. Each sample is found by index, so a long line costs no more than what is shown of it.
        """
        if key is None:
            return []
        begin = _FROM_THE_BEGINNING if since is None else to_micros(since)
        rows = self._db.rows(line.some, (key, begin, limit + 1))
        if len(rows) <= limit:
            return rows
        first, last = rows[0], self._db.rows(line.last, (key, begin))[0]
        step = max(1, -((first[0] - last[0]) // max(1, limit - 1)))
        kept = [first]
        while True:
            stretch = (kept[-1][0] - first[0]) // step + 1
            found = self._db.rows(line.some, (key, first[0] + stretch * step, 1))
            if not found or found[0][0] >= last[0]:
                return [*kept, last]
            kept.append(found[0])
