"""The tables of the paper venue's own file, version by version. A released version is never edited; the next one follows."""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x52425056
"""``RBPV`` in the file's header: a paper venue of this program."""
_VERSION_1 = """
CREATE TABLE market (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seed INTEGER NOT NULL CHECK (seed >= 0),
  start TEXT NOT NULL,
  speed INTEGER NOT NULL CHECK (speed BETWEEN 1 AND 86400),
  walk_at TEXT
) STRICT;
CREATE TABLE walk_price (asset TEXT PRIMARY KEY, price TEXT NOT NULL) STRICT;
CREATE TABLE market_time (id INTEGER PRIMARY KEY CHECK (id = 1), at TEXT NOT NULL) STRICT;
CREATE TRIGGER market_time_never_goes_back BEFORE UPDATE ON market_time WHEN NEW.at < OLD.at
  BEGIN SELECT RAISE(ABORT, 'market time never goes back'); END;
CREATE TABLE balance (asset TEXT PRIMARY KEY, free TEXT NOT NULL, locked TEXT NOT NULL) STRICT;
CREATE TABLE transfer (
  transfer_id INTEGER PRIMARY KEY, at TEXT NOT NULL, asset TEXT NOT NULL, amount TEXT NOT NULL
) STRICT;
CREATE TABLE venue_order (
  order_id INTEGER PRIMARY KEY,
  client_order_id TEXT NOT NULL UNIQUE,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL,
  type TEXT NOT NULL,
  quantity TEXT NOT NULL,
  limit_price TEXT,
  filled TEXT NOT NULL,
  status TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX venue_order_at ON venue_order (at);
CREATE TABLE trade (
  trade_id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES venue_order,
  price TEXT NOT NULL,
  quantity TEXT NOT NULL,
  fee TEXT NOT NULL,
  fee_asset TEXT NOT NULL
) STRICT;
CREATE INDEX trade_order ON trade (order_id);
"""
_VERSION_2 = """
CREATE TABLE market_event (
  event_id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  event TEXT NOT NULL CHECK (event IN ('halt', 'reopen', 'delist', 'rename')),
  asset TEXT NOT NULL,
  new_name TEXT CHECK ((new_name IS NOT NULL) = (event = 'rename'))
) STRICT;
CREATE TABLE trading_right (
  right_id INTEGER PRIMARY KEY, at TEXT NOT NULL, may_trade INTEGER NOT NULL CHECK (may_trade IN (0, 1))
) STRICT;
CREATE TABLE fee_return (trade_id INTEGER PRIMARY KEY REFERENCES trade, at TEXT NOT NULL, bnb TEXT NOT NULL) STRICT;
"""
_VERSIONS = (
    (_VERSION_1, ("transfer", "venue_order", "trade")),
    (_VERSION_2, ("market_event", "trading_right", "fee_return")),
)
"""Of each version, from 1 on: its new tables, and which of them only grow."""
SCHEMA_VERSION = len(_VERSIONS)


def bring_up_to_date(connection: sqlite3.Connection, version: int) -> None:
    """Add what came after ``version`` (0 = all of an empty database). The caller's transaction takes it whole or not."""
    for script, append_only in _VERSIONS[version:]:
        for statement in _statements(script):
            connection.execute(statement)
        for table in append_only:
            for change in ("UPDATE", "DELETE"):
                connection.execute(
                    f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'what the venue did stays as it was'); END"
                )
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _statements(script: str) -> list[str]:
    """``script`` cut into statements (executescript would end the open transaction)."""
    statements: list[str] = []
    text = ""
    for line in script.strip().splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            statements.append(text)
            text = ""
    return statements
