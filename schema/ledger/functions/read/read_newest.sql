-- The newest events of some streams up to a version each, so many of a stream, in the order asked
-- and backwards; the first of them that hold no more than some bytes of bodies, at least one. place
-- counts what was asked for, from 1.
CREATE OR REPLACE FUNCTION tally.read_newest(
    p_slot int, p_streams uuid[], p_through int[], p_each int, p_bytes bigint
) RETURNS TABLE (
        event_position bigint, event_stream uuid, event_version int, event_leaf bytea,
        event_body bytea, place bigint
    )
    LANGUAGE sql STABLE
    SET enable_seqscan = off
AS $$
    SELECT position, stream, version, leaf, body, o FROM (
        SELECT e.*, o, sum(octet_length(e.body)) OVER (ORDER BY o, e.version DESC) AS total
        FROM unnest(p_streams, p_through) WITH ORDINALITY q (stream, through, o)
        CROSS JOIN LATERAL (
            SELECT x.position, x.stream, x.version, x.leaf, x.body FROM tally.event x
            WHERE x.slot = p_slot AND x.stream = q.stream AND x.version <= q.through
            ORDER BY x.version DESC LIMIT p_each) e) e
    WHERE total <= p_bytes OR total = octet_length(body)
    ORDER BY o, version DESC
$$;

ALTER FUNCTION tally.read_newest OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.read_newest FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_newest TO tally_reader;
