-- Whether a crash has emptied the table of a version.
CREATE OR REPLACE FUNCTION tally.is_emptied(p_projection text, p_version int) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM tally.table_definition d
        WHERE d.projection = p_projection AND d.version = p_version AND NOT d.is_logged
            AND NOT EXISTS (SELECT FROM tally.table_alive a
                WHERE a.projection = p_projection AND a.version = p_version))
$$;

ALTER FUNCTION tally.is_emptied OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.is_emptied FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.is_emptied TO tally_ledgerkinds;
