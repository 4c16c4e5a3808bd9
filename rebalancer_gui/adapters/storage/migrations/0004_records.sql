-- Schema version 4: what is realised apart from what is on paper, and records that are found by coin and by kind.

-- basis: what the coins that a strategy holds stand at in its own books (for coins that were put in: their worth then).
-- realised: what its trades in the coin have brought so far. Both in quote units; NULL: not known.
CREATE TABLE coin_result (
    strategy INTEGER NOT NULL REFERENCES strategy (key),
    asset    TEXT NOT NULL,
    basis    TEXT,
    realised TEXT,
    PRIMARY KEY (strategy, asset)
) STRICT, WITHOUT ROWID;

-- Older files did not keep what a coin has realised. The basis is the cost that they kept; where that was not known, neither
-- is the basis.
INSERT INTO coin_result (strategy, asset, basis, realised) SELECT c.strategy, c.asset, c.cost, NULL FROM cost_basis c;
INSERT INTO coin_result (strategy, asset, basis, realised)
SELECT DISTINCT i.strategy, substr(y.name, 1, instr(y.name, '/') - 1), NULL, NULL
FROM intent i JOIN symbol y ON y.key = i.symbol
WHERE true
ON CONFLICT (strategy, asset) DO NOTHING;

CREATE INDEX intent_of_symbol ON intent (symbol);
CREATE INDEX fill_of_symbol ON fill (symbol);
CREATE INDEX fee_return_of_symbol ON fee_return (symbol);
CREATE INDEX transfer_of_asset ON transfer (asset);
CREATE INDEX journal_of_kind ON journal (kind);
