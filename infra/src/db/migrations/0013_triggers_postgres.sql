-- The purpose and the reference of an entry are free text. They are redacted when the account of their user was deleted; the numbers stay.
CREATE OR REPLACE FUNCTION coin_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.purpose = 'erased' AND NEW.reference IS NULL
            AND NEW.id IS NOT DISTINCT FROM OLD.id AND NEW.user_id IS NOT DISTINCT FROM OLD.user_id
            AND NEW.seq IS NOT DISTINCT FROM OLD.seq AND NEW.kind IS NOT DISTINCT FROM OLD.kind
            AND NEW.amount IS NOT DISTINCT FROM OLD.amount
            AND NEW.balance_after IS NOT DISTINCT FROM OLD.balance_after
            AND NEW.counter_account IS NOT DISTINCT FROM OLD.counter_account
            AND NEW.hold_id IS NOT DISTINCT FROM OLD.hold_id AND NEW.lot_id IS NOT DISTINCT FROM OLD.lot_id
            AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id AND NEW.key_id IS NOT DISTINCT FROM OLD.key_id
            AND NEW.created_at IS NOT DISTINCT FROM OLD.created_at
            AND EXISTS (SELECT 1 FROM users WHERE id = OLD.user_id AND deleted_at IS NOT NULL)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a line of the ledger is never changed and never deleted: write another one';
END
$$;
