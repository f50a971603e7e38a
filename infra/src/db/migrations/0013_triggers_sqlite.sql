-- The purpose and the reference of an entry are free text. They are redacted when the account of their user was deleted; the numbers stay.
DROP TRIGGER coin_entries_stay;
CREATE TRIGGER coin_entries_stay BEFORE UPDATE ON coin_entries
WHEN NOT (
    NEW.purpose = 'erased' AND NEW.reference IS NULL
    AND NEW.id IS OLD.id AND NEW.user_id IS OLD.user_id AND NEW.seq IS OLD.seq AND NEW.kind IS OLD.kind
    AND NEW.amount IS OLD.amount AND NEW.balance_after IS OLD.balance_after
    AND NEW.counter_account IS OLD.counter_account AND NEW.hold_id IS OLD.hold_id AND NEW.lot_id IS OLD.lot_id
    AND NEW.actor_id IS OLD.actor_id AND NEW.key_id IS OLD.key_id AND NEW.created_at IS OLD.created_at
    AND EXISTS (SELECT 1 FROM users WHERE id = OLD.user_id AND deleted_at IS NOT NULL)
)
BEGIN
    SELECT RAISE(ABORT, 'a line of the ledger is never changed and never deleted: write another one');
END;
