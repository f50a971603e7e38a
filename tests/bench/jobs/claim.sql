-- One claim of a batch of eight jobs and their settlements, statement for statement as a worker with eight slots of the queue does it.
WITH due AS MATERIALIZED (
    SELECT id FROM jobs WHERE state = 'queued' AND queue = 'mail' AND kind IN ('bench_mail') ORDER BY priority, id LIMIT 8 FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE jobs SET state = 'running', worker_id = :worker, started_at = now(), fence = fence + 1, dedup_key = NULL, progress = NULL,
        version = version + 1
    WHERE id IN (SELECT id FROM due) AND EXISTS (SELECT 1 FROM workers WHERE id = :worker)
    RETURNING id, kind, payload, fence, failures, serial_key, run_at
) SELECT (array_agg(id))[1] AS a, (array_agg(id))[2] AS b, (array_agg(id))[3] AS c, (array_agg(id))[4] AS d,
    (array_agg(id))[5] AS e, (array_agg(id))[6] AS f, (array_agg(id))[7] AS g, (array_agg(id))[8] AS h FROM claimed \gset
