-- One claim of a batch of four jobs and their settlements, statement for statement as a worker with four slots of the queue does it.
WITH due AS MATERIALIZED (
    SELECT id FROM jobs WHERE state = 'queued' AND queue = 'mail' AND kind IN ('bench_mail') ORDER BY priority, id LIMIT 4 FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE jobs SET state = 'running', worker_id = :worker, started_at = now(), fence = fence + 1, dedup_key = NULL, progress = NULL,
        version = version + 1
    WHERE id IN (SELECT id FROM due) AND EXISTS (SELECT 1 FROM workers WHERE id = :worker)
    RETURNING id, kind, payload, fence, failures, serial_key, run_at
) SELECT (array_agg(id))[1] AS a, (array_agg(id))[2] AS b, (array_agg(id))[3] AS c, (array_agg(id))[4] AS d FROM claimed \gset
