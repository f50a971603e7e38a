-- A lot was revoked in full. What it lacks was taken back, except what holds captured: their first slices, up to the captured coins.
UPDATE coin_lots SET target = granted, taken = granted - remaining - expired WHERE revoked_at IS NOT NULL;
UPDATE coin_lots SET taken = taken - s.spent
FROM (
    SELECT lot_id, SUM(CASE
        WHEN captured >= through THEN amount WHEN captured > through - amount THEN captured - through + amount ELSE 0
    END) AS spent
    FROM (
        SELECT lot_id, amount, captured, SUM(amount) OVER (PARTITION BY hold_id ORDER BY place) AS through
        FROM (
            SELECT h.id AS hold_id, h.captured, s.place, s.value ->> 'lot_id' AS lot_id, CAST(s.value ->> 'amount' AS BIGINT) AS amount
            FROM coin_holds h CROSS JOIN LATERAL jsonb_array_elements(h.slices) WITH ORDINALITY AS s (value, place)
            WHERE h.captured > 0 AND h.user_id IN (SELECT user_id FROM coin_lots WHERE revoked_at IS NOT NULL)
        ) slices
    ) ordered
    GROUP BY lot_id
) s
WHERE coin_lots.id = s.lot_id AND coin_lots.revoked_at IS NOT NULL;

UPDATE coin_lots SET owed = target - taken WHERE revoked_at IS NOT NULL;
ALTER TABLE coin_lots DROP COLUMN revoked_at;

-- Coins that were taken back can be restored.
ALTER TABLE coin_entries DROP CONSTRAINT coin_entries_check;
ALTER TABLE coin_entries ADD CONSTRAINT coin_entries_check CHECK (
    (kind = 'grant' AND amount > 0 AND counter_account = 'issued')
    OR (kind = 'capture' AND amount < 0 AND counter_account = 'revenue')
    OR (kind = 'refund' AND amount > 0 AND counter_account = 'revenue')
    OR (kind = 'expire' AND amount < 0 AND counter_account = 'expired')
    OR (kind = 'clawback' AND amount < 0 AND counter_account = 'clawed_back')
    OR (kind = 'restore' AND amount > 0 AND counter_account = 'clawed_back')
);
