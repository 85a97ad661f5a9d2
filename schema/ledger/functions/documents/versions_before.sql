-- The newest version of each stream before a position, 0 where it has no events there; in the order
-- asked.
CREATE OR REPLACE FUNCTION tally.versions_before(p_slot int, p_before bigint, p_streams uuid[])
    RETURNS TABLE (version_before int)
    LANGUAGE sql STABLE
    SET enable_seqscan = off
AS $$
    SELECT coalesce((
        SELECT e.version FROM tally.event e
        WHERE e.slot = p_slot AND e.stream = q.stream AND e.position < p_before
        ORDER BY e.version DESC LIMIT 1), 0)
    FROM unnest(p_streams) WITH ORDINALITY q (stream, o) ORDER BY q.o
$$;

ALTER FUNCTION tally.versions_before OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.versions_before FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.versions_before TO tally_reader;
