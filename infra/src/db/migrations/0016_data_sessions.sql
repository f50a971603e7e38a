CREATE TABLE data_sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT REFERENCES users (id),
    secret_hash BYTEA,
    address_hash BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    bytes BIGINT NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    stored_table TEXT,
    job_id TEXT,
    report TEXT,
    stored_model TEXT,
    CHECK ((user_id IS NULL) <> (secret_hash IS NULL))
);
CREATE INDEX data_sessions_of_user ON data_sessions (user_id, id);
CREATE INDEX data_sessions_of_address ON data_sessions (address_hash);
CREATE INDEX data_sessions_by_expiry ON data_sessions (expires_at);
-- On SQLite frames are files.
CREATE TABLE data_session_frames (
    session_id TEXT NOT NULL REFERENCES data_sessions (id) ON DELETE CASCADE,
    part TEXT NOT NULL,
    number BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (session_id, part, number)
);
