-- A deleted account keeps its row, because payments, the ledger and events refer to it. Its names are replaced.
ALTER TABLE users ADD COLUMN deleted_at TIMESTAMPTZ;

-- Deletions of accounts with their receipts. Only SHA-256 of a receipt's token is stored. `erased` is {"area": number}.
CREATE TABLE account_erasures (
    user_id    TEXT PRIMARY KEY REFERENCES users (id),
    receipt    BYTEA NOT NULL UNIQUE,
    job_id     TEXT NOT NULL,
    deleted_at TIMESTAMPTZ NOT NULL,
    erased_at  TIMESTAMPTZ,
    erased     TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX account_erasures_by_expiry ON account_erasures (expires_at) WHERE erased_at IS NOT NULL;
CREATE INDEX account_erasures_open ON account_erasures (user_id) WHERE erased_at IS NULL;

-- Exports of accounts. An archive is the concatenation of its pieces.
CREATE TABLE account_exports (
    id                  TEXT PRIMARY KEY,
    user_id             TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    job_id              TEXT NOT NULL,
    created_at          TIMESTAMPTZ NOT NULL,
    ready_at            TIMESTAMPTZ,
    pieces              BIGINT NOT NULL DEFAULT 0 CHECK (pieces >= 0),
    bytes               BIGINT NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    download_started_at TIMESTAMPTZ,
    downloaded_at       TIMESTAMPTZ,
    expires_at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX account_exports_of_user ON account_exports (user_id);
CREATE INDEX account_exports_by_expiry ON account_exports (expires_at);

CREATE TABLE account_export_pieces (
    export_id TEXT NOT NULL REFERENCES account_exports (id) ON DELETE CASCADE,
    number    BIGINT NOT NULL CHECK (number >= 0),
    content   BYTEA NOT NULL,
    PRIMARY KEY (export_id, number)
);
