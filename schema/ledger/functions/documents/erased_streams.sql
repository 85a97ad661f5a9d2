-- The streams of events that an erasure has touched, after a tag, in the order of tags.
CREATE OR REPLACE FUNCTION tally.erased_streams(
    p_slot int, p_erasure uuid, p_after uuid, p_limit int
) RETURNS SETOF uuid
    LANGUAGE sql STABLE
AS $$
    SELECT DISTINCT e.stream FROM tally.erasure_event x
    JOIN tally.event e ON e.slot = p_slot AND e.position = x.position
    WHERE x.slot = p_slot AND x.erasure_id = p_erasure AND e.stream > p_after
    ORDER BY e.stream LIMIT p_limit
$$;

ALTER FUNCTION tally.erased_streams OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.erased_streams FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.erased_streams TO tally_projector;
