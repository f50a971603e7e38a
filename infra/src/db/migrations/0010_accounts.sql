-- The name that a client gave the device of a login session. A session's row is kept until its last token has expired.
ALTER TABLE login_sessions ADD COLUMN device TEXT;
CREATE INDEX login_sessions_by_expiry ON login_sessions (expires_at);

-- Administrators are few: they are locked together, so that one stays active.
CREATE INDEX users_administrators ON users (id) WHERE role = 'admin';

-- What was done once for this installation. The administrator of the settings is created once.
CREATE TABLE installation (
    key        TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
INSERT INTO installation (key, value, created_at)
SELECT 'administrator', id, created_at FROM users WHERE role = 'admin' ORDER BY id LIMIT 1;

-- Open password resets, one a user. Only SHA-256 of a token is stored.
CREATE TABLE password_resets (
    user_id    TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash       BYTEA NOT NULL UNIQUE,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX password_resets_by_expiry ON password_resets (expires_at);
