-- Accounts.
CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    username      TEXT NOT NULL,
    username_key  TEXT NOT NULL UNIQUE,
    display_name  TEXT,
    role          TEXT NOT NULL CHECK (role IN ('user', 'admin')),
    password_hash TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    version       BIGINT NOT NULL
);

CREATE TABLE login_sessions (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    rotated_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX login_sessions_of_user ON login_sessions (user_id);

CREATE TABLE user_settings (
    user_id    TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    settings   TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version    BIGINT NOT NULL
);

CREATE TABLE idempotency_keys (
    user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key         TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    outcome     TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (user_id, created_at);

-- Plans and subscriptions. A version of a plan never changes.
CREATE TABLE plans (
    code             TEXT NOT NULL,
    version          BIGINT NOT NULL,
    name             TEXT NOT NULL,
    price_cents      BIGINT NOT NULL CHECK (price_cents >= 0),
    currency         TEXT NOT NULL,
    billing_interval TEXT NOT NULL CHECK (billing_interval IN ('month', 'year')),
    trial_days       BIGINT NOT NULL CHECK (trial_days >= 0),
    coins_per_period BIGINT NOT NULL CHECK (coins_per_period >= 0),
    limits           TEXT NOT NULL,
    PRIMARY KEY (code, version)
);

CREATE TABLE subscriptions (
    id                   TEXT PRIMARY KEY,
    user_id              TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    plan_code            TEXT NOT NULL,
    plan_version         BIGINT NOT NULL,
    state                TEXT NOT NULL,
    cancel_at_period_end BOOLEAN NOT NULL,
    anchor_at            TIMESTAMPTZ NOT NULL,
    period_index         BIGINT NOT NULL,
    period_start         TIMESTAMPTZ NOT NULL,
    period_end           TIMESTAMPTZ NOT NULL,
    canceled_at          TIMESTAMPTZ,
    created_at           TIMESTAMPTZ NOT NULL,
    version              BIGINT NOT NULL,
    FOREIGN KEY (plan_code, plan_version) REFERENCES plans (code, version)
);
CREATE UNIQUE INDEX one_live_subscription ON subscriptions (user_id) WHERE state NOT IN ('canceled', 'expired');
CREATE INDEX subscriptions_of_user ON subscriptions (user_id, id);

-- What is metered, per period.
CREATE TABLE period_usage (
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    period_start TIMESTAMPTZ NOT NULL,
    messages     BIGINT NOT NULL,
    images       BIGINT NOT NULL,
    PRIMARY KEY (user_id, period_start)
);

-- Coins. Entries are only ever added.
CREATE TABLE coin_accounts (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    balance BIGINT NOT NULL,
    held    BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    CHECK (balance >= 0 AND held >= 0 AND held <= balance)
);

CREATE TABLE coin_lots (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    source     TEXT NOT NULL,
    grant_key  TEXT NOT NULL UNIQUE,
    granted    BIGINT NOT NULL CHECK (granted > 0),
    remaining  BIGINT NOT NULL,
    held       BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    CHECK (held >= 0 AND held <= remaining AND remaining <= granted)
);
CREATE INDEX coin_lots_with_coins ON coin_lots (user_id, id) WHERE remaining > 0;

CREATE TABLE coin_entries (
    id              TEXT PRIMARY KEY,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seq             BIGINT NOT NULL,
    kind            TEXT NOT NULL,
    amount          BIGINT NOT NULL CHECK (amount <> 0),
    balance_after   BIGINT NOT NULL CHECK (balance_after >= 0),
    counter_account TEXT NOT NULL,
    purpose         TEXT NOT NULL,
    reference       TEXT,
    created_at      TIMESTAMPTZ NOT NULL,
    UNIQUE (user_id, seq)
);
CREATE INDEX coin_entries_by_time ON coin_entries (user_id, created_at);

-- Platform settings: one row.
CREATE TABLE generation_settings (
    id         BIGINT PRIMARY KEY CHECK (id = 1),
    settings   TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version    BIGINT NOT NULL
);

-- Characters. A name is unique per owner, and among the public ones.
CREATE TABLE characters (
    id           TEXT PRIMARY KEY,
    owner_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    card         TEXT NOT NULL,
    visibility   TEXT NOT NULL CHECK (visibility IN ('private', 'public')),
    rating       TEXT NOT NULL CHECK (rating IN ('general', 'mature')),
    created_at   TIMESTAMPTZ NOT NULL,
    updated_at   TIMESTAMPTZ NOT NULL,
    published_at TIMESTAMPTZ,
    version      BIGINT NOT NULL,
    UNIQUE (owner_id, name_key)
);
CREATE UNIQUE INDEX public_character_names ON characters (name_key) WHERE visibility = 'public';
CREATE INDEX public_characters_by_age ON characters (published_at DESC, id DESC) WHERE visibility = 'public';

CREATE TABLE character_tags (
    character_id TEXT NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
    tag          TEXT NOT NULL,
    PRIMARY KEY (tag, character_id)
);
CREATE INDEX character_tags_of_character ON character_tags (character_id);

CREATE TABLE memories (
    id           TEXT PRIMARY KEY,
    character_id TEXT NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
    scope        TEXT NOT NULL CHECK (scope IN ('short', 'long')),
    text         TEXT NOT NULL,
    pinned       BOOLEAN NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    version      BIGINT NOT NULL
);
CREATE INDEX memories_of_character ON memories (character_id, id);

-- Chats. A chat outlives its character.
CREATE TABLE chats (
    id              TEXT PRIMARY KEY,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    character_id    TEXT NOT NULL,
    character_name  TEXT NOT NULL,
    title           TEXT NOT NULL,
    message_count   BIGINT NOT NULL,
    head_message_id TEXT,
    created_at      TIMESTAMPTZ NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL,
    version         BIGINT NOT NULL
);
CREATE INDEX chats_of_user ON chats (user_id, id);

CREATE TABLE messages (
    id            TEXT PRIMARY KEY,
    chat_id       TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    parent_id     TEXT,
    sibling_index BIGINT NOT NULL,
    role          TEXT NOT NULL,
    content       TEXT NOT NULL,
    state         TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    version       BIGINT NOT NULL
);
CREATE UNIQUE INDEX message_siblings ON messages (chat_id, parent_id, sibling_index);
CREATE INDEX message_children ON messages (parent_id);
