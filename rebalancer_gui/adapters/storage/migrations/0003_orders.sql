-- Schema version 3: what the order protocol needs to know of an order whose outcome is open.

-- fence_at: after it the venue refuses the order should it still arrive (NULL: no such rule). request_hash: of what was
-- sent. Orders of older files were sent to the paper venue only, which answers at once.
ALTER TABLE intent ADD COLUMN fence_at INTEGER;
ALTER TABLE intent ADD COLUMN request_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE intent ADD COLUMN app_version TEXT NOT NULL DEFAULT '';
CREATE INDEX intent_absent ON intent (sent_at) WHERE state = 'absent';

-- 0: fee is our estimate, until a row in fee_true_up says what the trade really cost.
ALTER TABLE fill ADD COLUMN fee_known INTEGER NOT NULL DEFAULT 1;
CREATE INDEX fill_estimated ON fill (key) WHERE fee_known = 0;
CREATE TABLE fee_true_up (
    fill      INTEGER PRIMARY KEY REFERENCES fill (key),
    fee       TEXT NOT NULL,
    fee_asset TEXT NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

-- What each look-up of an order said, for the one who has to decide about it.
CREATE TABLE order_evidence (
    key    INTEGER PRIMARY KEY,
    intent INTEGER NOT NULL REFERENCES intent (key),
    at     INTEGER NOT NULL,
    source TEXT NOT NULL,
    said   TEXT NOT NULL
) STRICT;
CREATE INDEX order_evidence_of_intent ON order_evidence (intent);

CREATE TRIGGER fee_true_up_is_not_changed BEFORE UPDATE ON fee_true_up
BEGIN SELECT RAISE(ABORT, 'fee_true_up is append-only'); END;
CREATE TRIGGER fee_true_up_is_not_deleted BEFORE DELETE ON fee_true_up
BEGIN SELECT RAISE(ABORT, 'fee_true_up is append-only'); END;
CREATE TRIGGER order_evidence_is_not_changed BEFORE UPDATE ON order_evidence
BEGIN SELECT RAISE(ABORT, 'order_evidence is append-only'); END;
CREATE TRIGGER order_evidence_is_not_deleted BEFORE DELETE ON order_evidence
BEGIN SELECT RAISE(ABORT, 'order_evidence is append-only'); END;
