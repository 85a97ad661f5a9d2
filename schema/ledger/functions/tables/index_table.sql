-- The indexes of a version's table; each begins with the tenant.
CREATE OR REPLACE FUNCTION tally.index_table(p_name text, p_suffix text, p_version int) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    c_table CONSTANT text := format('tally_tables.%I', p_name || p_suffix);
    v_columns jsonb;
BEGIN
    EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY (tenant_id, stream)', c_table);
    FOR v_columns IN
        SELECT jsonb_array_elements(definition::jsonb -> 'indexes') FROM tally.table_definition
        WHERE projection = p_name AND version = p_version
    LOOP
        EXECUTE format('CREATE INDEX ON %s (tenant_id, %s)', c_table, (
            SELECT string_agg(format('%I', c), ', ' ORDER BY n)
            FROM jsonb_array_elements_text(v_columns) WITH ORDINALITY x (c, n)));
    END LOOP;
EXCEPTION WHEN data_exception OR undefined_column OR syntax_error OR too_many_columns THEN
    RAISE EXCEPTION 'not an index of the table: %', SQLERRM USING ERRCODE = 'TL001';
END
$$;

ALTER FUNCTION tally.index_table OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.index_table FROM PUBLIC;
