-- The first events at some positions that hold no more than some bytes of bodies, at least one.
-- Lengths are known without reading the bodies.
CREATE OR REPLACE FUNCTION tally.read_positions(p_slot int, p_positions bigint[], p_bytes bigint)
    RETURNS TABLE (
        event_position bigint, event_stream uuid, event_version int, event_leaf bytea,
        event_body bytea
    )
    LANGUAGE sql STABLE
AS $$
    SELECT position, stream, version, leaf, body FROM (
        SELECT e.position, e.stream, e.version, e.leaf, e.body,
            sum(octet_length(e.body)) OVER (ORDER BY e.position) AS total
        FROM tally.event e
        WHERE e.slot = p_slot AND e.position = ANY (p_positions)) e
    WHERE total <= p_bytes OR total = octet_length(body)
    ORDER BY position
$$;

ALTER FUNCTION tally.read_positions OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.read_positions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_positions TO tally_projector, tally_reader;
