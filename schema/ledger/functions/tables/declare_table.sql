-- Declares a table projection that there is not: its table, empty. Gives the version.
CREATE OR REPLACE FUNCTION tally.declare_table(p_name text, p_definition text) RETURNS int
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

ALTER FUNCTION tally.declare_table OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.declare_table FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.declare_table TO tally_projector;
