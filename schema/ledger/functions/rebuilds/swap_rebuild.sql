-- Puts the next version into the place of the live one, which stays as `_old`.
CREATE OR REPLACE FUNCTION tally.swap_rebuild(p_projection text, p_version int) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '200ms'
AS $$
DECLARE
    v_table record;
BEGIN
    PERFORM FROM tally.projection WHERE name = p_projection FOR UPDATE;
    PERFORM tally.require_newest(p_projection, p_version);
    FOR v_table IN SELECT * FROM tally.projection_tables(p_projection) LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I.%I', v_table.home, v_table.name || '_old');
        EXECUTE format('ALTER TABLE %I.%I RENAME TO %I', v_table.home, v_table.name,
            v_table.name || '_old');
        EXECUTE format('ALTER TABLE %I.%I RENAME TO %I', v_table.home, v_table.name || '_next',
            v_table.name);
        PERFORM tally.guard_projection(v_table.home, v_table.name);
    END LOOP;
    UPDATE tally.projection SET version = p_version WHERE name = p_projection;
    UPDATE tally.table_definition SET is_built = true
    WHERE projection = p_projection AND version = p_version;
    IF p_projection = 'documents' THEN
        TRUNCATE tally.snapshot;
    END IF;
    DELETE FROM tally.table_definition WHERE projection = p_projection AND version < p_version;
END
$$;

ALTER FUNCTION tally.swap_rebuild OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.swap_rebuild FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.swap_rebuild TO tally_projector;
