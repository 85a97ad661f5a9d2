-- The first p_limit positions in [p_from, p_to) of events with one of some tags, in order.
CREATE OR REPLACE FUNCTION tally.tagged_positions(
    p_slot int, p_from bigint, p_to bigint, p_limit int, p_tags bytea[]
) RETURNS bigint[]
    LANGUAGE sql STABLE
AS $$
    SELECT ARRAY(
        SELECT DISTINCT x.position FROM unnest(p_tags) t (tag)
        CROSS JOIN LATERAL (
            SELECT e.position FROM tally.event_tag e
            WHERE e.slot = p_slot AND e.tag = t.tag
                AND e.position >= p_from AND e.position < p_to
            ORDER BY e.position LIMIT p_limit) x
        ORDER BY x.position LIMIT p_limit)
$$;

ALTER FUNCTION tally.tagged_positions OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.tagged_positions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.tagged_positions TO tally_reader;
