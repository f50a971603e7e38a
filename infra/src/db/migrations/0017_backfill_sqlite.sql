-- A lot was revoked in full. What it lacks was taken back, except what holds captured: their first slices, up to the captured coins.
UPDATE coin_lots SET target = granted, taken = granted - remaining - expired WHERE revoked_at IS NOT NULL;
UPDATE coin_lots SET taken = taken - s.spent
FROM (
    SELECT lot_id, SUM(CASE
        WHEN captured >= through THEN amount WHEN captured > through - amount THEN captured - through + amount ELSE 0
    END) AS spent
    FROM (
        SELECT lot_id, amount, captured, SUM(amount) OVER (PARTITION BY hold_id ORDER BY place) AS through
        FROM (
            SELECT h.id AS hold_id, h.captured, s.key AS place, json_extract(s.value, '$.lot_id') AS lot_id,
                json_extract(s.value, '$.amount') AS amount
            FROM coin_holds h, json_each(h.slices) s
            WHERE h.captured > 0 AND h.user_id IN (SELECT user_id FROM coin_lots WHERE revoked_at IS NOT NULL)
        ) slices
    ) ordered
    GROUP BY lot_id
) s
WHERE coin_lots.id = s.lot_id AND coin_lots.revoked_at IS NOT NULL;

UPDATE coin_lots SET owed = target - taken WHERE revoked_at IS NOT NULL;
ALTER TABLE coin_lots DROP COLUMN revoked_at;

-- Coins that were taken back can be restored. SQLite changes no constraint of a table, so the table is made anew, with its triggers.
CREATE TABLE coin_entries_new (
    id              TEXT PRIMARY KEY,
    user_id         TEXT NOT NULL REFERENCES coin_accounts (user_id),
    seq             BIGINT NOT NULL CHECK (seq > 0),
    kind            TEXT NOT NULL,
    amount          BIGINT NOT NULL,
    balance_after   BIGINT NOT NULL CHECK (balance_after >= 0),
    counter_account TEXT NOT NULL,
    purpose         TEXT NOT NULL,
    reference       TEXT,
    hold_id         TEXT REFERENCES coin_holds (id),
    lot_id          TEXT REFERENCES coin_lots (id),
    actor_id        TEXT,
    created_at      TIMESTAMP_TEXT NOT NULL,
    key_id          TEXT,
    UNIQUE (user_id, seq),
    CHECK (
        (kind = 'grant' AND amount > 0 AND counter_account = 'issued')
        OR (kind = 'capture' AND amount < 0 AND counter_account = 'revenue')
        OR (kind = 'refund' AND amount > 0 AND counter_account = 'revenue')
        OR (kind = 'expire' AND amount < 0 AND counter_account = 'expired')
        OR (kind = 'clawback' AND amount < 0 AND counter_account = 'clawed_back')
        OR (kind = 'restore' AND amount > 0 AND counter_account = 'clawed_back')
    ),
    CHECK ((kind IN ('grant', 'refund')) = (lot_id IS NOT NULL)),
    CHECK (kind NOT IN ('capture', 'refund') OR hold_id IS NOT NULL)
);
INSERT INTO coin_entries_new SELECT * FROM coin_entries;
DROP TABLE coin_entries;
ALTER TABLE coin_entries_new RENAME TO coin_entries;
CREATE INDEX coin_entries_by_time ON coin_entries (user_id, created_at);
CREATE UNIQUE INDEX coin_entry_of_lot ON coin_entries (lot_id) WHERE lot_id IS NOT NULL;
CREATE UNIQUE INDEX coin_capture_of_hold ON coin_entries (hold_id) WHERE kind = 'capture';

CREATE TRIGGER coin_entries_stay BEFORE UPDATE ON coin_entries
WHEN NOT (
    NEW.purpose = 'erased' AND NEW.reference IS NULL
    AND NEW.id IS OLD.id AND NEW.user_id IS OLD.user_id AND NEW.seq IS OLD.seq AND NEW.kind IS OLD.kind
    AND NEW.amount IS OLD.amount AND NEW.balance_after IS OLD.balance_after
    AND NEW.counter_account IS OLD.counter_account AND NEW.hold_id IS OLD.hold_id AND NEW.lot_id IS OLD.lot_id
    AND NEW.actor_id IS OLD.actor_id AND NEW.key_id IS OLD.key_id AND NEW.created_at IS OLD.created_at
    AND EXISTS (SELECT 1 FROM users WHERE id = OLD.user_id AND deleted_at IS NOT NULL)
)
BEGIN
    SELECT RAISE(ABORT, 'a line of the ledger is never changed and never deleted: write another one');
END;
CREATE TRIGGER coin_entries_stay_all BEFORE DELETE ON coin_entries
BEGIN
    SELECT RAISE(ABORT, 'a line of the ledger is never changed and never deleted: write another one');
END;
