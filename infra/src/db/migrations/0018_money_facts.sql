-- Payments: what is gone of their money, charges that no payment expects, and what needs an operator.
CREATE TABLE payments_new (
    id                 TEXT PRIMARY KEY,
    user_id            TEXT NOT NULL REFERENCES users (id),
    purpose            TEXT NOT NULL CHECK (purpose IN ('period', 'change', 'purchase', 'surplus')),
    subscription_id    TEXT REFERENCES subscriptions (id),
    period_index       BIGINT,
    package_code       TEXT,
    surplus_of         TEXT,
    amount_cents       BIGINT NOT NULL CHECK (amount_cents >= 0),
    currency           TEXT NOT NULL,
    coins              BIGINT NOT NULL CHECK (coins >= 0),
    state              TEXT NOT NULL
        CHECK (state IN ('pending', 'requires_action', 'failed', 'void', 'paid', 'unapplied', 'refunded', 'charged_back')),
    refunded_total     BIGINT NOT NULL DEFAULT 0 CHECK (refunded_total >= 0),
    refunded_cents     BIGINT NOT NULL CHECK (refunded_cents >= 0 AND refunded_cents <= amount_cents),
    gone_cents         BIGINT NOT NULL DEFAULT 0 CHECK (gone_cents >= refunded_cents AND gone_cents <= amount_cents),
    unapplied          TEXT CHECK (unapplied IN ('ended', 'second_charge', 'other_amount', 'balance_limit')),
    fell               BOOLEAN NOT NULL DEFAULT FALSE,
    attention          TEXT
        CHECK (attention IN ('ended', 'second_charge', 'other_amount', 'balance_limit', 'fell', 'dispute_lost')),
    attempts           BIGINT NOT NULL CHECK (attempts > 0),
    provider           TEXT NOT NULL,
    provider_reference TEXT,
    grant_key          TEXT UNIQUE,
    created_at         TIMESTAMPTZ NOT NULL,
    paid_at            TIMESTAMPTZ,
    UNIQUE (provider, provider_reference),
    UNIQUE (subscription_id, period_index),
    CHECK ((purpose = 'purchase') = (package_code IS NOT NULL)),
    CHECK ((purpose IN ('period', 'change')) = (subscription_id IS NOT NULL)),
    CHECK ((purpose = 'period') = (period_index IS NOT NULL)),
    CHECK ((purpose = 'surplus') = (surplus_of IS NOT NULL)),
    CHECK ((paid_at IS NOT NULL) = (state IN ('paid', 'unapplied', 'refunded', 'charged_back'))),
    CHECK (paid_at IS NOT NULL OR (gone_cents = 0 AND grant_key IS NULL)),
    CHECK (state <> 'unapplied' OR unapplied IS NOT NULL)
);
INSERT INTO payments_new (id, user_id, purpose, subscription_id, period_index, package_code, amount_cents, currency, coins, state,
    refunded_total, refunded_cents, gone_cents, unapplied, attention, attempts, provider, provider_reference, grant_key, created_at, paid_at)
SELECT id, user_id, purpose, subscription_id, period_index, package_code, amount_cents, currency, coins, state, refunded_cents,
    CASE WHEN state = 'refunded' THEN amount_cents WHEN state = 'charged_back' THEN refunded_cents ELSE 0 END,
    CASE WHEN state IN ('refunded', 'charged_back') THEN amount_cents ELSE 0 END, CASE WHEN state = 'unapplied' THEN 'ended' END,
    CASE WHEN state = 'unapplied' THEN 'ended' END, attempts, provider, provider_reference, grant_key, created_at,
    CASE WHEN state IN ('paid', 'unapplied', 'refunded', 'charged_back') THEN COALESCE(paid_at, created_at) END
FROM payments;

-- Refunds and disputes of payments, by the provider's ids.
CREATE TABLE payment_refunds (
    payment_id TEXT NOT NULL,
    refund_id  TEXT NOT NULL,
    cents      BIGINT NOT NULL CHECK (cents >= 0),
    status     TEXT NOT NULL CHECK (status IN ('effective', 'failed')),
    reason     TEXT,
    actor_id   TEXT,
    PRIMARY KEY (payment_id, refund_id)
);
CREATE TABLE payment_disputes (
    payment_id TEXT NOT NULL,
    dispute_id TEXT NOT NULL,
    cents      BIGINT NOT NULL CHECK (cents >= 0),
    status     TEXT NOT NULL CHECK (status IN ('inquiry', 'prevented', 'open', 'lost', 'won')),
    PRIMARY KEY (payment_id, dispute_id)
);
-- A partial refund took no coins back until now. It counts as one that is known and not effective, so that it takes none later.
INSERT INTO payment_refunds (payment_id, refund_id, cents, status)
SELECT id, 'partial', refunded_cents, 'failed' FROM payments WHERE refunded_cents > 0 AND state NOT IN ('refunded', 'charged_back');
INSERT INTO payment_disputes (payment_id, dispute_id, cents, status)
SELECT id, 'charged_back', amount_cents, 'open' FROM payments WHERE state = 'charged_back';

DROP TABLE payments;
ALTER TABLE payments_new RENAME TO payments;
CREATE INDEX payments_of_user ON payments (user_id, id);
CREATE INDEX payments_by_state ON payments (state, id);
CREATE INDEX payments_with_attention ON payments (attention, id) WHERE attention IS NOT NULL;

-- Subscriptions: the plan that the period was charged for, its paid upgrades, and what a dispute or an end leaves behind.
ALTER TABLE subscriptions ADD COLUMN period_plan_code TEXT;
ALTER TABLE subscriptions ADD COLUMN period_plan_version BIGINT;
ALTER TABLE subscriptions ADD COLUMN upgrades TEXT NOT NULL DEFAULT '[]';
ALTER TABLE subscriptions ADD COLUMN unspent_at TIMESTAMPTZ;
ALTER TABLE subscriptions ADD COLUMN needs_method BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE subscriptions ADD COLUMN end_reason TEXT CHECK (end_reason IN ('canceled', 'unpaid', 'trial_ended', 'returned'));
UPDATE subscriptions SET unspent_at = period_start WHERE state IN ('active', 'past_due') AND NOT period_paid AND period_index > 1;

-- Who had a trial: keyed hashes of addresses and cards, which stay when an account is deleted.
CREATE TABLE trial_claims (
    claim           TEXT NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    PRIMARY KEY (claim, subscription_id)
);
