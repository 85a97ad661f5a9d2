-- Looks whether the rows that were there before keep the bounds of 0002; nobody waits for it.
DO $$
DECLARE
    v_bound record;
BEGIN
    FOR v_bound IN
        SELECT conrelid::regclass AS home, conname FROM pg_constraint
        WHERE connamespace = 'tally'::regnamespace AND NOT convalidated
        ORDER BY conrelid::regclass::text, conname
    LOOP
        EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', v_bound.home, v_bound.conname);
    END LOOP;
END
$$;
