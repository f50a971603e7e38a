-- Old rows are deleted by age. Failed jobs are listed.
CREATE INDEX provider_events_by_age ON provider_events (received_at) WHERE outcome IN ('applied', 'ignored');
CREATE INDEX daily_usage_by_day ON daily_usage (day);
CREATE INDEX api_keys_by_revocation ON api_keys (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX jobs_failed ON jobs (id) WHERE state = 'failed';
