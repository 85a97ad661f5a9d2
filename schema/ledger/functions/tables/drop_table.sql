-- Drops the tables of a table projection in all versions, and its definitions.
CREATE OR REPLACE FUNCTION tally.drop_table(p_name text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '10s'
AS $$
BEGIN
    IF EXISTS (SELECT FROM tally.table_definition WHERE projection = p_name) THEN
        PERFORM tally.drop_other_versions(p_name);
        EXECUTE format('DROP TABLE tally_tables.%I', p_name);
        DELETE FROM tally.table_definition WHERE projection = p_name;
        DELETE FROM tally.table_alive WHERE projection = p_name;
    END IF;
END
$$;

ALTER FUNCTION tally.drop_table OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.drop_table FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.drop_table TO tally_ledgerkinds;
