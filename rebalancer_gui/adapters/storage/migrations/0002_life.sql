-- Schema version 2: a strategy's whole life (levels, halts, flows, cost of its coins) and the fees returned to it.
--
-- The new texts inside the parameters (trigger, stop-loss, take-profit) need nothing here: a row without them has none.

-- halt: a HaltKind while the state is Halted. grid_from: where the time grid starts after the interval was edited.
-- pending: the reason of a rebalance that was asked for and is not over ('' for none).
-- growth, growth_base: the time-weighted return up to the newest flow, and the value in quote units after that flow.
ALTER TABLE strategy ADD COLUMN halt TEXT;
ALTER TABLE strategy ADD COLUMN grid_from INTEGER;
ALTER TABLE strategy ADD COLUMN pending TEXT NOT NULL DEFAULT '';
ALTER TABLE strategy ADD COLUMN growth TEXT NOT NULL DEFAULT '1';
ALTER TABLE strategy ADD COLUMN growth_base TEXT NOT NULL DEFAULT '0';

-- Version 1 halted for three causes and told them apart by their words only.
UPDATE strategy SET halt = CASE
    WHEN reason = 'Stop all' THEN 'stop all'
    WHEN reason LIKE 'The exchange knows another order under the id %' THEN 'foreign order'
    ELSE 'refused'
END WHERE state = 'Halted';

-- In version 1 money went into a strategy once, when it was created, and came out once, at its end. So its growth
-- starts at 1 from that investment, taken over as the text it is; the return of one that has ended is then its last
-- value over it. One without such a row (a file that was worked on by hand) has had no flow yet: 0.
UPDATE strategy SET growth_base = coalesce(
    (SELECT t.value FROM transfer t WHERE t.strategy = strategy.key AND t.kind = 'invested' ORDER BY t.key LIMIT 1), '0'
);

-- From when these parameters held. Of the changes in a file of version 1 the time was not kept: when the strategy was
-- created stands for it.
ALTER TABLE strategy_version ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
UPDATE strategy_version SET at = (SELECT s.created_at FROM strategy s WHERE s.key = strategy_version.strategy);

-- What the coins that a strategy holds cost, in its quote units, as its engine last worked it out. NULL and no row mean
-- the same: not known. That is so for all coins held in a file of version 1, which did not keep it.
CREATE TABLE cost_basis (
    strategy INTEGER NOT NULL REFERENCES strategy (key),
    asset    TEXT NOT NULL,
    cost     TEXT,
    PRIMARY KEY (strategy, asset)
) STRICT, WITHOUT ROWID;

-- Fees Return History: one trade's fee and what came of it. fee and refunded in units of fee_asset, bnb_paid in BNB;
-- saved, paid_value and refunded_value in the strategy's quote units.
CREATE TABLE fee_return (
    key            INTEGER PRIMARY KEY,
    at             INTEGER NOT NULL,
    strategy       INTEGER NOT NULL REFERENCES strategy (key),
    trade_id       TEXT NOT NULL,
    symbol         INTEGER NOT NULL REFERENCES symbol (key),
    fee_asset      TEXT NOT NULL,
    fee            TEXT NOT NULL,
    refunded       TEXT NOT NULL,
    bnb_paid       TEXT NOT NULL,
    saved          TEXT NOT NULL,
    paid_value     TEXT NOT NULL,
    refunded_value TEXT NOT NULL,
    note           TEXT NOT NULL
) STRICT;
CREATE INDEX fee_return_of_strategy ON fee_return (strategy);

-- The trades of each strategy in the order of their keys, to read them page by page: a fill names only its order. The
-- trigger files each one, so that none can be missing here.
CREATE TABLE strategy_fill (
    strategy INTEGER NOT NULL REFERENCES strategy (key),
    fill     INTEGER NOT NULL REFERENCES fill (key),
    PRIMARY KEY (strategy, fill)
) STRICT, WITHOUT ROWID;
INSERT INTO strategy_fill (strategy, fill)
SELECT i.strategy, f.key FROM fill f JOIN intent i ON i.key = f.intent ORDER BY i.strategy, f.key;
CREATE TRIGGER fill_is_filed AFTER INSERT ON fill
BEGIN
    INSERT INTO strategy_fill (strategy, fill) SELECT i.strategy, NEW.key FROM intent i WHERE i.key = NEW.intent;
END;

CREATE TRIGGER fee_return_is_not_changed BEFORE UPDATE ON fee_return
BEGIN SELECT RAISE(ABORT, 'fee_return is append-only'); END;
CREATE TRIGGER fee_return_is_not_deleted BEFORE DELETE ON fee_return
BEGIN SELECT RAISE(ABORT, 'fee_return is append-only'); END;
