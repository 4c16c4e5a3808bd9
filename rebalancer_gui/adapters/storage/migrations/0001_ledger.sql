-- Schema version 1: everything of one account in one file.
--
-- Money, quantities and prices are TEXT in plain decimal notation: SQLite's own arithmetic is never used on them.
-- Times are whole microseconds since 1970-01-01 UTC. Enumerations are the values of the program's enumerations.
-- Strategies and symbols have small integer keys, because each of their samples carries one.

CREATE TABLE about (
    account TEXT NOT NULL
) STRICT;

CREATE TABLE symbol (
    key  INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE strategy (
    key          INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    version      INTEGER NOT NULL,
    state        TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    started_at   INTEGER,
    ended_at     INTEGER,
    reason       TEXT NOT NULL,
    former_state TEXT,
    last_tick    INTEGER NOT NULL
) STRICT;

-- What the owner chose, one row for each time it was changed (JSON, all numbers as strings).
CREATE TABLE strategy_version (
    strategy   INTEGER NOT NULL REFERENCES strategy (key),
    version    INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    PRIMARY KEY (strategy, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE hodl (
    strategy INTEGER NOT NULL REFERENCES strategy (key),
    asset    TEXT NOT NULL,
    units    TEXT NOT NULL,
    PRIMARY KEY (strategy, asset)
) STRICT, WITHOUT ROWID;

-- legs, skipped, reached: JSON lists, all numbers as strings.
CREATE TABLE rebalance (
    key          INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    strategy     INTEGER NOT NULL REFERENCES strategy (key),
    at           INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    worst_drift  TEXT NOT NULL,
    snapshot_seq INTEGER NOT NULL,
    outcome      TEXT NOT NULL,
    repeats      INTEGER NOT NULL,
    finished_at  INTEGER,
    last_at      INTEGER,
    message      TEXT NOT NULL,
    advice       TEXT NOT NULL,
    legs         TEXT NOT NULL,
    skipped      TEXT NOT NULL,
    reached      TEXT NOT NULL
) STRICT;
CREATE INDEX rebalance_of_strategy ON rebalance (strategy);
CREATE INDEX rebalance_counts ON rebalance (strategy, outcome, repeats);
CREATE INDEX rebalance_running ON rebalance (key) WHERE outcome = 'running';

-- One order: written with its reservation before it is sent, and sent at most once.
CREATE TABLE intent (
    key             INTEGER PRIMARY KEY,
    client_order_id TEXT NOT NULL UNIQUE,
    strategy        INTEGER NOT NULL REFERENCES strategy (key),
    rebalance_id    TEXT NOT NULL,
    attempt         INTEGER NOT NULL,
    symbol          INTEGER NOT NULL REFERENCES symbol (key),
    side            TEXT NOT NULL,
    type            TEXT NOT NULL,
    quantity        TEXT NOT NULL,
    limit_price     TEXT,
    reserved_asset  TEXT NOT NULL,
    reserved_amount TEXT NOT NULL,
    sent_at         INTEGER NOT NULL,
    state           TEXT NOT NULL,
    venue_order_id  TEXT NOT NULL,
    filled          TEXT NOT NULL,
    reason          TEXT NOT NULL
) STRICT;
CREATE INDEX intent_of_strategy ON intent (strategy);
CREATE INDEX intent_open ON intent (key) WHERE state NOT IN ('rejected', 'absent', 'settled');

CREATE TABLE order_event (
    key            INTEGER PRIMARY KEY,
    intent         INTEGER NOT NULL REFERENCES intent (key),
    at             INTEGER NOT NULL,
    state          TEXT NOT NULL,
    venue_order_id TEXT NOT NULL,
    filled         TEXT NOT NULL,
    reason         TEXT NOT NULL
) STRICT;
CREATE INDEX order_event_of_intent ON order_event (intent);

CREATE TABLE fill (
    key       INTEGER PRIMARY KEY,
    intent    INTEGER NOT NULL REFERENCES intent (key),
    symbol    INTEGER NOT NULL REFERENCES symbol (key),
    trade_id  TEXT NOT NULL,
    side      TEXT NOT NULL,
    quantity  TEXT NOT NULL,
    price     TEXT NOT NULL,
    fee       TEXT NOT NULL,
    fee_asset TEXT NOT NULL,
    at        INTEGER NOT NULL,
    UNIQUE (symbol, trade_id)
) STRICT;
CREATE INDEX fill_of_intent ON fill (intent);

-- Running sums over fill, kept in the transaction of each fill. value: in the strategy's quote units.
CREATE TABLE fee_paid (
    strategy INTEGER NOT NULL REFERENCES strategy (key),
    asset    TEXT NOT NULL,
    amount   TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (strategy, asset)
) STRICT, WITHOUT ROWID;

-- Double entry: the postings of an entry add up to zero per asset.
CREATE TABLE entry (
    key       INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL,
    at        INTEGER NOT NULL,
    reference TEXT NOT NULL
) STRICT;

CREATE TABLE posting (
    key     INTEGER PRIMARY KEY,
    entry   INTEGER NOT NULL REFERENCES entry (key),
    account TEXT NOT NULL,
    asset   TEXT NOT NULL,
    amount  TEXT NOT NULL
) STRICT;

-- Running sums over posting, kept in the transaction of each entry; an empty balance has no row.
CREATE TABLE balance (
    account TEXT NOT NULL,
    asset   TEXT NOT NULL,
    amount  TEXT NOT NULL,
    PRIMARY KEY (account, asset)
) STRICT, WITHOUT ROWID;

CREATE TABLE transfer (
    key      INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    strategy INTEGER REFERENCES strategy (key),
    kind     TEXT NOT NULL,
    asset    TEXT NOT NULL,
    amount   TEXT NOT NULL,
    value    TEXT NOT NULL
) STRICT;
CREATE INDEX transfer_of_strategy ON transfer (strategy);

CREATE TABLE journal (
    key      INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    strategy INTEGER REFERENCES strategy (key),
    at       INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    text     TEXT NOT NULL
) STRICT;
CREATE INDEX journal_of_strategy ON journal (strategy);

CREATE TABLE equity_sample (
    strategy INTEGER NOT NULL REFERENCES strategy (key),
    at       INTEGER NOT NULL,
    value    TEXT NOT NULL,
    hodl     TEXT NOT NULL,
    PRIMARY KEY (strategy, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE price_sample (
    symbol INTEGER NOT NULL REFERENCES symbol (key),
    at     INTEGER NOT NULL,
    price  TEXT NOT NULL,
    PRIMARY KEY (symbol, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE engine_state (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What happened stays as it was written.
CREATE TRIGGER order_event_is_not_changed BEFORE UPDATE ON order_event
BEGIN SELECT RAISE(ABORT, 'order_event is append-only'); END;
CREATE TRIGGER order_event_is_not_deleted BEFORE DELETE ON order_event
BEGIN SELECT RAISE(ABORT, 'order_event is append-only'); END;
CREATE TRIGGER fill_is_not_changed BEFORE UPDATE ON fill
BEGIN SELECT RAISE(ABORT, 'fill is append-only'); END;
CREATE TRIGGER fill_is_not_deleted BEFORE DELETE ON fill
BEGIN SELECT RAISE(ABORT, 'fill is append-only'); END;
CREATE TRIGGER entry_is_not_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END;
CREATE TRIGGER entry_is_not_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END;
CREATE TRIGGER posting_is_not_changed BEFORE UPDATE ON posting
BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END;
CREATE TRIGGER posting_is_not_deleted BEFORE DELETE ON posting
BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END;
