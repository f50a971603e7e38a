-- Jobs: work that is enqueued in the transaction of a write and runs afterwards. Progress is in thousandths. The owner reads and cancels a
-- job. The subject is a user that the arguments of a job of the site are about; the job is erased with that user.
CREATE TABLE jobs (
    id               TEXT PRIMARY KEY,
    kind             TEXT NOT NULL,
    queue            TEXT NOT NULL,
    priority         BIGINT NOT NULL,
    payload          TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('scheduled', 'queued', 'running', 'succeeded', 'failed', 'canceled')),
    run_at           TIMESTAMPTZ NOT NULL,
    owner_id         TEXT,
    subject_id       TEXT,
    dedup_key        TEXT,
    serial_key       TEXT,
    fence            BIGINT NOT NULL DEFAULT 0 CHECK (fence >= 0),
    failures         BIGINT NOT NULL DEFAULT 0 CHECK (failures >= 0),
    losses           BIGINT NOT NULL DEFAULT 0 CHECK (losses >= 0),
    worker_id        TEXT,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    progress         BIGINT CHECK (progress BETWEEN 0 AND 1000),
    result           TEXT,
    error            TEXT,
    created_at       TIMESTAMPTZ NOT NULL,
    started_at       TIMESTAMPTZ,
    finished_at      TIMESTAMPTZ,
    version          BIGINT NOT NULL DEFAULT 1,
    CHECK ((state = 'running') = (worker_id IS NOT NULL)),
    CHECK ((state IN ('succeeded', 'failed', 'canceled')) = (finished_at IS NOT NULL))
);
CREATE INDEX jobs_to_claim ON jobs (queue, priority, id) WHERE state = 'queued';
CREATE INDEX jobs_to_claim_by_age ON jobs (queue, id) WHERE state = 'queued';
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'scheduled';
CREATE INDEX jobs_running ON jobs (worker_id) WHERE state = 'running';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_of_owner ON jobs (owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX jobs_of_subject ON jobs (subject_id) WHERE subject_id IS NOT NULL;
-- Of equal jobs that have not started there is one, and of jobs with one serial key one is claimed at a time.
CREATE UNIQUE INDEX jobs_once ON jobs (kind, dedup_key) WHERE dedup_key IS NOT NULL AND state IN ('scheduled', 'queued');
CREATE UNIQUE INDEX jobs_serial ON jobs (serial_key) WHERE serial_key IS NOT NULL AND state IN ('queued', 'running');

-- How each claim of a job ended: one row a claim, never changed, deleted with its job.
CREATE TABLE job_attempts (
    job_id     TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    fence      BIGINT NOT NULL CHECK (fence > 0),
    worker_id  TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at   TIMESTAMPTZ NOT NULL,
    outcome    TEXT NOT NULL CHECK (outcome IN ('succeeded', 'failed', 'retried', 'canceled', 'lost', 'handed_back')),
    PRIMARY KEY (job_id, fence)
);

-- Finished jobs that were purged, by kind and state.
CREATE TABLE job_totals (
    kind   TEXT NOT NULL,
    state  TEXT NOT NULL,
    purged BIGINT NOT NULL CHECK (purged >= 0),
    PRIMARY KEY (kind, state)
);

-- What is enqueued by the calendar.
CREATE TABLE schedules (
    name    TEXT PRIMARY KEY,
    kind    TEXT NOT NULL,
    cron    TEXT NOT NULL,
    zone    TEXT NOT NULL,
    missed  TEXT NOT NULL CHECK (missed IN ('skip', 'once', 'all')),
    next_at TIMESTAMPTZ,
    last_at TIMESTAMPTZ,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX schedules_due ON schedules (next_at) WHERE next_at IS NOT NULL;

-- A worker process runs jobs and serves no requests. Rows of workers are their leases, so none has to be kept.
DROP TABLE workers;
CREATE TABLE workers (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL CHECK (kind IN ('server', 'worker', 'command')),
    beat         BIGINT NOT NULL,
    staleness_ms BIGINT NOT NULL CHECK (staleness_ms >= 0),
    release      TEXT NOT NULL,
    signs        TEXT NOT NULL,
    accepts      TEXT NOT NULL,
    -- The store of its cache; null if it is of a release that does not state it.
    cache        TEXT,
    -- Whether its start has compared it with the others.
    is_agreed    BOOLEAN NOT NULL DEFAULT TRUE,
    started_at   TIMESTAMPTZ NOT NULL
);

-- The service key that caused an event of a subscription.
ALTER TABLE subscription_events ADD COLUMN key_id TEXT;
