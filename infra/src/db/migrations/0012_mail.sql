-- When a user showed that the e-mail address is theirs. Administrators come from the operator, so theirs count as verified.
ALTER TABLE users ADD COLUMN email_verified_at TIMESTAMPTZ;
UPDATE users SET email_verified_at = created_at WHERE role = 'admin';

-- Tokens of links to confirm a registration or an address, and to reset a password, and notices about addresses, which have no link. A
-- row holds no secret: the token is computed from it when the link is sent. `details` is JSON that depends on the purpose. A reset
-- that was asked for by address gets its user when the link is sent.
DROP TABLE password_resets;
CREATE TABLE mail_tokens (
    id         TEXT PRIMARY KEY,
    purpose    TEXT NOT NULL CHECK (purpose IN ('registration', 'password_reset', 'verification', 'new_address', 'new_address_requested',
        'address_changed')),
    user_id    TEXT REFERENCES users (id) ON DELETE CASCADE,
    address    TEXT NOT NULL,
    language   TEXT NOT NULL,
    details    TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX mail_tokens_of_user ON mail_tokens (user_id, purpose) WHERE user_id IS NOT NULL;
CREATE INDEX mail_tokens_by_address ON mail_tokens (address, purpose) WHERE user_id IS NULL;
CREATE INDEX mail_tokens_by_expiry ON mail_tokens (expires_at);

-- Mails that are kept because there is no mail server. The id is that of their job.
CREATE TABLE mails (
    id         TEXT PRIMARY KEY,
    recipient  TEXT NOT NULL,
    subject    TEXT NOT NULL,
    text       TEXT NOT NULL,
    html       TEXT NOT NULL,
    message_id TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX mails_by_age ON mails (created_at);
