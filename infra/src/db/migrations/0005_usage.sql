-- What is metered, per period and per day (a date in UTC, such as 2027-01-31).
ALTER TABLE period_usage ADD COLUMN tokens BIGINT NOT NULL DEFAULT 0;

CREATE TABLE daily_usage (
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day      TEXT NOT NULL,
    messages BIGINT NOT NULL,
    images   BIGINT NOT NULL,
    PRIMARY KEY (user_id, day)
);

-- Outdated keys are purged for everybody at once.
DROP INDEX idempotency_keys_by_age;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
