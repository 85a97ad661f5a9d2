-- Keeps the values of a table out of the planner's statistics, which are logged whatever the table
-- is.
CREATE OR REPLACE FUNCTION tally.hide_values(p_table regclass) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_column name;
BEGIN
    FOR v_column IN
        SELECT attname FROM pg_attribute WHERE attrelid = p_table AND attnum > 0
            AND attname NOT IN ('tenant_id', 'version', 'position')
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', p_table, v_column);
    END LOOP;
END
$$;

ALTER FUNCTION tally.hide_values OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.hide_values FROM PUBLIC;
