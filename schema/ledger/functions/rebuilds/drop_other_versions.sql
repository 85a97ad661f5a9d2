-- Drops the versions of a projection that are not live: the kept one, and one that is being built,
-- which then has to be begun again.
CREATE OR REPLACE FUNCTION tally.drop_other_versions(p_projection text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '10s'
AS $$
DECLARE
    v_table record;
BEGIN
    UPDATE tally.projection SET latest = latest + 1 WHERE name = p_projection AND latest > version;
    FOR v_table IN SELECT * FROM tally.projection_tables(p_projection) LOOP
        EXECUTE format('DROP TABLE IF EXISTS %1$I.%2$I, %1$I.%3$I', v_table.home,
            v_table.name || '_old', v_table.name || '_next');
    END LOOP;
END
$$;

ALTER FUNCTION tally.drop_other_versions OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.drop_other_versions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.drop_other_versions TO tally_projector;
