-- One-time tickets. A row holds the SHA-256 of the ticket, not the ticket. A ticket without a credential is one of whoever knows the
-- secret of an anonymous resource.
CREATE TABLE tickets (
    hash          BYTEA PRIMARY KEY,
    resource      TEXT NOT NULL,
    user_id       TEXT REFERENCES users (id) ON DELETE CASCADE,
    credential    TEXT CHECK (credential IN ('session', 'user_key', 'service_key')),
    credential_id TEXT,
    expires_at    TIMESTAMPTZ NOT NULL,
    CHECK ((credential IS NULL) = (credential_id IS NULL)),
    CHECK (user_id IS NULL OR credential IS NOT NULL)
);
CREATE INDEX tickets_by_expiry ON tickets (expires_at);
