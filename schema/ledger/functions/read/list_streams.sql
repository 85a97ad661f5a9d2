-- The newest event of each stream after a tag, a page in the order of tags: an index skip scan. It
-- ends with the event that makes some bytes of bodies full.
CREATE OR REPLACE FUNCTION tally.list_streams(
    p_slot int, p_after uuid, p_limit int, p_bytes bigint
)
    RETURNS TABLE (
        event_position bigint, event_stream uuid, event_version int, event_leaf bytea,
        event_body bytea
    )
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off
AS $$
DECLARE
    v_stream uuid := p_after;
    v_event tally.event;
    v_bytes bigint := 0;
BEGIN
    FOR i IN 1..p_limit LOOP
        SELECT e.stream INTO v_stream FROM tally.event e
        WHERE e.slot = p_slot AND e.stream > v_stream
        ORDER BY e.stream LIMIT 1;
        EXIT WHEN NOT FOUND;
        SELECT * INTO v_event FROM tally.event e
        WHERE e.slot = p_slot AND e.stream = v_stream
        ORDER BY e.version DESC LIMIT 1;
        RETURN QUERY SELECT v_event.position, v_event.stream, v_event.version, v_event.leaf,
            v_event.body;
        v_bytes := v_bytes + octet_length(v_event.body);
        EXIT WHEN v_bytes >= p_bytes;
    END LOOP;
END
$$;

ALTER FUNCTION tally.list_streams OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.list_streams FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.list_streams TO tally_reader;
