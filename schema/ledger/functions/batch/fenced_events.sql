-- The numbers of the events in a batch that have a part under a fenced key: nothing is stored for
-- who was erased. Read after the heads are locked, which whoever fences locks too. Parameters as
-- those of append_batch.
CREATE OR REPLACE FUNCTION tally.fenced_events(
    t_slots int[], e_tenants int[], e_parts bytea[], x_events int[], x_parts bytea[]
) RETURNS int[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tally.key_fence f WHERE f.slot = ANY (t_slots)) THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        SELECT DISTINCT p.event::int FROM (
            SELECT e.o AS event, e.part FROM unnest(e_parts) WITH ORDINALITY e (part, o)
            UNION ALL SELECT * FROM unnest(x_events, x_parts)) p
        JOIN tally.fenced_key f ON f.slot = t_slots[e_tenants[p.event]]
            AND f.key_id = substr(p.part, 2, 32));
END
$$;

ALTER FUNCTION tally.fenced_events OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.fenced_events FROM PUBLIC;
