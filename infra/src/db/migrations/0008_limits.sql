-- Attempts to log in or to register, by a keyed hash of the e-mail address, known or not. The state is the theoretical arrival time of
-- the limit in microseconds since 1970, on the clock of the database; see docs/operations.md.
CREATE TABLE account_attempts (
    account    BYTEA PRIMARY KEY,
    full_at_us BIGINT NOT NULL
);
CREATE INDEX account_attempts_by_end ON account_attempts (full_at_us);
