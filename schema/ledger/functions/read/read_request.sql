-- The events of a request by its events' ids, in order: as they were stored, for a retry's
-- receipts. The ledger's own events, which are clear, are nobody's request.
CREATE OR REPLACE FUNCTION tally.read_request(p_slot int, p_event_ids uuid[])
    RETURNS TABLE (event_position bigint, event_version int, event_leaf bytea, event_body bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
BEGIN
    RETURN QUERY
        SELECT e.position, e.version, e.leaf, e.body
        FROM unnest(p_event_ids) WITH ORDINALITY q (id, o)
        JOIN tally.event e ON e.slot = p_slot AND e.event_id = q.id AND e.stream IS NOT NULL
        ORDER BY q.o;
END
$$;

ALTER FUNCTION tally.read_request OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.read_request FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_request TO tally_writer;
