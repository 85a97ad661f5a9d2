-- The events of one stream from a version back, before a position, newest first: those that hold
-- some bytes of bodies, at least one.
CREATE OR REPLACE FUNCTION tally.read_stream_back(
    p_slot int, p_stream uuid, p_through int, p_before bigint, p_limit int, p_bytes bigint
) RETURNS TABLE (event_position bigint, event_version int, event_leaf bytea, event_body bytea)
    LANGUAGE sql STABLE
AS $$
    SELECT position, version, leaf, body FROM (
        SELECT e.*, sum(octet_length(e.body)) OVER (ORDER BY e.version DESC) AS total FROM (
            SELECT * FROM tally.event e
            WHERE e.slot = p_slot AND e.stream = p_stream AND e.version <= p_through
                AND e.position < p_before
            ORDER BY e.version DESC LIMIT p_limit) e) e
    WHERE total <= p_bytes OR total = octet_length(body)
    ORDER BY version DESC
$$;

ALTER FUNCTION tally.read_stream_back OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.read_stream_back FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_stream_back TO tally_reader;
