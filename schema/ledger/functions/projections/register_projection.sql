-- Makes a projection of the application known, or a newer version of it the live one.
CREATE OR REPLACE FUNCTION tally.register_projection(p_name text, p_version int) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Erasures wait for each projection, so a version is near the one that there is.
    IF NOT coalesce(p_name ~ '^[a-z0-9_-]{1,63}$' AND p_version BETWEEN 1 AND 1000 + coalesce(
            (SELECT latest FROM tally.projection WHERE name = p_name), 0)
        AND NOT EXISTS (SELECT FROM tally.projection_tables(p_name)), false)
    THEN
        RAISE EXCEPTION 'not a name or version for a projection of your own'
            USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO tally.projection AS p VALUES (p_name, p_version, p_version, NULL)
    ON CONFLICT (name) DO UPDATE SET version = p_version, latest = p_version, removed_at = NULL
    WHERE p.version < p_version;
    IF NOT FOUND AND EXISTS (
        SELECT FROM tally.projection WHERE name = p_name AND removed_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'this version was removed: its tables may hold who was erased since'
            USING ERRCODE = 'TL010', HINT = 'make a new version with new tables';
    END IF;
END
$$;

ALTER FUNCTION tally.register_projection OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.register_projection FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.register_projection TO tally_projector;
