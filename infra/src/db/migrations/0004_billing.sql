-- Plans: how many unspent coins go over into the next period.
ALTER TABLE plans ADD COLUMN rollover_cap BIGINT NOT NULL DEFAULT 0;

-- Subscriptions: what the whole machine needs to know.
ALTER TABLE subscriptions ADD COLUMN pause_at_period_end BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE subscriptions ADD COLUMN pending_plan_code TEXT;
ALTER TABLE subscriptions ADD COLUMN pending_plan_version BIGINT;
ALTER TABLE subscriptions ADD COLUMN pending_payment_id TEXT;
ALTER TABLE subscriptions ADD COLUMN pending_coins BIGINT NOT NULL DEFAULT 0;
ALTER TABLE subscriptions ADD COLUMN anchor_index BIGINT NOT NULL DEFAULT 0;
ALTER TABLE subscriptions ADD COLUMN period_paid BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE subscriptions ADD COLUMN grace_until TIMESTAMPTZ;
ALTER TABLE subscriptions ADD COLUMN retries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE subscriptions ADD COLUMN payment_method TEXT;
ALTER TABLE subscriptions ADD COLUMN next_at TIMESTAMPTZ;
UPDATE subscriptions SET next_at = period_end, payment_method = 'manual', period_paid = (state = 'active')
    WHERE state IN ('trialing', 'active');
CREATE INDEX subscriptions_due ON subscriptions (next_at) WHERE next_at IS NOT NULL;

-- What has happened to subscriptions. Rows are only ever added.
CREATE TABLE subscription_events (
    id              TEXT PRIMARY KEY,
    user_id         TEXT NOT NULL REFERENCES users (id),
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    kind            TEXT NOT NULL,
    from_state      TEXT NOT NULL,
    to_state        TEXT NOT NULL,
    plan_code       TEXT NOT NULL,
    period_index    BIGINT NOT NULL,
    missed_periods  BIGINT NOT NULL CHECK (missed_periods >= 0),
    created_at      TIMESTAMPTZ NOT NULL
);
CREATE INDEX subscription_events_of_user ON subscription_events (user_id, id);

-- Packages of coins on offer.
CREATE TABLE coin_packages (
    code        TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    coins       BIGINT NOT NULL CHECK (coins > 0),
    price_cents BIGINT NOT NULL CHECK (price_cents >= 0),
    currency    TEXT NOT NULL
);

-- Payments of money. A period is paid by one payment, and what the provider calls a payment is one payment.
CREATE TABLE payments (
    id                 TEXT PRIMARY KEY,
    user_id            TEXT NOT NULL REFERENCES users (id),
    purpose            TEXT NOT NULL CHECK (purpose IN ('period', 'change', 'purchase')),
    subscription_id    TEXT REFERENCES subscriptions (id),
    period_index       BIGINT,
    package_code       TEXT,
    amount_cents       BIGINT NOT NULL CHECK (amount_cents >= 0),
    currency           TEXT NOT NULL,
    coins              BIGINT NOT NULL CHECK (coins >= 0),
    state              TEXT NOT NULL
        CHECK (state IN ('pending', 'failed', 'void', 'paid', 'unapplied', 'refunded', 'charged_back')),
    refunded_cents     BIGINT NOT NULL CHECK (refunded_cents >= 0 AND refunded_cents <= amount_cents),
    attempts           BIGINT NOT NULL CHECK (attempts > 0),
    provider           TEXT NOT NULL,
    provider_reference TEXT,
    grant_key          TEXT UNIQUE,
    created_at         TIMESTAMPTZ NOT NULL,
    paid_at            TIMESTAMPTZ,
    UNIQUE (provider, provider_reference),
    UNIQUE (subscription_id, period_index),
    CHECK ((purpose = 'purchase') = (package_code IS NOT NULL)),
    CHECK ((purpose = 'purchase') = (subscription_id IS NULL)),
    CHECK ((purpose = 'period') = (period_index IS NOT NULL))
);
CREATE INDEX payments_of_user ON payments (user_id, id);
CREATE INDEX payments_by_state ON payments (state, id);

-- What providers have told, each event once.
CREATE TABLE provider_events (
    provider    TEXT NOT NULL,
    event_id    TEXT NOT NULL,
    kind        TEXT NOT NULL,
    reference   TEXT,
    tidings     TEXT,
    outcome     TEXT NOT NULL CHECK (outcome IN ('applied', 'ignored', 'unmatched', 'mismatched')),
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (provider, event_id)
);
CREATE INDEX provider_events_unmatched ON provider_events (provider, reference) WHERE outcome = 'unmatched';

-- Outcomes that are kept for replay have other members now.
DELETE FROM idempotency_keys;
