CREATE TRIGGER coin_entries_stay BEFORE UPDATE ON coin_entries
BEGIN
    SELECT RAISE(ABORT, 'a line of the ledger is never changed and never deleted: write another one');
END;
CREATE TRIGGER coin_entries_stay_all BEFORE DELETE ON coin_entries
BEGIN
    SELECT RAISE(ABORT, 'a line of the ledger is never changed and never deleted: write another one');
END;
