-- The streams that have events before a position, after a tag and in the order of tags, with the
-- newest version of each there: an index skip scan, which does not look at the events behind the
-- position of other streams.
CREATE OR REPLACE FUNCTION tally.streams_before(
    p_slot int, p_before bigint, p_after uuid, p_limit int
)
    RETURNS TABLE (found uuid, version_end int)
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off
AS $$
DECLARE
    v_stream uuid := p_after;
    v_version int;
    v_count int := 0;
BEGIN
    WHILE v_count < p_limit LOOP
        SELECT e.stream INTO v_stream FROM tally.event e
        WHERE e.slot = p_slot AND e.stream > v_stream ORDER BY e.stream LIMIT 1;
        EXIT WHEN NOT FOUND;
        SELECT e.version INTO v_version FROM tally.event e
        WHERE e.slot = p_slot AND e.stream = v_stream AND e.position < p_before
        ORDER BY e.version DESC LIMIT 1;
        CONTINUE WHEN NOT FOUND;
        v_count := v_count + 1;
        RETURN QUERY SELECT v_stream, v_version;
    END LOOP;
END
$$;

ALTER FUNCTION tally.streams_before OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.streams_before FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.streams_before TO tally_reader;
