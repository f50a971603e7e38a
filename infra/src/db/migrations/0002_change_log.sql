-- What was changed, in the transaction that changed it. On Postgres a position is the transaction's id, on SQLite the row's.
CREATE TABLE cache_log (
    id         ROW_NUMBER,
    position   BIGINT NOT NULL,
    key        TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX cache_log_by_position ON cache_log (position);
CREATE INDEX cache_log_by_age ON cache_log (created_at);

-- Below this position changes may have been pruned: one row.
CREATE TABLE cache_log_horizon (
    id           BIGINT PRIMARY KEY CHECK (id = 1),
    pruned_below BIGINT NOT NULL
);
INSERT INTO cache_log_horizon (id, pruned_below) VALUES (1, 0);
