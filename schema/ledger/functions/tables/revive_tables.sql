-- Lets the tables that a crash has emptied be filled again from the first event on.
CREATE OR REPLACE FUNCTION tally.revive_tables() RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table record;
BEGIN
    FOR v_table IN
        SELECT p.name, p.version FROM tally.projection p
        WHERE p.removed_at IS NULL AND tally.is_emptied(p.name, p.version)
    LOOP
        DELETE FROM tally.cursor WHERE projection = v_table.name AND version = v_table.version;
        INSERT INTO tally.table_alive VALUES (v_table.name, v_table.version) ON CONFLICT DO NOTHING;
    END LOOP;
END
$$;

ALTER FUNCTION tally.revive_tables OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.revive_tables FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.revive_tables TO tally_projector;
