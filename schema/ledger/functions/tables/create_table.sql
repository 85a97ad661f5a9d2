-- Makes the table of a version, as its definition says, and notes the definition.
CREATE OR REPLACE FUNCTION tally.create_table(
    p_name text, p_suffix text, p_version int, p_definition text
) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    c_definition CONSTANT jsonb := tally.json(p_definition);
    c_logged CONSTANT boolean := c_definition -> 'logged' = 'true';
    c_table CONSTANT text := format('tally_tables.%I', p_name || p_suffix);
    v_column record;
BEGIN
    IF NOT coalesce(jsonb_typeof(c_definition -> 'logged') = 'boolean'
        AND jsonb_typeof(c_definition -> 'indexes') = 'array'
        AND jsonb_typeof(c_definition -> 'columns') = 'array', false)
    THEN
        RAISE EXCEPTION 'not a definition of a table' USING ERRCODE = 'TL001';
    END IF;
    EXECUTE format('CREATE %s TABLE %s (tenant_id uuid NOT NULL, stream text COLLATE "C" NOT NULL, '
        'version int NOT NULL, position bigint NOT NULL)',
        CASE WHEN NOT c_logged THEN 'UNLOGGED' END, c_table);
    FOR v_column IN
        SELECT * FROM jsonb_to_recordset(c_definition -> 'columns')
            c (name text, type text, "from" text)
    LOOP
        IF NOT coalesce(v_column.type IN (
            'text', 'bigint', 'numeric', 'boolean', 'timestamptz', 'date', 'uuid', 'jsonb')
            AND v_column.name IS NOT NULL AND v_column."from" IS NOT NULL, false)
        THEN
            RAISE EXCEPTION 'not a name or type for a column' USING ERRCODE = 'TL001';
        END IF;
        IF c_logged AND v_column."from" LIKE '$.personal%' THEN
            RAISE EXCEPTION 'a table with a personal column cannot be logged'
                USING ERRCODE = 'TL001';
        END IF;
        EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s', c_table, v_column.name, v_column.type);
    END LOOP;
    IF NOT c_logged THEN
        PERFORM tally.hide_values(c_table::regclass);
    END IF;
    INSERT INTO tally.table_definition (projection, version, definition, is_logged)
    VALUES (p_name, p_version, p_definition, c_logged);
    INSERT INTO tally.table_alive VALUES (p_name, p_version);
EXCEPTION WHEN data_exception OR duplicate_column OR too_many_columns THEN
    RAISE EXCEPTION 'not a definition of a table: %', SQLERRM USING ERRCODE = 'TL001';
END
$$;

ALTER FUNCTION tally.create_table OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.create_table FROM PUBLIC;
