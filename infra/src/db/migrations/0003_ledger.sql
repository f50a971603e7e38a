-- The ledger in full: holds, refunds, clawbacks, and constraints that hold what a database can. Books outlive their users, so
-- nothing here refers to them or is deleted with them. SQLite adds no constraint to a table, so the tables are made anew.
CREATE TABLE coin_accounts_old AS SELECT * FROM coin_accounts;
CREATE TABLE coin_lots_old AS SELECT * FROM coin_lots;
CREATE TABLE coin_entries_old AS SELECT * FROM coin_entries;
DROP TABLE coin_entries;
DROP TABLE coin_lots;
DROP TABLE coin_accounts;

-- One row per user, the lock. The platform's accounts are the sums of the last four columns over all rows, so no row is hot.
CREATE TABLE coin_accounts (
    user_id     TEXT PRIMARY KEY,
    balance     BIGINT NOT NULL,
    held        BIGINT NOT NULL,
    seq         BIGINT NOT NULL CHECK (seq >= 0),
    issued      BIGINT NOT NULL CHECK (issued >= 0),
    revenue     BIGINT NOT NULL CHECK (revenue >= 0),
    expired     BIGINT NOT NULL CHECK (expired >= 0),
    clawed_back BIGINT NOT NULL CHECK (clawed_back >= 0),
    CHECK (0 <= held AND held <= balance),
    CHECK (balance = issued - revenue - expired - clawed_back)
);

CREATE TABLE coin_lots (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES coin_accounts (user_id),
    source     TEXT NOT NULL CHECK (source IN ('trial', 'promo', 'admin', 'subscription', 'rollover', 'refund', 'purchase')),
    grant_key  TEXT NOT NULL UNIQUE,
    granted    BIGINT NOT NULL CHECK (granted > 0),
    remaining  BIGINT NOT NULL,
    held       BIGINT NOT NULL,
    expired    BIGINT NOT NULL CHECK (expired >= 0),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    CHECK (0 <= held AND held <= remaining AND remaining + expired <= granted)
);
CREATE INDEX coin_lots_with_coins ON coin_lots (user_id, id) WHERE remaining > 0;
CREATE INDEX coin_lots_to_expire ON coin_lots (expires_at) WHERE remaining > held;
CREATE INDEX coin_lots_that_expired ON coin_lots (user_id, expires_at) WHERE expired > 0;

-- Slices are [{"lot_id", "amount"}] in the order in which they are spent; NULL for spends from before holds were kept.
CREATE TABLE coin_holds (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES coin_accounts (user_id),
    amount     BIGINT NOT NULL CHECK (amount > 0),
    captured   BIGINT NOT NULL,
    refunded   BIGINT NOT NULL,
    state      TEXT NOT NULL,
    purpose    TEXT NOT NULL,
    reference  TEXT,
    slices     JSON_VALUE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    CHECK (0 <= refunded AND refunded <= captured AND captured <= amount),
    CHECK ((state = 'captured' AND captured > 0) OR (state IN ('held', 'voided', 'expired') AND captured = 0)),
    CHECK (state <> 'held' OR slices IS NOT NULL)
);
CREATE INDEX coin_holds_of_user ON coin_holds (user_id, id);
CREATE INDEX coin_holds_to_expire ON coin_holds (expires_at) WHERE state = 'held';

-- Entries are only ever added; triggers see to that.
CREATE TABLE coin_entries (
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
    created_at      TIMESTAMPTZ NOT NULL,
    UNIQUE (user_id, seq),
    CHECK (
        (kind = 'grant' AND amount > 0 AND counter_account = 'issued')
        OR (kind = 'capture' AND amount < 0 AND counter_account = 'revenue')
        OR (kind = 'refund' AND amount > 0 AND counter_account = 'revenue')
        OR (kind = 'expire' AND amount < 0 AND counter_account = 'expired')
        OR (kind = 'clawback' AND amount < 0 AND counter_account = 'clawed_back')
    ),
    CHECK ((kind IN ('grant', 'refund')) = (lot_id IS NOT NULL)),
    CHECK (kind NOT IN ('capture', 'refund') OR hold_id IS NOT NULL)
);
CREATE INDEX coin_entries_by_time ON coin_entries (user_id, created_at);
CREATE UNIQUE INDEX coin_entry_of_lot ON coin_entries (lot_id) WHERE lot_id IS NOT NULL;
CREATE UNIQUE INDEX coin_capture_of_hold ON coin_entries (hold_id) WHERE kind = 'capture';

INSERT INTO coin_accounts (user_id, balance, held, seq, issued, revenue, expired, clawed_back)
SELECT
    a.user_id, a.balance, a.held, a.seq,
    COALESCE((SELECT SUM(e.amount) FROM coin_entries_old e WHERE e.user_id = a.user_id AND e.kind = 'grant'), 0),
    -COALESCE((SELECT SUM(e.amount) FROM coin_entries_old e WHERE e.user_id = a.user_id AND e.kind = 'capture'), 0),
    -COALESCE((SELECT SUM(e.amount) FROM coin_entries_old e WHERE e.user_id = a.user_id AND e.kind = 'expire'), 0),
    0
FROM coin_accounts_old a;

-- How many coins of one lot expired was not kept: where nothing was ever spent, it is all that is gone.
INSERT INTO coin_lots (id, user_id, source, grant_key, granted, remaining, held, expired, created_at, expires_at)
SELECT
    l.id, l.user_id, l.source, l.grant_key, l.granted, l.remaining, l.held,
    CASE
        WHEN EXISTS (SELECT 1 FROM coin_entries_old e WHERE e.user_id = l.user_id AND e.kind = 'capture') THEN 0
        ELSE l.granted - l.remaining
    END,
    l.created_at, l.expires_at
FROM coin_lots_old l;

-- A spend becomes a captured hold with the id of its entry.
INSERT INTO coin_holds (id, user_id, amount, captured, refunded, state, purpose, reference, created_at, expires_at)
SELECT id, user_id, -amount, -amount, 0, 'captured', purpose, reference, created_at, created_at
FROM coin_entries_old WHERE kind = 'capture';

-- A grant finds its lot by the moment and the number of coins; twins are told apart by their order.
INSERT INTO coin_entries (
    id, user_id, seq, kind, amount, balance_after, counter_account, purpose, reference, hold_id, lot_id, created_at
)
SELECT
    e.id, e.user_id, e.seq, e.kind, e.amount, e.balance_after, e.counter_account, e.purpose, e.reference,
    CASE WHEN e.kind = 'capture' THEN e.id END, l.id, e.created_at
FROM (
    SELECT o.*, ROW_NUMBER() OVER (PARTITION BY o.user_id, o.kind, o.created_at, o.amount ORDER BY o.seq) AS twin
    FROM coin_entries_old o
) e
LEFT JOIN (
    SELECT o.*, ROW_NUMBER() OVER (PARTITION BY o.user_id, o.created_at, o.granted ORDER BY o.id) AS twin
    FROM coin_lots_old o
) l ON e.kind = 'grant' AND l.user_id = e.user_id AND l.created_at = e.created_at AND l.granted = e.amount AND l.twin = e.twin;

DROP TABLE coin_entries_old;
DROP TABLE coin_lots_old;
DROP TABLE coin_accounts_old;
