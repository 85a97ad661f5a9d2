-- Forgets a projection that nobody wants any more: erasures do not wait for it. The table of a
-- table projection goes with it; tables of the application's own are the application's to drop, and
-- such a version cannot come back.
CREATE OR REPLACE FUNCTION tally.remove_projection(p_name text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_name IN ('documents', 'trail') THEN
        RAISE EXCEPTION 'documents and trail are the ledger''s own' USING ERRCODE = 'TL001';
    END IF;
    PERFORM tally.lock_head(0);
    UPDATE tally.projection SET removed_at = tally.now_micros()
    WHERE name = p_name AND removed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no projection of that name' USING ERRCODE = 'TL004';
    END IF;
    DELETE FROM tally.cursor WHERE projection = p_name;
    DELETE FROM tally.dead_letter WHERE projection = p_name;
    PERFORM tally.drop_table(p_name);
    PERFORM tally.append_clear(0, 15, format(
        '{"action":"removeProjection","projection":"%s"}', p_name));
END
$$;

ALTER FUNCTION tally.remove_projection OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.remove_projection FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.remove_projection TO tally_operator;
