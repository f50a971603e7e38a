-- A suspended user is refused wherever sign-in is required.
ALTER TABLE users ADD COLUMN suspended_at TIMESTAMPTZ;
ALTER TABLE users ADD COLUMN suspended_reason TEXT;

-- The device of a login session, and its last use.
ALTER TABLE login_sessions ADD COLUMN user_agent TEXT;
ALTER TABLE login_sessions ADD COLUMN address TEXT;
ALTER TABLE login_sessions ADD COLUMN last_used_at TIMESTAMPTZ;

-- API keys of users, and service keys of the site, which have no user. Only SHA-256 of a key is stored.
CREATE TABLE api_keys (
    id           TEXT PRIMARY KEY,
    user_id      TEXT REFERENCES users (id) ON DELETE CASCADE,
    created_by   TEXT NOT NULL,
    name         TEXT NOT NULL,
    prefix       TEXT NOT NULL,
    hash         BYTEA NOT NULL UNIQUE,
    scopes       TEXT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ,
    revoked_at   TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ
);
CREATE INDEX api_keys_of_user ON api_keys (user_id, id);

-- Temporary permissions: a scope until a time.
CREATE TABLE permission_grants (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    scope      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX permission_grants_of_user ON permission_grants (user_id, id);

-- A hold belongs to its placer: the user, or the site.
ALTER TABLE coin_holds ADD COLUMN placer TEXT NOT NULL DEFAULT 'user' CHECK (placer IN ('user', 'site'));
-- The service key that placed what an entry records.
ALTER TABLE coin_entries ADD COLUMN key_id TEXT;

-- Idempotency keys belong to a placer and its subject, such as `user:{id}`, `site:{user id}` and `site`. Stored holds name their placer.
CREATE TABLE idempotency_keys_new (
    owner       TEXT NOT NULL,
    key         TEXT NOT NULL,
    user_id     TEXT REFERENCES users (id) ON DELETE CASCADE,
    fingerprint BYTEA NOT NULL,
    outcome     TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (owner, key)
);
INSERT INTO idempotency_keys_new (owner, key, user_id, fingerprint, outcome, created_at)
SELECT 'user:' || user_id, key, user_id, fingerprint, replace(outcome, '"captured":', '"placer":"user","captured":'), created_at
FROM idempotency_keys;
DROP TABLE idempotency_keys;
ALTER TABLE idempotency_keys_new RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_of_user ON idempotency_keys (user_id);
