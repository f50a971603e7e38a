-- Coins that are taken back and restored. A lot that a payment paid for has a target; what is not taken yet is owed. Rolled over and
-- refunded lots name the lot in which their coins were granted first. Lots from before have no origin.
ALTER TABLE coin_lots ADD COLUMN taken BIGINT NOT NULL DEFAULT 0 CHECK (taken >= 0 AND remaining + expired + taken <= granted);
ALTER TABLE coin_lots ADD COLUMN target BIGINT NOT NULL DEFAULT 0 CHECK (target >= 0 AND target <= granted);
ALTER TABLE coin_lots ADD COLUMN owed BIGINT NOT NULL DEFAULT 0 CHECK (owed >= 0 AND owed <= target);
ALTER TABLE coin_lots ADD COLUMN origin TEXT REFERENCES coin_lots (id) CHECK (origin IS NULL OR (origin <> id AND target = 0));
-- The hold whose refund made the lot. A refund makes a lot for each origin, and its entry names the first one.
ALTER TABLE coin_lots ADD COLUMN hold_id TEXT REFERENCES coin_holds (id) CHECK (hold_id IS NULL OR source = 'refund');

UPDATE coin_lots SET hold_id = (SELECT e.hold_id FROM coin_entries e WHERE e.lot_id = coin_lots.id AND e.kind = 'refund')
WHERE source = 'refund';

-- An account loads these lots for every operation.
DROP INDEX coin_lots_with_coins;
CREATE INDEX coin_lots_of_account ON coin_lots (user_id, id) WHERE remaining > 0 OR owed > 0;
CREATE INDEX coin_lots_of_origin ON coin_lots (origin) WHERE origin IS NOT NULL;
