-- Table projections: a row for each document of a collection, with typed columns, for whoever wants to
-- join them in SQL. Tables with personal columns are unlogged, so that no value of theirs is in the
-- write-ahead log or a base backup; what a crash takes from them is applied again.
CREATE SCHEMA tally_tables AUTHORIZATION tally_owner;
SET LOCAL ROLE tally_owner;

-- The versions whose tables hold what their cursors say: a crash empties this table together with them.
CREATE UNLOGGED TABLE tally.table_alive (
    projection text NOT NULL,
    version int NOT NULL CHECK (version >= 1),
    PRIMARY KEY (projection, version)
);
RESET ROLE;

-- Whether a crash has emptied the table of a version.
CREATE FUNCTION tally.is_emptied(p_projection text, p_version int) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM tally.table_definition d
        WHERE d.projection = p_projection AND d.version = p_version AND NOT d.is_logged
            AND NOT EXISTS (SELECT FROM tally.table_alive a
                WHERE a.projection = p_projection AND a.version = p_version))
$$;

-- Declares a table projection that there is not: its table, empty. Gives the version.
CREATE FUNCTION tally.declare_table(p_name text, p_definition text) RETURNS int
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_version int;
BEGIN
    IF NOT coalesce(p_name ~ '^[a-z][a-z0-9_]{0,55}$' AND p_name !~ '_(next|old)$', false) THEN
        RAISE EXCEPTION 'not a name for a table' USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO tally.projection AS p VALUES (p_name, 1, 1, NULL)
    ON CONFLICT (name) DO UPDATE
        SET version = p.latest + 1, latest = p.latest + 1, removed_at = NULL
        WHERE p.removed_at IS NOT NULL
    RETURNING version INTO v_version;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is another projection of that name' USING ERRCODE = 'TL001';
    END IF;
    PERFORM tally.create_table(p_name, '', v_version, p_definition);
    PERFORM tally.index_table(p_name, '', v_version);
    PERFORM tally.guard_projection('tally_tables', p_name);
    RETURN v_version;
END
$$;

-- Makes the table of a version, as its definition says, and notes the definition.
CREATE FUNCTION tally.create_table(
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
        SELECT * FROM jsonb_to_recordset(c_definition -> 'columns') c (name text, type text, "from" text)
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

-- Keeps the values of a table out of the planner's statistics, which are logged whatever the table is.
CREATE FUNCTION tally.hide_values(p_table regclass) RETURNS void
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

-- The indexes of a version's table; each begins with the tenant.
CREATE FUNCTION tally.index_table(p_name text, p_suffix text, p_version int) RETURNS void
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

-- Lets the tables that a crash has emptied be filled again from the first event on.
CREATE FUNCTION tally.revive_tables() RETURNS void
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

-- Drops the tables of a table projection in all versions, and its definitions.
CREATE FUNCTION tally.drop_table(p_name text) RETURNS void
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
