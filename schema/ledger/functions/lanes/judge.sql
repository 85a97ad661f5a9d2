-- Everything a refusal rests on, read in one snapshot: the tenant's state as this connection meets
-- it, whether the event of that id is there, and the versions of the request's streams.
CREATE OR REPLACE FUNCTION tally.judge(p_slot int, p_event_id uuid, p_streams uuid[])
    RETURNS TABLE (state smallint, known boolean, versions int[])
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off
AS $$
BEGIN
    RETURN QUERY
        SELECT CASE WHEN h.state < 2 AND tally.is_permitted(h.slot, h.state) THEN 0
                WHEN h.state < 2 THEN 1 ELSE h.state END::smallint,
            EXISTS (SELECT FROM tally.event e
                WHERE e.slot = p_slot AND e.event_id = p_event_id),
            ARRAY(SELECT tally.read_versions(
                array_fill(p_slot, ARRAY[coalesce(cardinality(p_streams), 0)]), p_streams))
        FROM tally.head h
        WHERE h.slot = p_slot;
END
$$;

ALTER FUNCTION tally.judge OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.judge FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.judge TO tally_writer;
