-- The leaves of a log from a position on, each with its body where that is clear: what it takes to
-- check a log's links and to follow what was decided. No ciphertext is given.
CREATE OR REPLACE FUNCTION tally.read_leaves(p_slot int, p_from bigint, p_limit int)
    RETURNS TABLE (event_position bigint, event_leaf bytea, event_clear bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT e.position, e.leaf,
            CASE WHEN get_byte(e.leaf, 2) NOT IN (1, 10) THEN e.body END
        FROM tally.event e
        WHERE e.slot = p_slot AND e.position >= p_from
        ORDER BY e.position LIMIT least(greatest(p_limit, 0), 10000);
END
$$;

ALTER FUNCTION tally.read_leaves OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.read_leaves FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_leaves TO tally_operator, tally_executor, tally_auditor;
