CREATE FUNCTION coin_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a line of the ledger is never changed and never deleted: write another one';
END
$$;
CREATE TRIGGER coin_entries_stay BEFORE UPDATE OR DELETE ON coin_entries FOR EACH ROW EXECUTE FUNCTION coin_entries_stay();
CREATE TRIGGER coin_entries_stay_all BEFORE TRUNCATE ON coin_entries FOR EACH STATEMENT EXECUTE FUNCTION coin_entries_stay();
