SELECT "mail_tokens"."id", "mail_tokens"."purpose", "mail_tokens"."user_id", "mail_tokens"."address", "mail_tokens"."language", "mail_tokens"."details", "mail_tokens"."created_at", "mail_tokens"."expires_at" FROM "mail_tokens" WHERE "mail_tokens"."id" = '01K00000000000000000000000' AND "mail_tokens"."expires_at" > now();
BEGIN;
UPDATE jobs SET worker_id = NULL, version = version + 1, state = 'succeeded', finished_at = now(), result = NULL, progress = 1000 WHERE id = :job AND state = 'running' AND worker_id = :worker AND fence = 1;
INSERT INTO job_attempts (job_id, fence, worker_id, started_at, ended_at, outcome) VALUES (:job, 1, :worker, now(), now(), 'succeeded');
COMMIT;
