-- The version of each (tenant, stream) pair, 0 for a stream without events.
CREATE OR REPLACE FUNCTION tally.read_versions(p_slots int[], p_streams uuid[])
    RETURNS TABLE (version int)
    LANGUAGE sql STABLE
    SET enable_seqscan = off
AS $$
    SELECT coalesce(e.version, 0)
    FROM unnest(p_slots, p_streams) WITH ORDINALITY q (tenant, stream, o)
    LEFT JOIN LATERAL (
        SELECT x.version FROM tally.event x
        WHERE x.slot = q.tenant AND x.stream = q.stream
        ORDER BY x.version DESC LIMIT 1
    ) e ON true
    ORDER BY q.o
$$;

ALTER FUNCTION tally.read_versions OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.read_versions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_versions TO tally_writer;
