-- The newest event of each stream as of p_end, before a position, newest first. It walks back over
-- the log, past the events that have a later version.
CREATE OR REPLACE FUNCTION tally.newest_streams(
    p_slot int, p_before bigint, p_end bigint, p_limit int, p_bytes bigint
) RETURNS TABLE (
        event_position bigint, event_stream uuid, event_version int, event_leaf bytea,
        event_body bytea
    )
    LANGUAGE sql STABLE
    SET enable_seqscan = off
    SET enable_hashjoin = off
    SET enable_mergejoin = off
AS $$
    SELECT position, stream, version, leaf, body FROM (
        SELECT e.*, sum(octet_length(e.body)) OVER (ORDER BY e.position DESC) AS total FROM (
            SELECT * FROM tally.event e
            WHERE e.slot = p_slot AND e.position < least(p_before, p_end)
                AND e.stream IS NOT NULL AND NOT EXISTS (
                    SELECT FROM tally.event n
                    WHERE n.slot = p_slot AND n.stream = e.stream
                        AND n.version = e.version::bigint + 1 AND n.position < p_end)
            ORDER BY e.position DESC LIMIT p_limit) e) e
    WHERE total <= p_bytes OR total = octet_length(body)
    ORDER BY position DESC
$$;

ALTER FUNCTION tally.newest_streams OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.newest_streams FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.newest_streams TO tally_reader;
